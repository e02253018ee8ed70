//! Scans added to an application before it is submitted. A submission makes attachments of them; with a
//! draft that is given up or expires they go too.

use files::{FileHash, MediaType, Stored};
use jiff_sqlx::ToSqlx;
use kernel::Clock;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{DraftError, Owner};
use crate::attachment::{self, MOST, NewAttachment};

/// A scan of an application not submitted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftPaper {
    /// Its number.
    pub no: i64,
    /// What the paper is.
    pub paper: String,
    /// The file.
    pub file: FileHash,
    /// By its content.
    pub media_type: MediaType,
    /// In bytes.
    pub size: i32,
}

/// Why no scan was added.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The draft is gone, or there is none.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// A name is missing or too long.
    #[error(transparent)]
    Paper(#[from] attachment::Refused),
    /// With these there would be too many.
    #[error("mỗi hồ sơ gửi kèm nhiều nhất {MOST} tệp: giấy tờ khác mời mang đến xã")]
    TooMany,
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Draft(error) => error.code(),
            Refused::Paper(refused) => refused.code(),
            Refused::TooMany => "file_count",
        }
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Refused {
        Refused::Draft(error.into())
    }
}

/// Adds scans to a draft; the files are stored already. The same file for the same paper again is kept
/// once.
///
/// # Errors
/// [`Refused`]: nothing was added.
pub async fn add(
    pool: &PgPool,
    clock: &Clock,
    owner: Owner<'_>,
    draft: Uuid,
    new: &[NewAttachment],
) -> Result<(), Refused> {
    attachment::check(new)?;
    let mut tx = pool.begin().await?;
    // Two who add at once count one after the other.
    let locked = sqlx::query_scalar!(
        "select draft_id from dossier_draft
         where draft_id = $1 and owner_kind = $2 and owner = $3 and expires_on > $4 for update",
        draft,
        owner.kind(),
        owner.key(),
        clock.today().to_sqlx() as _
    )
    .fetch_optional(&mut *tx)
    .await?;
    locked.ok_or(DraftError::Unknown)?;
    for scan in new {
        sqlx::query!(
            "insert into draft_paper (draft_id, paper, file_hash, media_type, size, added_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict on constraint draft_paper_is_added_once do nothing",
            draft,
            scan.paper.trim(),
            scan.file.hash.0.as_slice(),
            scan.file.media_type.name(),
            i32::try_from(scan.file.size).unwrap_or(i32::MAX),
            clock.now().to_sqlx() as _
        )
        .execute(&mut *tx)
        .await?;
    }
    if of_draft(&mut tx, draft).await?.len() > MOST {
        return Err(Refused::TooMany);
    }
    tx.commit().await?;
    Ok(())
}

/// Takes a scan out of a draft again; one that is gone already stays gone.
///
/// # Errors
/// Those of the database.
pub async fn remove(pool: &PgPool, owner: Owner<'_>, draft: Uuid, no: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from draft_paper p using dossier_draft d
         where p.draft_id = d.draft_id and d.draft_id = $1 and owner_kind = $2 and owner = $3
           and paper_no = $4",
        draft,
        owner.kind(),
        owner.key(),
        no
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The scans of a draft, in the order they were added. Whose draft it is was asked by the caller.
///
/// # Errors
/// Those of the database, and for a file whose name cannot be read.
pub async fn of_draft(tx: &mut PgConnection, draft: Uuid) -> Result<Vec<DraftPaper>, Refused> {
    let rows = sqlx::query!(
        "select paper_no, paper, file_hash, media_type, size from draft_paper
         where draft_id = $1 order by paper_no",
        draft
    )
    .fetch_all(tx)
    .await?;
    let broken = |what: &str| sqlx::Error::Decode(format!("draft_paper {what}").into());
    let papers = rows.into_iter().map(|row| {
        Ok(DraftPaper {
            no: row.paper_no,
            paper: row.paper,
            file: FileHash::from_bytes(&row.file_hash).ok_or_else(|| broken("file_hash"))?,
            media_type: MediaType::from_name(&row.media_type)
                .ok_or_else(|| broken("media_type"))?,
            size: row.size,
        })
    });
    papers
        .collect::<Result<_, sqlx::Error>>()
        .map_err(Refused::from)
}

/// As attachments of the dossier that is made of the draft.
pub(crate) fn as_attachments(papers: Vec<DraftPaper>) -> Vec<NewAttachment> {
    let scan = |it: DraftPaper| NewAttachment {
        paper: it.paper,
        file: Stored {
            hash: it.file,
            media_type: it.media_type,
            size: u64::try_from(it.size).unwrap_or_default(),
        },
        replaces: None,
    };
    papers.into_iter().map(scan).collect()
}
