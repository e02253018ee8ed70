//! The stable codes of why a benefit is not paid.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! refusal_codes {
    ($($(#[$doc:meta])* $name:ident, $code:literal;)*) => {
        /// Why a benefit is not paid, or facts do not qualify for it. The files of the law may
        /// use these and no others, so that whoever tells them apart has to know each of them.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum RefusalCode {
            $($(#[$doc])* $name,)*
        }

        impl RefusalCode {
            /// Every code.
            pub const ALL: &[RefusalCode] = &[$(RefusalCode::$name),*];

            /// As interfaces and the files of the law write it.
            pub const fn code(self) -> &'static str {
                match self { $(RefusalCode::$name => $code,)* }
            }
        }
    };
}

refusal_codes! {
    /// The month lies before every law of the data.
    NoLaw, "no_law";
    /// The law of the month has no such benefit.
    NotInLawOfMonth, "not_in_law_of_month";
    /// Before the month of birth.
    NotBorn, "not_born";
    /// Died in an earlier month.
    Died, "died";
    /// Suspended.
    Suspended, "suspended";
    /// In prison since an earlier month.
    InPrison, "in_prison";
    /// In a facility since an earlier month.
    InFacility, "in_facility";
    /// Another benefit is higher.
    LowerThanHighest, "lower_than_highest";
    /// Not yet of the age.
    TooYoung, "too_young";
    /// Grown out of it.
    TooOld, "too_old";
    /// Has somebody to support them.
    NotWithoutSupport, "not_without_support";
    /// Never was a child without support.
    NeverWithoutSupport, "never_without_support";
    /// Not in school or training.
    NotStudying, "not_studying";
    /// No HIV certified.
    NoHiv, "no_hiv";
    /// Household not poor.
    NotPoor, "not_poor";
    /// Household neither poor nor near-poor.
    NotPoorOrNearPoor, "not_poor_or_near_poor";
    /// Not single.
    NotSingle, "not_single";
    /// No child counts.
    NoChild, "no_child";
    /// Has somebody with the duty to support them.
    HasSupporter, "has_supporter";
    /// Not in a specially difficult area.
    NotInDifficultArea, "not_in_difficult_area";
    /// Draws a pension.
    HasPension, "has_pension";
    /// Has a stable income.
    HasStableIncome, "has_stable_income";
    /// Not cared for in the community.
    NotFostered, "not_fostered";
    /// No severe disability certified.
    NoSevereDisability, "no_severe_disability";
    /// Neither pregnant nor raising a child under 36 months.
    NoPregnancyOrInfant, "no_pregnancy_or_infant";
    /// Not in a facility.
    NotInFacility, "not_in_facility";
    /// Cares for nobody who counts.
    NoCaredFor, "no_cared_for";
    /// Nothing is known of the person cared for.
    CaredPersonUnknown, "cared_person_unknown";
    /// The person cared for draws no allowance.
    NotOnAllowance, "not_on_allowance";
    /// Belongs to another group already.
    InAnotherGroup, "in_another_group";
    /// Not the month of death.
    NotMonthOfDeath, "not_month_of_death";
    /// Only a decision says so.
    NeedsDecision, "needs_decision";
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::RefusalCode;

    #[test]
    fn files_and_interfaces_write_the_same() {
        for code in RefusalCode::ALL {
            let written = serde_json::to_string(code).ok();
            assert_eq!(written, Some(format!("\"{code}\"")));
        }
    }
}
