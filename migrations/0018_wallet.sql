-- Orders handed to providers over an interface: where it is, whose keys count, which messages an order
-- is cut into, what became of each, and what providers told us. Nothing here is ever changed.

create table provider_link (
    link_no           bigint generated always as identity primary key,  -- of a provider the last counts
    provider          text not null references provider,
    url               text not null check (url ~ '^https?://'),         -- "/disburse" is put after it
    our_id            text not null check (our_id ~ '^[A-Za-z0-9.-]{1,64}$'),  -- what they know us by
    our_url           text not null check (our_url ~ '^https?://'),     -- "/on-disburse" is put after it
    lines_per_message integer not null check (lines_per_message between 1 and 20000),
    recorded_by       text not null,
    recorded_at       timestamptz not null
);
comment on table provider_link is 'Where a provider takes orders over an interface. Of a provider the row recorded last counts.';
create index provider_link_of_provider on provider_link (provider, link_no);

create table provider_key (
    provider    text not null references provider,
    key_id      text not null check (key_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    public_key  bytea not null check (octet_length(public_key) = 32),   -- ed25519
    valid_from  timestamptz not null,
    valid_until timestamptz check (valid_until > valid_from),           -- null is open
    recorded_by text not null,
    recorded_at timestamptz not null,
    primary key (provider, key_id)
);
comment on table provider_key is 'Keys that signatures of a provider are checked with. Several may hold at once, so that one can follow another.';

create table provider_key_withdrawn (
    provider     text not null,
    key_id       text not null,
    reason       text not null check (btrim(reason) <> ''),
    withdrawn_by text not null,
    withdrawn_at timestamptz not null,
    primary key (provider, key_id),
    foreign key (provider, key_id) references provider_key
);
comment on table provider_key_withdrawn is 'Keys that no longer count from that moment on, whatever their dates say.';

create table order_batch (
    order_no   bigint not null references payment_order,
    batch_no   integer not null check (batch_no > 0),
    message_id text not null unique,
    message_ts timestamptz not null,
    link_no    bigint not null references provider_link,  -- ids and addresses written into the message
    first_person bigint not null,                         -- the lines from this one to the last, by person, then number
    first_line smallint not null,
    last_person bigint not null,
    last_line  smallint not null,
    lines      integer not null check (lines > 0),
    amount     bigint not null check (amount > 0),        -- đồng
    digest     bytea not null check (octet_length(digest) = 32),  -- sha-256 of header and message as first written
    primary key (order_no, batch_no),
    check ((first_person, first_line) <= (last_person, last_line))
);
comment on table order_batch is 'An order as messages. Written again a message has the digest it was made with: the same order is never two different ones.';

create table batch_step (
    step_no        bigint generated always as identity primary key,
    order_no       bigint not null,
    batch_no       integer not null,
    kind           text not null check (kind in ('again', 'sending', 'taken', 'refused', 'unanswered', 'given_up', 'asked', 'answered')),
    attempt        integer not null check (attempt >= 0),
    at             timestamptz not null,
    next_at        timestamptz,                           -- when the program goes on by itself; null: it does not
    code           text,                                  -- why not, or the provider's name of what follows
    taken_by       text not null,
    foreign key (order_no, batch_no) references order_batch,
    -- Of two who send at once only one does.
    constraint one_attempt_at_a_time unique (order_no, batch_no, kind, attempt)
);
comment on table batch_step is 'What became of each message, a row each time. "sending" is written before anything leaves the house.';

create view batch_now as
    select distinct on (order_no, batch_no) order_no, batch_no, kind, at, next_at, code
    from batch_step
    -- What the provider took it has, even if somebody sent it once more meanwhile.
    order by order_no, batch_no,
        case kind when 'answered' then 0 when 'taken' then 1 when 'asked' then 1 else 2 end, step_no desc;
comment on view batch_now is 'How far each message is: of its steps the one that counts.';

create table interface_message (
    message_no  bigint generated always as identity primary key,
    provider    text not null references provider,
    message_id  text not null,
    digest      bytea not null check (octet_length(digest) = 32),
    key_id      text not null,
    action      text not null,
    order_no    bigint not null references payment_order,
    recorded    integer not null default 0,
    already     integer not null default 0,
    queued      integer not null default 0,
    refused     integer not null default 0,
    received_at timestamptz not null,
    constraint a_message_counts_once unique (provider, message_id)
);
comment on table interface_message is 'Messages taken from providers, each once: the same again changes nothing, another under its name is refused.';

create table interface_refusal (
    refusal_no bigint generated always as identity primary key,
    at         timestamptz not null,
    sender     text not null,                             -- as it says of itself, cut short; '' when it does not
    message_id text not null,
    code       text not null
);
comment on table interface_refusal is 'Messages that were not taken, for whoever looks for the reason. Holds nothing of their content.';
create index interface_refusal_by_time on interface_refusal (at);

-- Results that come over the interface.
alter table payment_result drop constraint payment_result_form_check,
    add constraint payment_result_form_check check (form in ('ndjson', 'sheet', 'pain.002', 'camt.053', 'camt.054', 'g2p'));
alter table result_queue drop constraint result_queue_form_check,
    add constraint result_queue_form_check check (form in ('ndjson', 'sheet', 'pain.002', 'camt.053', 'camt.054', 'g2p'));

-- What must not happen ----------------------------------------------------------------------------

-- An order is cut into messages once, all at once: together they have its lines and its money.
create function refuse_unfinished_batches() returns trigger language plpgsql as $$
declare
    sums record;
begin
    select count(*) as batches, max(batch_no) as last, sum(lines) as lines, sum(amount) as amount
        into sums from order_batch where order_no = new.order_no;
    if sums.batches <> sums.last or not exists (
        select from payment_order made
        where made.order_no = new.order_no and made.fingerprint is not null
          and made.lines = sums.lines and made.amount = sums.amount) then
        raise exception 'the messages of order % do not add up to it', new.order_no
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create constraint trigger batches_add_up after insert on order_batch
    deferrable initially deferred
    for each row execute function refuse_unfinished_batches();

-- A provider answers for its own orders only.
create function refuse_message_of_another() returns trigger language plpgsql as $$
begin
    if not exists (select from payment_order
                   where order_no = new.order_no and provider = new.provider) then
        raise exception 'order % is of another provider', new.order_no
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger message_is_of_its_provider before insert on interface_message
    for each row execute function refuse_message_of_another();

do $$
declare
    kept text;
begin
    foreach kept in array array['provider_link', 'provider_key', 'provider_key_withdrawn',
            'order_batch', 'batch_step', 'interface_message', 'interface_refusal'] loop
        execute format('create trigger %1$s_never_changes before update or delete on %1$I
                            for each row execute function refuse_change()', kept);
        execute format('create trigger %1$s_is_never_emptied before truncate on %1$I
                            execute function refuse_change()', kept);
    end loop;
end $$;
