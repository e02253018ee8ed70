//! The province as a platform that is called: it hands dossiers out until they are marked, and hears what
//! becomes of them, the letter of a decision before the decision. On a bad day it is slow or down, hands the same out twice or in the wrong order, forgets
//! what was marked, loses answers, sends half of them, or has the wrong time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use exchange::file::name_of;
use exchange::pull::Code;
use exchange::pull::shape::{Changed, Marked, Sending, Told};
use jiff::SignedDuration;
use kernel::Clock;
use payments::sandbox::Chance;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::journal::{Journal, Tell};
use super::list::{self, Part};
use super::office::Office;
use super::plan::message_id;
use super::words::{heard, sending};
use super::{Citizens, Manner, Province};

/// Bytes of a letter.
const LARGEST: usize = 25 << 20;
/// Dossiers handed out at once.
const AT_ONCE: usize = 50;

struct Desk {
    journal: Journal,
    chance: Chance,
}

struct Platform {
    desk: Mutex<Desk>,
    /// Dossiers that were handed over here, until the process ends.
    elsewhere: Mutex<HashSet<String>>,
    citizens: Citizens,
    manner: Manner,
    clock: Clock,
    token: String,
    /// Who may have its dossiers listed; nobody where it does not know the office.
    office: Option<Office>,
}

/// Answers at a place until the process ends. The journal of the province is where it begins.
///
/// # Errors
/// When the journal cannot be read, or the listener fails.
pub async fn serve(
    listener: TcpListener,
    of: &Province,
    token: &str,
    office: Option<Office>,
) -> anyhow::Result<()> {
    let journal = Journal::open(&of.table)?;
    let chance = Chance(of.manner.seed ^ (journal.lines << 20));
    let platform = Platform {
        desk: Mutex::new(Desk { journal, chance }),
        elsewhere: Mutex::default(),
        citizens: of.citizens.clone(),
        manner: of.manner.clone(),
        clock: of.clock.clone(),
        token: token.to_owned(),
        office,
    };
    let router = Router::new()
        .route("/traHoSo", post(hand_out))
        .route("/danhDauHsThanhCong", post(mark))
        .route("/capNhatTrangThaiHs", post(hear))
        .route("/nhanHoSo", post(begin))
        .route("/tepTin/{hash}", get(file).put(letter))
        .layer(DefaultBodyLimit::max(LARGEST))
        .route("/table", get(table))
        .route("/dossiers", get(dossiers))
        .with_state(Arc::new(platform));
    axum::serve(listener, router).await?;
    Ok(())
}

type Platforms = State<Arc<Platform>>;

impl Platform {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn began_elsewhere(&self, dossier: &str) -> bool {
        let began = self
            .elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        began.contains(dossier)
    }

    /// Writes a change down, with the letter that goes with it. Of a dossier that began elsewhere nothing is.
    fn hear(&self, change: &Changed) -> anyhow::Result<()> {
        let dossier = change.receive_no.as_str();
        if self.began_elsewhere(dossier) {
            return Ok(());
        }
        let mut desk = self.desk();
        let known = |hash: &&str| !desk.journal.has_letter(dossier, hash);
        if let Some(hash) = change.hash_tep_tin.as_deref().filter(known) {
            desk.journal.letter(dossier, hash, true)?;
        }
        desk.journal.heard(&heard(change)).map(drop)
    }

    fn hits(&self, percent: u8) -> bool {
        self.desk().chance.hits(percent)
    }

