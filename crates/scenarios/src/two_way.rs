//! `two-way-2024-05`: the nation in the month in which 61 of 63 provinces are connected with the
//! ministry's system.

pub mod traffic;
