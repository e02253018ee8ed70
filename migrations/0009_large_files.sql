-- A province's file is recorded by a few statements over all its people. Who belongs to whom is looked
-- at once a statement instead of once a row, and what is only told apart is kept in the order of its
-- bytes instead of that of the dictionary.

alter table person alter column id_number type text collate "C";
alter table id_number_claim alter column id_number type text collate "C";
alter table person_key
    alter column source type text collate "C",
    alter column key type text collate "C";

-- What belongs to a person ---------------------------------------------------------------------------

-- Both are planned anew each time: a file brings a hundred thousand rows, an officer one. They count,
-- because whoever only asks whether there is one is given a plan for finding it soon.
create function refuse_rows_of_nobody() returns trigger language plpgsql as $$
declare
    of_nobody bigint;
begin
    execute 'select count(*) from added left join person using (person_id)
             where person.person_id is null' into of_nobody;
    if of_nobody > 0 then
        raise exception 'a row of % belongs to nobody', tg_table_name
            using errcode = 'foreign_key_violation';
    end if;
    return null;
end $$;

create function refuse_person_leaving_rows() returns trigger language plpgsql as $$
declare
    left_behind bigint;
begin
    execute 'select (select count(*) from gone join residence using (person_id))
                  + (select count(*) from gone join fact using (person_id))
                  + (select count(*) from gone join enrolment using (person_id))
                  + (select count(*) from gone join payee using (person_id))
                  + (select count(*) from gone join move_confirmation using (person_id))'
        into left_behind;
    if left_behind > 0 then
        raise exception 'a person is taken away and what belongs to them is not'
            using errcode = 'foreign_key_violation';
    end if;
    return null;
end $$;
create trigger person_leaves_nothing after delete on person
    referencing old table as gone for each statement execute function refuse_person_leaving_rows();

do $$
declare
    belonging text;
begin
    foreach belonging in array array['residence', 'fact', 'enrolment', 'payee', 'move_confirmation']
    loop
        execute format('alter table %I drop constraint %I', belonging, belonging || '_person_id_fkey');
        execute format('create trigger %I after insert on %I referencing new table as added
                        for each statement execute function refuse_rows_of_nobody()',
                       belonging || '_is_of_somebody', belonging);
        execute format('create trigger %I after update on %I referencing new table as added
                        for each statement execute function refuse_rows_of_nobody()',
                       belonging || '_stays_of_somebody', belonging);
    end loop;
end $$;

-- A person number is never changed: nothing follows it.
create function refuse_other_number() returns trigger language plpgsql as $$
begin
    raise exception 'the number of a person is never changed'
        using errcode = 'foreign_key_violation';
end $$;
create trigger person_keeps_their_number before update of person_id on person
    for each row when (new.person_id <> old.person_id) execute function refuse_other_number();

-- Where people live ----------------------------------------------------------------------------------

create function refuse_home_nowhere() returns trigger language plpgsql as $$
begin
    if exists (
        select from (select distinct area_code, area_valid_from from added) home
            left join area on area.code = home.area_code and area.valid_from = home.area_valid_from
        where area.code is null) then
        raise exception 'a person lives in no area there is'
            using errcode = 'foreign_key_violation';
    end if;
    return null;
end $$;
alter table person drop constraint person_area_code_area_valid_from_fkey;
create trigger home_is_somewhere after insert on person
    referencing new table as added for each statement execute function refuse_home_nowhere();
create trigger home_stays_somewhere after update on person
    referencing new table as added for each statement execute function refuse_home_nowhere();

create function refuse_taking_area_away() returns trigger language plpgsql as $$
begin
    raise exception 'areas are never taken away: people and papers are kept under them'
        using errcode = 'foreign_key_violation';
end $$;
create trigger area_stays before delete or truncate on area
    for each statement execute function refuse_taking_area_away();
create trigger area_keeps_its_key before update of code, valid_from on area
    for each row when ((new.code, new.valid_from) <> (old.code, old.valid_from))
    execute function refuse_taking_area_away();
