//! Who asked what of whom and for which purpose, and how the checks of an area stand.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::area::Areas;
use kernel::personal_id::masked;
use kernel::{Actor, Clock, Month, PersonId};
use registry::sight::{self, Columns};
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use crate::Refused;

/// Who may look at the log of a place; others see what they asked themselves.
pub const LOG_READERS: [Role; 2] = [Role::Leader, Role::Auditor];

/// Which requests.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Code of the area; empty or `VN` is the whole country.
    pub area: String,
    /// Only of this person.
    pub person: Option<PersonId>,
    /// Only those without an answer of the service.
    pub unanswered: bool,
    /// Rows to pass over.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number.
    pub no: i64,
    /// Its code, as the service knows it.
    pub code: String,
    /// `033` or `037`.
    pub service: String,
    /// Whom it was about.
    pub person: i64,
    /// Their name as recorded now.
    pub full_name: String,
    /// Last digits of their ID number as recorded now.
    pub id_number: Option<String>,
    /// Code of their commune when asked about.
    pub area: String,
    /// Who asked.
    pub asked_by: String,
    /// Their own id at the service.
    pub officer: String,
    /// What for.
    pub purpose: String,
    /// What of the person was sent, joined by commas.
    pub fields: String,
    /// When.
    pub asked_at: Timestamp,
    /// `found`, `nothing`, `service_error`; empty when it was interrupted.
    pub answer: String,
    /// Which error.
    pub error: Option<String>,
    /// What the check it ended came to, if it was the last request of one.
    pub outcome: Option<String>,
}

/// Requests, the newest first: those of places whose log the actor may read, and their own. The look is in
/// the audit log.
///
/// # Errors
/// [`Refused::Denied`] for whoever sees no people there.
pub async fn list(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    filter: &Filter,
) -> Result<Vec<Row>, Refused> {
    access::require(actor, sight::READERS, &filter.area)?;
    let month = Month::of(clock.today());
    let inside = inside(&filter.area, month);
    let read = sight::communes_of(actor, &LOG_READERS, &filter.area, month);
    let mut tx = pool.begin().await?;
    let rows = sqlx::query!(
        r#"select r.request_no, r.request_code, service, r.person_id, p.full_name, p.id_number,
                  r.area_code, asked_by, officer, purpose, array_to_string(r.fields, ',') as "fields!",
                  asked_at as "asked_at: jiff_sqlx::Timestamp", a.answer as "answer?",
                  a.code as "error?", c.outcome as "outcome?"
           from population_request r join person p using (person_id)
                left join population_answer a using (request_no)
                left join population_check c on c.request_code = r.request_code
           where ($1 or (r.area_code, r.area_valid_from) in
                        (select * from unnest($2::text[], $3::date[])))
             and ($4::text[] is null or asked_by = $6 or (r.area_code, r.area_valid_from) in
                  (select * from unnest($4::text[], $5::date[])))
             and ($7::bigint is null or r.person_id = $7)
             and (not $8 or a.answer is null or a.answer = 'service_error')
           order by r.request_no desc offset $9 limit $10"#,
        inside.is_none(),
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
        read.as_ref().map(|read| &read.codes[..]) as _,
        read.as_ref().map(|read| &read.since[..]) as _,
        actor.name,
        filter.person.map(|id| id.0),
        filter.unanswered,
        filter.offset,
        filter.limit
    )
    .fetch_all(&mut *tx)
    .await?;
    let detail = json!({ "rows": rows.len() });
    let area = Some(filter.area.as_str()).filter(|area| !area.is_empty());
    access::audit::record(
        &mut tx,
        clock.now(),
        actor,
        access::audit::Action::PopulationLog,
        "population",
        area,
        detail,
    )
    .await?;
    tx.commit().await?;
    let rows = rows.into_iter().map(|row| Row {
        no: row.request_no,
        code: row.request_code,
        service: row.service,
        person: row.person_id,
        full_name: row.full_name,
        id_number: row.id_number.as_deref().map(masked),
        area: row.area_code,
        asked_by: row.asked_by,
        officer: row.officer,
        purpose: row.purpose,
        fields: row.fields,
        asked_at: row.asked_at.to_jiff(),
        answer: row.answer.unwrap_or_default(),
        error: row.error,
        outcome: row.outcome,
    });
    Ok(rows.collect())
}

/// The communes of an area; `None` is the whole country.
fn inside(area: &str, month: Month) -> Option<Columns> {
    if area.is_empty() || area == "VN" {
        return None;
    }
    let communes = Areas::embedded().communes_under(area, month);
    let (codes, since) = communes
        .into_iter()
        .map(|(code, since)| (code.to_owned(), since.to_sqlx()))
        .unzip();
    Some(Columns { codes, since })
}

/// A check of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckRow {
    /// Whom it was about.
    pub person: i64,
    /// Their name as recorded now.
    pub full_name: String,
    /// Commune when asked about, with what it lies in.
    pub commune: String,
    /// `verified`, `mismatch`, `no_data`, `service_error`.
    pub outcome: String,
    /// Which fields differ.
    pub fields: Vec<String>,
    /// Who asked.
    pub checked_by: String,
    /// When.
    pub checked_at: Timestamp,
}

/// The checks of an area, the newest first, and how many there are. `outcome` narrows it to one.
///
/// # Errors
/// [`Refused::Denied`] for whoever sees no people there.
pub async fn checks(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    filter: &Filter,
    outcome: Option<&str>,
) -> Result<(Vec<CheckRow>, i64), Refused> {
    access::require(actor, sight::READERS, &filter.area)?;
    let inside = inside(&filter.area, Month::of(clock.today()));
    let codes = inside.as_ref().map(|inside| &inside.codes[..]);
    let since = inside.as_ref().map(|inside| &inside.since[..]);
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from population_check
           where ($1::text[] is null or (area_code, area_valid_from) in
                  (select * from unnest($1::text[], $2::date[])))
             and ($3::text is null or outcome = $3)"#,
        codes as _,
        since as _,
        outcome
    )
    .fetch_one(pool)
    .await?;
    let rows = sqlx::query!(
        r#"select c.person_id, p.full_name, c.area_code,
                  c.area_valid_from as "since: jiff_sqlx::Date", outcome, fields, checked_by,
                  checked_at as "checked_at: jiff_sqlx::Timestamp"
           from population_check c join person p using (person_id)
           where ($1::text[] is null or (c.area_code, c.area_valid_from) in
                  (select * from unnest($1::text[], $2::date[])))
             and ($3::text is null or outcome = $3)
           order by check_no desc offset $4 limit $5"#,
        codes as _,
        since as _,
        outcome,
        filter.offset,
        filter.limit
    )
    .fetch_all(pool)
    .await?;
    let areas = Areas::embedded();
    let rows = rows.into_iter().map(|row| {
        let area = areas.get(&row.area_code, row.since.to_jiff());
        CheckRow {
            person: row.person_id,
            full_name: row.full_name,
            commune: area.map_or(row.area_code, |area| areas.written_path(area)),
            outcome: row.outcome,
            fields: row.fields,
            checked_by: row.checked_by,
            checked_at: row.checked_at.to_jiff(),
        }
    });
    Ok((rows.collect(), count))
}
