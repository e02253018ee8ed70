//! Dossiers: what people apply for, the steps the law of the day of reception prescribes, deadlines
//! in working days, decisions.
//!
//! A dossier is a sequence of [`Step`]s that are never changed. Which steps are lawful, where the
//! dossier stands in the national list of statuses and until when it must be decided follow from
//! the steps ([`Course`]); none of it is ever set.

pub mod apply;
pub mod attachment;
pub mod channel;
pub mod course;
pub mod deadline;
pub mod event;
pub mod letter;
pub mod lookup;
pub mod procedure;
pub mod regime;
pub mod register;
pub mod show;
pub mod status;
pub mod step;
mod whose;

pub use apply::{Teller, apply, apply_within};
pub use channel::Channel;
pub use course::{Course, Unlawful};
pub use event::{Event, Submitted, read_lines};
pub use show::{Dossier, Filter, Row, dossier, list};
pub use status::Status;
pub use step::{Outcome, Step, Submission};
