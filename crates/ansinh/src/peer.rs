//! A wallet provider to practise with, as another program sees it: it takes orders over HTTP, pays
//! each reference once however often it is asked to, and tells what became of it, on a bad day
//! twice, late, in any order, wrongly or not at all. What it truly did it says at `/sandbox/paid`.

mod book;
mod tell;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use g2p::disburse::Asked;
use g2p::{Answer, DisburseRequest, Envelope, ErrorCode, Header, PublicKey, SigningKey};
use g2p::{TxnStatusRequest, VERSION};
use kernel::Clock;
use payments::sandbox::Behaviour;
use tokio::net::TcpListener;

use book::{Book, Known, Paid};

/// How the provider behaves. Faults are percentages.
#[derive(Clone, Debug)]
pub struct Manner {
    /// What becomes of payments, and of what is told about them.
    pub payments: Behaviour,
    /// Requests that wait before they are answered.
    pub slow: u8,
    /// How long.
    pub slow_for: Duration,
    /// Requests answered with an error of the server; nothing was taken.
    pub broken: u8,
    /// Requests that are taken and whose answer is lost.
    pub answer_lost: u8,
    /// Orders of which nothing is told before it is asked for.
    pub silent: u8,
    /// How long late results take.
    pub late_by: Duration,
    /// What makes all of it repeatable.
    pub seed: u64,
}

/// Who is on which side.
pub struct Peer {
    /// The provider's code.
    pub name: String,
    /// What it signs with.
    pub key: SigningKey,
    /// What the payer signs with.
    pub payer: PublicKey,
    /// What time it is.
    pub clock: Clock,
    /// How it behaves.
    pub manner: Manner,
    book: Mutex<Book>,
}

impl Peer {
    /// With an empty book.
    pub fn new(name: String, keys: (SigningKey, PublicKey), clock: Clock, manner: Manner) -> Peer {
        Peer {
            name,
            key: keys.0,
            payer: keys.1,
            clock,
            book: Mutex::new(Book::new(manner.seed)),
            manner,
        }
    }

    /// The book, for a moment; whoever broke off while holding it left it whole.
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes orders until the process ends.
///
/// # Errors
/// When the port is taken.
pub async fn serve(peer: Peer, listen: SocketAddr) -> std::io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    eprintln!(
        "Đơn vị chi trả thử {}: http://{} (khóa {} {})",
        peer.name,
        listener.local_addr()?,
        peer.key.id(),
        peer.key.public().text()
    );
    let router = Router::new()
        .route("/disburse", post(disburse))
        .route("/disburse/txn/status", post(status))
        .route("/sandbox/paid", get(paid))
        .layer(axum::extract::DefaultBodyLimit::max(g2p::LARGEST))
        .with_state(Arc::new(peer));
    axum::serve(listener, router).await
}

/// `GET /sandbox/paid`: what truly happened, by reference.
async fn paid(State(peer): State<Arc<Peer>>) -> Json<Vec<Paid>> {
    Json(peer.book().paid())
}

/// `POST /disburse`.
async fn disburse(State(peer): State<Arc<Peer>>, body: Bytes) -> Response {
    let (header, digest) = match peer.genuine(&body) {
        Ok(genuine) => genuine,
        Err(refused) => return peer.refused(refused),
    };
    let request = Envelope::read(&body).and_then(|it| it.message::<DisburseRequest>());
    let Ok(request) = request else {
        return peer.refused(ErrorCode::BadRequest);
    };
    let fault = peer.fault().await;
    if fault == Fault::Broken {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let day = peer.clock.today();
    let taken = {
        let mut book = peer.book();
        book.take(&header.message_id, digest, &request, (&peer.manner, day))
    };
    let correlation = match taken {
        Ok(Known::New { correlation, told }) => {
            if let Some(place) = header.sender_uri.clone() {
                tell::later(
                    &peer,
                    place,
                    &header.sender_id,
                    &request.transaction_id,
                    told,
                );
            }
            correlation
        }
        Ok(Known::Before { correlation }) => correlation,
        Err(refused) => return peer.refused(refused),
    };
    peer.taken(fault, correlation)
}

/// `POST /disburse/txn/status`.
async fn status(State(peer): State<Arc<Peer>>, body: Bytes) -> Response {
    let (header, _) = match peer.genuine(&body) {
        Ok(genuine) => genuine,
        Err(refused) => return peer.refused(refused),
    };
    let request = Envelope::read(&body).and_then(|it| it.message::<TxnStatusRequest>());
    let Ok(request) = request else {
        return peer.refused(ErrorCode::BadRequest);
    };
    let fault = peer.fault().await;
    if fault == Fault::Broken {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let Asked::References(references) = &request.txnstatus_request.attribute_value else {
        return peer.refused(ErrorCode::BadRequest);
    };
    let told = peer.book().truth(references, peer.manner.payments.lost);
    let correlation = header.message_id.clone();
    if let Some(place) = header.sender_uri.clone() {
        let question = (request.transaction_id.as_str(), correlation.as_str());
        tell::answer(&peer, place, &header.sender_id, question, told);
    }
    peer.taken(fault, correlation)
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Broken,
    AnswerLost,
}

impl Peer {
    /// The header of a message that the payer signed for us, and its digest.
    fn genuine(&self, body: &[u8]) -> Result<(Header, [u8; 32]), ErrorCode> {
        let envelope = Envelope::read(body).map_err(|_| ErrorCode::BadRequest)?;
        let signed = envelope.signed().map_err(|_| ErrorCode::SignatureMissing)?;
        let digest = envelope.digest();
        signed
            .verify(&self.payer, &digest, self.clock.now())
            .map_err(|_| ErrorCode::SignatureInvalid)?;
        let header: Header = envelope.header().map_err(|_| ErrorCode::BadRequest)?;
        if header.version != VERSION {
            return Err(ErrorCode::VersionNotSupported);
        }
        if header.sender_id != signed.sender {
            return Err(ErrorCode::SenderInvalid);
        }
        let for_us = header
            .receiver_id
            .as_deref()
            .is_none_or(|it| it == self.name);
        if !for_us {
            return Err(ErrorCode::ReceiverInvalid);
        }
        Ok((header, digest))
    }

    async fn fault(&self) -> Fault {
        let manner = &self.manner;
        let (slow, broken, lost) = {
            let chance = &mut self.book().chance;
            let slow = chance.hits(manner.slow);
            (
                slow,
                chance.hits(manner.broken),
                chance.hits(manner.answer_lost),
            )
        };
        if slow {
            tokio::time::sleep(manner.slow_for).await;
        }
        match (broken, lost) {
            (true, _) => Fault::Broken,
            (_, true) => Fault::AnswerLost,
            _ => Fault::None,
        }
    }

    fn taken(&self, fault: Fault, correlation: String) -> Response {
        if fault == Fault::AnswerLost {
            // The connection breaks in the middle of the answer.
            let broken = Err::<Bytes, _>(std::io::Error::other("lost"));
            return Body::from_stream(stream::iter([broken])).into_response();
        }
        Json(Answer::taken(self.clock.now(), correlation)).into_response()
    }

    fn refused(&self, code: ErrorCode) -> Response {
        let status = match code {
            ErrorCode::SignatureMissing | ErrorCode::SignatureInvalid => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        let answer = Answer::refused(self.clock.now(), code, "");
        (status, Json(answer)).into_response()
    }
}
