-- Whom a list left out because another list of the month had them.

create table list_left_out (
    list_id   bigint not null references payment_list on delete cascade,
    person_id bigint not null,
    primary key (list_id, person_id)
);
comment on table list_left_out is 'People of the area who were on another list of the month, draft or approved, when this one was made. The other may be gone since: list verify reads it here.';

create trigger approved_left_out_never_changes before update or delete on list_left_out
    for each row execute function refuse_change_of_approved_line();
create trigger left_out_is_never_emptied before truncate on list_left_out
    execute function refuse_change();
create trigger approved_list_leaves_nobody_out_later after insert on list_left_out
    referencing new table as added for each statement execute function refuse_line_of_approved_list();
