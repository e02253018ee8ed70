-- Other registries: notices of everything that changes what they see, who was told of whom, and what the
-- programmes of others pay whom.

drop trigger subscribers_are_told on event;
create trigger subscribers_are_told after insert on event for each row
    when (new.kind in ('person_registered', 'enrolled', 'enrolment_ended', 'suspended', 'resumed', 'died',
                       'moved', 'merged', 'event_cancelled'))
    execute function note_for_subscribers();

-- A caller that is slow keeps no other one waiting: what is due is taken up caller by caller.
drop index spdci_task_due;
create index spdci_task_due on spdci_task (caller, next_at, task_no) where next_at is not null;

alter table spdci_caller add column reports boolean not null default false;
comment on column spdci_caller.reports is 'Whether it may tell what its own programmes pay whom (enrollment/updates).';

create table spdci_told (
    told_no        bigint generated always as identity primary key,
    person_id      bigint not null,
    at             timestamptz not null,
    caller         text not null,
    register       text not null check (register in ('ibr', 'social')),
    action         text not null check (action in ('search', 'enrolled', 'notify', 'report')),
    purpose        text not null,                      -- codes, as the registration names them
    consent        text,                               -- the caller's name of what the person agreed to
    told           boolean not null,                   -- false: asked about by number, and told nothing
    correlation_id text not null
);
comment on table spdci_told is 'Which registry asked about a person or was told of one, when and for what. Holds nothing of what it was told.';
create index spdci_told_of_person on spdci_told (person_id, told_no desc);
create index spdci_told_by_time on spdci_told (at, caller);

create table spdci_report (
    report_no      bigint generated always as identity primary key,
    message_no     bigint not null references spdci_message,
    caller         text not null,
    person_id      bigint not null,
    programme      text not null check (programme <> ''),   -- code, as the caller names it
    programme_name text,
    status         text not null check (status in ('active', 'suspended', 'closed')),
    enrolled_on    date,
    changed_on     date,                               -- since when the status holds
    benefit        text,                               -- kind of benefit, in the caller's words
    recorded_at    timestamptz not null
);
comment on table spdci_report is 'What other programmes say they pay people of ours. Of a caller, person and programme the last counts; no benefit of ours follows from it.';
create index spdci_report_of_person on spdci_report (person_id, caller, programme, report_no desc);

do $$
declare
    kept text;
begin
    foreach kept in array array['spdci_told', 'spdci_report'] loop
        execute format('create trigger %1$s_never_changes before update or delete on %1$I
                            for each row execute function refuse_change()', kept);
        execute format('create trigger %1$s_is_never_emptied before truncate on %1$I
                            execute function refuse_change()', kept);
    end loop;
end $$;
