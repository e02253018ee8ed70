-- In which words a province's one-stop system talks to this one.

create table exchange_dialect (
    dialect_no    bigint generated always as identity primary key,
    province_code text not null check (province_code ~ '^[0-9]{2}$'),
    from_day      date not null,
    dialect       text not null check (dialect in ('messages', 'pull', 'x_road')),
    address       text,          -- of the province's own platform, where dossiers are fetched; null: the province calls
    client        text,          -- who calls by X-Road: instance/class/member/subsystem
    recorded_by   text not null,
    recorded_at   timestamptz not null,
    check (address is null or dialect = 'pull'),
    check ((client is not null) = (dialect = 'x_road'))
);
comment on table exchange_dialect is 'Which dialect a province speaks from a day on; the latest day counts, without any it is ''messages''. Apart from the connection, so that changing what it does never drops it; what is on its way is kept in one inbox and one outbox whatever the dialect.';
create index exchange_dialect_of_province on exchange_dialect (province_code, from_day desc, dialect_no desc);

create trigger exchange_dialect_never_changes before update or delete on exchange_dialect
    for each row execute function refuse_change();
create trigger exchange_dialect_is_never_emptied before truncate on exchange_dialect
    execute function refuse_change();
