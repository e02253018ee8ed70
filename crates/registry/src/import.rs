//! People from a sheet, one a row, in the columns of the contract: each row becomes events, and the
//! events of the whole file are recorded in one transaction.
//!
//! Nothing is repaired: what cannot be read is refused with the row of the file, the heading, a
//! code and a sentence, and the other rows go in. The same file a second time changes nothing:
//! every event is named after the file's content, the row and what it says.

mod column;
mod convert;
mod date;
mod draft;
mod form;
mod record;
mod sheet;
pub mod table;
mod vocabulary;

use jiff::civil::Date;
use kernel::AreaCode;
use law::{Benefit, Law};

pub use column::Column;
pub use date::partial_date;
pub use form::form;
pub use record::{Imported, record};
pub use sheet::{FormError, Read, Sheet};

/// What a sheet is read with.
#[derive(Debug)]
pub struct Setting<'a> {
    /// Where names of benefits come from.
    pub law: &'a Law,
    /// Today in Viet Nam: codes of communes are those of today, or else the last that had them.
    pub today: Date,
    /// Rows of communes outside are refused; `None` takes every area.
    pub area: Option<AreaCode>,
    /// Whether numbers of invented people are plausible.
    pub practice: bool,
}

/// The benefits a row can award: those paid every month.
pub fn benefits() -> impl Iterator<Item = Benefit> {
    Benefit::ALL
        .into_iter()
        .filter(|benefit| !benefit.is_one_off())
}
