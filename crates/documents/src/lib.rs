//! Excel in and out, messages to banks, and the paper forms handed to the PDF program.

#[cfg(feature = "excel")]
pub mod board_workbook;
#[cfg(feature = "excel")]
pub mod credit_transfer;
pub mod form_paper;
pub mod format;
pub mod letter;
#[cfg(feature = "excel")]
mod list_columns;
#[cfg(feature = "excel")]
pub mod list_csv;
#[cfg(feature = "excel")]
pub mod list_workbook;
#[cfg(feature = "excel")]
pub mod pay_point_workbook;
pub mod payment_list;
pub mod pdf;
#[cfg(feature = "excel")]
pub mod problems;
#[cfg(feature = "excel")]
pub mod sheet;
pub mod tally;
#[cfg(feature = "excel")]
pub mod template;
