//! Words every other crate speaks: đồng, month, partial date, coefficient, personal ID number,
//! Vietnamese names, area, clock. Pure: no database, no files, no wall clock of its own.

pub mod actor;
pub mod area;
pub mod bank;
pub mod cell;
pub mod clock;
pub mod coefficient;
pub mod date;
pub mod dong;
pub mod ethnic_group;
pub mod form;
pub mod holiday;
pub mod ids;
pub mod month;
pub mod name;
pub mod origin;
pub mod peer;
pub mod personal_id;
pub mod sex;
pub mod words;
pub mod xml;

pub use actor::Actor;
pub use area::{AreaCode, ProvinceCode};
pub use bank::Bank;
pub use cell::Cell;
pub use clock::Clock;
pub use coefficient::Coefficient;
pub use date::PartialDate;
pub use dong::Dong;
pub use ethnic_group::EthnicGroup;
pub use ids::{DossierId, EventId, ListId, PersonId};
pub use month::{Month, MonthSpan};
pub use origin::Origin;
pub use sex::Sex;
