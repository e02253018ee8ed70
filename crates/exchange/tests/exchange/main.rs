//! One-stop systems of provinces through the public interface, each test in its own database.

mod backlog;
mod fields;
mod gathering;
mod messages;
mod signature;
