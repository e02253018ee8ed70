-- Passwords somebody else has set: their owner changes them at once.

alter table app_user
    add column password_given_at timestamptz;      -- set by somebody else then; null: chosen by the owner
comment on column app_user.password_given_at is
    'When somebody else set the password. Until its owner changes it nothing else is open, and after seven days it no longer opens.';

alter table session
    add column first_step text not null default 'password'
        check (first_step in ('password', 'provider'));
comment on column session.first_step is 'How it was opened: whoever came by a provider of identities owes no change of a password.';
