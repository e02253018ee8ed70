-- One decision for many people: amounts of a whole area after a standard or the law changed, or people
-- stopped and adjusted from a list.

create sequence collective_no;

create table collective_decision (
    collective_no bigint primary key default nextval('collective_no'),
    key           uuid not null unique,            -- sent again it is the same decision
    kind          text not null check (kind in ('re_rate', 'list')),
    area_code     text not null,                   -- empty is the whole country
    benefit       smallint,                        -- re-rating of one benefit; null is every one, and in a list
    month         integer not null check (month % 100 between 1 and 12),   -- first month of the new amounts; of a list the earliest
    number        text not null check (btrim(number) <> ''),
    signed_on     date not null,
    signed_by     text not null check (btrim(signed_by) <> ''),
    fingerprint   bytea not null,                  -- sha-256 of the rows, as looked at before recording
    people        bigint not null check (people > 0),
    old_total     bigint not null,                 -- đồng a month
    new_total     bigint not null,
    recorded_by   text not null,
    recorded_at   timestamptz not null,
    unique (area_code, number, signed_on)
);
comment on table collective_decision is 'A written decision about many beneficiaries.';

create table collective_row (
    person_id     bigint not null,
    collective_no bigint not null references collective_decision deferrable initially deferred,
    benefit       smallint not null,
    kind          text not null check (kind in ('re_rate', 'stop', 'adjust')),
    area_code     text not null,                   -- commune in the month
    area_valid_from date not null,
    month         integer not null,                -- first month of the new amount
    old_amount    bigint not null check (old_amount >= 0),   -- đồng a month
    new_amount    bigint not null check (new_amount >= 0),
    law           text not null,                   -- articles of the new amount, or of the stop
    events        uuid[] not null,                 -- recorded for the person; none where only the law changed
    primary key (person_id, collective_no, benefit)
);
comment on table collective_row is 'What a collective decision means for one person and benefit.';
create index collective_row_by_decision on collective_row (collective_no, person_id);

-- The rows of a decision stand in its own transaction and add up to what it says.
create function check_collective_total() returns trigger language plpgsql as $$
declare
    found record;
begin
    select count(distinct person_id) as people, coalesce(sum(old_amount), 0) as old_total,
           coalesce(sum(new_amount), 0) as new_total
    into found from collective_row where collective_no = new.collective_no;
    if found.people <> new.people or found.old_total <> new.old_total
       or found.new_total <> new.new_total then
        raise exception 'the rows of a collective decision do not add up to it'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create constraint trigger collective_decision_adds_up after insert on collective_decision
    deferrable initially deferred for each row execute function check_collective_total();

create function refuse_later_collective_rows() returns trigger language plpgsql as $$
begin
    if exists (select from added join collective_decision d using (collective_no)
               where d.xmin <> pg_current_xact_id()::xid) then
        raise exception 'a recorded collective decision gets no further rows'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create trigger collective_rows_come_with_their_decision after insert on collective_row
    referencing new table as added for each statement execute function refuse_later_collective_rows();

create trigger collective_decision_never_changes before update or delete on collective_decision
    for each row execute function refuse_change();
create trigger collective_decisions_are_never_emptied before truncate on collective_decision
    execute function refuse_change();
create trigger collective_row_never_changes before update or delete on collective_row
    for each row execute function refuse_change();
create trigger collective_rows_are_never_emptied before truncate on collective_row
    execute function refuse_change();
