-- Citizens without an account: short sessions opened with a look-up code, and what they do to their own
-- dossiers themselves.

create table citizen_session (
    token_hash bytea primary key,                  -- sha-256 of the cookie
    dossier_id bigint not null references dossier,
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null
);
comment on table citizen_session is 'Browsers in which a citizen proved that a dossier is theirs. Rows go once they have expired.';
create index citizen_session_by_end on citizen_session (expires_at);

create table citizen_request (
    subject bytea not null,                        -- hash of what was asked and of an address, which cannot be read back
    began   timestamptz not null,                  -- the hour the requests are counted in
    count   integer not null,
    primary key (subject, began)
);
comment on table citizen_request is 'How often an address asked for something that costs work, in an hour. Old rows go by themselves.';
create index citizen_request_by_age on citizen_request (began);

-- Citizens tell of steps of their own dossiers themselves, and submit dossiers without a counter.
alter table dossier drop constraint dossier_origin_check;
alter table dossier add constraint dossier_origin_check
    check (origin in ('counter', 'one_stop', 'online'));
alter table dossier_step drop constraint dossier_step_told_by_check;
alter table dossier_step add constraint dossier_step_told_by_check
    check (told_by in ('office', 'one_stop', 'citizen'));

-- Steps told by citizens are told on too, as those of the office: the one-stop system does not know of
-- them. What happens inside the office stays there.
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
    where a.told_by <> 'one_stop' and a.kind not in ('assigned', 'proposed', 'agreed', 'sent_back')
      and (d.origin = 'one_stop' or b.last is not null or o.tells)
    order by a.dossier_id, a.seq
    $insert$;
    return null;
end $$;

create table online_application (
    dossier_id   bigint primary key references dossier,
    owner        text not null unique,             -- hash of what the browser holds: leads it to its dossier once
    submitted_at timestamptz not null
);
comment on table online_application is 'Dossiers citizens submitted online, with the key of the browser that did.';
create trigger online_application_never_changes before update or delete on online_application
    for each row execute function refuse_change();
