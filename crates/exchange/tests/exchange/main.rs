//! One-stop systems of provinces through the public interface, each test in its own database.

mod fields;
mod gathering;
mod messages;
mod signature;
