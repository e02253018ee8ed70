-- Users, sessions, tokens, and the log of who did what.

create table app_user (
    name          text primary key check (name = lower(name)),   -- sign-in name
    full_name     text not null,
    password_hash text not null,                   -- Argon2id, PHC string
    failed_tries  integer not null default 0,
    locked_until  timestamptz,
    disabled_at   timestamptz,
    created_at    timestamptz not null
);
comment on table app_user is 'Local accounts.';

create table user_grant (
    user_name  text not null references app_user,
    role       text not null,                      -- kernel::actor::Role
    area_code  text not null,                      -- '' is the whole country
    from_date  date not null,
    to_date    date,
    primary key (user_name, role, area_code, from_date)
);
comment on table user_grant is 'Roles, each in an area, each dated.';

create table session (
    token_hash bytea primary key,                  -- sha-256 of the cookie
    user_name  text not null references app_user,
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null
);
comment on table session is 'Signed-in browsers.';

create table api_token (
    token_hash bytea primary key,                  -- sha-256 of the token
    user_name  text not null references app_user,
    label      text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
comment on table api_token is 'Tokens of programs that use the JSON interface.';

create table idempotency_key (
    user_name    text not null,
    key          text not null,
    request_hash bytea not null,                   -- sha-256 of method, path and body
    status       smallint not null,
    content_type text not null,
    response     bytea not null,
    created_at   timestamptz not null,
    primary key (user_name, key)
);
comment on table idempotency_key is 'Answers already given to a POST: the same key again gets the same answer.';

create table audit_entry (
    entry_no   bigint generated always as identity primary key,
    at         timestamptz not null,
    actor      text not null,
    action     text not null,                      -- stable code: list.make, person.view
    object     text not null,                      -- what it was done to, by id; never a name or an ID number
    area_code  text,
    detail     jsonb not null default '{}',
    previous_hash bytea not null unique,           -- no two entries follow the same one: the chain cannot fork
    hash       bytea not null                      -- sha-256 over the entry and previous_hash
);
comment on table audit_entry is 'Who did, saw or exported what, when. Append-only and chained.';
create trigger audit_never_changes before update or delete on audit_entry
    for each row execute function refuse_change();

create table practice (
    only_row boolean primary key default true check (only_row),
    since    timestamptz not null
);
comment on table practice is 'One row in a practice database (training, samples, tests), none in a real one.';
