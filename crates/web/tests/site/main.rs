//! The site through its own front door: requests in, pages and problem documents out.

mod boards;
mod client;
mod events;
mod month;
mod payee;
mod permission;
mod security;
mod sign_in;
