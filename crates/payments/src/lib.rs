//! Month lists: made from the law, explained, approved, verified.
//!
//! A month's list pays the difference between what the law owes each person for every month up to
//! now, with everything known now, and what approved lists already hold ([`difference`]). Nothing
//! else is needed for arrears, late decisions, deaths reported late, suspensions lifted, a standard
//! raised retroactively, a mistake corrected. No amount is ever typed.

pub mod approve;
pub mod difference;
pub mod header;
pub mod line;
mod listed;
mod office;
pub mod owed;
mod partition;
pub mod reason;
mod refusal;
pub mod scope;
mod store;

pub use approve::{Approved, approve};
pub use difference::{Difference, ListedRun, difference};
pub use header::Header;
pub use line::{Channel, Line, LineKind};
pub use office::Office;
pub use reason::Reason;
pub use refusal::Refused;
pub use scope::Scope;
