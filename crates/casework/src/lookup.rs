//! Look-up codes: eight signs on the receipt with which a citizen, who has no account, sees where
//! their dossier stands.
//!
//! The code alone opens nothing: a second proof is asked, and tries are limited for each code and
//! for each address. Only a slow hash is kept, so that a copy of the database gives no code away.

use access::audit::Action;
use access::citizen::Citizen;
use argon2::Argon2;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::{Clock, DossierId, Origin};
use rand::TryRngCore;
use rand::rngs::OsRng;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};

use crate::{show, whose};

/// Who gives codes out.
pub const ISSUERS: &[Role] = &[Role::Clerk, Role::Officer];

/// Signs of a code: none that looks like another, handwritten or read aloud.
const SIGNS: &[u8; 26] = b"ACDEFGHJKLMNPQRTUVWXY34679";
const LENGTH: usize = 8;

/// Tries of one code in a day, and of one address in an hour, of those that found nothing.
const TRIES_OF_CODE: i32 = 10;
const TRIES_OF_ADDRESS: i32 = 30;
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A code as it is printed once and never read back: `ACDE-FGHJ`.
#[derive(Clone, PartialEq, Eq)]
pub struct LookupCode(String);

impl LookupCode {
    /// As printed.
    pub fn printed(&self) -> String {
        let (left, right) = self.0.split_at(LENGTH / 2);
        format!("{left}-{right}")
    }

    /// As people type it: small letters, spaces and dashes do not matter.
    pub fn parse(text: &str) -> Option<LookupCode> {
        let signs = text.chars().filter(|sign| !matches!(sign, ' ' | '-'));
        let code: String = signs.map(|sign| sign.to_ascii_uppercase()).collect();
        let sound = code.len() == LENGTH && code.bytes().all(|sign| SIGNS.contains(&sign));
        sound.then_some(LookupCode(code))
    }

    fn random() -> Result<LookupCode, Refused> {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            let mut byte = [0];
            let filled = OsRng.try_fill_bytes(&mut byte);
            filled.map_err(|error| Refused::Machine(error.to_string()))?;
            // Five bits of the byte; those beyond the signs are drawn again, so that each is as likely.
            if let Some(sign) = SIGNS.get(usize::from(byte[0] & 31)) {
                code.push(char::from(*sign));
            }
        }
        Ok(LookupCode(code))
    }
}

/// Whoever prints a code by mistake prints nothing.
impl std::fmt::Debug for LookupCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LookupCode")
    }
}

/// What only somebody close to the dossier knows besides the code.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// Day of birth of the beneficiary, where the registry knows the whole day.
    Birthday(Date),
    /// Last four digits of the ID number of the applicant or the beneficiary.
    LastFour(String),
}

impl Proof {
    /// `01/02/1948` or `1234`.
    pub fn parse(text: &str) -> Option<Proof> {
        let text = text.trim();
        if text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Some(Proof::LastFour(text.to_owned()));
        }
        let mut parts = text.split('/').map(|part| part.parse::<i16>().ok());
        match (parts.next()??, parts.next()??, parts.next()??, parts.next()) {
            (day, month, year, None) => {
                let (day, month) = (i8::try_from(day).ok()?, i8::try_from(month).ok()?);
                Date::new(year, month, day).ok().map(Proof::Birthday)
            }
            _ => None,
        }
    }
}

/// Whose dossier a code opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number.
    pub id: DossierId,
    /// Its code, as on the receipt.
    pub dossier: String,
}

/// Why no code was given out, or nothing looked up.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No such dossier, or none the actor gives codes out for.
    #[error(transparent)]
    Dossier(#[from] show::Refused),
    /// A code would open nothing.
    #[error(
        "hồ sơ chưa có số định danh của người nộp hoặc ngày sinh của người hưởng nên chưa cấp được \
         mã tra cứu: người dân sẽ không chứng minh được hồ sơ là của mình"
    )]
    NothingToAsk,
    /// Of this code or this address; whether the code exists is not told.
    #[error("đã tra cứu sai quá nhiều lần: hãy thử lại vào ngày mai hoặc hỏi bộ phận một cửa")]
    TooManyTries,
    /// No random bytes, or not enough memory to hash.
    #[error("máy chủ không tạo được mã: {0}")]
    Machine(String),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Dossier(refused) => refused.code(),
            Refused::NothingToAsk => "nothing_to_ask",
            Refused::TooManyTries => "too_many_tries",
            Refused::Machine(_) => "machine",
            Refused::Database(_) => "database",
        }
    }
}

