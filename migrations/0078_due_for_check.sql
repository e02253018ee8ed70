-- How many people of a month are due for a check with the population database, kept for each commune: the whole
-- country is asked for on pages, and 3 million people are too many to be looked at each time.

create table check_due (
    due_no          bigint primary key generated always as identity,
    area_code       text not null,
    area_valid_from date not null
);
comment on table check_due is 'Communes whose people changed since anybody asked how many are due. Written with the change; whoever asks next counts them again.';

create table check_month (
    month integer primary key check (month % 100 between 1 and 12)
);
comment on table check_month is 'Months somebody asked about: those counted below.';

create table check_stale (
    month           integer not null references check_month,
    area_code       text not null,
    area_valid_from date not null,
    primary key (month, area_code, area_valid_from)
);
comment on table check_stale is 'Communes of a month that are counted again before anything is shown.';

create table check_count (
    month           integer not null references check_month,
    area_code       text not null,                 -- where they live
    area_valid_from date not null,
    outcome         text not null check (outcome in ('verified', 'differing', 'none')),
    checked_on      date not null,                 -- day of the last answer about them as they are now; -infinity without one
    askable         boolean not null,              -- has a number one can ask by
    people          integer not null check (people > 0),
    primary key (month, area_code, area_valid_from, outcome, checked_on, askable),
    check ((outcome = 'none') = (checked_on = '-infinity'))
);
comment on table check_count is 'Living people with a benefit in the month, by the last answer about them. Follows from person, enrolment and event.';

create table check_country (
    month      integer not null references check_month,
    outcome    text not null,
    checked_on date not null,
    askable    boolean not null,
    people     integer not null,
    primary key (month, outcome, checked_on, askable)
);
comment on table check_country is 'check_count summed over the country, brought along with it.';

-- A person's rows are written anew with every event of theirs, so that this sees enrolments and checks too. Whoever
-- was merged counts where the record lives into which they went.
create function note_check_due() returns trigger language plpgsql as $$
begin
    insert into check_due (area_code, area_valid_from)
    select area_code, area_valid_from from changed
    union
    select p.area_code, p.area_valid_from from changed c join person p on p.person_id = c.merged_into;
    return null;
end
$$;
create trigger person_coming_is_noted after insert on person
    referencing new table as changed for each statement execute function note_check_due();
create trigger person_changing_is_noted after update on person
    referencing new table as changed for each statement execute function note_check_due();
create trigger person_going_is_noted after delete on person
    referencing old table as changed for each statement execute function note_check_due();
