//! Scans of a dossier's papers: which file is which paper, since when, replaced by which.

use std::collections::HashSet;

use access::audit::Action;
use files::{FileHash, MediaType, Stored};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::{Clock, DossierId};
use registry::sight::HANDLERS;
use serde::Serialize;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::apply::{ApplyError, Teller, apply_within};
use crate::step::Paper;
use crate::whose::{self, Whose};
use crate::{Event, Status, Step, Submitted, show};

/// Who adds scans.
pub const KEEPERS: &[Role] = &[Role::Clerk, Role::Officer];

/// Most scans added at once.
pub const MOST: usize = 20;

/// A scan to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttachment {
    /// What the paper is: `Tờ khai`.
    pub paper: String,
    /// The file, stored already.
    pub file: Stored,
    /// Number of the scan it replaces.
    pub replaces: Option<i64>,
}

impl NewAttachment {
    /// As a step of the dossier names it.
    pub(crate) fn as_paper(&self) -> Paper {
        Paper {
            name: self.paper.trim().to_owned(),
            file: Some(self.file.hash.to_string()),
        }
    }
}

/// A scan of a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its number.
    pub no: i64,
    /// What the paper is.
    pub paper: String,
    /// Name of the file.
    pub file: FileHash,
    /// By its content.
    pub media_type: MediaType,
    /// In bytes.
    pub size: i32,
    /// Whether a later scan counts in its place.
    pub replaced: bool,
    /// Who added it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// The papers of a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Papers {
    /// Scans, in the order they were added.
    pub attachments: Vec<Attachment>,
    /// Papers named at submission without a file that nobody has digitised yet; looked at by itself, also
    /// those whose file a one-stop system has not sent.
    pub missing: Vec<String>,
}

/// Why nothing was added or shown.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No such dossier, or none the actor may do this with.
    #[error(transparent)]
    Dossier(#[from] show::Refused),
    /// A name of a paper is missing or too long.
    #[error("giấy tờ thứ {0}: ghi tên giấy tờ, từ 1 đến 200 chữ")]
    Name(usize),
    /// None, or too many at once.
    #[error("mỗi lần gửi từ 1 đến {MOST} tệp")]
    Count,
    /// The scan to be replaced is none of the dossier's.
    #[error("hồ sơ này không có bản quét số {0}")]
    NoSuchAttachment(i64),
    /// Somebody replaced it before.
    #[error("bản quét này đã được thay bằng bản khác, hãy tải lại trang")]
    ReplacedAlready,
    /// The step that tells of the digitising failed.
    #[error(transparent)]
    Step(#[from] ApplyError),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Dossier(refused) => refused.code(),
            Refused::Name(_) => "paper_name",
            Refused::Count => "file_count",
            Refused::NoSuchAttachment(_) => "no_such_attachment",
            Refused::ReplacedAlready => "replaced_already",
            Refused::Step(error) => error.code(),
            Refused::Database(_) => "database",
        }
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Refused {
        let constraint = error.as_database_error().and_then(|it| it.constraint());
        match constraint {
            Some("attachment_is_replaced_once") => Refused::ReplacedAlready,
            _ => Refused::Database(error),
        }
    }
}

/// Adds scans to a dossier; the files are stored already. Papers that were named without a file
/// count as digitised then: the step `completed_by_hand` is recorded with them when the dossier is
/// open and the actor is an officer. Recorded in the audit log.
///
/// # Errors
/// [`Refused`]: nothing was added.
pub async fn attach(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    dossier: &str,
    new: &[NewAttachment],
) -> Result<Papers, Refused> {
    check(new)?;
    let mut tx = pool.begin().await?;
    let whose = whose::find(&mut tx, actor, KEEPERS, dossier).await?;
    let before = papers(&mut tx, &whose).await?;
    if let Some(no) = (new.iter().filter_map(|it| it.replaces))
        .find(|no| before.attachments.iter().all(|known| known.no != *no))
    {
        return Err(Refused::NoSuchAttachment(no));
    }
    store(&mut tx, actor, clock, whose.id, new).await?;
    let digitised = |name: &&String| new.iter().any(|it| it.paper.trim() == **name);
    let digitised: Vec<String> = before.missing.iter().filter(digitised).cloned().collect();
    let officer = access::holds_in(actor, &[Role::Officer], whose.area);
    if officer && !digitised.is_empty() && is_open(&mut tx, whose.id).await? {
        let step = Step::CompletedByHand { papers: digitised };
        tell(&mut tx, actor, clock, dossier, step).await?;
    }
    let after = papers(&mut tx, &whose).await?;
    let object = format!("dossier {dossier}");
    let hashes: Vec<&FileHash> = new.iter().map(|it| &it.file.hash).collect();
    access::audit::record(
        &mut tx,
        clock.now(),
        actor,
        Action::DossierAttach,
        &object,
        Some(whose.area.code),
        json!({ "files": hashes }),
    )
    .await?;
    tx.commit().await?;
    Ok(after)
}

