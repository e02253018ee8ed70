//! Another registry asks ours over HTTP, and is told at a server of its own.

mod alike;
mod at_once;
mod caller;
mod described;
mod fuzz;
mod hostile;
mod hostile_values;
mod later;
mod mergers;
mod notices;
mod updates;
mod visible;
