-- A country's month is ordered, and its results are recorded, by the hundred thousand lines. What must not
-- happen stays forbidden; it is looked at once for all lines together.

-- Results --------------------------------------------------------------------------------------------

-- Results are asked for by month, and by line. With the month first those of one month lie together.
alter table payment_result drop constraint payment_result_pkey;
alter table payment_result add primary key (list_month, person_id, line_no, result_no);

-- A claim says of which month the result is, so that it is found there.
alter table result_claim add column list_month integer;
alter table result_claim disable trigger result_claims_never_change;
update result_claim c set list_month = r.list_month from payment_result r
where r.provider = c.provider and r.result_id = c.result_id;
alter table result_claim enable trigger result_claims_never_change;
alter table result_claim alter column list_month set not null;

-- What is only told apart is kept in the order of its bytes.
alter table payment_result alter column result_id type text collate "C";
alter table result_claim alter column result_id type text collate "C";

-- Both of these are asked once a statement instead of once a row, of the few rows they are about.
alter table payment_result drop constraint payment_result_queue_no_fkey;
create function refuse_result_of_no_queue() returns trigger language plpgsql as $$
begin
    if exists (select from added left join result_queue waiting using (queue_no)
               where added.queue_no is not null and waiting.queue_no is null) then
        raise exception 'a result out of the queue names one that waits there'
            using errcode = 'foreign_key_violation';
    end if;
    return null;
end $$;
create trigger result_is_of_the_queue after insert on payment_result
    referencing new table as added for each statement execute function refuse_result_of_no_queue();

-- Only months with a closed commune are looked at, each by itself, and planned anew each time: a file
-- brings a hundred thousand rows, an officer one.
create or replace function refuse_result_of_closed_month() returns trigger language plpgsql as $$
declare
    month integer;
    closed bigint;
