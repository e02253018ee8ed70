//! Dossiers through the public interface, each test in its own database.

mod apply;
mod course;
mod decide;
mod forms;
mod papers;
mod queue;
