-- Who pays: banks, wallets and the post, and the contracts under which they do. Like events, nothing
-- here is changed: a new contract takes over from a month on, and both stay to be read.

create table provider (
    code           text primary key check (code ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
    name           text not null check (name <> ''),
    kind           text not null check (kind in ('bank', 'wallet', 'post')),
    bank_code      text,                           -- number of the bank or wallet itself, as payees name it
    account_number text,                           -- where the money is transferred to, and paid from
    recorded_by    text not null,
    recorded_at    timestamptz not null,
    unique (code, kind)
);
comment on table provider is 'Who may be given orders. Never changed: one that becomes another gets a new code.';

create table provider_contract (
    contract_no       bigint generated always as identity primary key,
    provider          text not null,
    kind              text not null,               -- the provider's
    area_code         text not null,               -- as it lies in each month; '' is the whole country
    bank_code         text not null default '',    -- only accounts with this bank or wallet; '' is any
    channels          smallint[] not null,         -- numbers of list_line.channel
    from_month        integer not null check (from_month % 100 between 1 and 12),
    to_month          integer check (to_month % 100 between 1 and 12),   -- last month as signed; null is open
    fee_basis_points  integer not null check (fee_basis_points between 0 and 10000),  -- of the money paid
    list_before_day   smallint not null check (list_before_day between 1 and 31),     -- of the month before
    report_before_day smallint not null check (report_before_day between 1 and 31),   -- of the month paid
    settlement_months smallint not null check (settlement_months between 1 and 12),
    handover          text not null check (handover in ('file', 'interface', 'paper')),
    signed_number     text,                        -- of the paper contract
    recorded_by       text not null,
    recorded_at       timestamptz not null,
    foreign key (provider, kind) references provider (code, kind),
    check (to_month is null or to_month >= from_month),
    constraint contract_has_channels check (cardinality(channels) > 0),
    constraint channels_suit_the_provider check (channels <@ case kind
        when 'bank' then array[1]::smallint[]
        when 'wallet' then array[2, 3]::smallint[]
        else array[4, 5]::smallint[] end)
);
comment on table provider_contract is 'What was agreed with a provider: where, which ways of paying, for what fee, by which days. Figures are those of the contract, none is built in.';

create table contract_slot (
    slot_no     bigint generated always as identity primary key,
    area_code   text not null,
    channel     smallint not null check (channel between 1 and 5),
    bank_code   text not null,
    from_month  integer not null check (from_month % 100 between 1 and 12),
    contract_no bigint references provider_contract,  -- null: nobody from this month on
    replaces    bigint references contract_slot,   -- the row that was the last of its area, channel and bank
    recorded_by text not null,
    recorded_at timestamptz not null,
    -- The rows of one area, channel and bank are a chain that cannot fork: each replaces the last one,
    -- from its month on. So in any month there is at most one: the last recorded that has begun.
    constraint one_contract_at_a_time
        unique nulls not distinct (area_code, channel, bank_code, replaces)
);
comment on table contract_slot is 'Which contract holds for an area, a channel and a bank from a month on: of those that have begun the one recorded last.';

create function refuse_slot_of_another() returns trigger language plpgsql as $$
begin
    if new.replaces is not null and not exists (
        select from contract_slot
        where slot_no = new.replaces and area_code = new.area_code
          and channel = new.channel and bank_code = new.bank_code) then
        raise exception 'a contract replaces one of the same area, channel and bank'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger slot_replaces_its_own before insert on contract_slot
    for each row execute function refuse_slot_of_another();

create trigger provider_never_changes before update or delete on provider
    for each row execute function refuse_change();
create trigger providers_are_never_emptied before truncate on provider
    execute function refuse_change();
create trigger contract_never_changes before update or delete on provider_contract
    for each row execute function refuse_change();
create trigger contracts_are_never_emptied before truncate on provider_contract
    execute function refuse_change();
create trigger slot_never_changes before update or delete on contract_slot
    for each row execute function refuse_change();
create trigger slots_are_never_emptied before truncate on contract_slot
    execute function refuse_change();
