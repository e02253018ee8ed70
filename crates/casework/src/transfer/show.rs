//! Transfers as the two places see them.

use access::audit::Action;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::area::Areas;
use kernel::{Actor, Clock, Month, PartialDate, PersonId};
use law::Benefit;
use registry::sight::READERS;
use serde::Serialize;
use sqlx::PgPool;

use super::{TransferRefused, regime};
use crate::apply::ApplyError;

/// A recorded transfer with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its number.
    pub transfer_no: i64,
    /// Who moves.
    pub person: PersonId,
    /// Their name.
    pub full_name: String,
    /// The commune that paid: code and first day of its era.
    pub from: (String, Date),
    /// The commune asked to pay on.
    pub to: (String, Date),
    /// Day of the request.
    pub asked_on: Date,
    /// Last month paid at the old place.
    pub last_month: Month,
    /// The decision to stop there: number, day, signer.
    pub stopped_by: (String, Date, String),
    /// Papers sent along.
    pub papers: Vec<String>,
    /// The article.
    pub law: String,
    /// Last day for the new place.
    pub due_on: Date,
    /// Who told of it.
    pub reported_by: String,
    /// When.
    pub reported_at: Timestamp,
    /// What became of it: `accepted`, `refused`, `withdrawn`.
    pub answer: Option<String>,
    /// Why, when it is not accepted.
    pub reason: String,
    /// The new place's decision: number and day.
    pub taken_by: Option<(String, Date)>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

/// Which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// People who come.
    #[default]
    In,
    /// People who go.
    Out,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not answered.
    #[default]
    Waiting,
    /// Not answered, past its last day.
    Overdue,
    /// Answered.
    Answered,
    /// All.
    Any,
}

/// Which transfers, and how many of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// An area; empty is everywhere the actor may look.
    pub area: String,
    /// Which way, as seen from the area.
    pub direction: Direction,
    /// Where it stands.
    pub state: State,
    /// Only the one with this number.
    pub number: Option<i64>,
    /// Rows to pass over.
    pub offset: i64,
    /// Rows at most.
    pub limit: i64,
}

/// Some transfers, and how many there are on all.
#[derive(Clone, Debug)]
pub struct Page {
    /// The one that must be answered first comes first.
    pub rows: Vec<Told>,
    /// Of all pages.
    pub count: i64,
}

impl Told {
    /// Whether nobody answered though the last day has passed.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.answer.is_none() && self.due_on < today
    }

    /// Last day of the old place to send the papers; `None` where the calendar ends.
    pub fn sent_by(&self) -> Option<Date> {
        regime::on(self.asked_on).last_day(regime::Place::Old, self.asked_on)
    }
}

/// What users see of an answer, by its code.
pub fn vietnamese(answer: &str) -> &'static str {
    match answer {
        "accepted" => "Đã tiếp nhận",
        "refused" => "Không tiếp nhận",
        _ => "Nơi đi đã rút",
    }
}

/// Transfers of an area in one direction, for whoever may look at people there.
///
/// # Errors
/// [`TransferRefused::Denied`] for an area the actor may not look at.
pub async fn list(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    filter: &Filter,
) -> Result<Page, TransferRefused> {
    if !filter.area.is_empty() && filter.area != "VN" {
        access::require(actor, READERS, &filter.area)?;
    }
    let held = access::codes_held(actor, READERS);
    let inside = communes(&filter.area);
    let out = filter.direction == Direction::Out;
    let (waiting, overdue, answered) = match filter.state {
        State::Waiting => (true, false, false),
        State::Overdue => (true, true, false),
        State::Answered => (false, false, true),
        State::Any => (false, false, false),
    };
    let rows = sqlx::query!(
        r#"select t.transfer_no, t.person_id, p.full_name, t.from_code,
                  t.from_valid_from as "from_since: jiff_sqlx::Date", t.to_code,
                  t.to_valid_from as "to_since: jiff_sqlx::Date",
                  t.asked_on as "asked_on: jiff_sqlx::Date", t.last_month, t.number,
                  t.signed_on as "signed_on: jiff_sqlx::Date", t.signed_by, t.papers, t.law,
                  t.due_on as "due_on: jiff_sqlx::Date", t.reported_by,
                  t.reported_at as "reported_at: jiff_sqlx::Timestamp", a.answer as "answer?",
                  a.reason as "reason?", a.number as "taken_number?",
                  a.signed_on as "taken_on?: jiff_sqlx::Date",
                  a.answered_at as "answered_at?: jiff_sqlx::Timestamp",
                  count(*) over () as "count!"
           from transfer t join person p using (person_id)
               left join transfer_answer a using (transfer_no)
           where ($1::text[] is null or case when $3 then t.from_code else t.to_code end = any($1))
             and ($2::text[] is null or case when $3 then t.from_code else t.to_code end = any($2))
             and (not $4 or a.transfer_no is null) and (not $5 or t.due_on < $7::date)
             and (not $6 or a.transfer_no is not null)
             and ($10::bigint is null or t.transfer_no = $10)
           order by a.transfer_no is not null, t.due_on, t.transfer_no limit $8 offset $9"#,
        held.as_deref(),
        inside.as_deref(),
        out,
        waiting,
        overdue,
        answered,
        clock.today().to_sqlx() as _,
        filter.limit,
        filter.offset,
        filter.number
    )
    .fetch_all(pool)
    .await?;
    let count = rows.first().map_or(0, |row| row.count);
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        told.push(Told {
            transfer_no: row.transfer_no,
            person: PersonId(row.person_id),
            full_name: row.full_name,
            from: (row.from_code, row.from_since.to_jiff()),
            to: (row.to_code, row.to_since.to_jiff()),
            asked_on: row.asked_on.to_jiff(),
            last_month: month_of(row.last_month)?,
            stopped_by: (row.number, row.signed_on.to_jiff(), row.signed_by),
            papers: row.papers,
            law: row.law,
            due_on: row.due_on.to_jiff(),
            reported_by: row.reported_by,
            reported_at: row.reported_at.to_jiff(),
            answer: row.answer,
            reason: row.reason.unwrap_or_default(),
            taken_by: row.taken_number.zip(row.taken_on.map(|day| day.to_jiff())),
            answered_at: row.answered_at.map(|at| at.to_jiff()),
        });
    }
    Ok(Page { rows: told, count })
}

