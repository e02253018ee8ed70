//! `POST /api/v1/events`: what `ansinh apply` does.

use access::session::SignedIn;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use registry::event::{Submitted, read_lines};
use registry::{ApplyError, Event, Refusal};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::post::{json, under_key};
use crate::Server;
use crate::failure::{Failure, Problem};

/// What became of the events.
#[derive(Serialize, ToSchema)]
struct Outcome {
    /// Recorded now.
    applied: u64,
    /// Recorded before: nothing changed.
    already: u64,
    /// Not recorded.
    refused: Vec<RefusedRow>,
}

/// An event that was not recorded.
#[derive(Serialize, ToSchema)]
pub(super) struct RefusedRow {
    /// Line of the NDJSON, or place in the array, from 1.
    row: u64,
    /// Field of the event; empty when all of it is meant.
    field: String,
    /// Stable code.
    code: String,
    /// A Vietnamese sentence.
    message: String,
    /// The event, when it could be read that far.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
}

/// Ghi sự kiện: NDJSON hoặc mảng JSON. Dòng sai bị từ chối, các dòng khác vẫn được ghi.
#[utoipa::path(
    post, path = "/api/v1/events", tag = "events", security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body(description = "Sự kiện theo docs: NDJSON hoặc mảng JSON",
        content((Value = "application/x-ndjson"), (Vec<Value> = "application/json"))),
    responses(
        (status = 200, description = "Đã ghi (có thể có dòng bị từ chối)", body = Outcome),
        (status = 415, description = "Không phải NDJSON hay JSON", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Mọi dòng bị từ chối, chưa có gì thay đổi", body = Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn record(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let (events, mut refused) = read_body(&headers, &body)?;
        let done = registry::apply(&server.pool, &who.actor, &server.clock, &events).await?;
        refused.extend(done.refused);
        refused.sort_by_key(|refusal| refusal.row);
        let outcome = Outcome {
            applied: done.applied,
            already: done.already,
            refused: refused.into_iter().map(RefusedRow::from).collect(),
        };
        if outcome.applied + outcome.already == 0 && !outcome.refused.is_empty() {
            let rows = serde_json::to_value(outcome.refused);
            let rows = rows.map_err(|error| Failure::internal(&error))?;
            let message = "Mọi dòng đều bị từ chối, chưa có gì thay đổi";
            return Err(Failure::refused("all_rows_refused", message).with_errors(rows));
        }
        json(StatusCode::OK, &outcome)
    };
    under_key(
        &server,
        &who,
        &headers,
        &[b"POST /api/v1/events", &body],
        work,
    )
    .await
}

type Read = (Vec<Submitted>, Vec<Refusal>);

fn read_body(headers: &HeaderMap, body: &[u8]) -> Result<Read, Failure> {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .map_or(&b""[..], |value| value.as_bytes());
    if media_type.starts_with(b"application/json") {
        return read_array(body);
    }
    if media_type.starts_with(b"application/x-ndjson") {
        return Ok(read_lines(body));
    }
    let message = "Content-Type phải là application/x-ndjson hoặc application/json";
    Err(Failure::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "wrong_media_type",
        message,
    ))
}

fn read_array(body: &[u8]) -> Result<Read, Failure> {
    let values: Vec<Value> = serde_json::from_slice(body)
        .map_err(|_| Failure::bad_request("Nội dung không phải một mảng JSON"))?;
    let (mut events, mut refused) = (Vec::new(), Vec::new());
    for (row, value) in (1..).zip(values) {
        let line = value.to_string();
        match Event::parse(line.as_bytes()) {
            Ok(event) => events.push(Submitted { row, event }),
            Err(fault) => refused.push(fault.in_row(row, None)),
        }
    }
    Ok((events, refused))
}

impl From<Refusal> for RefusedRow {
    fn from(refusal: Refusal) -> RefusedRow {
        RefusedRow {
            row: refusal.row,
            field: refusal.field.into_owned(),
            code: refusal.code.to_owned(),
            message: refusal.message,
            event_id: refusal
                .event_id
                .map(|id| uuid::Uuid::from_u128(id.0).to_string()),
        }
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Failure {
        match error {
            ApplyError::Busy => Failure::new(
                StatusCode::SERVICE_UNAVAILABLE,
                error.code(),
                error.to_string(),
            ),
            other => Failure::internal(&other),
        }
    }
}
