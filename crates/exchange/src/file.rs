//! Files of one-stop systems, by their SHA-256: what a province sent becomes scans of its dossiers as
//! soon as a message names it, whichever came first; what goes with our messages is handed out to the
//! province they are for.

use std::collections::HashMap;

use access::audit::Action;
use casework::Step;
use files::{FileHash, MediaType, Stored};
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Clock};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::inbox::TELLERS;
use crate::message::Message;
use crate::outbox::TOLD;
use crate::{Refused, connection};

/// The name of a file with a content.
pub fn name_of(content: &[u8]) -> FileHash {
    FileHash(Sha256::digest(content).into())
}

/// Takes note that the one-stop system of a province sent a file, which is stored already, and makes
/// it a scan of the dossiers whose messages name it. Returns whether it is new; again nothing changes.
///
/// # Errors
/// [`Refused::NotConnected`], [`Refused::Denied`]: nothing was noted.
pub async fn receive(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    file: &Stored,
) -> Result<bool, Refused> {
    access::require(actor, &TELLERS, province)?;
    let mode = connection::mode_on(pool, province, clock.today()).await?;
    if !mode.takes_in() {
        return Err(Refused::NotConnected(province.to_owned()));
    }
    let now = clock.now();
    let hash = file.hash.0.to_vec();
    let mut tx = pool.begin().await?;
    hold(&mut tx, province, std::slice::from_ref(&hash)).await?;
    let added = sqlx::query!(
        "insert into exchange_file (province_code, file_hash, media_type, size, received_by,
                                    received_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        province,
        hash,
        file.media_type.name(),
        i32::try_from(file.size).unwrap_or(i32::MAX),
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(false);
    }
    let scans = attach(&mut tx, (province, actor, clock), &[hash]).await?;
    let detail = json!({"file": file.hash, "size": file.size, "scans": scans});
    let (action, place) = (Action::ExchangeFile, Some(province));
    access::audit::record(&mut tx, now, actor, action, "file", place, detail).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes note of the papers that messages, which are steps now, name by the hash of their file.
pub(crate) async fn named(
    tx: &mut PgConnection,
    (province, actor, clock): (&str, &Actor, &Clock),
    taken: &[&Message],
) -> Result<(), Refused> {
    let naming: Vec<Uuid> = taken
        .iter()
        .filter(|message| hashes(message.step()).next().is_some())
        .map(|message| message.event.event_id)
        .collect();
    if naming.is_empty() {
        return Ok(());
    }
    let named = sqlx::query_scalar!(
        r#"insert into exchange_paper (dossier_id, seq, place, paper, file_hash)
           select dossier_id, seq, place, btrim(paper ->> 'name'), decode(paper ->> 'file', 'hex')
           from dossier_step
                cross join jsonb_array_elements(body -> 'papers') with ordinality as told (paper, place)
           where event_id = any($1) and paper ->> 'file' is not null
           on conflict do nothing
           returning file_hash"#,
        &naming
    )
    .fetch_all(&mut *tx)
    .await?;
    hold(tx, province, &named).await?;
    attach(tx, (province, actor, clock), &named).await?;
    Ok(())
}

fn hashes(step: &Step) -> impl Iterator<Item = &str> {
    let papers = match step {
        Step::Submitted(submission) => submission.papers.as_slice(),
        Step::Supplemented { papers } => papers.as_slice(),
        _ => &[],
    };
    papers.iter().filter_map(|paper| paper.file.as_deref())
}

/// Holds off others who bring or name the same files: whoever comes second sees what the first did.
async fn hold(tx: &mut PgConnection, province: &str, hashes: &[Vec<u8>]) -> Result<(), Refused> {
    sqlx::query!(
        r#"select count(pg_advisory_xact_lock(key)::text) as "locked!"
           from (select distinct hashtextextended('exchange file ' || $1 || encode(hash, 'hex'), 0) as key
                 from unnest($2::bytea[]) as hash order by key) as keys"#,
        province,
        hashes
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

/// Makes scans of files that are both there and named. Returns how many.
async fn attach(
    tx: &mut PgConnection,
    (province, actor, clock): (&str, &Actor, &Clock),
    hashes: &[Vec<u8>],
) -> Result<u64, Refused> {
    let added = sqlx::query!(
        "insert into attachment (dossier_id, paper, file_hash, media_type, size, recorded_by,
                                 recorded_at)
         select dossier_id, paper, file_hash, media_type, size, $3, $4
         from (select dossier_id, paper, file_hash, media_type, size, min(seq * 1000 + place) as place
               from exchange_paper p
                    join dossier d using (dossier_id)
                    join exchange_file f using (province_code, file_hash)
               where province_code = $1 and file_hash = any($2)
                 and not exists (select from attachment a
                                 where a.dossier_id = p.dossier_id and a.file_hash = p.file_hash
                                   and a.paper = p.paper)
               group by dossier_id, paper, file_hash, media_type, size) as both_there
         order by dossier_id, place",
        province,
        hashes,
        actor.name,
        clock.now().to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(added.rows_affected())
}

/// Files that messages about a dossier of the province name and that have not come.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn missing(
    pool: &PgPool,
    actor: &Actor,
    province: &str,
    dossier: &str,
) -> Result<Vec<FileHash>, Refused> {
    let mut missing = missing_of(pool, actor, province, &[dossier.to_owned()]).await?;
    Ok(missing.remove(dossier).unwrap_or_default())
}

/// The same of several dossiers, by their codes; those that lack none are left out.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn missing_of(
    db: impl PgExecutor<'_>,
    actor: &Actor,
    province: &str,
    dossiers: &[String],
) -> Result<HashMap<String, Vec<FileHash>>, Refused> {
    access::require(actor, &TOLD, province)?;
    let found = sqlx::query!(
        r#"select d.code, file_hash as "hash!"
           from exchange_paper p join dossier d using (dossier_id)
           where d.province_code = $1 and d.code = any($2)
             and not exists (select from exchange_file f
                             where f.province_code = d.province_code
                               and f.file_hash = p.file_hash)
           group by d.code, file_hash order by d.code, min(seq * 1000 + place)"#,
        province,
        dossiers
    )
    .fetch_all(db)
    .await?;
    let mut missing: HashMap<String, Vec<FileHash>> = HashMap::new();
    for row in found {
        let hash = FileHash::from_bytes(&row.hash);
        let hash = hash.ok_or_else(|| Refused::Inconsistent(format!("dossier {}", row.code)))?;
        missing.entry(row.code).or_default().push(hash);
    }
    Ok(missing)
}

/// What kind of file it is, for the one-stop system that sent it or whose message names it. Recorded
/// in the audit log.
///
/// # Errors
/// [`Refused::UnknownFile`] also for what only others sent, [`Refused::Denied`].
pub async fn to_hand_out(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    hash: &FileHash,
) -> Result<MediaType, Refused> {
    access::require(actor, &TOLD, province)?;
    let mut tx = pool.begin().await?;
    let found = sqlx::query_scalar!(
        r#"select media_type as "type!" from exchange_file
           where province_code = $1 and file_hash = $2
           union all
           select 'application/pdf' from exchange_letter join exchange_outbox using (outbox_no)
           where province_code = $1 and file_hash = $2
           limit 1"#,
        province,
        hash.0.as_slice()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let found = found.ok_or(Refused::UnknownFile)?;
    let media_type = MediaType::from_name(&found).ok_or(Refused::Inconsistent(found))?;
    let detail = json!({ "file": hash });
    let (action, place) = (Action::ExchangeOpenFile, Some(province));
    access::audit::record(&mut tx, clock.now(), actor, action, "file", place, detail).await?;
    tx.commit().await?;
    Ok(media_type)
}

/// A letter that goes with a message about a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LetterFile {
    /// The file, stored already.
    pub hash: FileHash,
    /// In bytes.
    pub size: u64,
    /// As it was signed; otherwise as this system printed it.
    pub signed: bool,
}

/// The message that tells of the decision of a dossier of the province, and the letter fixed for it.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn of_decision(
    pool: &PgPool,
    actor: &Actor,
    province: &str,
    dossier: &str,
) -> Result<Option<(Uuid, Option<FileHash>)>, Refused> {
    access::require(actor, &TOLD, province)?;
    let found = sqlx::query!(
        r#"select o.message_id, l.file_hash as "letter?"
           from exchange_outbox o
                join dossier d using (dossier_id)
                join dossier_step s on s.dossier_id = o.dossier_id and s.seq = o.step_seq
                left join exchange_letter l using (outbox_no)
           where o.province_code = $1 and d.code = $2 and s.kind = 'decided'
           order by o.outbox_no desc limit 1"#,
        province,
        dossier
    )
    .fetch_optional(pool)
    .await?;
    let letter = |hash: Vec<u8>| FileHash::from_bytes(&hash);
    Ok(found.map(|it| (it.message_id, it.letter.and_then(letter))))
}

