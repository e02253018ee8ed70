//! Month lists: made from the law, explained, approved, verified.
