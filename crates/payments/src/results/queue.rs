//! Results that wait for a person: unknown lines, wrong amounts, money said to be paid twice,
//! whatever comes after a month is closed. Nothing in the queue is ever dropped.

use access::audit::Action;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Month};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::booking::Booking;
use super::record::{ROLES, lock_for_recording, store};
use super::{Form, Key, Reported, line_name};
use crate::proposal::Suggested;
use crate::{Office, Refused, Scope};

pub use super::state::Why;

/// Why a waiting result cannot be settled so.
#[derive(Debug, thiserror::Error)]
pub enum QueueRefused {
    /// No such number.
    #[error("không có kết quả chờ xử lý số {0}")]
    Unknown(i64),
    /// Somebody decided before.
    #[error("kết quả chờ xử lý số {0} đã có người xử lý")]
    Settled(i64),
    /// Nothing said why.
    #[error("cần ghi lý do của quyết định")]
    NoReason,
    /// The line does not take it.
    #[error("không ghi nhận kết quả này được: {0}; chỉ có thể bỏ qua kèm lý do")]
    NotRecordable(&'static str),
    /// Another line was named where the line is known.
    #[error("kết quả này đã biết dòng, không chọn dòng khác được")]
    LineIsKnown,
    /// Not the name of a line.
    #[error("mã dòng phải có dạng 2024-05-123-1")]
    NoLine,
}

impl QueueRefused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            QueueRefused::Unknown(_) => "unknown_queue_number",
            QueueRefused::Settled(_) => "settled_already",
            QueueRefused::NoReason => "reason_missing",
            QueueRefused::NotRecordable(_) => "not_recordable",
            QueueRefused::LineIsKnown => "line_is_known",
            QueueRefused::NoLine => "malformed",
        }
    }
}

/// What a person decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It counts; of an unknown line, as this line.
    Record {
        /// The line really meant, by its name.
        line: Option<String>,
    },
    /// It does not count.
    Dismiss,
}

/// A result on its way into the queue.
pub(super) struct Waiting {
    pub(super) why: Why,
    /// Commune of the line; without one, of the person its name speaks of.
    pub(super) area: Option<String>,
    pub(super) key: Option<Key>,
    pub(super) form: Form,
    pub(super) reported: Reported,
}

impl Waiting {
    /// By which the same result is known again.
    fn content(&self) -> Vec<u8> {
        let it = &self.reported;
        let reason = it.reason.as_deref().unwrap_or_default();
        let (status, day, amount) = (it.status.code(), it.date, it.amount);
        let whole = [&it.result_id, &it.line, status, reason].join("\u{1f}");
        Sha256::digest(format!("{whole}\u{1f}{day}\u{1f}{amount}")).to_vec()
    }
}

/// Puts results into the queue; one that waits, or was settled, is not put there again.
pub(super) async fn add(
    tx: &mut PgConnection,
    (actor, now): (&Actor, Timestamp),
    provider: &str,
    waiting: &[Waiting],
) -> Result<u64, Refused> {
    if waiting.is_empty() {
        return Ok(0);
    }
    let text = |of: fn(&Waiting) -> &str| -> Vec<&str> { waiting.iter().map(of).collect() };
    let contents: Vec<Vec<u8>> = waiting.iter().map(Waiting::content).collect();
    let forms = text(|it| it.form.code());
    let ids = text(|it| &it.reported.result_id);
    let lines = text(|it| &it.reported.line);
    let months: Vec<Option<i32>> = waiting.iter().map(|it| it.key.map(|key| key.0)).collect();
    let people: Vec<Option<i64>> = waiting.iter().map(|it| it.key.map(|key| key.1)).collect();
    let numbers: Vec<Option<i16>> = waiting.iter().map(|it| it.key.map(|key| key.2)).collect();
    let statuses = text(|it| it.reported.status.code());
    let days: Vec<jiff_sqlx::Date> = waiting
        .iter()
        .map(|it| it.reported.date.to_sqlx())
        .collect();
    let reasons: Vec<Option<&str>> = waiting
        .iter()
        .map(|it| it.reported.reason.as_deref())
        .collect();
    let amounts: Vec<i64> = waiting.iter().map(|it| it.reported.amount).collect();
    let whys = text(|it| it.why.code());
    let areas = text(|it| it.area.as_deref().unwrap_or_default());
    let added = sqlx::query!(
        "insert into result_queue (provider, recorded_by, recorded_at, content, form, result_id,
             line, list_month, person_id, line_no, status, happened_on, reason, amount, why,
             area_code)
         select $1, $2, $3, *
         from unnest($4::bytea[], $5::text[], $6::text[], $7::text[], $8::int[], $9::bigint[],
             $10::smallint[], $11::text[], $12::date[], $13::text[], $14::bigint[], $15::text[],
             $16::text[])
         on conflict (provider, content) do nothing",
        provider,
        actor.name,
        now.to_sqlx() as _,
        &contents,
        &forms as _,
        &ids as _,
        &lines as _,
        &months as _,
        &people as _,
        &numbers as _,
        &statuses as _,
        &days as _,
        &reasons as _,
        &amounts,
        &whys as _,
        &areas as _
    )
    .execute(tx)
    .await?;
    Ok(added.rows_affected())
}

