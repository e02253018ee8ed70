//! People and what happens to them, each test in its own database.

mod apply;
mod event;
mod import;
mod payees;
mod people;
mod roll;
mod support;
