//! A database for each test, people builders, a fixed clock.
