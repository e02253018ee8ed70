//! Who may do what where, and the log of who did it: users, dated roles by area, sessions of
//! browsers, tokens of programs, the chained audit log.

pub mod account;
pub mod administration;
pub mod audit;
pub mod citizen;
pub mod delegation;
pub mod idempotency;
pub mod identity;
pub mod origin;
pub mod password;
pub mod permission;
pub mod practice;
pub mod provider;
pub mod sealed;
pub mod second_factor;
mod secret;
pub mod session;
pub mod sign_in;
pub mod token;
pub mod user;

pub use permission::{Denied, codes_held, holds, holds_in, require};
