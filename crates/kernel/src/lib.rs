//! Words every other crate speaks: đồng, month, partial date, coefficient, personal ID number,
//! Vietnamese names, area, clock. Pure: no database, no files, no wall clock of its own.

pub mod actor;
pub mod area;
pub mod clock;
pub mod coefficient;
pub mod date;
pub mod dong;
pub mod ids;
pub mod month;
pub mod name;
pub mod personal_id;
pub mod sex;

pub use actor::Actor;
pub use area::{AreaCode, ProvinceCode};
pub use clock::Clock;
pub use coefficient::Coefficient;
pub use date::PartialDate;
pub use dong::Dong;
pub use ids::{EventId, ListId, PersonId};
pub use month::{Month, MonthSpan};
pub use sex::Sex;
