-- Where the money of the lists is: a double-entry ledger. Every entry sums to zero; none is changed.

create sequence ledger_entry_no;

create table ledger_entry (
    entry_no   bigint primary key default nextval('ledger_entry_no'),
    at         timestamptz not null,
    by         text not null,
    kind       text not null check (kind ~ '^[a-z_]+$'),  -- payments::ledger::EntryKind
    memo       text not null,                      -- number of the paper; never a name or an ID number
    area_code  text not null,                      -- where it was booked; '' is the whole country
    list_month integer not null check (list_month % 100 between 1 and 12),
    list_id    bigint references payment_list,
    order_no   bigint references payment_order,
    day        date not null,                      -- of the paper: when the money moved
    reverses   bigint unique references ledger_entry,  -- a correction takes back one entry, once
    postings   integer not null check (postings >= 2)  -- how many belong to it, no more and no fewer
);
comment on table ledger_entry is 'What happened to money of a month''s lists, and who booked it when. A mistake is taken back by another entry.';
create index ledger_entry_of_month on ledger_entry (list_month, kind);
create unique index list_approved_once on ledger_entry (list_id) where kind = 'list_approved';

create table ledger_posting (
    entry_no        bigint not null references ledger_entry,
    posting_no      integer not null check (posting_no >= 1),
    account         text not null check (account in
        ('budget', 'owed', 'recovery', 'treasury', 'with_provider', 'paid', 'returned', 'fee')),
    provider        text references provider,
    area_code       text not null,                 -- commune of the people, or the area that acts
    area_valid_from date not null,
    amount          bigint not null check (amount <> 0),  -- đồng
    primary key (entry_no, posting_no),
    check ((account in ('with_provider', 'paid', 'returned', 'fee')) = (provider is not null))
);
comment on table ledger_posting is 'The parts of an entry. Sums of an account, by area, provider and month, are its balance.';

-- At commit an entry has all its postings and they sum to zero.
create function refuse_unbalanced_entry() returns trigger language plpgsql as $$
declare
    held record;
begin
    select count(*) as postings, coalesce(sum(amount), 0) as amount into held
    from ledger_posting where entry_no = new.entry_no;
    if held.postings <> new.postings or held.amount <> 0 then
        raise exception 'ledger entry % does not balance', new.entry_no
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create constraint trigger entry_balances after insert on ledger_entry
    deferrable initially deferred
    for each row execute function refuse_unbalanced_entry();

-- An entry that has its postings takes no more.
create function refuse_further_posting() returns trigger language plpgsql as $$
begin
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
create trigger entry_takes_no_more after insert on ledger_posting
    referencing new table as added for each statement execute function refuse_further_posting();

create trigger entry_never_changes before update or delete on ledger_entry
    for each row execute function refuse_change();
create trigger entries_are_never_emptied before truncate on ledger_entry
    execute function refuse_change();
create trigger posting_never_changes before update or delete on ledger_posting
    for each row execute function refuse_change();
create trigger postings_are_never_emptied before truncate on ledger_posting
    execute function refuse_change();

-- What was drawn for a list cannot be passed on twice: at commit its treasury account is not below zero.
create function refuse_overdrawn_list() returns trigger language plpgsql as $$
begin
    if (select coalesce(sum(amount), 0)
        from ledger_entry join ledger_posting using (entry_no)
        where list_id = new.list_id and account = 'treasury') < 0 then
        raise exception 'more is passed on of list % than was drawn', new.list_id
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create constraint trigger list_is_not_overdrawn after insert on ledger_entry
    deferrable initially deferred
    for each row when (new.list_id is not null) execute function refuse_overdrawn_list();
create index ledger_entry_of_list on ledger_entry (list_id) where list_id is not null;

-- Lists approved before there was a ledger are booked as approving books them now.
create temporary table booked on commit drop as
with owed as (
    select list_id, list_month, area_code, area_valid_from,
           coalesce(sum(amount) filter (where kind <> 3), 0)::bigint as owed,
           coalesce(sum(amount) filter (where kind = 3), 0)::bigint as recovery
    from list_line
    where list_id in (select list_id from payment_list where approved_at is not null)
    group by list_id, list_month, area_code, area_valid_from),
carried as (
    select line.list_id, origin.list_month, origin.area_code, origin.area_valid_from,
           sum(line.amount)::bigint as amount
    from list_line line join list_line origin
        on origin.list_month = line.carries_month
       and origin.person_id = coalesce(line.carries_person_id, line.person_id)
       and origin.line_no = line.carries_line_no
    where line.kind = 4
      and line.list_id in (select list_id from payment_list where approved_at is not null)
    group by line.list_id, origin.list_month, origin.area_code, origin.area_valid_from),
parts as (
    select 'list_approved' as kind, list_id, list_month, area_code, area_valid_from, account, amount
    from owed cross join lateral (values
        ('owed', -owed), ('recovery', -recovery), ('budget', owed + recovery)) part (account, amount)
    union all
    select 'carried_over', list_id, list_month, area_code, area_valid_from, account, part.amount
    from carried cross join lateral (values
        ('owed', carried.amount), ('budget', -carried.amount)) part (account, amount))
select *, dense_rank() over (order by list_id, kind, list_month) as entry,
       row_number() over (partition by list_id, kind, list_month
                          order by area_code, area_valid_from, account) as posting_no
from parts where amount <> 0;

insert into ledger_entry (entry_no, at, by, kind, memo, area_code, list_month, list_id, day, postings)
select entry, approved_at, approved_by, kind, '', min(payment_list.area_code), list_month, list_id,
       (approved_at at time zone 'Asia/Ho_Chi_Minh')::date, count(*)
from booked join payment_list using (list_id)
group by entry, approved_at, approved_by, kind, list_month, list_id;
insert into ledger_posting (entry_no, posting_no, account, area_code, area_valid_from, amount)
select entry, posting_no, account, area_code, area_valid_from, amount from booked;
select setval('ledger_entry_no', coalesce((select max(entry_no) from ledger_entry), 0) + 1, false);
