-- Scans citizens add to an application before it is submitted. They go with the application, or away with it.

create table draft_paper (
    paper_no   bigint generated always as identity primary key,
    draft_id   uuid not null references dossier_draft on delete cascade,
    paper      text not null check (paper = btrim(paper) and length(paper) between 1 and 200),   -- what it is
    file_hash  bytea not null check (octet_length(file_hash) = 32),
    media_type text not null check (media_type in ('application/pdf', 'image/jpeg', 'image/png')),   -- by content
    size       integer not null check (size between 1 and 26214400),   -- bytes
    added_at   timestamptz not null,
    constraint draft_paper_is_added_once unique (draft_id, paper, file_hash)
);
comment on table draft_paper is 'Scans of an application not submitted yet; a submission makes attachments of them.';
create index draft_paper_by_file on draft_paper (file_hash);
