//! Results as a sheet: the form a provider fills in, and how its rows are read.

use std::io::{Read, Seek};

use documents::sheet::{self, SheetError};
use jiff::civil::Date;
use kernel::Cell;
use kernel::form::{Form as Blank, FormColumn};
use kernel::name::{search_key, tidy};
use registry::Refusal;

use super::read::{Arrival, Form, Unreadable};
use super::{Reported, Status, reason};

/// A column by what it holds, in the order of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
enum Column {
    ResultId,
    Line,
    Status,
    Date,
    Reason,
    Amount,
}

impl Column {
    const ALL: [Column; 6] = [
        Column::ResultId,
        Column::Line,
        Column::Status,
        Column::Date,
        Column::Reason,
        Column::Amount,
    ];

    const fn heading(self) -> &'static str {
        match self {
            Column::ResultId => "Mã kết quả",
            Column::Line => "Mã dòng",
            Column::Status => "Trạng thái",
            Column::Date => "Ngày",
            Column::Reason => "Lý do",
            Column::Amount => "Số tiền",
        }
    }

    const fn help(self) -> &'static str {
        match self {
            Column::ResultId => {
                "Mã riêng của đơn vị chi trả cho kết quả này; gửi lại cùng mã thì không ghi hai lần"
            }
            Column::Line => "Mã dòng trong lệnh chi, dạng 2024-05-123-1",
            Column::Status => "Chọn trong danh mục",
            Column::Date => "Ngày trả, ngày hoàn hoặc ngày biết không trả được: dd/mm/yyyy",
            Column::Reason => {
                "Chọn trong danh mục, hoặc mã ISO 20022 của ngân hàng; bỏ trống khi đã trả"
            }
            Column::Amount => "Đồng, đúng bằng số tiền của dòng",
        }
    }
}

/// The blank form of results.
pub fn form() -> Blank {
    let column = |column: Column| FormColumn {
        heading: column.heading(),
        required: column != Column::Reason,
        help: column.help(),
        width: if column == Column::Reason { 32 } else { 18 },
        choices: match column {
            Column::Status => Status::ALL
                .map(|status| status.vietnamese().to_owned())
                .into(),
            Column::Reason => reason::reasons()
                .iter()
                .map(|it| it.vietnamese.to_owned())
                .collect(),
            _ => Vec::new(),
        },
    };
    let example = |cells: [&str; 6]| cells.map(str::to_owned).into();
    Blank {
        title: "Kết quả chi trả",
        columns: Column::ALL.map(column).into(),
        notes: vec![
            "Mỗi dòng là kết quả của một dòng trong lệnh chi. Gửi lại tệp cũ không làm thay đổi gì.",
            "Dòng lạ hoặc sai số tiền không bị bỏ: cơ quan chi trả sẽ xem và trả lời từng dòng.",
        ],
        examples: vec![
            example([
                "KQ-0001",
                "2024-05-123-1",
                "Đã trả",
                "08/05/2024",
                "",
                "540000",
            ]),
            example([
                "KQ-0002",
                "2024-05-124-1",
                "Không thành",
                "08/05/2024",
                "Tài khoản đã đóng",
                "360000",
            ]),
        ],
    }
}

pub(super) fn read(
    input: impl Read + Seek,
    each: &mut dyn FnMut(Arrival) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut columns: Option<Vec<Option<Column>>> = None;
    sheet::read(input, |row, cells| {
        let Some(columns) = &columns else {
            columns = Some(heading(cells)?);
            return Ok(());
        };
        let mut by_column = [const { &Cell::Empty }; Column::ALL.len()];
        for (column, cell) in columns.iter().zip(cells) {
            if let Some(column) = column {
                by_column[*column as usize] = cell;
            }
        }
        each(match reported(row, by_column) {
            Ok(reported) => Arrival::Result {
                row,
                form: Form::Sheet,
                reported,
            },
            Err(refusal) => Arrival::Refused(refusal),
        })
    })?;
    match columns {
        Some(_) => Ok(()),
        None => Err(SheetError::Empty.into()),
    }
}

