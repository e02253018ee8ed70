//! Takes the rows of a list in order, the heading first.

use jiff::civil::Date;
use kernel::name::{compact_key, search_key, tidy};
use kernel::{Bank, Cell};
use uuid::Uuid;

use super::column::Column;
use crate::event::{Channel, Holder, MAX_KEY, MAX_TEXT, PayeeChoice};
use crate::import::{FormError, table};
use crate::payee::set::{PayeeForm, check_form};
use crate::refusal::{Fault, Refusal};

/// Events of lists are named within this.
const NAMESPACE: Uuid = Uuid::from_u128(0x41f8_7d0a_93c6_4b1e_8e52_6d0f_c2a9_17b4);
/// Characters of the file's name that go into the source.
const NAME_LENGTH: usize = 120;

/// A list being read.
#[derive(Debug)]
pub struct PayeeList {
    hash: [u8; 32],
    /// The provider's bank, where a row names none.
    bank: Option<&'static Bank>,
    columns: Option<Vec<Option<Column>>>,
    read: ReadList,
}

/// What a list says.
#[derive(Debug, Default)]
pub struct ReadList {
    pub(super) source: String,
    pub(super) rows: u64,
    pub(super) unknown_headings: Vec<String>,
    pub(super) entries: Vec<Entry>,
    pub(super) refused: Vec<Refusal>,
}

impl ReadList {
    /// Rows below the heading that are not blank.
    pub const fn rows(&self) -> u64 {
        self.rows
    }
}

/// A row that could be read.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) row: u64,
    pub(super) event: Uuid,
    pub(super) person_key: Option<String>,
    pub(super) id_number: Option<String>,
    pub(super) name_key: String,
    pub(super) since: Option<Date>,
    pub(super) choice: PayeeChoice,
}

impl PayeeList {
    /// A list of a provider (a bank by any of its names, or another code), in a file by its name
    /// without path and the SHA-256 of its bytes.
    pub fn new(provider: &str, file_name: &str, hash: [u8; 32]) -> PayeeList {
        let name: String = tidy(file_name).chars().take(NAME_LENGTH).collect();
        PayeeList {
            hash,
            bank: Bank::find(provider),
            columns: None,
            read: ReadList {
                source: format!("payees:{}:{name}", tidy(provider)),
                ..ReadList::default()
            },
        }
    }

    /// Takes the next row that is not blank: its number in the file, and its cells.
    ///
    /// # Errors
    /// [`FormError`] when it is the heading and does not fit. Faults of other rows are gathered.
    pub fn take(&mut self, row: u64, cells: &[Cell<'_>]) -> Result<(), FormError> {
        let Some(columns) = &self.columns else {
            self.columns = Some(read_heading(cells, &mut self.read.unknown_headings)?);
            return Ok(());
        };
        self.read.rows += 1;
        let by_column = table::by_column(columns, cells, |column| column as usize);
        let reader = Row {
            cells: by_column,
            bank: self.bank,
        };
        match reader.entry(row, event_id(&self.hash, row)) {
            Ok(entry) => self.read.entries.push(entry),
            Err(faults) => {
                let in_row = faults.into_iter().map(|fault| fault.in_row(row, None));
                self.read.refused.extend(in_row);
            }
        }
        Ok(())
    }

    /// Everything read.
    ///
    /// # Errors
    /// [`FormError::NoHeading`] when there was no row.
    pub fn finish(self) -> Result<ReadList, FormError> {
        match self.columns {
            Some(_) => Ok(self.read),
            None => Err(FormError::NoHeading),
        }
    }
}

fn event_id(hash: &[u8; 32], row: u64) -> Uuid {
    let mut bytes = hash.to_vec();
    bytes.extend(row.to_be_bytes());
    Uuid::new_v5(&NAMESPACE, &bytes)
}

struct Row<'c, 'a> {
    cells: [&'c Cell<'a>; Column::ALL.len()],
    bank: Option<&'static Bank>,
}

impl Row<'_, '_> {
    fn entry(&self, row: u64, event: Uuid) -> Result<Entry, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut keep = |fault: Fault| faults.push(fault);
        let person_key = self.text(Column::PersonKey, &mut keep);
        let id_number = self.text(Column::IdNumber, &mut keep);
        let full_name = self.text(Column::FullName, &mut keep);
        if person_key.is_none() && id_number.is_none() {
            let why = "cần mã người nhận hoặc số định danh";
            keep(fault(Column::PersonKey, "missing", why));
        }
        if full_name.is_none() {
            keep(fault(Column::FullName, "missing", "ô bắt buộc để trống"));
        }
        let name_key = full_name.as_deref().map(search_key).unwrap_or_default();
        let since = self.day(Column::Since, &mut keep);
        let form = self.form(&name_key, &mut keep);
        match check_form(&form) {
            Ok(choice) if faults.is_empty() => Ok(Entry {
                row,
                event,
                person_key,
                id_number,
                name_key,
                since,
                choice,
            }),
            Ok(_) => Err(faults),
            Err(more) => {
                faults.extend(more.into_iter().map(under_heading));
                Err(faults)
            }
        }
    }