/// One transfer, for whoever may look at people at one of its places.
///
/// # Errors
/// [`TransferRefused::Unknown`], also for those who may not see it.
pub async fn one(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    number: i64,
) -> Result<Told, TransferRefused> {
    for direction in [Direction::In, Direction::Out] {
        let filter = Filter {
            direction,
            state: State::Any,
            number: Some(number),
            limit: 1,
            ..Filter::default()
        };
        if let Some(told) = list(pool, actor, clock, &filter).await?.rows.pop() {
            let mut tx = pool.begin().await?;
            let detail = serde_json::json!({ "transfer": told.transfer_no });
            let object = format!("person {}", told.person);
            let (now, area) = (clock.now(), Some(told.to.0.as_str()));
            access::audit::record(
                &mut tx,
                now,
                actor,
                Action::PersonView,
                &object,
                area,
                detail,
            )
            .await?;
            tx.commit().await?;
            return Ok(told);
        }
    }
    Err(TransferRefused::Unknown(number))
}

/// What the place that decides must know of somebody who does not live there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mover {
    /// As far as known.
    pub birth_date: PartialDate,
    /// As received.
    pub id_number: Option<String>,
    /// Monthly benefits that go on.
    pub benefits: Vec<Benefit>,
}

/// Who moves, for officers of either place.
///
/// # Errors
/// [`TransferRefused::Denied`], [`TransferRefused::Unknown`].
pub async fn mover(pool: &PgPool, actor: &Actor, told: &Told) -> Result<Mover, TransferRefused> {
    let keeps = |(code, since): &(String, Date)| {
        let area = Areas::embedded().get(code, *since);
        area.is_some_and(|area| access::holds_in(actor, &[Role::Officer], area))
    };
    if !keeps(&told.to) && !keeps(&told.from) {
        access::require(actor, &[Role::Officer], &told.to.0)?;
    }
    let row = sqlx::query!(
        r#"select birth_date as "birth_date: jiff_sqlx::Date", birth_precision, id_number,
                  array(select distinct benefit from enrolment e
                        where e.person_id = p.person_id and to_month is null
                        order by benefit) as "benefits!"
           from person p where person_id = $1"#,
        told.person.0
    )
    .fetch_optional(pool)
    .await?
    .ok_or(TransferRefused::Unknown(told.transfer_no))?;
    let benefits = row.benefits.into_iter().filter_map(Benefit::from_number);
    Ok(Mover {
        birth_date: PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision),
        id_number: row.id_number,
        benefits: benefits.filter(|benefit| !benefit.is_one_off()).collect(),
    })
}

fn month_of(number: i32) -> Result<Month, TransferRefused> {
    let month = Month::from_yyyymm(number);
    Ok(month.map_err(|error| ApplyError::Inconsistent(error.to_string()))?)
}

/// Codes of the communes of an area of any era; `None` is everywhere.
fn communes(area: &str) -> Option<Vec<String>> {
    if area.is_empty() || area == "VN" {
        return None;
    }
    let areas = Areas::embedded();
    let inside = areas
        .all()
        .iter()
        .filter(|it| it.lowest && areas.contains(area, it));
    Some(inside.map(|it| it.code.to_owned()).collect())
}
