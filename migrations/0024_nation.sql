-- What boards of the whole country need to be there at once, and where the post pays.

-- Pay points ---------------------------------------------------------------------------------------

create table pay_point (
    provider        text not null references provider,
    code            text not null check (btrim(code) <> ''),   -- the provider's
    name            text not null check (btrim(name) <> ''),
    area_code       text not null,                 -- commune it lies in
    area_valid_from date not null,
    recorded_by     text not null,
    recorded_at     timestamptz not null,
    primary key (provider, code),
    foreign key (area_code, area_valid_from) references area (code, valid_from)
);
comment on table pay_point is 'Where a provider pays cash. Never changed: a point that moves gets another code.';
create trigger pay_point_never_changes before update or delete on pay_point
    for each row execute function refuse_change();
create trigger pay_points_are_never_emptied before truncate on pay_point
    execute function refuse_change();

-- Boards -------------------------------------------------------------------------------------------

-- Also by the standard amount, in đồng, which is no small number.
alter table board_caseload drop constraint board_caseload_kind_check;
alter table board_caseload alter column key type integer;
alter table board_caseload add constraint board_caseload_kind_check
    check (kind in ('all', 'benefit', 'channel', 'standard'));
comment on column board_caseload.key is 'Number of the benefit or channel, đồng of the standard; 0 for all.';

create index board_people_stale on board_people (month) where stale;

create table board_month (
    month           integer primary key check (month % 100 between 1 and 12),
    beneficiaries   bigint not null,
    paid_by_account bigint not null,
    amount          bigint not null                -- đồng: all lines but recoveries
);
comment on table board_month is 'The sums of board_people and board_caseload over all communes of a month, so that a year of the whole country is thirteen rows. Written with them.';

-- What was counted so far lacks the standards: whoever looks next counts it again.
delete from board_caseload;
delete from board_people;
delete from board_list;

alter table board_people add column wants_without integer not null;
comment on column board_people.wants_without is 'Who wish an account and have none.';

-- A figure by its name. Plain SQL, so that the planner puts the column in its place.
create function board_figure(of board_people, figure text) returns integer language sql immutable as $$
    select case figure
        when 'beneficiaries' then of.beneficiaries
        when 'with_account' then of.with_account
        when 'own_account' then of.own_account
        when 'guardian_account' then of.guardian_account
        when 'authorised_account' then of.authorised_account
        when 'wants_account' then of.wants_account
        when 'wants_without' then of.wants_without
        when 'paid_by_account' then of.paid_by_account
        when 'gap' then of.gap
        when 'missing_id' then of.missing_id
        when 'malformed_id' then of.malformed_id
        when 'not_found' then of.not_found
        when 'mismatch' then of.mismatch
        when 'pending' then of.pending
        when 'verified' then of.verified
        when 'doubtful_id' then of.doubtful_id
        when 'missing_sex' then of.missing_sex
        when 'missing_ethnicity' then of.missing_ethnicity
        when 'missing_phone' then of.missing_phone
        when 'partial_birth_date' then of.partial_birth_date
        when 'missing_channel' then of.missing_channel
        when 'without_account' then of.beneficiaries - of.with_account
    end
$$;

-- What became of the money -------------------------------------------------------------------------

create table outcome_due (
    due_no          bigint primary key generated always as identity,
    list_month      integer not null,
    list_id         bigint,                        -- all communes of the list, or one commune:
    area_code       text,
    area_valid_from date,
    check ((list_id is null) = (area_code is not null)),
    check ((area_code is null) = (area_valid_from is null))
);
comment on table outcome_due is 'Where results or orders came since board_outcome was last looked at. Written with them; whoever looks next counts these communes again.';
create index outcome_due_of_month on outcome_due (list_month);

create table board_outcome_list (
    list_id bigint primary key references payment_list,
    month   integer not null
);
comment on table board_outcome_list is 'The approved lists that board_outcome has counted.';
create index board_outcome_list_of_month on board_outcome_list (month);

create table board_outcome (
    month           integer not null check (month % 100 between 1 and 12),
    area_code       text not null,                 -- commune of the list's month
    area_valid_from date not null,
    provider        text not null,                 -- whom the line was ordered from, or else who reported; '' is nobody yet
    status          text not null check (status in ('paid', 'failed', 'returned', 'not_collected', 'not_reported')),
    lines           integer not null,
    amount          bigint not null,               -- đồng
    primary key (month, area_code, area_valid_from, provider, status)
);
comment on table board_outcome is 'What became of the payable lines of approved lists, by commune. Follows from list_line, order_line and payment_result; no amount is ever taken from it.';

-- An order gives its lines a provider.
create function note_order_for_board() returns trigger language plpgsql as $$
begin
    insert into outcome_due (list_month, list_id) values (new.list_month, new.list_id);
    return null;
end $$;
create trigger order_is_noted_for_board after insert on payment_order
    for each row execute function note_order_for_board();

-- People behind a number ---------------------------------------------------------------------------

-- Rare among millions: who of the whole country is in such a group, by name.
create index person_not_found on person (name_key, person_id) where identity_check = 'not_found';
create index person_mismatch on person (name_key, person_id) where identity_check = 'mismatch';
create index person_id_fault_by_name on person (name_key, person_id) where id_state <> 'plausible';
create index person_without_sex on person (name_key, person_id) where sex is null;
create index person_without_ethnicity on person (name_key, person_id) where ethnicity is null;
