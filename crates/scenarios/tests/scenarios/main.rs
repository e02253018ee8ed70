//! Invented provinces: recorded whole, with the figures they were invented for.

mod apply;
mod figures;
mod law;
mod nation;
mod two_way;
