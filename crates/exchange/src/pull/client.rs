//! Pulling: dossiers a province's platform hands out are taken, and marked there only once they are in the
//! inbox with their files; what has to be told is pushed. Nothing is remembered about a round: broken off
//! anywhere it is begun again, and what was taken twice counts once.

use std::collections::HashSet;

use bytes::Bytes;
use files::{FileHash, Files};
use kernel::{Actor, Clock};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::shape::{Sending, Told};
use super::{changed, handed_out, take};
use crate::outbox::offered;
use crate::{Answer, Refused, acknowledge, dialect, file};

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
        let url = format!("{}/{operation}", self.address);
        let bytes = self.asked("POST", url, body.to_string()).await?;
        serde_json::from_slice(&bytes).map_err(|_| format!("{operation}: answer_unreadable"))
    }

    async fn file(&self, hash: &FileHash) -> Result<Vec<u8>, Unreached> {
        let url = format!("{}/tepTin/{hash}", self.address);
        self.asked("GET", url, String::new()).await
    }

    async fn asked(
        &self,
        method: &'static str,
        url: String,
        body: String,
    ) -> Result<Vec<u8>, Unreached> {
        let bearer = format!("Bearer {}", self.token);
        let asking = move || {
            let request = ureq::http::Request::builder()
                .method(method)
                .uri(url)
                .header("authorization", bearer)
                .header("content-type", "application/json")
                .body(body);
            let request = request.map_err(|_| "address_malformed".to_owned())?;
            let response = g2p::client::agent().run(request);
            let mut response = response.map_err(|_| "not_reached".to_owned())?;
            let status = response.status().as_u16();
            let limited = response.body_mut().with_config().limit(MAX_ANSWER);
            let content = limited.read_to_vec();
            let content = content.map_err(|_| "connection_lost".to_owned())?;
            // A refusal in the words of the dialect is an answer, whatever its status.
            let worded = serde_json::from_slice::<Told>(&content).is_ok();
            match status {
                200 => Ok(content),
                400..500 if worded && status != 401 && status != 429 => Ok(content),
                _ => Err(format!("HTTP {status}")),
            }
        };
        let asked = tokio::task::spawn_blocking(asking).await;
        asked.unwrap_or_else(|_| Err("connection_lost".to_owned()))
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
/// wrong ends the round and is said in it.
///
/// # Errors
/// [`Refused::OtherDialect`], [`Refused::NotConnected`], [`Refused::Denied`], [`Refused::Database`].
pub async fn round(puller: Puller<'_>, platform: &Platform) -> Result<Round, Refused> {
    let (pool, clock, province) = (puller.pool, puller.clock, puller.province);
    dialect::require(pool, clock, province, dialect::Dialect::Pull).await?;
    let mut round = Round::default();
    let mode = crate::connection::mode_on(pool, province, clock.today()).await?;
    let mut broken = None;
    if mode.takes_in() {
        broken = pull(puller, platform, &mut round).await?.err();
    }
    if broken.is_none() {
        broken = push(puller, platform, &mut round).await?.err();
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
    round: &mut Round,
) -> Result<Result<(), Unreached>, Refused> {
    let (pool, actor, clock, province) = (puller.pool, puller.actor, puller.clock, puller.province);
    let messages = offered(pool, actor, clock, province, (0, PUSHED)).await?;
    let mut behind: HashSet<String> = HashSet::new();
    for message in messages {
        if behind.contains(&message.dossier) {
            continue;
        }
        let (operation, body) = match handed_out(&message) {
            Some(sending) => ("nhanHoSo", serde_json::to_value(sending)),
            None => (
                "capNhatTrangThaiHs",
                serde_json::to_value(changed(&message)),
            ),
        };
        let body = body.map_err(|error| Refused::Inconsistent(error.to_string()))?;
        let told: Told = match platform.post(operation, body).await {
            Ok(told) => told,
            Err(why) => return Ok(Err(why)),
        };
        let why = (told.trang_thai == 0).then(|| said(&told));
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
