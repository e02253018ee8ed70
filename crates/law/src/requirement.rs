//! The conditions a benefit may name.

use serde::{Deserialize, Serialize};

use crate::{Benefit, RefusalCode};

/// One condition of a benefit, as the files write it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What must be true.
    pub must: Requirement,
    /// Who checks it.
    pub checked_by: CheckedBy,
    /// Stable reason code when it fails.
    pub code: RefusalCode,
    /// Article.
    pub law: String,
    /// What the citizen reads when it fails.
    pub text: String,
    /// Somebody still has to verify it.
    pub verify: bool,
}

/// What must be true. Ages are in years and count by whole months (contracts, months, rules 2, 3).
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// From the month of this birthday.
    AgeFrom(u8),
    /// Until the month before this birthday.
    AgeBelow(u8),
    /// Through the month of this birthday.
    AgeThrough(u8),
    /// Of an age, or of a lower one and in a poor or near-poor household.
    AgeFromOrPoorFrom {
        /// The age for everybody.
        years: u8,
        /// The age in a poor or near-poor household.
        poor_years: u8,
    },
    /// A letter of Điều 5 khoản 1 holds.
    WithoutSupport,
    /// A letter of Điều 5 khoản 1 held in some earlier month, or holds.
    OnceWithoutSupport,
    /// In school or training.
    Studying,
    /// Lives with HIV.
    Hiv,
    /// In a poor household.
    Poor,
    /// In a poor or near-poor household.
    PoorOrNearPoor,
    /// Single, widowed, or spouse missing.
    Single,
    /// Nobody to support them, or the supporter lives on an allowance.
    NoSupporterOrOnAllowance,
    /// Lives in a specially difficult area.
    DifficultArea,
    /// Cared for in the community instead of a facility.
    Fostered,
    /// Draws no pension.
    NoPension,
    /// Has no stable monthly income.
    NoStableIncome,
    /// Lives in a facility.
    InFacility,
    /// Severely or extremely severely disabled.
    SeverelyDisabled,
    /// Dies in the month.
    DiesInMonth,
    /// It is the first month of the enrolment.
    FirstMonth,
    /// A decision says so: facts alone never do.
    Decided,
    /// Qualifies for none of these.
    EntitledToNone(Vec<Benefit>),
    /// Qualifies for at least one of these.
    EntitledToAny(Vec<Benefit>),
}

/// Who checks a condition.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckedBy {
    /// Checked month by month: by the calendar and the registry.
    Calendar,
    /// Settled by the decision that enrolled the person; only `assess` asks.
    Decision,
}
