-- The registry. Events are the truth and are never changed; every other table here is what the
-- events of one person add up to and is rewritten whole, person by person, when an event is added.

-- Events -----------------------------------------------------------------------------------------

create sequence event_no;

create table event (
    person_id   bigint not null,
    event_no    bigint not null default nextval('event_no'),  -- order of recording; a list keeps the last one it knew
    event_id    uuid not null,                     -- the caller's; unique over all people in event_claim
    kind        text not null,                     -- contracts, events
    effective   date not null,                     -- true from
    recorded_at timestamptz not null,              -- known since
    source      text not null,                     -- the system or file it came from
    actor       text not null,
    body        jsonb not null,                    -- the whole event as received
    primary key (person_id, event_no)
);
comment on table event is 'Everything that happened to people, as received. Append-only: a correction is another event.';
create index event_by_recorded_at on event using brin (recorded_at);
create index event_of_merging on event (person_id) where kind = 'merged';
create index event_of_caring on event (person_id)
    where kind = 'fact_started' and body->'fact'->>'kind' = 'cares_for';

create table event_claim (
    event_id  uuid primary key,
    person_id bigint not null
);
comment on table event_claim is 'One row an event id: the same event twice changes nothing.';

-- People -----------------------------------------------------------------------------------------

create sequence person_id;

create table person (
    person_id         bigint primary key,
    person_key        text not null,               -- the first caller's key, shown on lines and exports
    full_name         text not null,               -- NFC, as declared
    name_key          text collate "C" not null,   -- lower case, no marks, đ as d: for search and order
    name_search       tsvector generated always as (to_tsvector('simple', name_key)) stored,  -- its words, in any order
    birth_date        date not null,               -- counted day: 1 January of a year alone
    birth_precision   text not null check (birth_precision in ('y', 'm', 'd')),
    sex               smallint check (sex in (1, 2)),   -- 1 male, 2 female, null not declared
    ethnicity         text,                        -- code of reference/ethnic_groups
    id_number         text,                        -- exactly as received, even when it cannot be right
    id_state          text not null check (id_state in
        ('plausible', 'missing', 'malformed', 'contradicts_sex', 'contradicts_birth_year', 'unknown_province', 'held_by_another')),
    identity_check    text not null default 'not_sent' check (identity_check in
        ('not_sent', 'verified', 'mismatch', 'not_found', 'service_error')),
    identity_fields   text[] not null default '{}',  -- which fields differ, for a mismatch
    phone             text,
    household_id      text,                        -- the caller's key of the household
    area_code         text not null,               -- commune lived in now
    area_valid_from   date not null,
    moves             smallint not null,           -- residences after the first; who never moved is read without them
    death_date        date,
    merged_into       bigint,                      -- found to be the same person as this one, by a person
    foreign key (area_code, area_valid_from) references area (code, valid_from),
    check (merged_into is null or merged_into <> person_id)
);
comment on table person is 'Who is who: what the events say now of name, birth, identity and home.';
create index person_by_name_key on person (name_key, person_id);
create index person_by_name_search on person using gin (name_search);
create index person_by_area on person (area_code, area_valid_from);
create index person_by_id_number on person (id_number);

create table person_key (
    source    text not null,
    key       text not null,
    person_id bigint not null,
    primary key (key, source)
);
comment on table person_key is 'What each source calls a person.';

create table id_number_claim (
    id_number text primary key,
    person_id bigint not null unique
);
comment on table id_number_claim is 'The living, unmerged record that holds a plausible ID number. A second record with the number stays without a claim, state held_by_another.';

create table residence (
    person_id       bigint not null references person,
    from_date       date not null,                 -- first day; the first residence also holds before
    area_code       text not null,
    area_valid_from date not null,
    primary key (person_id, from_date)
);
create index residence_by_area on residence (area_code, area_valid_from);
comment on table residence is 'Where a person lived, in order. Mergers of areas are not moves and add no row.';

create table fact (
    person_id       bigint not null references person,
    fact_no         smallint not null,             -- 1, 2, 3 … in order of from_date, then of fact_id
    fact_id         text not null,                 -- the caller's
    kind            text not null,                 -- contracts/benefits, fact kinds
    from_date       date not null,
    to_date         date,                          -- last day; null while true
    variant         text,                          -- basis letter, poverty status, disability grade
    birth_date      date,                          -- child: birth, counted day; null when only a number was given
    birth_precision text check (birth_precision in ('y', 'm', 'd')),
    study_until     date,                          -- studying, child
    care_until      date,                          -- child: last day in the parent's care
    cared_person_id bigint,                        -- cares_for
    relation        text,                          -- cares_for
    reason          text,                          -- suspended
    primary key (person_id, fact_no),
    check (to_date is null or to_date >= from_date),
    check ((birth_date is null) = (birth_precision is null))
);
comment on table fact is 'What is true of a person, from a day, to a day.';
create index fact_by_cared_person on fact (cared_person_id) where cared_person_id is not null;

create table enrolment (
    person_id       bigint not null references person,
    benefit         smallint not null,             -- number of the benefit, law crate
    enrolment_no    smallint not null check (enrolment_no >= 1),  -- 1, 2, 3 … in time
    from_month      integer not null check (from_month % 100 between 1 and 12),   -- first month paid, 202405
    to_month        integer check (to_month % 100 between 1 and 12),              -- last month paid; null while it goes on
    previous_no     smallint generated always as (nullif(enrolment_no - 1, 0)) stored,
    previous_to     integer,                       -- to_month of the enrolment before
    suspended       integer[] not null default '{}',  -- pairs of first and last suspended month; 999812 is open
    decision_number text,
    decision_date   date,
    signed_by       text,
    end_reason      text,
    event_id        uuid not null,                 -- the enrolled event
    primary key (person_id, benefit, enrolment_no),
    unique (person_id, benefit, enrolment_no, to_month),
    check (to_month is null or to_month >= from_month),
    -- Two enrolments of one person in one benefit cannot overlap: each begins after the one before ended,
    -- and the one before is really there with that end.
    check ((enrolment_no = 1) = (previous_to is null)),
    check (previous_to is null or from_month > previous_to),
    constraint enrolment_follows_previous foreign key (person_id, benefit, previous_no, previous_to)
        references enrolment (person_id, benefit, enrolment_no, to_month) deferrable initially deferred
);
comment on table enrolment is 'Benefits awarded by decision, month by month, as a gapless numbered chain in which no two overlap.';

create table payee (
    person_id        bigint primary key references person,
    channel          text check (channel in ('account', 'e_wallet', 'mobile_money', 'post_office', 'home')),
    holder           text check (holder in ('self', 'guardian', 'authorised')),
    holder_name      text,
    holder_id_number text,
    provider         text,                         -- bank number or wallet code
    account_number   text,
    authorised_until date,
    since            date,                         -- effective day of the payee_set
    wants_account    boolean                       -- null: never asked
);
comment on table payee is 'Who receives a person''s money and how, and whether they wish an account.';

create table move_confirmation (
    person_id      bigint primary key references person,
    old_area_code  text not null,
    likeliest_code text not null,
    confirmed_code text                            -- set when an officer confirmed by a moved event
);
comment on table move_confirmation is 'People of a commune that was split on 1 July 2025 whose new commune somebody must confirm.';

create table duplicate_dismissal (
    person_id   bigint not null,
    other_id    bigint not null,
    dismissed_by text not null,
    dismissed_at timestamptz not null,
    reason      text not null,
    primary key (person_id, other_id),
    check (person_id < other_id)
);
comment on table duplicate_dismissal is 'Pairs a person looked at and found to be two people.';
