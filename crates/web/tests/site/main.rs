//! The site through its own front door: requests in, pages and problem documents out.

mod account;
mod administration;
mod apply_online;
mod bad_results;
mod boards;
mod changes;
mod citizens;
mod client;
mod contracts;
mod counter;
mod events;
mod exchange;
mod month;
mod month_of_money;
mod orders;
mod papers;
mod partner;
mod payee;
mod permission;
mod population;
mod results;
mod security;
mod sign_in;
mod treasury;
mod work;
