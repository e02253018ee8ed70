//! Statistical forms of 20/2021/NĐ-CP: people by sex and money, row by row of the printed form.
//!
//! What the records do not hold is shown as not recorded, never guessed; what lists pay and the
//! form has no row for stands under it, so that the last row is what the lists pay.

mod counted;
mod disability;
mod line;
mod older;
pub mod regular;
mod shown;

use kernel::{Actor, Dong, Month, PersonId};
use payments::{Office, Refused, Scope};
use serde::Serialize;

use crate::question::{ByArea, Source};

/// Which form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Which {
    /// 10a: regular assistance.
    Regular,
    /// 10c: older people.
    Older,
    /// 10d: people with disabilities.
    Disability,
}

impl Which {
    /// Every form.
    pub const ALL: [Which; 3] = [Which::Regular, Which::Older, Which::Disability];

    /// `10a`, `10c`, `10d`.
    pub const fn code(self) -> &'static str {
        match self {
            Which::Regular => "10a",
            Which::Older => "10c",
            Which::Disability => "10d",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Which> {
        Which::ALL.into_iter().find(|which| which.code() == code)
    }

    /// What it is about, in words.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Which::Regular => "trợ giúp xã hội thường xuyên",
            Which::Older => "chính sách đối với người cao tuổi",
            Which::Disability => "chính sách đối với người khuyết tật",
        }
    }
}

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
    /// What is counted, where the form says it: `Người`, `Triệu đồng`; a heading has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// The figures; `None` for a heading and where the records do not hold them.
    pub figures: Option<Figures>,
}

/// A form filled in.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Form {
    /// Which form.
    #[serde(skip)]
    pub which: Which,
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

/// Age as the rows of forms see it, on the last day of a month.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Band {
    Under4,
    Under16,
    Under60,
    From60,
}

impl Band {
    pub(crate) const fn of(years: i32) -> Band {
        match years {
            ..4 => Band::Under4,
            4..16 => Band::Under16,
            16..60 => Band::Under60,
            60.. => Band::From60,
        }
    }

    pub(crate) const fn is_child(self) -> bool {
        matches!(self, Band::Under4 | Band::Under16)
    }
}

/// Somebody a row of a form counts.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Member {
    /// Internal number; the next page goes on after it.
    pub person_id: PersonId,
    /// The caller's own key.
    pub person: String,
    /// Name as declared.
    pub full_name: String,
    /// Year of birth.
    pub birth_year: i16,
    /// Commune lived in now, with what it lies in.
    pub commune: String,
}

/// Fills a form in for an area and month; money counts from `from`, or from the beginning of the
/// half-year.
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn fill(
    office: &Office<'_>,
    actor: &Actor,
    which: Which,
    of: &ByArea,
    from: Option<Month>,
) -> Result<Form, Refused> {
    match which {
        Which::Regular => regular::form_10a(office, actor, of, from).await,
        Which::Older => counted::fill(office, actor, &older::TABLE, of, from).await,
        Which::Disability => counted::fill(office, actor, &disability::TABLE, of, from).await,
    }
}

/// The words of a row that counts people who can be named; `None` for another row.
pub fn label(which: Which, row: usize) -> Option<&'static str> {
    let table = match which {
        Which::Regular => return None,
        Which::Older => &older::TABLE,
        Which::Disability => &disability::TABLE,
    };
    let line = table.lines.get(row)?;
    line.names_people()
}

/// The people a row counts (its place in the form, from 0), in order of their internal number, so
/// many after a given one; empty where a row counts nobody. Recorded in the audit log.
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn members(
    office: &Office<'_>,
    actor: &Actor,
    (which, row): (Which, usize),
    of: &ByArea,
    after: Option<PersonId>,
    at_most: u16,
) -> Result<Vec<Member>, Refused> {
    let table = match which {
        Which::Regular => return Ok(Vec::new()),
        Which::Older => &older::TABLE,
        Which::Disability => &disability::TABLE,
    };
    counted::members(office, actor, (table, row), of, after, at_most).await
}

/// Where, and from which lists. Forms are of areas as the month has them.
async fn sources(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
) -> Result<(Scope, Vec<Source>), Refused> {
    let (reach, lists) = of.question().sources(office, actor).await?;
    if reach.former.is_some() {
        let (area, month) = (reach.scope.area, of.month);
        return Err(Refused::UnknownArea { area, month });
    }
    Ok((reach.scope, lists))
}

/// A scope as query parameters: everywhere, or codes and first days of its communes.
fn columns(scope: &Scope) -> (bool, Vec<String>, Vec<jiff_sqlx::Date>) {
    let (codes, since) = scope.columns().unwrap_or_default();
    (scope.is_country(), codes, since)
}

/// What is said of lists that may still change.
fn of_drafts(lists: &[Source]) -> Option<String> {
    let drafts = lists.iter().filter(|list| !list.approved).count();
    (drafts > 0).then(|| format!("Có {drafts} danh sách còn là bản nháp: số liệu còn thay đổi."))
}

/// The first month of the half-year reported on: forms are due in June and December.
pub fn half_year(month: Month) -> Month {
    let back = i32::from(month.number() - 1) % 6;
    month.plus(-back)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::Month;

    use super::half_year;

    #[test]
    fn a_half_year_begins_in_january_or_july() {
        for (month, first) in [(1, 1), (6, 1), (7, 7), (12, 7)] {
            let of = |month| Month::of(date(2024, month, 1));
            assert_eq!(half_year(of(month)), of(first));
        }
    }
}
