//! A row of cells into a [`Draft`], or everything that is wrong with it.

mod award;
mod payee;

use jiff::civil::Date;
use kernel::area::{Area, Areas};
use kernel::personal_id::judge;
use kernel::{AreaCode, Cell, EthnicGroup, PartialDate};
use unicode_normalization::UnicodeNormalization;

use super::column::Column;
use super::draft::Draft;
use super::vocabulary::{self, Benefits};
use super::{Setting, date as dates, table};
use crate::event::{MAX_KEY, MAX_TEXT, Registration};
use crate::refusal::Refusal;

type Cells<'c, 'a> = [&'c Cell<'a>; Column::ALL.len()];

/// # Errors
/// Every fault of the row.
pub(super) fn convert(
    setting: &Setting<'_>,
    benefits: &Benefits,
    row: u64,
    cells: Cells<'_, '_>,
) -> Result<Draft, Vec<Refusal>> {
    let mut reader = Reader {
        setting,
        benefits,
        row,
        cells,
        faults: Vec::new(),
        doubts: Vec::new(),
    };
    reader.refuse_failed_formulas();
    let draft = reader.draft();
    match draft {
        Some(mut draft) if reader.faults.is_empty() => {
            draft.doubts = reader.doubts;
            Ok(draft)
        }
        _ => Err(reader.faults),
    }
}

struct Reader<'r, 'c, 'a> {
    setting: &'r Setting<'r>,
    benefits: &'r Benefits,
    row: u64,
    cells: Cells<'c, 'a>,
    faults: Vec<Refusal>,
    doubts: Vec<(Column, &'static str, &'static str)>,
}

