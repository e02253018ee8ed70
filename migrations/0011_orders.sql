-- Orders to pay: lines of approved lists handed to a provider. A line goes to exactly one order.

create table payment_order (
    order_no    bigint generated always as identity primary key,
    list_id     bigint not null references payment_list,
    list_month  integer not null,
    provider    text not null references provider,
    contract_no bigint not null references provider_contract,
    area_code   text not null,                     -- what was asked to be ordered; '' is the whole country
    pay_on      date not null,                     -- the day the provider is asked to pay from
    made_by     text not null,
    made_at     timestamptz not null,
    lines       integer not null default 0,        -- these four are set once, when the lines are in
    people      integer not null default 0,
    amount      bigint not null default 0,         -- đồng
    fingerprint bytea,                             -- sha-256 of the lines; null only inside the transaction that makes it
    check (fingerprint is null or (lines > 0 and people > 0 and amount > 0))
);
comment on table payment_order is 'What one provider is asked to pay of one approved list. Never changed once its lines are in.';
create index payment_order_of_month on payment_order (list_month, provider);
create index payment_order_of_list on payment_order (list_id);

create table order_line (
    list_month       integer not null,             -- with person and number: the line of the list
    person_id        bigint not null,
    line_no          smallint not null,
    order_no         bigint not null,
    channel          smallint not null check (channel between 1 and 5),
    amount           bigint not null check (amount > 0),  -- đồng, exactly that of the line
    full_name        text not null,                -- the person, as then
    birth_date       date not null,
    birth_precision  text not null,
    id_number        text,
    holder           text not null,                -- who receives, as then: self, guardian, authorised
    payee_name       text not null,
    payee_id_number  text,
    bank_code        text,                         -- account and wallet
    account_number   text,
    primary key (list_month, person_id, line_no)
) partition by list (list_month);
comment on table order_line is 'The lines of an order with whoever received them as then known, so that the order can be sent again word for word. One partition a month.';
create index order_line_of_order on order_line (order_no, person_id, line_no);

create table order_sent (
    order_no    bigint not null references payment_order,
    sent_no     bigint generated always as identity,
    sent_by     text not null,
    sent_at     timestamptz not null,
    how         text not null check (how in ('file', 'interface', 'paper')),
    file_name   text not null,
    file_sha256 bytea not null,
    note        text,
    primary key (order_no, sent_no)
);
comment on table order_sent is 'Each time an order was handed over. The same order again carries the same names of lines, so that it is never paid twice.';

-- What must not happen ----------------------------------------------------------------------------

create function refuse_order_of_draft() returns trigger language plpgsql as $$
begin
    if not exists (select from payment_list
                   where list_id = new.list_id and month = new.list_month
                     and approved_at is not null) then
        raise exception 'only approved lists are ordered'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger order_is_of_an_approved_list before insert on payment_order
    for each row execute function refuse_order_of_draft();

create trigger order_never_changes before update or delete on payment_order
    for each row when (old.fingerprint is not null) execute function refuse_change();
create trigger orders_are_never_emptied before truncate on payment_order
    execute function refuse_change();
create trigger order_line_never_changes before update or delete on order_line
    for each row execute function refuse_change();
create trigger sent_never_changes before update or delete on order_sent
    for each row execute function refuse_change();
create trigger sent_is_never_emptied before truncate on order_sent
    execute function refuse_change();

-- At commit an order has its totals, and they are those of its lines.
create function refuse_unfinished_order() returns trigger language plpgsql as $$
declare
    made record;
    held record;
begin
    select * into made from payment_order where order_no = new.order_no;
    if not found then
        select count(*) as lines into held from order_line
        where order_no = new.order_no and list_month = new.list_month;
        if held.lines > 0 then
            raise exception 'order % is gone and its lines are not', new.order_no
                using errcode = 'integrity_constraint_violation';
        end if;
        return null;
    end if;
    select count(*) as lines, count(distinct person_id) as people, coalesce(sum(amount), 0) as amount
        into held from order_line
    where order_no = new.order_no and list_month = new.list_month;
    if made.fingerprint is null or (made.lines, made.people, made.amount)
            is distinct from (held.lines, held.people, held.amount) then
        raise exception 'order % does not add up to its lines', new.order_no
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create constraint trigger order_adds_up after insert on payment_order
    deferrable initially deferred
    for each row execute function refuse_unfinished_order();

-- A line of an order is a line to be paid of the order's list, with its amount; an order that has its
-- totals takes no more. Also created on every month's partition.
create function refuse_foreign_order_line() returns trigger language plpgsql as $$
declare
    month integer;
    foreign_lines bigint;
begin
    for month in select distinct list_month from added loop
        -- With the month written in, only its partition is looked at, planned for as many lines.
        -- Counted, because whoever only asks whether there is one is given a plan for finding it soon.
        execute format(
            'select count(*) from added
                left join payment_order made on made.order_no = added.order_no
                left join list_line line on line.list_month = %1$s
                    and line.person_id = added.person_id and line.line_no = added.line_no
             where added.list_month = %1$s
               and (made.order_no is null or made.fingerprint is not null
                    or made.list_month <> %1$s
                    or line.list_id is distinct from made.list_id
                    or line.kind = 3 or line.amount <> added.amount)', month)
            into foreign_lines;
        if foreign_lines > 0 then
            raise exception 'an order holds lines to be paid of its own list, each with its amount'
                using errcode = 'integrity_constraint_violation';
        end if;
    end loop;
    return null;
end $$;
create trigger order_line_is_of_its_list after insert on order_line
    referencing new table as added for each statement execute function refuse_foreign_order_line();
