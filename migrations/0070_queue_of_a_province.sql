-- The queue of a whole province: its counts are read from an index alone, and its rows come in the order of their
-- days or names without sorting everybody.
drop index dossier_state_of_commune;
create index dossier_state_of_commune on dossier_state (area_code, area_valid_from, due_on, dossier_id)
    include (holder, desk, status, waiting) where desk is not null;
drop index dossier_state_by_due_day;
create index dossier_state_by_due_day on dossier_state (due_on, submitted_on, dossier_id) where desk is not null;
create index dossier_state_by_name on dossier_state (applicant_order, submitted_on, dossier_id)
    where desk is not null;
