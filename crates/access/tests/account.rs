//! Accounts: second factors, sessions one sees, tries from one address, lent roles, administrators.

#[path = "account/administration.rs"]
mod administration;
#[path = "account/delegation.rs"]
mod delegation;
#[path = "account/given.rs"]
mod given;
#[path = "account/house.rs"]
mod house;
#[path = "account/second_factor.rs"]
mod second_factor;
#[path = "account/sessions.rs"]
mod sessions;
