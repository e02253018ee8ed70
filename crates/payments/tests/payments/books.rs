//! What holds of money whoever does what, and when: ledger, closings, rules of the database.

mod at_once;
mod closing;
mod database_rules;
mod ledger;