pub(crate) fn check(new: &[NewAttachment]) -> Result<(), Refused> {
    if !(1..=MOST).contains(&new.len()) {
        return Err(Refused::Count);
    }
    let sound = |it: &NewAttachment| (1..=200).contains(&it.paper.trim().chars().count());
    match new.iter().position(|it| !sound(it)) {
        Some(at) => Err(Refused::Name(at + 1)),
        None => Ok(()),
    }
}

pub(crate) async fn store(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    dossier: DossierId,
    new: &[NewAttachment],
) -> Result<(), Refused> {
    let names: Vec<String> = new.iter().map(|it| it.paper.trim().to_owned()).collect();
    let hashes: Vec<Vec<u8>> = new.iter().map(|it| it.file.hash.0.to_vec()).collect();
    let types: Vec<String> = new
        .iter()
        .map(|it| it.file.media_type.name().to_owned())
        .collect();
    let size = |it: &NewAttachment| i32::try_from(it.file.size).unwrap_or(i32::MAX);
    let sizes: Vec<i32> = new.iter().map(size).collect();
    let replaces: Vec<Option<i64>> = new.iter().map(|it| it.replaces).collect();
    sqlx::query!(
        "insert into attachment (dossier_id, paper, file_hash, media_type, size, replaces,
                                 recorded_by, recorded_at)
         select $1, paper, file_hash, media_type, size, replaces, $7, $8
         from unnest($2::text[], $3::bytea[], $4::text[], $5::integer[], $6::bigint[])
              with ordinality as new (paper, file_hash, media_type, size, replaces, place)
         order by place",
        dossier.0,
        &names,
        &hashes,
        &types,
        &sizes,
        &replaces as _,
        actor.name,
        clock.now().to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether papers may still be digitised.
async fn is_open(tx: &mut PgConnection, dossier: DossierId) -> sqlx::Result<bool> {
    let status = sqlx::query_scalar!(
        "select status from dossier_step where dossier_id = $1 order by seq desc limit 1",
        dossier.0
    )
    .fetch_one(tx)
    .await?;
    let open = [Status::Registered, Status::Received, Status::InProcess];
    Ok(open.iter().any(|it| it.number() == status))
}

async fn tell(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    dossier: &str,
    step: Step,
) -> Result<(), Refused> {
    let event = Event {
        event_id: Uuid::new_v4(),
        dossier: dossier.to_owned(),
        at: clock.now(),
        online: true,
        step,
    };
    let rows = [Submitted { row: 1, event }];
    let applied = apply_within(tx, Teller::Office, actor, clock, &rows).await?;
    match applied.refused.first() {
        None => Ok(()),
        Some(refusal) => Err(ApplyError::Inconsistent(refusal.message.clone()).into()),
    }
}

/// The scans of a dossier, and what still lacks one. For whoever works with people's papers there.
///
/// # Errors
/// [`Refused`].
pub async fn of_dossier(pool: &PgPool, actor: &Actor, dossier: &str) -> Result<Papers, Refused> {
    let mut tx = pool.begin().await?;
    let whose = whose::find(&mut tx, actor, HANDLERS, dossier).await?;
    let mut papers = papers(&mut tx, &whose).await?;
    papers.missing.extend(awaited(&mut tx, whose.id).await?);
    Ok(papers)
}

/// Papers a one-stop system names by a file that has not come, and of which there is no other scan.
async fn awaited(tx: &mut PgConnection, dossier: DossierId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select paper from exchange_paper p
         where dossier_id = $1
           and not exists (select from attachment a
                           where a.dossier_id = p.dossier_id and a.paper = p.paper)
         group by paper order by min(seq * 1000 + place)",
        dossier.0
    )
    .fetch_all(tx)
    .await
}

