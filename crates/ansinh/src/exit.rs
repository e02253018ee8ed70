//! How a command ends: the exit status, and the one sentence of a failure.

use std::io;
use std::process::ExitCode;

/// The exit status of the contracts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// Everything was done.
    Done,
    /// Refused or failed; nothing was changed.
    Refused,
    /// The command line asked for something that makes no sense.
    WrongUsage,
    /// Done but for the refused rows, which were listed.
    InPart,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Refused => 1,
            Exit::WrongUsage => 2,
            Exit::InPart => 3,
        })
    }
}

/// A command line that makes no sense, in a sentence: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongUsage(pub String);

/// Say on standard error what went wrong, in one sentence, and give the status to end with.
pub fn report(error: &anyhow::Error) -> Exit {
    if reader_left(error) {
        return Exit::Done;
    }
    eprintln!("{}", sentence(error));
    if error.is::<WrongUsage>() {
        Exit::WrongUsage
    } else {
        Exit::Refused
    }
}

/// `ansinh … | head`: nobody reads the rest, and that is no failure.
fn reader_left(error: &anyhow::Error) -> bool {
    let mut kinds = error.chain().filter_map(io_kind);
    kinds.any(|kind| kind == io::ErrorKind::BrokenPipe)
}

/// What the system said, if it said anything: the writers of JSON and CSV keep it to themselves.
fn io_kind(cause: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return Some(error.kind());
    }
    if let Some(error) = cause.downcast_ref::<serde_json::Error>() {
        return error.io_error_kind();
    }
    match cause.downcast_ref::<csv::Error>()?.kind() {
        csv::ErrorKind::Io(error) => Some(error.kind()),
        _ => None,
    }
}

fn sentence(error: &anyhow::Error) -> String {
    let of_database = || error.chain().filter_map(|cause| cause.downcast_ref());
    if error.chain().any(system_is_full) || of_database().any(|cause| has_code(cause, DISK_FULL)) {
        return "Ổ đĩa đã đầy, chưa có gì thay đổi. Hãy giải phóng chỗ trống rồi chạy lại."
            .to_owned();
    }
    if of_database().any(connection_is_lost) {
        return "Mất kết nối với máy chủ PostgreSQL, việc đang làm dở đã được hủy. Hãy kiểm tra máy chủ rồi chạy lại."
            .to_owned();
    }
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return format!("Lỗi cơ sở dữ liệu: {error}.");
    }
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

const DISK_FULL: &[&str] = &["53100"];

/// Stopped by its administrator, crashed, or just starting.
const SERVER_GOES: &[&str] = &["57P01", "57P02", "57P03"];

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| codes.contains(&&*code))
}

fn system_is_full(cause: &(dyn std::error::Error + 'static)) -> bool {
    io_kind(cause) == Some(io::ErrorKind::StorageFull)
}

fn connection_is_lost(error: &sqlx::Error) -> bool {
    let broken = matches!(
        error,
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_)
    );
    broken || has_code(error, SERVER_GOES)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Nobody reads what is written.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_left_is_no_failure_in_any_format() {
        let json = serde_json::to_writer(Gone, &1).map_err(anyhow::Error::from);
        let mut writer = csv::WriterBuilder::new()
            .buffer_capacity(1)
            .from_writer(Gone);
        let csv = writer
            .serialize(("one", "two"))
            .map_err(anyhow::Error::from);
        let plain = writeln!(Gone).map_err(anyhow::Error::from);
        for written in [json, csv, plain] {
            assert_eq!(report(&written.expect_err("nobody reads")), Exit::Done);
        }
    }
}
