//! What a cell of a sheet holds, whichever kind of file the sheet came in.

use std::borrow::Cow;

use jiff::civil::Date;

/// A cell as the file types it; nothing is guessed from how it looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing, or only space.
    Empty,
    /// Text, as written.
    Text(Cow<'a, str>),
    /// A number. Spreadsheets drop leading zeros, so codes should not be one.
    Number(f64),
    /// A true date; the time of day is left out.
    Date(Date),
    /// True or false.
    Bool(bool),
    /// A formula that failed: `#N/A`.
    Failed(&'static str),
}

impl Cell<'_> {
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// The whole number in the cell, if it holds one that is exact.
    pub fn whole_number(&self) -> Option<i64> {
        match self {
            Cell::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Some(*number as i64)
            }
            _ => None,
        }
    }

    /// What the cell shows, outer space removed; `None` when it is empty or failed.
    pub fn shown(&self) -> Option<Cow<'_, str>> {
        match self {
            Cell::Empty | Cell::Failed(_) => None,
            Cell::Text(text) => {
                let text = text.trim();
                (!text.is_empty()).then_some(Cow::Borrowed(text))
            }
            Cell::Number(number) => Some(match self.whole_number() {
                Some(whole) => whole.to_string().into(),
                None => number.to_string().into(),
            }),
            Cell::Date(day) => Some(day.strftime("%d/%m/%Y").to_string().into()),
            Cell::Bool(yes) => Some(if *yes { "TRUE" } else { "FALSE" }.into()),
        }
    }
}
