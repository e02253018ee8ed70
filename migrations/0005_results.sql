-- What providers report of each line of an approved list.

create sequence result_no;

create table payment_result (
    person_id   bigint not null,
    list_month  integer not null,
    line_no     smallint not null,
    result_no   bigint not null default nextval('result_no'),  -- order of recording; the last of a line counts
    provider    text not null,
    result_id   text not null,                     -- the provider's; unique over all people in result_claim
    status      text not null check (status in ('paid', 'failed', 'returned', 'not_collected')),
    happened_on date not null,
    reason      text,                              -- the provider's code: account_closed, absent, …
    amount      bigint not null,                   -- đồng, exactly that of the line
    recorded_by text not null,
    recorded_at timestamptz not null,
    primary key (person_id, list_month, line_no, result_no)
);
comment on table payment_result is 'What became of each line, as providers say. Append-only: the result recorded last counts.';

create table result_claim (
    provider  text not null,
    result_id text not null,
    person_id bigint not null,
    primary key (provider, result_id)
);
comment on table result_claim is 'One row a result: the same result twice changes nothing.';

create trigger results_never_change before update or delete on payment_result
    for each row execute function refuse_change();
create trigger results_are_never_emptied before truncate on payment_result
    execute function refuse_change();
