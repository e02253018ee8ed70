//! The form of a dossier as answered: kept in versions that are never changed.

use access::audit::Action;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Clock};
use law::Benefit;
use registry::sight::{HANDLERS, READERS};
use serde::Serialize;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use crate::Teller;
use crate::form::{self, Answers, Changed, Form};
use crate::show::Refused;

/// The answers of a dossier as somebody may see them.
#[derive(Clone, Debug, Serialize)]
pub struct Answered {
    /// Code of the dossier.
    pub dossier: String,
    /// The form.
    #[serde(skip)]
    pub form: &'static Form,
    /// Version, from 1.
    pub version: i32,
    /// The answers; without sensitive ones, and with ID numbers cut to their last digits, when
    /// `handler` is false.
    pub answers: Answers,
    /// Who recorded them.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
    /// Whether everything is shown.
    pub handler: bool,
}

/// Keeps answers with a dossier recorded in the same transaction or before: the first version, or a
/// further one when a supplement corrects them. The answers must have come out of
/// [`Form::check`]. The caller has checked the actor's right by the step that goes with it.
///
/// # Errors
/// Those of the database, also for a dossier that does not exist.
pub async fn keep(
    tx: &mut PgConnection,
    (teller, actor, clock): (Teller<'_>, &Actor, &Clock),
    dossier: &str,
    (form, benefit): (&Form, Option<Benefit>),
    answers: &Answers,
) -> sqlx::Result<()> {
    let one = NewAnswers {
        dossier,
        form,
        benefit,
        answers,
    };
    keep_all(tx, (teller, actor, clock), &[one]).await
}

/// Answers to be kept with a dossier.
#[derive(Clone, Debug)]
pub struct NewAnswers<'a> {
    /// Code of the dossier.
    pub dossier: &'a str,
    /// The form they answer.
    pub form: &'a Form,
    /// What is asked for.
    pub benefit: Option<Benefit>,
    /// In the writing in which they are kept.
    pub answers: &'a Answers,
}

/// As [`keep`], of several dossiers at once; of a dossier one version at most.
///
/// # Errors
/// Those of the database, also for a dossier that does not exist.
pub async fn keep_all(
    tx: &mut PgConnection,
    (teller, actor, clock): (Teller<'_>, &Actor, &Clock),
    all: &[NewAnswers<'_>],
) -> sqlx::Result<()> {
    let codes: Vec<String> = all.iter().map(|it| it.dossier.to_owned()).collect();
    let forms: Vec<String> = all.iter().map(|it| it.form.code.clone()).collect();
    let benefits = all.iter().map(|it| it.benefit.map(Benefit::number));
    let benefits: Vec<Option<i16>> = benefits.collect();
    let answers: Vec<Json<&Answers>> = all.iter().map(|it| Json(it.answers)).collect();
    let kept = sqlx::query!(
        "insert into dossier_answers (dossier_id, version, form, benefit, answers, told_by,
                                      recorded_by, recorded_at)
         select dossier_id,
                coalesce((select max(version) from dossier_answers a
                          where a.dossier_id = d.dossier_id), 0) + 1,
                form, given.benefit, answers, $5, $6, $7
         from unnest($1::text[], $2::text[], $3::smallint[], $4::jsonb[])
                  as given (code, form, benefit, answers)
              join dossier d using (code)",
        &codes,
        &forms,
        &benefits as _,
        &answers as _,
        teller.code(),
        actor.name,
        clock.now().to_sqlx() as _
    )
    .execute(tx)
    .await?;
    match kept.rows_affected() == all.len() as u64 {
        true => Ok(()),
        false => Err(sqlx::Error::RowNotFound),
    }
}

/// The answers of a dossier as they count now; `None` for a dossier without a form. Recorded in the
/// audit log.
///
/// # Errors
/// [`Refused::Unknown`] also for whoever may not look at dossiers of its commune.
pub async fn read(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    code: &str,
) -> Result<Option<Answered>, Refused> {
    let unknown = || Refused::Unknown(code.to_owned());
    let mut tx = pool.begin().await?;
    let found = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date", version as "version?",
                  form as "form?", answers as "answers?: Json<Answers>",
                  a.recorded_by as "recorded_by?",
                  a.recorded_at as "recorded_at?: jiff_sqlx::Timestamp"
           from dossier d left join dossier_answers a using (dossier_id)
           where code = $1 order by version desc nulls last limit 1"#,
        code
    )
    .fetch_optional(&mut *tx)
    .await?;
    let found = found.ok_or_else(unknown)?;
    let area = Areas::embedded().get(&found.area_code, found.since.to_jiff());
    let area = area.ok_or_else(|| Refused::Inconsistent(code.to_owned()))?;
    if !access::holds_in(actor, READERS, area) {
        return Err(unknown());
    }
    let handler = access::holds_in(actor, HANDLERS, area);
    let parts = (
        found.version,
        found.form,
        found.answers,
        found.recorded_by,
        found.recorded_at,
    );
    let (Some(version), Some(form), Some(answers), Some(recorded_by), Some(at)) = parts else {
        return Ok(None);
    };
    let form = form::by_code(&form).ok_or_else(|| Refused::Inconsistent(form.clone()))?;
    let answers = match handler {
        true => answers.0,
        false => form.masked(&answers.0),
    };
    let (action, object) = (Action::DossierFormView, format!("dossier {code}"));
    let now = clock.now();
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
    Ok(Some(Answered {
        dossier: code.to_owned(),
        form,
        version,
        answers,
        recorded_by,
        recorded_at: at.to_jiff(),
        handler,
    }))
}

