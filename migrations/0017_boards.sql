-- Figures of boards, kept for each commune of a month's lists, and the targets they are held to.

create table board_due (
    due_no    bigint primary key generated always as identity,
    person_id bigint                    -- null: everybody, after a large file
);
comment on table board_due is 'People whose records changed since the boards were last looked at. Written with the change; whoever looks at a board next counts their communes again.';

create table board_list (
    list_id   bigint primary key,
    month     integer not null check (month % 100 between 1 and 12),
    area_code text not null             -- whose list it is: its communes are counted again when it is gone
);
comment on table board_list is 'The lists whose lines the figures below are counted from.';
create index board_list_by_month on board_list (month);

create table board_people (
    month              integer not null check (month % 100 between 1 and 12),
    area_code          text not null,                  -- commune of the list's month
    area_valid_from    date not null,
    stale              boolean not null default false, -- to be counted again before it is shown
    beneficiaries      integer not null,               -- paid for the month, each counted once; the first six of identity add up to it
    with_account       integer not null,
    own_account        integer not null,
    guardian_account   integer not null,
    authorised_account integer not null,
    wants_account      integer not null,
    paid_by_account    integer not null,
    gap                integer not null,               -- with an account and not paid into one
    missing_id         integer not null,
    malformed_id       integer not null,
    not_found          integer not null,
    mismatch           integer not null,
    pending            integer not null,
    verified           integer not null,
    mismatch_full_name integer not null,
    mismatch_birth_date integer not null,
    mismatch_sex       integer not null,
    doubtful_id        integer not null,
    missing_sex        integer not null,
    missing_ethnicity  integer not null,
    missing_phone      integer not null,
    partial_birth_date integer not null,
    missing_channel    integer not null,
    primary key (month, area_code, area_valid_from),
    check (with_account = own_account + guardian_account + authorised_account),
    check (beneficiaries = missing_id + malformed_id + not_found + mismatch + pending + verified)
);
comment on table board_people is 'Beneficiaries of a commune in a month by account and identity. Follows from list_line, person and payee.';

create table board_caseload (
    month           integer not null check (month % 100 between 1 and 12),
    area_code       text not null,
    area_valid_from date not null,
    kind            text not null check (kind in ('all', 'benefit', 'channel')),
    key             smallint not null,              -- number of the benefit or channel; 0 for all
    people          integer not null,
    households      integer not null,
    recipients      integer not null,
    amount          bigint not null,                -- đồng: all lines but recoveries
    recoverable     bigint not null,                -- đồng, zero or negative: recoveries
    primary key (month, area_code, area_valid_from, kind, key)
);
comment on table board_caseload is 'People, households and money of a commune in a month, on all and by benefit and channel. Follows from list_line and person; stale where board_people is.';

-- Targets ----------------------------------------------------------------------------------------

create table target (
    target_no   bigint primary key generated always as identity,
    area_code   text not null,                     -- '' is the whole country
    year        smallint not null check (year between 2000 and 2200),
    indicator   text not null check (indicator in ('paid_by_account')),
    percent     smallint check (percent between 0 and 100),  -- of the beneficiaries; null takes the target back
    recorded_by text not null,
    recorded_at timestamptz not null
);
comment on table target is 'What an area is to reach in a year, as somebody recorded it. Append-only: the one recorded last counts.';
create index target_of_area on target (area_code, year, indicator, target_no);
create trigger targets_never_change before update or delete on target
    for each row execute function refuse_change();
create trigger targets_are_never_emptied before truncate on target
    execute function refuse_change();
