-- Figures by the districts and provinces of before the mergers of July 2025, so that a line of months goes on over them.

alter table area add column former_code text;
comment on column area.former_code is 'The district of June 2025 in which the area lay or, for a new commune, in which the commune lay that it goes on. Null for provinces.';

-- Codes of districts were never issued anew, so a code alone names a district, and with it its province.
create view placed_line as
    select l.*, case when lived.code = l.area_code and lived.valid_from = l.area_valid_from
                       or successor.new_code is not null
                     then lived.former_code else listed.former_code end as former_code
    from list_line l join person p using (person_id)
    left join lateral (
        select r.area_code, r.area_valid_from from residence r
        where p.moves > 0 and r.person_id = p.person_id
        order by r.from_date <= make_date(l.list_month / 100, l.list_month % 100, 1) desc,
                 case when r.from_date <= make_date(l.list_month / 100, l.list_month % 100, 1)
                      then r.from_date end desc,
                 r.from_date
        limit 1) moved on true
    join area lived on lived.code = coalesce(moved.area_code, p.area_code)
                   and lived.valid_from = coalesce(moved.area_valid_from, p.area_valid_from)
    join area listed on listed.code = l.area_code and listed.valid_from = l.area_valid_from
    left join area_successor successor
        on successor.old_code = lived.code and lived.valid_to is not null
       and successor.new_code = l.area_code and successor.since = l.area_valid_from
       and successor.likeliest;
comment on view placed_line is 'Lines with the former district of whoever they are of: where the person was registered before the mergers; for who was not, where the commune lay that the commune of today goes on. What is known now decides; a residence that is not in the commune of the line says nothing.';

-- What boards count is counted again with it.
delete from board_caseload;
delete from board_people;
delete from board_list;
alter table board_people add column former_code text not null,
    add column wants_without integer not null,  -- wish an account and have none
    drop constraint board_people_pkey,
    add primary key (month, area_code, area_valid_from, former_code);
alter table board_caseload add column former_code text not null,
    drop constraint board_caseload_pkey,
    add primary key (month, area_code, area_valid_from, former_code, kind, key);
comment on table board_people is 'Beneficiaries of a commune and former district in a month by account and identity. Follows from list_line, person and payee.';
comment on table board_caseload is 'People, households and money of a commune and former district in a month, on all and by benefit and channel; a household in two of them is counted where its first member is. Follows from list_line and person; stale where board_people is.';

-- Receivers to look at again ----------------------------------------------------------------------

alter table payee add column name_differs boolean not null default false;
comment on column payee.name_differs is 'The account is said to be the beneficiary''s own and carries another name, by the keys names are searched by. Written with the row.';
create index payee_by_provider on payee (provider) where provider is not null;
comment on index payee_by_provider is 'Which banks and wallets there are, without reading every row.';
