//! Fields that both sides changed: both values, who said them when and where, and what a person decides.

use access::audit::Action;
use casework::correct::{CORRECTORS, CorrectError, Correction, settle_within};
use casework::form::{self, Answer, Answers, Form};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Clock, Month};
use registry::sight::communes_of;
use serde::Serialize;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::Refused;
use crate::owner::{Owner, Verdict};

/// Which value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Takes {
    /// What this side has.
    Ours,
    /// What the one-stop system says.
    Theirs,
}

impl Takes {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Takes::Ours => "ours",
            Takes::Theirs => "theirs",
        }
    }

    /// By its stable code.
    pub fn from_code(code: &str) -> Option<Takes> {
        [Takes::Ours, Takes::Theirs]
            .into_iter()
            .find(|takes| takes.code() == code)
    }
}

/// A value, who said it, when and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// In words; empty when there is none.
    pub value: String,
    /// Sign-in name.
    pub by: String,
    /// When it was recorded here.
    pub at: Timestamp,
    /// `office`, `one_stop` or `citizen`.
    pub side: String,
}

/// A field both sides changed, that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// Its number.
    pub no: i64,
    /// Code of the dossier.
    pub dossier: String,
    /// The commune that decides, with what it lies in.
    pub commune: String,
    /// Code of the field.
    pub field: String,
    /// What users see above it.
    pub label: String,
    /// Who owns the field.
    pub owner: Owner,
    /// What both sides last had, in words.
    pub before: String,
    /// What this side has.
    pub ours: Said,
    /// What the one-stop system says.
    pub theirs: Said,
}

/// A field of a dossier that a message changed, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Code of the field.
    pub field: String,
    /// What users see above it.
    pub label: String,
    /// Who owns it.
    pub owner: Owner,
    /// What became of it.
    pub verdict: Verdict,
    /// What this side had, in words.
    pub ours: String,
    /// What the message says, in words.
    pub theirs: String,
    /// When it came.
    pub at: Timestamp,
    /// What a person decided: which value, who, why.
    pub decided: Option<(String, String, String)>,
}

/// How many fields wait for the actor to decide.
///
/// # Errors
/// Those of the database.
pub async fn count(pool: &PgPool, actor: &Actor, clock: &Clock) -> Result<i64, Refused> {
    if actor.areas_of(CORRECTORS).next().is_none() {
        return Ok(0);
    }
    let scope = communes_of(actor, CORRECTORS, "", Month::of(clock.today()));
    let codes = scope.as_ref().map(|it| it.codes.clone());
    let since = scope.map(|it| it.since.clone()).unwrap_or_default();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from exchange_open_conflict c join dossier d using (dossier_id)
           where $1::text[] is null or (d.area_code, d.area_valid_from)
                 in (select * from unnest($1::text[], $2::date[]))"#,
        codes.as_deref() as _,
        &since as _
    )
    .fetch_one(pool)
    .await?;
    Ok(count)
}

/// How many fields of a dossier wait for a person, for somebody who has been shown the dossier.
///
/// # Errors
/// Those of the database.
pub async fn count_of(pool: &PgPool, dossier: &str) -> Result<i64, Refused> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from exchange_open_conflict c join dossier d using (dossier_id)
           where d.code = $1"#,
        dossier
    )
    .fetch_one(pool)
    .await?;
    Ok(count)
}