/// The answers of a dossier as they count now, for what is made of them; `None` without a form. Who may
/// see them is asked by the caller.
pub(crate) async fn filed(
    pool: &PgPool,
    code: &str,
) -> sqlx::Result<Option<(&'static Form, Answers)>> {
    let found = sqlx::query!(
        r#"select form, answers as "answers!: Json<Answers>"
           from dossier join dossier_answers using (dossier_id)
           where code = $1 order by version desc limit 1"#,
        code
    )
    .fetch_optional(pool)
    .await?;
    Ok(found.and_then(|row| Some((form::by_code(&row.form)?, row.answers.0))))
}

/// A version of a dossier's answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Version {
    /// From 1.
    pub version: i32,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
    /// What differs from the one before; without what the reader may not see.
    pub changes: Vec<Changed>,
}

/// The versions of a dossier's answers that correct an earlier one, in order, each with what it changed.
/// Part of looking at the dossier ([`crate::dossier`]), which the audit log has; the reader sees
/// everything when they work with people's papers there.
///
/// # Errors
/// [`Refused`].
pub async fn corrections(
    pool: &PgPool,
    code: &str,
    handler: bool,
) -> Result<Vec<Version>, Refused> {
    let rows = sqlx::query!(
        r#"select version, form, answers as "answers!: Json<Answers>", a.recorded_by,
                  a.recorded_at as "at: jiff_sqlx::Timestamp"
           from dossier join dossier_answers a using (dossier_id)
           where code = $1 order by version"#,
        code
    )
    .fetch_all(pool)
    .await?;
    let mut versions = Vec::new();
    let mut before: Option<Answers> = None;
    for row in rows {
        let form = form::by_code(&row.form);
        let form = form.ok_or_else(|| Refused::Inconsistent(row.form.clone()))?;
        let answers = match handler {
            true => row.answers.0,
            false => form.masked(&row.answers.0),
        };
        if let Some(before) = before {
            versions.push(Version {
                version: row.version,
                recorded_by: row.recorded_by,
                recorded_at: row.at.to_jiff(),
                changes: form.changes(&before, &answers),
            });
        }
        before = Some(answers);
    }
    Ok(versions)
}
