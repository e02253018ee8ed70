//! Speed of the engine.
fn main() {}
