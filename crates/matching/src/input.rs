//! Reading a list: CSV in UTF-8 with a heading.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};

use crate::Failure;
use crate::field::{Column, MOST_ALSO};
use crate::people::{Birth, Written};

/// Bytes of an `id`: it is written into the answer.
const LONGEST_ID: usize = 200;

/// A list of people in a file.
#[derive(Clone, Debug)]
pub(crate) struct List {
    path: PathBuf,
    columns: Vec<Option<Column>>,
    also: usize,
}

/// A row that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The list, by the name of its file.
    pub list: String,
    /// The line of the file it begins on.
    pub line: u64,
    /// The column.
    pub field: &'static str,
    /// Stable code.
    pub code: &'static str,
    /// Why, in Vietnamese.
    pub message: &'static str,
}

impl List {
    /// Reads the heading.
    pub(crate) fn open(path: &Path, also: &[String]) -> Result<List, Failure> {
        if also.len() > MOST_ALSO {
            return Err(Failure::TooManyColumns(MOST_ALSO));
        }
        let mut list = List {
            path: path.to_owned(),
            columns: Vec::new(),
            also: also.len(),
        };
        let mut reader = list.reader()?;
        let mut heading = StringRecord::new();
        if !reader
            .read_record(&mut heading)
            .map_err(|error| list.broken(error))?
        {
            return Err(Failure::NoHeading(list.name()));
        }
        for text in &heading {
            let text = text.trim();
            let named = Column::NAMED.iter().find(|(_, name)| *name == text);
            let column = named
                .map(|(column, _)| *column)
                .or_else(|| also.iter().position(|name| name == text).map(Column::Also));
            if column.is_some() && list.columns.contains(&column) {
                return Err(Failure::RepeatedHeading(list.name(), text.to_owned()));
            }
            list.columns.push(column);
        }
        if !list.columns.contains(&Some(Column::Id)) {
            return Err(Failure::NoId(list.name()));
        }
        let missing = also
            .iter()
            .enumerate()
            .find(|(number, _)| !list.columns.contains(&Some(Column::Also(*number))));
        match missing {
            Some((_, name)) => Err(Failure::NoColumn(list.name(), name.clone())),
            None => Ok(list),
        }
    }

    /// Gives every good row in order, counted from 0, as long as `each` wants more. Returns how many
    /// there were; the others are told.
    pub(crate) fn read(
        &self,
        mut each: impl FnMut(u32, &Written<'_>) -> bool,
        mut refuse: impl FnMut(Refused),
    ) -> Result<u32, Failure> {
        let mut reader = self.reader()?;
        let mut record = StringRecord::new();
        let mut row = 0;
        let mut heading = true;
        while reader
            .read_record(&mut record)
            .map_err(|error| self.broken(error))?
        {
            if std::mem::take(&mut heading) {
                continue;
            }
            let written = self.written(&record);
            let fault = match written.id.len() {
                0 => Some(("missing", "không có mã")),
                1..=LONGEST_ID => None,
                _ => Some(("too_long", "mã dài quá 200 byte")),
            };
            if let Some((code, message)) = fault {
                let line = record.position().map_or(0, csv::Position::line);
                refuse(Refused {
                    list: self.name(),
                    line,
                    field: "id",
                    code,
                    message,
                });
                continue;
            }
            if row == u32::MAX {
                return Err(Failure::TooManyRows(self.name()));
            }
            if !each(row, &written) {
                return Ok(row);
            }
            row += 1;
        }
        Ok(row)
    }

    fn reader(&self) -> Result<csv::Reader<Box<dyn Read>>, Failure> {
        let file =
            File::open(&self.path).map_err(|error| Failure::Unreadable(self.name(), error))?;
        let mut file = BufReader::with_capacity(1 << 18, file);
        let start = file
            .fill_buf()
            .map_err(|error| Failure::Unreadable(self.name(), error))?;
        if start.starts_with(b"\xef\xbb\xbf") {
            file.consume(3);
        }
        let input: Box<dyn Read> = Box::new(file);
        Ok(ReaderBuilder::new().has_headers(false).from_reader(input))
    }

    /// The file's name without its folders.
    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    fn broken(&self, error: csv::Error) -> Failure {
        let line = error.position().map_or(0, csv::Position::line);
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Failure::Unreadable(self.name(), error),
            csv::ErrorKind::Utf8 { .. } => Failure::NotUtf8(self.name(), line),
            _ => Failure::UnequalRow(self.name(), line),
        }
    }