    /// Whoever asks waits, is turned away, or is read.
    async fn asked<T: DeserializeOwned>(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<T, Box<Response>> {
        self.admit(headers).await?;
        serde_json::from_slice(body)
            .map_err(|_| Box::new(refused(StatusCode::BAD_REQUEST, Code::Data).into_response()))
    }

    async fn admit(&self, headers: &HeaderMap) -> Result<(), Box<Response>> {
        if self.hits(self.manner.slow) {
            tokio::time::sleep(self.manner.slow_for).await;
        }
        if self.hits(self.manner.down) {
            return Err(Box::new(StatusCode::SERVICE_UNAVAILABLE.into_response()));
        }
        let bearer = headers.get(header::AUTHORIZATION);
        let bearer = bearer.and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
        match bearer == Some(self.token.as_str()) {
            true => Ok(()),
            false => Err(Box::new(
                refused(StatusCode::UNAUTHORIZED, Code::Authen).into_response(),
            )),
        }
    }

    /// The answer, if nothing happens to it on the way.
    fn told(&self, value: Option<Value>) -> Response {
        if self.hits(self.manner.answer_lost) {
            return StatusCode::BAD_GATEWAY.into_response();
        }
        let told = Told {
            trang_thai: 1,
            gia_tri: value,
            ..Told::default()
        };
        if !self.hits(self.manner.half) {
            return Json(told).into_response();
        }
        let mut half = serde_json::to_vec(&told).unwrap_or_default();
        half.truncate(half.len() / 2);
        half.into_response()
    }
}

fn refused(status: StatusCode, code: Code) -> (StatusCode, Json<Told>) {
    let told = Told {
        trang_thai: 0,
        ma_loi: Some(code.number()),
        mo_ta_loi: Some(code.name().to_owned()),
        gia_tri: None,
    };
    (status, Json(told))
}

/// A journal that cannot be written is an error of the platform.
fn broken(error: &anyhow::Error) -> Response {
    eprintln!("{error:#}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

async fn hand_out(State(it): Platforms, headers: HeaderMap, body: Bytes) -> Response {
    let asked: Result<Value, _> = it.asked(&headers, &body).await;
    if let Err(answer) = asked {
        return *answer;
    }
    let planned = it.desk().journal.plan(&it.citizens, &it.clock);
    if let Err(error) = planned {
        return broken(&error);
    }
    let mut open: Vec<Tell> = it.desk().journal.to_tell().into_iter().flatten().collect();
    for place in 1..open.len() {
        if it.hits(it.manner.out_of_order) {
            open.swap(place - 1, place);
        }
    }
    let mut list = Vec::new();
    for tell in open.iter().take(AT_ONCE) {
        let tomorrow = it.hits(it.manner.clock_wrong);
        list.push(json!(as_sending(&it, tell, tomorrow)));
        if it.hits(it.manner.twice) {
            list.extend(list.last().cloned());
        }
    }
    it.told(Some(Value::Array(list)))
}

fn as_sending(it: &Platform, tell: &Tell, tomorrow: bool) -> Sending {
    let mut fields = tell.body.as_object().cloned().unwrap_or_default();
    if tomorrow {
        let at = it.clock.now() + SignedDuration::from_hours(24);
        fields.insert("at".to_owned(), json!(at));
    }
    Sending {
        declaration_id: Some(message_id(&tell.dossier, tell.seq).to_string()),
        ..sending(&tell.kind, &fields, &it.citizens.area)
    }
}

async fn mark(State(it): Platforms, headers: HeaderMap, body: Bytes) -> Response {
    let marked: Marked = match it.asked(&headers, &body).await {
        Ok(marked) => marked,
        Err(answer) => return *answer,
    };
    if it.hits(it.manner.ack_lost) {
        // Forgotten, and sometimes said to be done.
        return match it.hits(50) {
            true => it.told(None),
            false => StatusCode::BAD_GATEWAY.into_response(),
        };
    }
    let names: Vec<&str> = marked.declaration_id.split(';').collect();
    let ever: HashSet<String> = it.desk().journal.names().map(|it| it.to_string()).collect();
    if !names.iter().all(|name| ever.contains(*name)) {
        return refused(StatusCode::NOT_FOUND, Code::NotFound).into_response();
    }
    let open: Vec<Tell> = it.desk().journal.to_tell().into_iter().flatten().collect();
    let meant = open.iter().filter(|tell| {
        let name = message_id(&tell.dossier, tell.seq).to_string();
        names.contains(&name.as_str())
    });
    for tell in meant {
        let kept = it.desk().journal.told(tell, "taken");
        if let Err(error) = kept {
            return broken(&error);
        }
    }
    it.told(None)
}

async fn hear(State(it): Platforms, headers: HeaderMap, body: Bytes) -> Response {
    let change: Changed = match it.asked(&headers, &body).await {
        Ok(change) => change,
        Err(answer) => return *answer,
    };
    if !it.desk().journal.knows(&change.receive_no) && !it.began_elsewhere(&change.receive_no) {
        return refused(StatusCode::NOT_FOUND, Code::NotFound).into_response();
    }
    let letter = change.hash_tep_tin.as_deref();
    if letter.is_some_and(|hash| !it.desk().journal.has_come(hash)) {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, Code::Data).into_response();
    }
    match it.hear(&change) {
        Ok(()) => it.told(None),
        Err(error) => broken(&error),
    }
}

/// A letter, before the decision it goes with.
async fn letter(
    State(it): Platforms,
    Path(hash): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(answer) = it.admit(&headers).await {
        return *answer;
    }
    if name_of(&body).to_string() != hash {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, Code::Data).into_response();
    }
    let kept = it.desk().journal.came(&hash);
    match kept {
        Ok(()) => it.told(None),
        Err(error) => broken(&error),
    }
}

/// A dossier that began elsewhere: its citizens are not of this table, but what becomes of it is heard.
async fn begin(State(it): Platforms, headers: HeaderMap, body: Bytes) -> Response {
    match it.asked::<Sending>(&headers, &body).await {
        Ok(begun) => {
            let mut began = it.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
            began.insert(begun.ma_ho_so);
            drop(began);
            it.told(None)
        }
        Err(answer) => *answer,
    }
}

async fn file(State(it): Platforms, Path(hash): Path<String>, headers: HeaderMap) -> Response {
    if let Err(answer) = it.admit(&headers).await {
        return *answer;
    }
    let content = it.desk().journal.content(&hash);
    let Some(content) = content else {
        return refused(StatusCode::NOT_FOUND, Code::NotFound).into_response();
    };
    let mut content = content.into_bytes();
    if it.hits(it.manner.half) {
        content.truncate(content.len() / 2);
    }
    content.into_response()
}

/// What it holds, for the office alone, so that both sides can be compared.
async fn dossiers(
    State(it): Platforms,
    uri: Uri,
    headers: HeaderMap,
    Query(part): Query<Part>,
) -> Response {
    let Some(office) = &it.office else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Err(bad) = office.admit(&uri, &headers) {
        return list::refused(bad);
    }
    let mut listed = part.of(&it.desk().journal);
    // What is handed out carries no form, so the office has none to compare.
    listed.iter_mut().for_each(|it| it.answers = None);
    Json(listed).into_response()
}

async fn table(State(it): Platforms) -> Response {
    let rows = it.desk().journal.table();
    Json(rows).into_response()
}
