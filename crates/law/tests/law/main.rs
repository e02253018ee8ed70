//! The law as data: what it answers, what holds of it whatever the person, and what is refused.

mod answers;
mod folder;
mod input;
mod properties;