begin
    for month in
        select list_month from (select distinct list_month from added where queue_no is null) told
        where exists (select from commune_closed c where c.list_month = told.list_month)
    loop
        execute format(
            'select count(*) from added
                 join list_line l on l.list_month = %1$s
                     and l.person_id = added.person_id and l.line_no = added.line_no
             where added.list_month = %1$s and added.queue_no is null
               and (l.area_code, l.area_valid_from) in (
                   select c.area_code, c.area_valid_from from commune_closed c
                   where c.list_month = %1$s)', month)
            into closed;
        if closed > 0 then
            raise exception 'nothing of a closed month is recorded but through the queue'
                using errcode = 'integrity_constraint_violation';
        end if;
    end loop;
    return null;
end $$;

-- Results of a country are booked with some thirty thousand postings. What they name is looked at once a
-- statement; entries and providers are never changed or taken away.
alter table ledger_posting drop constraint ledger_posting_entry_no_fkey;
alter table ledger_posting drop constraint ledger_posting_provider_fkey;
create or replace function refuse_further_posting() returns trigger language plpgsql as $$
begin
    if exists (
        select from (select distinct entry_no from added) part
            left join ledger_entry using (entry_no)
        where ledger_entry.entry_no is null) then
        raise exception 'a posting belongs to an entry' using errcode = 'foreign_key_violation';
    end if;
    if exists (
        select from (select distinct provider from added where provider is not null) part
            left join provider on provider.code = part.provider
        where provider.code is null) then
        raise exception 'a posting names a provider there is' using errcode = 'foreign_key_violation';
    end if;
    if exists (
        select from (select entry_no, count(*) as postings from ledger_posting
                     where entry_no in (select entry_no from added) group by entry_no) held
            join ledger_entry using (entry_no)
        where held.postings > ledger_entry.postings) then
        raise exception 'nothing is added to a ledger entry'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;

-- Orders ---------------------------------------------------------------------------------------------

-- An order is sealed once and stays as it is; one that is not sealed cannot be committed; a sealed one takes
-- no more lines. So all its lines are there when it is sealed, and that is when they are looked at, all of
-- them at once: they are lines to be paid of the order's approved list, each with its amount, none has a
-- result, and the totals are theirs.
create function refuse_wrong_order() returns trigger language plpgsql as $$
declare
    made record;
    wrong bigint;
begin
    -- Months, lists and orders are written into the queries: only the month's partitions are looked at,
    -- and planned for as many lines as these orders have. Counted, because whoever only asks whether there
    -- is one is given a plan for finding it soon.
    for made in
        select list_month as month, array_agg(order_no) as orders from sealed
        where fingerprint is not null group by list_month
    loop
        execute format(
            'select count(*)
             from sealed made left join (
                 select order_no, count(*) as lines, count(distinct person_id) as people,
                        sum(amount) as amount
                 from order_line where list_month = %1$s and order_no = any (%2$L)
                 group by order_no) held using (order_no)
             where made.order_no = any (%2$L) and (made.lines, made.people, made.amount)
                   is distinct from (held.lines, held.people, held.amount)', made.month, made.orders)
            into wrong;
        if wrong > 0 then
            raise exception 'an order adds up to its lines'
                using errcode = 'integrity_constraint_violation';
        end if;
        if exists (select from payment_result where list_month = made.month) then
            execute format(
                'select count(*) from order_line held join payment_result result
                     on result.list_month = %1$s and result.person_id = held.person_id
                    and result.line_no = held.line_no
                 where held.list_month = %1$s and held.order_no = any (%2$L)',
                made.month, made.orders)
                into wrong;
            if wrong > 0 then
                raise exception 'a line with a result is not ordered'
                    using errcode = 'integrity_constraint_violation';
            end if;
        end if;
    end loop;
    for made in
        select list_month as month, list_id as list, array_agg(order_no) as orders from sealed
        where fingerprint is not null group by list_month, list_id
    loop
        if not exists (select from payment_list where list_id = made.list and month = made.month
                         and approved_at is not null) then
            raise exception 'only approved lists are ordered'
                using errcode = 'integrity_constraint_violation';
        end if;
        execute format(
            'select count(*) from order_line held left join list_line line
                 on line.list_month = %1$s and line.person_id = held.person_id
                and line.line_no = held.line_no
             where held.list_month = %1$s and held.order_no = any (%2$L)
               and (line.list_id is distinct from %3$s or line.kind = 3
                    or line.amount <> held.amount)', made.month, made.orders, made.list)
            into wrong;
        if wrong > 0 then
            raise exception 'an order holds lines to be paid of its own list, each with its amount'
                using errcode = 'integrity_constraint_violation';
        end if;
    end loop;
    return null;
end $$;
create trigger order_is_right_when_sealed after update on payment_order
    referencing new table as sealed for each statement execute function refuse_wrong_order();

-- Nor is an order sealed in any other way.
create or replace function refuse_order_of_draft() returns trigger language plpgsql as $$
begin
    if not exists (select from payment_list
                   where list_id = new.list_id and month = new.list_month
                     and approved_at is not null) then
        raise exception 'only approved lists are ordered'
            using errcode = 'integrity_constraint_violation';
    end if;
    if new.fingerprint is not null then
        raise exception 'an order is sealed when its lines are in'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;

-- At commit an order is sealed, or gone with its lines.
create or replace function refuse_unfinished_order() returns trigger language plpgsql as $$
begin
    if exists (select from payment_order
               where order_no = new.order_no and fingerprint is not null) then
        return null;
    end if;
    if exists (select from payment_order where order_no = new.order_no) then
        raise exception 'order % is not sealed', new.order_no
            using errcode = 'integrity_constraint_violation';
    end if;
    if exists (select from order_line
               where order_no = new.order_no and list_month = new.list_month) then
        raise exception 'order % is gone and its lines are not', new.order_no
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;

-- A line is added to an order of its month that is not sealed yet. Also created on every month's partition.
create or replace function refuse_foreign_order_line() returns trigger language plpgsql as $$
begin
    if exists (
        select from (select distinct order_no, list_month from added) line
            left join payment_order made on made.order_no = line.order_no
        where made.order_no is null or made.fingerprint is not null
           or made.list_month <> line.list_month) then
        raise exception 'lines are added to an order of their month that is not sealed'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;

-- Looked at when the order is sealed.
drop function refuse_line_with_result() cascade;
