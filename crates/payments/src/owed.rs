//! shim until the engine lands
use kernel::{Coefficient, Dong, Month};
use law::Benefit;
/// Run of equal months.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Spell {
    /// b
    pub benefit: Benefit,
    /// f
    pub from: Month,
    /// t
    pub to: Month,
    /// c
    pub coefficient: Coefficient,
    /// s
    pub standard: Dong,
    /// a
    pub amount: Dong,
}
