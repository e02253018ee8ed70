//! Takes the rows of a sheet in order, the heading first.

use std::collections::HashMap;

use kernel::name::{search_key, tidy};
use kernel::{Cell, PartialDate};
use uuid::Uuid;

use super::Setting;
use super::column::Column;
use super::draft::Draft;
use super::vocabulary::Benefits;
use super::{convert, table};
use crate::event::{Event, EventKind, Submitted};
use crate::refusal::Refusal;

/// Events of sheets are named within this.
const NAMESPACE: Uuid = Uuid::from_u128(0x8d0c_16f2_5a0b_4d6e_9f5c_3b1e_7a42_c901);
/// How many hexadecimal digits of the file's hash go into a person's key.
const KEY_DIGITS: usize = 12;
/// Characters of the file's name that go into the source.
const NAME_LENGTH: usize = 150;

/// The sheet as a whole cannot be read: nothing of it was taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// No row at all.
    #[error("tệp không có dòng tiêu đề")]
    NoHeading,
    /// Headings that must be there are not.
    #[error("dòng tiêu đề thiếu cột: {}", .0.join(", "))]
    MissingHeadings(Vec<&'static str>),
    /// A heading stands twice.
    #[error("dòng tiêu đề có hai cột cùng tên: {0}")]
    RepeatedHeading(&'static str),
}

impl FormError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            FormError::NoHeading => "no_heading",
            FormError::MissingHeadings(_) => "missing_headings",
            FormError::RepeatedHeading(_) => "repeated_heading",
        }
    }
}

/// A sheet being read.
#[derive(Debug)]
pub struct Sheet<'a> {
    pub(super) setting: &'a Setting<'a>,
    source: String,
    hash: [u8; 32],
    key_start: String,
    /// For each column of the sheet, which one of the form it is.
    columns: Option<Vec<Option<Column>>>,
    benefits: Benefits,
    by_id_number: HashMap<String, usize>,
    read: Read,
}

/// What a sheet says.
#[derive(Debug, Default)]
pub struct Read {
    /// Rows below the heading that are not blank.
    pub rows: u64,
    /// Headings that are no column of the form; their cells were passed over.
    pub unknown_headings: Vec<String>,
    /// What the good rows say.
    pub events: Vec<Submitted>,
    /// What is wrong with the other rows: nothing of them is taken.
    pub refused: Vec<Refusal>,
    /// What should be looked at in rows that were taken.
    pub warnings: Vec<Refusal>,
    pub(super) people: Vec<Person>,
    pub(super) carers: Vec<Carer>,
}

/// Who a row registers.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) row: u64,
    pub(super) event: Uuid,
    pub(super) name_key: String,
    pub(super) birth_date: PartialDate,
    /// Only if plausible.
    pub(super) id_number: Option<String>,
}

/// A carer whose cared-for person is named by ID number and still has to be found.
#[derive(Debug)]
pub(super) struct Carer {
    pub(super) row: u64,
    pub(super) cared_id_number: String,
    /// The event as it will be once the person is found.
    pub(super) event: Event,
}

impl<'a> Sheet<'a> {
    /// A sheet of a file by its name without path, and the SHA-256 of its bytes.
    pub fn new(setting: &'a Setting<'a>, file_name: &str, hash: [u8; 32]) -> Sheet<'a> {
        let mut key_start = hex::encode(hash);
        key_start.truncate(KEY_DIGITS);
        let name: String = tidy(file_name).chars().take(NAME_LENGTH).collect();
        Sheet {
            setting,
            source: format!("excel:{name}"),
            hash,
            key_start: format!("xlsx-{key_start}"),
            columns: None,
            benefits: Benefits::of(setting.law),
            by_id_number: HashMap::new(),
            read: Read::default(),
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
        match convert::convert(self.setting, &self.benefits, row, by_column) {
            Ok(draft) => self.keep(row, draft),
            Err(faults) => self.read.refused.extend(faults),
        }
        Ok(())
    }

