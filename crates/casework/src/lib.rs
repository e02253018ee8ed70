//! Dossiers: what people apply for, the steps the law of the day of reception prescribes, deadlines
//! in working days, decisions.
//!
//! A dossier is a sequence of [`Step`]s that are never changed. Which steps are lawful, where the
//! dossier stands in the national list of statuses and until when it must be decided follow from
//! the steps ([`Course`]); none of it is ever set.

pub mod answered;
pub mod apply;
pub mod channel;
pub mod code;
pub mod course;
pub mod deadline;
pub mod draft;
pub mod eligibility;
pub mod event;
pub mod form;
mod grant;
pub mod known;
pub mod open;
pub mod procedure;
pub mod regime;
pub mod show;
pub mod stated;
pub mod status;
pub mod step;
pub mod submit;

pub use apply::{Teller, apply, apply_within};
pub use channel::Channel;
pub use course::{Course, Unlawful};
pub use event::{Event, Submitted, read_lines};
pub use show::{Dossier, Filter, Row, dossier, list};
pub use status::Status;
pub use step::{Outcome, Step, Submission};
