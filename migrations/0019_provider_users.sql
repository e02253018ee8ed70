-- People of providers sign in too. An account works for one provider or for the State, never for both,
-- and never for two providers: what it may see follows from that.

create table provider_user (
    user_name text primary key references app_user,
    provider  text not null references provider
);
comment on table provider_user is 'Accounts of people who work at a provider: they hold no role but that of providers, dated in user_grant.';

create trigger provider_user_never_changes before update or delete on provider_user
    for each row execute function refuse_change();
create trigger provider_users_are_never_emptied before truncate on provider_user
    execute function refuse_change();

-- A role of providers is held exactly by accounts bound to one; whoever is bound holds no other.
create function refuse_role_of_the_other_side() returns trigger language plpgsql as $$
begin
    -- One change of an account at a time: two at once could put it on both sides.
    perform from app_user where name = new.user_name for no key update;
    if (new.role = 'provider')
            <> exists (select from provider_user where user_name = new.user_name) then
        raise exception 'an account works for a provider or for the State'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger role_is_of_one_side before insert or update on user_grant
    for each row execute function refuse_role_of_the_other_side();

create function refuse_provider_of_an_officer() returns trigger language plpgsql as $$
begin
    perform from app_user where name = new.user_name for no key update;
    if exists (select from user_grant where user_name = new.user_name) then
        raise exception 'an account with a role of the State works for no provider'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger provider_user_holds_nothing_else before insert on provider_user
    for each row execute function refuse_provider_of_an_officer();
