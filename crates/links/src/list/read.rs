//! Takes the rows of a list in order, the heading first, and writes the good ones as they will be compared.

use std::collections::HashMap;
use std::io::BufWriter;

use jiff::civil::Date;
use kernel::area::Areas;
use kernel::name::{compact_key, search_key};
use kernel::{Cell, PartialDate};
use registry::Refusal;
use registry::event::{MAX_KEY, MAX_TEXT};
use registry::import::{FormError, partial_date, table};
use tempfile::NamedTempFile;

use super::column::Column;
use crate::LinkRefused;
use crate::register::HEADINGS;

/// What a row is called in the file on the way, behind the columns that are compared.
const BESIDE: [&str; 2] = ["file_number", "since"];

/// A list being read. The rows wait in a file of its own, so that a long list needs no memory.
#[derive(Debug)]
pub struct ProgrammeSheet {
    today: Date,
    hash: [u8; 32],
    /// Communes of the area by name; `None` for a name two of them have.
    communes: HashMap<String, Option<String>>,
    columns: Option<Vec<Option<Column>>>,
    out: csv::Writer<BufWriter<NamedTempFile>>,
    read: ReadRows,
}

/// What a list says.
#[derive(Debug, Default)]
pub struct ReadRows {
    pub(super) hash: [u8; 32],
    pub(super) file: Option<NamedTempFile>,
    /// Rows below the heading that are not blank.
    pub rows: u64,
    /// Of these, rows that could be read.
    pub good: u64,
    /// What is wrong with the others.
    pub refused: Vec<Refusal>,
    /// Headings that are no column of the form; their cells were passed over.
    pub unknown_headings: Vec<String>,
}

impl ProgrammeSheet {
    /// A list about people of an area (empty: the country), by the SHA-256 of its bytes.
    ///
    /// # Errors
    /// [`LinkRefused::Io`] when nothing can be written on the way.
    pub fn new(area: &str, today: Date, hash: [u8; 32]) -> Result<ProgrammeSheet, LinkRefused> {
        let mut out = csv::Writer::from_writer(BufWriter::new(NamedTempFile::new()?));
        out.write_record(HEADINGS.into_iter().chain(BESIDE))?;
        Ok(ProgrammeSheet {
            today,
            hash,
            communes: communes(area, today),
            columns: None,
            out,
            read: ReadRows::default(),
        })
    }

