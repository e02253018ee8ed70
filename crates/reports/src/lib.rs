//! Figures by area and the people behind them, read only.
//!
//! Every figure comes from the lines of a month's lists and the records of the registry; none is
//! kept beside them.

pub mod caseload;
pub mod cashless;
pub mod data_quality;
mod people;
mod question;

pub use caseload::{Caseload, caseload};
pub use cashless::{Cashless, cashless};
pub use data_quality::{DataQuality, data_quality};
pub use people::{Behind, people};
pub use question::{AreaRow, By, ByArea, Question, Source};

/// Why figures are refused: as reading the list itself.
pub use payments::Refused;