/// The fields that wait for the actor to decide, of one dossier or of all, the oldest first: so many, after
/// passing over some. Looking is recorded in the audit log.
///
/// # Errors
/// [`Refused::Denied`] for whoever decides nowhere.
pub async fn open(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    dossier: Option<&str>,
    (offset, limit): (i64, i64),
) -> Result<Vec<Conflict>, Refused> {
    if actor.areas_of(CORRECTORS).next().is_none() {
        access::require(actor, CORRECTORS, "")?;
    }
    let scope = communes_of(actor, CORRECTORS, "", Month::of(clock.today()));
    let codes = scope.as_ref().map(|it| it.codes.clone());
    let since = scope.map(|it| it.since.clone()).unwrap_or_default();
    let mut tx = pool.begin().await?;
    let rows = sqlx::query!(
        r#"select c.field_no as "no!", c.dossier_id as "dossier_id!", d.code, d.area_code,
                  d.area_valid_from as "since: jiff_sqlx::Date", c.field as "field!", c.owner as "owner!",
                  c.before as "before: Json<Answer>", c.theirs as "theirs: Json<Answer>", i.received_by,
                  i.received_at as "at: jiff_sqlx::Timestamp"
           from exchange_open_conflict c join dossier d using (dossier_id)
                join exchange_inbox i using (inbox_no)
           where ($1::text[] is null or (d.area_code, d.area_valid_from)
                  in (select * from unnest($1::text[], $2::date[])))
             and ($3::text is null or d.code = $3)
           order by c.field_no offset $4 limit $5"#,
        codes.as_deref() as _,
        &since as _,
        dossier,
        offset,
        limit
    )
    .fetch_all(&mut *tx)
    .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.dossier_id).collect();
    let versions = versions(&mut tx, &ids).await?;
    let mut conflicts = Vec::with_capacity(rows.len());
    for row in rows {
        let broken = || Refused::Inconsistent(format!("conflict {}", row.no));
        let own: Vec<&Version> = versions
            .iter()
            .filter(|it| it.dossier == row.dossier_id)
            .collect();
        let last = own.last().ok_or_else(broken)?;
        let field = last.form.field(&row.field).ok_or_else(broken)?;
        let ours = last.answers.get(&row.field);
        let said = own.iter().rev();
        let said = said
            .take_while(|it| it.answers.get(&row.field) == ours)
            .last();
        let said = said.ok_or_else(broken)?;
        let area = Areas::embedded().get(&row.area_code, row.since.to_jiff());
        let in_words = |answer: Option<&Answer>| last.form.in_words(field, answer);
        conflicts.push(Conflict {
            no: row.no,
            dossier: row.code,
            commune: area.map_or(row.area_code, |area| Areas::embedded().written_path(area)),
            label: field.label.clone(),
            owner: Owner::from_code(&row.owner).ok_or_else(broken)?,
            before: in_words(row.before.as_ref().map(|it| &it.0)),
            ours: Said {
                value: in_words(ours),
                by: said.by.clone(),
                at: said.at,
                side: said.told_by.clone(),
            },
            theirs: Said {
                value: in_words(row.theirs.as_ref().map(|it| &it.0)),
                by: row.received_by,
                at: row.at.to_jiff(),
                side: "one_stop".to_owned(),
            },
            field: row.field,
        });
    }
    let detail = json!({ "conflicts": conflicts.len() });
    let object = dossier.map_or_else(|| "conflicts".to_owned(), |code| format!("dossier {code}"));
    let (now, action) = (clock.now(), Action::DossierFormView);
    access::audit::record(&mut tx, now, actor, action, &object, None, detail).await?;
    tx.commit().await?;
    Ok(conflicts)
}

/// A version of a dossier's answers.
struct Version {
    dossier: i64,
    form: &'static Form,
    answers: Answers,
    told_by: String,
    by: String,
    at: Timestamp,
}

async fn versions(tx: &mut PgConnection, dossiers: &[i64]) -> Result<Vec<Version>, Refused> {
    let rows = sqlx::query!(
        r#"select dossier_id, form, answers as "answers!: Json<Answers>", told_by, recorded_by,
                  recorded_at as "at: jiff_sqlx::Timestamp"
           from dossier_answers where dossier_id = any($1) order by dossier_id, version"#,
        dossiers
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let form = form::by_code(&row.form);
            Ok(Version {
                form: form.ok_or_else(|| Refused::Inconsistent(row.form.clone()))?,
                dossier: row.dossier_id,
                answers: row.answers.0,
                told_by: row.told_by,
                by: row.recorded_by,
                at: row.at.to_jiff(),
            })
        })
        .collect()
}

/// What became of the fields that messages about a dossier changed, the newest first, for somebody who has
/// been shown the dossier and works with its papers.
///
/// # Errors
/// Those of the database.
pub async fn settled(pool: &PgPool, dossier: &str) -> Result<Vec<Settled>, Refused> {
    let rows = sqlx::query!(
        r#"select f.field, f.owner, f.verdict, f.ours as "ours: Json<Answer>",
                  f.theirs as "theirs: Json<Answer>", f.at as "at: jiff_sqlx::Timestamp",
                  (select form from dossier_answers a where a.dossier_id = d.dossier_id
                   order by version desc limit 1) as "form!",
                  e.takes as "takes?", e.decided_by as "by?", e.reason as "reason?"
           from exchange_field f join dossier d using (dossier_id)
                left join exchange_field_decision e using (field_no)
           where d.code = $1 order by field_no desc limit 200"#,
        dossier
    )
    .fetch_all(pool)
    .await?;
    let mut settled = Vec::with_capacity(rows.len());
    for row in rows {
        let broken = || Refused::Inconsistent(format!("field of {dossier}"));
        let form = form::by_code(&row.form).ok_or_else(broken)?;
        let field = form.field(&row.field).ok_or_else(broken)?;
        let in_words = |answer: Option<&Answer>| form.in_words(field, answer);
        let decided = row.takes.zip(row.by).zip(row.reason);
        settled.push(Settled {
            label: field.label.clone(),
            owner: Owner::from_code(&row.owner).ok_or_else(broken)?,
            verdict: Verdict::from_code(&row.verdict).ok_or_else(broken)?,
            ours: in_words(row.ours.as_ref().map(|it| &it.0)),
            theirs: in_words(row.theirs.as_ref().map(|it| &it.0)),
            at: row.at.to_jiff(),
            decided: decided.map(|((takes, by), reason)| (takes, by, reason)),
            field: row.field,
        });
    }
    Ok(settled)
}

