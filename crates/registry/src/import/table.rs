//! What every sheet of one row a person is read by: its columns, found by their headings, and its texts.

use kernel::Cell;
use kernel::name::tidy;

use super::FormError;

/// Letters of a heading nobody knows that are told.
const SHOWN: usize = 100;

/// Which column of the form each column of a sheet is, by its heading; `alike` makes headings that count as one the
/// same text. Headings of none are added to `unknown`.
///
/// # Errors
/// [`FormError::RepeatedHeading`].
pub fn find_columns<C: Copy + PartialEq>(
    cells: &[Cell<'_>],
    all: &[C],
    heading: fn(C) -> &'static str,
    alike: fn(&str) -> String,
    unknown: &mut Vec<String>,
) -> Result<Vec<Option<C>>, FormError> {
    let known: Vec<(String, C)> = all
        .iter()
        .map(|column| (alike(heading(*column)), *column))
        .collect();
    let mut columns = Vec::with_capacity(cells.len());
    for cell in cells {
        let shown = cell.shown();
        let column = shown.as_ref().and_then(|text| {
            let text = alike(text);
            let found = known.iter().find(|(known, _)| *known == text);
            found.map(|(_, column)| *column)
        });
        if let Some(column) = column
            && columns.contains(&Some(column))
        {
            return Err(FormError::RepeatedHeading(heading(column)));
        }
        if column.is_none() {
            unknown.extend(shown.map(|text| text.chars().take(SHOWN).collect()));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// A heading without outer space and capitals.
pub fn lower(heading: &str) -> String {
    tidy(heading).to_lowercase()
}

/// The cells of a row by the columns of the form; `at` says where a column stands in it.
pub fn by_column<'c, 'a, C: Copy, const N: usize>(
    columns: &[Option<C>],
    cells: &'c [Cell<'a>],
    at: fn(C) -> usize,
) -> [&'c Cell<'a>; N] {
    let mut found = [const { &Cell::Empty }; N];
    for (column, cell) in columns.iter().zip(cells) {
        if let Some(column) = column {
            found[at(*column)] = cell;
        }
    }
    found
}

/// The text of a cell without outer space; `None` of an empty one.
///
/// # Errors
/// A failed formula, more letters than `longest`, a sign that cannot be printed: stable code, and why in Vietnamese.
pub fn text_of(cell: &Cell<'_>, longest: usize) -> Result<Option<String>, (&'static str, String)> {
    if let Cell::Failed(failure) = cell {
        let why = format!("công thức trong ô bị lỗi {failure}");
        return Err(("failed_formula", why));
    }
    let Some(text) = cell.shown().map(|text| tidy(&text)) else {
        return Ok(None);
    };
    if text.chars().count() > longest {
        return Err(("too_long", format!("dài quá {longest} ký tự")));
    }
    if text.chars().any(char::is_control) {
        let why = "có ký tự điều khiển không in được";
        return Err(("control_character", why.to_owned()));
    }
    Ok(Some(text))
}
