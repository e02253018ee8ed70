//! The other registry: a key, a token, signed messages in both dialects, and a server that is told.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, Uri, header};
use g2p::{Envelope, SigningKey, seal_in};
use kernel::{Actor, Clock};
use law::Law;
use registry::event::{Event, Submitted};
use serde_json::{Value, json};
use spdci::caller::NewCaller;
use spdci::jwk::Key;
use spdci::jws::{self, Jws};
use spdci::task::{self, Round};
use spdci::{Desk, OUR_ID};
use testkit::{TestDb, clock};
use tower::ServiceExt;
use web::Server;

use crate::described;

pub(crate) const NAME: &str = "spmis.thu.vn";
pub(crate) const NOW: &str = "2024-05-20T09:00:00+07:00";
const WARD: &str = "21031";

/// How a message is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Body,
    Jws,
}

/// What came back over HTTP.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) signature: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Code of the error, wherever the shape of the answer has it.
    pub(crate) fn code(&self) -> String {
        let answer = self.json();
        let places = [
            "/errors/0/code",
            "/header/status_reason_code",
            "/message/error/code",
        ];
        let found = places
            .iter()
            .find_map(|place| answer.pointer(place)?.as_str());
        found.unwrap_or_default().to_owned()
    }
}

/// Our site and the other registry.
pub(crate) struct Town {
    pub(crate) db: TestDb,
    pub(crate) clock: Clock,
    pub(crate) key: SigningKey,
    pub(crate) their_key: SigningKey,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) told: Told,
    pub(crate) url: String,
    /// Whether messages are kept for `script/check-spdci`; not those that are wrong on purpose.
    pub(crate) is_recorded: bool,
    /// Whether our site has a key to sign with.
    pub(crate) signs: bool,
}

/// What the other registry's server was told, and what it says to the next messages.
#[derive(Clone, Default)]
pub(crate) struct Told {
    pub(crate) messages: Arc<Mutex<Vec<Message>>>,
    pub(crate) says: Arc<Mutex<VecDeque<StatusCode>>>,
}

/// A message the other registry got.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) path: String,
    pub(crate) signature: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

async fn take(
    State(told): State<Told>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let says = told.says.lock().expect("unpoisoned").pop_front();
    let status = says.unwrap_or(StatusCode::OK);
    if status == StatusCode::OK {
        let signature = headers.get("signature");
        told.messages.lock().expect("unpoisoned").push(Message {
            path: uri.path().to_owned(),
            signature: signature.map(|it| it.to_str().expect("ASCII").to_owned()),
            body: body.to_vec(),
        });
    }
    if status == StatusCode::OK {
        // Both registries have these addresses; which one tells is in the data.
        let social = String::from_utf8_lossy(&body).contains("RegistryType:Social");
        let register = if social { "social" } else { "ibr" };
        let path = uri.path().trim_start_matches("/spdci/");
        write_down(register, path, &body, (status, None));
    }
    let ack = json!({"message": {"ack_status": "ACK", "timestamp": "2024-05-20T02:00:00Z",
        "correlation_id": "theirs"}});
    (status, ack.to_string())
}

/// Keeps a message and its answer for `script/check-spdci`, if that asks for it.
fn write_down(
    register: &str,
    path: &str,
    request: &[u8],
    (status, answer): (StatusCode, Option<&str>),
) {
    let Some(file) = std::env::var_os("SPDCI_RECORD") else {
        return;
    };
    let json = |text: &[u8]| serde_json::from_slice::<Value>(text).unwrap_or_default();
    let answer = answer.map(|answer| json(answer.as_bytes()));
    let line = json!({"register": register, "path": format!("/{path}"), "status": status.as_u16(),
        "request": json(request), "answer": answer});
    let open = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file);
    let written = open.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    written.expect("the record is written");
}

