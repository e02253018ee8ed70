//! Who comes in, what they may do, and what is kept of it, each test in its own database.

mod account;
mod audit;
mod idempotency;
mod identity;
mod password;
mod permission;
mod providers;
mod sign_in;
