//! The program from the outside, as its operators and other programs meet it; and that the papers
//! of the project say what is there.

mod command;
mod crash;
mod house;
mod peers;
mod program;
mod security;
