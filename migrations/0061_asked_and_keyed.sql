-- What a month's exchange cost people: fields and papers asked for again, fields keyed here that were known, and
-- when dossiers were decided. One definition for the board and for the dossiers behind it.

create index dossier_answers_by_office on dossier_answers (recorded_at) where told_by = 'office' and version > 1;

create function exchange_fields_of_month(first_day date, last_day date)
returns table (
    dossier_id      bigint,
    area_code       text,
    area_valid_from date,
    asked_again     integer,    -- papers and fields that applicants of a one-stop system were asked for in the month
    keyed_twice     integer,    -- fields an officer typed in the month with a value that was sent, or is in the registry
    submitted_on    date,
    decided_on      date        -- in the month
) language sql stable as $$
    with asked as (
        select s.dossier_id, sum(jsonb_array_length(s.body -> 'papers'))::integer as items
        from dossier_step s join dossier d using (dossier_id)
        where s.day between first_day and last_day and s.kind = 'supplement_asked' and d.origin = 'one_stop'
        group by s.dossier_id),
    typed as (
        select a.dossier_id, d.province_code, d.code, a.version, a.recorded_at, of.field, of.answer,
               a.answers ->> 'id_number' as id_number
        from dossier_answers a join dossier d using (dossier_id)
             join dossier_answers b on b.dossier_id = a.dossier_id and b.version = a.version - 1
             cross join lateral jsonb_each(a.answers) as of (field, answer)
        where d.origin = 'one_stop' and a.told_by = 'office' and a.version > 1
          and a.recorded_at >= first_day::timestamp at time zone 'Asia/Ho_Chi_Minh'
          and a.recorded_at < (last_day + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
          and of.answer is distinct from b.answers -> of.field
          -- Chosen between two values is not typed.
          and not exists (select from exchange_field f join exchange_field_decision e using (field_no)
                          where f.dossier_id = a.dossier_id and f.field = of.field and e.decided_at = a.recorded_at)),
    keyed as (
        select t.dossier_id, count(*)::integer as fields from typed t
        where exists (select from dossier_answers e
                      where e.dossier_id = t.dossier_id and e.version < t.version and e.told_by = 'one_stop'
                        and e.answers -> t.field = t.answer)
           or exists (select from exchange_field f
                      where f.dossier_id = t.dossier_id and f.field = t.field and f.theirs = t.answer
                        and f.at < t.recorded_at)
           or exists (select from person p
                      where p.id_number = t.id_number and p.merged_into is null
                        and t.answer #>> '{}' = case t.field
                            when 'full_name' then p.full_name
                            when 'birth_date' then case p.birth_precision
                                when 'y' then to_char(p.birth_date, 'YYYY')
                                when 'm' then to_char(p.birth_date, 'YYYY-MM')
                                else to_char(p.birth_date, 'YYYY-MM-DD') end
                            when 'sex' then case p.sex when 1 then 'male' when 2 then 'female' end
                            when 'ethnicity' then p.ethnicity
                            when 'phone' then p.phone end)
        group by t.dossier_id),
    decided as (
        select s.dossier_id, s.day from dossier_step s
        where s.day between first_day and last_day and s.kind = 'decided')
    select dossier_id, d.area_code, d.area_valid_from, coalesce(asked.items, 0), coalesce(keyed.fields, 0),
           d.submitted_on, decided.day
    from asked full join keyed using (dossier_id) full join decided using (dossier_id)
         join dossier d using (dossier_id)
$$;
comment on function exchange_fields_of_month is 'Dossiers somebody was asked for something again, typed something again, or decided in a month.';
