//! The site through its own front door: requests in, pages and problem documents out.

mod boards;
mod client;
mod events;
mod exchange;
mod month;
mod orders;
mod payee;
mod permission;
mod results;
mod security;
mod sign_in;
