//! Dossiers: what people apply for, the steps the law of the day of reception prescribes, deadlines
//! in working days, decisions.
//!
//! A dossier is a sequence of [`Step`]s that are never changed. Which steps are lawful, where the
//! dossier stands in the national list of statuses and until when it must be decided follow from
//! the steps ([`Course`]); none of it is ever set.

pub mod act;
pub mod apply;
pub mod change;
pub mod bench;
pub mod channel;
pub mod collective;
pub mod course;
pub mod deadline;
pub mod event;
pub mod laid;
pub mod local;
pub mod procedure;
mod proposal;
pub mod queue;

pub mod regime;
pub mod show;
pub mod status;
pub mod step;
pub mod transfer;

pub use apply::{ApplyError, Teller, apply, apply_within};
pub use channel::Channel;
pub use course::{Course, Manner, Unlawful, Waiting};
pub use event::{Event, Submitted, read_lines};
pub use show::{Dossier, Filter, Row, dossier, list};
pub use status::Status;
pub use step::{Outcome, Proposal, Step, Submission};
