//! Signed letters: who signed exactly what, which is kept.

use access::audit::Action;
use files::{FileHash, MediaType, Stored};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Clock;
use kernel::actor::{Actor, Role};
use registry::sight::HANDLERS;
use serde::Serialize;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use super::{Kind, Refused};
use crate::whose;

/// Who signs what leaders sign, and the rest.
const LEADERS: &[Role] = &[Role::Leader];
const DESK: &[Role] = &[Role::Clerk, Role::Officer, Role::Leader];
/// Who brings in a letter that was signed elsewhere.
const BRINGERS: &[Role] = &[Role::Clerk, Role::Officer, Role::Leader, Role::Records];

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The kind of letter.
    pub kind: Kind,
    /// The step it is about.
    pub seq: i32,
    /// What was signed, stored already.
    pub file: Stored,
    /// How.
    pub way: Way,
}

/// How a letter was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The actor signs what this system printed.
    Recorded,
    /// A file that carries a signature already.
    Uploaded {
        /// Who signed, as written.
        signed_by: String,
        /// On which day.
        signed_on: Date,
    },
}

/// A signed letter of a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Code of the kind.
    pub kind: String,
    /// The step it is about.
    pub seq: i32,
    /// SHA-256 of exactly what was signed, which is kept under it.
    pub file: FileHash,
    /// In bytes.
    pub size: i32,
    /// `recorded` or `uploaded`.
    pub way: String,
    /// Who signed.
    pub signed_by: String,
    /// When.
    pub signed_on: Date,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// Whether the actor may sign letters of the kind somewhere, or bring them in, for pages; [`sign`]
/// asks again, and where.
pub fn may_sign(actor: &Actor, kind: Kind) -> bool {
    let roles = [signers(kind), BRINGERS].concat();
    actor.areas_of(&roles).next().is_some()
}

const fn signers(kind: Kind) -> &'static [Role] {
    match kind.is_leaders() {
        true => LEADERS,
        false => DESK,
    }
}

/// Records that a letter was signed. From then on it is handed out as it was signed. Recorded in the
/// audit log with the hash.
///
/// # Errors
/// [`Refused`]: nothing was recorded.
pub async fn sign(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    dossier: &str,
    signature: &Signature,
) -> Result<(), Refused> {
    let today = clock.today();
    let (way, roles, signed_by, signed_on) = match &signature.way {
        Way::Recorded => (
            "recorded",
            signers(signature.kind),
            access::user::written(pool, &actor.name)
                .await?
                .unwrap_or_else(|| actor.name.clone()),
            today,
        ),
        Way::Uploaded {
            signed_by,
            signed_on,
        } => (
            "uploaded",
            BRINGERS,
            signed_by.trim().to_owned(),
            *signed_on,
        ),
    };
    if signature.file.media_type != MediaType::Pdf {
        return Err(Refused::NotAPdf);
    }
    if !(1..=200).contains(&signed_by.chars().count()) {
        return Err(Refused::Signatory);
    }
    let mut tx = pool.begin().await?;
    let whose = whose::find(&mut tx, actor, roles, dossier).await?;
    let submitted = sqlx::query_scalar!(
        r#"select submitted_on as "day: jiff_sqlx::Date" from dossier where dossier_id = $1"#,
        whose.id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if signed_on > today || signed_on < submitted.to_jiff() {
        return Err(Refused::SigningDay);
    }
    sqlx::query!(
        "insert into signed_letter (dossier_id, kind, seq, file_hash, size, way, signed_by,
                                    signed_on, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        whose.id.0,
        signature.kind.code(),
        signature.seq,
        signature.file.hash.0.as_slice(),
        i32::try_from(signature.file.size).unwrap_or(i32::MAX),
        way,
        signed_by,
        signed_on.to_sqlx() as _,
        actor.name,
        clock.now().to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({ "letter": signature.kind.code(), "file": signature.file.hash });
    let object = format!("dossier {dossier}");
    let (now, area) = (clock.now(), Some(whose.area.code));
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::LetterSign,
        &object,
        area,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The signed letters of a dossier, in the order they were recorded.
///
/// # Errors
/// [`Refused::Dossier`].
pub async fn of_dossier(
    pool: &PgPool,
    actor: &Actor,
    dossier: &str,
) -> Result<Vec<Signed>, Refused> {
    let mut tx = pool.begin().await?;
    let whose = whose::find(&mut tx, actor, HANDLERS, dossier).await?;
    read(&mut tx, whose.id.0).await
}

/// The signed letter of a kind about a step, to be handed out; `None` while it is not signed.
/// Recorded in the audit log.
///
/// # Errors
/// [`Refused::Dossier`].
pub async fn to_hand_out(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    dossier: &str,
    (kind, seq): (Kind, i32),
) -> Result<Option<Signed>, Refused> {
    let mut tx = pool.begin().await?;
    let whose = whose::find(&mut tx, actor, HANDLERS, dossier).await?;
    let all = read(&mut tx, whose.id.0).await?;
    let mut of_kind = all.into_iter().filter(|it| it.kind == kind.code());
    let Some(found) = of_kind.find(|it| it.seq == seq) else {
        return Ok(None);
    };
    let (object, area) = (format!("dossier {dossier}"), Some(whose.area.code));
    let (now, detail) = (clock.now(), json!({ "file": found.file }));
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::LetterOpen,
        &object,
        area,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(Some(found))
}

async fn read(tx: &mut PgConnection, dossier: i64) -> Result<Vec<Signed>, Refused> {
    let rows = sqlx::query!(
        r#"select kind, seq, file_hash, size, way, signed_by,
                  signed_on as "signed_on: jiff_sqlx::Date", recorded_by,
                  recorded_at as "at: jiff_sqlx::Timestamp"
           from signed_letter where dossier_id = $1 order by signed_no"#,
        dossier
    )
    .fetch_all(tx)
    .await?;
    let signed = rows.into_iter().map(|row| {
        let file = FileHash::from_bytes(&row.file_hash);
        let broken = || crate::show::Refused::Inconsistent(format!("dossier {dossier}"));
        Ok(Signed {
            kind: row.kind,
            seq: row.seq,
            file: file.ok_or_else(broken)?,
            size: row.size,
            way: row.way,
            signed_by: row.signed_by,
            signed_on: row.signed_on.to_jiff(),
            recorded_by: row.recorded_by,
            recorded_at: row.at.to_jiff(),
        })
    });
    signed.collect()
}
