//! The same person twice in the registry of one area, in two provinces, or in another programme's list (merit,
//! pensions, social insurance). Pairs are found by `matching`, whose weights are estimated from the records, and
//! decided by a person: nothing is merged or linked by itself.
//!
//! What becomes of two records of the registry is said in [`registry::duplicates`]; here they are looked for. Lists
//! of other programmes are brought as files ([`list`]) and decided in [`decide`]; what follows for the law is a
//! proposal only.

pub mod board;
pub mod decide;
pub mod list;
pub mod shown;

mod find;
mod programme;
mod refusal;
mod register;

pub use find::{Search, Twice, last_search, nightly, twice};
pub use programme::{PairState, Programme};
pub use refusal::LinkRefused;

use kernel::actor::Role;

/// Who looks for pairs, brings lists and decides.
pub const WORKERS: [Role; 1] = [Role::Officer];

/// Pairs less likely than this are not shown: more likely one person than two.
const THRESHOLD: f64 = 0.5;

/// Bytes that comparing may use.
const MEMORY: u64 = 512 << 20;

/// How lists are compared here.
fn options(one_register: bool) -> matching::Options {
    matching::Options {
        threshold: THRESHOLD,
        also: Vec::new(),
        one_to_one: false,
        memory: MEMORY,
        one_register,
    }
}

/// What a field says, as it is kept with a pair.
fn reasons(found: &[matching::Reason]) -> Vec<registry::duplicates::Reason> {
    use registry::duplicates::{Agreement, Reason};
    let reasons = found.iter().map(|it| Reason {
        field: it.field.to_owned(),
        agreement: match it.agreement {
            matching::Agreement::Same => Agreement::Same,
            matching::Agreement::Close => Agreement::Close,
            matching::Agreement::Like => Agreement::Like,
            matching::Agreement::Swapped => Agreement::Swapped,
            matching::Agreement::Different => Agreement::Different,
        },
        times: it.times,
    });
    reasons.collect()
}
