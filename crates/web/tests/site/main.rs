//! The site through its own front door: requests in, pages and problem documents out.

mod client;
mod events;
mod month;
mod orders;
mod permission;
mod results;
mod security;
mod sign_in;
