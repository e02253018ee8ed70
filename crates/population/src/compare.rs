//! Our record beside theirs: what agrees, what differs, what they know more exactly.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::area::Area;
use kernel::name::{same_but_tone_placement, tidy};
use kernel::{PartialDate, PersonId, Sex};
use serde::Serialize;

/// Their values of fields, by the names of `person_registered`.
pub type Theirs = BTreeMap<&'static str, String>;

/// Our record of a person, as it is asked about.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The number in the registry.
    pub id: PersonId,
    /// As declared.
    pub full_name: String,
    /// As far as known.
    pub birth: PartialDate,
    /// If declared.
    pub sex: Option<Sex>,
    /// As received.
    pub number: String,
    /// The commune lived in.
    pub home: &'static Area,
    /// How many checks are recorded of the person: the next one is one more.
    pub checks: i64,
}

/// The person as the population database knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citizen {
    /// Twelve digits.
    pub number: Option<String>,
    /// The nine digits of before.
    pub old_card: Option<String>,
    /// With marks.
    pub full_name: String,
    /// As far as told.
    pub birth: Option<PartialDate>,
    /// If told.
    pub sex: Option<Sex>,
    /// They say that the person died.
    pub death: Option<Death>,
}

/// A death as reported: to be looked into, not a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// The day, if it was told.
    pub day: Option<Date>,
}

/// What asking about a person came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Number, name, birth and sex agree.
    Verified,
    /// The number is theirs, fields differ.
    Mismatch {
        /// Which, by their names in `person_registered`.
        fields: Vec<&'static str>,
    },
    /// Nothing agrees with number and name.
    NoData,
    /// The service did not answer: says nothing about the person.
    ServiceError {
        /// Stable code of the last error.
        code: &'static str,
    },
}

impl Outcome {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Outcome::Verified => "verified",
            Outcome::Mismatch { .. } => "mismatch",
            Outcome::NoData => "no_data",
            Outcome::ServiceError { .. } => "service_error",
        }
    }
}

/// What users see of the code of an outcome.
pub fn vietnamese(outcome: &str) -> &'static str {
    match outcome {
        "verified" => "Khớp",
        "mismatch" => "Lệch thông tin",
        "no_data" => "Không tìm thấy",
        "service_error" => "Dịch vụ lỗi",
        _ => "",
    }
}

/// Sets our record beside theirs. Where the tone of a name is written (`Hoà`, `Hòa`), letter case and
/// what one side does not say are no differences; what they know more exactly is among their
/// values all the same.
pub fn compare(ours: &Subject, citizen: &Citizen) -> (Outcome, Theirs) {
    let mut fields = Vec::new();
    let mut theirs = Theirs::new();
    let mut tell = |field: &'static str, value: String, differs: bool| {
        theirs.insert(field, value);
        if differs {
            fields.push(field);
        }
    };
    if !same_name(&ours.full_name, &citizen.full_name) {
        tell("full_name", citizen.full_name.clone(), true);
    } else if tidy(&ours.full_name) != citizen.full_name
        && same_but_tone_placement(&ours.full_name, &citizen.full_name)
    {
        tell("full_name", citizen.full_name.clone(), false);
    }
    if let Some(birth) = citizen.birth {
        let differs = !agree(ours.birth, birth);
        if differs || (ours.birth.is_assumed() && !birth.is_assumed()) {
            tell("birth_date", birth.to_string(), differs);
        }
    }
    if let Some(sex) = citizen.sex
        && ours.sex != Some(sex)
    {
        let code = match sex {
            Sex::Male => "male",
            Sex::Female => "female",
        };
        tell("sex", code.to_owned(), ours.sex.is_some());
    }
    if let Some(number) = &citizen.number
        && *number != ours.number
    {
        tell("id_number", number.clone(), true);
    }
    let outcome = if fields.is_empty() {
        Outcome::Verified
    } else {
        Outcome::Mismatch { fields }
    };
    (outcome, theirs)
}

/// One name, letter case and tone placement aside.
fn same_name(one: &str, other: &str) -> bool {
    let lower = |name: &str| tidy(name).to_lowercase();
    lower(one) == lower(other) || same_but_tone_placement(one, other)
}

/// Whether two dates can be one, as far as both are known.
fn agree(one: PartialDate, other: PartialDate) -> bool {
    match (one, other) {
        (PartialDate::Day(one), PartialDate::Day(other)) => one == other,
        (PartialDate::Year(_), _) | (_, PartialDate::Year(_)) => one.year() == other.year(),
        (one, other) => one.assumed_month() == other.assumed_month(),
    }
}

#[cfg(test)]
mod tests {
    use kernel::area::Areas;
    use kernel::{PartialDate, PersonId, Sex};

    use super::{Citizen, Outcome, Subject, compare};

    fn ours(name: &str, birth: &str, sex: Option<Sex>) -> Subject {
        Subject {
            id: PersonId(1),
            full_name: name.to_owned(),
            birth: birth.parse().expect("a date"),
            sex,
            number: "999150000001".to_owned(),
            home: &Areas::embedded().all()[0],
            checks: 0,
        }
    }

    fn theirs(name: &str, birth: &str, sex: Sex) -> Citizen {
        Citizen {
            number: Some("999150000001".to_owned()),
            old_card: None,
            full_name: name.to_owned(),
            birth: birth.parse::<PartialDate>().ok(),
            sex: Some(sex),
            death: None,
        }
    }

    #[test]
    fn says_which_fields_differ_and_what_is_known_better() {
        use Sex::{Female, Male};
        let them = theirs("Trần Thị Hoà", "1950-02-03", Female);
        for (name, birth, sex, differing, told) in [
            ("Trần Thị Hoà", "1950-02-03", Some(Female), &[][..], &[][..]),
            (
                "TRẦN THỊ HÒA",
                "1950-02-03",
                Some(Female),
                &[],
                &["full_name"],
            ),
            (
                "Trần Thị Hoa",
                "1950-02-03",
                Some(Female),
                &["full_name"],
                &["full_name"],
            ),
            (
                "Trần Thị Hoà",
                "1950-03-02",
                Some(Female),
                &["birth_date"],
                &["birth_date"],
            ),
            ("Trần Thị Hoà", "1950", Some(Female), &[], &["birth_date"]),
            (
                "Trần Thị Hoà",
                "1950-02",
                Some(Female),
                &[],
                &["birth_date"],
            ),
            (
                "Trần Thị Hoà",
                "1951",
                None,
                &["birth_date"],
                &["birth_date", "sex"],
            ),
            ("Trần Thị Hoà", "1950-02-03", Some(Male), &["sex"], &["sex"]),
        ] {
            let (outcome, values) = compare(&ours(name, birth, sex), &them);
            let fields = match outcome {
                Outcome::Mismatch { fields } => fields,
                _ => Vec::new(),
            };
            assert_eq!(fields, differing, "{name} {birth}");
            assert_eq!(
                values.into_keys().collect::<Vec<_>>(),
                told,
                "{name} {birth}"
            );
        }
    }
}
