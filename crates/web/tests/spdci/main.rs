//! Another registry asks ours over HTTP, and is told at a server of its own.

mod at_once;
mod caller;
mod described;
mod hostile;
mod hostile_values;
mod later;
mod notices;
mod updates;
mod visible;
