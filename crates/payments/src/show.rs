//! The lines of a month, for the list's area, a part of it, or several lists together.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use jiff::civil::Date;
use kernel::area::Areas;
use kernel::{Actor, Coefficient, Dong, ListId, Month, PersonId, ProvinceCode};
use law::Benefit;
use serde::Serialize;

use crate::header::month_of;
use crate::line::channel_of;
use crate::listed::{benefit_of, coefficient_of};
use crate::{Channel, Header, LineKind, Office, Reason, Refused, Scope, header};

pub(crate) use registry::sight::READERS;

/// One line of a list as interfaces show it (contracts, section 3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownLine {
    /// The caller's key of the person.
    pub person: String,
    /// Which benefit.
    pub benefit: Benefit,
    /// The month it pays.
    pub for_month: Month,
    /// The month of the list.
    pub list_month: Month,
    /// What kind of payment.
    pub kind: LineKind,
    /// Đồng; negative exactly for a recovery.
    pub amount: Dong,
    /// Coefficient of the month.
    pub coefficient: Coefficient,
    /// Standard of the month, đồng.
    pub standard: Dong,
    /// How it is paid, if set.
    pub channel: Option<Channel>,
    /// Why, when it is not simply the month's own payment.
    pub reason: Option<Reason>,
    /// The articles.
    pub law: Vec<String>,
    /// The line's own name: list month, person, number.
    pub line: String,
    /// The person's internal number.
    #[serde(skip)]
    pub person_id: PersonId,
    /// Number of the line among the person's lines of the month.
    #[serde(skip)]
    pub line_no: i16,
    /// Which list.
    #[serde(skip)]
    pub list_id: ListId,
    /// Commune of the list's month.
    #[serde(skip)]
    pub commune: (String, Date),
}

/// What a line is called outside: month, person, number.
pub(crate) fn line_name(month: Month, person: PersonId, line_no: i16) -> String {
    format!("{month}-{person}-{line_no}")
}

/// The lists that lie in the area or around it, drafts too.
///
/// # Errors
/// [`Refused::NoList`] when there is none, [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn lists(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Vec<Header>, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, READERS, &scope.area)?;
    let found = header::overlapping(office.pool, &scope).await?;
    if found.is_empty() {
        let area = scope.area;
        return Err(Refused::NoList { month, area });
    }
    Ok(found)
}

/// A line as stored, with the person's key.
pub(crate) struct LineRow {
    pub(crate) person_id: i64,
    pub(crate) person_key: String,
    pub(crate) line_no: i16,
    pub(crate) list_id: i64,
    pub(crate) benefit: i16,
    pub(crate) kind: i16,
    pub(crate) for_month: i32,
    pub(crate) amount: i64,
    pub(crate) coefficient: i16,
    pub(crate) standard: i32,
    pub(crate) channel: i16,
    pub(crate) reason: i16,
    pub(crate) area_code: String,
    pub(crate) area_valid_from: jiff_sqlx::Date,
}

impl LineRow {
    /// As interfaces show it on the list of a month, without the articles.
    pub(crate) fn shown(self, month: Month) -> Result<ShownLine, Refused> {
        Ok(ShownLine {
            person: self.person_key,
            benefit: benefit_of(self.benefit)?,
            for_month: month_of(self.for_month)?,
            list_month: month,
            kind: LineKind::from_number(self.kind)
                .ok_or_else(|| Refused::Inconsistent(format!("no kind {}", self.kind)))?,
            amount: Dong(self.amount),
            coefficient: coefficient_of(self.coefficient),
            standard: Dong(i64::from(self.standard)),
            channel: channel_of(self.channel),
            reason: Reason::from_number(self.reason),
            law: Vec::new(),
            line: line_name(month, PersonId(self.person_id), self.line_no),
            person_id: PersonId(self.person_id),
            line_no: self.line_no,
            list_id: ListId(self.list_id),
            commune: (self.area_code, self.area_valid_from.to_jiff()),
        })
    }
}

/// Hands every line of the month that is paid in the area to `take`, by person, then number. What
/// `take` returns as an error ends it.
///
/// # Errors
/// As [`lists`], and the errors of `take`.
pub async fn show<E: From<Refused>>(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    mut take: impl FnMut(ShownLine) -> Result<(), E>,
) -> Result<(), E> {
    let lists = lists(office, actor, month, area).await?;
    let scope = Scope::of(area, month)?;
    let mut references = References::of(office, &lists);
    let (everywhere, (codes, since)) = match scope.columns() {
        None => (true, (Vec::new(), Vec::new())),
        Some(columns) => (false, columns),
    };
    let mut rows = sqlx::query_as!(
        LineRow,
        r#"select person_id, person_key, line_no, list_id, benefit, kind, for_month, amount,
                  coefficient, standard, channel, reason, list_line.area_code,
                  list_line.area_valid_from as "area_valid_from: jiff_sqlx::Date"
           from list_line join person using (person_id)
           where list_month = $1
             and ($2 or (list_line.area_code, list_line.area_valid_from)
                        in (select * from unnest($3::text[], $4::date[])))
           order by person_id, line_no"#,
        month.yyyymm(),
        everywhere,
        &codes,
        &since as _
    )
    .fetch(office.pool);
    while let Some(row) = rows.try_next().await.map_err(Refused::from)? {
        let line = row.shown(month)?;
        let law = references.of_line(&line);
        take(ShownLine { law, ..line })?;
    }
    Ok(())
}

type Factors = (
    Benefit,
    Coefficient,
    Dong,
    Month,
    Option<ProvinceCode>,
    Date,
);

/// The articles of stored lines, looked up once for each combination of factors.
pub(crate) struct References<'a> {
    law: &'a law::Law,
    as_of: HashMap<ListId, Date>,
    known: HashMap<Factors, Vec<String>>,
}

impl<'a> References<'a> {
    pub(crate) fn of(office: &Office<'a>, lists: &[Header]) -> References<'a> {
        References {
            law: office.law,
            as_of: lists
                .iter()
                .map(|list| (list.list_id, list.law_as_of))
                .collect(),
            known: HashMap::new(),
        }
    }

    pub(crate) fn of_line(&mut self, line: &ShownLine) -> Vec<String> {
        let Some(as_of) = self.as_of.get(&line.list_id).copied() else {
            return Vec::new();
        };
        let areas = Areas::embedded();
        let (code, valid_from) = &line.commune;
        let commune = areas.get(code, *valid_from);
        let province = commune.map(|commune| areas.province_code_of(commune));
        let factors = (
            line.benefit,
            line.coefficient,
            line.standard,
            line.for_month,
            province,
            as_of,
        );
        let law = self.law;
        let found = self.known.entry(factors).or_insert_with(|| {
            law.in_force(as_of).references(
                line.benefit,
                line.coefficient,
                line.standard,
                line.for_month,
                province,
            )
        });
        found.clone()
    }
}

/// What callers call the people.
pub(crate) async fn keys(
    office: &Office<'_>,
    people: &[i64],
) -> Result<HashMap<PersonId, String>, Refused> {
    let rows = sqlx::query!(
        "select person_id, person_key from person where person_id = any($1)",
        people
    )
    .fetch_all(office.pool)
    .await?;
    let keys = rows.into_iter();
    Ok(keys
        .map(|row| (PersonId(row.person_id), row.person_key))
        .collect())
}
