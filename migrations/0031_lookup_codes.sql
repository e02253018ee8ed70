-- Look-up codes: with one, printed on the receipt, and a second proof a citizen sees where their dossier
-- stands, without an account.

create table lookup_salt (
    only_row boolean primary key default true check (only_row),
    salt     bytea not null check (octet_length(salt) = 32)
);
comment on table lookup_salt is 'What codes and addresses are hashed with: another in each database.';
insert into lookup_salt (salt)
    values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

create table lookup_code (
    code_no    bigint generated always as identity primary key,
    dossier_id bigint not null references dossier,
    hash       bytea not null unique check (octet_length(hash) = 32),   -- Argon2id of the code with the salt
    issued_by  text not null,
    issued_at  timestamptz not null
);
comment on table lookup_code is 'Look-up codes of dossiers, as hashes. The last of a dossier counts. Append-only.';
create index lookup_code_of_dossier on lookup_code (dossier_id, code_no);
create trigger lookup_code_never_changes before update or delete on lookup_code
    for each row execute function refuse_change();
create trigger lookup_codes_are_never_emptied before truncate on lookup_code
    execute function refuse_change();

create table lookup_tries (
    subject bytea not null,              -- hash of a code or of an address: neither can be read back
    began   timestamptz not null,        -- the hour or the day the tries are counted in
    tries   integer not null,
    primary key (subject, began)
);
comment on table lookup_tries is 'How often a code was tried and an address tried, found or not. Old rows go by themselves.';
create index lookup_tries_by_age on lookup_tries (began);
