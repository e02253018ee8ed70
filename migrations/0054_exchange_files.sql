-- Files that one-stop systems send and are given. The files themselves are kept outside the database
-- under their SHA-256; here stands whose they are.

create table exchange_file (
    province_code text not null check (province_code ~ '^[0-9]{2}$'),
    file_hash     bytea not null check (octet_length(file_hash) = 32),
    media_type    text not null check (media_type in ('application/pdf', 'image/jpeg', 'image/png')),   -- by content
    size          integer not null check (size between 1 and 26214400),   -- bytes
    received_by   text not null,
    received_at   timestamptz not null,
    primary key (province_code, file_hash)
);
comment on table exchange_file is 'Which files the one-stop system of a province sent. One that another province sent as well is kept once and stands here twice.';
create index exchange_file_by_hash on exchange_file (file_hash);

create table exchange_paper (
    dossier_id bigint not null,
    seq        integer not null,         -- the step that named it
    place      integer not null,         -- among the papers of the step, from 1
    paper      text not null,
    file_hash  bytea not null check (octet_length(file_hash) = 32),
    primary key (dossier_id, seq, place),
    foreign key (dossier_id, seq) references dossier_step
);
comment on table exchange_paper is 'Papers that a one-stop system''s messages name by the hash of their file. Each is a scan of its dossier once the file is there too, whichever came first.';
create index exchange_paper_by_file on exchange_paper (file_hash);

create table exchange_letter (
    outbox_no bigint primary key references exchange_outbox,
    file_hash bytea not null check (octet_length(file_hash) = 32),
    size      integer not null check (size between 1 and 26214400),
    signed    boolean not null,          -- as it was signed; otherwise as this system printed it
    made_at   timestamptz not null
);
comment on table exchange_letter is 'The letter that goes with a message about a decision: fixed when it is first offered, so that the same message says the same.';
create index exchange_letter_by_file on exchange_letter (file_hash);

do $$
declare
    kept text;
begin
    foreach kept in array array['exchange_file', 'exchange_paper', 'exchange_letter'] loop
        execute format('create trigger %1$s_never_changes before update or delete on %1$I
                            for each row execute function refuse_change()', kept);
        execute format('create trigger %1$s_is_never_emptied before truncate on %1$I
                            execute function refuse_change()', kept);
    end loop;
end $$;
