//! Another registry asks ours over HTTP, and is told at a server of its own.

mod at_once;
mod caller;
mod hostile;
mod later;
mod visible;