    /// Takes the next row that is not blank: its number in the file, and its cells.
    ///
    /// # Errors
    /// [`LinkRefused::Form`] when it is the heading and does not fit. Faults of other rows are gathered.
    pub fn take(&mut self, row: u64, cells: &[Cell<'_>]) -> Result<(), LinkRefused> {
        let Some(columns) = &self.columns else {
            self.columns = Some(heading(cells, &mut self.read.unknown_headings)?);
            return Ok(());
        };
        self.read.rows += 1;
        let by_column = table::by_column(columns, cells, |column| column as usize);
        let before = self.read.refused.len();
        let written = self.written(row, by_column);
        if self.read.refused.len() == before {
            self.read.good += 1;
            self.out.write_record(written)?;
        }
        Ok(())
    }

    /// Everything read.
    ///
    /// # Errors
    /// [`LinkRefused::Form`] when there was no row.
    pub fn finish(self) -> Result<ReadRows, LinkRefused> {
        if self.columns.is_none() {
            return Err(FormError::NoHeading.into());
        }
        let file = self.out.into_inner().map_err(|error| error.into_error())?;
        let file = file.into_inner().map_err(|error| error.into_error())?;
        Ok(ReadRows {
            hash: self.hash,
            file: Some(file),
            ..self.read
        })
    }

    fn written(
        &mut self,
        row: u64,
        cells: [&Cell<'_>; Column::ALL.len()],
    ) -> [String; HEADINGS.len() + BESIDE.len()] {
        let before = self.read.refused.len();
        let full_name = self.text(row, Column::FullName, cells[Column::FullName as usize]);
        let unread = self.read.refused.len() > before;
        if full_name.is_empty() && !unread {
            self.fault(row, Column::FullName, "missing", "ô bắt buộc để trống");
        } else if !unread && !full_name.chars().any(char::is_alphabetic) {
            let why = "họ tên phải có chữ cái";
            self.fault(row, Column::FullName, "not_a_name", why);
        }
        let mut text = |column| self.text(row, column, cells[column as usize]);
        let file_number = text(Column::FileNumber);
        let sex = text(Column::Sex);
        let id_number = text(Column::IdNumber);
        let phone = text(Column::Phone);
        let commune = text(Column::Commune);
        let sex = match search_key(&sex).as_str() {
            "" => "",
            "nam" => "1",
            "nu" => "2",
            _ => {
                let why = "giới tính phải là Nam hoặc Nữ";
                self.fault(row, Column::Sex, "not_a_sex", why);
                ""
            }
        };
        let birth = self.date(row, Column::BirthDate, cells);
        let since = match self.date(row, Column::Since, cells) {
            None => None,
            Some(PartialDate::Day(day)) => Some(day),
            Some(partial) => Some(partial.assumed_day()),
        };
        let area = self.commune(&commune);
        [
            row.to_string(),
            full_name,
            birth.map(|birth| birth.to_string()).unwrap_or_default(),
            sex.to_owned(),
            String::new(),
            id_number,
            phone,
            area.clone().unwrap_or_default(),
            commune,
            file_number,
            since.map(|day| day.to_string()).unwrap_or_default(),
        ]
    }

    /// Text without outer space; too long, a control sign or a failed formula is a fault.
    fn text(&mut self, row: u64, column: Column, cell: &Cell<'_>) -> String {
        let longest = match column {
            Column::FullName | Column::Commune | Column::Note => MAX_TEXT,
            _ => MAX_KEY,
        };
        match table::text_of(cell, longest) {
            Ok(text) => text.unwrap_or_default(),
            Err((code, why)) => {
                self.fault(row, column, code, &why);
                String::new()
            }
        }
    }

    fn date(
        &mut self,
        row: u64,
        column: Column,
        cells: [&Cell<'_>; Column::ALL.len()],
    ) -> Option<PartialDate> {
        let cell = cells[column as usize];
        if cell.is_empty() {
            return None;
        }
        let date = partial_date(cell).filter(|date| date.assumed_day() <= self.today);
        if date.is_none() {
            let why = "ngày không đúng hoặc chưa đến: cần dd/mm/yyyy, mm/yyyy hoặc năm";
            self.fault(row, column, "not_a_date", why);
        }
        date
    }

    /// The code of a commune by its code or its name; what is no commune says nothing.
    fn commune(&self, text: &str) -> Option<String> {
        let areas = Areas::embedded();
        let by_code = areas.on(text, self.today).or_else(|| areas.latest(text));
        match by_code {
            Some(area) if area.lowest => Some(area.code.to_owned()),
            _ => self.communes.get(&search_key(text)).cloned().flatten(),
        }
    }

    fn fault(&mut self, row: u64, column: Column, code: &'static str, why: &str) {
        let refusal = Refusal::new(row, column.heading(), code, why);
        self.read.refused.push(refusal);
    }
}

fn heading(
    cells: &[Cell<'_>],
    unknown: &mut Vec<String>,
) -> Result<Vec<Option<Column>>, FormError> {
    let columns = table::find_columns(cells, &Column::ALL, Column::heading, compact_key, unknown)?;
    match columns.contains(&Some(Column::FullName)) {
        true => Ok(columns),
        false => Err(FormError::MissingHeadings(vec![Column::FullName.heading()])),
    }
}

/// Communes of an area by their name with and without its kind.
fn communes(area: &str, today: Date) -> HashMap<String, Option<String>> {
    let areas = Areas::embedded();
    let mut communes: HashMap<String, Option<String>> = HashMap::new();
    let inside = |it: &&kernel::area::Area| {
        it.lowest && it.exists_on(today) && (area.is_empty() || areas.contains(area, it))
    };
    for it in areas.all().iter().filter(inside) {
        let mut names = vec![search_key(&it.full_name), search_key(it.name)];
        names.dedup();
        for name in names {
            let code = it.code.to_owned();
            let known = communes.entry(name).or_insert_with(|| Some(code.clone()));
            if known.as_ref().is_some_and(|known| *known != code) {
                *known = None;
            }
        }
    }
    communes
}
