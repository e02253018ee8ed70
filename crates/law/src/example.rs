//! Worked examples: a person, months, and what the law owes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Coefficient, Dong, Month};
use serde::Deserialize;

use crate::explain::MonthAnswer;
use crate::input::PersonInput;
use crate::{Benefit, Law, RefusalCode};

/// `examples.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExamplesFile {
    pub(crate) example: Vec<Example>,
}

/// One person, months and the answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// What it shows.
    pub(crate) name: String,
    /// Day by which the law counts; absent: everything in the folder.
    pub(crate) as_of: Option<Date>,
    pub(crate) person: PersonInput,
    /// One for each month asked about, in the same order.
    pub(crate) expect: Vec<Expected>,
}

/// What is owed in a month.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) month: Month,
    pub(crate) total: Dong,
    /// Coefficient by benefit paid.
    #[serde(default)]
    pub(crate) pays: BTreeMap<Benefit, Coefficient>,
    /// Reason code by benefit refused.
    #[serde(default)]
    pub(crate) refuses: BTreeMap<Benefit, RefusalCode>,
}

impl Example {
    /// What differs between the example and the engine's answer, in words; nothing when they agree.
    pub(crate) fn differences(&self, law: &Law) -> Vec<String> {
        let (person, months) = match self.person.read() {
            Ok(read) => read,
            Err(error) => return vec![format!("người trong ví dụ sai: {error}")],
        };
        if !months
            .iter()
            .eq(self.expect.iter().map(|expected| &expected.month))
        {
            return vec!["`months` và `expect` không cùng các tháng".to_owned()];
        }
        let in_force = law.in_force(self.as_of.unwrap_or(Date::MAX));
        let answers = self
            .expect
            .iter()
            .filter_map(|expected| expected.difference(&in_force.explain(&person, expected.month)));
        answers.collect()
    }
}

impl Expected {
    fn difference(&self, answer: &MonthAnswer) -> Option<String> {
        let pays: BTreeMap<Benefit, Coefficient> = answer
            .lines
            .iter()
            .map(|line| (line.benefit, line.coefficient))
            .collect();
        let refuses: BTreeMap<Benefit, RefusalCode> = answer
            .refused
            .iter()
            .map(|no| (no.benefit, no.reason))
            .collect();
        let same = answer.total == self.total && pays == self.pays && refuses == self.refuses;
        (!same).then(|| {
            format!(
                "tháng {}: ví dụ ghi {} {:?} {:?}, tính ra {} {pays:?} {refuses:?}",
                self.month, self.total, self.pays, self.refuses, answer.total
            )
        })
    }
}