/// Fixes the letter of a message of the province. The first one counts, which is returned.
///
/// # Errors
/// [`Refused::UnknownMessage`], [`Refused::Denied`].
pub async fn fix_letter(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    (province, message): (&str, Uuid),
    letter: &LetterFile,
) -> Result<FileHash, Refused> {
    access::require(actor, &[Role::OneStop, Role::Officer], province)?;
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "insert into exchange_letter (outbox_no, file_hash, size, signed, made_at)
         select outbox_no, $3, $4, $5, $6 from exchange_outbox
         where province_code = $1 and message_id = $2
         on conflict do nothing",
        province,
        message,
        letter.hash.0.as_slice(),
        i32::try_from(letter.size).unwrap_or(i32::MAX),
        letter.signed,
        clock.now().to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let fixed = sqlx::query_scalar!(
        "select file_hash from exchange_letter join exchange_outbox using (outbox_no)
         where province_code = $1 and message_id = $2",
        province,
        message
    )
    .fetch_optional(&mut *tx)
    .await?;
    let fixed = fixed.ok_or(Refused::UnknownMessage)?;
    let hash = FileHash::from_bytes(&fixed);
    let hash = hash.ok_or_else(|| Refused::Inconsistent(format!("letter of {message}")))?;
    let detail = json!({"message": message, "file": hash, "signed": letter.signed});
    let (action, place) = (Action::LetterMake, Some(province));
    access::audit::record(
        &mut tx,
        clock.now(),
        actor,
        action,
        "message",
        place,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(hash)
}
