//! Dossiers: what people apply for, the steps the law of the day of reception prescribes, deadlines
//! in working days, decisions.
//!
//! A dossier is a sequence of [`Step`]s that are never changed. Which steps are lawful, where the
//! dossier stands in the national list of statuses and until when it must be decided follow from
//! the steps ([`Course`]); none of it is ever set.

pub mod act;
pub mod answered;
pub mod apply;
pub mod attachment;
pub mod bench;
pub mod change;
pub mod channel;
pub mod citizen;
pub mod code;
pub mod collective;
pub mod correct;
pub mod course;
pub mod deadline;
pub mod draft;
pub mod eligibility;
pub mod event;
pub mod form;
mod grant;
pub mod known;
pub mod laid;
pub mod letter;
pub mod local;
pub mod lookup;
pub mod online;
pub mod open;
pub mod procedure;
mod proposal;
pub mod queue;
pub mod regime;
pub mod register;
pub mod show;
pub mod stated;
pub mod status;
pub mod step;
pub mod submit;
pub mod transfer;
pub mod verdict;
mod whose;

pub use apply::{ApplyError, Teller, Untold, apply, apply_untold, apply_within};
pub use channel::Channel;
pub use course::{Course, Manner, Unlawful, Waiting};
pub use event::{Event, Submitted, read_lines};
pub use show::{Dossier, Filter, Row, dossier, list};
pub use status::Status;
pub use step::{Outcome, Proposal, Step, Submission};
