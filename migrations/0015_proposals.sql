-- What results suggest should be done about a person. Nothing follows before somebody has looked.

create sequence proposal_no;

create table proposal (
    proposal_no bigint primary key default nextval('proposal_no'),
    kind        text not null check (kind in ('suspend', 'death')),
    person_id   bigint not null,
    list_month  integer not null check (list_month % 100 between 1 and 12),  -- the last month not collected, or the one whose payment met a death
    area_code   text not null,                     -- commune of that month
    proposed_by text not null,                     -- who brought the results
    proposed_at timestamptz not null,
    unique (kind, person_id, list_month)
);
comment on table proposal is 'Three months in a row not collected: a suspension is proposed. Reported dead: a death. Proposed once for a month.';
create index proposal_of_person on proposal (person_id);

create table proposal_decision (
    proposal_no bigint primary key references proposal,
    decision    text not null check (decision in ('accept', 'reject')),
    reason      text not null check (btrim(reason) <> ''),
    event_id    uuid,                              -- the event an accepted proposal became
    decided_by  text not null,
    decided_at  timestamptz not null,
    check ((decision = 'accept') = (event_id is not null))
);
comment on table proposal_decision is 'What somebody decided about a proposal, and why. Once.';

create trigger proposal_never_changes before update or delete on proposal
    for each row execute function refuse_change();
create trigger proposals_are_never_emptied before truncate on proposal
    execute function refuse_change();
create trigger proposal_decision_never_changes before update or delete on proposal_decision
    for each row execute function refuse_change();
create trigger proposal_decisions_are_never_emptied before truncate on proposal_decision
    execute function refuse_change();
