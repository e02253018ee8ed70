//! Pulling: dossiers a province's platform hands out are taken, and marked there only once they are in the
//! inbox with their files; what has to be told is pushed, the letter of a decision before the decision. Nothing
//! is remembered about a round: broken off anywhere it is begun again, and what was taken twice counts once.

use std::collections::HashSet;

use bytes::Bytes;
use files::{FileHash, Files};
use futures_util::TryStreamExt;
use kernel::{Actor, Clock};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::shape::{Sending, Told};
use super::{changed, handed_out, take};
use crate::outbox::offered;
use crate::{Answer, Offered, Refused, acknowledge, dialect, file};

const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";
/// Bytes of an answer of a platform.
const MAX_ANSWER: u64 = 32 << 20;
/// Messages pushed in one round.
const PUSHED: i64 = 200;

/// A province's own platform.
#[derive(Clone)]
pub struct Platform {
    address: String,
    token: String,
}

/// What a round came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Round {
    /// Dossiers handed out there.
    pub handed_out: u64,
    /// Of these, in the inbox with all their files, and marked there.
    pub marked: u64,
    /// Of these, without some file, or not kept: handed out again.
    pub waiting: u64,
    /// Of these, refused: code and number of dossier. Kept ones are marked all the same.
    pub refused: Vec<String>,
    /// Messages of ours the platform took.
    pub pushed: u64,
    /// Messages of ours it refused.
    pub failed: u64,
    /// Why the round ended early.
    pub broken_off: Option<String>,
}

impl Round {
    /// Whether anything is different from before.
    pub const fn moved(&self) -> bool {
        self.marked + self.pushed + self.failed > 0
    }
}

/// Why the platform has no answer.
type Unreached = String;

impl Platform {
    /// At the address of a connection, with the token the province gave us.
    pub fn new(address: &str, token: String) -> Platform {
        let address = address.trim_end_matches('/').to_owned();
        Platform { address, token }
    }

    async fn post<T: for<'a> Deserialize<'a>>(
        &self,
        operation: &'static str,
        body: Value,
    ) -> Result<T, Unreached> {
        let said = self.asked(
            "POST",
            operation.to_owned(),
            (JSON, body.to_string().into()),
        );
        let said = said.await?;
        // A refusal in the words of the dialect is an answer, whatever its status.
        match said.status {
            200 => {}
            _ if said.refusal().is_some() => {}
            status => return Err(format!("HTTP {status}")),
        }
        serde_json::from_slice(&said.content).map_err(|_| format!("{operation}: answer_unreadable"))
    }

    async fn file(&self, hash: &FileHash) -> Result<Vec<u8>, Unreached> {
        let said = self.asked("GET", format!("tepTin/{hash}"), (JSON, Vec::new()));
        let said = said.await?;
        match said.status {
            200 => Ok(said.content),
            status => Err(format!("HTTP {status}")),
        }
    }

    /// Hands a letter over. Returns why the platform does not take it, or `None`: also where it takes no
    /// files at all and is told the hash alone.
    async fn letter(&self, hash: &FileHash, content: Vec<u8>) -> Result<Option<String>, Unreached> {
        let said = self.asked("PUT", format!("tepTin/{hash}"), (OCTETS, content));
        let said = said.await?;
        match said.status {
            200..300 | 404 | 405 | 501 => Ok(None),
            status => match said.refusal() {
                Some(told) => Ok(Some(format!("tepTin: {}", self::said(&told)))),
                None => Err(format!("tepTin: HTTP {status}")),
            },
        }
    }

