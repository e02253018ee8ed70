//! Lists of a month: what they pay, to whom, and why.

mod bench_history;
mod carried_over;
mod changes;
mod conservation;
mod dossiers;
mod merged;
mod month;
mod verify;
