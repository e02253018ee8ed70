-- When everybody of an area was last compared with the country: the server does it each night, once for all servers,
-- and pages say how old what they show is.

create table pair_search (
    search_no   bigint primary key generated always as identity,
    area_code   text not null,                     -- '' is the whole country
    people      integer not null check (people >= 0),
    compared_with integer not null check (compared_with >= 0),
    pairs       integer not null check (pairs >= 0),
    searched_by text not null,
    searched_at timestamptz not null
);
comment on table pair_search is 'Each time people were compared to find who is in the registry twice. Append-only; written with what was found.';
create index pair_search_of_area on pair_search (area_code, searched_at);

create trigger pair_search_never_changes before update or delete on pair_search
    for each row execute function refuse_change();
create trigger pair_searches_are_never_emptied before truncate on pair_search
    execute function refuse_change();