    fn written<'r>(&self, record: &'r StringRecord) -> Written<'r> {
        let mut written = Written {
            also: vec![""; self.also],
            ..Written::default()
        };
        for (column, text) in self.columns.iter().zip(record) {
            let text = text.trim();
            match column {
                Some(Column::Id) => written.id = text,
                Some(Column::FullName) => written.full_name = text,
                Some(Column::Surname) => written.surname = text,
                Some(Column::GivenName) => written.given_name = text,
                Some(Column::BirthDate) => written.birth = birth(text),
                Some(Column::Sex) => written.sex = sex(text),
                Some(Column::Ethnicity) => written.ethnicity = text,
                Some(Column::IdNumber) => written.id_number = text,
                Some(Column::Phone) => written.phone = text,
                Some(Column::Area) => written.area = text,
                Some(Column::Address) => written.address = text,
                Some(Column::Also(number)) => written.also[*number] = text,
                None => {}
            }
        }
        written
    }
}

/// `2024-05-13`, `2024-05`, `2024`, `13/05/2024`, `05/2024`, `20240513`; anything else says nothing.
fn birth(text: &str) -> Birth {
    let mut numbers = text.split(['-', '/', '.']).map(str::parse::<u16>);
    let mut next = || numbers.next().map(|it| it.unwrap_or(u16::MAX));
    let (year, month, day) = match (next(), next(), next(), next()) {
        (Some(one), None, ..) if text.len() == 4 => (one, 0, 0),
        (Some(_), None, ..) if text.len() == 8 && text.is_ascii() => {
            let part = |from: usize, to: usize| text[from..to].parse().unwrap_or(u16::MAX);
            (part(0, 4), part(4, 6), part(6, 8))
        }
        (Some(year), Some(month), None, _) if year > 31 => (year, month, 0),
        (Some(month), Some(year), None, _) => (year, month, 0),
        (Some(year), Some(month), Some(day), None) if year > 31 => (year, month, day),
        (Some(day), Some(month), Some(year), None) => (year, month, day),
        _ => return Birth::default(),
    };
    let sensible =
        (1000..3000).contains(&year) && month <= 12 && day <= 31 && (day == 0 || month > 0);
    if sensible {
        Birth {
            year,
            month: month as u8,
            day: day as u8,
        }
    } else {
        Birth::default()
    }
}

fn sex(text: &str) -> u8 {
    match text.to_lowercase().as_str() {
        "male" | "m" | "nam" | "1" => 1,
        "female" | "f" | "nữ" | "nu" | "2" => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Birth, birth};

    #[test]
    fn dates_as_lists_write_them() {
        let whole = Birth {
            year: 2024,
            month: 5,
            day: 13,
        };
        for text in ["2024-05-13", "13/05/2024", "13.5.2024", "20240513"] {
            assert_eq!(birth(text), whole, "{text}");
        }
        let month = Birth { day: 0, ..whole };
        assert_eq!((birth("2024-05"), birth("05/2024")), (month, month));
        assert_eq!(birth("2024"), Birth { month: 0, ..month });
        for text in [
            "",
            "hôm qua",
            "2024-13-01",
            "32/01/2024",
            "1/2/3/4",
            "ngày 8a",
            "99999999",
        ] {
            assert_eq!(birth(text), Birth::default(), "{text}");
        }
    }
}
