//! The law as data with dates: load, check, evaluate, explain. Pure: no database, no clock.
//!
//! [`Law`] is everything in the law folder. [`Law::in_force`] is what of it counted by a day.
//! [`InForce::owed`] says in runs of months what a [`Person`] is owed; [`InForce::explain`] says
//! why, for one month, with articles; [`InForce::assess`] says which benefits the facts qualify for.

pub mod assess;
pub mod benefit;
mod benefit_set;
pub mod check;
mod circumstances;
mod example;
pub mod explain;
pub mod files;
mod folder;
mod glance;
mod highest;
mod in_force;
pub mod input;
mod judge;
pub mod law;
mod meets;
pub mod owed;
pub mod person;
mod practice;
mod rate;
pub mod refusal_code;
pub mod requirement;
pub mod show;
mod standard;
mod start;
mod timeline;

pub use assess::{Assessment, Eligible, Ineligible};
pub use benefit::Benefit;
pub use explain::{Line, MonthAnswer, Refused};
pub use in_force::InForce;
pub use law::{Law, LawError};
pub use owed::Spell;
pub use person::{CaredPerson, Enrolment, Fact, FactKind, Person};
pub use refusal_code::RefusalCode;
