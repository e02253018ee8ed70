-- Signatures of one-stop systems (RFC 9421): which keys count, since when they are asked for, and which
-- were seen.

create table exchange_key (
    province_code text not null check (province_code ~ '^[0-9]{2}$'),
    key_id        text not null check (key_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    public_key    bytea not null check (octet_length(public_key) = 32),   -- ed25519
    from_day      date not null,
    last_day      date check (last_day >= from_day),                      -- null is open
    recorded_by   text not null,
    recorded_at   timestamptz not null,
    primary key (province_code, key_id)
);
comment on table exchange_key is 'Keys that signatures of a province''s one-stop system are checked with. Several may hold at once, so that one can follow another.';

create table exchange_key_withdrawn (
    province_code text not null,
    key_id        text not null,
    reason        text not null check (btrim(reason) <> ''),
    withdrawn_by  text not null,
    withdrawn_at  timestamptz not null,
    primary key (province_code, key_id),
    foreign key (province_code, key_id) references exchange_key
);
comment on table exchange_key_withdrawn is 'Keys that no longer count from that moment on, whatever their days say.';

create table exchange_signing (
    signing_no    bigint generated always as identity primary key,
    province_code text not null check (province_code ~ '^[0-9]{2}$'),
    from_day      date not null,
    required      boolean not null,
    recorded_by   text not null,
    recorded_at   timestamptz not null
);
comment on table exchange_signing is 'Whether requests of a province must be signed, from a day on; the latest day counts. Apart from the connection, so that changing what it does never drops it.';
create index exchange_signing_of_province on exchange_signing (province_code, from_day desc, signing_no desc);

create table exchange_nonce (
    province_code text not null,
    nonce         bytea not null check (octet_length(nonce) = 32),   -- sha-256 of key and nonce
    seen_at       timestamptz not null,
    primary key (province_code, nonce)
);
comment on table exchange_nonce is 'Signed requests seen, so that none is taken twice. Rows older than any signature that still counts are removed.';
create index exchange_nonce_by_time on exchange_nonce (seen_at);

do $$
declare
    kept text;
begin
    foreach kept in array array['exchange_key', 'exchange_key_withdrawn', 'exchange_signing'] loop
        execute format('create trigger %1$s_never_changes before update or delete on %1$I
                            for each row execute function refuse_change()', kept);
        execute format('create trigger %1$s_is_never_emptied before truncate on %1$I
                            execute function refuse_change()', kept);
    end loop;
end $$;
