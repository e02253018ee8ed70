-- Dossiers: what people apply for, and every step of it. Like events, nothing here is changed; where a
-- dossier stands is what its last step says.

create sequence dossier_id;

create table dossier (
    dossier_id      bigint primary key default nextval('dossier_id'),
    code            text not null unique check (code ~ '^[0-9A-Za-z][0-9A-Za-z.-]{3,63}$'),   -- mã hồ sơ
    procedure_code  text not null,                 -- of reference/procedures.toml
    area_code       text not null,                 -- commune of the applicant on the day of submission
    area_valid_from date not null,
    province_code   text not null,                 -- the commune's, of the same era
    channel         smallint not null check (channel between 1 and 3),   -- 1 direct, 2 online, 3 post
    origin          text not null check (origin in ('counter', 'one_stop')),   -- keyed here, or sent by the province's one-stop system
    submitted_on    date not null,
    applicant       text not null check (applicant <> ''),
    applicant_id_number text,                      -- exactly as received
    person_id       bigint,                        -- the beneficiary, when the registry knows them
    benefit         smallint,                      -- an approval enrols the beneficiary in it
    papers          smallint not null check (papers >= 0),
    papers_missing  smallint not null check (papers_missing between 0 and papers),   -- named without a file: to be digitised by hand
    recorded_by     text not null,
    recorded_at     timestamptz not null,
    check (benefit is null or person_id is not null)
);
comment on table dossier is 'An application as it was submitted.';
create index dossier_by_commune on dossier (area_code, area_valid_from, submitted_on);
create index dossier_by_day on dossier (submitted_on);
create index dossier_by_person on dossier (person_id) where person_id is not null;

create table dossier_step (
    dossier_id  bigint not null references dossier,
    seq         integer not null check (seq > 0),  -- from 1, without gaps
    event_id    uuid not null unique,              -- the same one again changes nothing
    content     bytea not null,                    -- sha-256 of all the caller said: another step under the same id shows
    kind        text not null,                     -- casework::Step
    happened_at timestamptz not null,
    day         date not null,                     -- of happened_at in Viet Nam
    told_by     text not null check (told_by in ('office', 'one_stop')),
    online      boolean not null,                  -- done in the system, not on paper and entered afterwards
    body        jsonb not null,                    -- what happened, with its own facts
    -- Where the dossier stands after it; follows from this step and those before.
    status      smallint not null check (status between 1 and 10),   -- of the national list
    regime      text,                              -- law of the day of reception: reference/regimes.toml; null before it
    stage       text,                              -- of the regime, while it is worked on
    due_on      date,                              -- last day to decide; null before reception, while a supplement is awaited and after the end
    recorded_by text not null,
    recorded_at timestamptz not null,
    primary key (dossier_id, seq),
    check ((seq = 1) = (kind = 'submitted'))
);
comment on table dossier_step is 'What happened to a dossier, step by step. Append-only.';
create index dossier_step_by_day on dossier_step (day, kind);

-- A step follows the one before it, and nothing follows the end of a dossier (stopped, not accepted,
-- result returned), nor a second decision the first.
create function refuse_step_out_of_order() returns trigger language plpgsql as $$
declare
    wrong bigint;
begin
    execute 'select count(*) from added a
                 left join dossier_step before
                     on before.dossier_id = a.dossier_id and before.seq = a.seq - 1
             where a.seq > 1
               and (before.seq is null or before.status in (3, 8, 10)
                    or before.happened_at > a.happened_at
                    or a.kind = ''decided'' and before.status = 9)' into wrong;
    if wrong > 0 then
        raise exception 'a step of a dossier follows the one before it, and none its end'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create trigger step_follows_the_one_before after insert on dossier_step
    referencing new table as added for each statement execute function refuse_step_out_of_order();

create trigger dossier_never_changes before update or delete on dossier
    for each row execute function refuse_change();
create trigger dossiers_are_never_emptied before truncate on dossier
    execute function refuse_change();
create trigger dossier_step_never_changes before update or delete on dossier_step
    for each row execute function refuse_change();
create trigger dossier_steps_are_never_emptied before truncate on dossier_step
    execute function refuse_change();
