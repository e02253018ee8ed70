//! Statistical forms of 20/2021/NĐ-CP: people by sex and money, row by row of the printed form.
//!
//! What the records do not hold is shown as not recorded, never guessed; what lists pay and the
//! form has no row for stands under it, so that the last row is what the lists pay.

pub mod regular;

use documents::board_workbook::{Board, Value};
use documents::form_paper::{FormPaper, FormRow};
use documents::format;
use jiff::Timestamp;
use kernel::area::Areas;
use kernel::clock::vietnam_time;
use kernel::{Dong, Month, MonthSpan};
use serde::Serialize;

use crate::question::Source;

/// People and money of a row.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Figures {
    /// Everybody.
    pub people: i64,
    /// Of them men.
    pub male: i64,
    /// Of them women. Whoever's sex is not recorded is in neither.
    pub female: i64,
    /// Đồng.
    pub amount: Dong,
}

impl std::ops::AddAssign for Figures {
    fn add_assign(&mut self, other: Figures) {
        self.people += other.people;
        self.male += other.male;
        self.female += other.female;
        self.amount += other.amount;
    }
}

/// A row of a form.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Row {
    /// As printed: `I`, `1`, `3.2`; empty for a part of the row before.
    pub number: &'static str,
    /// As printed.
    pub label: String,
    /// Whether it adds up rows below.
    pub sum: bool,
    /// The figures; `None` where the records do not hold them.
    pub figures: Option<Figures>,
}

/// A form filled in.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Form {
    /// `form-10a`.
    pub report: &'static str,
    /// `Mẫu số 10a`.
    pub number: &'static str,
    /// As printed.
    pub title: &'static str,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// First month of the money.
    pub from: Month,
    /// Month of the people, and last one of the money.
    pub month: Month,
    /// The lists of that month.
    pub lists: Vec<Source>,
    /// In the order of the form.
    pub rows: Vec<Row>,
    /// What to know when reading it.
    pub notes: Vec<String>,
}

const HEADINGS: [(&str, u8); 7] = [
    ("STT", 8),
    ("Nội dung", 60),
    ("Tổng số (người)", 13),
    ("Nam (người)", 13),
    ("Nữ (người)", 13),
    ("Kinh phí (triệu đồng)", 16),
    ("Kinh phí (đồng)", 20),
];

/// What is written where the records hold nothing.
const NOT_RECORDED: &str = "không ghi nhận";

impl Form {
    fn place(&self) -> String {
        let areas = Areas::embedded();
        let area = areas.on(&self.area, self.month.first_day());
        area.map_or("Cả nước".to_owned(), |area| areas.written_path(area))
    }

    fn span(&self) -> String {
        let span = MonthSpan {
            from: self.from,
            to: self.month,
        };
        format!(
            "Đối tượng: tháng {}; kinh phí: {}",
            format::month(self.month),
            format::span(span)
        )
    }

    /// The form as a table for Excel.
    pub fn board(&self, exported: Timestamp) -> Board {
        let text = |text: &str| Value::Text(text.to_owned());
        let row = |row: &Row| {
            let mut cells = vec![text(row.number), text(&row.label)];
            cells.extend(match row.figures {
                None => vec![text(NOT_RECORDED), text(""), text(""), text(""), text("")],
                Some(it) => vec![
                    Value::Number(it.people),
                    Value::Number(it.male),
                    Value::Number(it.female),
                    Value::Text(millions(it.amount)),
                    Value::Number(it.amount.value()),
                ],
            });
            cells
        };
        let mut notes = vec![
            format!("{}, Nghị định số 20/2021/NĐ-CP", self.number),
            format!("Địa bàn: {}. {}", self.place(), self.span()),
        ];
        notes.extend(self.notes.iter().cloned());
        notes.push(format!("Xuất lúc {}", format::moment(exported)));
        let mut rows: Vec<Vec<Value>> = self.rows.iter().map(row).collect();
        let total = rows.pop().unwrap_or_default();
        Board {
            title: self.title.to_owned(),
            notes,
            columns: HEADINGS.to_vec(),
            rows,
            total,
        }
    }

    /// The form on paper.
    pub fn paper(&self, printed: Timestamp) -> FormPaper {
        let areas = Areas::embedded();
        let area = areas.on(&self.area, self.month.first_day());
        let agency = match area {
            Some(area) => vec!["ỦY BAN NHÂN DÂN".to_owned(), area.full_name.to_uppercase()],
            None => vec!["CẢ NƯỚC".to_owned()],
        };
        let day = format::date_in_words(vietnam_time(printed).date());
        let row = |row: &Row| {
            let figures = match row.figures {
                None => [
                    NOT_RECORDED.to_owned(),
                    String::new(),
                    String::new(),
                    String::new(),
                ],
                Some(it) => [
                    Dong(it.people).to_string(),
                    Dong(it.male).to_string(),
                    Dong(it.female).to_string(),
                    millions(it.amount),
                ],
            };
            let words = [row.number.to_owned(), row.label.clone()];
            FormRow {
                strong: row.sum,
                cells: words.into_iter().chain(figures).collect(),
            }
        };
        FormPaper {
            agency,
            number: self.number.to_owned(),
            source: "Ban hành kèm theo Nghị định số 20/2021/NĐ-CP".to_owned(),
            title: self.title.to_owned(),
            period: format!("{}. {}", self.place(), self.span()),
            place_and_date: match area {
                Some(area) => format!("{}, {day}", area.name),
                None => day,
            },
            headings: HEADINGS[..6].iter().map(|it| it.0.to_owned()).collect(),
            widths: vec![6, 40, 15, 10, 10, 15],
            rows: self.rows.iter().map(row).collect(),
            notes: self.notes.clone(),
        }
    }
}

/// Đồng as millions with three decimals, the last rounded half up: `662,715`.
fn millions(amount: Dong) -> String {
    let thousands = (amount.value() + 500).div_euclid(1_000);
    format!(
        "{},{:03}",
        Dong(thousands.div_euclid(1_000)),
        thousands.rem_euclid(1_000)
    )
}

/// The first month of the half-year reported on: forms are due in June and December.
pub fn half_year(month: Month) -> Month {
    let back = i32::from(month.number() - 1) % 6;
    month.plus(-back)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::{Dong, Month};

    use super::{half_year, millions};

    #[test]
    fn money_is_written_in_millions() {
        assert_eq!(millions(Dong(662_715_000)), "662,715");
        assert_eq!(millions(Dong(1_234_567_890)), "1.234,568");
        assert_eq!(millions(Dong(0)), "0,000");
    }

    #[test]
    fn a_half_year_begins_in_january_or_july() {
        for (month, first) in [(1, 1), (6, 1), (7, 7), (12, 7)] {
            let of = |month| Month::of(date(2024, month, 1));
            assert_eq!(half_year(of(month)), of(first));
        }
    }
}
