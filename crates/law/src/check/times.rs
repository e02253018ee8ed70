//! Times and amounts: no gap, no overlap, no standard that a coefficient would leave a fraction
//! of, no rate that can never be reached.

use kernel::{Month, MonthSpan, ProvinceCode};

use super::{Report, file_of};
use crate::files::{ProvincialStandard, Rate, Version};
use crate::{Benefit, Law};

/// Standards are whole ten thousands, so every coefficient in tenths gives whole đồng.
const STEP: i64 = 10_000;

pub(super) fn check(law: &Law, report: &mut Report) {
    national(law, report);
    for (place, standard) in law.provincial.iter().enumerate() {
        provincial(law, standard, report);
        for other in &law.provincial[place + 1..] {
            overlap(standard, other, report);
        }
    }
    starts(
        "rules.toml",
        law.rules.iter().map(|rules| rules.from),
        law,
        report,
    );
    for (benefit, programme) in &law.programmes {
        let file = file_of(*benefit);
        starts(
            &file,
            programme.version.iter().map(|version| version.from),
            law,
            report,
        );
        for version in &programme.version {
            rates(version, &file, report);
            continued(law, version, &file, report);
        }
    }
}

fn national(law: &Law, report: &mut Report) {
    const FILE: &str = "standard.toml";
    if law.national.is_empty() {
        report.problem(FILE, "national", "gap", "chưa có mức chuẩn nào");
    }
    for standard in &law.national {
        amount(
            standard.amount.value(),
            &format!("national {}", standard.from),
            report,
        );
    }
    for pair in law.national.windows(2) {
        if pair[0].from >= pair[1].from {
            let text = "các mức chuẩn phải xếp theo tháng, mỗi tháng bắt đầu một mức";
            report.problem(FILE, &format!("national {}", pair[1].from), "overlap", text);
        }
    }
}

fn amount(amount: i64, place: &str, report: &mut Report) {
    if amount <= 0 || amount % STEP != 0 {
        let text = format!("mức chuẩn {amount} phải là bội số dương của {STEP} đồng");
        report.problem("standard.toml", place, "not_a_whole_amount", text);
    }
}

fn provincial(law: &Law, standard: &ProvincialStandard, report: &mut Report) {
    const FILE: &str = "standard.toml";
    let place = format!("provincial {} {}", standard.province, standard.from);
    amount(standard.amount.value(), &place, report);
    if ProvinceCode::parse(&standard.province).is_none() {
        report.problem(
            FILE,
            &place,
            "not_a_province",
            "mã tỉnh phải gồm hai chữ số",
        );
    }
    if standard.to.is_some_and(|to| to < standard.from) {
        report.problem(FILE, &place, "gap", "kết thúc trước khi bắt đầu");
    }
    let national = law
        .national
        .iter()
        .rfind(|national| national.from <= standard.from);
    if national.is_some_and(|national| national.amount > standard.amount) {
        let text = "thấp hơn mức chuẩn toàn quốc ngay từ tháng đầu";
        report.problem(FILE, &place, "below_national", text);
    }
}

fn overlap(one: &ProvincialStandard, other: &ProvincialStandard, report: &mut Report) {
    let span = |standard: &ProvincialStandard| MonthSpan {
        from: standard.from,
        to: standard.to.unwrap_or(Month::MAX),
    };
    let same = one.province == other.province && one.benefits == other.benefits;
    if same && span(one).overlap(span(other)).is_some() {
        let place = format!("provincial {} {}", other.province, other.from);
        report.problem(
            "standard.toml",
            &place,
            "overlap",
            "trùng thời gian với một mức khác",
        );
    }
}

/// Versions in order, none beginning before there is a standard to multiply.
fn starts(file: &str, from: impl Iterator<Item = Month>, law: &Law, report: &mut Report) {
    let mut before = None;
    for month in from {
        let place = format!("version {month}");
        if before.is_some_and(|before| before >= month) {
            report.problem(
                file,
                &place,
                "overlap",
                "các bản phải xếp theo tháng, không trùng",
            );
        }
        if law.national.first().is_none_or(|first| first.from > month) {
            report.problem(file, &place, "gap", "bắt đầu trước mức chuẩn đầu tiên");
        }
        before = Some(month);
    }
    if before.is_none() {
        report.problem(file, "version", "gap", "chưa có bản nào");
    }
}

fn rates(version: &Version, file: &str, report: &mut Report) {
    let place = format!("version {}", version.from);
    let open = version.rate.iter().position(|rate| !has_tests(rate));
    if open.is_some_and(|open| open + 1 < version.rate.len()) {
        let text = "có hệ số đứng sau một hệ số không điều kiện nên không bao giờ dùng đến";
        report.problem(file, &place, "unreachable_rate", text);
    }
    if open.is_none() && version.continued_as.is_none() && version.otherwise.is_none() {
        let text = "hệ số cuối có điều kiện thì phải có `otherwise`";
        report.problem(file, &place, "no_otherwise", text);
    }
}

fn has_tests(rate: &Rate) -> bool {
    let ages = [rate.age_from, rate.age_below, rate.age_through];
    ages.iter().any(Option::is_some)
        || rate.grade.is_some()
        || rate.children_from.is_some()
        || rate.in_facility
        || rate.pregnant
}

/// A benefit that goes on under another name needs that other one.
fn continued(law: &Law, version: &Version, file: &str, report: &mut Report) {
    let exists = |benefit: Benefit| {
        let versions = law
            .programmes
            .get(&benefit)
            .into_iter()
            .flat_map(|p| &p.version);
        versions.clone().any(|other| other.from <= version.from)
    };
    if version.continued_as.is_some_and(|benefit| !exists(benefit)) {
        let text = "chế độ nối tiếp chưa có quy định cho tháng này";
        report.problem(file, &format!("version {}", version.from), "gap", text);
    }
}
