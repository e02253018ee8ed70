-- Messages to citizens: written with what they tell of, or as soon as it is seen, and sent until they have
-- arrived or it is given up. What a message says never changes; how its sending goes is kept beside it.

create table message_contact (
    contact_no  bigint generated always as identity primary key,
    dossier_id  bigint not null references dossier,
    channel     text not null check (channel in ('sms', 'zalo', 'email', 'letter')),   -- as the citizen wishes
    phone       text check (phone ~ '^0[0-9]{9}$'),
    email       text check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' and length(email) <= 200),
    recorded_by text not null,
    recorded_at timestamptz not null,
    check (channel not in ('sms', 'zalo') or phone is not null),
    check (channel <> 'email' or email is not null)
);
comment on table message_contact is 'How the citizen of a dossier wishes to be told; the one recorded last holds. Append-only.';
create index message_contact_of_dossier on message_contact (dossier_id, contact_no desc);

create table message (
    message_no      bigint generated always as identity primary key,
    message_id      uuid not null unique,          -- whoever carries it knows it by this: the same again is the same message
    cause           uuid not null unique,          -- what it tells of: told once
    template        text not null,                 -- of reference/messages
    thread          text not null,                 -- messages of one thread arrive in order: the dossier's code
    area_code       text not null,                 -- commune it concerns
    area_valid_from date not null,
    subject         text not null,
    body            text not null check (length(body) <= 400),
    phone           text,
    email           text,
    written_by      text not null,
    written_at      timestamptz not null,
    foreign key (area_code, area_valid_from) references area (code, valid_from)
);
comment on table message is 'What citizens are told, as it was written. Append-only.';
create index message_of_thread on message (thread, message_no);
create index message_by_commune on message (area_code, area_valid_from, message_no);

create table message_delivery (
    message_no bigint primary key references message,
    state      text not null check (state in ('waiting', 'sending', 'sent', 'arrived', 'failed')),
    channel    text not null check (channel in ('sms', 'zalo', 'email', 'letter')),   -- tried now, or last
    tries      smallint not null default 0 check (tries >= 0),   -- on this channel
    due_at     timestamptz not null,               -- not tried before; while sending: given up for lost then
    reason     text,                               -- why the last try did not succeed
    changed_at timestamptz not null
);
comment on table message_delivery is 'Where the sending of each message stands; what happened is in message_try.';
create index message_delivery_due on message_delivery (due_at) where state in ('waiting', 'sending');
create index message_delivery_failed on message_delivery (message_no) where state = 'failed';
create index message_delivery_sent on message_delivery (message_no) where state = 'sent';

create table message_try (
    try_no     bigint generated always as identity primary key,
    message_no bigint not null references message,
    channel    text not null,
    outcome    text not null check (outcome in ('sent', 'refused', 'unanswered', 'arrived', 'not_arrived', 'again')),
    code       text,                               -- why, or the carrier's own name of the message
    at         timestamptz not null
);
comment on table message_try is 'Each try to send a message and what came of it, and what the carrier told later. Append-only.';
create index message_try_of_message on message_try (message_no, try_no);

create trigger message_contact_never_changes before update or delete on message_contact
    for each row execute function refuse_change();
create trigger message_contacts_are_never_emptied before truncate on message_contact
    execute function refuse_change();
create trigger message_never_changes before update or delete on message
    for each row execute function refuse_change();
create trigger messages_are_never_emptied before truncate on message
    execute function refuse_change();
create trigger message_try_never_changes before update or delete on message_try
    for each row execute function refuse_change();
create trigger message_tries_are_never_emptied before truncate on message_try
    execute function refuse_change();
