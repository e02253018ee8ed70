//! The program and PostgreSQL are killed at random moments. These run one at a time
//! (`.config/nextest.toml`).

mod lists;
mod orders;
