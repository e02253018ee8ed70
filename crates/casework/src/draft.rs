//! Applications not submitted yet: answers so far, kept for their owner until submitted or expired.
//!
//! A draft is no record: nobody but its owner reads it, looking at it is not in the audit log, and it
//! is deleted when it is submitted, given up or expired.

pub mod papers;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Clock, PersonId};
use law::Benefit;
use sqlx::PgExecutor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::form::Answers;

/// Days a draft is kept after it was saved last.
const KEPT_DAYS: i32 = 30;
/// Largest answers, bytes of JSON.
const LARGEST: usize = 256 * 1024;

/// Whose draft it is. One owner never sees drafts of another.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'a> {
    /// Somebody at a counter.
    Officer(&'a Actor),
    /// A citizen, by a key only they hold (never an ID number).
    Citizen(&'a str),
}

impl Owner<'_> {
    const fn kind(&self) -> &'static str {
        match self {
            Owner::Officer(_) => "officer",
            Owner::Citizen(_) => "citizen",
        }
    }

    fn key(&self) -> &str {
        match self {
            Owner::Officer(actor) => &actor.name,
            Owner::Citizen(key) => key,
        }
    }
}

/// What an application is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Code of the form.
    pub form: String,
    /// Code of the procedure.
    pub procedure: String,
    /// The benefit asked for, if any.
    pub benefit: Option<Benefit>,
    /// The beneficiary, when the registry knows them.
    pub person: Option<PersonId>,
}

/// An application not submitted yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub subject: Subject,
    /// As far as given; checked only by [`crate::form::Form::check`].
    pub answers: Answers,
    /// When it was saved last.
    pub saved_at: Timestamp,
    /// First day on which it is gone.
    pub expires_on: Date,
}

/// Why a draft is not kept or found.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// None with this id, none of this owner, or expired.
    #[error("không có bản nháp này, hoặc bản nháp đã hết hạn")]
    Unknown,
    /// The form is none of the list.
    #[error("không có mẫu tờ khai này")]
    UnknownForm,
    /// More than any form asks.
    #[error("nội dung bản nháp quá dài")]
    TooLarge,
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl DraftError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            DraftError::Unknown => "unknown_draft",
            DraftError::UnknownForm => "unknown_form",
            DraftError::TooLarge => "draft_too_large",
            DraftError::Database(_) => "database",
        }
    }
}

fn last_day(clock: &Clock) -> Date {
    let today = clock.today();
    today.saturating_add(Span::new().days(KEPT_DAYS))
}

fn sound(answers: &Answers) -> Result<(), DraftError> {
    let size = serde_json::to_vec(answers).map_or(usize::MAX, |body| body.len());
    match size <= LARGEST {
        true => Ok(()),
        false => Err(DraftError::TooLarge),
    }
}

