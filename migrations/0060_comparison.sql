-- Both sides of the exchange compared: where a one-stop system lists what it holds of each dossier, and what
-- differed. Nothing here is changed: of a province the last comparison counts.

create table exchange_address (
    address_no    bigint generated always as identity primary key,
    province_code text not null check (province_code ~ '^[0-9]{2}$'),
    url           text,                         -- below which dossiers are listed; null: nowhere any more
    recorded_by   text not null,
    recorded_at   timestamptz not null
);
comment on table exchange_address is 'Where the one-stop system of a province lists its dossiers. Of a province the last one counts.';
create index exchange_address_of_province on exchange_address (province_code, address_no desc);

create table exchange_comparison (
    comparison_no bigint generated always as identity primary key,
    province_code text not null check (province_code ~ '^[0-9]{2}$'),
    source        text not null check (source in ('address', 'file')),
    outcome       text not null check (outcome in ('compared', 'unreachable', 'malformed')),
    reason        text,                         -- why nothing was compared
    here          bigint not null,              -- dossiers of the province this side exchanges
    there         bigint not null,              -- dossiers the other side lists
    waiting       bigint not null,              -- of these, with a message on its way: looked at once it came
    differing     bigint not null,              -- dossiers that differ
    begun_at      timestamptz not null,
    ended_at      timestamptz not null,
    run_by        text not null,
    check ((outcome = 'compared') = (reason is null)),
    check (outcome = 'compared' or here + there + waiting + differing = 0)
);
comment on table exchange_comparison is 'A comparison of both sides. One that could not be made says so, and says nothing of the dossiers.';
create index exchange_comparison_of_province on exchange_comparison (province_code, comparison_no desc);

create table exchange_difference (
    comparison_no bigint not null references exchange_comparison,
    place         integer not null,             -- from 1, in order of the code
    dossier_code  text not null,
    what          text not null check (what in ('status', 'told', 'heard', 'answers', 'missing_here', 'missing_there')),
    ours          text,
    theirs        text,
    primary key (comparison_no, place)
);
comment on table exchange_difference is 'What differed, with both values: at most 10,000 of a comparison, which counts all.';

create index dossier_of_province on dossier (province_code, code collate "C");

do $$
declare
    kept text;
begin
    foreach kept in array array['exchange_address', 'exchange_comparison', 'exchange_difference'] loop
        execute format('create trigger %1$s_never_changes before update or delete on %1$I
                            for each row execute function refuse_change()', kept);
        execute format('create trigger %1$s_is_never_emptied before truncate on %1$I
                            execute function refuse_change()', kept);
    end loop;
end $$;
