-- From where somebody acted, as part of the chained entry, and ways to look entries up among millions.

alter table audit_entry add column origin text;       -- system, command_line, request, or the address of the request
-- Entries made before have none and keep the hash they have; none is made without from now on.
alter table audit_entry add constraint audit_entry_has_origin check (origin is not null) not valid;
comment on table audit_entry is 'Who did, saw or exported what, when, from where. Append-only and chained.';

-- Pages are the newest first, and go on after the last one shown.
create index audit_entry_by_time on audit_entry (at, entry_no);
create index audit_entry_by_actor on audit_entry (actor, at, entry_no);
create index audit_entry_by_action on audit_entry (action, at, entry_no);
create index audit_entry_by_object on audit_entry (object, at, entry_no);
create index audit_entry_by_area on audit_entry (area_code, at, entry_no);
create index audit_entry_by_origin on audit_entry (origin, at, entry_no);
