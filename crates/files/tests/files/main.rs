//! Files by their content, in a folder and in an object store.

mod object_store;
mod papers;
