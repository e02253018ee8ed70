//! The same person twice, found by comparing everybody, and decided by people.

mod nightly;
mod people;
mod programmes;
mod twice;
