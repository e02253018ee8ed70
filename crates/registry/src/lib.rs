//! People, households, events, facts, enrolments, identity state.
//!
//! [`event::Event`] is what callers tell; everything the registry knows of a person is a fold of
//! that person's events.

pub mod apply;
pub mod areas;
pub mod copy;
pub mod duplicates;
pub mod event;
pub mod fact;
pub mod glance;
pub mod import;
pub mod payee;
pub mod person;
pub mod quality;
pub mod refusal;
pub mod roll;
pub mod search;
pub mod sight;
pub mod timeline;

pub use apply::{
    Applied, ApplyError, apply, apply_settled_within, apply_within, try_out, try_out_settled,
};
pub use event::{Event, EventKind, Submitted};
pub use refusal::Refusal;
