-- Work on the quality of records: what a person decided about a field, and the lists sent to the police of a
-- commune with what they answered. Append-only.

create table quality_decision (
    decision_no bigint primary key generated always as identity,
    person_id   bigint not null,
    field       text not null check (field in ('full_name', 'birth_date', 'sex', 'id_number')),
    turn        smallint not null check (turn >= 1),   -- 1, 2, 3 … of this field of this person
    decision    text not null check (decision in ('accepted', 'kept')),
    ours        text,                              -- our value then; null for none
    value       text,                              -- the new one, when accepted
    repair      text,                              -- what seemed to have happened
    source      text not null check (btrim(source) <> ''),  -- the proof: request code, police list, the record itself
    reason      text not null check (btrim(reason) <> ''),
    event_id    uuid unique,                       -- the person_corrected event of an accepted one
    decided_by  text not null,
    decided_at  timestamptz not null,
    unique (person_id, field, turn),
    check ((decision = 'accepted') = (event_id is not null)),
    check ((decision = 'accepted') = (value is not null))
);
comment on table quality_decision is 'A suggested repair was accepted, or our value kept with a reason: so long as our value stays, it is not asked about again.';

create table police_list (
    list_no         bigint primary key generated always as identity,
    area_code       text not null,
    area_valid_from date not null,
    made_by         text not null,
    made_at         timestamptz not null
);
comment on table police_list is 'People of a commune whose records the police of the commune is asked to look at.';

create table police_list_row (
    list_no   bigint not null references police_list,
    row_no    integer not null check (row_no >= 1),
    person_id bigint not null,
    fields    text[] not null check (fields <> '{}'),
    primary key (list_no, row_no),
    unique (list_no, person_id)
);
comment on table police_list_row is 'A person on such a list, and which fields are asked about.';
create index police_list_row_of_person on police_list_row (person_id);

create table police_answer (
    list_no     bigint not null,
    row_no      integer not null,
    answer      text not null check (answer in ('right', 'differs', 'unknown', 'dead')),
    theirs      jsonb not null default '{}',       -- their values, for one that differs
    brought_by  text not null,
    brought_at  timestamptz not null,
    primary key (list_no, row_no),
    foreign key (list_no, row_no) references police_list_row (list_no, row_no),
    check ((answer = 'differs') = (theirs <> '{}'))
);
comment on table police_answer is 'What the police answered of a row, once. Nothing of the person changes before somebody accepts it.';

create trigger quality_decision_never_changes before update or delete on quality_decision
    for each row execute function refuse_change();
create trigger quality_decisions_are_never_emptied before truncate on quality_decision
    execute function refuse_change();
create trigger police_list_never_changes before update or delete on police_list
    for each row execute function refuse_change();
create trigger police_lists_are_never_emptied before truncate on police_list
    execute function refuse_change();
create trigger police_list_row_never_changes before update or delete on police_list_row
    for each row execute function refuse_change();
create trigger police_list_rows_are_never_emptied before truncate on police_list_row
    execute function refuse_change();
create trigger police_answer_never_changes before update or delete on police_answer
    for each row execute function refuse_change();
create trigger police_answers_are_never_emptied before truncate on police_answer
    execute function refuse_change();
