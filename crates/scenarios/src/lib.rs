//! Invented provinces, drawn from a seed, in which every published figure comes out of the records.
