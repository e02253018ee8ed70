//! A gateway to practise with: takes messages over HTTP and shows each once, however often it is
//! handed over; on a bad day slow, broken, refusing, losing its answers, telling twice, or not able
//! to reach the person. What people have received it says at `GET /received`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use uuid::Uuid;

use crate::carrier::{Answer, Outgoing, Told};

/// How the gateway behaves. Faults are percentages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Requests that wait before they are answered.
    pub slow: u8,
    /// How long.
    pub slow_for: Duration,
    /// Requests answered with an error of the server; nothing was taken.
    pub broken: u8,
    /// Messages that are taken and whose answer is lost.
    pub answer_lost: u8,
    /// Messages refused for good, as to a number that does not exist.
    pub refused: u8,
    /// Messages taken that never reach the person.
    pub not_arrived: u8,
    /// Arrivals told twice.
    pub twice: u8,
    /// What makes all of it repeatable.
    pub seed: u64,
}

struct Peer {
    manner: Manner,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    chance: u64,
    received: Vec<Outgoing>,
    known: HashMap<Uuid, Told>,
}

/// The gateway, to be served.
pub fn router(manner: Manner) -> Router {
    let book = Mutex::new(Book {
        chance: manner.seed,
        ..Book::default()
    });
    Router::new()
        .route("/", post(take))
        .route("/arrivals", post(arrivals))
        .route("/received", get(received))
        .with_state(Arc::new(Peer { manner, book }))
}

impl Peer {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// Whether something of so many percent happens now.
    fn hits(&mut self, percent: u8) -> bool {
        // SplitMix64.
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % 100 < u64::from(percent)
    }

    fn take(&mut self, message: Outgoing, manner: &Manner) -> bool {
        if self.known.contains_key(&message.id) {
            return true;
        }
        if self.hits(manner.refused) {
            return false;
        }
        let arrived = !self.hits(manner.not_arrived);
        let told = Told {
            id: message.id,
            arrived,
            code: (!arrived).then(|| "switched_off".to_owned()),
        };
        self.known.insert(message.id, told);
        if arrived {
            self.received.push(message);
        }
        true
    }
}

/// `POST /`.
async fn take(State(peer): State<Arc<Peer>>, Json(message): Json<Outgoing>) -> Response {
    let manner = &peer.manner;
    let (slow, broken, lost) = {
        let mut book = peer.book();
        let slow = book.hits(manner.slow);
        (
            slow,
            book.hits(manner.broken),
            book.hits(manner.answer_lost),
        )
    };
    if slow {
        tokio::time::sleep(manner.slow_for).await;
    }
    if broken {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let reference = Some(message.id.simple().to_string());
    if !peer.book().take(message, manner) {
        let code = Some("unknown_number".to_owned());
        let answer = Answer {
            reference: None,
            code,
        };
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(answer)).into_response();
    }
    if lost {
        // The connection breaks in the middle of the answer.
        let broken = async { Err::<Bytes, _>(std::io::Error::other("lost")) };
        return Body::from_stream(futures_util::stream::once(broken)).into_response();
    }
    let code = None;
    Json(Answer { reference, code }).into_response()
}

/// `POST /arrivals`: what became of messages, some told twice.
async fn arrivals(State(peer): State<Arc<Peer>>, Json(asked): Json<Vec<Uuid>>) -> Json<Vec<Told>> {
    let mut book = peer.book();
    let mut answer = Vec::new();
    for id in asked {
        let times = 1 + usize::from(book.hits(peer.manner.twice));
        let Some(told) = book.known.get(&id) else {
            continue;
        };
        answer.extend((0..times).map(|_| Told {
            id,
            arrived: told.arrived,
            code: told.code.clone(),
        }));
    }
    Json(answer)
}

/// `GET /received`: what people hold in their hands, in the order it came.
async fn received(State(peer): State<Arc<Peer>>) -> Json<Vec<Outgoing>> {
    Json(peer.book().received.clone())
}
