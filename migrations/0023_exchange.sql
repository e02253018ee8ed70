-- Exchange with the one-stop systems of the provinces: how each is connected, what came, what has to be
-- told, and what became of it. Nothing here is changed.

create table connection (
    connection_no bigint generated always as identity primary key,
    province_code text not null check (province_code ~ '^[0-9]{2}$'),
    from_day      date not null,
    mode          text not null check (mode in ('none', 'native', 'one_way_in', 'one_way_out', 'two_way')),
    official_case text check (official_case ~ '^[A-Z][0-9]$'),   -- of the annex of 342/LĐTBXH-BTXH; says nothing of what the connection does
    note          text,
    recorded_by   text not null,
    recorded_at   timestamptz not null
);
comment on table connection is 'How a province''s one-stop system is connected from a day on. Of those that have begun, the latest day holds, and of one day the one recorded last.';
create index connection_of_province on connection (province_code, from_day desc, connection_no desc);

create function connection_mode(province text, on_day date) returns text language sql stable
    set plan_cache_mode = force_custom_plan as $$
    select mode from connection where province_code = province and from_day <= on_day
    order by from_day desc, connection_no desc limit 1
$$;
comment on function connection_mode is 'What the connection of a province does on a day; null when none was ever recorded.';

-- In --------------------------------------------------------------------------------------------

create table exchange_inbox (
    inbox_no      bigint generated always as identity primary key,
    province_code text not null,
    message_id    uuid not null,
    content       bytea not null,                  -- sha-256 of the message: another one under the same id shows
    dossier_code  text not null,
    seq           integer not null check (seq > 0),   -- of the province's messages about the dossier, from 1
    kind          text not null,
    sent_at       timestamptz not null,
    day           date not null,                   -- of sent_at in Viet Nam
    body          jsonb not null,
    received_by   text not null,
    received_at   timestamptz not null,
    unique (province_code, message_id),
    unique (province_code, dossier_code, seq)
);
comment on table exchange_inbox is 'Messages of one-stop systems as they came. One whose predecessor has not come is held back: it has no outcome yet.';
create index exchange_inbox_by_day on exchange_inbox (day);

create table exchange_inbox_outcome (
    inbox_no bigint primary key references exchange_inbox,
    code     text,                                 -- null: taken; else why it was refused
    message  text,
    at       timestamptz not null,
    check ((code is null) = (message is null))
);
comment on table exchange_inbox_outcome is 'What became of a message, once. Its step, if taken, has the message''s id.';

-- Out -------------------------------------------------------------------------------------------

create table exchange_outbox (
    outbox_no     bigint generated always as identity primary key,
    message_id    uuid not null unique,            -- the id of the step it tells of
    province_code text not null,
    dossier_id    bigint not null references dossier,
    seq           integer not null check (seq > 0),   -- of our messages about the dossier, from 1
    step_seq      integer not null,                -- the step
    status        smallint not null,
    carried       boolean not null,                -- whether the connection of that moment sent it; otherwise somebody keyed it over there
    day           date not null,
    written_at    timestamptz not null,
    unique (dossier_id, seq),
    foreign key (dossier_id, step_seq) references dossier_step (dossier_id, seq)
);
comment on table exchange_outbox is 'What a one-stop system has to be told. Written by the database with the step itself, so that none is forgotten.';
create index exchange_outbox_of_province on exchange_outbox (province_code, outbox_no);
create index exchange_outbox_by_day on exchange_outbox (day);

create table exchange_delivery (
    delivery_no bigint generated always as identity primary key,
    outbox_no   bigint not null references exchange_outbox,
    outcome     text not null check (outcome in ('taken', 'failed', 'again')),
    reason      text,                              -- of a failure, as the other side said
    recorded_by text not null,
    at          timestamptz not null,
    check ((outcome = 'failed') = (reason is not null))
);
comment on table exchange_delivery is 'What the other side answered to a message: taken (once), or failed and why. "again": a person had a message that failed too often sent anew.';
create index exchange_delivery_of_message on exchange_delivery (outbox_no, delivery_no);
create unique index message_is_taken_once on exchange_delivery (outbox_no) where outcome = 'taken';

-- Every step taken here in a dossier the one-stop system knows becomes a message: of a dossier that came
-- from there, and of one keyed here if the connection told of it when it began. In the same transaction
-- as the step, because it is the step that writes it.
create function tell_one_stop() returns trigger language plpgsql as $$
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
    where a.told_by = 'office' and (d.origin = 'one_stop' or b.last is not null or o.tells)
    order by a.dossier_id, a.seq
    $insert$;
    return null;