    /// Everything read.
    ///
    /// # Errors
    /// [`FormError::NoHeading`] when there was no row.
    pub fn finish(self) -> Result<Read, FormError> {
        match self.columns {
            Some(_) => Ok(self.read),
            None => Err(FormError::NoHeading),
        }
    }

    fn keep(&mut self, row: u64, draft: Draft) {
        let person = Person {
            row,
            event: self.event_id(row, "person_registered"),
            name_key: search_key(&draft.registration.full_name),
            birth_date: draft.registration.birth_date,
            id_number: draft.plausible_id_number(),
        };
        if let Some(refusal) = self.repeats(&person) {
            self.read.refused.push(refusal);
            return;
        }
        self.read.warnings.extend(draft.warnings(row));
        let key = format!("{}-{row}", self.key_start);
        for (name, effective, kind) in draft.events() {
            let event = Event {
                event_id: kernel::EventId(self.event_id(row, &name).as_u128()),
                source: self.source.clone(),
                person: key.clone(),
                effective,
                kind,
            };
            match draft
                .cared_id_number
                .as_ref()
                .filter(|_| is_care(&event.kind))
            {
                Some(cared) => self.read.carers.push(Carer {
                    row,
                    cared_id_number: cared.clone(),
                    event,
                }),
                None => self.read.events.push(Submitted { row, event }),
            }
        }
        self.read.people.push(person);
    }

    /// A row about somebody an earlier row of the file is about. Two people with one number are
    /// both taken, with a warning.
    fn repeats(&mut self, person: &Person) -> Option<Refusal> {
        let number = person.id_number.as_ref()?;
        let index = self.read.people.len();
        let earlier = *self.by_id_number.entry(number.clone()).or_insert(index);
        let earlier = self.read.people.get(earlier)?;
        let heading = Column::IdNumber.heading();
        if earlier.is_same_as(&person.name_key, person.birth_date) {
            let why = format!(
                "người này đã có ở dòng {}; mỗi người chỉ một dòng",
                earlier.row
            );
            return Some(Refusal::new(person.row, heading, "repeated_in_file", why));
        }
        let why = format!("số định danh trùng với dòng {} của người khác", earlier.row);
        let warning = Refusal::new(person.row, heading, "held_by_another", why);
        self.read.warnings.push(warning);
        None
    }

    fn event_id(&self, row: u64, name: &str) -> Uuid {
        let mut bytes = Vec::with_capacity(48 + name.len());
        bytes.extend(self.hash);
        bytes.extend(row.to_be_bytes());
        bytes.extend(name.as_bytes());
        Uuid::new_v5(&NAMESPACE, &bytes)
    }
}

impl Person {
    /// Whether name (marks aside) and birth (as far as both are known) are the same.
    pub(super) fn is_same_as(&self, name_key: &str, birth_date: PartialDate) -> bool {
        let (one, other) = (self.birth_date, birth_date);
        let same_birth = match (one, other) {
            (PartialDate::Year(_), _) | (_, PartialDate::Year(_)) => one.year() == other.year(),
            (PartialDate::Month(_), _) | (_, PartialDate::Month(_)) => {
                one.assumed_month() == other.assumed_month()
            }
            _ => one == other,
        };
        self.name_key == name_key && same_birth
    }
}

const fn is_care(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::FactStarted {
            fact: law::FactKind::CaresFor(_),
            ..
        }
    )
}

fn read_heading(
    cells: &[Cell<'_>],
    unknown: &mut Vec<String>,
) -> Result<Vec<Option<Column>>, FormError> {
    let columns = table::find_columns(cells, &Column::ALL, Column::heading, table::lower, unknown)?;
    let missing = Column::ALL
        .into_iter()
        .filter(|column| column.is_required() && !columns.contains(&Some(*column)));
    let missing: Vec<&str> = missing.map(Column::heading).collect();
    if missing.is_empty() {
        Ok(columns)
    } else {
        Err(FormError::MissingHeadings(missing))
    }
}
