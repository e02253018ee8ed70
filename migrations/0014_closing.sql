-- Closing a month of an area: from then on nothing of it is recorded but through the queue.

create sequence closure_no;

create table closure (
    closure_no  bigint primary key default nextval('closure_no'),
    list_month  integer not null check (list_month % 100 between 1 and 12),
    area_code   text not null,                     -- '' is the whole country
    closed_by   text not null,
    closed_at   timestamptz not null,
    ordered     bigint not null,                   -- đồng, as all below
    paid        bigint not null,
    failed      bigint not null,
    returned    bigint not null,
    not_collected bigint not null,
    fingerprint bytea not null,                    -- sha-256 of every line with what became of it
    unique (closure_no, list_month),
    constraint closed_month_adds_up check (ordered = paid + failed + returned + not_collected)
);
comment on table closure is 'A month of an area that was closed, with what it came to.';

create table closed_commune (
    list_month      integer not null,
    area_code       text not null,
    area_valid_from date not null,
    closing         smallint not null check (closing >= 1),   -- 1, 2, 3 … each after the one before was unlocked
    closure_no      bigint not null,
    primary key (list_month, area_code, area_valid_from, closing),
    foreign key (closure_no, list_month) references closure (closure_no, list_month)
);
comment on table closed_commune is 'The communes of a closure. Two who close at once meet at the key.';

create table unlock_request (
    closure_no bigint not null references closure,
    asked_by   text not null,
    asked_at   timestamptz not null,
    reason     text not null check (btrim(reason) <> ''),
    primary key (closure_no, asked_by)
);
comment on table unlock_request is 'Somebody asks for a closed month to be opened again.';

create table unlock (
    closure_no   bigint primary key,
    asked_by     text not null,
    confirmed_by text not null,
    confirmed_at timestamptz not null,
    foreign key (closure_no, asked_by) references unlock_request (closure_no, asked_by),
    constraint unlock_takes_two check (confirmed_by <> asked_by)
);
comment on table unlock is 'A second person agreed: the closure no longer holds.';

create view commune_closed as
    select list_month, area_code, area_valid_from, closing, closure_no
    from closed_commune c
    where not exists (select from unlock u where u.closure_no = c.closure_no);
comment on view commune_closed is 'Communes whose month is closed now.';

create function refuse_second_closing() returns trigger language plpgsql as $$
begin
    if exists (select from commune_closed c
               where c.list_month = new.list_month and c.area_code = new.area_code
                 and c.area_valid_from = new.area_valid_from) then
        raise exception 'the month of this commune is closed already'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger commune_is_closed_once before insert on closed_commune
    for each row execute function refuse_second_closing();

create function refuse_result_of_closed_month() returns trigger language plpgsql as $$
begin
    if exists (select from commune_closed) and exists (
            select from added
                join list_line l using (list_month, person_id, line_no)
                join commune_closed c on c.list_month = l.list_month and c.area_code = l.area_code
                    and c.area_valid_from = l.area_valid_from
            where added.queue_no is null) then
        raise exception 'nothing of a closed month is recorded but through the queue'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create trigger closed_month_takes_no_result after insert on payment_result
    referencing new table as added for each statement execute function refuse_result_of_closed_month();

create function refuse_approval_in_closed_month() returns trigger language plpgsql as $$
begin
    if exists (select from commune_closed c where c.list_month = new.month) and exists (
            select from list_line l
                join commune_closed c on c.list_month = l.list_month and c.area_code = l.area_code
                    and c.area_valid_from = l.area_valid_from
            where l.list_month = new.month and l.list_id = new.list_id) then
        raise exception 'no list is approved in a closed month'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger closed_month_takes_no_list before update on payment_list
    for each row when (old.approved_at is null and new.approved_at is not null)
    execute function refuse_approval_in_closed_month();

create trigger closure_never_changes before update or delete on closure
    for each row execute function refuse_change();
create trigger closure_is_never_emptied before truncate on closure execute function refuse_change();
create trigger closed_commune_never_changes before update or delete on closed_commune
    for each row execute function refuse_change();
create trigger closed_commune_is_never_emptied before truncate on closed_commune
    execute function refuse_change();
create trigger unlock_request_never_changes before update or delete on unlock_request
    for each row execute function refuse_change();
create trigger unlock_request_is_never_emptied before truncate on unlock_request
    execute function refuse_change();
create trigger unlock_never_changes before update or delete on unlock
    for each row execute function refuse_change();
create trigger unlock_is_never_emptied before truncate on unlock execute function refuse_change();
