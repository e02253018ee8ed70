//! Files kept by their content: scans of papers and what was signed, in a folder or in an object
//! store. A file's name is the SHA-256 of its content, so that it never changes and is kept once.
//!
//! A file is stored first and named in the database afterwards; one that no transaction came to name
//! is removed later ([`Files::sweep`]).

mod content;
mod hash;
mod store;
mod sweep;

pub use content::{Fault, MediaType};
pub use hash::FileHash;
pub use store::{Content, Files, LARGEST, Refused, Stored};
pub use sweep::Swept;
