-- What boards of the whole country need to be there at once, and where the post pays.

-- Pay points ---------------------------------------------------------------------------------------

create table pay_point (
    provider        text not null references provider,
    code            text not null check (btrim(code) <> ''),   -- the provider's
    name            text not null check (btrim(name) <> ''),
    area_code       text not null,                 -- commune it lies in
    area_valid_from date not null,
    recorded_by     text not null,
    recorded_at     timestamptz not null,
    primary key (provider, code),
    foreign key (area_code, area_valid_from) references area (code, valid_from)
);
comment on table pay_point is 'Where a provider pays cash. Never changed: a point that moves gets another code.';
create trigger pay_point_never_changes before update or delete on pay_point
    for each row execute function refuse_change();
create trigger pay_points_are_never_emptied before truncate on pay_point
    execute function refuse_change();

-- Boards -------------------------------------------------------------------------------------------

-- Also by the standard amount, in đồng, which is no small number.
alter table board_caseload drop constraint board_caseload_kind_check;
alter table board_caseload alter column key type integer;
alter table board_caseload add constraint board_caseload_kind_check
    check (kind in ('all', 'benefit', 'channel', 'standard'));
comment on column board_caseload.key is 'Number of the benefit or channel, đồng of the standard; 0 for all.';

create index board_people_stale on board_people (month) where stale;

create table board_month (
    month           integer primary key check (month % 100 between 1 and 12),
    beneficiaries   bigint not null,
    paid_by_account bigint not null,
    verified        bigint not null,
    amount          bigint not null                -- đồng: all lines but recoveries
);
comment on table board_month is 'The sums of board_people and board_caseload over all communes of a month, so that a year of the whole country is thirteen rows. Written with them.';

-- What was counted so far lacks the standards: whoever looks next counts it again.
delete from board_caseload;
delete from board_people;
delete from board_list;

-- What became of the money -------------------------------------------------------------------------

create table outcome_due (
    due_no          bigint primary key generated always as identity,
    list_month      integer not null,
    list_id         bigint,                        -- all communes of the list, or one commune:
    area_code       text,
    area_valid_from date,
    check ((list_id is null) = (area_code is not null)),
    check ((area_code is null) = (area_valid_from is null))
);
comment on table outcome_due is 'Where results or orders came, or people moved, since board_outcome was last looked at. Written with them; whoever looks next counts these communes again.';
create index outcome_due_of_month on outcome_due (list_month);

create table board_outcome_list (
    list_id bigint primary key references payment_list,
    month   integer not null
);
comment on table board_outcome_list is 'The approved lists that board_outcome has counted.';
create index board_outcome_list_of_month on board_outcome_list (month);

create table board_outcome (
    month           integer not null check (month % 100 between 1 and 12),
    area_code       text not null,                 -- commune of the list's month
    area_valid_from date not null,
    former_code     text not null,                 -- the district of before the mergers, as in placed_line
    provider        text not null,                 -- whom the line was ordered from, or else who reported; '' is nobody yet
    status          text not null check (status in ('paid', 'failed', 'returned', 'not_collected', 'not_reported')),
    lines           integer not null,
    amount          bigint not null,               -- đồng
    primary key (month, area_code, area_valid_from, former_code, provider, status)
);
comment on table board_outcome is 'What became of the payable lines of approved lists, by commune and former district. Follows from list_line, order_line, payment_result and where people lived; no amount is ever taken from it.';

-- An order gives its lines a provider.
create function note_order_for_board() returns trigger language plpgsql as $$
begin
    insert into outcome_due (list_month, list_id) values (new.list_month, new.list_id);
    return null;
end $$;
create trigger order_is_noted_for_board after insert on payment_order
    for each row execute function note_order_for_board();