    async fn asked(
        &self,
        method: &'static str,
        path: String,
        (media_type, body): (&'static str, Vec<u8>),
    ) -> Result<Said, Unreached> {
        let url = format!("{}/{path}", self.address);
        let bearer = format!("Bearer {}", self.token);
        let asking = move || {
            let request = ureq::http::Request::builder()
                .method(method)
                .uri(url)
                .header("authorization", bearer)
                .header("content-type", media_type)
                .body(body);
            let request = request.map_err(|_| "address_malformed".to_owned())?;
            let response = g2p::client::agent().run(request);
            let mut response = response.map_err(|_| "not_reached".to_owned())?;
            let status = response.status().as_u16();
            let limited = response.body_mut().with_config().limit(MAX_ANSWER);
            let content = limited.read_to_vec();
            let content = content.map_err(|_| "connection_lost".to_owned())?;
            Ok(Said { status, content })
        };
        let asked = tokio::task::spawn_blocking(asking).await;
        asked.unwrap_or_else(|_| Err("connection_lost".to_owned()))
    }
}

/// What a platform answered.
struct Said {
    status: u16,
    content: Vec<u8>,
}

impl Said {
    /// A refusal in the words of the dialect that will not be otherwise when asked again.
    fn refusal(&self) -> Option<Told> {
        let lasting = (400..500).contains(&self.status) && !matches!(self.status, 401 | 429);
        let told = lasting.then(|| serde_json::from_slice(&self.content).ok());
        told.flatten()
    }
}

/// Whose round it is.
#[derive(Clone, Copy)]
pub struct Puller<'a> {
    /// The database.
    pub pool: &'a PgPool,
    /// Where files are kept.
    pub files: &'a Files,
    /// Who takes and tells.
    pub actor: &'a Actor,
    /// The time.
    pub clock: &'a Clock,
    /// Code of the province.
    pub province: &'a str,
}

/// Pulls what a province's platform hands out, and pushes what has to be told, once. What the platform does
/// wrong ends the round and is said in it. `letter` finds or makes the letter of a decision that has none yet
/// and stores it, as for who calls.
///
/// # Errors
/// [`Refused::OtherDialect`], [`Refused::NotConnected`], [`Refused::Denied`], [`Refused::Database`], those of
/// `letter`.
pub async fn round(
    puller: Puller<'_>,
    platform: &Platform,
    letter: impl AsyncFn(&Offered) -> Result<Option<FileHash>, Refused>,
) -> Result<Round, Refused> {
    let (pool, clock, province) = (puller.pool, puller.clock, puller.province);
    dialect::require(pool, clock, province, dialect::Dialect::Pull).await?;
    let mut round = Round::default();
    let mode = crate::connection::mode_on(pool, province, clock.today()).await?;
    let mut broken = None;
    if mode.takes_in() {
        broken = pull(puller, platform, &mut round).await?.err();
    }
    if broken.is_none() {
        broken = push(puller, platform, &letter, &mut round).await?.err();
    }
    round.broken_off = broken;
    Ok(round)
}

async fn pull(
    puller: Puller<'_>,
    platform: &Platform,
    round: &mut Round,
) -> Result<Result<(), Unreached>, Refused> {
    let told: Told = match platform.post("traHoSo", json!({})).await {
        Ok(told) => told,
        Err(why) => return Ok(Err(why)),
    };
    if told.trang_thai != 1 {
        return Ok(Err(format!("traHoSo: {}", said(&told))));
    }
    let list = match told.gia_tri {
        None => Vec::new(),
        Some(Value::Array(list)) => list,
        Some(_) => return Ok(Err("traHoSo: answer_unreadable".to_owned())),
    };
    let mut marks: Vec<String> = Vec::new();
    for entry in list {
        round.handed_out += 1;
        let Ok(sending) = serde_json::from_value::<Sending>(entry) else {
            round.waiting += 1;
            round.refused.push("unreadable".to_owned());
            continue;
        };
        match one(puller, platform, &sending, round).await? {
            true => marks.extend(sending.declaration_id),
            false => round.waiting += 1,
        }
    }
    marks.sort_unstable();
    marks.dedup();
    if marks.is_empty() {
        return Ok(Ok(()));
    }
    let body = json!({ "declarationId": marks.join(";") });
    let told: Told = match platform.post("danhDauHsThanhCong", body).await {
        Ok(told) => told,
        Err(why) => return Ok(Err(why)),
    };
    if told.trang_thai != 1 {
        return Ok(Err(format!("danhDauHsThanhCong: {}", said(&told))));
    }
    round.marked += marks.len() as u64;
    Ok(Ok(()))
}

