-- Messages to one-stop systems that are on their way. What was taken is kept for good and is many times
-- more; whoever asks what there is to tell must not go through it each time. Follows from the outbox and
-- its deliveries; nothing is read from here that they do not say.

create table exchange_open (
    outbox_no     bigint primary key references exchange_outbox,
    province_code text not null,
    dossier_id    bigint not null,
    seq           integer not null,
    failures      integer not null default 0        -- since it was last sent anew
);
comment on table exchange_open is 'Messages of the outbox that no delivery says are taken, and how often each failed since it was last sent anew. Written by the database with what it follows from.';
create index exchange_open_of_province on exchange_open (province_code, outbox_no);
create index exchange_open_of_dossier on exchange_open (dossier_id, seq);
create index exchange_open_dead on exchange_open (province_code) where failures > 0;

insert into exchange_open (outbox_no, province_code, dossier_id, seq, failures)
select o.outbox_no, o.province_code, o.dossier_id, o.seq,
       (select count(*) from exchange_delivery f
        where f.outbox_no = o.outbox_no and f.outcome = 'failed'
          and f.delivery_no > coalesce((select max(a.delivery_no) from exchange_delivery a
                                        where a.outbox_no = o.outbox_no and a.outcome = 'again'), 0))
from exchange_outbox o
where not exists (select from exchange_delivery t
                  where t.outbox_no = o.outbox_no and t.outcome = 'taken');

create function open_what_is_to_tell() returns trigger language plpgsql as $$
begin
    insert into exchange_open (outbox_no, province_code, dossier_id, seq)
    select outbox_no, province_code, dossier_id, seq from added;
    return null;
end $$;
create trigger what_is_to_tell_is_open after insert on exchange_outbox
    referencing new table as added for each statement execute function open_what_is_to_tell();

create function note_delivery() returns trigger language plpgsql as $$
begin
    if new.outcome = 'taken' then
        delete from exchange_open where outbox_no = new.outbox_no;
    elsif new.outcome = 'failed' then
        update exchange_open set failures = failures + 1 where outbox_no = new.outbox_no;
    else
        update exchange_open set failures = 0 where outbox_no = new.outbox_no;
    end if;
    return null;
end $$;
create trigger delivery_is_noted after insert on exchange_delivery
    for each row execute function note_delivery();
