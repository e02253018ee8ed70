//! Work on the quality of records: what differs from the population database or cannot be right, with a
//! suggested repair that a person accepts, keeps apart or has the police of the commune look at.

pub mod again;
pub mod decide;
pub mod police;
mod refusal;
pub mod repair;
pub mod work;

pub use again::check_again;
pub use decide::{accept, keep};
pub use refusal::WorkRefused;
pub use repair::{Fault, Record, Repair, Suggestion, suggestion};
pub use work::{People, Task, Tasks, WORKERS, tasks};
