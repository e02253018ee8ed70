//! What two systems disagree about: fields both sides changed, and dossiers that differ.

mod compare;
mod conflict;

pub(crate) use compare::{run, show as comparisons};
pub(crate) use conflict::{decide, of_dossier, show as conflicts};
