-- Decisions in the books and in the registry: which dossier a number was given for, which events of
-- people follow from a dossier, and what whoever signs is.

alter table number_given add dossier_id bigint references dossier;
comment on column number_given.dossier_id is 'The dossier the paper decides, when it was numbered in the system.';
create index number_given_by_dossier on number_given (dossier_id) where dossier_id is not null;

create table dossier_event (
    event_id   uuid primary key references event_claim,
    dossier_id bigint not null references dossier
);
comment on table dossier_event is 'Events of people that an approval told: the dossier with its papers is their proof. Append-only.';
create index dossier_event_by_dossier on dossier_event (dossier_id);
create trigger dossier_event_never_changes before update or delete on dossier_event
    for each row execute function refuse_change();
create trigger dossier_events_are_never_emptied before truncate on dossier_event
    execute function refuse_change();

alter table app_user add title text check (title = btrim(title) and length(title) between 1 and 100);
comment on column app_user.title is 'What stands beside the name on papers they sign (chức vụ): Phó Chủ tịch.';
