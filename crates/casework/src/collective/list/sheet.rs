//! Takes the rows of a list in order, the heading first. Nothing is repaired: a row that cannot be read
//! is refused by its heading.

use jiff::civil::Date;
use kernel::name::{compact_key, search_key, tidy};
use kernel::{Cell, Month};
use law::{Benefit, Law};
use registry::Refusal;
use registry::event::MAX_TEXT;
use registry::import::FormError;
use registry::refusal::Fault;

use super::column::{ADJUST, Column, STOP, facts};
use super::{Deed, Entry, ReadList};
use crate::change::grounds;

/// A sheet being read.
#[derive(Debug)]
pub struct ListSheet<'a> {
    law: &'a Law,
    columns: Option<Vec<Option<Column>>>,
    read: ReadList,
}

impl<'a> ListSheet<'a> {
    /// Of the law whose names of benefits the list uses.
    pub fn new(law: &'a Law) -> ListSheet<'a> {
        ListSheet {
            law,
            columns: None,
            read: ReadList::default(),
        }
    }

    /// Takes the next row that is not empty.
    ///
    /// # Errors
    /// When the headings are not those of the form.
    pub fn take(&mut self, row: u64, cells: &[Cell<'_>]) -> Result<(), FormError> {
        let Some(columns) = &self.columns else {
            self.columns = Some(heading(cells)?);
            return Ok(());
        };
        self.read.rows += 1;
        let mut by_column = [const { &Cell::Empty }; Column::ALL.len()];
        for (column, cell) in columns.iter().zip(cells) {
            if let Some(column) = column {
                by_column[*column as usize] = cell;
            }
        }
        let reader = Reader {
            cells: by_column,
            law: self.law,
        };
        match reader.entry(row) {
            Ok(entry) => self.read.entries.push(entry),
            Err(fault) => self.read.refused.push(fault.in_row(row, None)),
        }
        Ok(())
    }

    /// What was read.
    ///
    /// # Errors
    /// When there was no row at all.
    pub fn finish(self) -> Result<ReadList, FormError> {
        match self.columns {
            Some(_) => Ok(self.read),
            None => Err(FormError::NoHeading),
        }
    }
}

fn heading(cells: &[Cell<'_>]) -> Result<Vec<Option<Column>>, FormError> {
    let mut columns: Vec<Option<Column>> = Vec::with_capacity(cells.len());
    for cell in cells {
        let shown = cell.shown().map(|text| tidy(&text).to_lowercase());
        let mut all = Column::ALL.into_iter();
        let column = all.find(|column| shown.as_deref() == Some(&column.heading().to_lowercase()));
        if let Some(column) = column
            && columns.contains(&Some(column))
        {
            return Err(FormError::RepeatedHeading(column.heading()));
        }
        columns.push(column);
    }
    let there = |column: Column| columns.contains(&Some(column));
    let needed = [Column::FullName, Column::Task].into_iter();
    let mut missing: Vec<&'static str> = needed
        .filter(|column| !there(*column))
        .map(Column::heading)
        .collect();
    if !there(Column::PersonKey) && !there(Column::IdNumber) {
        missing.push(Column::PersonKey.heading());
    }
    match missing.is_empty() {
        true => Ok(columns),
        false => Err(FormError::MissingHeadings(missing)),
    }
}

fn fault(column: Column, code: &'static str, why: &str) -> Fault {
    Fault::new(column.heading(), code, why)
}

/// The refusal of a row for a fault of whom it means, under its heading.
pub(super) fn refusal(row: u64, field: &str, code: &'static str, why: String) -> Refusal {
    let column = match field {
        "id_number" => Column::IdNumber,
        "full_name" => Column::FullName,
        "last_month" => Column::LastMonth,
        "benefit" => Column::Benefit,
        "effective" | "fact_id" => Column::Since,
        _ => Column::PersonKey,
    };
    Refusal::new(row, column.heading(), code, why)
}

struct Reader<'c, 'a> {
    cells: [&'c Cell<'a>; Column::ALL.len()],
    law: &'c Law,
}

impl Reader<'_, '_> {
    fn entry(&self, row: u64) -> Result<Entry, Fault> {
        let person_key = self.text(Column::PersonKey)?;
        let id_number = self.text(Column::IdNumber)?;
        if person_key.is_none() && id_number.is_none() {
            let why = "cần mã người hưởng hoặc số định danh";
            return Err(fault(Column::PersonKey, "missing", why));
        }
        let full_name = self.needed(Column::FullName)?;
        let task = compact_key(&self.needed(Column::Task)?);
        let deed = if task == compact_key(STOP) {
            self.stop()?
        } else if task == compact_key(ADJUST) {
            self.adjust()?
        } else {
            let why = "chỉ nhận Thôi hưởng hoặc Điều chỉnh";
            return Err(fault(Column::Task, "unknown_task", why));
        };
        Ok(Entry {
            row,
            person_key,
            id_number,
            name_key: search_key(&full_name),
            deed,
        })
    }

    fn stop(&self) -> Result<Deed, Fault> {
        let benefit = match self.text(Column::Benefit)? {
            None => None,
            Some(text) => Some(self.benefit(&text)?),
        };
        let ground = match self.text(Column::Ground)? {
            None => grounds("stop").find(|ground| ground.code == "not_eligible"),
            Some(text) => {
                let wanted = compact_key(&text);
                grounds("stop").find(|ground| compact_key(&ground.name) == wanted)
            }
        };
        let why = "lý do không có trong danh mục";
        let ground = ground.ok_or_else(|| fault(Column::Ground, "unknown_ground", why))?;
        Ok(Deed::Stop {
            benefit,
            last_month: self.month()?,
            ground,
        })
    }

    fn adjust(&self) -> Result<Deed, Fault> {
        let wanted = compact_key(&self.needed(Column::Fact)?);
        let mut all = facts().into_iter();
        let fact = all.find(|fact| compact_key(registry::fact::vietnamese(fact)) == wanted);
        let why = "tình trạng không có trong danh mục";
        let fact = fact.ok_or_else(|| fault(Column::Fact, "unknown_fact", why))?;
        Ok(Deed::Adjust {
            fact,
            from: self.day()?,
        })
    }

    fn benefit(&self, text: &str) -> Result<Benefit, Fault> {
        let wanted = compact_key(text);
        let same = |benefit: &Benefit| {
            wanted == compact_key(benefit.code()) || wanted == compact_key(self.law.name(*benefit))
        };
        let monthly = Benefit::ALL
            .into_iter()
            .filter(|benefit| !benefit.is_one_off());
        let why = "chính sách không có trong danh mục";
        monthly
            .into_iter()
            .find(same)
            .ok_or_else(|| fault(Column::Benefit, "unknown_benefit", why))
    }

    fn text(&self, column: Column) -> Result<Option<String>, Fault> {
        let Some(shown) = self.cells[column as usize].shown() else {
            return Ok(None);
        };
        let text = tidy(&shown);
        if text.chars().count() > MAX_TEXT || text.chars().any(char::is_control) {
            return Err(fault(
                column,
                "not_a_text",
                "quá dài hoặc có ký tự không in được",
            ));
        }
        Ok(Some(text))
    }

    fn needed(&self, column: Column) -> Result<String, Fault> {
        let text = self.text(column)?;
        text.ok_or_else(|| fault(column, "missing", "ô bắt buộc để trống"))
    }

    /// `05/2024`, `2024-05`, or a true date in the month.
    fn month(&self) -> Result<Month, Fault> {
        let column = Column::LastMonth;
        if let Cell::Date(day) = self.cells[column as usize] {
            return Ok(Month::of(*day));
        }
        let text = self.needed(column)?;
        let month = match text.split_once('/') {
            Some((number, year)) => format!("{year}-{number:0>2}").parse().ok(),
            None => text.parse().ok(),
        };
        month.ok_or_else(|| fault(column, "not_a_month", "tháng không đúng: cần mm/yyyy"))
    }

    /// `07/05/2024`, or a true date.
    fn day(&self) -> Result<Date, Fault> {
        let column = Column::Since;
        if let Cell::Date(day) = self.cells[column as usize] {
            return Ok(*day);
        }
        let text = self.needed(column)?;
        let day = match text.split('/').collect::<Vec<_>>()[..] {
            [day, month, year] if year.len() == 4 => {
                format!("{year}-{month:0>2}-{day:0>2}").parse().ok()
            }
            _ => text.parse().ok(),
        };
        let day = day.filter(|day: &Date| (1990..=2200).contains(&day.year()));
        day.ok_or_else(|| fault(column, "not_a_date", "ngày không đúng: cần dd/mm/yyyy"))
    }
}
