//! `two-way-2024-05`: the whole country in the month in which 61 of 63 provinces are connected.

pub mod people;

/// What the scenario is called.
pub const NAME: &str = "two-way-2024-05";

/// What users read.
pub const TITLE: &str = "Cả nước, 63 tỉnh, thành phố, tháng 5/2024";
