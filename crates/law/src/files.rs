//! What the files of the law folder may say. Unknown fields are refused; every figure carries its
//! legal reference, its source and whether somebody still has to verify it.

use jiff::civil::Date;
use kernel::{Coefficient, Dong, Month};
use serde::{Deserialize, Serialize};

use crate::person::Grade;
use crate::requirement::{Condition, Requirement};
use crate::{Benefit, RefusalCode};

/// `decrees.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecreesFile {
    pub(crate) decree: Vec<Decree>,
}

/// A legal document that figures refer to.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Decree {
    /// Official number, the beginning of every reference to it.
    pub number: String,
    /// Title in Vietnamese.
    pub title: String,
    /// Day of signing, if known.
    pub issued: Option<Date>,
    /// First day in force.
    pub in_force: Date,
    /// Key of `sources.toml`.
    pub source: String,
    /// Somebody still has to read the gazette.
    pub verify: bool,
}

/// `sources.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourcesFile {
    pub(crate) source: Vec<Source>,
}

/// Where a figure was read.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Key used by the other files.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Web address, if there is one.
    pub address: Option<String>,
}

/// `standard.toml`: the standard amounts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandardsFile {
    pub(crate) national: Vec<NationalStandard>,
    pub(crate) provincial: Vec<ProvincialStandard>,
}

/// The national standard amount from a month on.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NationalStandard {
    /// First month it is true for.
    pub from: Month,
    /// Đồng a month at coefficient 1.0.
    pub amount: Dong,
    /// Day since which it counts; later than `from` when it applies retroactively.
    pub in_force: Date,
    /// Article.
    pub law: String,
    /// Key of `sources.toml`.
    pub source: String,
    /// Somebody still has to verify it.
    pub verify: bool,
}

/// A higher standard set by a province for a run of months.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProvincialStandard {
    /// Two-digit code of the province.
    pub province: String,
    /// First month.
    pub from: Month,
    /// Last month; absent while it goes on.
    pub to: Option<Month>,
    /// Đồng a month at coefficient 1.0.
    pub amount: Dong,
    /// Day since which it counts.
    pub in_force: Date,
    /// Only for these benefits; absent: for all.
    pub benefits: Option<Vec<Benefit>>,
    /// Resolution.
    pub law: String,
    /// Key of `sources.toml`.
    pub source: String,
    /// Somebody still has to verify it.
    pub verify: bool,
}

/// `rules.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesFile {
    pub(crate) version: Vec<Rules>,
}

/// The rules over all benefits, from a month on.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// First month it is true for.
    pub from: Month,
    /// Day since which it counts.
    pub in_force: Date,
    /// Key of `sources.toml`.
    pub source: String,
    /// Somebody still has to verify it.
    pub verify: bool,
    /// What stops payment.
    pub stop: Vec<Stop>,
    /// Of which benefits only the highest is paid.
    pub highest_only: Vec<HighestOnly>,
}

/// An event that stops payment.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Which event.
    pub when: StopEvent,
    /// Stable reason code of the refusal.
    pub code: RefusalCode,
    /// Benefits it does not stop.
    pub except: Vec<Benefit>,
    /// Article.
    pub law: String,
    /// What the citizen reads.
    pub text: String,
}

/// What can stop payment.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopEvent {
    /// Born in a later month.
    NotBorn,
    /// Died in an earlier month.
    Died,
    /// Suspended on any day of the month, or the month is suspended by decision.
    Suspended,
    /// In prison since an earlier month.
    InPrison,
    /// In a facility since an earlier month.
    InFacility,
}

/// Benefits of which only the highest is paid.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HighestOnly {
    /// The benefits that exclude each other.
    pub among: Vec<Benefit>,
    /// A benefit that is paid besides the highest of `besides`.
    pub exception: Option<Benefit>,
    /// What the exception is paid besides.
    #[serde(default)]
    pub besides: Vec<Benefit>,
    /// Stable reason code of the refusal.
    pub code: RefusalCode,
    /// Article.
    pub law: String,
    /// What the citizen reads.
    pub text: String,
}

