//! Personal ID numbers.
