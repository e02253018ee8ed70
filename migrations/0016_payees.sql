-- Receivers to look at again: accounts that several people share, authorisations that end.

create index payee_by_account on payee (account_number, provider) where account_number is not null;
create index payee_by_authorisation_end on payee (authorised_until) where authorised_until is not null;
