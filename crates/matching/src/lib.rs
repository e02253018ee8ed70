//! Which records of two lists are the same person, and which of one list are there twice:
//! probabilistic record linkage (Fellegi and Sunter 1969) made for Vietnamese people, whose ten
//! surnames cover most of them, whose diacritics get lost and whose birth dates are half known.
//!
//! Nothing is trained and no weight is set by hand: how common each value is and how often two
//! records of one person agree is estimated from the lists themselves. Nothing is merged: a pair
//! is a proposal with a probability and the reasons.
//!
//! The left list is held in memory, in slices when it is larger than allowed; the right one is read
//! through.

#![allow(clippy::float_arithmetic, reason = "probabilities, no money")]

mod assign;
mod block;
mod commonness;
mod compare;
mod field;
mod input;
mod link;
mod pair;
mod people;
mod weights;

use std::io;

pub use input::Refused;
pub use link::{Linked, Options, link, pairs};
pub use pair::{Agreement, Found, Reason};

/// The lists cannot be compared: nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file cannot be opened or read.
    #[error("không đọc được tệp {0}: {1}")]
    Unreadable(String, #[source] io::Error),
    /// The answer cannot be written.
    #[error("không ghi được kết quả: {0}")]
    Unwritable(#[from] io::Error),
    /// A row is not text.
    #[error("tệp {0}, dòng {1}: không phải văn bản UTF-8")]
    NotUtf8(String, u64),
    /// A row has more or fewer cells than the heading.
    #[error("tệp {0}, dòng {1}: số ô khác với dòng tiêu đề")]
    UnequalRow(String, u64),
    /// An empty file.
    #[error("tệp {0} không có dòng tiêu đề")]
    NoHeading(String),
    /// Two columns of one heading.
    #[error("tệp {0} có hai cột cùng tên {1}")]
    RepeatedHeading(String, String),
    /// No column `id`.
    #[error("tệp {0} thiếu cột id")]
    NoId(String),
    /// A column to be compared is not there.
    #[error("tệp {0} không có cột {1}")]
    NoColumn(String, String),
    /// Too many columns to be compared as text.
    #[error("--also nhận nhiều nhất {0} cột")]
    TooManyColumns(usize),
    /// More rows than can be counted.
    #[error("tệp {0} có quá nhiều dòng")]
    TooManyRows(String),
    /// Less memory than the program itself needs.
    #[error("--memory phải từ {} MB trở lên", .0 >> 20)]
    TooLittleMemory(u64),
}

impl Failure {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Failure::Unreadable(..) => "unreadable",
            Failure::Unwritable(_) => "unwritable",
            Failure::NotUtf8(..) => "not_utf8",
            Failure::UnequalRow(..) => "unequal_row",
            Failure::NoHeading(_) => "no_heading",
            Failure::RepeatedHeading(..) => "repeated_heading",
            Failure::NoId(_) => "no_id",
            Failure::NoColumn(..) => "no_column",
            Failure::TooManyColumns(_) => "too_many_columns",
            Failure::TooManyRows(_) => "too_many_rows",
            Failure::TooLittleMemory(_) => "too_little_memory",
        }
    }
}
