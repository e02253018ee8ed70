//! Persons from an NDJSON file or standard input, answered one by one: memory does not grow with
//! the file, and a line that cannot be read does not keep the others from their answers.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::civil::Date;
use kernel::Month;
use law::input::{InputError, Question};
use law::{InForce, Person};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;

/// The longest line read, in bytes: a person with thousands of facts is far shorter.
const LONGEST_LINE: u64 = 1 << 20;

/// Options of `calc` and `assess`.
#[derive(clap::Args)]
pub struct Args {
    /// Tệp NDJSON, mỗi dòng một người; không nêu thì đọc từ đầu vào chuẩn.
    file: Option<PathBuf>,
    /// Chỉ dùng quy định đã có hiệu lực đến hết ngày này (mặc định: hôm nay).
    #[arg(long, value_name = "NGÀY", value_parser = day)]
    as_of: Option<Date>,
}

/// `YYYY-MM-DD` and nothing else.
pub fn day(text: &str) -> Result<Date, String> {
    match text.parse() {
        Ok(kernel::PartialDate::Day(day)) => Ok(day),
        _ => Err("cần ngày dạng YYYY-MM-DD".to_owned()),
    }
}

/// One line of the answer.
#[derive(Serialize)]
struct Line<'a, Answer> {
    id: &'a str,
    month: Month,
    #[serde(flatten)]
    answer: Answer,
}

/// Reads the persons and writes what is answered for each of their months; refused lines go to
/// standard error.
///
/// # Errors
/// When the law, the file or standard output fails.
pub fn answer_each<Answer: Serialize>(
    args: &Args,
    context: &Context,
    answer: impl Fn(&InForce, &Person, Month) -> Answer,
) -> anyhow::Result<Exit> {
    let today = || context.clock_without_database().today();
    let in_force = context.law()?.in_force(args.as_of.unwrap_or_else(today));
    let mut input = open(args.file.as_deref())?;
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut line = Vec::new();
    let mut exit = Exit::Done;
    for number in 1_u64.. {
        let read = read_line(&mut input, &mut line)?;
        let text = without_mark(&line, number == 1).trim_ascii();
        let question = match read {
            Length::End => break,
            Length::TooLong => Err(too_long()),
            Length::Whole if text.is_empty() => continue,
            Length::Whole => Question::from_json(text),
        };
        match question {
            Ok(question) => {
                for month in question.months {
                    let line = Line {
                        id: &question.id,
                        month,
                        answer: answer(&in_force, &question.person, month),
                    };
                    serde_json::to_writer(&mut out, &line)?;
                    out.write_all(b"\n")?;
                }
            }
            Err(error) => {
                exit = Exit::InPart;
                out.flush()?;
                let InputError {
                    field,
                    code,
                    message,
                } = error;
                eprintln!("dòng {number}, {field} [{code}]: {message}");
            }
        }
    }
    out.flush()?;
    Ok(exit)
}

fn open(file: Option<&Path>) -> anyhow::Result<Box<dyn BufRead>> {
    let Some(path) = file else {
        return Ok(Box::new(io::stdin().lock()));
    };
    let opened = File::open(path);
    let file = opened.with_context(|| format!("không mở được tệp {}", path.display()))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

/// How a line ended.
enum Length {
    Whole,
    TooLong,
    End,
}

/// Reads a line into `line`; of one that is too long, the rest is passed over.
fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Length> {
    line.clear();
    let mut limited = input.take(LONGEST_LINE);
    let read = limited.read_until(b'\n', line)?;
    if read == 0 {
        return Ok(Length::End);
    }
    if line.ends_with(b"\n") || (read as u64) < LONGEST_LINE {
        return Ok(Length::Whole);
    }
    let rest = input.skip_until(b'\n')?;
    Ok(if rest == 0 {
        Length::Whole
    } else {
        Length::TooLong
    })
}

/// A file may begin with a byte order mark.
fn without_mark(line: &[u8], is_first: bool) -> &[u8] {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    match line.strip_prefix(MARK) {
        Some(rest) if is_first => rest,
        _ => line,
    }
}

fn too_long() -> InputError {
    InputError {
        field: "dòng".to_owned(),
        code: "line_too_long",
        message: "dài hơn 1 MiB".to_owned(),
    }
}
