-- Who passes on by X-Road what a province sends: the account of the security server.

alter table exchange_dialect add column carrier text references app_user,
    add constraint exchange_dialect_carrier check (carrier is null or dialect = 'x_road');
comment on column exchange_dialect.carrier is 'The account of the security server of X-Road that vouches for the client: security servers pass no HTTP headers of a SOAP request on, so that the province''s own token never arrives. Such an account speaks for a province only by SOAP, only as the client recorded here, and only while it holds the role for the province. Null: the province''s own account alone.';
