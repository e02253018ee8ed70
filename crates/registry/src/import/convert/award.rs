//! What a row says of the decision, and of the facts it rests on.

use jiff::civil::{Date, date};
use kernel::PartialDate;
use law::Benefit;

use super::Reader;
use crate::event::{Decision, MAX_KEY};
use crate::import::column::Column;
use crate::import::draft::Award;
use crate::import::{date as dates, vocabulary};

/// Before this no decision of any decree still paid can have been signed.
const OLDEST_DECISION: Date = date(1990, 1, 1);
/// More children in one person's care are a slip of the keyboard.
const MOST_CHILDREN: i64 = 20;

impl Reader<'_, '_, '_> {
    /// `None` without a fault when the row awards nothing.
    pub(super) fn award(&mut self) -> Option<Award> {
        let benefits = self.benefits;
        let benefit = self.word(
            Column::Benefit,
            "unknown_benefit",
            "không có chính sách này: hãy chọn trong danh sách của mẫu",
            |text| benefits.find(text),
        );
        let from = self.from();
        let benefit = benefit?;
        if benefit.is_one_off() {
            let why = "khoản chi một lần không nhập bằng danh sách này";
            self.fault(Column::Benefit, "not_monthly", why);
        }
        let number = self.text(Column::DecisionNumber, MAX_KEY);
        if number.is_none() && self.cell(Column::DecisionNumber).is_empty() {
            self.missing(Column::DecisionNumber);
        }
        let date = self.past_date(Column::DecisionDate);
        if self.cell(Column::DecisionDate).is_empty() {
            self.missing(Column::DecisionDate);
        }
        Some(Award {
            benefit,
            from,
            decision: Decision {
                number: number?,
                date: date?,
                signed_by: None,
            },
        })
    }

    fn from(&mut self) -> Option<kernel::Month> {
        let column = Column::From;
        if self.cell(column).is_empty() {
            return None;
        }
        let month = dates::month(self.cell(column));
        let month = month.filter(|month| (1990..=2200).contains(&month.year()));
        if month.is_none() {
            self.fault(
                column,
                "not_a_month",
                "tháng không đúng: cần mm/yyyy, ví dụ 05/2024",
            );
        }
        month
    }

    /// `None` without a fault when the cell is empty.
    fn past_date(&mut self, column: Column) -> Option<Date> {
        if self.cell(column).is_empty() {
            return None;
        }
        let Some(day) = dates::whole_date(self.cell(column)) else {
            self.fault(column, "not_a_date", "ngày không đúng: cần dd/mm/yyyy");
            return None;
        };
        if day > self.setting.today {
            self.fault(column, "in_future", "ngày sau ngày hôm nay");
            return None;
        }
        if day < OLDEST_DECISION {
            self.fault(column, "too_old", "ngày trước năm 1990");
            return None;
        }
        Some(day)
    }

    pub(super) fn disability(
        &mut self,
        award: Option<&Award>,
    ) -> Option<(law::person::Grade, Option<PartialDate>)> {
        let grade = self.word(
            Column::DisabilityGrade,
            "not_a_grade",
            "mức độ khuyết tật phải là Nhẹ, Nặng hoặc Đặc biệt nặng",
            vocabulary::grade,
        );
        let column = Column::DisabilityDate;
        let certified = dates::partial_date(self.cell(column));
        if certified.is_none() && !self.cell(column).is_empty() {
            self.fault(
                column,
                "not_a_date",
                "ngày không đúng: cần dd/mm/yyyy, mm/yyyy hoặc năm",
            );
        }
        if certified.is_some_and(|day| day.assumed_day() > self.setting.today) {
            self.fault(column, "in_future", "ngày sau ngày hôm nay");
        }
        let needed = award.is_some_and(|award| award.benefit == Benefit::Disability);
        if needed && self.cell(Column::DisabilityGrade).is_empty() {
            self.missing(Column::DisabilityGrade);
        }
        if needed && grade.is_some() && self.cell(column).is_empty() {
            let why = "thiếu ngày xác nhận khuyết tật: tính từ ngày quyết định";
            self.doubts.push((column, "assumed_certificate_date", why));
        }
        grade.map(|grade| (grade, certified))
    }

    pub(super) fn children(&mut self, award: Option<&Award>) -> u8 {
        let column = Column::Children;
        let needed = award.is_some_and(|award| award.benefit == Benefit::PoorSingleParent);
        let Some(text) = self.text(column, MAX_KEY) else {
            if needed {
                self.missing(column);
            }
            return 0;
        };
        match text.parse::<i64>() {
            Ok(0) if needed => {
                self.fault(column, "no_children", "người đơn thân phải đang nuôi con")
            }
            Ok(count @ 0..=MOST_CHILDREN) => return count as u8,
            _ => self.fault(
                column,
                "not_a_count",
                "số con phải là số nguyên từ 0 đến 20",
            ),
        }
        0
    }

    pub(super) fn cared_id_number(&mut self, award: Option<&Award>) -> Option<String> {
        let cares = award.is_some_and(|award| {
            matches!(
                award.benefit,
                Benefit::HouseholdCarer
                    | Benefit::CarerChild
                    | Benefit::CarerOlder
                    | Benefit::CarerDisability
            )
        });
        let number = self.code(Column::CaredIdNumber).filter(|_| cares);
        if cares && number.is_none() {
            self.missing(Column::CaredIdNumber);
        }
        number
    }
}
