//! The same person twice, found by comparing everybody, and decided by people.

mod people;
mod programmes;
mod twice;
