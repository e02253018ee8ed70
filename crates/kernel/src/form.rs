//! A blank form: what one crate reads and another draws.

/// A form to be filled in as a sheet, one thing a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Name of the sheet.
    pub title: &'static str,
    /// In order.
    pub columns: Vec<FormColumn>,
    /// What to know before filling it in, a sentence each.
    pub notes: Vec<&'static str>,
    /// Filled-in rows to learn from, a text for each column.
    pub examples: Vec<Vec<String>>,
}

/// A column of a form. Every column is text: a spreadsheet spoils codes and dates it takes for
/// numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormColumn {
    /// As in the first row.
    pub heading: &'static str,
    /// Whether every row must have it.
    pub required: bool,
    /// How it is written, in a sentence.
    pub help: &'static str,
    /// Width in characters.
    pub width: u16,
    /// What may be chosen; empty where anything may be written.
    pub choices: Vec<String>,
}
