//! Month lists: made from the law, explained, approved, verified.
//!
//! A month's list pays the difference between what the law owes each person for every month up to
//! now, with everything known now, and what approved lists already hold ([`difference()`]). Nothing
//! else is needed for arrears, late decisions, deaths reported late, suspensions lifted, a standard
//! raised retroactively, a mistake corrected. No amount is ever typed.

pub mod approve;
pub mod balance;
pub mod bench;
mod carried;
pub mod cause;
pub mod changes;
pub mod closing;
pub mod difference;
pub mod explain;
mod fingerprint;
pub mod foresee;
pub mod header;
pub mod interface;
pub mod ledger;
pub mod line;
mod listed;
pub mod make;
mod news;
mod office;
pub mod opening;
pub mod order;
pub mod page;
pub mod paper;
mod partition;
pub mod partner;
pub mod proposal;
pub mod provider;
pub mod reason;
pub mod received;
mod reckoning;
mod refusal;
pub mod results;
pub mod sandbox;
pub mod scope;
pub mod settlement;
pub mod show;
mod store;
mod together;
pub mod treasury;
pub mod upcoming;
pub mod verify;

pub use approve::{Approved, approve, approve_seen};
pub use balance::{Balance, balance};
pub use cause::Cause;
pub use changes::{Changes, changes};
pub use difference::{Difference, ListedRun, difference};
pub use explain::{Explanation, explain};
pub use foresee::{Foreseen, foresee};
pub use header::Header;
pub use line::{Carries, Channel, Line, LineKind};
pub use make::{Made, make};
pub use office::Office;
pub use opening::{Opening, open};
pub use paper::{Disclosure, Paper, paper};
pub use reason::Reason;
pub use refusal::Refused;
pub use scope::Scope;
pub use show::{ShownLine, lists, show};
pub use upcoming::{Upcoming, upcoming};
pub use verify::{Verdict, verify};
