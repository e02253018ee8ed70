//! What is decided about beneficiaries after the first decision, and what lists make of it.

mod agreed;
mod collective;
mod decisions;
mod moves;
mod proposals;
mod ten_thousand;
