-- The fields of exchanged dossiers: what a one-stop system said in them, what was missing and where it was
-- filled in from, and what became of a field that both sides changed. Nothing here is changed.

alter table exchange_inbox add column form jsonb;
comment on column exchange_inbox.form is 'What the message says in the fields of the dossier''s form: "code", "benefit", "answers" by field, null where an answer is taken back.';

alter table dossier_answers add column told_by text not null default 'office'
    check (told_by in ('office', 'one_stop', 'citizen'));
comment on column dossier_answers.told_by is 'Which side this version comes from.';

create table exchange_field (
    field_no     bigint generated always as identity primary key,
    inbox_no     bigint not null references exchange_inbox,
    dossier_id   bigint not null references dossier,
    field        text not null,                 -- of the form
    before       jsonb,                         -- what both sides last had; null nothing
    ours         jsonb,                         -- what this office had when the message came
    theirs       jsonb,                         -- what the message says
    owner        text not null check (owner in ('applicant', 'office', 'population')),   -- by the rule of the day of submission
    verdict      text not null check (verdict in ('theirs', 'ours', 'same', 'asked')),
    at           timestamptz not null,
    unique (inbox_no, field)
);
comment on table exchange_field is 'What became of each field that a message changed: taken, kept as it is here by the rule of its owner, the same on both sides, or asked of a person. Of a dossier and field the last row counts.';
create index exchange_field_of_dossier on exchange_field (dossier_id, field, field_no);
create index exchange_field_asked on exchange_field (dossier_id) where verdict = 'asked';

create table exchange_field_decision (
    field_no   bigint primary key references exchange_field,
    takes      text not null check (takes in ('ours', 'theirs')),
    reason     text not null check (btrim(reason) <> ''),
    decided_by text not null,
    decided_at timestamptz not null
);
comment on table exchange_field_decision is 'Which value a person chose, once.';

create view exchange_open_conflict as
    select f.* from exchange_field f
    where verdict = 'asked'
      and not exists (select from exchange_field later
                      where later.dossier_id = f.dossier_id and later.field = f.field
                        and later.field_no > f.field_no)
      and not exists (select from exchange_field_decision d where d.field_no = f.field_no)
      and (select a.answers -> f.field from dossier_answers a
           where a.dossier_id = f.dossier_id order by version desc limit 1) is distinct from f.theirs
      and (select status from dossier_state s where s.dossier_id = f.dossier_id) not in (3, 8, 9, 10);
comment on view exchange_open_conflict is 'Fields both sides changed that still wait for a person: not decided, not changed again, not the same meanwhile, the dossier not at its end.';

create table exchange_gap (
    dossier_id bigint not null references dossier,
    field      text not null,
    code       text not null,                   -- missing, or what is wrong with what was sent
    source     text check (source in ('registry', 'population')),   -- where it was filled in from; null: to be asked back
    answer     jsonb,                           -- what was filled in
    as_of      date,                            -- the day the source says it of
    at         timestamptz not null,
    primary key (dossier_id, field),
    check ((source is null) = (answer is null))
);
comment on table exchange_gap is 'What a dossier lacked when it came, with what was known already and from where.';

-- A message tells of a step, or of fields as a version of the answers has them.
alter table exchange_outbox
    alter column step_seq drop not null,
    add column answers_version integer,
    add column fields text[],
    add foreign key (dossier_id, answers_version) references dossier_answers (dossier_id, version),
    add constraint tells_of_a_step_or_of_fields check
        ((step_seq is null) = (fields is not null) and (fields is null) = (answers_version is null));

-- What an office corrects in the form of a one-stop system's dossier is told, as its steps are.
create function tell_one_stop_of_answers() returns trigger language plpgsql as $$
begin
    insert into exchange_outbox (message_id, province_code, dossier_id, seq, answers_version, fields, status,
                                 carried, day, written_at)
    select gen_random_uuid(), d.province_code, d.dossier_id,
           coalesce((select max(seq) from exchange_outbox o where o.dossier_id = d.dossier_id), 0) + 1,
           new.version, changed.fields, s.status,
           coalesce(connection_mode(d.province_code, today.day) in ('one_way_out', 'two_way'), false),
           today.day, new.recorded_at
    from dossier d join dossier_state s using (dossier_id)
         join dossier_answers a on a.dossier_id = d.dossier_id and a.version = new.version - 1
         cross join lateral (select (new.recorded_at at time zone 'Asia/Ho_Chi_Minh')::date as day) today
         cross join lateral
         (select array_agg(key order by key) as fields
          from (select jsonb_object_keys(a.answers) union select jsonb_object_keys(new.answers)) as keys (key)
          where a.answers -> key is distinct from new.answers -> key) changed
    where d.dossier_id = new.dossier_id and d.origin = 'one_stop' and changed.fields is not null
      and exists (select from exchange_inbox i
                  where i.province_code = d.province_code and i.dossier_code = d.code and i.form is not null);
    return null;
end $$;
create trigger one_stop_is_told_of_answers after insert on dossier_answers
    for each row when (new.version > 1 and new.told_by = 'office')
    execute function tell_one_stop_of_answers();

do $$
declare
    kept text;
begin
    foreach kept in array array['exchange_field', 'exchange_field_decision', 'exchange_gap'] loop
        execute format('create trigger %1$s_never_changes before update or delete on %1$I
                            for each row execute function refuse_change()', kept);
        execute format('create trigger %1$s_is_never_emptied before truncate on %1$I
                            execute function refuse_change()', kept);
    end loop;
end $$;
