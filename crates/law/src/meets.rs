//! Whether a person meets a condition in a month.

use kernel::Month;

use crate::circumstances::{Circumstances, birthday};
use crate::glance::Glance;
use crate::judge::Coverage;
use crate::person::Grade;
use crate::requirement::Requirement;
use crate::{Benefit, FactKind, InForce};

/// For whom a condition is asked.
#[derive(Clone, Copy)]
pub(crate) enum Asked {
    /// For a person enrolled by decision: what the decision settled is not asked again.
    Enrolled {
        benefit: Benefit,
        coverage: Coverage,
    },
    /// For a person of whom only facts are known.
    ByFacts,
}

impl InForce {
    pub(crate) fn meets(
        &self,
        requirement: &Requirement,
        who: &Circumstances<'_>,
        asked: Asked,
        glance: &mut Glance,
    ) -> bool {
        let age = |glance: &mut Glance, years| glance.reached(birthday(who.born, years));
        match requirement {
            Requirement::AgeFrom(years) => age(glance, *years),
            Requirement::AgeBelow(years) => !age(glance, *years),
            Requirement::AgeThrough(years) => through(who.born, *years, glance),
            Requirement::AgeFromOrPoorFrom { years, poor_years } => {
                age(glance, *years)
                    || (age(glance, *poor_years)
                        && (asked.settled_directly() || who.poor(glance, true)))
            }
            Requirement::Poor => who.poor(glance, false),
            Requirement::PoorOrNearPoor => who.poor(glance, true),
            Requirement::OnceWithoutSupport => who.ever(glance, is_without_support),
            Requirement::Studying => who.studying(glance),
            Requirement::SeverelyDisabled => who.grade(glance) >= Some(Grade::Severe),
            Requirement::DifficultArea => who.person.difficult_area,
            Requirement::DiesInMonth => who.dies_in_month(glance),
            Requirement::FirstMonth => asked.begins(),
            Requirement::Decided => matches!(asked, Asked::Enrolled { .. }),
            Requirement::EntitledToNone(benefits) => !self.entitled_to_any(benefits, who, glance),
            Requirement::EntitledToAny(benefits) => self.entitled_to_any(benefits, who, glance),
            Requirement::NoPension => !who.any(glance, |kind| *kind == FactKind::Pension),
            Requirement::NoStableIncome => !who.any(glance, |kind| *kind == FactKind::StableIncome),
            plain => who.any(glance, |kind| says(plain, kind)),
        }
    }

    /// Whether facts alone qualify the person for one of the benefits.
    fn entitled_to_any(
        &self,
        benefits: &[Benefit],
        who: &Circumstances<'_>,
        glance: &mut Glance,
    ) -> bool {
        let mut benefits = benefits.iter();
        benefits.any(|benefit| self.entitled(*benefit, who, glance).is_ok())
    }
}

impl Asked {
    /// Enrolled in this very benefit, not carried over from another.
    fn settled_directly(self) -> bool {
        match self {
            Asked::Enrolled { benefit, coverage } => coverage.direct.contains(benefit),
            Asked::ByFacts => false,
        }
    }

    fn begins(self) -> bool {
        match self {
            Asked::Enrolled { benefit, coverage } => coverage.beginning.contains(benefit),
            Asked::ByFacts => false,
        }
    }
}

/// From birth through the month of a birthday.
fn through(born: Month, years: u8, glance: &mut Glance) -> bool {
    glance.reached(born) && glance.within(birthday(born, years))
}

fn is_without_support(kind: &FactKind) -> bool {
    matches!(kind, FactKind::WithoutSupport { .. })
}

/// Whether a fact of this kind is what a plain requirement asks for.
pub(crate) fn says(requirement: &Requirement, kind: &FactKind) -> bool {
    match requirement {
        Requirement::WithoutSupport => is_without_support(kind),
        Requirement::Hiv => *kind == FactKind::Hiv,
        Requirement::Single => *kind == FactKind::Single,
        Requirement::NoSupporterOrOnAllowance => {
            matches!(kind, FactKind::NoSupporter | FactKind::SupporterOnAllowance)
        }
        Requirement::Fostered => *kind == FactKind::FosteredInCommunity,
        Requirement::InFacility => *kind == FactKind::InFacility,
        _ => false,
    }
}
