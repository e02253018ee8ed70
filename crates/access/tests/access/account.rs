//! Accounts: second factors, sessions one sees, tries from one address, lent roles, administrators.

mod administration;
mod delegation;
mod given;
mod house;
mod second_factor;
mod sessions;
