//! Reading dossiers: one with its steps, and lists of an area.

use access::Denied;
use access::audit::Action;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::personal_id::masked;
use kernel::{Actor, Clock, Month, PersonId};
use law::Benefit;
use registry::sight::{HANDLERS, READERS};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{Channel, Status, Step};

/// A dossier in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its code.
    pub dossier: String,
    /// Code of the procedure.
    pub procedure: String,
    /// Commune of the applicant, with what it lies in.
    pub commune: String,
    /// How it was submitted.
    pub channel: Channel,
    /// Whether a one-stop system sent it.
    pub from_one_stop: bool,
    /// Day of submission.
    pub submitted_on: Date,
    /// National status.
    pub status: Status,
    /// The status as users see it.
    pub status_name: &'static str,
    /// Stage of the regime it is in.
    pub stage: Option<String>,
    /// Last day to decide.
    pub due_on: Option<Date>,
    /// Whether that day has passed.
    pub overdue: bool,
}

/// A dossier with its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dossier {
    /// As in lists.
    #[serde(flatten)]
    pub row: Row,
    /// Code of the province.
    pub province: String,
    /// Name of the applicant.
    pub applicant: String,
    /// Whole, or its last four digits.
    pub applicant_id_number: Option<String>,
    /// The beneficiary, when the registry knows them.
    pub person_id: Option<PersonId>,
    /// Benefit asked for, unless it reveals an illness the reader may not know of.
    #[serde(serialize_with = "benefit_code")]
    pub benefit: Option<Benefit>,
    /// Where it came in: `counter`, `one_stop` (sent by the province's one-stop system) or `online` (by
    /// the citizen, in this system).
    pub origin: String,
    /// Whether it has the answers to a form.
    pub has_form: bool,
    /// What a request about a benefit that runs asks for: `adjust`, `stop` or `resume`.
    pub change_asked: Option<String>,
    /// Whether the reader works with people's papers there.
    #[serde(skip)]
    pub handler: bool,
    /// How many papers.
    pub papers: i16,
    /// How many of them came without a file.
    pub papers_missing: i16,
    /// Code of the regime of the day of reception.
    pub regime: Option<String>,
    /// In order.
    pub steps: Vec<Told>,
}

/// A step as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// From 1.
    pub seq: i32,
    /// When it happened.
    pub at: Timestamp,
    /// Stable code.
    pub kind: &'static str,
    /// What users see.
    pub name: &'static str,
    /// Its own facts; of the submission, nothing of the person.
    pub facts: Value,
    /// National status after it.
    pub status: Status,
    /// Last day to decide after it.
    pub due_on: Option<Date>,
    /// Done in the system.
    pub online: bool,
    /// `office`, `one_stop` or `citizen`.
    pub told_by: String,
    /// Who recorded it.
    pub recorded_by: String,
}

/// Which dossiers.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Code of the area; empty or `VN` is the whole country.
    pub area: String,
    /// Only of this status.
    pub status: Option<Status>,
    /// Only those whose last day to decide has passed.
    pub overdue: bool,
    /// Only those after this one in the order of the list.
    pub after: Option<String>,
    /// At most so many.
    pub limit: i64,
}

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No role there.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such dossier, or none the actor may see.
    #[error("không có hồ sơ {0}")]
    Unknown(String),
    /// What is stored cannot be read.
    #[error("dữ liệu đã lưu không nhất quán: {0}")]
    Inconsistent(String),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Denied(denied) => denied.code(),
            Refused::Unknown(_) => "unknown_dossier",
            Refused::Inconsistent(_) => "inconsistent",
            Refused::Database(_) => "database",
        }
    }
}

