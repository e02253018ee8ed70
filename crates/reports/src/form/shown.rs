//! A form as a table for Excel, for pages and for the command line, and on paper.

use documents::board_workbook::{Board, Value};
use documents::form_paper::{FormPaper, FormRow};
use documents::format;
use jiff::Timestamp;
use kernel::area::Areas;
use kernel::clock::vietnam_time;
use kernel::{Dong, MonthSpan};

use super::{Form, Row, Which};

/// Stable name, heading and width on the sheet of a column.
type Column = (&'static str, &'static str, u8);

const REGULAR: [Column; 7] = [
    ("number", "STT", 8),
    ("label", "Nội dung", 60),
    ("people", "Tổng số (người)", 13),
    ("male", "Nam (người)", 13),
    ("female", "Nữ (người)", 13),
    ("million_dong", "Kinh phí (triệu đồng)", 16),
    ("dong", "Kinh phí (đồng)", 20),
];

const BY_UNIT: [Column; 6] = [
    ("number", "STT", 8),
    ("label", "Chỉ tiêu", 70),
    ("unit", "Đơn vị tính", 14),
    ("total", "Tổng số", 16),
    ("male", "Nam", 13),
    ("female", "Nữ", 13),
];

/// The unit of rows of money.
pub(super) const MILLIONS: &str = "Triệu đồng";

/// What is written where the records hold nothing.
const NOT_RECORDED: &str = "không ghi nhận";

impl Form {
    /// Name, heading and width of each column.
    fn columns(&self) -> &'static [Column] {
        match self.which {
            Which::Regular => &REGULAR,
            Which::Older | Which::Disability => &BY_UNIT,
        }
    }

    /// Stable names of the columns of [`Form::board`], for programs.
    pub fn names(&self) -> Vec<&'static str> {
        self.columns().iter().map(|column| column.0).collect()
    }

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
        let people = format!("Đối tượng: tháng {}", format::month(self.month));
        match self.which {
            Which::Regular | Which::Older => format!("{people}; kinh phí: {}", format::span(span)),
            Which::Disability => people,
        }
    }

    /// What stands in the columns after the words.
    fn cells(&self, row: &Row) -> Vec<Value> {
        let text = |text: &str| Value::Text(text.to_owned());
        let Some(it) = row.figures else {
            let mut cells = match (self.which, row.unit) {
                (Which::Regular, _) => vec![text(NOT_RECORDED)],
                (_, None) => Vec::new(),
                (_, Some(unit)) => vec![text(unit), text(NOT_RECORDED)],
            };
            cells.resize(self.columns().len() - 2, text(""));
            return cells;
        };
        let people = [it.people, it.male, it.female].map(Value::Number);
        match (self.which, row.unit) {
            (Which::Regular, _) => {
                let money = [
                    Value::Text(millions(it.amount)),
                    Value::Number(it.amount.value()),
                ];
                people.into_iter().chain(money).collect()
            }
            (_, Some(MILLIONS)) => vec![
                text(MILLIONS),
                Value::Text(millions(it.amount)),
                text(""),
                text(""),
            ],
            (_, unit) => std::iter::once(text(unit.unwrap_or_default()))
                .chain(people)
                .collect(),
        }
    }

    fn line(&self, row: &Row) -> Vec<Value> {
        let words = [row.number.to_owned(), row.label.clone()].map(Value::Text);
        words.into_iter().chain(self.cells(row)).collect()
    }

    /// The form as a table.
    pub fn board(&self, exported: Timestamp) -> Board {
        let mut notes = vec![
            format!("{}, Nghị định số 20/2021/NĐ-CP", self.number),
            format!("Địa bàn: {}. {}", self.place(), self.span()),
        ];
        notes.extend(self.notes.iter().cloned());
        notes.push(format!("Xuất lúc {}", format::moment(exported)));
        let mut rows: Vec<Vec<Value>> = self.rows.iter().map(|row| self.line(row)).collect();
        // Only the first form ends in a sum.
        let total = match self.which {
            Which::Regular => rows.pop().unwrap_or_default(),
            Which::Older | Which::Disability => Vec::new(),
        };
        Board {
            title: self.title.to_owned(),
            notes,
            columns: self.columns().iter().map(|it| (it.1, it.2)).collect(),
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
        // The printed form has six columns; đồng to the last one are for programs.
        let row = |row: &Row| FormRow {
            strong: row.sum,
            cells: self
                .line(row)
                .into_iter()
                .take(6)
                .map(printed_cell)
                .collect(),
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
            headings: self.columns()[..6]
                .iter()
                .map(|it| it.1.to_owned())
                .collect(),
            widths: match self.which {
                Which::Regular => vec![6, 40, 15, 10, 10, 15],
                Which::Older | Which::Disability => vec![6, 45, 11, 15, 10, 10],
            },
            rows: self.rows.iter().map(row).collect(),
            notes: self.notes.clone(),
            ..FormPaper::default()
        }
    }
}

fn printed_cell(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        Value::Number(number) => Dong(number).to_string(),
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

#[cfg(test)]
mod tests {
    use kernel::Dong;

    use super::millions;

    #[test]
    fn money_is_written_in_millions() {
        assert_eq!(millions(Dong(662_715_000)), "662,715");
        assert_eq!(millions(Dong(1_234_567_890)), "1.234,568");
        assert_eq!(millions(Dong(0)), "0,000");
    }
}
