//! Rows on standard output, in the formats every command knows.

use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Map, Value};

/// How data is printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array.
    Json,
    /// Comma-separated values with a heading.
    Csv,
    /// An Excel file.
    Xlsx,
    /// A paper form.
    Pdf,
    /// Columns for reading.
    Table,
}

/// Print rows that serialise as JSON objects. Columns of `csv` and `table` are the fields of the
/// first row.
///
/// # Errors
/// When standard output takes no more, or the format is not one for rows.
pub fn print_rows<T: Serialize>(
    format: Format,
    rows: impl IntoIterator<Item = T>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let rows = rows.into_iter();
    match format {
        Format::Ndjson => {
            for row in rows {
                serde_json::to_writer(&mut out, &row)?;
                out.write_all(b"\n")?;
            }
        }
        Format::Json => {
            let all: Vec<T> = rows.collect();
            serde_json::to_writer_pretty(&mut out, &all)?;
            out.write_all(b"\n")?;
        }
        Format::Csv => print_csv(&mut out, rows)?,
        Format::Table => print_table(&mut out, rows)?,
        Format::Xlsx | Format::Pdf => {
            anyhow::bail!(crate::exit::WrongUsage(
                "Định dạng này không dùng được ở đây: hãy chọn ndjson, json, csv hoặc table."
                    .to_owned()
            ))
        }
    }
    out.flush()?;
    Ok(())
}

fn print_csv<T: Serialize>(
    out: &mut impl Write,
    rows: impl Iterator<Item = T>,
) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for (number, row) in rows.enumerate() {
        let fields = fields_of(&row)?;
        if number == 0 {
            writer.write_record(fields.keys())?;
        }
        writer.write_record(fields.values().map(cell))?;
    }
    writer.flush()?;
    Ok(())
}

fn print_table<T: Serialize>(
    out: &mut impl Write,
    rows: impl Iterator<Item = T>,
) -> anyhow::Result<()> {
    let rows: Vec<Map<String, Value>> =
        rows.map(|row| fields_of(&row)).collect::<Result<_, _>>()?;
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let heading: Vec<String> = first.keys().cloned().collect();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.values().map(cell).collect())
        .collect();
    let width = |column: usize| {
        let of = |row: &Vec<String>| row.get(column).map_or(0, |text| text.chars().count());
        cells.iter().map(of).max().unwrap_or(0).max(of(&heading))
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    for row in std::iter::once(&heading).chain(&cells) {
        let columns = row.iter().zip(&widths);
        let line: Vec<String> = columns
            .map(|(text, width)| format!("{text:<width$}"))
            .collect();
        writeln!(out, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}

fn fields_of<T: Serialize>(row: &T) -> anyhow::Result<Map<String, Value>> {
    match serde_json::to_value(row)? {
        Value::Object(fields) => Ok(fields),
        other => Ok(Map::from_iter([("value".to_owned(), other)])),
    }
}

/// A value as text; nothing for null, lists joined by semicolons.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(cell).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}