end $$;
create trigger one_stop_is_told after insert on dossier_step
    referencing new table as added for each statement execute function tell_one_stop();

-- What a month's board counts, and who is behind its numbers: one definition for both.
create function exchange_of_month(first_day date, last_day date)
returns table (
    dossier_id        bigint,
    area_code         text,
    area_valid_from   date,
    dossiers          boolean,    -- submitted in the month
    dossiers_in       boolean,    -- of these, sent by a one-stop system
    incomplete        boolean,    -- of these, with papers that came without a file
    completed_by_hand boolean,    -- of these, digitised by an officer since
    dossiers_out      boolean,    -- the one-stop system has taken a message about a step of the month
    processed_twice   boolean,    -- sent by a one-stop system, and a step of the month was not carried back: keyed there as well
    waiting           boolean,    -- a message of the month is on its way, or held back until an earlier one comes
    failed            boolean,    -- a message of the month was refused here, or failed there when last sent
    decided           boolean,    -- in the month
    decided_online    boolean     -- in the system itself
) language sql stable as $$
    with stepped as (
        select s.dossier_id, bool_or(kind = 'decided') as decided,
               bool_or(kind = 'decided' and online) as decided_online
        from dossier_step s where day between first_day and last_day group by s.dossier_id),
    told as (
        select o.dossier_id, bool_or(coalesce(d.taken, false)) as taken, bool_or(not carried) as by_hand,
               bool_or(carried and not coalesce(d.taken, false) and not coalesce(d.failed, false)) as waiting,
               bool_or(coalesce(d.failed, false)) as failed
        from exchange_outbox o left join lateral
             (select bool_or(outcome = 'taken') as taken,
                     (array_agg(outcome order by delivery_no desc))[1] = 'failed'
                         and not bool_or(outcome = 'taken') as failed
              from exchange_delivery e where e.outbox_no = o.outbox_no) d on true
        where day between first_day and last_day group by o.dossier_id),
    came as (
        select d.dossier_id, bool_or(o.inbox_no is null) as held, bool_or(o.code is not null) as refused
        from exchange_inbox i left join exchange_inbox_outcome o using (inbox_no)
             join dossier d on d.code = i.dossier_code and d.province_code = i.province_code
        where day between first_day and last_day group by d.dossier_id)
    select d.dossier_id, d.area_code, d.area_valid_from, here.dossiers,
           here.dossiers and of_one_stop, here.dossiers and of_one_stop and papers_missing > 0,
           here.dossiers and of_one_stop and papers_missing > 0
               and exists (select from dossier_step s
                           where s.dossier_id = d.dossier_id and s.kind = 'completed_by_hand'),
           coalesce(told.taken, false), of_one_stop and coalesce(told.by_hand, false),
           coalesce(told.waiting, false) or coalesce(came.held, false),
           coalesce(told.failed, false) or coalesce(came.refused, false),
           coalesce(stepped.decided, false), coalesce(stepped.decided_online, false)
    from stepped full join told using (dossier_id) full join came using (dossier_id)
         join dossier d using (dossier_id)
         cross join lateral (select d.submitted_on between first_day and last_day as dossiers,
                                    d.origin = 'one_stop' as of_one_stop) here
$$;
comment on function exchange_of_month is 'The dossiers something happened to in a month, each with what it counts for.';

create trigger connection_never_changes before update or delete on connection
    for each row execute function refuse_change();
create trigger connections_are_never_emptied before truncate on connection
    execute function refuse_change();
create trigger exchange_inbox_never_changes before update or delete on exchange_inbox
    for each row execute function refuse_change();
create trigger exchange_inbox_is_never_emptied before truncate on exchange_inbox
    execute function refuse_change();
create trigger exchange_inbox_outcome_never_changes before update or delete on exchange_inbox_outcome
    for each row execute function refuse_change();
create trigger exchange_inbox_outcome_is_never_emptied before truncate on exchange_inbox_outcome
    execute function refuse_change();
create trigger exchange_outbox_never_changes before update or delete on exchange_outbox
    for each row execute function refuse_change();
create trigger exchange_outbox_is_never_emptied before truncate on exchange_outbox
    execute function refuse_change();
create trigger exchange_delivery_never_changes before update or delete on exchange_delivery
    for each row execute function refuse_change();
create trigger exchange_delivery_is_never_emptied before truncate on exchange_delivery
    execute function refuse_change();
