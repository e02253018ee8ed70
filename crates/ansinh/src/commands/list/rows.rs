//! Rows on standard output one after the other: however many there are, none is kept.

use std::io::{self, BufWriter, Stdout, Write};

use serde::Serialize;

use crate::exit::WrongUsage;
use crate::output::Format;
use crate::table::Table;

/// Rows being printed.
pub struct Rows {
    out: Out,
    any: bool,
}

enum Out {
    Ndjson(BufWriter<Stdout>),
    Json(BufWriter<Stdout>),
    Csv(Box<csv::Writer<Stdout>>),
    Table(Table<BufWriter<Stdout>>),
}

impl Rows {
    /// In a format for rows.
    pub fn new(format: Format) -> anyhow::Result<Rows> {
        let out = BufWriter::new(io::stdout());
        let out = match format {
            Format::Ndjson => Out::Ndjson(out),
            Format::Json => Out::Json(out),
            Format::Csv => Out::Csv(Box::new(csv::Writer::from_writer(io::stdout()))),
            Format::Table => Out::Table(Table::new(out)),
            Format::Xlsx | Format::Pdf => anyhow::bail!(WrongUsage(
                "Định dạng này chỉ dùng với ansinh list export.".to_owned()
            )),
        };
        Ok(Rows { out, any: false })
    }

    /// A row as a JSON object.
    pub fn object<T: Serialize>(&mut self, row: &T) -> anyhow::Result<()> {
        match &mut self.out {
            Out::Ndjson(out) => {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")?;
            }
            Out::Json(out) => {
                out.write_all(if self.any { b",\n" } else { b"[\n" })?;
                serde_json::to_writer(&mut *out, row)?;
            }
            Out::Csv(out) => out.serialize(row)?,
            Out::Table(table) => table.push(row)?,
        }
        self.any = true;
        Ok(())
    }

    /// A row whose fields are plain values.
    pub fn plain<T: Serialize>(&mut self, row: &T) -> anyhow::Result<()> {
        self.object(row)
    }

    /// Ends what was begun.
    pub fn finish(self) -> anyhow::Result<()> {
        match self.out {
            Out::Ndjson(mut out) => out.flush()?,
            Out::Json(mut out) => {
                out.write_all(if self.any { b"\n]\n" } else { b"[]\n" })?;
                out.flush()?;
            }
            Out::Csv(mut out) => out.flush()?,
            Out::Table(table) => table.finish()?,
        }
        Ok(())
    }
}
