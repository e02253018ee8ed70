-- Other registries that ask us (SPDCI beneficiary and social registry 1.0.0): who may ask what, what was asked,
-- what is to be told, and to whom.

create table spdci_caller (
    caller_no    bigint generated always as identity primary key,  -- of a name the last counts
    caller       text not null check (caller ~ '^[A-Za-z0-9.-]{1,64}$'),   -- its sender_id
    full_name    text not null check (btrim(full_name) <> ''),
    callback_url text check (callback_url ~ '^https?://'),        -- "/registry/on-search" is put after it; null: asks only at once
    fields       text[] not null,
    areas        text[] not null check (cardinality(areas) > 0),   -- 'VN' is the whole country
    purposes     text[] not null check (cardinality(purposes) > 0),
    per_minute   integer not null check (per_minute between 1 and 6000),
    secret_hash  bytea check (octet_length(secret_hash) = 32),     -- sha-256; null: proves itself by key only
    valid_from   timestamptz not null,
    valid_until  timestamptz check (valid_until > valid_from),     -- null is open
    recorded_by  text not null,
    recorded_at  timestamptz not null
);
comment on table spdci_caller is 'Other registries, what they may see, where and for what. Of a name the row recorded last counts; nothing is changed.';
create index spdci_caller_by_name on spdci_caller (caller, caller_no desc);

create table spdci_key (
    caller_no bigint not null references spdci_caller,
    key_id    text not null check (key_id ~ '^[A-Za-z0-9._-]{1,100}$'),
    jwk       jsonb not null,                          -- public, RFC 7517
    primary key (caller_no, key_id)
);
comment on table spdci_key is 'Public keys of a caller, as registered with it. Other keys are another registration.';

create table spdci_caller_ended (
    caller_no bigint primary key references spdci_caller,
    reason    text not null check (btrim(reason) <> ''),
    ended_by  text not null,
    ended_at  timestamptz not null
);
comment on table spdci_caller_ended is 'Registrations that no longer count from that moment on.';

create table spdci_assertion (
    caller     text not null,
    jti        text not null,
    expires_at timestamptz not null,
    primary key (caller, jti)
);
comment on table spdci_assertion is 'Assertions a token was given for: each counts once.';

create table spdci_message (
    message_no     bigint generated always as identity primary key,
    caller         text not null,
    message_id     text not null,
    digest         bytea not null check (octet_length(digest) = 32),   -- sha-256 of header and message
    content        bytea not null check (octet_length(content) = 32),  -- sha-256 of the message alone
    later          boolean not null,                   -- whether it is answered by a message to the caller
    dialect        text not null check (dialect in ('body', 'jws')),
    key_id         text not null,
    register       text not null check (register in ('ibr', 'social')),
    action         text not null,
    transaction_id text not null,
    correlation_id text not null unique,
    refs           text[] not null,                    -- reference ids in it
    outcome        jsonb,                              -- of each reference; null until worked on
    received_at    timestamptz not null,
    constraint a_caller_names_a_message_once unique (caller, message_id)
);
comment on table spdci_message is 'Messages taken from callers, each once. Holds nothing of what they asked or were told.';
create unique index a_transaction_is_worked_on_once on spdci_message (caller, register, action, transaction_id)
    where later and action <> 'txn-status';
create index spdci_message_of_transaction on spdci_message (caller, transaction_id);
create index spdci_message_by_time on spdci_message (caller, received_at);

create table spdci_refusal (
    refusal_no bigint generated always as identity primary key,
    at         timestamptz not null,
    caller     text not null,                          -- as it says of itself, cut short
    message_id text not null,
    code       text not null
);
comment on table spdci_refusal is 'Messages that were not taken, for whoever looks for the reason. Holds nothing of their content.';
create index spdci_refusal_by_time on spdci_refusal (at);

create table spdci_subscription (
    code           text primary key,
    caller         text not null,
    register       text not null check (register in ('ibr', 'social')),
    dialect        text not null check (dialect in ('body', 'jws')),
    transaction_id text not null,
    reference_id   text not null,
    event_type     text not null,
    criteria       jsonb not null,                     -- people by their number, never by an ID number
    purpose        text not null,
    from_time      timestamptz,
    to_time        timestamptz,
    subscribed_at  timestamptz not null,
    ended_at       timestamptz,
    unique (caller, transaction_id, reference_id)
);
comment on table spdci_subscription is 'What callers wish to be told of.';
create index spdci_subscription_open on spdci_subscription (caller) where ended_at is null;

create table spdci_task (
    task_no         bigint generated always as identity primary key,
    message_no      bigint references spdci_message,   -- what it answers; null for a notice
    subscription    text references spdci_subscription (code),
    caller          text not null,
    register        text not null,
    dialect         text not null,
    action          text not null check (action in ('search', 'subscribe', 'unsubscribe', 'txn-status', 'notify')),
    transaction_id  text not null,
    correlation_id  text not null,
    reference_id    text,
    person_id       bigint,                            -- of a notice
    event_no        bigint,                            -- of a notice
    request         text,                              -- the message as it came; gone once answered
    made_at         timestamptz not null,
    attempts        integer not null default 0,
    next_at         timestamptz,                       -- null: nothing more is done
    state           text not null default 'waiting' check (state in ('waiting', 'told', 'given_up')),
    code            text,                              -- of the last try
    unique (subscription, person_id, event_no),
    check ((state = 'waiting') = (next_at is not null)),
    check (state = 'waiting' or request is null)
);
comment on table spdci_task is 'What is still to be worked out and told to callers, in the background. An answer is worked out when it is sent and not kept.';
create index spdci_task_due on spdci_task (next_at) where next_at is not null;

create table spdci_change (
    person_id bigint not null,
    event_no  bigint not null,
    primary key (person_id, event_no)
);
comment on table spdci_change is 'Events somebody may wish to be told of, noted in their own transaction; gone once notices were made of them.';

create function note_for_subscribers() returns trigger language plpgsql as $$
begin
    if exists (select from spdci_subscription where ended_at is null) then
        insert into spdci_change (person_id, event_no) values (new.person_id, new.event_no);
    end if;
    return null;
end $$;
create trigger subscribers_are_told after insert on event for each row
    when (new.kind in ('person_registered', 'enrolled', 'enrolment_ended', 'suspended', 'resumed', 'died'))
    execute function note_for_subscribers();

do $$
declare
    kept text;
begin
    foreach kept in array array['spdci_caller', 'spdci_key', 'spdci_caller_ended', 'spdci_refusal'] loop
        execute format('create trigger %1$s_never_changes before update or delete on %1$I
                            for each row execute function refuse_change()', kept);
        execute format('create trigger %1$s_is_never_emptied before truncate on %1$I
                            execute function refuse_change()', kept);
    end loop;
end $$;
