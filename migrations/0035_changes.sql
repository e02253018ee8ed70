-- Life after the decision: what is changed by a decision of its own, what of it was undone, and people who
-- go to live elsewhere. Like events, nothing here is changed.

create sequence change_no;

create table person_change (
    change_no       bigint primary key default nextval('change_no'),
    key             uuid not null unique,          -- of the form it was sent with: sent again it is the same change
    person_id       bigint not null,
    kind            text not null check (kind in
                        ('adjust', 'suspend', 'resume', 'stop', 'death', 'move_inside')),
    ground          text not null check (btrim(ground) <> ''),   -- in words, of reference/changes.toml
    law             text not null,                 -- the article shown when it was decided; empty where none was found
    note            text not null,
    number          text not null check (btrim(number) <> ''),
    signed_on       date not null,
    signed_by       text not null check (btrim(signed_by) <> ''),
    events          uuid[] not null check (cardinality(events) > 0),   -- recorded with it
    funeral_dossier text,                          -- opened with a death
    area_code       text not null,                 -- commune of the person on the day
    recorded_by     text not null,
    recorded_at     timestamptz not null,
    check (funeral_dossier is null or kind = 'death')
);
comment on table person_change is 'A written decision about one beneficiary after the first: adjusted, suspended, resumed, stopped, died, moved nearby.';
create index person_change_of_person on person_change (person_id);

create table person_change_undone (
    change_no  bigint primary key references person_change,
    reason     text not null check (btrim(reason) <> ''),
    events     uuid[] not null check (cardinality(events) > 0),        -- the cancelling events
    undone_by  text not null,
    undone_at  timestamptz not null
);
comment on table person_change_undone is 'A change that was a mistake: its events are cancelled by others. Once.';

create sequence transfer_no;

create table transfer (
    transfer_no     bigint primary key default nextval('transfer_no'),
    key             uuid not null unique,
    person_id       bigint not null,
    seq             integer not null check (seq > 0),   -- of the person, from 1: two at once collide
    from_code       text not null,                 -- commune that paid until now
    from_valid_from date not null,
    to_code         text not null,                 -- commune asked to pay on
    to_valid_from   date not null,
    asked_on        date not null,                 -- day of the request: the old place's days run from it
    last_month      integer not null check (last_month % 100 between 1 and 12),   -- last month paid at the old place
    number          text not null check (btrim(number) <> ''),   -- decision to stop paying there
    signed_on       date not null,
    signed_by       text not null check (btrim(signed_by) <> ''),
    papers          text[] not null,               -- sent with it
    law             text not null,
    due_on          date not null,                 -- last day for the new place to answer
    events          uuid[] not null,               -- payment rests while the new place has not answered
    reported_by     text not null,
    reported_at     timestamptz not null,
    unique (person_id, seq),
    check (row(from_code, from_valid_from) <> row(to_code, to_valid_from))
);
comment on table transfer is 'A beneficiary goes to live in another area: the old place stops paying after a month and sends the papers.';
create index transfer_from on transfer (from_code);
create index transfer_to on transfer (to_code);

create table transfer_answer (
    transfer_no bigint primary key references transfer,
    answer      text not null check (answer in ('accepted', 'refused', 'withdrawn')),
    number      text,                              -- decision of the new place
    signed_on   date,
    signed_by   text,
    reason      text not null,
    events      uuid[] not null,
    answered_by text not null,
    answered_at timestamptz not null,
    check ((answer = 'accepted') = (number is not null)),
    check ((number is null) = (signed_on is null) and (number is null) = (signed_by is null)),
    check (answer = 'accepted' or btrim(reason) <> '')
);
comment on table transfer_answer is 'What became of a transfer: the new place accepts or refuses, or the old place takes it back. Once.';

-- One transfer of a person at a time, and the old place has paid no month after its last.
create function refuse_transfer_too_early() returns trigger language plpgsql as $$
begin
    if exists (select from transfer t left join transfer_answer a using (transfer_no)
               where t.person_id = new.person_id and a.transfer_no is null) then
        raise exception 'a transfer of the person is not answered yet'
            using errcode = 'integrity_constraint_violation', constraint = 'transfer_one_at_a_time';
    end if;
    if exists (select from listed where person_id = new.person_id and benefit < 19
                 and to_month > new.last_month) then
        raise exception 'an approved list holds a later month than the last of the old place'
            using errcode = 'integrity_constraint_violation', constraint = 'transfer_after_listed';
    end if;
    return new;
end $$;
create trigger transfer_in_its_turn before insert on transfer
    for each row execute function refuse_transfer_too_early();

create trigger person_change_never_changes before update or delete on person_change
    for each row execute function refuse_change();
create trigger person_changes_are_never_emptied before truncate on person_change
    execute function refuse_change();
create trigger person_change_undone_never_changes before update or delete on person_change_undone
    for each row execute function refuse_change();
create trigger person_changes_undone_are_never_emptied before truncate on person_change_undone
    execute function refuse_change();
create trigger transfer_never_changes before update or delete on transfer
    for each row execute function refuse_change();
create trigger transfers_are_never_emptied before truncate on transfer
    execute function refuse_change();
create trigger transfer_answer_never_changes before update or delete on transfer_answer
    for each row execute function refuse_change();
create trigger transfer_answers_are_never_emptied before truncate on transfer_answer
    execute function refuse_change();
