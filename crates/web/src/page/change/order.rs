//! What the form of a change says.

use casework::change::{Change, Facts, Found, NewFact, Order};
use jiff::civil::Date;
use kernel::{Month, PersonId};
use law::person::{Basis, Grade, PovertyStatus};
use law::{Benefit, FactKind};
use registry::event::Decision;
use serde::Deserialize;

use crate::page::months::read_month;
use crate::page::read_day;

/// The form as filled in; field names as in the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filled {
    pub(super) khoa: String,
    pub(super) viec: String,
    pub(super) buoc: String,
    pub(super) de_xuat: String,
    pub(super) da_thay: i64,
    pub(super) ly_do: String,
    pub(super) so: String,
    pub(super) ngay_ky: String,
    pub(super) nguoi_ky: String,
    pub(super) ghi_chu: String,
    pub(super) che_do: String,
    pub(super) tu_thang: String,
    pub(super) thang_cuoi: String,
    pub(super) tinh_trang: String,
    pub(super) tu_ngay: String,
    pub(super) den_ngay: String,
    pub(super) con_sinh: String,
    pub(super) ket_thuc: String,
    pub(super) ngay_cuoi: String,
    pub(super) ngay_mat: String,
    pub(super) nguoi_lo: String,
    pub(super) xa: String,
}

type Faults = Vec<(&'static str, String)>;

/// Reads fields and keeps what is wrong with them, by their ids.
struct Reader {
    faults: Faults,
}

const DAY: &str = "Ngày chưa đúng: ghi dạng 31/12/2024";
const MONTH: &str = "Tháng chưa đúng: ghi dạng 05/2024";

impl Reader {
    fn fault(&mut self, field: &'static str, why: &str) {
        self.faults.push((field, why.to_owned()));
    }

    fn day(&mut self, field: &'static str, text: &str) -> Date {
        let day = read_day(text.trim()).filter(|day| (1990..=2200).contains(&day.year()));
        day.unwrap_or_else(|| {
            self.fault(field, DAY);
            Date::MIN
        })
    }

    fn day_if_any(&mut self, field: &'static str, text: &str) -> Option<Date> {
        (!text.trim().is_empty()).then(|| self.day(field, text))
    }

    fn month(&mut self, field: &'static str, text: &str) -> Month {
        read_month(text.trim()).unwrap_or_else(|| {
            self.fault(field, MONTH);
            Month::MIN
        })
    }

    fn text(&mut self, field: &'static str, text: &str, why: &str) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.fault(field, why);
        } else if text.chars().count() > 200 {
            self.fault(field, "Dài quá 200 chữ");
        }
        text.to_owned()
    }
}

