-- Roles lent for an absence, and what follows: who counts as whom.

create table delegation (
    delegation_no bigint generated always as identity primary key,
    delegator     text not null,
    role          text not null,
    grant_area    text not null,                   -- the grant that is lent from, by its key
    grant_from    date not null,
    delegate      text not null references app_user,
    area_code     text not null,                   -- the granted area or one inside it
    from_date     date not null,
    to_date       date not null,
    made_by       text not null,
    made_at       timestamptz not null,
    ended_by      text,
    ended_at      timestamptz,
    foreign key (delegator, role, grant_area, grant_from)
        references user_grant (user_name, role, area_code, from_date),
    constraint nobody_stands_in_for_themselves check (delegate <> delegator),
    constraint administrators_are_not_stood_in_for check (role not in ('administrator', 'one_stop')),
    check (from_date <= to_date and from_date >= grant_from),
    check ((ended_by is null) = (ended_at is null))
);
comment on table delegation is 'A role lent to somebody else for some days. Lent from a grant of one''s own, so never lent on.';
create index delegation_by_delegate on delegation (delegate);

create function check_delegation() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if old.ended_at is not null
                or (to_jsonb(new) - '{ended_by,ended_at}'::text[])
                   <> (to_jsonb(old) - '{ended_by,ended_at}'::text[]) then
            raise exception 'a delegation is only ended' using errcode = 'integrity_constraint_violation';
        end if;
        return new;
    end if;
    if exists (select from user_grant
               where user_name = new.delegator and role = new.role and area_code = new.grant_area
                 and from_date = new.grant_from and to_date < new.to_date) then
        raise exception 'a role is lent no longer than it is held'
            using errcode = 'integrity_constraint_violation';
    end if;
    if (select provider from provider_user where user_name = new.delegator)
            is distinct from (select provider from provider_user where user_name = new.delegate) then
        raise exception 'a role is lent on one side only' using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger delegation_is_sound before insert or update on delegation
    for each row execute function check_delegation();
create trigger delegations_are_never_removed before delete on delegation
    for each row execute function refuse_change();

create function day_in_vietnam(at timestamptz) returns date language sql immutable as
$$ select (at at time zone interval '07:00')::date $$;

create function delegations_at(at timestamptz) returns setof delegation language sql stable as $$
    select d.* from delegation d
    where day_in_vietnam(at) between d.from_date and d.to_date
      and d.made_at <= at and (d.ended_at is null or d.ended_at > at)
$$;
comment on function delegations_at is 'Delegations that held at a moment.';

-- 'role@area' of a moment: an account's own and those lent to it by whoever holds them still.
create function roles_held(account text, at timestamptz) returns text[] language sql stable as $$
    select array(
        select role || '@' || area_code from user_grant
        where user_name = account and from_date <= day_in_vietnam(at)
          and (to_date is null or to_date >= day_in_vietnam(at))
        union
        select d.role || '@' || d.area_code
        from delegations_at(at) d
             join user_grant g on g.user_name = d.delegator and g.role = d.role
                               and g.area_code = d.grant_area and g.from_date = d.grant_from
             join app_user on app_user.name = d.delegator
        where d.delegate = account and app_user.disabled_at is null
          and (g.to_date is null or g.to_date >= day_in_vietnam(at))
        order by 1)
$$;
comment on function roles_held is 'Roles of an account at a moment, own and lent.';

create function names_of(account text, roles text[], at timestamptz) returns text[]
    language sql stable as $$
    select array_append(array(select delegator from delegations_at(at)
                              where delegate = account and role = any(roles)), account)
$$;
comment on function names_of is 'The names somebody counts as when they act in one of the roles: their own and those they stand in for.';

create function refuse_one_person_as_two() returns trigger language plpgsql as $$
begin
    if new.approved_by is not null
            and names_of(new.made_by, array['list_maker'], new.made_at)
                && names_of(new.approved_by, array['approver'], new.approved_at) then
        raise exception 'the approver is the maker, by delegation'
            using errcode = 'check_violation', constraint = 'maker_is_not_approver';
    end if;
    return new;
end $$;
create trigger maker_does_not_approve_for_another before insert or update of approved_by on payment_list
    for each row execute function refuse_one_person_as_two();

create function refuse_unlock_by_one() returns trigger language plpgsql as $$
begin
    if exists (select from unlock_request r
               where r.closure_no = new.closure_no and r.asked_by = new.asked_by
                 and names_of(r.asked_by, array['list_maker', 'approver'], r.asked_at)
                     && names_of(new.confirmed_by, array['approver'], new.confirmed_at)) then
        raise exception 'one person asks and agrees, by delegation'
            using errcode = 'check_violation', constraint = 'unlock_takes_two';
    end if;
    return new;
end $$;
create trigger unlock_takes_two_people before insert on unlock
    for each row execute function refuse_unlock_by_one();

-- Somebody must always be able to let others in.
create function refuse_without_administrator() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'app_user'
            and not exists (select from user_grant
                            where user_name = new.name and role = 'administrator'
                              and area_code = '' and to_date is null) then
        return null;
    end if;
    -- Two at once could each leave the other as the last.
    perform pg_advisory_xact_lock(x'61646d696e'::bit(40)::bigint);
    if not exists (select from user_grant join app_user on name = user_name
                   where role = 'administrator' and area_code = '' and to_date is null
                     and disabled_at is null) then
        raise exception 'the last administrator of the country stays'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create trigger last_administrator_keeps_role after update or delete on user_grant
    for each row when (old.role = 'administrator' and old.area_code = '' and old.to_date is null)
    execute function refuse_without_administrator();
create trigger last_administrator_stays_open after update of disabled_at on app_user
    for each row when (old.disabled_at is null and new.disabled_at is not null)
    execute function refuse_without_administrator();
