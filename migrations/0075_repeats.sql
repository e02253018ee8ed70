-- Dossiers keyed at a counter that a one-stop system had sent already: about the same person, by the same
-- procedure. One definition for the warning at the counter, the board and the dossiers behind it.

create index dossier_of_applicant_number on dossier (applicant_id_number)
    where applicant_id_number is not null;
create index dossier_answers_by_id_number on dossier_answers ((answers ->> 'id_number'))
    where answers ->> 'id_number' is not null;
create index dossier_answers_by_birth on dossier_answers ((answers ->> 'birth_date'))
    where answers ->> 'birth_date' is not null;

create function name_key(name text) returns text language sql immutable parallel safe
    as $$
    select btrim(regexp_replace(regexp_replace(
        lower(translate(normalize(name, nfd), 'đĐðÐ', 'dddd')),
        '[\u0300-\u036f''’‘ʼ`´]', '', 'g'), '[^a-z0-9]+', ' ', 'g'))
$$;
comment on function name_key is 'Lower case, no marks, đ as d, signs as one space: what person.name_key is of Vietnamese names.';

create view dossier_whom as
    select d.dossier_id,
           coalesce(a.answers ->> 'id_number', p.id_number,
                    case when a.dossier_id is null and p.person_id is null then d.applicant_id_number end)
               as id_number,
           coalesce(a.answers ->> 'full_name', p.full_name) as full_name,
           coalesce(a.answers ->> 'birth_date', case p.birth_precision
               when 'y' then to_char(p.birth_date, 'YYYY') when 'm' then to_char(p.birth_date, 'YYYY-MM')
               else to_char(p.birth_date, 'YYYY-MM-DD') end) as birth_date
    from dossier d
         left join lateral (select l.dossier_id, l.answers from dossier_answers l
                            where l.dossier_id = d.dossier_id order by version desc limit 1) a on true
         left join person p on p.person_id = d.person_id;
comment on view dossier_whom is 'Whom a dossier is about, as it says or as the registry knows them: the number, the name and the birth date. Without either, its applicant by their number.';

create function one_stop_dossiers_about(procedure text, number text, name text, born text)
returns table (one_stop_id bigint) language plpgsql stable as $$
#variable_conflict use_column
begin
    -- A plan of its own, kept: inlined into another query these look-ups would not go through the indexes.
    return query with candidate as (
        select a.dossier_id from dossier_answers a where a.answers ->> 'id_number' = number
        union
        select a.dossier_id from dossier_answers a
        where a.answers ->> 'birth_date' = born and name_key(a.answers ->> 'full_name') = name_key(name)
        union
        select d.dossier_id from dossier d where d.applicant_id_number = number
        union
        select d.dossier_id from person p join dossier d using (person_id) where p.id_number = number
        union
        select d.dossier_id from person p join dossier d using (person_id)
        where p.merged_into is null and p.birth_precision = 'd' and p.name_key = name_key(name)
          and p.birth_date = case when length(born) = 10 then born::date end)
    select d.dossier_id from candidate join dossier d using (dossier_id) join dossier_whom w using (dossier_id)
    where d.origin = 'one_stop' and d.procedure_code = procedure
      -- Who has another number is somebody else, whatever they are called.
      and (w.id_number = number
           or (w.id_number is null or number is null)
              and w.birth_date = born and name_key(w.full_name) = name_key(name));
end $$;
comment on function one_stop_dossiers_about is 'Dossiers of one-stop systems by a procedure about a person: by the ID number, or by name and birth date where one of the two has no number.';

create function repeats_of_month(first_day date, last_day date, days integer)
returns table (
    dossier_id      bigint,
    area_code       text,
    area_valid_from date,
    repeats         bigint      -- the dossier of the one-stop system
) language sql stable as $$
    -- Read first, so that the look-ups below go through the indexes.
    with keyed as materialized (
        select d.dossier_id, d.procedure_code, d.area_code, d.area_valid_from, d.submitted_on,
               w.id_number, w.full_name, w.birth_date
        from dossier d join dossier_whom w using (dossier_id)
        where d.origin = 'counter' and d.submitted_on between first_day and last_day)
    select d.dossier_id, d.area_code, d.area_valid_from, min(o.dossier_id)
    from keyed d
         cross join lateral one_stop_dossiers_about(d.procedure_code, d.id_number, d.full_name, d.birth_date)
                            theirs
         join dossier o on o.dossier_id = theirs.one_stop_id
         left join dossier_about asks on asks.dossier_id = d.dossier_id
         left join dossier_about asked on asked.dossier_id = o.dossier_id
         left join lateral (select min(s.day) as day from dossier_step s
                            where s.dossier_id = o.dossier_id and s.status in (3, 8, 9, 10)) ended on true
    where o.submitted_on <= d.submitted_on
      and (ended.day is null or d.submitted_on <= ended.day + days)
      -- Somebody may ask for one thing there and for another here.
      and (asks.benefit = asked.benefit) is not false
    group by d.dossier_id, d.area_code, d.area_valid_from
$$;
comment on function repeats_of_month is 'Dossiers handed in at a counter in a month although a one-stop system had sent one about the same person by the same procedure, open or ended no longer ago than some days.';
