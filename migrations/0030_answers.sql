-- What applicants answered. A correction is a further version; nothing is changed.

create table dossier_answers (
    dossier_id  bigint not null references dossier,
    version     integer not null check (version > 0),   -- from 1; the last one counts
    form        text not null,                          -- of reference/forms
    benefit     smallint,                               -- an approval enrols the beneficiary in it
    answers     jsonb not null,
    recorded_by text not null,
    recorded_at timestamptz not null,
    primary key (dossier_id, version)
);
comment on table dossier_answers is 'The form of a dossier as answered, also when a supplement corrects it. Append-only.';
create trigger dossier_answers_never_change before update or delete on dossier_answers
    for each row execute function refuse_change();
create trigger dossier_answers_are_never_emptied before truncate on dossier_answers
    execute function refuse_change();
