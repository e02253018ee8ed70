-- A decision for many laid before the leader: what the officer looked at, what the leader answered, and
-- what came of it when the records office numbered it.

create table collective_proposal (
    proposal_no   bigint generated always as identity primary key,
    key           uuid not null unique,            -- sent again it is the same proposal; the decision's key later
    kind          text not null check (kind in ('re_rate', 'list')),
    area_code     text not null check (area_code <> ''),   -- whose leader agrees and whose book numbers it
    benefit       smallint,                        -- re-rating of one benefit; null is every one, and in a list
    month         integer not null check (month % 100 between 1 and 12),
    list          jsonb,                           -- rows of the list as read
    fingerprint   bytea not null check (length(fingerprint) = 32),   -- of the rows as looked at
    people        bigint not null check (people > 0),
    old_total     bigint not null,                 -- đồng a month
    new_total     bigint not null,
    proposed_by   text not null,
    proposed_at   timestamptz not null,
    check ((kind = 'list') = (list is not null)),
    check (kind = 're_rate' or benefit is null)
);
comment on table collective_proposal is 'A decision for many, laid before the leader of its area.';

create table collective_answer (
    proposal_no   bigint not null references collective_proposal,
    turn          smallint not null,               -- 1 the leader, 2 the records office
    kind          text not null,
    reason        text,
    collective_no bigint unique references collective_decision deferrable initially deferred,
    answered_by   text not null,
    answered_at   timestamptz not null,
    primary key (proposal_no, turn),
    check ((turn = 1 and kind in ('agreed', 'returned')) or (turn = 2 and kind in ('numbered', 'changed'))),
    check ((kind = 'returned') = (reason is not null) and btrim(coalesce(reason, '-')) <> ''),
    check ((kind = 'numbered') = (collective_no is not null))
);
comment on table collective_answer is 'What the leader, then the records office did with a proposal; changed: the data no longer was what was agreed with.';

create function refuse_collective_answer() returns trigger language plpgsql as $$
begin
    if new.turn = 2 and not exists (select from collective_answer
                                    where proposal_no = new.proposal_no and turn = 1 and kind = 'agreed') then
        raise exception 'only what the leader agreed with is numbered'
            using errcode = 'integrity_constraint_violation', constraint = 'collective_agreed_first';
    end if;
    if new.kind = 'agreed' and exists (
            select from collective_proposal p where p.proposal_no = new.proposal_no
              and names_of(p.proposed_by, array['officer'], p.proposed_at)
                  && names_of(new.answered_by, array['leader'], new.answered_at)) then
        raise exception 'one person proposes and agrees, by delegation or not'
            using errcode = 'check_violation', constraint = 'collective_takes_two';
    end if;
    return new;
end $$;
create trigger collective_answer_in_its_turn before insert on collective_answer
    for each row execute function refuse_collective_answer();

create trigger collective_proposal_never_changes before update or delete on collective_proposal
    for each row execute function refuse_change();
create trigger collective_proposals_are_never_emptied before truncate on collective_proposal
    execute function refuse_change();
create trigger collective_answer_never_changes before update or delete on collective_answer
    for each row execute function refuse_change();
create trigger collective_answers_are_never_emptied before truncate on collective_answer
    execute function refuse_change();
