-- Other registries: what was given up since they could not be reached may be told after all, when somebody says so.

alter table spdci_task drop constraint spdci_task_check1;
alter table spdci_task add constraint a_question_goes_once_it_is_answered check (state <> 'told' or request is null);
comment on column spdci_task.request is 'The message as it came; gone once answered, or thirty days after it was given up.';

create index spdci_task_given_up on spdci_task (caller, made_at) where state = 'given_up';
create index spdci_question_given_up on spdci_task (made_at) where state = 'given_up' and request is not null;
