//! From which month a new enrolment is paid (contracts, months, rule 6).

use jiff::civil::Date;
use kernel::Month;

use crate::circumstances::birthday;
use crate::files::Start;
use crate::glance::Glance;
use crate::person::Grade;
use crate::requirement::Requirement;
use crate::{Benefit, FactKind, InForce, Person};

impl InForce {
    /// The first month paid of an enrolment decided on a day: the month of signing, or under the
    /// decrees that say so the month of the disability certificate or of the birthday.
    pub fn start_month(&self, benefit: Benefit, signed: Date, person: &Person) -> Month {
        let signing = Month::of(signed);
        let Some(version) = self.version(benefit, &mut Glance::at(signing)) else {
            return signing;
        };
        match version.text.start {
            Start::Decision => signing,
            Start::Certificate => certificate(person, signed).unwrap_or(signing),
            Start::Birthday => {
                let conditions = version.text.condition.iter();
                let years = conditions.filter_map(|condition| match condition.must {
                    Requirement::AgeFrom(years) => Some(years),
                    _ => None,
                });
                let born = person.birth_date.assumed_month();
                years
                    .map(|years| birthday(born, years))
                    .next()
                    .unwrap_or(signing)
            }
        }
    }
}

/// The month of the certificate that holds on the day of signing, or else of the latest before.
fn certificate(person: &Person, signed: Date) -> Option<Month> {
    let certificates = person.facts.iter().filter(|fact| {
        let severe = |grade| grade >= Grade::Severe;
        matches!(fact.kind, FactKind::Disability { grade } if severe(grade)) && fact.from <= signed
    });
    let latest = certificates.max_by_key(|fact| (fact.to.is_none_or(|to| to >= signed), fact.from));
    latest.map(|fact| Month::of(fact.from))
}