/// A server of the other registry on this machine.
async fn listening() -> (Told, String) {
    let told = Told::default();
    let router = Router::new().fallback(take).with_state(told.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!(
        "http://{}/spdci",
        listener.local_addr().expect("an address")
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    (told, url)
}

pub(crate) fn event(person: &str, kind: &str, effective: &str, fields: Value) -> Value {
    let mut event = json!({"event_id": uuid::Uuid::new_v4(), "source": "thu", "person": person,
        "effective": effective, "kind": kind});
    let whole = event.as_object_mut().expect("an object");
    whole.extend(fields.as_object().expect("an object").clone());
    event
}

pub(crate) fn enrolled(person: &str, benefit: &str) -> Value {
    let decision = json!({"number": "1/QĐ", "date": "2024-01-12"});
    let fields = json!({"benefit": benefit, "from": "2024-01", "decision": decision});
    event(person, "enrolled", "2024-01-12", fields)
}

pub(crate) fn registered(person: &str, name: &str, id_number: &str) -> Value {
    let fields = json!({"full_name": name, "birth_date": "1988-02-01", "sex": "female",
        "id_number": id_number, "area": WARD, "phone": "0900000001"});
    event(person, "person_registered", "2020-01-10", fields)
}

impl Town {
    /// Three people of a ward: one with a disability benefit, one with that and one that reveals an
    /// infection, one with the latter only; and a caller that sees names and benefits of the province.
    pub(crate) async fn open() -> Town {
        Town::seeing(&["name", "birth_date", "area", "programme"], "51").await
    }

    pub(crate) async fn seeing(fields: &[&str], area: &str) -> Town {
        let db = TestDb::practice().await;
        let (told, url) = listening().await;
        let mut town = Town {
            db,
            clock: clock(NOW),
            key: SigningKey::of_seed(&[8; 32]).expect("32 bytes"),
            their_key: SigningKey::of_seed(&[7; 32]).expect("32 bytes"),
            secret: String::new(),
            token: String::new(),
            told,
            url,
            is_recorded: true,
            signs: true,
        };
        for (person, number) in [
            ("p1", "000188000011"),
            ("p2", "000188000012"),
            ("p3", "000188000013"),
        ] {
            let name = format!("Người Thử {person}");
            let disability =
                json!({"fact_id": "f1", "fact": {"kind": "disability", "grade": "severe"}});
            town.happens(&[
                registered(person, &name, number),
                event(person, "fact_started", "2023-12-15", disability),
            ])
            .await;
        }
        town.happens(&[
            enrolled("p1", "disability"),
            enrolled("p2", "disability"),
            enrolled("p2", "poor_adult_with_hiv"),
            enrolled("p3", "poor_adult_with_hiv"),
        ])
        .await;
        town.register(fields, area, &spdci::jwk::ours([town.their_key.public()]))
            .await;
        town
    }

    /// Registers the caller with some keys, in place of what was registered before.
    pub(crate) async fn register(&mut self, fields: &[&str], area: &str, keys: &Value) {
        self.register_for(true, (fields, area), keys).await;
    }

    /// The same without the right to tell what its own programmes pay.
    pub(crate) async fn register_to_ask(&mut self, fields: &[&str], area: &str, keys: &Value) {
        self.register_for(false, (fields, area), keys).await;
    }

    async fn register_for(&mut self, reports: bool, seen: (&[&str], &str), keys: &Value) {
        let (fields, area) = seen;
        let new = NewCaller {
            name: NAME.to_owned(),
            full_name: "Hệ thống thử".to_owned(),
            callback_url: Some(self.url.clone()),
            fields: fields.iter().map(|&field| field.to_owned()).collect(),
            areas: vec![area.to_owned()],
            purposes: vec!["tro-cap".to_owned()],
            reports,
            per_minute: 30,
            keys: keys.to_string(),
            with_secret: true,
            ..NewCaller::default()
        };
        let actor = Actor::with_every_role("thử");
        let secret = spdci::caller::add(self.db.pool(), &actor, &self.clock, &new).await;
        self.secret = secret.expect("recorded").expect("a secret");
        let answer = self.ask_token().await.json();
        self.token = answer["access_token"].as_str().expect("a token").to_owned();
    }

    pub(crate) async fn happens(&self, events: &[Value]) {
        let rows: Vec<Submitted> = (1..)
            .zip(events)
            .map(|(row, event)| Submitted {
                row,
                event: Event::parse(event.to_string().as_bytes()).expect("an event"),
            })
            .collect();
        let actor = Actor::with_every_role("thử");
        let applied = registry::apply(self.db.pool(), &actor, &self.clock, &rows).await;
        assert_eq!(applied.expect("recorded").refused, []);
    }

    fn server(&self) -> Router {
        let server = Server::new(
            self.db.pool().clone(),
            Law::embedded(),
            self.clock.clone(),
            true,
        );
        let key = SigningKey::of_seed(&[8; 32]).expect("32 bytes");
        match self.signs {
            true => server.with_own_keys(key).router(),
            false => server.router(),
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.server().oneshot(request).await.expect("never fails");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("reads");
        let way = described::way(&path);
        testkit::answered(method.as_str(), &way, parts.status.as_u16());
        let signature = parts.headers.get("signature");
        Answer {
            status: parts.status,
            signature: signature.map(|it| it.to_str().expect("ASCII").to_owned()),
            body: String::from_utf8(body.to_vec()).expect("UTF-8"),
        }
    }

    pub(crate) async fn form(&self, form: &str) -> Answer {
        let request = Request::post("/oauth2/client/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(
            request
                .body(Body::from(form.to_owned()))
                .expect("a request"),
        )
        .await
    }

    pub(crate) async fn ask_token(&self) -> Answer {
        let secret = &self.secret;
        self.form(&format!(
            "grant_type=client_credentials&client_id={NAME}&client_secret={secret}"
        ))
        .await
    }

    /// Posts bytes as they are.
    pub(crate) async fn post(&self, path: &str, body: Vec<u8>, signature: Option<&str>) -> Answer {
        let mut request = Request::post(format!("/api/v1/spdci/{path}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        if let Some(signature) = signature {
            request = request.header("signature", signature);
        }
        let request = request.body(Body::from(body.clone())).expect("a request");
        let answer = self.send(request).await;
        let description = self.description().await;
        described::holds(
            description,
            path,
            self.is_recorded.then_some(&body),
            (answer.status.as_u16(), &answer.body),
        );
        let (register, path) = path.split_once('/').expect("a registry");
        if self.is_recorded {
            write_down(register, path, &body, (answer.status, Some(&answer.body)));
        }
        answer
    }

    /// Posts a message unsigned to an address of any kind.
    pub(crate) async fn raw(&self, path: &str, message: &Value) -> StatusCode {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(message.to_string()));
        self.send(request.expect("a request")).await.status
    }

    /// The description of our interface, as it is handed out.
    async fn description(&self) -> &'static Value {
        if let Some(kept) = described::kept() {
            return kept;
        }
        let request = Request::get("/api/openapi.json").body(Body::empty());
        described::keep(&self.send(request.expect("a request")).await.body)
    }

    /// Signs a message and posts it.
    pub(crate) async fn ask(
        &self,
        path: &str,
        dialect: Dialect,
        (header, message): (&Value, &Value),
    ) -> Answer {
        let (body, signature) = self.signed(dialect, header, message);
        self.post(path, body, signature.as_deref()).await
    }

    pub(crate) fn signed(
        &self,
        dialect: Dialect,
        header: &Value,
        message: &Value,
    ) -> (Vec<u8>, Option<String>) {
        match dialect {
            Dialect::Body => {
                let parts = (header.to_string(), message.to_string());
                let parts = (parts.0.as_str(), parts.1.as_str());
                let sender = ("spdci", NAME);
                (
                    seal_in(&self.their_key, sender, parts, self.clock.now()),
                    None,
                )
            }
            Dialect::Jws => {
                let whole = json!({"header": header, "message": message});
                let body = serde_json::to_vec_pretty(&whole).expect("JSON");
                let signature = jws::sign_detached(&self.their_key, &body);
                (body, Some(signature))
            }
        }
    }

    pub(crate) fn desk(&self) -> Desk<'_> {
        Desk {
            pool: self.db.pool(),
            clock: &self.clock,
            key: &self.key,
        }
    }

    pub(crate) async fn round(&self) -> Round {
        task::round(&self.desk()).await.expect("a round")
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        let messages = self.told.messages.lock().expect("unpoisoned").clone();
        for message in &messages {
            described::told(&message.path, &message.json());
        }
        messages
    }

    /// Details of the log's entries of an action.
    pub(crate) async fn log(&self, action: &str) -> Vec<(String, Value)> {
        let wanted = access::audit::Wanted {
            action: access::audit::Action::from_code(action),
            limit: 100,
            ..access::audit::Wanted::default()
        };
        let actor = Actor::with_every_role("thử");
        let entries = access::audit::read(self.db.pool(), &actor, &wanted).await;
        let entries = entries.expect("reads").into_iter();
        entries.map(|entry| (entry.actor, entry.detail)).collect()
    }

    /// Whether what we say is signed by us.
    pub(crate) fn is_ours(&self, body: &[u8], signature: Option<&str>) -> bool {
        match signature {
            Some(text) => {
                let key = Key::Ed25519(self.key.public());
                let jws = Jws::read(text).expect("a JWS");
                jws.key_id == self.key.id() && jws.verify_detached(&key, body).is_ok()
            }
            None => {
                let envelope = Envelope::read(body).expect("a message");
                let signed = envelope.signed().expect("signed");
                let (key, digest) = (self.key.public(), envelope.digest());
                signed.sender == OUR_ID && signed.verify(&key, &digest, self.clock.now()).is_ok()
            }
        }
    }
}

pub(crate) fn header_of(id: &str, action: &str, count: usize) -> Value {
    json!({"version": "1.0.0", "message_id": id, "message_ts": "2024-05-20T09:00:00+07:00",
        "action": action, "sender_id": NAME, "receiver_id": OUR_ID, "total_count": count})
}

pub(crate) fn consent() -> Value {
    json!({"@type": "Consent", "id": "dong-y-1", "ts": "2024-05-20T08:00:00+07:00",
        "purpose": {"code": "tro-cap", "text": "Xét trợ cấp", "ref_uri": "https://thu.vn/dieu-khoan"}})
}

/// A search by ID number.
pub(crate) fn search_for(transaction: &str, numbers: &[&str]) -> Value {
    let items = numbers.iter().enumerate().map(|(at, number)| {
        json!({"reference_id": format!("r{at}"), "timestamp": "2024-05-20T09:00:00+07:00",
            "search_criteria": {"query_type": "idtype-value",
                "query": {"type": "UIN", "value": number}, "consent": consent()}})
    });
    json!({"transaction_id": transaction, "search_request": items.collect::<Vec<_>>()})
}