impl Reader<'_, '_, '_> {
    fn draft(&mut self) -> Option<Draft> {
        let full_name = self.full_name();
        let birth_date = self.birth_date();
        let sex = self.word(
            Column::Sex,
            "not_a_sex",
            "giới tính phải là Nam hoặc Nữ",
            vocabulary::sex,
        );
        let ethnicity = self.ethnicity();
        let id_number = self.id_number();
        let area = self.commune();
        let phone = self.code(Column::Phone);
        let award = self.award();
        let disability = self.disability(award.as_ref());
        let poverty = self
            .word(
                Column::Poverty,
                "not_a_poverty_status",
                "hộ nghèo phải là Nghèo, Cận nghèo hoặc Không",
                vocabulary::poverty,
            )
            .flatten();
        let children = self.children(award.as_ref());
        let cared_id_number = self.cared_id_number(award.as_ref());
        let payee = self.payee();
        let (full_name, birth_date, area) = (full_name?, birth_date?, area?);
        let id_state = judge(id_number.as_deref(), sex, birth_date, self.setting.practice);
        let known_since = award.as_ref().map(|award| award.decision.date);
        Some(Draft {
            registered_on: registered_on(area, known_since.unwrap_or(birth_date.assumed_day())),
            registration: Registration {
                full_name,
                birth_date,
                sex,
                ethnicity,
                id_number,
                area: AreaCode::from(area.code),
                household_id: None,
                phone,
            },
            id_state,
            award,
            disability,
            poverty,
            children,
            payee,
            cared_id_number,
            doubts: Vec::new(),
        })
    }

    fn cell(&self, column: Column) -> &Cell<'_> {
        self.cells[column as usize]
    }

    fn fault(&mut self, column: Column, code: &'static str, why: impl Into<String>) {
        let refusal = Refusal::new(self.row, column.heading(), code, why);
        self.faults.push(refusal);
    }

    fn missing(&mut self, column: Column) {
        self.fault(column, "missing", "ô bắt buộc để trống");
    }

    fn refuse_failed_formulas(&mut self) {
        for column in Column::ALL {
            if let Cell::Failed(failure) = self.cell(column) {
                let why = format!("công thức trong ô bị lỗi {failure}");
                self.fault(column, "failed_formula", why);
            }
        }
    }

    /// Tidy text; `None` when the cell is empty or its text is too long or holds control signs.
    fn text(&mut self, column: Column, longest: usize) -> Option<String> {
        match table::text_of(self.cell(column), longest) {
            Ok(text) => text,
            // Told of already, like those of columns that are not read.
            Err(("failed_formula", _)) => None,
            Err((code, why)) => {
                self.fault(column, code, why);
                None
            }
        }
    }

    /// A word of a list; an empty cell is `None` without a fault.
    fn word<T>(
        &mut self,
        column: Column,
        code: &'static str,
        why: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(column, MAX_TEXT)?;
        let word = read(&text);
        if word.is_none() {
            self.fault(column, code, why);
        }
        word
    }

    /// A number that is a name: kept as written, with a doubt when Excel held it as a number.
    fn code(&mut self, column: Column) -> Option<String> {
        let text = self.text(column, MAX_KEY)?;
        if matches!(self.cell(column), Cell::Number(_)) {
            if self.cell(column).whole_number().is_none() {
                self.fault(
                    column,
                    "not_a_code",
                    "ô phải là văn bản, không phải số thập phân",
                );
                return None;
            }
            let why = "ô là số, Excel có thể đã bỏ số 0 ở đầu; nên để định dạng văn bản";
            self.doubts.push((column, "number_not_text", why));
        }
        Some(text)
    }

    fn full_name(&mut self) -> Option<String> {
        if self.cell(Column::FullName).is_empty() {
            self.missing(Column::FullName);
            return None;
        }
        let name = self.text(Column::FullName, MAX_TEXT)?;
        if !name.chars().any(char::is_alphabetic) {
            self.fault(Column::FullName, "not_a_name", "họ tên phải có chữ cái");
            return None;
        }
        Some(name)
    }

    fn birth_date(&mut self) -> Option<PartialDate> {
        let column = Column::BirthDate;
        if self.cell(column).is_empty() {
            self.missing(column);
            return None;
        }
        let Some(birth) = dates::partial_date(self.cell(column)) else {
            self.fault(
                column,
                "not_a_date",
                "ngày sinh không đúng: cần dd/mm/yyyy, mm/yyyy hoặc năm sinh bốn chữ số",
            );
            return None;
        };
        if birth.assumed_day() > self.setting.today {
            self.fault(column, "in_future", "ngày sinh sau ngày hôm nay");
            return None;
        }
        Some(birth)
    }

    fn ethnicity(&mut self) -> Option<String> {
        let why = "không có dân tộc này trong danh mục 54 dân tộc";
        let find = |text: &str| EthnicGroup::find(text).map(|group| group.code.to_owned());
        self.word(Column::Ethnicity, "unknown_ethnicity", why, find)
    }

    /// Exactly as received, in NFC like all text: not even outer space is taken away.
    fn id_number(&mut self) -> Option<String> {
        self.text(Column::IdNumber, MAX_KEY)?;
        let cell = self.cell(Column::IdNumber);
        Some(match cell {
            Cell::Text(text) => text.nfc().collect(),
            other => other.shown()?.into_owned(),
        })
    }

    fn commune(&mut self) -> Option<&'static Area> {
        let column = Column::Commune;
        let Some(text) = self.text(column, MAX_KEY) else {
            self.missing(column);
            return None;
        };
        let areas = Areas::embedded();
        let today = self.setting.today;
        let area = areas.on(&text, today).or_else(|| areas.latest(&text));
        let Some(area) = area.filter(|area| area.lowest) else {
            let padded = format!("{text:0>5}");
            let digits = text.len() < 5 && text.bytes().all(|b| b.is_ascii_digit());
            let meant = areas.on(&padded, today).or_else(|| areas.latest(&padded));
            let why = match meant.filter(|area| digits && area.lowest) {
                Some(area) => format!(
                    "không có xã mang mã này; Excel bỏ số 0 ở đầu? Có phải {padded} ({})?",
                    area.full_name
                ),
                None => "không có xã mang mã này".to_owned(),
            };
            self.fault(column, "unknown_commune", why);
            return None;
        };
        if let Some(outer) = &self.setting.area
            && !areas.contains(&outer.0, area)
        {
            let why = format!(
                "{} không thuộc địa bàn được nhập ({outer})",
                areas.written_path(area)
            );
            self.fault(column, "outside_area", why);
            return None;
        }
        Some(area)
    }
}

/// The day from which the registration counts: one on which the code names the commune meant.
fn registered_on(area: &Area, known_since: Date) -> Date {
    let day = known_since.max(area.valid_from);
    area.valid_to.map_or(day, |last| day.min(last))
}
