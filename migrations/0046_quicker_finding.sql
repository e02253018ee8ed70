-- The queue of some communes by their codes first: an index finds those, where a pair looked up in a list reads every
-- dossier of the province.
create or replace function dossier_queue(codes text[], since date[], of_procedure text, of_stage text,
                                         of_holder text, from_one_stop boolean, due_by date,
                                         code_begins text, name_holds text)
returns setof dossier_state language sql stable as $$
    select * from dossier_state s
    where desk is not null
      and (codes is null or area_code = any(codes))
      and (codes is null or (area_code, area_valid_from) in (select * from unnest(codes, since)))
      and (of_procedure is null or procedure_code = of_procedure)
      and (of_stage is null or stage = of_stage)
      and (of_holder is null or holder = of_holder)
      and (from_one_stop is null or of_one_stop = from_one_stop)
      and (due_by is null or due_on <= due_by)
      and (code_begins is null or starts_with(lower(code), code_begins)
           or strpos(applicant_key, name_holds) > 0)
$$;

-- Times of events are found by ranges of pages; those a bulk load fills are summed up at once and not at the next
-- vacuum, before which every look at what is known would read them all.
alter index event_by_recorded_at set (autosummarize = on);
