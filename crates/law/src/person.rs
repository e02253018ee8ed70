//! What the law looks at: a person's birth, death, province, facts and decided enrolments.

use jiff::civil::Date;
use kernel::{Month, MonthSpan, PartialDate, ProvinceCode, Sex};
use serde::{Deserialize, Serialize};

use crate::Benefit;

/// A person as the law sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Birth date as far as known.
    pub birth_date: PartialDate,
    /// Day of death.
    pub death_date: Option<Date>,
    /// Sex, if declared.
    pub sex: Option<Sex>,
    /// Provinces lived in, each from a month, oldest first; the first also holds before its month.
    pub provinces: Vec<(Month, ProvinceCode)>,
    /// Lives in a specially difficult area (settled by decision; only `assess` asks).
    pub difficult_area: bool,
    /// Decided enrolments.
    pub enrolments: Vec<Enrolment>,
    /// Facts.
    pub facts: Vec<Fact>,
}

impl Person {
    /// The first month for which anything can be owed: that of the earliest enrolment, or of death
    /// when it came before, because its grants are decided afterwards. `None` without enrolments.
    pub fn first_month(&self) -> Option<Month> {
        let decided = self
            .enrolments
            .iter()
            .map(|enrolment| enrolment.from)
            .min()?;
        let death = self.death_date.map(Month::of);
        Some(death.map_or(decided, |death| decided.min(death)))
    }
}

/// A benefit awarded by decision for a run of months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Which benefit.
    pub benefit: Benefit,
    /// First month paid.
    pub from: Month,
    /// Last month paid; `None` while it goes on.
    pub to: Option<Month>,
    /// Months suspended by decision and not made due again.
    pub suspended: Vec<MonthSpan>,
}

/// Something true of a person from a day, to a day if it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// First day it is true.
    pub from: Date,
    /// Last day it is true.
    pub to: Option<Date>,
    /// What.
    pub kind: FactKind,
}

/// What can be true of a person (contracts/benefits, fact kinds).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Child without support, by letter a–l of 20/2021/NĐ-CP Điều 5 khoản 1.
    WithoutSupport {
        /// The letter.
        basis: Basis,
    },
    /// In school or training.
    Studying {
        /// Last day of the course, if known.
        until: Option<Date>,
    },
    /// Lives with HIV.
    Hiv,
    /// Listed household.
    Poverty {
        /// Poor or near-poor.
        status: PovertyStatus,
    },
    /// Single, widowed, or spouse missing.
    Single,
    /// Raises a child.
    Child {
        /// The child's birth; `None` when a list only gave a number of children: the child then
        /// counts as long as the fact holds.
        birth_date: Option<PartialDate>,
        /// Last day of studies beyond the 16th birthday.
        studying_until: Option<Date>,
        /// Last day in the parent's care.
        until: Option<Date>,
    },
    /// Nobody has the duty to support them.
    NoSupporter,
    /// The supporter lives on an allowance.
    SupporterOnAllowance,
    /// Cared for by another household instead of a facility.
    FosteredInCommunity,
    /// Disability certificate.
    Disability {
        /// Grade on the certificate.
        grade: Grade,
    },
    /// Draws a pension or monthly social insurance.
    Pension,
    /// Has a stable monthly income.
    StableIncome,
    /// Pregnant.
    Pregnant,
    /// Lives in a social assistance facility.
    InFacility,
    /// In prison.
    InPrison,
    /// Payment suspended.
    Suspended {
        /// Why, in the officer's words.
        reason: String,
    },
    /// Cares for somebody.
    CaresFor(Box<CaredPerson>),
}

/// Somebody cared for, as far as the carer's benefit depends on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaredPerson {
    /// The caller's key of the cared-for person.
    pub person: String,
    /// Relation to the carer; `taken_in` when somebody else's home took them in.
    pub relation: String,
    /// Birth, if known.
    pub birth_date: Option<PartialDate>,
    /// Death, if known.
    pub death_date: Option<Date>,
    /// Facts about them; empty when nothing is known of them.
    pub facts: Vec<Fact>,
}

/// Letter of 20/2021/NĐ-CP Điều 5 khoản 1: why a child is without support.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Abandoned, not adopted.
    A,
    /// Both parents dead.
    B,
    /// One dead, the other declared missing.
    C,
    /// One dead, the other in a facility.
    D,
    /// One dead, the other in prison or the like.
    #[serde(rename = "đ", alias = "dd")]
    Dd,
    /// Both missing.
    E,
    /// Both in a facility.
    G,
    /// Both in prison or the like.
    H,
    /// One missing, the other in a facility.
    I,
    /// One missing, the other in prison or the like.
    K,
    /// One in a facility, the other in prison or the like.
    L,
}

impl Basis {
    /// Every letter.
    pub const ALL: [Basis; 11] = [
        Basis::A,
        Basis::B,
        Basis::C,
        Basis::D,
        Basis::Dd,
        Basis::E,
        Basis::G,
        Basis::H,
        Basis::I,
        Basis::K,
        Basis::L,
    ];

    /// The letter as the decree prints it.
    pub const fn letter(self) -> &'static str {
        match self {
            Basis::A => "a",
            Basis::B => "b",
            Basis::C => "c",
            Basis::D => "d",
            Basis::Dd => "đ",
            Basis::E => "e",
            Basis::G => "g",
            Basis::H => "h",
            Basis::I => "i",
            Basis::K => "k",
            Basis::L => "l",
        }
    }
}

/// Which list a household is on.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PovertyStatus {
    /// Hộ nghèo.
    Poor,
    /// Hộ cận nghèo.
    NearPoor,
}

/// Grade of a disability certificate.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Nhẹ.
    Mild,
    /// Nặng.
    Severe,
    /// Đặc biệt nặng.
    ExtremelySevere,
}
