-- What pages show at once because it was worked out before somebody asked.

create table likeness_due (
    due_no    bigint primary key generated always as identity,
    person_id bigint                    -- null: everybody, after a large file
);
comment on table likeness_due is 'People whose records changed since the likely pairs were last looked for. Written with the change; whoever looks at the pairs next settles them first.';
insert into likeness_due (person_id) select null where exists (select from person);

create table likely_pair (
    person_id bigint not null,
    other_id  bigint not null,
    likeness  smallint not null check (likeness between 0 and 2),  -- numbers in registry::duplicates::Likeness
    name_key  text collate "C" not null,                           -- of person_id, for the order
    primary key (person_id, other_id),
    check (person_id < other_id)
);
comment on table likely_pair is 'Records of one province that look like one person. Follows from person; dismissals are kept apart.';
create index likely_pair_in_order on likely_pair (likeness, name_key, person_id, other_id);
create index likely_pair_by_other on likely_pair (other_id);

-- Home counts the ID numbers of the living; the page behind a count lists those not plausible.
create index person_living on person (area_code, area_valid_from, id_state)
    where merged_into is null and death_date is null;
create index person_with_id_fault on person (id_state, area_code, name_key, person_id)
    where merged_into is null and death_date is null and id_state <> 'plausible';

create table balance (
    balance_no  bigint primary key generated always as identity,
    month       integer not null check (month % 100 between 1 and 12),
    area_code   text not null,                     -- '' is the whole country
    lists       bigint[] not null,                 -- the lists it is about, in order
    stands_on   bigint not null,                   -- the last approval or opening of earlier months here
    worked_out_at timestamptz not null,
    body        jsonb not null                     -- totals, causes, what next month changes
);
comment on table balance is 'A month against the one before, as worked out when the list was made. Valid while the lists and what they are compared with stand.';
create index balance_of_area on balance (month, area_code);

create table balance_change (
    balance_no bigint not null references balance on delete cascade,
    cause      text not null,                      -- stable code; '' is unexplained
    change_no  integer not null,                   -- order of people within the balance
    person_id  bigint not null,
    person_key text not null,
    benefit    smallint not null,
    people     smallint not null,                  -- 1 comes onto the list by this, -1 leaves it
    amount     bigint not null,                    -- đồng
    primary key (balance_no, cause, change_no)
);
comment on table balance_change is 'Every person''s part in a cause of a balance.';

-- Lines by commune and by amount; people by what was merged into them and what they are called.
create index list_line_by_area on list_line (area_code, area_valid_from);
create index list_line_by_amount on list_line (amount, person_id, line_no);
create index person_merged on person (merged_into) where merged_into is not null;
create index person_key_of_person on person_key (person_id);
