-- Where each dossier stands, kept with its steps: for the queue of work and its counts.

alter table dossier_step
    add column holder      text,                   -- sign-in name of who holds it after the step; null: the desk
    add column desk        text check (desk in ('clerk', 'officer', 'leader', 'records')),   -- where it lies while nobody is assigned; null after its end
    add column waiting     text check (waiting in ('agreement', 'number', 'repair')),   -- for the leader, for its number, for another proposal
    add column proposed_by text,                   -- whose proposal waits; null when it was made on paper and nobody is told
    add column agreement   boolean not null default false,   -- the regime asks for an agreed proposal before a decision in the system
    add column extended    boolean not null default false,   -- a new day was appointed once
    add column missing     smallint not null default 0,      -- papers still without a file
    -- Nobody agrees with their own proposal.
    add check (kind <> 'agreed' or not online or recorded_by is distinct from proposed_by);

-- The applicant's name to look for and to order by, as kernel::name makes them. Dossiers of before are found by
-- their code, and by the name as it is written.
alter table dossier add column applicant_key text, add column applicant_order text;

create table dossier_state (
    dossier_id      bigint primary key references dossier,
    code            text not null,
    procedure_code  text not null,
    area_code       text not null,
    area_valid_from date not null,
    province_code   text not null,
    channel         smallint not null,
    of_one_stop     boolean not null,
    submitted_on    date not null,
    applicant       text not null,
    applicant_key   text not null,                 -- to look for
    applicant_order text not null,                 -- to order by
    status          smallint not null,
    regime          text,
    stage           text,
    due_on          date,
    holder          text,
    desk            text,
    waiting         text,
    extended        boolean not null,
    missing         smallint not null,
    last_seq        integer not null,
    last_kind       text not null,
    last_at         timestamptz not null,
    -- Only a dossier that has ended lies on no desk.
    check ((desk is null) = (status in (3, 8, 10)))
);
comment on table dossier_state is 'Where each dossier stands: its last step beside what it was submitted with. Written by the database with the steps, and by nothing else.';
create unique index dossier_state_by_code on dossier_state (code);
create index dossier_state_of_commune on dossier_state (area_code, area_valid_from, due_on, dossier_id)
    where desk is not null;
create index dossier_state_by_due_day on dossier_state (due_on, dossier_id) where desk is not null;
create index dossier_state_of_holder on dossier_state (holder, due_on, dossier_id)
    where holder is not null and desk is not null;
create index dossier_state_of_waiting on dossier_state (waiting, area_code, area_valid_from)
    where waiting is not null;

-- The same for every dossier as its steps say: what dossier_state must equal.
create view dossier_standing as
    select d.dossier_id, d.code, d.procedure_code, d.area_code, d.area_valid_from, d.province_code,
           d.channel, d.origin = 'one_stop' as of_one_stop, d.submitted_on, d.applicant,
           coalesce(d.applicant_key, lower(d.applicant)) as applicant_key,
           coalesce(d.applicant_order, lower(d.applicant)) as applicant_order,
           s.status, s.regime, s.stage, s.due_on, s.holder,
           coalesce(s.desk, case when s.status in (1, 5, 9) then 'clerk'
                                 when s.status in (2, 4, 7) then 'officer' end) as desk,
           s.waiting, s.extended, s.missing, s.seq as last_seq, s.kind as last_kind,
           s.happened_at as last_at
    from dossier d cross join lateral
         (select * from dossier_step s where s.dossier_id = d.dossier_id
          order by seq desc limit 1) s;
comment on view dossier_standing is 'What dossier_state must say, counted anew from the steps. Steps of before desks were kept lie on the desk of their status.';

insert into dossier_state select * from dossier_standing;

