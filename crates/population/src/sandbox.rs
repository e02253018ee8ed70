//! The population database to practise with: answers both services as the real ones are said to, from
//! invented people, and misbehaves on command, the same for the same seed.

pub mod people;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kernel::name::{compact_key, split};
use kernel::xml::{self, Element, escaped};
use kernel::{PartialDate, Sex};
use serde::{Deserialize, Serialize};

use crate::compare::Citizen;
use crate::question::{ANSWERED, ASKED, LARGEST, SOAP, compact, from_compact};

/// How the service behaves. Faults are percentages of the requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Wait before they are answered.
    pub slow: u8,
    /// How long.
    pub slow_for: Duration,
    /// Answered with status 500.
    pub broken: u8,
    /// The connection breaks in the middle of the answer.
    pub lost: u8,
    /// Answered with half a document under status 200.
    pub half: u8,
    /// Answered with something that is no XML.
    pub malformed: u8,
    /// Answered with entities that swell.
    pub bomb: u8,
    /// Answered in another namespace.
    pub namespace: u8,
    /// Answered with nothing at all under status 200.
    pub empty: u8,
    /// Answered with more than any answer has.
    pub huge: u8,
    /// Answered with somebody else.
    pub other_person: u8,
    /// Service 033 answers about a number without a name.
    pub number_alone: bool,
    /// What makes all of it repeatable.
    pub seed: u64,
}

/// A request as the service saw it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// `MaYeuCau`.
    pub code: String,
    /// `033` or `037`.
    pub service: String,
    /// `MaCanBo`.
    pub officer: String,
    /// Number or card asked about.
    pub number: String,
}

struct Peer {
    manner: Manner,
    by_number: HashMap<String, Citizen>,
    by_card: HashMap<String, Citizen>,
    asked: Mutex<Vec<Asked>>,
}

/// The service, to be served.
pub fn router(people: Vec<Citizen>, manner: Manner) -> Router {
    let (mut by_number, mut by_card) = (HashMap::new(), HashMap::new());
    for citizen in people {
        if let Some(card) = &citizen.old_card {
            by_card.insert(card.clone(), citizen.clone());
        }
        if let Some(number) = &citizen.number {
            by_number.insert(number.clone(), citizen);
        }
    }
    let peer = Peer {
        manner,
        by_number,
        by_card,
        asked: Mutex::default(),
    };
    Router::new()
        .route("/", post(answer))
        .route("/asked", get(asked))
        .layer(DefaultBodyLimit::max(1 << 16))
        .with_state(Arc::new(peer))
}

impl Peer {
    fn log(&self) -> std::sync::MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `GET /asked`: what came in, in its order.
async fn asked(State(peer): State<Arc<Peer>>) -> Json<Vec<Asked>> {
    Json(peer.log().clone())
}

/// What goes wrong with one request: by the seed, the number asked about and how often it was asked before,
/// so that it does not matter in which order requests arrive.
struct Luck(u64);

impl Luck {
    fn hits(&mut self, percent: u8) -> bool {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % 100 < u64::from(percent)
    }

