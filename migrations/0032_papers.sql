-- Papers of dossiers: scans, numbers of what goes out, and what was signed. The files themselves are
-- kept outside the database under their SHA-256.

create table attachment (
    attachment_no bigint generated always as identity primary key,
    dossier_id  bigint not null references dossier,
    paper       text not null check (paper = btrim(paper) and length(paper) between 1 and 200),   -- what it is: Tờ khai
    file_hash   bytea not null check (octet_length(file_hash) = 32),
    media_type  text not null check (media_type in ('application/pdf', 'image/jpeg', 'image/png')),   -- by content
    size        integer not null check (size between 1 and 26214400),   -- bytes
    replaces    bigint,                  -- an earlier scan of the same dossier that counts no longer
    recorded_by text not null,
    recorded_at timestamptz not null,
    unique (dossier_id, attachment_no),
    constraint attachment_is_replaced_once unique (replaces),
    constraint attachment_replaces_one_of_its_dossier
        foreign key (dossier_id, replaces) references attachment (dossier_id, attachment_no)
);
comment on table attachment is 'Scans of the papers of dossiers. Append-only; a newer one replaces, nothing is removed.';
create index attachment_by_file on attachment (file_hash);
create trigger attachment_never_changes before update or delete on attachment
    for each row execute function refuse_change();
create trigger attachments_are_never_emptied before truncate on attachment
    execute function refuse_change();

create table number_book (
    area_code       text not null,       -- of the authority
    area_valid_from date not null,
    kind            text not null check (kind in ('decision', 'proposal', 'notice', 'letter')),
    year            smallint not null,
    last            integer not null check (last > 0),
    primary key (area_code, area_valid_from, kind, year),
    foreign key (area_code, area_valid_from) references area (code, valid_from)
);
comment on table number_book is 'The last number given in each book: an authority, a kind of paper, a year. Its row lets one number at a time be given.';

create table number_given (
    area_code       text not null,
    area_valid_from date not null,
    kind            text not null,
    year            smallint not null,
    number          integer not null check (number > 0),
    written         text not null,       -- 12/QĐ-UBND
    day             date not null,       -- of the paper
    given_by        text not null,
    given_at        timestamptz not null,
    primary key (area_code, area_valid_from, kind, year, number),
    foreign key (area_code, area_valid_from, kind, year) references number_book,
    check (year = extract(year from day))
);
comment on table number_given is 'Numbers of papers that go out, without gaps within a book. Append-only.';
create trigger number_given_never_changes before update or delete on number_given
    for each row execute function refuse_change();
create trigger numbers_given_are_never_emptied before truncate on number_given
    execute function refuse_change();

-- A number follows the one before it: no gap, whoever writes it.
create function refuse_gap_of_numbers() returns trigger language plpgsql as $$
begin
    if new.number > 1 and not exists (
            select from number_given
            where area_code = new.area_code and area_valid_from = new.area_valid_from
              and kind = new.kind and year = new.year and number = new.number - 1) then
        raise exception 'a number follows the one before it'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger number_follows_the_one_before before insert on number_given
    for each row execute function refuse_gap_of_numbers();

-- A book only goes on by one.
create trigger number_book_goes_on_by_one before update on number_book
    for each row when (new.last <> old.last + 1 or new.year <> old.year or new.kind <> old.kind
                       or new.area_code <> old.area_code
                       or new.area_valid_from <> old.area_valid_from)
    execute function refuse_change();
create trigger number_book_is_never_removed before delete on number_book
    for each row execute function refuse_change();

-- Which dossiers a decision is about, by its number.
create index dossier_step_by_decision on dossier_step ((body -> 'decision' ->> 'number'))
    where kind = 'decided';

create table signed_letter (
    signed_no   bigint generated always as identity primary key,
    dossier_id  bigint not null,
    kind        text not null,           -- casework::letter::Kind
    seq         integer not null,        -- the step of the dossier the letter is about
    file_hash   bytea not null check (octet_length(file_hash) = 32),   -- exactly what was signed
    size        integer not null check (size between 1 and 26214400),
    way         text not null check (way in ('recorded', 'uploaded')),   -- as printed here, or a file signed elsewhere
    signed_by   text not null,           -- who signed, as written
    signed_on   date not null,
    recorded_by text not null,
    recorded_at timestamptz not null,
    foreign key (dossier_id, seq) references dossier_step,
    constraint letter_is_signed_once unique (dossier_id, kind, seq)
);
comment on table signed_letter is 'Letters as they were signed. Append-only: a signed letter never changes.';
create index signed_letter_by_file on signed_letter (file_hash);
create trigger signed_letter_never_changes before update or delete on signed_letter
    for each row execute function refuse_change();
create trigger signed_letters_are_never_emptied before truncate on signed_letter
    execute function refuse_change();
