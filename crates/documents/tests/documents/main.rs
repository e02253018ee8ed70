//! Sheets that come in, good and bad, and what is written: Excel, CSV, bank messages, paper forms.

mod credit_transfer;
mod list_export;
mod sheet;
mod template;
