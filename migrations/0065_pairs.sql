-- Two records that may be one person: found by comparing everybody (likely_pair holds what a change of a record
-- shows at once), and what officers say of a pair. A decision counts for both sides; whoever is responsible for
-- one side alone speaks for that side, and the pair waits for the other.

create function identity_print(full_name text, birth_date date, birth_precision text, sex smallint, id_number text)
returns text language sql immutable parallel safe as $$
    select md5(concat_ws(E'\x1f', full_name, birth_date - date '1800-01-01', birth_precision, coalesce(sex, 0), id_number))
$$;
comment on function identity_print is 'What says who somebody is, as one mark: a dismissed pair comes back when it changed.';

create table found_pair (
    person_id   bigint not null,
    other_id    bigint not null,
    likely      integer not null check (likely between 0 and 1000000),   -- millionths
    why         jsonb not null,                    -- each field: how far it agrees, and what that weighs
    found_at    timestamptz not null,
    primary key (person_id, other_id),
    check (person_id < other_id)
);
comment on table found_pair is 'Records anywhere in the country that look like one person, found by comparing all fields. Looked for again, it is written anew.';
create index found_pair_by_other on found_pair (other_id);

create table duplicate_opinion (
    person_id   bigint not null,
    other_id    bigint not null,
    turn        smallint not null check (turn >= 1),   -- 1, 2, 3 … of this pair: of two at once one is first
    decision    text not null check (decision in ('merge', 'dismiss')),
    kept_id     bigint,                            -- the record that stays, for a merger
    for_one     boolean not null,                  -- said for the side of person_id
    for_other   boolean not null,
    effective   boolean not null,                  -- with what was said before, both sides are spoken for
    event_id    uuid unique,                       -- the merging
    print_one   text not null,                     -- identity_print of both sides then
    print_other text not null,
    reason      text not null check (btrim(reason) <> ''),
    said_by     text not null,
    said_at     timestamptz not null,
    primary key (person_id, other_id, turn),
    check (person_id < other_id),
    check (for_one or for_other),
    check ((decision = 'merge') = (kept_id is not null)),
    check (kept_id is null or kept_id in (person_id, other_id)),
    check ((event_id is not null) = (decision = 'merge' and effective))
);
comment on table duplicate_opinion is 'What an officer said of a pair: one person or two. Append-only; the last one counts.';
create index duplicate_opinion_by_other on duplicate_opinion (other_id);

insert into duplicate_opinion (person_id, other_id, turn, decision, for_one, for_other, effective, print_one,
    print_other, reason, said_by, said_at)
select d.person_id, d.other_id, 1, 'dismiss', true, true, true,
       identity_print(a.full_name, a.birth_date, a.birth_precision, a.sex, a.id_number),
       identity_print(b.full_name, b.birth_date, b.birth_precision, b.sex, b.id_number),
       coalesce(nullif(btrim(d.reason), ''), 'không ghi'), d.dismissed_by, d.dismissed_at
from duplicate_dismissal d
    join person a on a.person_id = d.person_id join person b on b.person_id = d.other_id;
drop table duplicate_dismissal;

create view pair_standing as
select k.person_id, k.other_id, a.area_code as area_one, a.area_valid_from as since_one,
       b.area_code as area_other, b.area_valid_from as since_other, a.name_key,
       l.likeness, f.likely, f.why, coalesce(o.turn, 0::smallint) as turn,
       case when a.merged_into = k.other_id or b.merged_into = k.person_id then 'merged'
            when a.merged_into is not null or b.merged_into is not null then null
            when o.effective and o.decision = 'dismiss'
                 and o.print_one = identity_print(a.full_name, a.birth_date, a.birth_precision, a.sex, a.id_number)
                 and o.print_other = identity_print(b.full_name, b.birth_date, b.birth_precision, b.sex, b.id_number)
            then 'dismissed'
            when l.person_id is not null or f.person_id is not null then 'open' end as state
from (select person_id, other_id from likely_pair union select person_id, other_id from found_pair
      union select person_id, other_id from duplicate_opinion) k
    join person a on a.person_id = k.person_id
    join person b on b.person_id = k.other_id
    left join likely_pair l on l.person_id = k.person_id and l.other_id = k.other_id
    left join found_pair f on f.person_id = k.person_id and f.other_id = k.other_id
    left join lateral (
        select turn, effective, decision, print_one, print_other from duplicate_opinion o
        where o.person_id = k.person_id and o.other_id = k.other_id order by turn desc limit 1) o on true;
comment on view pair_standing is 'Where every pair stands: open, merged, dismissed; null when it is none any more.';

create trigger duplicate_opinion_never_changes before update or delete on duplicate_opinion
    for each row execute function refuse_change();
create trigger duplicate_opinions_are_never_emptied before truncate on duplicate_opinion
    execute function refuse_change();
