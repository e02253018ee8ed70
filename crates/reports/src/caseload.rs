//! How many people and households a month's list pays, and how much.
//!
//! Somebody who takes care of another is counted as a household, not as a person: the allowance is
//! the family's. Whoever also has a benefit of their own is counted there as a person.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use jiff::civil::Date;
use kernel::{Actor, Dong, Month};
use law::{Benefit, Law};
use payments::{Office, Refused};
use serde::Serialize;

use crate::question::{By, Question, Source};
use crate::reach::Reach;

/// Benefits paid to whoever takes care of another.
pub(crate) const CARERS: [Benefit; 4] = [
    Benefit::CarerChild,
    Benefit::CarerOlder,
    Benefit::CarerDisability,
    Benefit::HouseholdCarer,
];

/// People, households and money.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Figures {
    /// People who draw a benefit of their own this month, each counted once.
    pub people: i64,
    /// Households that draw a carer's allowance this month, each counted once.
    pub households: i64,
    /// Everybody the two are made of, each counted once.
    pub recipients: i64,
    /// Đồng to pay, arrears and money carried over included: what the list pays.
    pub amount: Dong,
    /// Đồng owed back, zero or negative; not set off.
    pub recoverable: Dong,
}

/// What a row is of.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// A benefit's code.
    Benefit(Benefit),
    /// An area's code.
    Area(String),
    /// A channel's code, `none` where nothing is set.
    Channel(&'static str),
    /// Đồng at coefficient 1.0.
    Standard(String),
}

impl Key {
    /// The code alone.
    pub fn code(&self) -> &str {
        match self {
            Key::Benefit(benefit) => benefit.code(),
            Key::Area(code) | Key::Standard(code) => code,
            Key::Channel(code) => code,
        }
    }
}

/// One row of the board.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Row {
    /// Of what.
    #[serde(flatten)]
    pub key: Key,
    /// The same in Vietnamese.
    pub name: String,
    /// How many, how much.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The board of a month and area.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Caseload {
    /// Always `caseload`.
    pub report: &'static str,
    /// The month of the list.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// What a row is.
    pub by: By,
    /// The lists the figures come from; they may reach beyond the area.
    pub lists: Vec<Source>,
    /// In the order of the law's table, of area codes, or of channels.
    pub rows: Vec<Row>,
    /// Everything; somebody in two rows is counted once.
    pub total: Figures,
}

/// The board, from the lists of the month, drafts too.
///
/// # Errors
/// [`Refused::NoList`] when the area has no list of the month, [`Refused::UnknownArea`],
/// [`Refused::Denied`].
pub async fn caseload(
    office: &Office<'_>,
    actor: &Actor,
    question: &Question,
) -> Result<Caseload, Refused> {
    let (reach, lists) = question.sources(office, actor).await?;
    let mut rows: BTreeMap<(i64, Key), Row> = BTreeMap::new();
    let mut total = Figures::default();
    for group in groups(office, question.by, &reach).await? {
        let Some(key) = group.key else {
            total = group.figures;
            continue;
        };
        let (order, key, name) = match question.by {
            By::Benefit => benefit_row(office.law, &key)?,
            By::Channel => channel_row(&key)?,
            By::Standard => standard_row(&key)?,
            By::Area | By::FormerDistrict | By::FormerProvince => {
                let division = question.by.division().unwrap_or_default();
                let (since, former) = group.place.unwrap_or_default();
                let (code, name, _) = reach.row(division, (&key, since), &former)?;
                (0, Key::Area(code), name)
            }
        };
        // Communes are added up to the areas asked for: nobody is in two communes of one month.
        let row = rows.entry((order, key.clone())).or_insert_with(|| Row {
            key,
            name,
            figures: Figures::default(),
        });
        row.figures += group.figures;
    }
    Ok(Caseload {
        report: "caseload",
        month: question.month,
        area: reach.scope.area,
        by: question.by,
        lists,
        rows: rows.into_values().collect(),
        total,
    })
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Figures) {
        self.people += other.people;
        self.households += other.households;
        self.recipients += other.recipients;
        self.amount += other.amount;
        self.recoverable += other.recoverable;
    }
}

/// Communes added up by the database; without a key, all of them.
struct Group {
    key: Option<String>,
    /// Of communes: the first day, and the former district.
    place: Option<(Date, String)>,
    figures: Figures,
}

async fn groups(office: &Office<'_>, by: By, reach: &Reach) -> Result<Vec<Group>, Refused> {
    let place = reach.columns();
    let kind = match by {
        By::Benefit => "benefit",
        By::Area | By::FormerDistrict | By::FormerProvince => "all",
        By::Channel => "channel",
        By::Standard => "standard",
    };
    let rows = sqlx::query!(
        r#"with inside as (
               select * from board_caseload
               where month = $1 and kind in ('all', $5)
                 and ($2 or (area_code, area_valid_from)
                            in (select * from unnest($3::text[], $4::date[])))
                 and ($6::text[] is null or former_code = any($6)))
           select null as key, null as "since: jiff_sqlx::Date", null as former,
                  coalesce(sum(people), 0)::bigint as "people!",
                  coalesce(sum(households), 0)::bigint as "households!",
                  coalesce(sum(recipients), 0)::bigint as "recipients!",
                  coalesce(sum(amount), 0)::bigint as "amount!",
                  coalesce(sum(recoverable), 0)::bigint as "recoverable!"
           from inside where kind = 'all'
           union all
           select case $5 when 'all' then area_code else key::text end,
                  case $5 when 'all' then area_valid_from end,
                  case $5 when 'all' then former_code end,
                  sum(people)::bigint, sum(households)::bigint, sum(recipients)::bigint,
                  sum(amount)::bigint, sum(recoverable)::bigint
           from inside where kind = $5 group by 1, 2, 3"#,
        reach.scope.month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        kind,
        place.former as _,
    )
    .fetch_all(office.pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Group {
            key: row.key,
            place: row.since.map(|since| since.to_jiff()).zip(row.former),
            figures: Figures {
                people: row.people,
                households: row.households,
                recipients: row.recipients,
                amount: Dong(row.amount),
                recoverable: Dong(row.recoverable),
            },
        })
        .collect())
}

fn benefit_row(law: &Law, number: &str) -> Result<(i64, Key, String), Refused> {
    let benefit = number.parse().ok().and_then(Benefit::from_number);
    let benefit = benefit.ok_or_else(|| Refused::Inconsistent(format!("no benefit {number}")))?;
    Ok((
        benefit.number().into(),
        Key::Benefit(benefit),
        law.name(benefit).to_owned(),
    ))
}

fn channel_row(number: &str) -> Result<(i64, Key, String), Refused> {
    let no_channel = || Refused::Inconsistent(format!("no channel {number}"));
    let number: i16 = number.parse().map_err(|_| no_channel())?;
    if number == 0 {
        return Ok((
            0,
            Key::Channel("none"),
            "Chưa đăng ký hình thức nhận".to_owned(),
        ));
    }
    let channel = payments::line::channel_of(number).ok_or_else(no_channel)?;
    Ok((
        number.into(),
        Key::Channel(channel.code()),
        channel.vietnamese().to_owned(),
    ))
}

fn standard_row(number: &str) -> Result<(i64, Key, String), Refused> {
    let no_amount = |_| Refused::Inconsistent(format!("no standard {number}"));
    let amount: i64 = number.parse().map_err(no_amount)?;
    let name = format!("Mức chuẩn {} đồng", Dong(amount));
    Ok((amount, Key::Standard(number.to_owned()), name))
}