/// Begins a draft under an id the caller has made.
///
/// # Errors
/// [`DraftError::UnknownForm`], [`DraftError::TooLarge`]; a used id is a failure of the database.
pub async fn begin(
    db: impl PgExecutor<'_>,
    clock: &Clock,
    owner: Owner<'_>,
    id: Uuid,
    (subject, answers): (&Subject, &Answers),
) -> Result<(), DraftError> {
    crate::form::by_code(&subject.form).ok_or(DraftError::UnknownForm)?;
    sound(answers)?;
    sqlx::query!(
        "insert into dossier_draft (draft_id, owner_kind, owner, form, procedure_code, benefit,
                                    area_code, person_id, answers, begun_at, saved_at, expires_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)",
        id,
        owner.kind(),
        owner.key(),
        subject.form,
        subject.procedure,
        subject.benefit.map(Benefit::number),
        answers.text("area"),
        subject.person.map(|person| person.0),
        Json(answers) as _,
        clock.now().to_sqlx() as _,
        last_day(clock).to_sqlx() as _
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Saves the answers of a draft in place of those before, and keeps it from expiring.
///
/// # Errors
/// [`DraftError::Unknown`], [`DraftError::TooLarge`].
pub async fn save(
    db: impl PgExecutor<'_>,
    clock: &Clock,
    owner: Owner<'_>,
    id: Uuid,
    answers: &Answers,
) -> Result<(), DraftError> {
    sound(answers)?;
    let saved = sqlx::query!(
        "update dossier_draft set answers = $4, area_code = $5, saved_at = $6, expires_on = $7
         where draft_id = $1 and owner_kind = $2 and owner = $3 and expires_on > $8",
        id,
        owner.kind(),
        owner.key(),
        Json(answers) as _,
        answers.text("area"),
        clock.now().to_sqlx() as _,
        last_day(clock).to_sqlx() as _,
        clock.today().to_sqlx() as _
    )
    .execute(db)
    .await?;
    match saved.rows_affected() {
        1 => Ok(()),
        _ => Err(DraftError::Unknown),
    }
}

/// The draft with the id, to go on with.
///
/// # Errors
/// [`DraftError::Unknown`] also for drafts of others.
pub async fn find(
    db: impl PgExecutor<'_>,
    clock: &Clock,
    owner: Owner<'_>,
    id: Uuid,
) -> Result<Draft, DraftError> {
    let mut found = all_of(db, clock, owner, Some(id)).await?;
    found.pop().ok_or(DraftError::Unknown)
}

/// Every draft of the owner, the last saved first.
///
/// # Errors
/// Those of the database.
pub async fn all(
    db: impl PgExecutor<'_>,
    clock: &Clock,
    owner: Owner<'_>,
) -> Result<Vec<Draft>, DraftError> {
    all_of(db, clock, owner, None).await
}

async fn all_of(
    db: impl PgExecutor<'_>,
    clock: &Clock,
    owner: Owner<'_>,
    id: Option<Uuid>,
) -> Result<Vec<Draft>, DraftError> {
    let found = sqlx::query!(
        r#"select draft_id, form, procedure_code, benefit, person_id,
                  answers as "answers!: Json<Answers>", saved_at as "saved_at: jiff_sqlx::Timestamp",
                  expires_on as "expires_on: jiff_sqlx::Date"
           from dossier_draft
           where owner_kind = $1 and owner = $2 and expires_on > $3
             and ($4::uuid is null or draft_id = $4)
           order by saved_at desc, draft_id"#,
        owner.kind(),
        owner.key(),
        clock.today().to_sqlx() as _,
        id
    )
    .fetch_all(db)
    .await?;
    let draft = found.into_iter().map(|row| Draft {
        id: row.draft_id,
        subject: Subject {
            form: row.form,
            procedure: row.procedure_code,
            benefit: row.benefit.and_then(Benefit::from_number),
            person: row.person_id.map(PersonId),
        },
        answers: row.answers.0,
        saved_at: row.saved_at.to_jiff(),
        expires_on: row.expires_on.to_jiff(),
    });
    Ok(draft.collect())
}

/// Gives a citizen's draft another key in place of the one it had, with the scans added to it.
///
/// # Errors
/// [`DraftError::Unknown`].
pub async fn hand_over(
    db: impl PgExecutor<'_>,
    (from, to): (Owner<'_>, Owner<'_>),
    id: Uuid,
) -> Result<(), DraftError> {
    let moved = sqlx::query!(
        "update dossier_draft set owner_kind = $4, owner = $5
         where draft_id = $1 and owner_kind = $2 and owner = $3",
        id,
        from.kind(),
        from.key(),
        to.kind(),
        to.key()
    )
    .execute(db)
    .await?;
    match moved.rows_affected() {
        1 => Ok(()),
        _ => Err(DraftError::Unknown),
    }
}

/// Deletes a draft: it is submitted, in the same transaction, or given up.
///
/// # Errors
/// [`DraftError::Unknown`], so that of two who submit it at once one is told.
pub async fn discard(
    db: impl PgExecutor<'_>,
    owner: Owner<'_>,
    id: Uuid,
) -> Result<(), DraftError> {
    let deleted = sqlx::query!(
        "delete from dossier_draft where draft_id = $1 and owner_kind = $2 and owner = $3",
        id,
        owner.kind(),
        owner.key()
    )
    .execute(db)
    .await?;
    match deleted.rows_affected() {
        1 => Ok(()),
        _ => Err(DraftError::Unknown),
    }
}

/// Deletes what has expired. Returns how many.
///
/// # Errors
/// Those of the database.
pub async fn sweep(db: impl PgExecutor<'_>, clock: &Clock) -> sqlx::Result<u64> {
    let today = clock.today();
    let swept = sqlx::query!(
        "delete from dossier_draft where expires_on <= $1",
        today.to_sqlx() as _
    )
    .execute(db)
    .await?;
    Ok(swept.rows_affected())
}