/// A result that waits, or waited.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its number in the queue.
    pub queue_no: i64,
    /// Who reported it.
    pub provider: String,
    /// The provider's number.
    pub result_id: String,
    /// The line as the provider wrote it.
    pub line: String,
    /// What became of the line, the provider says.
    pub status: &'static str,
    /// The same as users see it.
    #[serde(skip)]
    pub status_name: &'static str,
    /// When, the provider says.
    pub date: Date,
    /// Why, the provider says.
    pub reason: Option<String>,
    /// Đồng, the provider says.
    pub amount: i64,
    /// Đồng of the line, when it is known.
    pub line_amount: Option<i64>,
    /// Why it waits: a stable code.
    pub why: &'static str,
    /// The same as a sentence.
    pub message: &'static str,
    /// Whether it may be recorded after all.
    pub recordable: bool,
    /// Code of the area it waits in; empty is the whole country.
    pub area: String,
    /// Who brought it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
    /// `record` or `dismiss`, once decided.
    pub decision: Option<String>,
    /// Why it was decided so.
    pub decision_reason: Option<String>,
    /// Who decided.
    pub resolved_by: Option<String>,
}

/// Results of a month's lines in an area that wait for a decision, oldest first; with `settled`
/// also those decided. Results of unknown lines are shown with every month, where they were brought.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn entries(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    settled: bool,
) -> Result<Vec<Entry>, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, crate::show::READERS, &scope.area)?;
    let codes: Vec<String> = scope.columns().map(|(codes, _)| codes).unwrap_or_default();
    let rows = sqlx::query!(
        r#"select q.queue_no, q.provider, q.result_id, q.line, q.status,
                  q.happened_on as "happened_on: jiff_sqlx::Date", q.reason, q.amount,
                  l.amount as "line_amount?", q.why, q.area_code, q.recorded_by,
                  q.recorded_at as "recorded_at: jiff_sqlx::Timestamp", s.decision as "decision?",
                  s.reason as "decision_reason?", s.resolved_by as "resolved_by?"
           from result_queue q
               left join result_resolution s using (queue_no)
               left join list_line l on l.list_month = q.list_month
                   and l.person_id = q.person_id and l.line_no = q.line_no
           where (q.list_month is null or q.list_month = $1)
             and ($2 or q.area_code = any($3) or q.area_code = $4)
             and ($5 or s.queue_no is null)
           order by q.queue_no"#,
        month.yyyymm(),
        scope.is_country(),
        &codes,
        scope.area,
        settled
    )
    .fetch_all(office.pool)
    .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let why = read_why(&row.why)?;
        let status = store::read_status(&row.status)?;
        entries.push(Entry {
            queue_no: row.queue_no,
            provider: row.provider,
            result_id: row.result_id,
            line: row.line,
            status: status.code(),
            status_name: status.vietnamese(),
            date: row.happened_on.to_jiff(),
            reason: row.reason,
            amount: row.amount,
            line_amount: row.line_amount,
            why: why.code(),
            message: why.sentence(),
            recordable: why.may_be_recorded(),
            area: row.area_code,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at.to_jiff(),
            decision: row.decision,
            decision_reason: row.decision_reason,
            resolved_by: row.resolved_by,
        });
    }
    Ok(entries)
}

pub(super) fn read_why(code: &str) -> Result<Why, Refused> {
    Why::from_code(code).ok_or_else(|| Refused::Inconsistent(format!("queue {code}")))
}

