-- Of a closed month no more money goes to a provider, and none that went there is taken back: it was
-- closed because nothing was left. What comes back late, and fees, are still settled.

create function refuse_transfer_in_closed_month() returns trigger language plpgsql as $$
begin
    if new.reverses is not null and not exists (
            select from ledger_entry
            where entry_no = new.reverses and kind = 'transferred') then
        return new;
    end if;
    if exists (select from commune_closed where list_month = new.list_month) and exists (
            select from list_line l
                join commune_closed c on c.list_month = l.list_month and c.area_code = l.area_code
                    and c.area_valid_from = l.area_valid_from
            where l.list_month = new.list_month and l.list_id = new.list_id) then
        raise exception 'no money of a closed month goes to a provider'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger closed_month_takes_no_transfer before insert on ledger_entry
    for each row when (new.kind = 'transferred' or new.reverses is not null)
    execute function refuse_transfer_in_closed_month();
