-- Administrative areas and what became of them. Loaded from reference/ at every start; code list,
-- small, the same on every server.

create table area (
    code        text not null,          -- official code, leading zeros kept: 51, 528, 00004
    valid_from  date not null,          -- 1900-01-01 stands for "before July 2025, beginning not recorded"
    valid_to    date,                   -- last day; null while the area exists
    level       text not null check (level in ('province', 'district', 'commune')),
    kind        text not null,          -- tỉnh, thành phố, quận, huyện, phường, xã, thị trấn, đặc khu
    name        text not null,
    full_name   text not null,          -- kind and name as printed on papers
    parent_code text,                   -- null for provinces
    primary key (code, valid_from),
    check (valid_to is null or valid_to >= valid_from)
);
comment on table area is 'Provinces, districts and communes, each with the days it exists. Codes were issued anew in July 2025: (code, valid_from) is the key.';
create index area_by_parent on area (parent_code);

create table area_successor (
    old_code  text not null,
    new_code  text not null,
    since     date not null,            -- first day of the new area
    whole     boolean not null,         -- the whole old area went there; otherwise it was split
    likeliest boolean not null,         -- of several parts, where most people live
    primary key (old_code, new_code, since)
);
comment on table area_successor is 'What became of each commune in the mergers. People of a split commune are shown for confirmation and paid meanwhile at the likeliest successor.';