    fn of(seed: u64, number: &str, turn: usize) -> Luck {
        let bytes = number.bytes().chain((turn as u64).to_le_bytes());
        Luck(bytes.fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }
}

async fn answer(State(peer): State<Arc<Peer>>, body: Bytes) -> Response {
    let Ok((request, asked)) = understood(&body) else {
        return xml_response(fault("yêu cầu không đúng mẫu"));
    };
    let manner = &peer.manner;
    let turn = {
        let mut log = peer.log();
        let turn = log.iter().filter(|it| it.number == asked.number).count();
        log.push(asked.clone());
        turn
    };
    let mut luck = Luck::of(manner.seed, &asked.number, turn);
    if luck.hits(manner.slow) {
        tokio::time::sleep(manner.slow_for).await;
    }
    if luck.hits(manner.broken) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let sound = peer.sound(&request, &asked);
    if luck.hits(manner.lost) {
        let begun = Ok(Bytes::from(sound[..sound.len() / 2].to_owned()));
        let parts = [begun, Err(std::io::Error::other("lost"))];
        return Body::from_stream(futures_util::stream::iter(parts)).into_response();
    }
    if luck.hits(manner.half) {
        let half = sound.chars().take(sound.chars().count() * 2 / 3);
        return xml_response(half.collect());
    }
    if luck.hits(manner.malformed) {
        return xml_response("<html><body>Cổng đang bảo trì<br></body></html>".to_owned());
    }
    if luck.hits(manner.bomb) {
        return xml_response(bomb());
    }
    if luck.hits(manner.namespace) {
        let moved = sound
            .replace(ANSWERED, "urn:khac")
            .replace(ASKED, "urn:khac");
        return xml_response(moved);
    }
    if luck.hits(manner.empty) {
        return xml_response(String::new());
    }
    if luck.hits(manner.huge) {
        let swollen = format!("<!--{}-->", "x".repeat(LARGEST));
        return xml_response(sound + &swollen);
    }
    if luck.hits(manner.other_person)
        && let Some(other) = peer
            .by_number
            .values()
            .find(|it| it.number.as_deref() != Some(&asked.number))
    {
        return xml_response(collection(Some(other)));
    }
    xml_response(sound)
}

impl Peer {
    fn sound(&self, request: &Element, asked: &Asked) -> String {
        let name = request.said("HoVaTen").unwrap_or_default();
        let found = self
            .by_number
            .get(&asked.number)
            .or_else(|| self.by_card.get(&asked.number));
        let named = |it: &&Citizen| compact_key(&it.full_name) == compact_key(name);
        if asked.service == "033" {
            let exists = match name {
                "" => self.manner.number_alone && found.is_some(),
                _ => found.filter(named).is_some(),
            };
            let inside = format!(
                "<d:XacThucThongTinCongDanResponse xmlns:d=\"{ASKED}\"><d:TonTai>{exists}</d:TonTai></d:XacThucThongTinCongDanResponse>"
            );
            return envelope(&inside);
        }
        let birth = request.child("NgayThangNamSinh");
        let day = birth
            .and_then(|it| it.said("NgayThangNam"))
            .and_then(from_compact);
        let year = birth
            .and_then(|it| it.said("Nam"))
            .and_then(|it| it.parse::<i16>().ok());
        let born = |it: &&Citizen| match (it.birth, day, year) {
            (Some(PartialDate::Day(theirs)), Some(day), _) => theirs == day,
            (Some(theirs), day, year) => Some(theirs.year()) == day.map(|day| day.year()).or(year),
            (None, ..) => true,
        };
        collection(found.filter(named).filter(born))
    }
}

/// The operation asked for and who asks; nothing when something is missing the service insists on.
fn understood(body: &[u8]) -> Result<(Element, Asked), ()> {
    let whole = xml::read(body, LARGEST).map_err(|_| ())?;
    let operation = ["TraCuuThongTinCongDan", "XacThucThongTinCongDan"].into_iter();
    let mut whole = Some(whole).filter(|it| it.is(SOAP, "Envelope")).ok_or(())?;
    let body = whole
        .children
        .iter_mut()
        .find(|it| it.is(SOAP, "Body"))
        .ok_or(())?;
    let request = body.children.pop().ok_or(())?;
    let known = operation.into_iter().any(|name| request.is(ASKED, name));
    let service = request
        .said("MaTichHop")
        .or_else(|| request.said("MaDichVu"));
    let number = request
        .said("SoDinhDanh")
        .or_else(|| request.said("SoCMND"));
    let asked = Asked {
        code: request.said("MaYeuCau").ok_or(())?.to_owned(),
        service: service.ok_or(())?.to_owned(),
        officer: request.said("MaCanBo").ok_or(())?.to_owned(),
        number: number.ok_or(())?.to_owned(),
    };
    known.then_some((request, asked)).ok_or(())
}

fn xml_response(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], body).into_response()
}

fn envelope(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope xmlns:s=\"{SOAP}\"><s:Body>{inside}</s:Body></s:Envelope>"
    )
}

fn fault(why: &str) -> String {
    let why = escaped(why);
    envelope(&format!(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>{why}</faultstring></s:Fault>"
    ))
}

fn collection(found: Option<&Citizen>) -> String {
    let inside = found.map(person).unwrap_or_default();
    envelope(&format!(
        "<n:CongdanCollection xmlns:n=\"{ANSWERED}\">{inside}</n:CongdanCollection>"
    ))
}

fn person(it: &Citizen) -> String {
    let field = |name: &str, value: &str| format!("<n:{name}>{}</n:{name}>", escaped(value));
    let parts = split(&it.full_name);
    let name = [
        field("Ho", parts.surname),
        field("ChuDem", parts.middle),
        field("Ten", parts.given),
    ];
    let birth = match it.birth {
        Some(PartialDate::Day(day)) => field("NgayThangNam", &compact(day)),
        Some(other) => field("Nam", &format!("{:04}", other.year())),
        None => String::new(),
    };
    let sex = match it.sex {
        Some(Sex::Male) => field("GioiTinh", "1"),
        Some(Sex::Female) => field("GioiTinh", "2"),
        None => String::new(),
    };
    let note = it.death.map(|death| match death.day {
        Some(day) => format!(
            "Đã chết ngày {:02}/{:02}/{}",
            day.day(),
            day.month(),
            day.year()
        ),
        None => "Đã chết".to_owned(),
    });
    format!(
        "<n:CongDan GhiChu=\"{}\">{}{}<n:HoVaTen>{}</n:HoVaTen>{sex}<n:NgayThangNamSinh>{birth}</n:NgayThangNamSinh></n:CongDan>",
        escaped(&note.unwrap_or_default()),
        field("SoDinhDanh", it.number.as_deref().unwrap_or_default()),
        field("SoCMND", it.old_card.as_deref().unwrap_or_default()),
        name.concat(),
    )
}

fn bomb() -> String {
    let mut text = String::from("<?xml version=\"1.0\"?><!DOCTYPE s [<!ENTITY a \"aaaaaaaaaa\">");
    for (one, other) in ('a'..='h').zip('b'..='i') {
        let ten = format!("&{one};").repeat(10);
        text.push_str(&format!("<!ENTITY {other} \"{ten}\">"));
    }
    text + "]><s>&i;</s>"
}
