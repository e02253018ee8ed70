//! Handing a list to the printing program, `ansinh-pdf`.
//!
//! Laying out paper takes a large library, long to build and hungry for memory, so it lives in a
//! program of its own that is started for each paper and takes the same rows as every writer.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::JoinHandle;

use crate::form_paper::{FormFile, FormPaper};
use crate::letter::{Letter, LetterFile};
use crate::payment_list::{ListPaper, Row};

const PROGRAM: &str = "ansinh-pdf";

/// The paper could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The printing program is nowhere to be found.
    #[error(
        "phần in PDF chưa dựng xong: không tìm thấy chương trình ansinh-pdf. Nếu vừa chạy \
         script/start, hãy đợi vài phút; nếu không, chạy script/start hoặc \
         cargo build -p ansinh-pdf, hoặc đặt biến ANSINH_PDF"
    )]
    Missing,
    /// It could not be started, or talking to it failed.
    #[error("không chạy được chương trình in ansinh-pdf: {0}")]
    Program(#[from] io::Error),
    /// It said why it could not print.
    #[error("không in được PDF: {0}")]
    Refused(String),
}

impl PrintError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            PrintError::Missing => "pdf_program_missing",
            PrintError::Program(_) => "pdf_program_failed",
            PrintError::Refused(_) => "pdf_refused",
        }
    }
}

/// Where the printing program is: `ANSINH_PDF` if set; else beside this program, or beside it in
/// the build folder of the `print` profile, or in the folder above as tests find it; else on the `PATH`.
///
/// # Errors
/// [`PrintError::Missing`].
pub fn program() -> Result<PathBuf, PrintError> {
    if let Some(named) = env::var_os("ANSINH_PDF").filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        return if named.is_file() {
            Ok(named)
        } else {
            Err(PrintError::Missing)
        };
    }
    let here = env::current_exe().ok();
    let beside = here.as_deref().and_then(Path::parent).map(|folder| {
        let places = [folder, &folder.join("../print"), &folder.join("..")];
        places.map(|place| place.join(PROGRAM))
    });
    let on_path = env::var_os("PATH").unwrap_or_default();
    beside
        .into_iter()
        .flatten()
        .chain(env::split_paths(&on_path).map(|folder| folder.join(PROGRAM)))
        .find(|candidate| candidate.is_file())
        .ok_or(PrintError::Missing)
}

/// Prints a list to the file `out`; `progress` is told how far it is, a line at a time.
///
/// # Errors
/// When the program is missing or fails, or the rows do not add up to the header; `out` is then
/// left as it was.
pub fn print(
    header: &ListPaper,
    rows: impl IntoIterator<Item = Row>,
    out: &Path,
    progress: impl FnMut(&str) + Send + 'static,
) -> Result<(), PrintError> {
    let mut printing = Printing::start(header, out, progress)?;
    for row in rows {
        printing.row(&row)?;
    }
    printing.finish()
}

/// Prints a form to the file `out`.
///
/// # Errors
/// When the program is missing or fails; `out` is then left as it was.
pub fn print_form(form: FormPaper, out: &Path) -> Result<(), PrintError> {
    let file = FormFile { form };
    Printing::start_with(program()?.into(), &file, out, |_| {})?.finish()
}

/// Prints a letter to the file `out`.
///
/// # Errors
/// When the program is missing or fails; `out` is then left as it was.
pub fn print_letter(letter: Letter, out: &Path) -> Result<(), PrintError> {
    let file = LetterFile { letter };
    Printing::start_with(program()?.into(), &file, out, |_| {})?.finish()
}

/// A paper being printed; rows are given one at a time.
pub struct Printing {
    child: Child,
    rows: Option<BufWriter<ChildStdin>>,
    said: Option<JoinHandle<Option<String>>>,
}

impl Printing {
    /// Starts the program and gives it the header.
    ///
    /// # Errors
    /// When the program is missing or does not start.
    pub fn start(
        header: &ListPaper,
        out: &Path,
        progress: impl FnMut(&str) + Send + 'static,
    ) -> Result<Printing, PrintError> {
        Printing::start_with(program()?.into(), header, out, progress)
    }

    fn start_with(
        program: OsString,
        header: &impl serde::Serialize,
        out: &Path,
        progress: impl FnMut(&str) + Send + 'static,
    ) -> Result<Printing, PrintError> {
        let mut child = Command::new(program)
            .arg(out)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = child
            .stderr
            .take()
            .map(|stderr| std::thread::spawn(move || listen(BufReader::new(stderr), progress)));
        let rows = child.stdin.take().map(BufWriter::new);
        let mut printing = Printing { child, rows, said };
        printing.write(header)?;
        Ok(printing)
    }

    /// Gives it one row.
    ///
    /// # Errors
    /// When the program ended early: what it said.
    pub fn row(&mut self, row: &Row) -> Result<(), PrintError> {
        self.write(row)
    }

    /// Waits until the paper is there.
    ///
    /// # Errors
    /// What the program said when it could not print.
    pub fn finish(mut self) -> Result<(), PrintError> {
        let flushed = self.rows.take().map_or(Ok(()), |mut rows| rows.flush());
        self.end(flushed)
    }

    fn write(&mut self, line: &impl serde::Serialize) -> Result<(), PrintError> {
        let Some(rows) = &mut self.rows else {
            return Ok(());
        };
        let written = serde_json::to_writer(&mut *rows, line)
            .map_err(io::Error::from)
            .and_then(|()| rows.write_all(b"\n"));
        if written.is_ok() {
            Ok(())
        } else {
            self.end(written)
        }
    }

    /// The program's own words say more than a broken pipe.
    fn end(&mut self, written: io::Result<()>) -> Result<(), PrintError> {
        drop(self.rows.take());
        let status = self.child.wait()?;
        let said = self
            .said
            .take()
            .and_then(|listening| listening.join().ok())
            .flatten();
        if status.success() {
            return written.map_err(PrintError::Program);
        }
        Err(PrintError::Refused(
            said.unwrap_or_else(|| status.to_string()),
        ))
    }
}

/// A paper given up half-way leaves no program behind.
impl Drop for Printing {
    fn drop(&mut self) {
        if self.rows.take().is_some() {
            // It may have ended by itself, and there is nobody left to tell.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Passes progress on; the last line beginning with `error: ` is why it failed.
fn listen(lines: impl BufRead, mut progress: impl FnMut(&str)) -> Option<String> {
    let mut refused = None;
    for line in lines.lines().map_while(Result::ok) {
        match line.strip_prefix("error: ") {
            Some(why) => refused = Some(why.to_owned()),
            None => progress(&line),
        }
    }
    refused
}
