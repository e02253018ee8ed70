//! A benefit under the law of a month, for people to read.

use jiff::civil::Date;
use kernel::{Coefficient, Dong, Month};
use serde::Serialize;

use crate::check::decree_of;
use crate::files::{Decree, ProvincialStandard, Source, Start, Version};
use crate::glance::Glance;
use crate::requirement::CheckedBy;
use crate::{Benefit, Law, RefusalCode};

/// Everything the folder says of a benefit in a month.
#[derive(Clone, Debug, Serialize)]
pub struct Sheet {
    /// Which benefit.
    pub benefit: Benefit,
    /// Its name.
    pub name: String,
    /// The month asked about.
    pub month: Month,
    /// First month of these rules.
    pub from: Month,
    /// Day since which they count.
    pub in_force: Date,
    /// Who it is for.
    pub who: String,
    /// Article naming the group.
    pub law: String,
    /// Where it was read.
    pub source: Option<Source>,
    /// Somebody still has to verify it.
    pub verify: bool,
    /// From when a new enrolment is paid.
    pub start: Start,
    /// Another name under which it goes on.
    pub continued_as: Option<Benefit>,
    /// Conditions in the order in which they are checked.
    pub conditions: Vec<ConditionLine>,
    /// Rates, with the amount at the national standard.
    pub rates: Vec<RateLine>,
    /// The national standard of the month.
    pub standard: StandardLine,
    /// Higher standards of provinces in the month.
    pub provincial: Vec<ProvincialStandard>,
    /// The decrees cited.
    pub decrees: Vec<Decree>,
}

/// A condition.
#[derive(Clone, Debug, Serialize)]
pub struct ConditionLine {
    /// Reason code when it fails.
    pub code: RefusalCode,
    /// The reason in words.
    pub text: String,
    /// Who checks it.
    pub checked_by: CheckedBy,
    /// Article.
    pub law: String,
    /// Somebody still has to verify it.
    pub verify: bool,
}

/// A rate.
#[derive(Clone, Debug, Serialize)]
pub struct RateLine {
    /// The case.
    pub case: String,
    /// Coefficient.
    pub coefficient: Coefficient,
    /// Đồng at the national standard.
    pub amount: Dong,
    /// Article.
    pub law: String,
    /// Where it was read.
    pub source: Option<Source>,
    /// Somebody still has to verify it.
    pub verify: bool,
}

/// The national standard.
#[derive(Clone, Debug, Serialize)]
pub struct StandardLine {
    /// Đồng at coefficient 1.0.
    pub amount: Dong,
    /// Article.
    pub law: String,
    /// Where it was read.
    pub source: Option<Source>,
    /// Somebody still has to verify it.
    pub verify: bool,
}

impl Law {
    /// What the folder says of a benefit in a month, by the law in force on a day; `None` when the
    /// law of the month has no such benefit.
    pub fn sheet(&self, benefit: Benefit, month: Month, as_of: Date) -> Option<Sheet> {
        let in_force = self.in_force(as_of);
        let programme = self.programmes.get(&benefit)?;
        let version = &in_force.version(benefit, &mut Glance::at(month))?.text;
        let standard = self.standard_line(month, as_of)?;
        let rates = self.rate_lines(version, standard.amount);
        let here = |s: &&ProvincialStandard| {
            s.in_force <= as_of
                && s.from <= month
                && s.to.is_none_or(|to| month <= to)
                && s.benefits
                    .as_ref()
                    .is_none_or(|only| only.contains(&benefit))
                && s.amount > standard.amount
        };
        let cited = [version.law.as_str(), standard.law.as_str()];
        let cited = cited
            .into_iter()
            .chain(rates.iter().map(|rate| rate.law.as_str()));
        let mut decrees: Vec<Decree> = Vec::new();
        for decree in cited.filter_map(|reference| decree_of(self, reference)) {
            if !decrees.iter().any(|known| known.number == decree.number) {
                decrees.push(decree.clone());
            }
        }
        Some(Sheet {
            benefit,
            name: programme.name.clone(),
            month,
            from: version.from,
            in_force: version.in_force,
            who: version.who.clone(),
            law: version.law.clone(),
            source: self.source(&version.source),
            verify: version.verify,
            start: version.start,
            continued_as: version.continued_as,
            conditions: condition_lines(version),
            rates,
            provincial: self.provincial.iter().filter(here).cloned().collect(),
            standard,
            decrees,
        })
    }

    fn source(&self, id: &str) -> Option<Source> {
        self.sources.iter().find(|source| source.id == id).cloned()
    }

    fn standard_line(&self, month: Month, as_of: Date) -> Option<StandardLine> {
        let known = self
            .national
            .iter()
            .filter(|s| s.in_force <= as_of && s.from <= month);
        let standard = known.max_by_key(|standard| standard.from)?;
        Some(StandardLine {
            amount: standard.amount,
            law: standard.law.clone(),
            source: self.source(&standard.source),
            verify: standard.verify,
        })
    }

    fn rate_lines(&self, version: &Version, standard: Dong) -> Vec<RateLine> {
        let line = |rate: &crate::files::Rate| RateLine {
            case: rate.case.clone(),
            coefficient: rate.coefficient,
            amount: rate.coefficient.of(standard),
            law: rate.law.clone(),
            source: self.source(&rate.source),
            verify: rate.verify,
        };
        version.rate.iter().map(line).collect()
    }
}

fn condition_lines(version: &Version) -> Vec<ConditionLine> {
    let line = |condition: &crate::requirement::Condition| ConditionLine {
        code: condition.code,
        text: condition.text.clone(),
        checked_by: condition.checked_by,
        law: condition.law.clone(),
        verify: condition.verify,
    };
    version.condition.iter().map(line).collect()
}
