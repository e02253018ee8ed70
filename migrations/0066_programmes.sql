-- Lists of other programmes, held against the registry. Of a list only the rows are kept that may be somebody of
-- the registry; the others are people whom no purpose lets us keep.

create table programme_list (
    list_no     bigint primary key generated always as identity,
    programme   text not null check (programme in ('merit', 'pension', 'social_insurance')),
    area_code   text not null,                     -- whose people it was held against; '' is the whole country
    source      text not null check (btrim(source) <> ''),    -- the office and the letter it came with
    as_of       date not null,                     -- the day it speaks of
    purpose     text not null check (btrim(purpose) <> ''),
    file_name   text not null,
    file_hash   bytea not null check (octet_length(file_hash) = 32),
    rows        integer not null check (rows >= 0),
    brought_by  text not null,
    brought_at  timestamptz not null
);
comment on table programme_list is 'A list of another programme somebody brought: whose it is, of when, and for what.';

create table programme_row (
    list_no     bigint not null references programme_list,
    row_no      integer not null check (row_no >= 1),  -- row of the file
    print       text not null,                     -- of what says who the row means: the same in the next list
    full_name   text not null,
    birth       text not null,                     -- '', 1948, 1948-02 or 1948-02-09
    sex         smallint check (sex in (1, 2)),
    id_number   text,
    area        text not null,                     -- commune or address as written
    file_number text not null,                     -- the number the programme knows the person by
    since       date,                              -- drawn from
    primary key (list_no, row_no)
);
comment on table programme_row is 'Rows that may be somebody of the registry. The others are not kept.';

create table programme_pair (
    programme   text not null,
    print       text not null,
    person_id   bigint not null,
    list_no     bigint not null,                   -- the last list that had it
    row_no      integer not null,
    likely      integer not null check (likely between 0 and 1000000),   -- millionths
    why         jsonb not null,
    found_at    timestamptz not null,
    primary key (programme, print, person_id),
    foreign key (list_no, row_no) references programme_row
);
comment on table programme_pair is 'A row of another programme and a person of the registry who may be one. A later list with the same row finds the pair again.';
create index programme_pair_of_person on programme_pair (person_id);

create table programme_decision (
    programme    text not null,
    print        text not null,
    person_id    bigint not null,
    turn         smallint not null check (turn >= 1),  -- of two at once one is first
    decision     text not null check (decision in ('linked', 'dismissed', 'parted')),
    person_print text not null,                    -- identity_print then
    list_no      bigint not null,
    row_no       integer not null,
    proposal_no  bigint references proposal,       -- what follows for the law, as a proposal
    reason       text not null check (btrim(reason) <> ''),
    decided_by   text not null,
    decided_at   timestamptz not null,
    primary key (programme, print, person_id, turn),
    foreign key (list_no, row_no) references programme_row
);
comment on table programme_decision is 'The row and the person are one, are two, or were linked by mistake. The last one counts.';

create view programme_standing as
select q.*, p.area_code, p.area_valid_from, p.name_key, coalesce(d.turn, 0::smallint) as turn,
       d.decided_by, d.decided_at, d.reason, d.proposal_no,
       case when p.merged_into is not null then null
            when d.decision = 'linked' then 'linked'
            when d.decision = 'dismissed' and d.person_print =
                 identity_print(p.full_name, p.birth_date, p.birth_precision, p.sex, p.id_number) then 'dismissed'
            else 'open' end as state
from programme_pair q join person p using (person_id)
    left join lateral (
        select turn, decision, person_print, decided_by, decided_at, reason, proposal_no from programme_decision d
        where d.programme = q.programme and d.print = q.print and d.person_id = q.person_id
        order by turn desc limit 1) d on true;
comment on view programme_standing is 'Where every pair with another programme stands: open, linked, dismissed; null when the record was merged.';

-- What follows from a link is proposed: the law engine reads a pension, a person accepts it.
alter table proposal add column proof text check (btrim(proof) <> '');
alter table proposal add column since date;        -- what is proposed would hold from this day
comment on column proposal.proof is 'Where it can be looked up: the list of another programme and its row.';
alter table proposal drop constraint proposal_source_check;
alter table proposal add constraint proposal_source_check
    check (source in ('results', 'population', 'police', 'programme'));
alter table proposal drop constraint proposal_kind_check;
alter table proposal add constraint proposal_kind_check check (kind in ('suspend', 'death', 'pension'));
alter table proposal add constraint proposal_of_pension check (kind <> 'pension' or (proof is not null and since is not null));

create trigger programme_list_never_changes before update or delete on programme_list
    for each row execute function refuse_change();
create trigger programme_lists_are_never_emptied before truncate on programme_list
    execute function refuse_change();
create trigger programme_row_never_changes before update or delete on programme_row
    for each row execute function refuse_change();
create trigger programme_rows_are_never_emptied before truncate on programme_row
    execute function refuse_change();
create trigger programme_decision_never_changes before update or delete on programme_decision
    for each row execute function refuse_change();
create trigger programme_decisions_are_never_emptied before truncate on programme_decision
    execute function refuse_change();