/// Gives out a new code for a dossier, in place of any earlier one. It is shown this once. The
/// actor is a clerk or an officer of the dossier's commune. Recorded in the audit log.
///
/// # Errors
/// [`Refused`]: nothing was changed.
pub async fn issue(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    dossier: &str,
) -> Result<LookupCode, Refused> {
    let whose = whose::find(&mut *tx, actor, ISSUERS, dossier).await?;
    give(tx, actor, clock, (whose.id, dossier, Some(whose.area.code))).await
}

/// As [`issue`], by the citizen of the dossier themselves, in place of the code they came with.
///
/// # Errors
/// [`Refused`]: nothing was changed.
pub async fn issue_own(
    tx: &mut PgConnection,
    citizen: &Citizen,
    clock: &Clock,
) -> Result<LookupCode, Refused> {
    let id = citizen.dossier();
    let dossier = sqlx::query_scalar!("select code from dossier where dossier_id = $1", id.0)
        .fetch_one(&mut *tx)
        .await?;
    give(tx, citizen.actor(), clock, (id, &dossier, None)).await
}

async fn give(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    (id, dossier, area): (DossierId, &str, Option<&str>),
) -> Result<LookupCode, Refused> {
    if !has_proof(&mut *tx, id).await? {
        return Err(Refused::NothingToAsk);
    }
    let code = LookupCode::random()?;
    let hash = hash(salt(&mut *tx).await?, code.clone()).await?;
    sqlx::query!(
        "insert into lookup_code (dossier_id, hash, issued_by, issued_at) values ($1, $2, $3, $4)",
        id.0,
        hash,
        actor.name,
        clock.now().to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let object = format!("dossier {dossier}");
    let (now, detail) = (clock.now(), json!({}));
    access::audit::record(tx, now, actor, Action::LookupIssue, &object, area, detail).await?;
    Ok(code)
}

/// The dossier a citizen asks for from an address. `None` alike for an unknown code, one that was
/// replaced and a wrong proof, after the same work. Each try is counted before it is looked at, so
/// that many at once count; one that found its dossier is taken back.
///
/// # Errors
/// [`Refused::TooManyTries`], also with the right proof; those of the database.
pub async fn find(
    pool: &PgPool,
    clock: &Clock,
    code: &LookupCode,
    proof: &Proof,
    origin: &Origin,
) -> Result<Option<Found>, Refused> {
    let now = clock.now();
    let salt = salt(&mut *pool.acquire().await?).await?;
    let caller = Sha256::digest([b"address", salt.as_slice(), origin.place().as_bytes()].concat());
    let from_address = Tries {
        subject: caller.to_vec(),
        began: start(now, HOUR),
    };
    // Before the slow hash, which a flood of tries would otherwise cost each time.
    if from_address.one_more(pool).await? > TRIES_OF_ADDRESS {
        return Err(Refused::TooManyTries);
    }
    let hash = hash(salt, code.clone()).await?;
    let of_code = Tries {
        subject: hash.clone(),
        began: start(now, DAY),
    };
    if of_code.one_more(pool).await? > TRIES_OF_CODE {
        return Err(Refused::TooManyTries);
    }
    forget_old(pool, now).await?;
    let Some(found) = opened(pool, &hash, proof).await? else {
        return Ok(None);
    };
    let mut tx = pool.begin().await?;
    of_code.take_back(&mut tx).await?;
    from_address.take_back(&mut tx).await?;
    let citizen = access::citizen::anybody().at(origin.clone());
    let object = format!("dossier {}", found.dossier);
    access::audit::record(
        &mut tx,
        now,
        &citizen,
        Action::LookupFind,
        &object,
        None,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    Ok(Some(found))
}

/// Tries of a code or of an address in an hour or a day.
struct Tries {
    subject: Vec<u8>,
    began: Timestamp,
}

impl Tries {
    /// Counts one more and says how many there are.
    async fn one_more(&self, pool: &PgPool) -> sqlx::Result<i32> {
        sqlx::query_scalar!(
            "insert into lookup_tries (subject, began, tries) values ($1, $2, 1)
             on conflict (subject, began) do update set tries = lookup_tries.tries + 1
             returning tries",
            self.subject,
            self.began.to_sqlx() as _
        )
        .fetch_one(pool)
        .await
    }

    async fn take_back(&self, tx: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query!(
            "update lookup_tries set tries = tries - 1 where subject = $1 and began = $2",
            self.subject,
            self.began.to_sqlx() as _
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// The last whole hour or day (of UTC) before an instant.
fn start(now: Timestamp, length: SignedDuration) -> Timestamp {
    let second = now.as_second();
    let began = second - second.rem_euclid(length.as_secs());
    Timestamp::from_second(began).unwrap_or(now)
}

/// A few old counts at a time go with every try.
async fn forget_old(pool: &PgPool, now: Timestamp) -> sqlx::Result<()> {
    let old = now.saturating_sub(DAY + DAY).unwrap_or(now);
    sqlx::query!(
        "delete from lookup_tries where (subject, began) in
             (select subject, began from lookup_tries where began < $1
              order by began limit 100 for update skip locked)",
        old.to_sqlx() as _
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The dossier whose last code has the hash, if the proof is right.
async fn opened(pool: &PgPool, hash: &[u8], proof: &Proof) -> sqlx::Result<Option<Found>> {
    let (birthday, last_four) = match proof {
        Proof::Birthday(day) => (Some(day.to_sqlx()), None),
        Proof::LastFour(digits) => (None, Some(digits.as_str())),
    };
    let found = sqlx::query!(
        "select dossier_id, d.code
         from lookup_code c join dossier d using (dossier_id) left join person p using (person_id)
         where c.hash = $1
           and not exists (select from lookup_code later
                           where later.dossier_id = c.dossier_id and later.code_no > c.code_no)
           and (p.birth_precision = 'd' and p.birth_date = $2
                or right(d.applicant_id_number, 4) = $3 or right(p.id_number, 4) = $3)",
        hash,
        birthday as _,
        last_four
    )
    .fetch_optional(pool)
    .await?;
    Ok(found.map(|row| Found {
        id: DossierId(row.dossier_id),
        dossier: row.code,
    }))
}

/// Whether anything could be asked besides the code.
async fn has_proof(tx: &mut PgConnection, dossier: DossierId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select coalesce(applicant_id_number ~ '[0-9]{4}$', false)
                  or coalesce(id_number ~ '[0-9]{4}$', false)
                  or coalesce(birth_precision = 'd', false) as "has!"
           from dossier left join person using (person_id) where dossier_id = $1"#,
        dossier.0
    )
    .fetch_one(tx)
    .await
}

async fn salt(tx: &mut PgConnection) -> sqlx::Result<Vec<u8>> {
    sqlx::query_scalar!("select salt from lookup_salt")
        .fetch_one(tx)
        .await
}

/// Argon2id; works off the async threads. About 38 bits of a code are few for a plain hash, and too
/// many for this one.
async fn hash(salt: Vec<u8>, code: LookupCode) -> Result<Vec<u8>, Refused> {
    let hashed = tokio::task::spawn_blocking(move || {
        let mut hash = vec![0; 32];
        let done = Argon2::default().hash_password_into(code.0.as_bytes(), &salt, &mut hash);
        done.map(|()| hash).map_err(|error| error.to_string())
    });
    match hashed.await {
        Ok(hash) => hash.map_err(Refused::Machine),
        Err(error) => Err(Refused::Machine(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{LookupCode, Proof, SIGNS};

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = LookupCode::random().expect("random bytes");
        let typed = format!(" {} ", code.printed().to_lowercase().replace('-', " - "));
        assert_eq!(LookupCode::parse(&typed), Some(code));
        for wrong in ["", "ACDE-FGH", "ACDE-FGH0", "ACDE-FGHJK", "ÁCDE-FGH"] {
            assert_eq!(LookupCode::parse(wrong), None, "{wrong}");
        }
        for alike in b"0O1I5S2Z8B" {
            assert!(!SIGNS.contains(alike));
        }
    }

    #[test]
    fn proofs_are_a_day_or_four_digits() {
        assert!(Proof::parse("01/02/1948") == Some(Proof::Birthday(date(1948, 2, 1))));
        assert!(Proof::parse(" 1234 ") == Some(Proof::LastFour("1234".to_owned())));
        for wrong in [
            "",
            "123",
            "12345",
            "31/02/1948",
            "1/2",
            "1/2/1948/5",
            "ab/1/1948",
        ] {
            assert!(Proof::parse(wrong).is_none(), "{wrong}");
        }
    }
}
