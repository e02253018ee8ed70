//! References: every article belongs to a known decree, every source is listed, and no figure
//! cites a decree before it is in force.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Report, file_of};
use crate::Law;
use crate::files::{Decree, Version};

pub(super) fn check(law: &Law, report: &mut Report) {
    let mut numbers = BTreeSet::new();
    for decree in &law.decrees {
        let place = &decree.number;
        if !numbers.insert(place) {
            let text = "văn bản được khai hai lần";
            report.problem("decrees.toml", place, "duplicate_decree", text);
        }
        source(law, &decree.source, "decrees.toml", place, report);
        if decree.verify {
            report.verify("decrees.toml", place, decree.title.clone());
        }
    }
    standards(law, report);
    rules(law, report);
    for (benefit, programme) in &law.programmes {
        for version in &programme.version {
            let file = file_of(*benefit);
            check_version(law, version, &file, report);
        }
    }
}

fn standards(law: &Law, report: &mut Report) {
    const FILE: &str = "standard.toml";
    for standard in &law.national {
        let place = format!("national {}", standard.from);
        source(law, &standard.source, FILE, &place, report);
        article(law, &standard.law, standard.in_force, FILE, &place, report);
        if standard.verify {
            report.verify(
                FILE,
                &place,
                format!("{} đồng, {}", standard.amount, standard.law),
            );
        }
    }
    for standard in &law.provincial {
        let place = format!("provincial {} {}", standard.province, standard.from);
        source(law, &standard.source, FILE, &place, report);
        // Invented figures stand beside them in a law for practice, and are in no decree.
        if !law.for_practice {
            article(law, &standard.law, standard.in_force, FILE, &place, report);
        }
        if standard.verify {
            report.verify(
                FILE,
                &place,
                format!("{} đồng, {}", standard.amount, standard.law),
            );
        }
    }
}

fn rules(law: &Law, report: &mut Report) {
    const FILE: &str = "rules.toml";
    for rules in &law.rules {
        let place = format!("version {}", rules.from);
        source(law, &rules.source, FILE, &place, report);
        if rules.verify {
            report.verify(FILE, &place, "quy tắc dừng trả và chỉ hưởng mức cao nhất");
        }
        for stop in &rules.stop {
            article(law, &stop.law, rules.in_force, FILE, &place, report);
        }
        for group in &rules.highest_only {
            article(law, &group.law, rules.in_force, FILE, &place, report);
            let outside = |benefit| !group.among.contains(benefit);
            if group.exception.iter().any(outside) || group.besides.iter().any(outside) {
                let text = "`exception` và `besides` phải nằm trong `among`";
                report.problem(FILE, &place, "exception_outside", text);
            }
        }
    }
}

fn check_version(law: &Law, version: &Version, file: &str, report: &mut Report) {
    let place = format!("version {}", version.from);
    let day = version.in_force;
    source(law, &version.source, file, &place, report);
    article(law, &version.law, day, file, &place, report);
    if version.verify {
        report.verify(
            file,
            &place,
            format!("đối tượng và điều khoản: {}", version.law),
        );
    }
    for condition in &version.condition {
        article(law, &condition.law, day, file, &place, report);
        if condition.verify {
            let place = format!("{place}, {}", condition.code);
            report.verify(file, &place, format!("điều kiện, {}", condition.law));
        }
    }
    for rate in &version.rate {
        source(law, &rate.source, file, &place, report);
        article(law, &rate.law, day, file, &place, report);
        if rate.verify {
            let place = format!("{place}, {}", rate.case);
            report.verify(
                file,
                &place,
                format!("hệ số {}, {}", rate.coefficient, rate.law),
            );
        }
    }
    for refusal in version.otherwise.iter().chain(&version.unknown) {
        article(law, &refusal.law, day, file, &place, report);
    }
    if let Some(child) = &version.child {
        source(law, &child.source, file, &place, report);
        article(law, &child.law, day, file, &place, report);
        if child.verify {
            report.verify(
                file,
                &place,
                format!("tuổi của con được tính, {}", child.law),
            );
        }
    }
}

fn source(law: &Law, id: &str, file: &str, place: &str, report: &mut Report) {
    if !law.sources.iter().any(|source| source.id == id) {
        let text = format!("nguồn {id:?} không có trong sources.toml");
        report.problem(file, place, "unknown_source", text);
    }
}

/// The decree whose number begins the reference.
pub(crate) fn decree_of<'a>(law: &'a Law, reference: &str) -> Option<&'a Decree> {
    let begins = |decree: &&Decree| {
        let rest = reference.strip_prefix(decree.number.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    law.decrees
        .iter()
        .filter(begins)
        .max_by_key(|decree| decree.number.len())
}

fn article(law: &Law, text: &str, day: Date, file: &str, place: &str, report: &mut Report) {
    match decree_of(law, text) {
        None => {
            let text = format!("điều khoản {text:?} không thuộc văn bản nào trong decrees.toml");
            report.problem(file, place, "unknown_decree", text);
        }
        Some(decree) if decree.in_force > day => {
            let text = format!("viện dẫn {text} trước ngày có hiệu lực {}", decree.in_force);
            report.problem(file, place, "decree_not_yet_in_force", text);
        }
        Some(_) => {}
    }
}
