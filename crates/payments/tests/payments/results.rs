//! What providers report, and what becomes of it.

mod balance;
mod files;
mod order;
mod parts;
mod queue;
mod sandbox;
