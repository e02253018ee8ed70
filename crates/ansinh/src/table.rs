//! A table for people: columns aligned, đồng grouped by dots and set right.

use std::io::{self, Write};

use kernel::Dong;
use serde::Serialize;

/// Columns that are đồng.
const MONEY: &[&str] = &[
    "amount",
    "next_amount",
    "standard",
    "ordered",
    "paid",
    "failed",
    "returned",
    "not_collected",
    "not_reported",
    "transferred",
    "fee",
    "fee_due",
    "given_back",
    "to_give_back",
    "unaccounted",
    "line_amount",
];
/// Columns that count people or rows, or are factors.
const NUMBERS: &[&str] = &[
    "row",
    "people",
    "households",
    "coefficient",
    "count",
    "lines",
    "open_lines",
];

/// So many rows are looked at before the widths are fixed; what is wider after that stands out.
const LOOKED_AT: usize = 2_000;

/// Rows being set in columns. However many there are, only the first are kept.
#[derive(Debug)]
pub struct Table<W: Write> {
    out: W,
    heading: Vec<String>,
    /// Until the widths are fixed.
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl<W: Write> Table<W> {
    /// A table without rows.
    pub const fn new(out: W) -> Table<W> {
        Table {
            out,
            heading: Vec::new(),
            waiting: Vec::new(),
            widths: None,
        }
    }

    /// Adds a row whose fields are plain values. Rows without names are led by one that has them.
    ///
    /// # Errors
    /// When a field is not plain, or nothing more can be written.
    pub fn push<T: Serialize>(&mut self, row: &T) -> anyhow::Result<()> {
        let (names, cells) = cells(row)?;
        match (names, self.heading.is_empty()) {
            (Some(names), true) => self.heading = names,
            (None, true) => {
                self.heading = cells;
                return Ok(());
            }
            (_, false) => {}
        }
        let cells: Vec<String> = self
            .heading
            .iter()
            .zip(cells)
            .map(|(column, cell)| shown(column, cell))
            .collect();
        if self.widths.is_some() {
            self.write(&cells)?;
        } else {
            self.waiting.push(cells);
            if self.waiting.len() == LOOKED_AT {
                self.settle()?;
            }
        }
        Ok(())
    }

    /// Writes what is still waiting.
    ///
    /// # Errors
    /// When nothing more can be written.
    pub fn finish(mut self) -> anyhow::Result<()> {
        self.settle()?;
        self.out.flush()?;
        Ok(())
    }

    /// Fixes the widths and writes the rows looked at.
    fn settle(&mut self) -> io::Result<()> {
        if self.widths.is_some() || self.heading.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        let width = |column: usize| {
            let all = rows.iter().chain([&self.heading]);
            let of = |row: &Vec<String>| row.get(column).map_or(0, |cell| cell.chars().count());
            all.map(of).max().unwrap_or(0)
        };
        self.widths = Some((0..self.heading.len()).map(width).collect());
        let heading = self.heading.clone();
        self.write(&heading)?;
        for row in &rows {
            self.write(row)?;
        }
        Ok(())
    }

    fn write(&mut self, cells: &[String]) -> io::Result<()> {
        let widths = self.widths.as_deref().unwrap_or_default();
        let mut line = String::new();
        for ((cell, width), column) in cells.iter().zip(widths).zip(&self.heading) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            let right = is_one_of(MONEY, column) || is_one_of(NUMBERS, column);
            let set = if right {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            };
            line.push_str(&set);
        }
        writeln!(self.out, "{}", line.trim_end())
    }
}

/// The names, if they have any, and the values of a row's fields, as CSV would have them.
fn cells<T: Serialize>(row: &T) -> anyhow::Result<(Option<Vec<String>>, Vec<String>)> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(row)?;
    let text = writer.into_inner()?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_slice());
    let mut records = reader
        .records()
        .map(|record| record.map(|it| it.iter().map(str::to_owned).collect()));
    let first = records.next().transpose()?.unwrap_or_default();
    Ok(match records.next().transpose()? {
        Some(values) => (Some(first), values),
        None => (None, first),
    })
}

fn shown(column: &str, cell: String) -> String {
    match cell.parse() {
        Ok(amount) if is_one_of(MONEY, column) => Dong(amount).to_string(),
        _ => cell,
    }
}

fn is_one_of(names: &[&str], column: &str) -> bool {
    names.contains(&column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Row {
        person: &'static str,
        amount: i64,
        note: Option<&'static str>,
    }

    fn table(rows: &[Row]) -> String {
        let mut text = Vec::new();
        let mut table = Table::new(&mut text);
        for row in rows {
            table.push(row).expect("a plain row");
        }
        table.finish().expect("written");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn sets_names_left_and_amounts_right_with_dots() {
        let rows = [
            Row {
                person: "2024",
                amount: 540_000,
                note: None,
            },
            Row {
                person: "Nguyễn Thị Ánh",
                amount: -1_080_000,
                note: Some("died"),
            },
        ];
        assert_eq!(
            table(&rows),
            "person              amount  note\n\
             2024               540.000\n\
             Nguyễn Thị Ánh  -1.080.000  died\n"
        );
        assert_eq!(table(&[]), "");
        let mut text = Vec::new();
        let mut unnamed = Table::new(&mut text);
        for row in [["area", "amount"], ["51", "1000"]] {
            unnamed.push(&row).expect("a plain row");
        }
        unnamed.finish().expect("written");
        assert_eq!(
            String::from_utf8_lossy(&text),
            "area  amount\n51     1.000\n"
        );
    }

    #[test]
    fn writes_every_row_once_however_many() {
        let row = |_| Row {
            person: "p",
            amount: 1,
            note: None,
        };
        let rows: Vec<Row> = (0..2 * LOOKED_AT + 1).map(row).collect();
        assert_eq!(table(&rows).lines().count(), rows.len() + 1);
    }
}
