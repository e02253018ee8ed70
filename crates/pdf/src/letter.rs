//! A letter on paper, laid out in one go.

use std::path::Path;

use anyhow::Result;
use documents::letter::Letter;

use crate::binding::Binding;
use crate::press::{self, LETTER};

/// Lays the letter out and writes the file; says how many pages it has.
pub(crate) fn print(letter: &Letter, out: &Path) -> Result<usize> {
    let mut binding = Binding::new();
    binding.add(press::lay_out(LETTER, letter)?)?;
    let pages = binding.pages();
    binding.save(&letter.title, out)?;
    Ok(pages)
}
