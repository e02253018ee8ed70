//! Changes through the JSON interface: each under its Idempotency-Key.

use access::idempotency::Answer;
use access::session::SignedIn;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Server;
use crate::failure::{Failure, PROBLEM_JSON};
use crate::once::{once, request_hash};

const JSON: &str = "application/json";

/// The body of a request, or what it should hold.
pub(crate) fn read_body<T: DeserializeOwned>(body: &[u8], holds: &str) -> Result<T, Failure> {
    let read = serde_json::from_slice(body);
    read.map_err(|_| Failure::bad_request(format!("Cần JSON có {holds}")))
}

/// A value as an answer.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Result<Answer, Failure> {
    let body = serde_json::to_vec(value).map_err(|error| Failure::internal(&error))?;
    Ok(Answer {
        status: status.as_u16(),
        content_type: JSON.to_owned(),
        body,
    })
}

/// Does the work once under the key of the request; what the caller did wrong is an answer that is
/// kept too, what we did wrong is not.
pub(crate) async fn under_key(
    server: &Server,
    who: &SignedIn,
    headers: &HeaderMap,
    request: &[&[u8]],
    work: impl Future<Output = Result<Answer, Failure>>,
) -> Result<Response, Failure> {
    let key = headers.get("idempotency-key").ok_or_else(|| {
        let message = "Thiếu tiêu đề Idempotency-Key: mọi lệnh POST cần một khóa riêng";
        Failure::new(StatusCode::BAD_REQUEST, "idempotency_key_missing", message)
    })?;
    let key = key.to_str().unwrap_or_default();
    let work = async {
        match work.await {
            Err(failure) if failure.is_callers() => {
                let (status, body) = failure.problem();
                let content_type = PROBLEM_JSON.to_owned();
                Ok(Answer {
                    status: status.as_u16(),
                    content_type,
                    body,
                })
            }
            done => done,
        }
    };
    let answer = once(server, &who.actor, key, &request_hash(request), work).await?;
    let status = StatusCode::from_u16(answer.status).map_err(|error| Failure::internal(&error))?;
    Ok((
        status,
        [(header::CONTENT_TYPE, answer.content_type)],
        answer.body,
    )
        .into_response())
}