/// Settles a waiting result, once.
///
/// # Errors
/// [`Refused::Queue`], [`Refused::Denied`].
pub async fn resolve(
    office: &Office<'_>,
    actor: &Actor,
    queue_no: i64,
    decision: &Decision,
    reason: &str,
) -> Result<(), Refused> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(QueueRefused::NoReason.into());
    }
    let mut tx = office.pool.begin().await?;
    let found = waiting(&mut tx, queue_no).await?;
    access::require(actor, &ROLES, &found.area)?;
    lock_for_recording(&mut tx, &found.provider).await?;
    let code = match decision {
        Decision::Record { .. } => "record",
        Decision::Dismiss => "dismiss",
    };
    let now = office.clock.now();
    let settled = sqlx::query!(
        "insert into result_resolution (queue_no, decision, reason, resolved_by, resolved_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
        queue_no,
        code,
        reason,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if settled.rows_affected() != 1 {
        return Err(QueueRefused::Settled(queue_no).into());
    }
    if let Decision::Record { line } = decision {
        record(&mut tx, (actor, now), queue_no, &found, line.as_deref()).await?;
    }
    let detail = json!({ "decision": code, "why": found.why.code() });
    let object = queue_no.to_string();
    let area = Some(found.area.as_str());
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::ResultsResolve,
        &object,
        area,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

struct Found {
    provider: String,
    area: String,
    why: Why,
    key: Option<Key>,
    form: Form,
    reported: Reported,
}

async fn waiting(tx: &mut PgConnection, queue_no: i64) -> Result<Found, Refused> {
    let row = sqlx::query!(
        r#"select provider, form, result_id, line, list_month, person_id, line_no, status,
                  happened_on as "happened_on: jiff_sqlx::Date", reason, amount, why, area_code
           from result_queue where queue_no = $1"#,
        queue_no
    )
    .fetch_optional(tx)
    .await?
    .ok_or(QueueRefused::Unknown(queue_no))?;
    let key = row.list_month.zip(row.person_id).zip(row.line_no);
    Ok(Found {
        provider: row.provider,
        area: row.area_code,
        why: read_why(&row.why)?,
        key: key.map(|((month, person), number)| (month, person, number)),
        form: store::read_form(&row.form)?,
        reported: Reported {
            result_id: row.result_id,
            line: row.line,
            status: store::read_status(&row.status)?,
            date: row.happened_on.to_jiff(),
            reason: row.reason,
            amount: row.amount,
        },
    })
}

/// Records what a person believes, unless it would pay somebody twice.
async fn record(
    tx: &mut PgConnection,
    (actor, now): (&Actor, Timestamp),
    queue_no: i64,
    found: &Found,
    line: Option<&str>,
) -> Result<(), Refused> {
    if !found.why.may_be_recorded() {
        return Err(QueueRefused::NotRecordable(found.why.sentence()).into());
    }
    let key = match (found.key, line) {
        (Some(_), Some(_)) => return Err(QueueRefused::LineIsKnown.into()),
        (Some(key), None) => key,
        (None, line) => {
            line_name(line.unwrap_or(&found.reported.line)).ok_or(QueueRefused::NoLine)?
        }
    };
    let refuse = |why: Why| QueueRefused::NotRecordable(why.sentence());
    let lines = store::lines(tx, std::iter::once(key)).await?;
    let state = lines.get(&key).ok_or_else(|| refuse(Why::UnknownLine))?;
    access::require(actor, &ROLES, &state.place.area)?;
    let reported = &found.reported;
    if state.amount != reported.amount {
        return Err(refuse(Why::WrongAmount).into());
    }
    if state.is_of_another(&found.provider) {
        return Err(refuse(Why::OtherProvider).into());
    }
    if state.came_back_since(reported.status, reported.date) {
        let why = "tiền của dòng này đã được báo là hoàn trả từ ngày đó";
        return Err(QueueRefused::NotRecordable(why).into());
    }
    match state.refuses(reported.status, reported.date) {
        None | Some(Why::Contradicts) => {}
        Some(why) => return Err(refuse(why).into()),
    }
    let mut booking = Booking::default();
    booking.add(key.0, state, reported.status);
    let (provider, place) = (&found.provider, &state.place);
    let origin = (queue_no, found.form);
    store::record_one(tx, (actor, now), provider, origin, key, reported).await?;
    booking
        .book(tx, (actor, now), provider, &place.area)
        .await?;
    let mut suggested = Suggested::default();
    suggested.add(key.1, key.0, reported.status, reported.reason.as_deref());
    suggested.propose(tx, (actor, now)).await
}
