-- Whom a dossier is about and what it asks for, however it came: named from the start, registered by a dossier from
-- elsewhere, or told by the approval of answers.
create view dossier_about as
    select d.dossier_id, coalesce(d.person_id, k.person_id, told.person_id) as person_id,
           coalesce(d.benefit, a.benefit) as benefit
    from dossier d
         left join person_key k on k.key = d.code and k.source = 'dossier'
         left join lateral (select c.person_id from dossier_event join event_claim c using (event_id)
                            where dossier_event.dossier_id = d.dossier_id limit 1) told on true
         left join lateral (select benefit from dossier_answers where dossier_answers.dossier_id = d.dossier_id
                            order by version desc limit 1) a on true;
