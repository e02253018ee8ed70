//! The printing program: reads a month's list from standard input, one JSON object a line (the
//! header, then the rows), or a statistical form or a letter, and writes it as a PDF file. Progress
//! and errors go to standard error; the last error stands on a line that begins with `error: `.

mod binding;
mod form;
mod letter;
mod list;
mod press;
mod world;

use std::io::{BufRead, stdin};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use documents::form_paper::FormFile;
use documents::format;
use documents::letter::LetterFile;
use documents::payment_list::{ListPaper, Row};

use crate::list::ListPrinter;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(out), None) = (arguments.next(), arguments.next()) else {
        eprintln!("error: cách dùng: ansinh-pdf TỆP.pdf < danh-sach.ndjson");
        return ExitCode::from(2);
    };
    match print(Path::new(&out)) {
        Ok(pages) => {
            eprintln!("Đã in {} trang", format::count(pages as u64));
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("error: {why:#}");
            ExitCode::FAILURE
        }
    }
}

fn print(out: &Path) -> Result<usize> {
    let mut lines = stdin().lock().lines();
    let header = lines
        .next()
        .context("không nhận được phần đầu danh sách")??;
    if let Ok(FormFile { form }) = serde_json::from_str(&header) {
        return form::print(&form, out);
    }
    if let Ok(LetterFile { letter }) = serde_json::from_str(&header) {
        return letter::print(&letter, out);
    }
    let header: ListPaper = serde_json::from_str(&header).context("phần đầu danh sách sai dạng")?;
    let mut printer = ListPrinter::new(header);
    for (number, line) in (2u64..).zip(lines) {
        let row: Row = serde_json::from_str(&line?)
            .with_context(|| format!("dòng {number} của danh sách sai dạng"))?;
        printer.row(&row)?;
    }
    printer.finish(out)
}
