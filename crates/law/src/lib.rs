//! The law as data with dates: load, check, evaluate, explain. Pure: no database, no clock.
//!
//! [`Law`] is everything in the law folder. [`Law::in_force`] is what of it counted by a day.
//! [`InForce::owed`] says in runs of months what a [`Person`] is owed; [`InForce::explain`] says
//! why, for one month, with articles; [`InForce::assess`] says which benefits the facts qualify for.

pub mod benefit;
pub mod person;

pub use benefit::Benefit;
pub use person::{CaredPerson, Enrolment, Fact, FactKind, Person};
