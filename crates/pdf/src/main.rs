//! The printing program.
fn main() {}
