-- Results that a person must look at before they count, and what was decided about them.

create sequence queue_no;

create table result_queue (
    queue_no    bigint primary key default nextval('queue_no'),
    provider    text not null,
    content     bytea not null,                    -- sha-256 of all the result says: the same one waits once
    form        text not null check (form in ('ndjson', 'sheet', 'pain.002', 'camt.053', 'camt.054')),
    result_id   text not null,
    line        text not null,                     -- as the provider wrote it
    list_month  integer,                           -- the line meant, when there is one
    person_id   bigint,
    line_no     smallint,
    status      text not null check (status in ('paid', 'failed', 'returned', 'not_collected')),
    happened_on date not null,
    reason      text,
    amount      bigint not null check (amount > 0),   -- đồng, as reported
    why         text not null check (why in ('unknown_line', 'wrong_amount', 'other_provider', 'result_id_reused',
                    'already_paid', 'contradicts', 'carried_over_already', 'month_closed')),
    area_code   text not null,                     -- commune of the line; of an unknown one the area of who brought it, '' is the whole country
    recorded_by text not null,
    recorded_at timestamptz not null,
    unique (provider, content),
    check ((person_id is null) = (list_month is null) and (person_id is null) = (line_no is null))
);
comment on table result_queue is 'What providers reported that cannot simply be believed. Never dropped: it waits until a person decides.';
create index result_queue_by_line on result_queue (person_id, list_month, line_no);

create table result_resolution (
    queue_no    bigint primary key references result_queue,
    decision    text not null check (decision in ('record', 'dismiss')),
    reason      text not null check (btrim(reason) <> ''),
    resolved_by text not null,
    resolved_at timestamptz not null
);
comment on table result_resolution is 'What somebody decided about a waiting result, and why. Once.';

alter table payment_result
    add column form     text not null default 'ndjson' check (form in ('ndjson', 'sheet', 'pain.002', 'camt.053', 'camt.054')),
    add column queue_no bigint references result_queue;
comment on column payment_result.queue_no is 'The waiting result a person decided to record.';
create unique index payment_result_by_queue on payment_result (queue_no) where queue_no is not null;
alter table payment_result add constraint amount_is_positive check (amount > 0);

-- Whether a line's money was offered again is asked of every result.
create index list_line_by_carried_line on list_line (person_id, carries_month, carries_line_no)
    where kind = 4;

create trigger result_queue_never_changes before update or delete on result_queue
    for each row execute function refuse_change();
create trigger result_queue_is_never_emptied before truncate on result_queue
    execute function refuse_change();
create trigger result_resolution_never_changes before update or delete on result_resolution
    for each row execute function refuse_change();
create trigger result_resolution_is_never_emptied before truncate on result_resolution
    execute function refuse_change();
create trigger result_claims_never_change before update or delete on result_claim
    for each row execute function refuse_change();
create trigger result_claims_are_never_emptied before truncate on result_claim
    execute function refuse_change();

-- What has a result is not ordered any more: it was paid, or the next list offers it again. Also
-- created on every month's partition of order_line.
create function refuse_line_with_result() returns trigger language plpgsql as $$
declare
    with_result bigint;
begin
    execute 'select count(*) from added join payment_result using (person_id, list_month, line_no)'
        into with_result;
    if with_result > 0 then
        raise exception 'a line with a result is not ordered'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create trigger order_line_has_no_result after insert on order_line
    referencing new table as added for each statement execute function refuse_line_with_result();
