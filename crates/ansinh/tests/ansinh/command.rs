//! The command line: what is typed, what is said, how it ends.

mod at_work;
mod audit;
mod calc;
mod command_line;
mod decisions;
mod dossiers;
mod messages;
mod nation;
mod orders;
mod own_key;
mod results;
mod spdci;
