//! Vietnamese names.
