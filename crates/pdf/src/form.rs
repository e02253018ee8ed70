//! A statistical form on paper: one table, laid out in one go.

use std::path::Path;

use anyhow::Result;
use documents::form_paper::FormPaper;

use crate::binding::Binding;
use crate::press::{self, FORM};

/// Lays the form out and writes the file; says how many pages it has.
pub(crate) fn print(form: &FormPaper, out: &Path) -> Result<usize> {
    let mut binding = Binding::new();
    binding.add(press::lay_out(FORM, form)?)?;
    let pages = binding.pages();
    binding.save(&form.title, out)?;
    Ok(pages)
}
