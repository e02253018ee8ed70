-- Month lists. A draft may be made again; an approved list never changes.

create sequence list_id;
create sequence approval_no;    -- order in which approvals and openings took hold

create table payment_list (
    list_id            bigint primary key default nextval('list_id'),
    month              integer not null check (month % 100 between 1 and 12),
    area_code          text not null,              -- '' is the whole country
    made_by            text not null,
    made_at            timestamptz not null,
    known_through      bigint not null,            -- last event_no the list knew
    based_on           bigint not null,            -- last approval_no the list knew
    results_through    bigint not null,            -- last result_no of providers the list knew
    law_as_of          date not null,              -- the law in force by this day was used
    law_fingerprint    bytea not null,             -- sha-256 of the law data
    inputs_fingerprint bytea not null,             -- sha-256 of every person as the law saw them and what earlier lists held
    lines_fingerprint  bytea not null,             -- sha-256 of every line
    people             integer not null,           -- with at least one line
    lines              integer not null,
    payable            bigint not null,            -- đồng: all lines but recoveries
    recoverable        bigint not null,            -- đồng, zero or negative: recoveries
    approved_by        text,
    approved_at        timestamptz,
    approval_no        bigint unique,              -- when it took hold, in order
    unique (month, area_code),
    check ((approved_by is null) = (approved_at is null)),
    check ((approved_by is null) = (approval_no is null)),
    constraint maker_is_not_approver check (approved_by <> made_by)
);
comment on table payment_list is 'The list of one month and one area: draft until approved_at is set, then never changed.';

create table list_line (
    list_month      integer not null,
    person_id       bigint not null,
    line_no         smallint not null check (line_no >= 1),  -- from 1 for each person: a person is never on two lists of one month
    list_id         bigint not null,
    benefit         smallint not null,             -- number of the benefit, law crate
    kind            smallint not null check (kind between 1 and 5),   -- 1 regular, 2 arrears, 3 recovery, 4 carried over, 5 one-off
    for_month       integer not null,
    amount          bigint not null,               -- đồng; negative exactly for recoveries
    coefficient     smallint not null,             -- tenths; what the month is owed at now, for a recovery of everything what was held
    standard        integer not null,              -- đồng; likewise
    channel         smallint not null,             -- 0 not set, 1 account, 2 e-wallet, 3 mobile money, 4 post office, 5 home
    reason          smallint not null,             -- 0 none; numbers in payments::line::Reason
    area_code       text not null,                 -- commune of the list's month
    area_valid_from date not null,                 -- and its era: codes were issued anew
    carries_month   integer,                       -- carried over: the list and line whose money came back
    carries_line_no smallint,
    primary key (list_month, person_id, line_no),
    check ((kind = 3) = (amount < 0)),
    check (amount <> 0),
    check (kind <> 1 or for_month = list_month),
    check ((kind = 4) = (carries_month is not null) and (kind = 4) = (carries_line_no is not null))
) partition by list (list_month);
comment on table list_line is 'What a list pays, one partition a month. Amounts are never typed: the engine works them out.';
create unique index one_regular_line on list_line (list_month, person_id, benefit) where kind = 1;

create table listed (
    person_id   bigint not null,
    benefit     smallint not null,
    from_month  integer not null,
    to_month    integer not null,
    amount      bigint not null,                   -- đồng a month, the sum of all approved lines for the month
    coefficient smallint not null,                 -- of the line listed last
    standard    integer not null,
    opening     boolean not null,                  -- paid by the earlier system, taken over at the start
    primary key (person_id, benefit, from_month),
    check (to_month >= from_month)
) with (fillfactor = 80);
comment on table listed is 'What approved lists already hold for each person, benefit and month, in runs of equal months. Follows from list_line and opening_run; list verify works it out again.';

create table opening (
    opening_no    bigint primary key default nextval('approval_no'),
    month         integer not null check (month % 100 between 1 and 12),  -- last month the earlier system paid
    area_code     text not null,
    recorded_by   text not null,
    recorded_at   timestamptz not null,
    known_through bigint not null,                 -- last event_no known
    law_as_of     date not null,
    people        integer not null,
    amount        bigint not null                  -- đồng of the last month
);
comment on table opening is 'An area that starts with An Sinh: what was owed through the month was paid by the earlier system.';

create table opening_run (
    opening_no  bigint not null,
    person_id   bigint not null,
    benefit     smallint not null,
    from_month  integer not null,
    to_month    integer not null,
    amount      bigint not null,                   -- đồng a month
    coefficient smallint not null,
    standard    integer not null,
    area_code   text not null,                     -- commune of the opening's month
    area_valid_from date not null,
    primary key (person_id, benefit, from_month, opening_no),
    check (to_month >= from_month)
);
comment on table opening_run is 'Months the earlier system already paid, recorded once when an area starts. Never changed.';

-- Approved lists do not change ---------------------------------------------------------------------

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'approved payment lists and recorded events are never changed (%)', tg_table_name
        using errcode = 'integrity_constraint_violation';
end $$;

create trigger approved_list_never_changes before update or delete on payment_list
    for each row when (old.approved_at is not null) execute function refuse_change();
create trigger payment_list_is_never_emptied before truncate on payment_list
    execute function refuse_change();
create trigger events_never_change before update or delete on event
    for each row execute function refuse_change();
create trigger events_are_never_emptied before truncate on event
    execute function refuse_change();
create trigger opening_never_changes before update or delete on opening
    for each row execute function refuse_change();
create trigger opening_run_never_changes before update or delete on opening_run
    for each row execute function refuse_change();
create trigger opening_is_never_emptied before truncate on opening
    execute function refuse_change();
create trigger opening_run_is_never_emptied before truncate on opening_run
    execute function refuse_change();

create function refuse_change_of_approved_line() returns trigger language plpgsql as $$
begin
    if exists (select from payment_list where list_id = old.list_id and approved_at is not null) then
        raise exception 'lines of an approved payment list are never changed'
            using errcode = 'integrity_constraint_violation';
    end if;
    if tg_op = 'DELETE' then return old; end if;
    return new;
end $$;
create trigger approved_line_never_changes before update or delete on list_line
    for each row execute function refuse_change_of_approved_line();
create trigger lines_are_never_emptied before truncate on list_line
    execute function refuse_change();

-- Also created on every month's partition, where rows copied in directly would pass the one here.
create function refuse_line_of_approved_list() returns trigger language plpgsql as $$
begin
    if exists (select from added join payment_list using (list_id) where approved_at is not null) then
        raise exception 'no line is added to an approved payment list'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create trigger approved_list_takes_no_line after insert on list_line
    referencing new table as added for each statement execute function refuse_line_of_approved_list();
