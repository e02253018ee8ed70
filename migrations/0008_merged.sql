-- Records found to be one person: what lists hold for a merged record was paid to the kept one.

alter table list_line add column carries_person_id bigint;
comment on column list_line.carries_person_id is 'Carried over: the merged record whose line it is, when it is not the person''s own.';
alter table list_line add check (carries_person_id is null or kind = 4);
create index list_line_by_carried_person on list_line (carries_person_id)
    where carries_person_id is not null;