fn heading(cells: &[Cell<'_>]) -> Result<Vec<Option<Column>>, Unreadable> {
    let key = |text: &str| search_key(&tidy(text));
    let columns: Vec<Option<Column>> = cells
        .iter()
        .map(|cell| {
            let shown = key(&cell.shown()?);
            let mut all = Column::ALL.into_iter();
            all.find(|column| key(column.heading()) == shown)
        })
        .collect();
    let missing: Vec<&str> = Column::ALL
        .into_iter()
        .filter(|column| *column != Column::Reason && !columns.contains(&Some(*column)))
        .map(Column::heading)
        .collect();
    if missing.is_empty() {
        Ok(columns)
    } else {
        Err(Unreadable::MissingHeadings(missing.join(", ")))
    }
}

fn reported(row: u64, cells: [&Cell<'_>; Column::ALL.len()]) -> Result<Reported, Refusal> {
    let cell = |column: Column| cells[column as usize];
    let refuse = |column: Column, code: &'static str, why: &'static str| {
        Refusal::new(row, column.heading(), code, why)
    };
    let text = |column: Column| {
        let shown = cell(column).shown();
        shown.ok_or_else(|| refuse(column, "missing", "ô bỏ trống"))
    };
    let status = search_key(&text(Column::Status)?);
    let status = Status::ALL
        .into_iter()
        .find(|it| status == search_key(it.code()) || status == search_key(it.vietnamese()));
    let day = day(cell(Column::Date));
    let amount = amount(cell(Column::Amount));
    Ok(Reported {
        result_id: text(Column::ResultId)?.into_owned(),
        line: text(Column::Line)?.into_owned(),
        status: status.ok_or_else(|| {
            refuse(
                Column::Status,
                "unknown_status",
                "trạng thái không có trong danh mục",
            )
        })?,
        date: day
            .ok_or_else(|| refuse(Column::Date, "malformed", "ngày phải có dạng dd/mm/yyyy"))?,
        reason: cell(Column::Reason)
            .shown()
            .map(|it| reason::stable(&it).to_owned()),
        amount: amount.ok_or_else(|| {
            refuse(
                Column::Amount,
                "malformed",
                "số tiền phải là số đồng nguyên, lớn hơn 0",
            )
        })?,
    })
}

/// A true date, `8/5/2024` or `2024-05-08`.
fn day(cell: &Cell<'_>) -> Option<Date> {
    match cell {
        Cell::Date(day) => Some(*day),
        Cell::Text(text) => {
            let text = text.trim();
            let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
            let [a, b, c] = parts[..] else { return None };
            let (year, day) = if a.len() == 4 { (a, c) } else { (c, a) };
            if year.len() != 4 {
                return None;
            }
            Date::new(year.parse().ok()?, b.parse().ok()?, day.parse().ok()?).ok()
        }
        _ => None,
    }
}

/// `540000`, `540.000`, `540,000 đ` or a number.
fn amount(cell: &Cell<'_>) -> Option<i64> {
    let amount = match cell {
        Cell::Number(_) => cell.whole_number(),
        Cell::Text(text) => {
            let text = text
                .trim()
                .trim_end_matches("đồng")
                .trim_end_matches('đ')
                .trim();
            let mut groups = text.split(['.', ',', ' ', '\u{a0}']);
            let first = groups.next()?;
            let rest: Vec<&str> = groups.collect();
            let is_digits =
                |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
            let grouped = rest.is_empty() || first.len() <= 3;
            let whole = rest
                .iter()
                .all(|group| group.len() == 3 && is_digits(group));
            (is_digits(first) && grouped && whole)
                .then(|| format!("{first}{}", rest.concat()).parse().ok())?
        }
        _ => None,
    };
    amount.filter(|amount| *amount > 0)
}

#[cfg(test)]
mod tests {
    use kernel::Cell;

    use super::{amount, day};

    #[test]
    fn reads_amounts_and_days_as_people_write_them() {
        let text = |text: &'static str| Cell::Text(text.into());
        for written in ["540000", "540.000", "540,000 đ", "540 000 đồng"] {
            assert_eq!(amount(&text(written)), Some(540_000), "{written}");
        }
        for written in [
            "", "-5", "0", "540.5", "5.40.000", "1e3", "540,00", "5400.000",
        ] {
            assert_eq!(amount(&text(written)), None, "{written}");
        }
        assert_eq!(amount(&Cell::Number(360_000.0)), Some(360_000));
        assert_eq!(amount(&Cell::Number(360_000.5)), None);
        assert_eq!(day(&text("8/5/2024")), day(&text("2024-05-08")));
        assert!(day(&text("08/05/2024")).is_some());
        for written in ["8/5/24", "30/02/2024", "hôm qua", "1/2/3/2024"] {
            assert_eq!(day(&text(written)), None, "{written}");
        }
    }
}
