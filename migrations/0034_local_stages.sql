-- What localities decide about the stages of dossiers within the law.

create table local_stage (
    rule_no     bigint generated always as identity primary key,
    area_code   text not null,                     -- a commune or a province; the smaller area wins
    regime      text not null,                     -- of reference/regimes.toml
    stage       text not null,
    from_day    date not null,                     -- for dossiers received from this day on
    days        smallint check (days > 0),         -- working days, never more than the law; null: those of the law
    holder      text check (btrim(holder) <> ''),  -- sign-in name of who holds it; null: the desk the regime names
    recorded_by text not null,
    recorded_at timestamptz not null,
    -- A dossier keeps the rules of its day of reception: none is made for a day that is over or has begun.
    check (from_day > (recorded_at at time zone 'Asia/Ho_Chi_Minh')::date)
);
comment on table local_stage is 'Who holds a stage in an area, and in how many days it is done, for dossiers received from a day on. Of one area the latest day holds, and of one day the rule recorded last.';
create index local_stage_of_area on local_stage (area_code, from_day);
create trigger local_stage_never_changes before update or delete on local_stage
    for each row execute function refuse_change();
create trigger local_stages_are_never_emptied before truncate on local_stage
    execute function refuse_change();
