//! Figures by area and the people behind them, read only.
//!
//! Every figure comes from the lines of a month's lists and the records of the registry. What is
//! kept of each commune ([`kept`]) follows from them and is counted again when they change.

pub mod caseload;
pub mod cashless;
mod counted;
pub mod data_quality;
pub mod exchange;
pub mod form;
pub mod group;
pub mod higher_standard;
pub mod kept;
mod people;
mod question;
mod reach;
pub mod settlement;
pub mod sheet;
pub mod target;
pub mod trend;

pub use caseload::{Caseload, caseload};
pub use cashless::{Cashless, cashless};
pub use data_quality::{DataQuality, data_quality};
pub use exchange::{ExchangeBoard, exchange};
pub use form::Form;
pub use group::Group;
pub use higher_standard::{HigherStandard, higher_standard};
pub use people::{Behind, people};
pub use question::{AreaRow, By, ByArea, Question, Source, percent};
pub use reach::{Division, former_area, former_code};
pub use settlement::{Settlement, settlement};

/// Why figures are refused: as reading the list itself.
pub use payments::Refused;
