//! Reads a sheet of an Excel or CSV file row by row. Memory does not grow with the number of rows,
//! and a file made to do harm is refused.

mod csv;
mod guard;
mod xlsx;

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use kernel::Cell;
use sha2::{Digest, Sha256};

/// Columns a row may use; the form has 21.
pub const MAX_COLUMNS: usize = 200;
/// Rows a sheet may have; Excel itself stops at 1,048,576.
pub const MAX_ROWS: u64 = 1_200_000;
/// Bytes a cell, or a line of CSV, may have. Excel stops at 32,767 characters.
pub const MAX_CELL_BYTES: u64 = 1 << 20;

/// Why a file cannot be read as a sheet. The whole file is refused.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The file could not be read at all.
    #[error("không đọc được tệp: {0}")]
    Io(#[from] io::Error),
    /// Nothing in it.
    #[error("tệp trống")]
    Empty,
    /// The old Excel format, or a file with a password: both look the same from outside.
    #[error(
        "tệp có mật khẩu hoặc là Excel đời cũ (.xls): hãy bỏ mật khẩu và lưu lại dạng Excel (.xlsx)"
    )]
    PasswordOrOldExcel,
    /// Neither Excel nor text.
    #[error("tệp không phải Excel (.xlsx) cũng không phải CSV mã UTF-8")]
    UnknownFormat,
    /// A zip or its XML that breaks off or contradicts itself.
    #[error("tệp Excel bị hỏng hoặc bị cắt ngang ({0})")]
    Damaged(String),
    /// No worksheet inside.
    #[error("tệp Excel không có trang tính nào")]
    NoSheet,
    /// Unpacks to more than any honest file.
    #[error("phần {part} của tệp Excel giải nén ra quá lớn (trên {limit} MB)")]
    TooLarge {
        /// Name inside the zip.
        part: String,
        /// In megabytes.
        limit: u64,
    },
    /// More parts than any honest file.
    #[error("tệp Excel có quá nhiều phần bên trong ({0})")]
    TooManyParts(usize),
    /// A cell or line beyond [`MAX_CELL_BYTES`].
    #[error("dòng {row}: một ô hoặc một dòng dài quá {} KB", MAX_CELL_BYTES / 1024)]
    CellTooLong {
        /// Row of the file, as far as it is known.
        row: u64,
    },
    /// More than [`MAX_ROWS`].
    #[error("tệp có quá {MAX_ROWS} dòng")]
    TooManyRows,
    /// More than [`MAX_COLUMNS`] used.
    #[error("dòng {row}: có quá {MAX_COLUMNS} cột")]
    TooManyColumns {
        /// Row of the file.
        row: u64,
    },
    /// Merged cells below the heading: which row a value belongs to cannot be told.
    #[error("dòng {row}: có ô gộp ({range}); hãy bỏ gộp ô rồi nhập lại")]
    Merged {
        /// First row of the merged cells.
        row: u64,
        /// As Excel names it: `A5:A9`.
        range: String,
    },
    /// Not UTF-8.
    #[error("dòng {row}: tệp CSV không phải mã UTF-8; hãy lưu lại dạng CSV UTF-8 hoặc Excel")]
    NotUtf8 {
        /// Row of the file.
        row: u64,
    },
}

impl SheetError {
    /// Stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            SheetError::Io(_) => "file_unreadable",
            SheetError::Empty => "file_empty",
            SheetError::PasswordOrOldExcel => "password_or_old_excel",
            SheetError::UnknownFormat => "not_a_sheet",
            SheetError::Damaged(_) => "file_damaged",
            SheetError::NoSheet => "no_sheet",
            SheetError::TooLarge { .. } => "unpacks_too_large",
            SheetError::TooManyParts(_) => "too_many_parts",
            SheetError::CellTooLong { .. } => "cell_too_long",
            SheetError::TooManyRows => "too_many_rows",
            SheetError::TooManyColumns { .. } => "too_many_columns",
            SheetError::Merged { .. } => "merged_cells",
            SheetError::NotUtf8 { .. } => "not_utf8",
        }
    }

    /// The row of the file it is about, if one.
    pub const fn row(&self) -> Option<u64> {
        match self {
            SheetError::CellTooLong { row }
            | SheetError::TooManyColumns { row }
            | SheetError::Merged { row, .. }
            | SheetError::NotUtf8 { row } => Some(*row),
            _ => None,
        }
    }
}

/// Reads the first sheet of an Excel file, or a CSV file (comma, semicolon or tab; a byte order
/// mark is passed over). `each` gets every row that is not blank, in order, with its number in the
/// file counted from 1 and its cells from the first column to the last used one.
///
/// # Errors
/// What the file is refused for, or the first error of `each`.
pub fn read<R, E>(
    input: R,
    mut each: impl FnMut(u64, &[Cell<'_>]) -> Result<(), E>,
) -> Result<(), E>
where
    R: Read + Seek,
    E: From<SheetError>,
{
    let mut input = BufReader::with_capacity(1 << 16, input);
    let start = input.fill_buf().map_err(SheetError::Io)?;
    if start.is_empty() {
        return Err(SheetError::Empty.into());
    }
    let is_zip = start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06");
    let is_old_office = start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    let is_text = !start.contains(&0);
    input.seek(SeekFrom::Start(0)).map_err(SheetError::Io)?;
    if is_zip {
        xlsx::read(input, &mut each)
    } else if is_old_office {
        Err(SheetError::PasswordOrOldExcel.into())
    } else if is_text {
        csv::read(input, &mut each)
    } else {
        Err(SheetError::UnknownFormat.into())
    }
}

/// SHA-256 of a file's bytes, by which the same file is known again.
///
/// # Errors
/// When the file cannot be read.
pub fn fingerprint(mut input: impl Read) -> io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            count => hasher.update(&buffer[..count]),
        }
    }
}
