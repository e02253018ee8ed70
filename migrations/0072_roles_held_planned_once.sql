-- Asked with every request. A function in SQL is planned anew in each statement, which took four times as long
-- as the rest of it; this one's plan is kept by the connection.
create or replace function roles_held(account text, at timestamptz) returns text[] language plpgsql stable as $$
begin
    return array(
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
        order by 1);
end $$;
