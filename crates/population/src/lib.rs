//! The national population database: services 033 (does somebody exist under this number and name) and 037
//! (who is it), as described in public client code. The interface is closed: what is here is a connector and
//! a sandbox that behaves like the service, never a claim that a connection stands.
//!
//! Every question is a [`Question`] with a code of its own, asked by a named officer for a purpose and logged
//! before it leaves. What a person's questions come to is an [`Outcome`]; an error of the service
//! says nothing about the person. Deaths reported become proposals, never facts.

pub mod ahead;
pub mod batch;
pub mod client;
pub mod compare;
pub mod course;
pub mod due;
pub mod log;
pub mod quality;
pub mod question;
mod refusal;
pub mod sandbox;
pub mod settings;
mod store;

pub use batch::{Service, Tally, check};
pub use client::Client;
pub use compare::{Citizen, Outcome, Subject};
pub use due::{Due, DuePerson, Wanted};
pub use question::{Question, Reply};
pub use refusal::Refused;
pub use settings::Settings;
