//! Worked examples: they come out, and every rate of every version has one.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kernel::Month;

use super::{Report, file_of};
use crate::example::Example;
use crate::{Benefit, Law};

/// A rate: the benefit, the version's first month, the name of the case.
pub(crate) type RateName = (Benefit, Month, String);

pub(super) fn check(law: &Law, report: &mut Report) {
    let mut shown = BTreeSet::new();
    for (file, examples) in &law.examples {
        for example in &examples.example {
            report.examples += 1;
            for text in example.differences(law) {
                report.problem(file, &example.name, "example_fails", text);
            }
            shown.extend(rates_used(law, example));
        }
    }
    for (benefit, programme) in &law.programmes {
        for version in &programme.version {
            for rate in &version.rate {
                if !shown.contains(&(*benefit, version.from, rate.case.clone())) {
                    let place = format!("version {}, {}", version.from, rate.case);
                    let text = "hệ số chưa có ví dụ nào";
                    report.problem(&file_of(*benefit), &place, "no_example", text);
                }
            }
        }
    }
}

fn rates_used(law: &Law, example: &Example) -> Vec<RateName> {
    let in_force = law.in_force(example.as_of.unwrap_or(Date::MAX));
    let Ok((person, months)) = example.person.read() else {
        return Vec::new();
    };
    let used = months
        .iter()
        .map(|month| in_force.rates_used(&person, *month));
    used.flatten().collect()
}