/// `programmes/<benefit>/benefit.toml`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// Which benefit.
    pub benefit: Benefit,
    /// Name in Vietnamese.
    pub name: String,
    /// The same rules for months from `from` on, one entry a decree.
    pub version: Vec<Version>,
}

/// A benefit under one decree.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// First month it is true for.
    pub from: Month,
    /// Day since which it counts.
    pub in_force: Date,
    /// Clause of the group, short: `5.6`.
    pub group: String,
    /// Article naming the group.
    pub law: String,
    /// Key of `sources.toml`.
    pub source: String,
    /// Somebody still has to verify it.
    pub verify: bool,
    /// Who it is for, in plain Vietnamese.
    pub who: String,
    /// From when a new enrolment is paid.
    #[serde(default)]
    pub start: Start,
    /// To which months money belongs.
    #[serde(default)]
    pub due: Due,
    /// To whom the rates apply.
    #[serde(default)]
    pub measure: Measure,
    /// The benefit under which enrolments go on, without a new application.
    pub continued_as: Option<Benefit>,
    /// Which children count.
    pub child: Option<ChildRule>,
    /// The benefit the cared-for people are shared with, when the carer has both.
    pub shared_with: Option<Benefit>,
    /// What the people cared for must be; settled by the decision, only `assess` asks.
    pub cared_must: Option<Requirement>,
    /// Conditions in the order in which they are checked.
    #[serde(default)]
    pub condition: Vec<Condition>,
    /// Rates: the first that fits is paid.
    #[serde(default)]
    pub rate: Vec<Rate>,
    /// Refusal when no rate fits.
    pub otherwise: Option<Refusal>,
    /// Refusal when no rate fits because nothing is known of the cared-for person.
    pub unknown: Option<Refusal>,
}

/// Start month of a new enrolment (contracts, months, rule 6).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The month the decision is signed.
    #[default]
    Decision,
    /// The month of the disability certificate.
    Certificate,
    /// The month of the birthday named by the benefit's first age condition.
    Birthday,
}

/// To which months money belongs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Every month.
    #[default]
    Monthly,
    /// Once, in the month of death.
    MonthOfDeath,
    /// Once, in the first month of the enrolment.
    FirstMonth,
}

/// To whom the rates of a benefit apply.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// To the person: one rate.
    #[default]
    Person,
    /// To the people the person's home took in: the sum of a rate for each.
    TakenIn,
    /// To members of the person's own family: the sum of a rate for each.
    OwnFamily,
}

/// Which children of the person count.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChildRule {
    /// From birth through the month of this birthday, in years.
    pub through: u8,
    /// And on while studying.
    pub studying: bool,
    /// But at most through the month of this birthday; absent: no limit.
    pub studying_through: Option<u8>,
    /// A child of unknown birth counts while it is in care.
    pub unknown_counts: bool,
    /// Article.
    pub law: String,
    /// Key of `sources.toml`.
    pub source: String,
    /// Somebody still has to verify it.
    pub verify: bool,
}

/// A coefficient and when it applies. Absent tests are passed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Name of the case.
    pub case: String,
    /// From the month of this birthday.
    pub age_from: Option<u8>,
    /// Until the month before this birthday.
    pub age_below: Option<u8>,
    /// Through the month of this birthday.
    pub age_through: Option<u8>,
    /// With this grade of disability.
    pub grade: Option<Grade>,
    /// In a facility on the day of death.
    #[serde(default)]
    pub in_facility: bool,
    /// Pregnant.
    #[serde(default)]
    pub pregnant: bool,
    /// At least so many children counted.
    pub children_from: Option<u16>,
    /// Multiplied by the children counted.
    #[serde(default)]
    pub per_child: bool,
    /// Also when what the tests ask is not known of the cared-for person.
    #[serde(default)]
    pub unknown_counts: bool,
    /// The coefficient.
    pub coefficient: Coefficient,
    /// Article.
    pub law: String,
    /// Key of `sources.toml`.
    pub source: String,
    /// Somebody still has to verify it.
    pub verify: bool,
}

/// Why something is refused.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Stable reason code.
    pub code: RefusalCode,
    /// Article.
    pub law: String,
    /// What the citizen reads.
    pub text: String,
}
