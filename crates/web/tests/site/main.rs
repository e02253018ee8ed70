//! The site through its own front door: requests in, pages and problem documents out.

mod bad_results;
mod boards;
mod client;
mod events;
mod month;
mod orders;
mod payee;
mod permission;
mod results;
mod security;
mod sign_in;