/// The dossier with the code. Recorded in the audit log.
///
/// # Errors
/// [`Refused::Unknown`] also for whoever may not look at dossiers of its commune.
pub async fn dossier(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    code: &str,
) -> Result<Dossier, Refused> {
    let unknown = || Refused::Unknown(code.to_owned());
    let mut tx = pool.begin().await?;
    let found = sqlx::query!(
        r#"select d.dossier_id, procedure_code, area_code,
                  area_valid_from as "since: jiff_sqlx::Date", province_code, channel, origin,
                  submitted_on as "submitted_on: jiff_sqlx::Date", applicant, applicant_id_number,
                  about.person_id as "person_id?", about.benefit as "benefit?", papers, papers_missing,
                  a.form is not null as "has_form!", a.change
           from dossier d join dossier_about about using (dossier_id)
                left join lateral (select form, answers ->> 'change' as change
                                   from dossier_answers where dossier_answers.dossier_id = d.dossier_id
                                   order by version desc limit 1) a on true
           where d.code = $1"#,
        code
    )
    .fetch_optional(&mut *tx)
    .await?;
    let found = found.ok_or_else(unknown)?;
    let areas = Areas::embedded();
    let area = areas.get(&found.area_code, found.since.to_jiff());
    let area = area.ok_or_else(|| Refused::Inconsistent(code.to_owned()))?;
    if !access::holds_in(actor, READERS, area) {
        return Err(unknown());
    }
    let handler = access::holds_in(actor, HANDLERS, area);
    let steps = sqlx::query!(
        r#"select seq, happened_at as "at: jiff_sqlx::Timestamp", body as "body!: sqlx::types::Json<Step>", status, online,
                  told_by, regime, stage, due_on as "due_on: jiff_sqlx::Date", recorded_by
           from dossier_step where dossier_id = $1 order by seq"#,
        found.dossier_id
    )
    .fetch_all(&mut *tx)
    .await?;
    let last = steps
        .last()
        .ok_or_else(|| Refused::Inconsistent(code.to_owned()))?;
    let status = status_of(last.status)?;
    let due_on = last.due_on.map(|day| day.to_jiff());
    let row = Row {
        dossier: code.to_owned(),
        procedure: found.procedure_code,
        commune: areas.written_path(area),
        channel: channel_of(found.channel)?,
        from_one_stop: found.origin == "one_stop",
        submitted_on: found.submitted_on.to_jiff(),
        status,
        status_name: status.vietnamese(),
        stage: last.stage.clone(),
        due_on,
        overdue: due_on.is_some_and(|day| day < clock.today()),
    };
    let benefit = found.benefit.and_then(Benefit::from_number);
    let dossier = Dossier {
        row,
        province: found.province_code,
        applicant: found.applicant,
        applicant_id_number: found.applicant_id_number.map(|number| match handler {
            true => number,
            false => masked(&number),
        }),
        person_id: found.person_id.map(PersonId),
        benefit: benefit.filter(|benefit| handler || !benefit.reveals_hiv()),
        origin: found.origin,
        has_form: found.has_form,
        change_asked: found.change,
        handler,
        papers: found.papers,
        papers_missing: found.papers_missing,
        regime: last.regime.clone(),
        steps: steps
            .into_iter()
            .map(|row| {
                Ok(Told {
                    seq: row.seq,
                    at: row.at.to_jiff(),
                    kind: row.body.code(),
                    name: row.body.vietnamese(),
                    facts: facts(&row.body),
                    status: status_of(row.status)?,
                    due_on: row.due_on.map(|day| day.to_jiff()),
                    online: row.online,
                    told_by: row.told_by,
                    recorded_by: row.recorded_by,
                })
            })
            .collect::<Result<_, Refused>>()?,
    };
    let (now, action) = (clock.now(), Action::DossierView);
    let object = format!("dossier {code}");
    access::audit::record(
        &mut tx,
        now,
        actor,
        action,
        &object,
        Some(area.code),
        json!({}),
    )
    .await?;
    tx.commit().await?;
    Ok(dossier)
}

/// The facts of a step without its kind. The submission's name the applicant, who is shown elsewhere
/// as far as the reader may see.
fn facts(step: &Step) -> Value {
    let facts = match step {
        Step::Submitted(submission) => Ok(json!({"papers": submission.papers})),
        step => serde_json::to_value(step),
    };
    let mut facts = facts.unwrap_or_default();
    if let Some(fields) = facts.as_object_mut() {
        fields.remove("kind");
    }
    facts
}

/// Dossiers of an area, the longest submitted first.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read in the area.
pub async fn list(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    filter: &Filter,
) -> Result<Vec<Row>, Refused> {
    access::require(actor, READERS, &filter.area)?;
    let today = clock.today();
    let areas = Areas::embedded();
    let everywhere = filter.area.is_empty() || filter.area == "VN";
    let communes = match everywhere {
        true => Vec::new(),
        false => areas.communes_under(&filter.area, Month::of(today)),
    };
    let (codes, since): (Vec<String>, Vec<jiff_sqlx::Date>) = communes
        .into_iter()
        .map(|(code, since)| (code.to_owned(), since.to_sqlx()))
        .unzip();
    let found = sqlx::query!(
        r#"select code, procedure_code, area_code, area_valid_from as "since: jiff_sqlx::Date",
                  channel, origin, submitted_on as "submitted_on: jiff_sqlx::Date", status, stage,
                  due_on as "due_on: jiff_sqlx::Date"
           from dossier d cross join lateral
                (select status, stage, due_on from dossier_step s
                 where s.dossier_id = d.dossier_id order by seq desc limit 1) last
           where ($1 or (area_code, area_valid_from)
                        in (select * from unnest($2::text[], $3::date[])))
             and ($4::smallint is null or status = $4)
             and (not $5 or due_on < $6)
             and ($7::text is null or (submitted_on, code)
                  > (select submitted_on, code from dossier where code = $7))
           order by submitted_on, code limit $8"#,
        everywhere,
        &codes,
        &since as _,
        filter.status.map(Status::number),
        filter.overdue,
        today.to_sqlx() as _,
        filter.after,
        filter.limit
    )
    .fetch_all(pool)
    .await?;
    found
        .into_iter()
        .map(|row| {
            let (status, due_on) = (status_of(row.status)?, row.due_on.map(|day| day.to_jiff()));
            let area = areas.get(&row.area_code, row.since.to_jiff());
            Ok(Row {
                dossier: row.code,
                procedure: row.procedure_code,
                commune: area.map_or(row.area_code, |area| areas.written_path(area)),
                channel: channel_of(row.channel)?,
                from_one_stop: row.origin == "one_stop",
                submitted_on: row.submitted_on.to_jiff(),
                status,
                status_name: status.vietnamese(),
                stage: row.stage,
                due_on,
                overdue: due_on.is_some_and(|day| day < today),
            })
        })
        .collect()
}

pub(crate) fn status_of(number: i16) -> Result<Status, Refused> {
    Status::from_number(number).ok_or_else(|| Refused::Inconsistent(format!("status {number}")))
}

pub(crate) fn channel_of(number: i16) -> Result<Channel, Refused> {
    Channel::from_number(number).ok_or_else(|| Refused::Inconsistent(format!("channel {number}")))
}

fn benefit_code<S: Serializer>(
    benefit: &Option<Benefit>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match benefit {
        Some(benefit) => serializer.serialize_some(benefit.code()),
        None => serializer.serialize_none(),
    }
}
