//! A board month by month: a line, and a table with what changed since the month before.

use documents::format;
use kernel::{Dong, Month};
use reports::exchange::DecidedInMonth;
use reports::settlement::OfMonth;
use reports::trend::Point;

use super::Which;
use crate::chart;

/// A line and the table beside it.
pub(super) struct Line {
    /// SVG; empty for a single month.
    pub(super) chart: String,
    pub(super) headings: Vec<&'static str>,
    pub(super) rows: Vec<Row>,
    /// What to know when reading it.
    pub(super) note: &'static str,
}

/// A month.
pub(super) struct Row {
    pub(super) month: Month,
    pub(super) cells: Vec<String>,
    /// Whether its lists are approved; `None` where nothing comes from lists.
    pub(super) approved: Option<bool>,
}

/// What is drawn of a month.
struct Drawn {
    value: i64,
    shown: String,
}

/// What a board tells of a month's lists beside how many people there are.
struct Told {
    title: &'static str,
    draw: fn(&Point) -> Drawn,
    second: fn(&Point) -> i64,
    heading: &'static str,
    with_share: bool,
    note: &'static str,
}

impl Told {
    fn of(which: Which) -> Told {
        match which {
            Which::Cashless => Told {
                title: "Tỷ lệ chi qua tài khoản",
                draw: |it| Drawn::share(it.paid_by_account, it.beneficiaries),
                second: |it| it.paid_by_account,
                heading: "Chi qua tài khoản (người)",
                with_share: true,
                note: "",
            },
            Which::Quality => Told {
                title: "Tỷ lệ đã khớp với CSDL dân cư",
                draw: |it| Drawn::share(it.verified, it.beneficiaries),
                second: |it| it.verified,
                heading: "Đã khớp (người)",
                with_share: true,
                note: "Đã khớp: theo kết quả đối chiếu biết đến nay, tính cả cho các tháng trước.",
            },
            _ => Told {
                title: "Số tiền chi trả (triệu đồng)",
                draw: |it| Drawn {
                    value: it.amount.value(),
                    shown: format!("{} triệu", Dong(it.amount.value() / 1_000_000)),
                },
                second: |it| it.amount.value(),
                heading: "Số tiền (đồng)",
                with_share: false,
                note: "",
            },
        }
    }
}

impl Drawn {
    /// A share in hundredths of a percent.
    fn share(part: i64, whole: i64) -> Drawn {
        let hundredths = i128::from(part) * 10_000 / i128::from(whole.max(1));
        Drawn {
            value: i64::try_from(hundredths).unwrap_or(0),
            shown: format!("{}%", percent(part, whole)),
        }
    }
}

impl Line {
    /// Whether its months have lists, which may still be drafts.
    pub(super) fn is_of_lists(&self) -> bool {
        self.rows.iter().all(|row| row.approved.is_some())
    }

    /// Of the lists of each month.
    pub(super) fn of(which: Which, points: &[Point]) -> Option<Line> {
        let Told {
            title,
            draw,
            second,
            heading,
            with_share,
            note,
        } = Told::of(which);
        let mut headings = vec![
            "Đang hưởng (người)",
            "So với tháng trước",
            heading,
            "So với tháng trước",
        ];
        if with_share {
            headings.push("Tỷ lệ (%)");
        }
        let rows = points.iter().enumerate().map(|(at, point)| {
            let before = at.checked_sub(1).map(|at| &points[at]);
            let mut cells = vec![
                Dong(point.beneficiaries).to_string(),
                change(point.beneficiaries, before.map(|it| it.beneficiaries)),
                Dong(second(point)).to_string(),
                change(second(point), before.map(second)),
            ];
            if with_share {
                cells.push(draw(point).shown.trim_end_matches('%').to_owned());
            }
            Row {
                month: point.month,
                cells,
                approved: Some(point.approved),
            }
        });
        let drawn = points.iter().map(|point| (point.month, draw(point)));
        Line::drawn(title, drawn, headings, rows.collect(), note)
    }

    /// Of what became of the money of each month.
    pub(super) fn of_results(months: &[OfMonth]) -> Option<Line> {
        let rows = months.iter().enumerate().map(|(at, it)| {
            let before = at.checked_sub(1).map(|at| months[at].outcome);
            let outcome = it.outcome;
            Row {
                month: it.month,
                cells: vec![
                    Dong(outcome.ordered).to_string(),
                    change(outcome.ordered, before.map(|it| it.ordered)),
                    Dong(outcome.paid).to_string(),
                    change(outcome.paid, before.map(|it| it.paid)),
                    percent(outcome.paid, outcome.ordered),
                ],
                approved: Some(true),
            }
        });
        let drawn = months
            .iter()
            .map(|it| (it.month, Drawn::share(it.outcome.paid, it.outcome.ordered)));
        let headings = vec![
            "Phải chi (đồng)",
            "So với tháng trước",
            "Đã chi (đồng)",
            "So với tháng trước",
            "Tỷ lệ (%)",
        ];
        Line::drawn("Tỷ lệ đã chi", drawn, headings, rows.collect(), "")
    }

    /// Of the dossiers decided in each month.
    pub(super) fn of_decided(months: &[DecidedInMonth]) -> Option<Line> {
        let rows = months.iter().enumerate().map(|(at, it)| {
            let before = at.checked_sub(1).map(|at| &months[at]);
            Row {
                month: it.month,
                cells: vec![
                    Dong(it.decided).to_string(),
                    change(it.decided, before.map(|it| it.decided)),
                    Dong(it.decided_online).to_string(),
                    change(it.decided_online, before.map(|it| it.decided_online)),
                    percent(it.decided_online, it.decided),
                ],
                approved: None,
            }
        });
        let drawn = months
            .iter()
            .map(|it| (it.month, Drawn::share(it.decided_online, it.decided)));
        let headings = vec![
            "Đã giải quyết (hồ sơ)",
            "So với tháng trước",
            "Trực tuyến (hồ sơ)",
            "So với tháng trước",
            "Tỷ lệ (%)",
        ];
        let title = "Tỷ lệ hồ sơ giải quyết trực tuyến";
        Line::drawn(title, drawn, headings, rows.collect(), "")
    }

    fn drawn(
        title: &str,
        drawn: impl Iterator<Item = (Month, Drawn)>,
        headings: Vec<&'static str>,
        rows: Vec<Row>,
        note: &'static str,
    ) -> Option<Line> {
        let point = |(month, drawn): (Month, Drawn)| chart::Point {
            label: format::month(month),
            value: drawn.value,
            shown: drawn.shown,
        };
        let points: Vec<_> = drawn.map(point).collect();
        (!rows.is_empty()).then(|| Line {
            chart: chart::line(title, &points),
            headings,
            rows,
            note,
        })
    }
}

/// Two decimals, as written.
fn percent(part: i64, whole: i64) -> String {
    reports::percent(part, whole).replace('.', ",")
}

/// More or less than before: `+12`, `−3`, `0`; nothing for the first month.
fn change(now: i64, before: Option<i64>) -> String {
    match before.map(|before| now - before) {
        None => String::new(),
        Some(more @ 1..) => format!("+{}", Dong(more)),
        Some(0) => "0".to_owned(),
        Some(less) => format!("−{}", Dong(-less)),
    }
}

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn a_change_has_its_sign() {
        assert_eq!(change(1_012, Some(12)), "+1.000");
        assert_eq!(change(9, Some(12)), "−3");
        assert_eq!(change(12, Some(12)), "0");
        assert_eq!(change(12, None), "");
    }
}