impl Filled {
    /// What the page carries on to the next step, by name.
    pub(super) fn hidden(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("viec", &self.viec),
            ("de_xuat", &self.de_xuat),
            ("ly_do", &self.ly_do),
            ("so", &self.so),
            ("ngay_ky", &self.ngay_ky),
            ("nguoi_ky", &self.nguoi_ky),
            ("ghi_chu", &self.ghi_chu),
            ("che_do", &self.che_do),
            ("tu_thang", &self.tu_thang),
            ("thang_cuoi", &self.thang_cuoi),
            ("tinh_trang", &self.tinh_trang),
            ("tu_ngay", &self.tu_ngay),
            ("den_ngay", &self.den_ngay),
            ("con_sinh", &self.con_sinh),
            ("ket_thuc", &self.ket_thuc),
            ("ngay_cuoi", &self.ngay_cuoi),
            ("ngay_mat", &self.ngay_mat),
            ("nguoi_lo", &self.nguoi_lo),
            ("xa", &self.xa),
        ];
        let said = all.into_iter().filter(|(_, value)| !value.is_empty());
        said.map(|(name, value)| (name, value.as_str())).collect()
    }

    /// The order, or what is wrong, by the ids of the fields.
    pub(super) fn order(&self, person: PersonId) -> Result<Order, Faults> {
        let mut read = Reader { faults: Vec::new() };
        let change = self.change(&mut read);
        if self.ly_do.is_empty() {
            read.fault("ly-do", "Chưa chọn lý do");
        }
        if self.ghi_chu.chars().count() > 2_000 {
            read.fault("ghi-chu", "Dài quá 2.000 chữ");
        }
        let decision = Decision {
            number: read.text("so", &self.so, "Thiếu số quyết định"),
            date: read.day("ngay-ky", &self.ngay_ky),
            signed_by: Some(read.text("nguoi-ky", &self.nguoi_ky, "Thiếu người ký")),
        };
        match (change, read.faults) {
            (Some(change), faults) if faults.is_empty() => Ok(Order {
                person,
                change,
                ground: self.ly_do.clone(),
                decision,
                note: self.ghi_chu.clone(),
            }),
            (_, faults) => Err(faults),
        }
    }

    fn change(&self, read: &mut Reader) -> Option<Change> {
        let benefit = Benefit::from_code(&self.che_do);
        Some(match self.viec.as_str() {
            "adjust" => Change::Adjust(self.facts(read)),
            "suspend" => Change::Suspend {
                benefit,
                from: read.month("tu-thang", &self.tu_thang),
            },
            "resume" => Change::Resume {
                benefit,
                found: match self.ly_do.as_str() {
                    "not_eligible" => Found::NotEligible,
                    "changed" => Found::Changed(self.facts(read)),
                    _ => Found::Unchanged,
                },
            },
            "stop" => Change::Stop {
                benefit,
                last_month: read.month("thang-cuoi", &self.thang_cuoi),
            },
            "death" => Change::Death {
                day: read.day("ngay-mat", &self.ngay_mat),
                organiser: read.text("nguoi-lo", &self.nguoi_lo, "Thiếu người lo mai táng"),
            },
            "move_inside" => Change::MoveInside {
                area: read.text("xa", &self.xa, "Thiếu mã xã"),
                day: read.day("tu-ngay", &self.tu_ngay),
            },
            _ => {
                read.fault("viec", "Chưa chọn việc");
                return None;
            }
        })
    }

    fn facts(&self, read: &mut Reader) -> Facts {
        let mut facts = Facts::default();
        if !self.ket_thuc.is_empty() {
            let last = read.day("ngay-cuoi", &self.ngay_cuoi);
            facts.end.push((self.ket_thuc.clone(), last));
        }
        if !self.tinh_trang.is_empty() {
            let from = read.day("tu-ngay", &self.tu_ngay);
            let to = read.day_if_any("den-ngay", &self.den_ngay);
            if let Some(fact) = self.fact(read) {
                facts.begin.push(NewFact { fact, from, to });
            }
        }
        if facts == Facts::default() {
            read.fault(
                "tinh-trang",
                "Chưa nêu tình trạng nào bắt đầu hoặc kết thúc",
            );
        }
        facts
    }

    fn fact(&self, read: &mut Reader) -> Option<FactKind> {
        let fact = match self.tinh_trang.as_str() {
            "child" => born(self.con_sinh.trim()).map(child),
            code => new_facts()
                .into_iter()
                .find(|(known, _)| *known == code)
                .map(|(_, fact)| fact),
        };
        if fact.is_none() {
            let field = if self.tinh_trang == "child" {
                "con-sinh"
            } else {
                "tinh-trang"
            };
            read.fault(field, "Chưa đúng: hãy chọn hoặc ghi lại");
        }
        fact
    }
}

/// A day as people type it, or a year, or year and month.
fn born(text: &str) -> Option<kernel::PartialDate> {
    let day = read_day(text).map(|day| day.to_string());
    day.as_deref().unwrap_or(text).parse().ok()
}

const fn child(birth_date: kernel::PartialDate) -> FactKind {
    FactKind::Child {
        birth_date: Some(birth_date),
        studying_until: None,
        until: None,
    }
}

/// What a form may say became true, each with its code in the form; children carry a day of birth and
/// stand apart.
pub(super) fn new_facts() -> Vec<(&'static str, FactKind)> {
    let mut facts = vec![
        (
            "disability-severe",
            FactKind::Disability {
                grade: Grade::Severe,
            },
        ),
        (
            "disability-extremely",
            FactKind::Disability {
                grade: Grade::ExtremelySevere,
            },
        ),
        (
            "disability-mild",
            FactKind::Disability { grade: Grade::Mild },
        ),
        (
            "poor",
            FactKind::Poverty {
                status: PovertyStatus::Poor,
            },
        ),
        (
            "near-poor",
            FactKind::Poverty {
                status: PovertyStatus::NearPoor,
            },
        ),
        ("single", FactKind::Single),
        ("studying", FactKind::Studying { until: None }),
        ("no-supporter", FactKind::NoSupporter),
        ("supporter-on-allowance", FactKind::SupporterOnAllowance),
        ("fostered", FactKind::FosteredInCommunity),
        ("pregnant", FactKind::Pregnant),
        ("hiv", FactKind::Hiv),
        ("pension", FactKind::Pension),
        ("income", FactKind::StableIncome),
        ("facility", FactKind::InFacility),
        ("prison", FactKind::InPrison),
    ];
    let letters = Basis::ALL.into_iter();
    facts.extend(letters.map(|basis| (basis.letter(), FactKind::WithoutSupport { basis })));
    facts
}

/// The same with words, as the page offers them.
pub(super) fn offered() -> Vec<(&'static str, String)> {
    let words = |(code, fact): (&'static str, FactKind)| {
        let name = registry::fact::vietnamese(&fact);
        match fact {
            FactKind::WithoutSupport { basis } => {
                (code, format!("{name}, điểm {}", basis.letter()))
            }
            _ => (code, name.to_owned()),
        }
    };
    let mut offered = vec![("child", "Đang nuôi con (ghi ngày sinh của con)".to_owned())];
    offered.extend(new_facts().into_iter().map(words));
    offered
}
