-- Signing in: a second step, sessions their owner sees and ends, tries from one address, accounts known
-- to another provider of identities.

alter table session
    add column session_no  bigint generated always as identity unique,
    add column came_from   text not null default '',   -- network the browser came from, without its last part
    add column browser     text not null default '',   -- kind of browser and machine
    add column second_step text check (second_step in ('code', 'recovery', 'provider'));  -- null: one step alone

alter table api_token add column token_no bigint generated always as identity unique;

create table second_factor (
    user_name    text primary key references app_user,
    sealed       bytea not null,                   -- nonce, then the secret under ChaCha20-Poly1305
    key_id       text not null,                    -- which key it is sealed with; the key is outside the database
    made_at      timestamptz not null,
    confirmed_at timestamptz,                      -- until then it is not asked for
    last_step    bigint not null default 0         -- the last interval of 30 s a code was taken of
);
comment on table second_factor is 'Time-based codes (RFC 6238) of accounts, for the second step of signing in.';

create function refuse_earlier_step() returns trigger language plpgsql as $$
begin
    if new.sealed = old.sealed and new.last_step < old.last_step then
        raise exception 'a code counts once' using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger second_factor_goes_forward before update on second_factor
    for each row execute function refuse_earlier_step();

create table recovery_code (
    user_name text not null references second_factor on delete cascade,
    code_hash bytea not null,                      -- sha-256
    used_at   timestamptz,
    primary key (user_name, code_hash)
);
comment on table recovery_code is 'Codes for whoever lost their telephone; each opens once.';

create table second_factor_rule (
    rule_no   bigint generated always as identity primary key,
    role      text not null,                       -- kernel::actor::Role
    from_date date not null,
    required  boolean not null,
    set_by    text not null,
    set_at    timestamptz not null
);
comment on table second_factor_rule is 'From which day a role needs a second step. Of the rules of a role that have begun the latest counts.';
create trigger second_factor_rules_never_change before update or delete on second_factor_rule
    for each row execute function refuse_change();

create table sign_in_step (
    token_hash bytea primary key,                  -- sha-256 of the cookie
    user_name  text not null references app_user,
    first_step text not null check (first_step in ('password', 'provider')),
    created_at timestamptz not null,
    expires_at timestamptz not null
);
comment on table sign_in_step is 'Browsers that passed the first step of signing in and owe the second.';

create table sign_in_address (
    address text primary key,
    since   timestamptz not null,                  -- first failed try that counts
    failed  integer not null
);
comment on table sign_in_address is 'Failed tries from one address, whatever names were tried.';

create table identity_link (
    issuer    text not null,
    subject   text not null,
    user_name text not null references app_user,
    linked_by text not null,
    linked_at timestamptz not null,
    primary key (issuer, subject),
    unique (user_name, issuer)
);
comment on table identity_link is 'Accounts known to a provider of identities (OpenID Connect). Made by administrators only.';

create table identity_attempt (
    state_hash  bytea primary key,                 -- sha-256 of the state, which the browser also holds in a cookie
    nonce       text not null,
    verifier    text not null,                     -- of PKCE
    back        text not null,                     -- page to go on with
    expires_at  timestamptz not null
);
comment on table identity_attempt is 'Browsers sent to the provider of identities and not back yet; each comes back once.';
