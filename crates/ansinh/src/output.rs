//! Rows on standard output, in the formats every command knows.

use std::fmt;
use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use serde::Serialize;

use crate::table::Table;

/// Writes a line for reading to standard output and leaves the function when that takes no more, as
/// when `| head` has seen enough.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::line(format_args!($($text)*))? };
}

/// What `say!` does.
///
/// # Errors
/// When standard output takes no more.
pub fn line(text: fmt::Arguments<'_>) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// How data is printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    #[value(help = "Mỗi dòng một đối tượng JSON")]
    Ndjson,
    /// One JSON array.
    #[value(help = "Một mảng JSON")]
    Json,
    /// Comma-separated values with a heading.
    #[value(help = "Các cột cách nhau bằng dấu phẩy, dòng đầu là tiêu đề")]
    Csv,
    /// An Excel file.
    #[value(help = "Tệp Excel")]
    Xlsx,
    /// A paper form.
    #[value(help = "Bản in")]
    Pdf,
    /// Columns for reading.
    #[value(help = "Bảng để đọc")]
    Table,
}

/// Print rows that serialise as JSON objects; for `csv` and `table` their fields are plain values.
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
        Format::Table => {
            let mut table = Table::new(&mut out);
            for row in rows {
                table.push(&row)?;
            }
            table.finish()?;
        }
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
    for row in rows {
        writer.serialize(row)?;
    }
    writer.flush()?;
    Ok(())
}
