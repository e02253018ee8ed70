-- Before a dossier is submitted: what has been answered so far, and the numbers of codes.

create table dossier_draft (
    draft_id    uuid primary key,
    owner_kind  text not null check (owner_kind in ('officer', 'citizen')),
    owner       text not null check (owner <> ''),  -- sign-in name, or the key of a citizen's own draft
    form        text not null,                      -- of reference/forms
    procedure_code text not null,                   -- of reference/procedures.toml
    benefit     smallint,                           -- what is asked for, if anything
    area_code   text,                               -- commune of the applicant, once it is known
    person_id   bigint,                             -- the beneficiary, when the registry knows them
    answers     jsonb not null,
    begun_at    timestamptz not null,
    saved_at    timestamptz not null,
    expires_on  date not null                       -- first day on which it is gone
);
comment on table dossier_draft is 'Answers of an application not submitted yet. Only its owner reads it; it is deleted when submitted and when it expires.';
create index dossier_draft_by_owner on dossier_draft (owner_kind, owner, saved_at);
create index dossier_draft_by_expiry on dossier_draft (expires_on);
create index dossier_by_applicant on dossier (applicant_id_number) where applicant_id_number is not null;

create table dossier_number (
    area_code text not null,                        -- commune
    day       date not null,
    last      integer not null check (last > 0),
    primary key (area_code, day)
);
comment on table dossier_number is 'Last number given in codes of dossiers of a commune and day.';
