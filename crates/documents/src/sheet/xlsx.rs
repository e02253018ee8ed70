//! Reads the first sheet of an Excel file.

use std::borrow::Cow;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{CellErrorType, DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};
use jiff::civil::Date;
use kernel::Cell;

use super::{MAX_COLUMNS, SheetError, guard};

pub(super) fn read<R, E>(
    mut input: BufReader<R>,
    each: &mut impl FnMut(u64, &[Cell<'_>]) -> Result<(), E>,
) -> Result<(), E>
where
    R: Read + Seek,
    E: From<SheetError>,
{
    let seen = guard::check(&mut input)?;
    input.seek(SeekFrom::Start(0)).map_err(SheetError::Io)?;
    let mut workbook = guarded(|| Xlsx::new(input))?;
    let sheets = workbook.sheets_metadata().iter();
    let first = sheets
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .next()
        .ok_or(SheetError::NoSheet)?;
    if seen.merged_cells {
        let merged = guarded(|| workbook.merge_cells_by_sheet_name(&first))?;
        refuse_merged(&merged)?;
    }
    read_rows(&mut workbook, &first, each)
}

/// Runs a step of the library. A file that the guard let through and that still makes it panic is
/// damaged like any other; its message goes nowhere, it may quote the file.
fn guarded<T>(step: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, SheetError> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(result) => result.map_err(refusal),
        Err(_) => Err(SheetError::Damaged("XML".to_owned())),
    }
}

fn refusal(error: XlsxError) -> SheetError {
    match error {
        XlsxError::Io(error) => SheetError::Io(error),
        XlsxError::Password => SheetError::PasswordOrOldExcel,
        XlsxError::FileNotFound(_) | XlsxError::WorksheetNotFound(_) => SheetError::NoSheet,
        XlsxError::NotAWorksheet(_) | XlsxError::RelationshipNotFound => SheetError::NoSheet,
        other => SheetError::Damaged(other.to_string()),
    }
}

fn refuse_merged(merged: &[calamine::Dimensions]) -> Result<(), SheetError> {
    let below_heading = merged.iter().filter(|range| range.end.0 > 0);
    match below_heading.min_by_key(|range| range.start) {
        Some(range) => Err(SheetError::Merged {
            row: u64::from(range.start.0) + 1,
            range: format!("{}:{}", cell_name(range.start), cell_name(range.end)),
        }),
        None => Ok(()),
    }
}

fn cell_name((row, column): (u32, u32)) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        letters.push(char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", row + 1)
}

fn read_rows<R, E>(
    workbook: &mut Xlsx<R>,
    sheet: &str,
    each: &mut impl FnMut(u64, &[Cell<'_>]) -> Result<(), E>,
) -> Result<(), E>
where
    R: Read + Seek,
    E: From<SheetError>,
{
    let mut reader = guarded(|| workbook.worksheet_cells_reader(sheet))?;
    let mut cells: Vec<Cell<'_>> = Vec::with_capacity(32);
    let mut current = 0;
    while let Some(next) = guarded(|| reader.next_cell())? {
        let (row, column) = next.get_position();
        let (row, column) = (u64::from(row) + 1, column as usize);
        let cell = cell(next.get_value());
        if row != current {
            hand_over(current, &mut cells, each)?;
            if row < current {
                let message = format!("dòng {row} đứng sau dòng {current}");
                return Err(SheetError::Damaged(message).into());
            }
            current = row;
        }
        if cell.is_empty() {
            continue;
        }
        if column >= MAX_COLUMNS {
            return Err(SheetError::TooManyColumns { row }.into());
        }
        if column >= cells.len() {
            cells.resize(column + 1, Cell::Empty);
        }
        cells[column] = cell;
    }
    hand_over(current, &mut cells, each)
}

fn hand_over<E>(
    row: u64,
    cells: &mut Vec<Cell<'_>>,
    each: &mut impl FnMut(u64, &[Cell<'_>]) -> Result<(), E>,
) -> Result<(), E> {
    if !cells.is_empty() {
        each(row, cells)?;
        cells.clear();
    }
    Ok(())
}

fn cell<'a>(value: &DataRef<'a>) -> Cell<'a> {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::SharedString(text) => Cell::Text(Cow::Borrowed(text)),
        DataRef::String(text) | DataRef::DurationIso(text) => Cell::Text(text.clone().into()),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(yes) => Cell::Bool(*yes),
        DataRef::DateTime(time) => day(time).map_or(Cell::Number(time.as_f64()), Cell::Date),
        DataRef::DateTimeIso(text) => match text.get(..10).and_then(|day| day.parse().ok()) {
            Some(day) => Cell::Date(day),
            None => Cell::Text(text.clone().into()),
        },
        DataRef::Error(kind) => Cell::Failed(failure(kind)),
    }
}

/// The day of a true date; a length of time, or a number outside the calendar, is none.
fn day(time: &ExcelDateTime) -> Option<Date> {
    if !time.is_datetime() || !(1.0..2_958_466.0).contains(&time.as_f64()) {
        return None;
    }
    let (year, month, day, ..) = time.to_ymd_hms_milli();
    Date::new(year.try_into().ok()?, month as i8, day as i8).ok()
}

const fn failure(kind: &CellErrorType) -> &'static str {
    match kind {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        _ => "#ERR",
    }
}