/// Decides which value counts. Theirs becomes a further version of the answers, ours stays; either way the
/// one-stop system is told what counts. Recorded in the audit log.
///
/// # Errors
/// [`Refused::DecidedMeanwhile`] for the second of two who decide at once; [`Refused::UnknownConflict`] also
/// for whoever does not correct answers there; [`Refused::NotCorrected`] while the dossier lies before the
/// leader.
pub async fn decide(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    no: i64,
    (takes, reason): (Takes, &str),
) -> Result<(), Refused> {
    if reason.trim().is_empty() {
        return Err(Refused::ReasonMissing);
    }
    let mut tx = pool.begin().await?;
    // The dossier's row stays locked: of two who decide at once the second is told.
    let found = sqlx::query!(
        r#"select d.dossier_id, d.code, d.area_code, d.area_valid_from as "since: jiff_sqlx::Date",
                  f.field, f.theirs as "theirs: Json<Answer>"
           from exchange_field f join dossier d using (dossier_id)
           where field_no = $1 and verdict = 'asked' for update of d"#,
        no
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refused::UnknownConflict)?;
    let area = Areas::embedded().get(&found.area_code, found.since.to_jiff());
    let area = area.ok_or_else(|| Refused::Inconsistent(found.code.clone()))?;
    if !access::holds_in(actor, CORRECTORS, area) {
        return Err(Refused::UnknownConflict);
    }
    let is_open = sqlx::query_scalar!(
        r#"select exists (select from exchange_open_conflict where field_no = $1) as "open!""#,
        no
    )
    .fetch_one(&mut *tx)
    .await?;
    if !is_open {
        return Err(Refused::DecidedMeanwhile);
    }
    let now = clock.now();
    sqlx::query!(
        "insert into exchange_field_decision (field_no, takes, reason, decided_by, decided_at)
         values ($1, $2, $3, $4, $5)",
        no,
        takes.code(),
        reason.trim(),
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let last = sqlx::query!(
        r#"select version, answers as "answers!: Json<Answers>" from dossier_answers
           where dossier_id = $1 order by version desc limit 1"#,
        found.dossier_id
    )
    .fetch_one(&mut *tx)
    .await?;
    match takes {
        Takes::Theirs => {
            let mut answers = last.answers.0;
            answers.put(&found.field, found.theirs.map(|theirs| theirs.0));
            let correction = Correction {
                dossier: &found.code,
                seen: last.version,
                answers: &answers,
                allows_gaps: true,
                completes: false,
                key: Uuid::new_v4(),
            };
            settle_within(&mut tx, (actor, clock), &correction)
                .await
                .map_err(not_corrected)?;
        }
        Takes::Ours => {
            let fields = [found.field.clone()];
            tell(&mut tx, clock, found.dossier_id, &fields).await?;
        }
    }
    let detail = json!({"conflict": no, "field": found.field, "takes": takes.code()});
    let (action, object) = (Action::ExchangeDecide, format!("dossier {}", found.code));
    let place = Some(found.area_code.as_str());
    access::audit::record(&mut tx, now, actor, action, &object, place, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells the one-stop system which values stay.
pub(crate) async fn tell(
    tx: &mut PgConnection,
    clock: &Clock,
    dossier: i64,
    fields: &[String],
) -> Result<(), Refused> {
    if fields.is_empty() {
        return Ok(());
    }
    let told = sqlx::query!(
        "insert into exchange_outbox (message_id, province_code, dossier_id, seq, answers_version, fields,
                                      status, carried, day, written_at)
         select gen_random_uuid(), d.province_code, d.dossier_id,
                coalesce((select max(seq) from exchange_outbox o where o.dossier_id = $1), 0) + 1,
                (select max(version) from dossier_answers a where a.dossier_id = $1), $2, s.status,
                coalesce(connection_mode(d.province_code, $3) in ('one_way_out', 'two_way'), false),
                $3, $4
         from dossier d join dossier_state s using (dossier_id) where d.dossier_id = $1",
        dossier,
        fields,
        clock.today().to_sqlx() as _,
        clock.now().to_sqlx() as _
    )
    .execute(tx)
    .await?;
    match told.rows_affected() {
        1 => Ok(()),
        _ => Err(Refused::Inconsistent("outbox".to_owned())),
    }
}

fn not_corrected(error: CorrectError) -> Refused {
    match error {
        CorrectError::Failed(error) => error.into(),
        CorrectError::ChangedMeanwhile | CorrectError::NothingChanged => Refused::DecidedMeanwhile,
        CorrectError::Answers(faults) => {
            let first = faults.into_iter().next();
            Refused::NotCorrected(first.map_or_else(String::new, |fault| fault.message))
        }
        other => Refused::NotCorrected(other.to_string()),
    }
}
