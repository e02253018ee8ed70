-- The national population database: who asked what of whom and for which purpose, what was answered, and
-- what came of it for each person. Append-only; no ID number is kept here.

create table population_request (
    request_no      bigint primary key generated always as identity,
    request_code    text not null unique,          -- MaYeuCau
    service         text not null check (service in ('033', '037')),
    person_id       bigint not null,
    area_code       text not null,                 -- commune the person lived in when asked about
    area_valid_from date not null,
    asked_by        text not null,                 -- sign-in name
    officer         text not null,                 -- the officer's own id at the service (MaCanBo)
    purpose         text not null check (btrim(purpose) <> ''),
    fields          text[] not null,               -- what of the person was sent
    asked_at        timestamptz not null           -- written before it left
);
comment on table population_request is 'What was asked of the population database: one row each time something left, written before it did.';
create index population_request_of_person on population_request (person_id);
create index population_request_by_area on population_request (area_code, area_valid_from, request_no);

create table population_answer (
    request_no  bigint primary key references population_request,
    answer      text not null check (answer in ('found', 'nothing', 'service_error')),
    code        text,                              -- which error of the service
    answered_at timestamptz not null,
    check ((answer = 'service_error') = (code is not null))
);
comment on table population_answer is 'What a request was answered. A request without a row was interrupted: nobody knows.';

create table population_check (
    check_no        bigint primary key generated always as identity,
    person_id       bigint not null,
    area_code       text not null,
    area_valid_from date not null,
    outcome         text not null check (outcome in ('verified', 'mismatch', 'no_data', 'service_error')),
    fields          text[] not null default '{}',  -- which differ, for a mismatch
    theirs          jsonb not null default '{}',   -- their value of what differs, or is known there more exactly
    request_code    text not null references population_request (request_code),  -- the last one
    event_id        uuid unique,                   -- the identity_checked event; none for an error of the service
    checked_by      text not null,
    checked_at      timestamptz not null,
    check ((outcome = 'mismatch') = (fields <> '{}')),
    check ((outcome = 'service_error') = (event_id is null))
);
comment on table population_check is 'What asking about a person came to. An error of the service says nothing about the person and is no event.';
create index population_check_of_person on population_check (person_id, check_no);
create index population_check_by_area on population_check (area_code, area_valid_from, check_no);

create trigger population_request_never_changes before update or delete on population_request
    for each row execute function refuse_change();
create trigger population_requests_are_never_emptied before truncate on population_request
    execute function refuse_change();
create trigger population_answer_never_changes before update or delete on population_answer
    for each row execute function refuse_change();
create trigger population_answers_are_never_emptied before truncate on population_answer
    execute function refuse_change();
create trigger population_check_never_changes before update or delete on population_check
    for each row execute function refuse_change();
create trigger population_checks_are_never_emptied before truncate on population_check
    execute function refuse_change();

-- Deaths are proposed by the population database and by the police of a commune too.
alter table proposal add column source text not null default 'results'
    check (source in ('results', 'population', 'police'));