/// Takes one dossier. Returns whether it may be marked: it is in the inbox, and so are its files.
async fn one(
    puller: Puller<'_>,
    platform: &Platform,
    sending: &Sending,
    round: &mut Round,
) -> Result<bool, Refused> {
    let (pool, actor, clock, province) = (puller.pool, puller.actor, puller.clock, puller.province);
    let taken = take(pool, actor, clock, province, sending).await?;
    if let Answer::Refused { code, .. } = &taken.answer {
        round.refused.push(format!("{code} {}", sending.ma_ho_so));
    }
    if !is_kept(pool, province, taken.id).await? {
        return Ok(false);
    }
    for hash in file::missing(pool, actor, province, &sending.ma_ho_so).await? {
        let Ok(content) = platform.file(&hash).await else {
            return Ok(false);
        };
        let pieces = futures_util::stream::iter([Ok::<_, String>(Bytes::from(content))]);
        // Other bytes under the name, or no paper: nothing is kept, and it is asked for again.
        let Ok(stored) = puller.files.take_in_as(&hash, pieces).await else {
            round.refused.push(format!("file {}", sending.ma_ho_so));
            return Ok(false);
        };
        file::receive(pool, actor, clock, province, &stored).await?;
    }
    Ok(true)
}

async fn is_kept(pool: &PgPool, province: &str, id: Uuid) -> Result<bool, Refused> {
    let kept = sqlx::query_scalar!(
        r#"select exists (select from exchange_inbox
                          where province_code = $1 and message_id = $2) as "kept!""#,
        province,
        id
    )
    .fetch_one(pool)
    .await?;
    Ok(kept)
}

async fn push(
    puller: Puller<'_>,
    platform: &Platform,
    letter: &impl AsyncFn(&Offered) -> Result<Option<FileHash>, Refused>,
    round: &mut Round,
) -> Result<Result<(), Unreached>, Refused> {
    let (pool, actor, clock, province) = (puller.pool, puller.actor, puller.clock, puller.province);
    let messages = offered(pool, actor, clock, province, (0, PUSHED)).await?;
    let mut behind: HashSet<String> = HashSet::new();
    for mut message in messages {
        if behind.contains(&message.dossier) {
            continue;
        }
        if message.is_decision() && message.letter.is_none() {
            message.letter = letter(&message).await?;
        }
        let why = match told(puller, platform, &message).await? {
            Ok(why) => why,
            Err(why) => return Ok(Err(why)),
        };
        match why {
            None => round.pushed += 1,
            Some(_) => {
                round.failed += 1;
                behind.insert(message.dossier.clone());
            }
        }
        acknowledge(pool, actor, clock, province, &[(message.id, why)]).await?;
    }
    Ok(Ok(()))
}

/// Tells a platform one message, its letter first. Returns why it does not take it.
async fn told(
    puller: Puller<'_>,
    platform: &Platform,
    message: &Offered,
) -> Result<Result<Option<String>, Unreached>, Refused> {
    if let Some(hash) = &message.letter {
        let content = stored(puller.files, hash).await?;
        match platform.letter(hash, content).await {
            Ok(None) => {}
            other => return Ok(other),
        }
    }
    let (operation, body) = match handed_out(message) {
        Some(sending) => ("nhanHoSo", serde_json::to_value(sending)),
        None => ("capNhatTrangThaiHs", serde_json::to_value(changed(message))),
    };
    let body = body.map_err(|error| Refused::Inconsistent(error.to_string()))?;
    let answer: Result<Told, Unreached> = platform.post(operation, body).await;
    Ok(answer.map(|told| (told.trang_thai == 0).then(|| said(&told))))
}

/// A stored file.
async fn stored(files: &Files, hash: &FileHash) -> Result<Vec<u8>, Refused> {
    let broken = |error: files::Refused| Refused::Inconsistent(format!("{hash}: {error}"));
    let gone = || Refused::Inconsistent(format!("{hash} is not in the store"));
    let found = files.open(hash).await.map_err(broken)?.ok_or_else(gone)?;
    let pieces: Vec<Bytes> = found.pieces.try_collect().await.map_err(broken)?;
    Ok(pieces.concat())
}

/// What a platform says of an error: its code and some of its words.
fn said(told: &Told) -> String {
    let words = told.mo_ta_loi.as_deref().unwrap_or_default();
    let words = words
        .chars()
        .filter(|letter| !letter.is_control())
        .take(200);
    format!(
        "{} {}",
        told.ma_loi.unwrap_or_default(),
        words.collect::<String>()
    )
}