    fn form(&self, name_key: &str, keep: &mut impl FnMut(Fault)) -> PayeeForm {
        let mut text = |column| self.text(column, keep).unwrap_or_default();
        let (channel, holder) = (text(Column::Channel), text(Column::Holder));
        let mut form = PayeeForm {
            channel: Some(Channel::Account),
            holder: None,
            holder_name: text(Column::HolderName),
            holder_id_number: text(Column::HolderIdNumber),
            provider: text(Column::Provider),
            account_number: text(Column::AccountNumber),
            authorised_until: None,
        };
        form.authorised_until = self.day(Column::AuthorisedUntil, keep);
        if !channel.is_empty() {
            form.channel = word(Channel::ALL, &channel, |it| (it.code(), it.vietnamese()));
            if form.channel.is_none() {
                let why = "hình thức nhận không có trong danh mục";
                keep(fault(Column::Channel, "unknown_channel", why));
                form.channel = Some(Channel::Account);
            }
        }
        if form.provider.is_empty() && form.channel == Some(Channel::Account) {
            form.provider = self
                .bank
                .map_or_else(String::new, |bank| bank.provider_code().to_owned());
        }
        form.holder = word(Holder::ALL, &holder, |it| (it.code(), it.vietnamese()));
        if form.holder.is_none() && !holder.is_empty() {
            // Banks write whose name the account carries.
            if search_key(&holder) == name_key {
                form.holder = Some(Holder::Itself);
                form.holder_name = holder;
            } else {
                let why = "chủ tài khoản không phải người hưởng: ghi Người giám hộ hoặc Người được ủy quyền, và tên ở cột Tên người nhận";
                keep(fault(Column::Holder, "unknown_holder", why));
            }
        }
        form
    }

    fn cell(&self, column: Column) -> &Cell<'_> {
        self.cells[column as usize]
    }

    /// Text without outer space; too long, a control sign or a failed formula is a fault.
    fn text(&self, column: Column, keep: &mut impl FnMut(Fault)) -> Option<String> {
        let longest = match column {
            Column::FullName | Column::HolderName | Column::Note => MAX_TEXT,
            _ => MAX_KEY,
        };
        match table::text_of(self.cell(column), longest) {
            Ok(text) => text,
            Err((code, why)) => {
                keep(fault(column, code, why));
                None
            }
        }
    }

    fn day(&self, column: Column, keep: &mut impl FnMut(Fault)) -> Option<Date> {
        if self.cell(column).is_empty() {
            return None;
        }
        let day = match self.cell(column) {
            Cell::Date(day) => Some(*day),
            Cell::Text(text) => day_of_text(text.trim()),
            _ => None,
        };
        let day = day.filter(|day| (1990..=2200).contains(&day.year()));
        if day.is_none() {
            keep(fault(
                column,
                "not_a_date",
                "ngày không đúng: cần dd/mm/yyyy",
            ));
        }
        day
    }
}

/// `15/05/2024`, `15-5-2024` or `2024-05-15`.
fn day_of_text(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let [one, two, three] = parts[..] else {
        return None;
    };
    let (year, month, day) = if one.len() == 4 {
        (one, two, three)
    } else {
        (three, two, one)
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || ![year, month, day].into_iter().all(digits) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn fault(column: Column, code: &'static str, why: impl Into<String>) -> Fault {
    Fault::new(column.heading(), code, why)
}

fn under_heading(mut fault: Fault) -> Fault {
    if let Some(column) = Column::of_field(&fault.field) {
        fault.field = column.heading().into();
    }
    fault
}

/// A value by its code or its name in any spelling.
fn word<T: Copy>(
    all: &[T],
    text: &str,
    names: impl Fn(T) -> (&'static str, &'static str),
) -> Option<T> {
    let wanted = compact_key(text);
    let mut all = all.iter().copied();
    all.find(|it| {
        let (code, name) = names(*it);
        wanted == compact_key(code) || wanted == compact_key(name)
    })
}

fn read_heading(
    cells: &[Cell<'_>],
    unknown: &mut Vec<String>,
) -> Result<Vec<Option<Column>>, FormError> {
    let columns = table::find_columns(cells, &Column::ALL, Column::heading, table::lower, unknown)?;
    let there = |column: Column| columns.contains(&Some(column));
    let mut missing: Vec<&'static str> = [Column::FullName, Column::AccountNumber]
        .into_iter()
        .filter(|column| !there(*column))
        .map(Column::heading)
        .collect();
    if !there(Column::PersonKey) && !there(Column::IdNumber) {
        missing.push(Column::PersonKey.heading());
    }
    if missing.is_empty() {
        Ok(columns)
    } else {
        Err(FormError::MissingHeadings(missing))
    }
}