create function keep_dossier_state() returns trigger language plpgsql as $$
begin
    -- Planned anew each time: a plan made for one step would go through a file of thousands for each of them.
    execute $keep$
    insert into dossier_state
    select d.dossier_id, d.code, d.procedure_code, d.area_code, d.area_valid_from, d.province_code,
           d.channel, d.origin = 'one_stop', d.submitted_on, d.applicant,
           coalesce(d.applicant_key, lower(d.applicant)) as applicant_key,
           coalesce(d.applicant_order, lower(d.applicant)) as applicant_order,
           s.status, s.regime, s.stage, s.due_on, s.holder,
           coalesce(s.desk, case when s.status in (1, 5, 9) then 'clerk'
                                 when s.status in (2, 4, 7) then 'officer' end),
           s.waiting, s.extended, s.missing, s.seq, s.kind, s.happened_at
    from (select distinct on (dossier_id) * from added order by dossier_id, seq desc) s
         join dossier d using (dossier_id)
    on conflict (dossier_id) do update set
        (status, regime, stage, due_on, holder, desk, waiting, extended, missing, last_seq, last_kind, last_at)
        = (excluded.status, excluded.regime, excluded.stage, excluded.due_on, excluded.holder, excluded.desk,
           excluded.waiting, excluded.extended, excluded.missing, excluded.last_seq, excluded.last_kind,
           excluded.last_at)
    $keep$;
    return null;
end $$;
create trigger dossier_state_is_kept after insert on dossier_step
    referencing new table as added for each statement execute function keep_dossier_state();

-- A proposal is agreed with before it is decided, wherever there is one, and where the regime asks for it
-- there is one; an agreement follows a proposal.
create function refuse_decision_not_agreed() returns trigger language plpgsql as $$
declare
    wrong bigint;
begin
    execute $look$
    select count(*) from added a
         join dossier_step before on before.dossier_id = a.dossier_id and before.seq = a.seq - 1
    where a.kind = 'decided' and (before.waiting = 'agreement'
                                  or a.online and before.agreement and before.waiting is distinct from 'number')
       or a.kind = 'agreed' and before.waiting is distinct from 'agreement'
    $look$ into wrong;
    if wrong > 0 then
        raise exception 'a decision follows the agreement with what was proposed'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create trigger decision_is_agreed after insert on dossier_step
    referencing new table as added for each statement execute function refuse_decision_not_agreed();

-- The dossiers of the queue of work in some communes (all of them when the first is null) that have not
-- ended, narrowed by what is not null: one definition for the rows and for the counts.
create function dossier_queue(codes text[], since date[], of_procedure text, of_stage text, of_holder text,
                              from_one_stop boolean, due_by date, code_begins text, name_holds text)
returns setof dossier_state language sql stable as $$
    select * from dossier_state s
    where desk is not null
      and (codes is null or (area_code, area_valid_from) in (select * from unnest(codes, since)))
      and (of_procedure is null or procedure_code = of_procedure)
      and (of_stage is null or stage = of_stage)
      and (of_holder is null or holder = of_holder)
      and (from_one_stop is null or of_one_stop = from_one_stop)
      and (due_by is null or due_on <= due_by)
      and (code_begins is null or starts_with(lower(code), code_begins)
           or strpos(applicant_key, name_holds) > 0)
$$;

-- What happens inside the office before a decision is no message to a one-stop system: who holds a dossier, what is
-- proposed, and what the leader says to it.
create or replace function tell_one_stop() returns trigger language plpgsql as $$
begin
    -- Planned anew each time: a plan made for one step would go through a file of thousands for each of them.
    execute $insert$
    insert into exchange_outbox (message_id, province_code, dossier_id, seq, step_seq, status, carried,
                                 day, written_at)
    with days as (
        select distinct d.province_code, a.day from added a join dossier d using (dossier_id)),
    connected as (
        select province_code, day, connection_mode(province_code, day) in ('one_way_out', 'two_way') as tells
        from days),
    opened as (
        select a.dossier_id, c.tells
        from added a join dossier d using (dossier_id) join connected c using (province_code, day)
        where a.kind = 'submitted'),
    before as (
        select dossier_id, max(seq) as last from exchange_outbox
        where dossier_id in (select dossier_id from added) group by dossier_id)
    select a.event_id, d.province_code, a.dossier_id,
           coalesce(b.last, 0) + row_number() over (partition by a.dossier_id order by a.seq),
           a.seq, a.status, coalesce(c.tells, false), a.day, a.recorded_at
    from added a
         join dossier d using (dossier_id)
         join connected c using (province_code, day)
         left join opened o using (dossier_id)
         left join before b using (dossier_id)
    where a.told_by = 'office' and a.kind not in ('assigned', 'proposed', 'agreed', 'sent_back')
      and (d.origin = 'one_stop' or b.last is not null or o.tells)
    order by a.dossier_id, a.seq
    $insert$;
    return null;
end $$;
