//! Records of two lists that are one person: what is found, how well, and how lists are read.

mod lists;
mod quality;