/// One scan, to be handed out. Recorded in the audit log.
///
/// # Errors
/// [`Refused::NoSuchAttachment`] also for one of another dossier.
pub async fn to_hand_out(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    dossier: &str,
    no: i64,
) -> Result<Attachment, Refused> {
    let mut tx = pool.begin().await?;
    let whose = whose::find(&mut tx, actor, HANDLERS, dossier).await?;
    let all = papers(&mut tx, &whose).await?.attachments;
    let found = all.into_iter().find(|it| it.no == no);
    let found = found.ok_or(Refused::NoSuchAttachment(no))?;
    access::audit::record(
        &mut tx,
        clock.now(),
        actor,
        Action::DossierOpenFile,
        &format!("dossier {dossier}"),
        Some(whose.area.code),
        json!({ "file": found.file }),
    )
    .await?;
    tx.commit().await?;
    Ok(found)
}

async fn papers(tx: &mut PgConnection, whose: &Whose) -> Result<Papers, Refused> {
    let rows = sqlx::query!(
        r#"select attachment_no, paper, file_hash, media_type, size, recorded_by,
                  recorded_at as "at: jiff_sqlx::Timestamp",
                  exists (select from attachment later
                          where later.replaces = a.attachment_no) as "replaced!"
           from attachment a where dossier_id = $1 order by attachment_no"#,
        whose.id.0
    )
    .fetch_all(&mut *tx)
    .await?;
    let broken = || show::Refused::Inconsistent(format!("dossier {}", whose.id));
    let attachments = rows.into_iter().map(|row| {
        Ok(Attachment {
            no: row.attachment_no,
            paper: row.paper,
            file: FileHash::from_bytes(&row.file_hash).ok_or_else(broken)?,
            media_type: MediaType::from_name(&row.media_type).ok_or_else(broken)?,
            size: row.size,
            replaced: row.replaced,
            recorded_by: row.recorded_by,
            recorded_at: row.at.to_jiff(),
        })
    });
    let attachments = attachments.collect::<Result<_, show::Refused>>()?;
    let missing = missing(tx, whose.id).await?;
    Ok(Papers {
        attachments,
        missing,
    })
}

/// Papers of the submission without a file that no step says are digitised.
async fn missing(tx: &mut PgConnection, dossier: DossierId) -> sqlx::Result<Vec<String>> {
    let steps = sqlx::query_scalar!(
        r#"select body as "body!: sqlx::types::Json<Step>" from dossier_step
           where dossier_id = $1 and kind in ('submitted', 'completed_by_hand') order by seq"#,
        dossier.0
    )
    .fetch_all(tx)
    .await?;
    let mut missing: Vec<String> = Vec::new();
    for step in steps {
        match step.0 {
            Step::Submitted(submission) => {
                let without = |paper: &Paper| paper.file.is_none();
                let papers = submission.papers.into_iter().filter(without);
                missing.extend(papers.map(|paper| paper.name));
            }
            Step::CompletedByHand { papers } => missing.retain(|name| !papers.contains(name)),
            _ => {}
        }
    }
    Ok(missing)
}

/// Which of the files are named in the database, as scans, also of applications not submitted yet, as
/// signed letters, or as what one-stop systems sent or are given: the others may go.
///
/// # Errors
/// Those of the database.
pub async fn named(pool: &PgPool, files: &[FileHash]) -> sqlx::Result<HashSet<FileHash>> {
    let asked: Vec<Vec<u8>> = files.iter().map(|file| file.0.to_vec()).collect();
    let found = sqlx::query_scalar!(
        r#"select file_hash as "hash!" from attachment where file_hash = any($1)
           union select file_hash from signed_letter where file_hash = any($1)
           union select file_hash from draft_paper where file_hash = any($1)
           union select file_hash from exchange_file where file_hash = any($1)
           union select file_hash from exchange_letter where file_hash = any($1)"#,
        &asked
    )
    .fetch_all(pool)
    .await?;
    Ok((found.iter().filter_map(|it| FileHash::from_bytes(it))).collect())
}
