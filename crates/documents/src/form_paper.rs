//! A statistical form on paper: a heading block, one table, notes, signatures. As JSON it is what
//! the printing program reads in place of a list.

use serde::{Deserialize, Serialize};

/// A form ready to be printed.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct FormPaper {
    /// The agency that reports, one line each, as printed at the top left.
    pub agency: Vec<String>,
    /// Number of the form: `Mẫu số 10a`.
    pub number: String,
    /// Where the form comes from.
    pub source: String,
    /// What it is.
    pub title: String,
    /// Of which area and time.
    pub period: String,
    /// Place and day of signing.
    pub place_and_date: String,
    /// Headings, with the unit where there is one.
    pub headings: Vec<String>,
    /// Widths beside each other; the wide column holds words.
    pub widths: Vec<u8>,
    /// Each as long as `headings`.
    pub rows: Vec<FormRow>,
    /// What to know when reading it, a sentence each.
    pub notes: Vec<String>,
    /// The sheet lies on its side, with room to write in by hand.
    #[serde(default)]
    pub to_fill_in: bool,
    /// Columns behind the second that hold words, counted from 0: they begin at the left like the second.
    #[serde(default)]
    pub words: Vec<usize>,
    /// Who signs at the left and at the right; nobody named is whoever made the form and the head of the agency.
    #[serde(default)]
    pub signers: Vec<String>,
}

/// A row of a form.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct FormRow {
    /// Whether the row adds up others.
    pub strong: bool,
    /// Number, words, figures.
    pub cells: Vec<String>,
}

/// What the printing program is given: told from a list by its one field.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormFile {
    /// The form.
    pub form: FormPaper,
}
