//! From answers to a numbered decision and what it tells the registry.

mod corrected;
mod numbered;
mod office;
mod told;
