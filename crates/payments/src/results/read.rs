//! Reads a provider's file, whatever form it comes in, a piece at a time: NDJSON, Excel or CSV, and
//! the messages of ISO 20022. Memory does not grow with the file.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use documents::sheet::SheetError;
use registry::Refusal;

use super::xml::XmlError;
use super::{Reported, iso20022, ndjson, sheet};

/// How a result came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// One JSON object a line, or the JSON interface.
    Ndjson,
    /// Excel or CSV.
    Sheet,
    /// The bank's status of each payment.
    Pain002,
    /// The bank's statement of an account.
    Camt053,
    /// The bank's notice of entries of an account.
    Camt054,
    /// A signed message of the provider's program.
    G2p,
}

impl Form {
    const ALL: [Form; 6] = [
        Form::Ndjson,
        Form::Sheet,
        Form::Pain002,
        Form::Camt053,
        Form::Camt054,
        Form::G2p,
    ];

    /// Stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Form::Ndjson => "ndjson",
            Form::Sheet => "sheet",
            Form::Pain002 => "pain.002",
            Form::Camt053 => "camt.053",
            Form::Camt054 => "camt.054",
            Form::G2p => "g2p",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Form> {
        Form::ALL.into_iter().find(|form| form.code() == code)
    }

    /// Whether results are numbered by us from what is said, not by the provider.
    pub(super) const fn is_numbered_by_us(self) -> bool {
        matches!(
            self,
            Form::Pain002 | Form::Camt053 | Form::Camt054 | Form::G2p
        )
    }

    /// Whether what came in this form only says again what came in the other: banks tell of one
    /// payment by a status and by entries of the account, programs whenever they are asked.
    pub(super) fn says_again(self, recorded: Form) -> bool {
        match self {
            Form::Ndjson | Form::Sheet => false,
            Form::Pain002 | Form::G2p => true,
            Form::Camt053 | Form::Camt054 => recorded != self,
        }
    }
}

/// One thing a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// What became of a line.
    Result {
        /// Place in the file, from 1.
        row: u64,
        /// How it came.
        form: Form,
        /// What it says.
        reported: Reported,
    },
    /// Could not be read.
    Refused(Refusal),
    /// The bank is still at it.
    NotFinal,
    /// An entry of the account that is about no line: a fee, money coming in.
    Unrelated,
}

/// Why a file as a whole is refused. Nothing of it is recorded.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Cannot be read at all.
    #[error("không đọc được tệp: {0}")]
    Io(#[from] io::Error),
    /// No good sheet.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// Columns that must be there are not.
    #[error("dòng tiêu đề thiếu cột: {0}; xem mẫu: ansinh template results")]
    MissingHeadings(String),
    /// No good XML.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// XML, but no message we read.
    #[error(
        "tệp XML không phải pain.002.001.12, camt.053.001.08 hay camt.054.001.08 (tệp ghi {namespace:?})"
    )]
    UnknownMessage {
        /// As the file has it, cut short.
        namespace: String,
    },
    /// Says something of a whole order only, or of nothing.
    #[error("tệp không nói về từng dòng chi: hãy đề nghị ngân hàng gửi kết quả của từng giao dịch")]
    NoLines,
    /// Longer than any honest line.
    #[error("dòng {row} dài quá 64 KB")]
    LineTooLong {
        /// Line of the file.
        row: u64,
    },
    /// The last line has no end.
    #[error("tệp bị cắt ngang ở dòng {row}")]
    BreaksOff {
        /// Line of the file.
        row: u64,
    },
    /// So much of it is wrong that it is another file.
    #[error(
        "tệp có trên {limit} dòng không nhận được: có lẽ không phải tệp kết quả của lệnh chi này"
    )]
    TooManyRefused {
        /// How many are listed at most.
        limit: usize,
    },
}

impl Unreadable {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Unreadable::Io(_) => "file_unreadable",
            Unreadable::Sheet(error) => error.code(),
            Unreadable::MissingHeadings(_) => "missing_headings",
            Unreadable::Xml(error) => error.code(),
            Unreadable::UnknownMessage { .. } => "unknown_message",
            Unreadable::NoLines => "no_lines",
            Unreadable::LineTooLong { .. } => "line_too_long",
            Unreadable::BreaksOff { .. } => "file_breaks_off",
            Unreadable::TooManyRefused { .. } => "too_many_refused",
        }
    }

    /// The row of the file it is about, if one.
    pub const fn row(&self) -> Option<u64> {
        match self {
            Unreadable::Sheet(error) => error.row(),
            Unreadable::LineTooLong { row } | Unreadable::BreaksOff { row } => Some(*row),
            _ => None,
        }
    }
}

/// Reads a file from its beginning; `each` gets what it says, in order.
///
/// # Errors
/// What the file is refused for, also after parts of it were given; or the first error of `each`.
pub fn read(
    input: impl Read + Seek,
    each: &mut dyn FnMut(Arrival) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    input.seek(SeekFrom::Start(0))?;
    let start = input.fill_buf()?;
    let first = first_letter(start);
    let mark: u64 = if start.starts_with(BYTE_ORDER_MARK) {
        3
    } else {
        0
    };
    input.seek(SeekFrom::Start(mark))?;
    match first {
        None => Err(SheetError::Empty.into()),
        Some(b'<') => iso20022::read(input, each),
        Some(b'{') => ndjson::read(input, each),
        Some(_) => {
            input.seek(SeekFrom::Start(0))?;
            sheet::read(input, each)
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The first byte that is not space.
fn first_letter(start: &[u8]) -> Option<u8> {
    let text = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start);
    let mut letters = text.iter().copied();
    letters.find(|byte| !byte.is_ascii_whitespace())
}
