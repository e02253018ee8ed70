//! Exchange with the one-stop systems of the provinces. A message has an id of its own, so none of
//! these needs an Idempotency-Key: the same message again gets the same answer.

#![expect(
    unused_qualifications,
    reason = "utoipa names parameter types by a path of its own"
)]

pub(crate) mod caller;
pub(crate) mod carried;
mod enveloped;
pub(crate) mod files;
pub(crate) mod pull;
pub(crate) mod words;
pub(crate) mod x_road;

use ::files::FileHash;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use exchange::dialect::Dialect;
use exchange::inbox::Told;
use exchange::standing::{Standing, standing};
use exchange::{
    Acknowledged, Answer, BadSignature, Message, Offered, Refused, acknowledge, offered,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem, sentence};
use caller::Caller;

/// What is answered to a message that is not refused.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageAnswer {
    /// Id of the message.
    id: Uuid,
    /// `taken`, or `held` until an earlier message about the dossier comes.
    answer: &'static str,
    /// SHA-256 of files that messages about the dossier name and that have not come: to be sent.
    #[schema(value_type = Vec<String>)]
    missing_files: Vec<FileHash>,
    /// Fields of the form that must be answered and are not, or not soundly: they are asked back.
    gaps: Vec<Gap>,
    /// Fields that were missing and are known already, so that nobody is asked.
    filled: Vec<FilledIn>,
}

/// A field of the form without a sound answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Gap {
    /// Code of the field.
    field: String,
    /// What users see above it.
    label: String,
    /// `missing`, or what is wrong with what was sent.
    code: String,
}

/// A field that was filled in.
#[derive(Serialize, ToSchema)]
pub(crate) struct FilledIn {
    /// Code of the field.
    field: String,
    /// `population` (the registry's value, verified by the population database) or `registry`.
    source: &'static str,
}

/// Nộp hồ sơ từ hệ thống một cửa. Thông điệp có mã riêng: gửi lại nhận cùng câu trả lời, không đổi gì.
#[utoipa::path(post, path = "/api/v1/exchange/dossiers", tag = "exchange",
    security(("token" = [])),
    request_body(content = shape::DossierMessage),
    responses((status = 200, description = "Đã nhận, hoặc giữ lại chờ thông điệp trước", body = MessageAnswer)))]
pub(crate) async fn submit(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<MessageAnswer>, Failure> {
    take(&server, caller, "submitted", None, &body).await
}

/// Bổ sung điều đã được yêu cầu; không kèm giấy tờ thì là sửa tờ khai của hồ sơ đang giải quyết.
#[utoipa::path(post, path = "/api/v1/exchange/dossiers/{code}/supplements", tag = "exchange",
    security(("token" = [])),
    params(("code" = String, Path, description = "Mã hồ sơ")),
    request_body(content = shape::SupplementMessage),
    responses((status = 200, description = "Đã nhận, hoặc giữ lại", body = MessageAnswer)))]
pub(crate) async fn supplement(
    State(server): State<Server>,
    Path(code): Path<String>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<MessageAnswer>, Failure> {
    take(&server, caller, "supplemented", Some(code), &body).await
}

/// Công dân xin rút hồ sơ.
#[utoipa::path(post, path = "/api/v1/exchange/dossiers/{code}/withdrawal", tag = "exchange",
    security(("token" = [])),
    params(("code" = String, Path, description = "Mã hồ sơ")),
    request_body(content = shape::WithdrawalMessage),
    responses((status = 200, description = "Đã nhận, hoặc giữ lại", body = MessageAnswer)))]
pub(crate) async fn withdraw(
    State(server): State<Server>,
    Path(code): Path<String>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<MessageAnswer>, Failure> {
    take(&server, caller, "withdrawal_asked", Some(code), &body).await
}

/// Receives one message of a kind, about the dossier of the address if it names one.
async fn take(
    server: &Server,
    caller: Caller,
    kind: &str,
    code: Option<String>,
    body: &[u8],
) -> Result<Json<MessageAnswer>, Failure> {
    caller.sent(server, body).await?;
    caller.speaks(Dialect::Messages)?;
    let fields = caller.heard(server, read(code, body)).await?;
    let caller = caller.waiting(server).await?;
    deliver(server, &caller, kind, fields).await.map(Json)
}

fn read(code: Option<String>, body: &[u8]) -> Result<Map<String, Value>, Failure> {
    let no_object = |_| Failure::bad_request("Cần một đối tượng JSON, mỗi trường ghi một lần");
    let mut fields = casework::event::object(body).map_err(no_object)?;
    if let Some(code) = code {
        let given = fields.insert("dossier".to_owned(), json!(code));
        if given.is_some_and(|given| given != json!(code)) {
            return Err(Failure::bad_request("dossier khác với mã trong địa chỉ"));
        }
    }
    Ok(fields)
}

/// Receives one message of a kind, in whichever dialect it came.
async fn deliver(
    server: &Server,
    caller: &Caller,
    kind: &str,
    fields: Map<String, Value>,
) -> Result<MessageAnswer, Failure> {
    let message = caller.heard(server, understood(kind, fields)).await?;
    let (pool, clock) = (&server.pool, &server.clock);
    let (actor, province) = (&caller.actor, &caller.province);
    let told = (server.gathering).receive(pool, actor, clock, province, &message);
    let told = told.await.map_err(Failure::from);
    let told = caller.heard(server, told).await?;
    answered(server, caller, message.event.event_id, told).await
}

fn understood(kind: &str, mut fields: Map<String, Value>) -> Result<Message, Failure> {
    fields.insert("kind".to_owned(), json!(kind));
    let line = Value::Object(fields).to_string();
    Message::parse(line.as_bytes()).map_err(|fault| {
        let message = format!("Trường {}: {}", fault.field, fault.message);
        Failure::refused(fault.code, message)
    })
}

/// What is answered to a message.
async fn answered(
    server: &Server,
    caller: &Caller,
    id: Uuid,
    told: Told,
) -> Result<MessageAnswer, Failure> {
    let answer = match told.answer {
        Answer::Taken => Ok("taken"),
        Answer::Held => Ok("held"),
        Answer::Refused { code, message } => {
            // The code of a refused message is stored text; the problem's own is fixed.
            let errors = json!([{"id": id, "code": code, "message": message}]);
            let failure = Failure::refused("message_refused", sentence(&message));
            Err(failure.with_errors(errors))
        }
    };
    let gaps = told.gaps.asked.into_iter().map(|it| Gap {
        field: it.field,
        label: it.label,
        code: it.code,
    });
    let filled = told.gaps.filled.into_iter().filter_map(|it| {
        Some(FilledIn {
            field: it.field,
            source: it.source?.code(),
        })
    });
    Ok(MessageAnswer {
        id,
        answer: caller.heard(server, answer).await?,
        missing_files: told.missing_files,
        gaps: gaps.collect(),
        filled: filled.collect(),
    })
}

/// Hồ sơ đang ở đâu: trạng thái theo danh mục quốc gia, hạn, quyết định.
#[utoipa::path(get, path = "/api/v1/exchange/dossiers/{code}", tag = "exchange",
    security(("token" = [])),
    params(("code" = String, Path, description = "Mã hồ sơ")),
    responses((status = 200, description = "Tình trạng hồ sơ", body = shape::DossierStanding),
        (status = 404, description = "Không có hồ sơ này, hoặc của tỉnh khác", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn one(
    State(server): State<Server>,
    Path(code): Path<String>,
    caller: Caller,
) -> Result<Json<Standing>, Failure> {
    let (actor, province) = (&caller.actor, &caller.province);
    Ok(Json(standing(&server.pool, actor, province, &code).await?))
}

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// Chỉ những thông điệp sau số này.
    #[serde(default)]
    after: i64,
    /// Nhiều nhất bao nhiêu, không quá 1000; mặc định 100.
    limit: Option<i64>,
}

/// Những thông điệp hệ thống một cửa chưa nhận, theo thứ tự trong từng hồ sơ.
#[utoipa::path(get, path = "/api/v1/exchange/messages", tag = "exchange",
    security(("token" = [])),
    params(Part),
    responses((status = 200, description = "Các thông điệp", body = [shape::OfferedMessage]),
        (status = 400, description = "after hoặc limit không phải là số", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn messages(
    State(server): State<Server>,
    Query(part): Query<Part>,
    caller: Caller,
) -> Result<Json<Vec<Offered>>, Failure> {
    let limit = part.limit.unwrap_or(100).clamp(1, 1_000);
    let (part, pool, clock) = ((part.after, limit), &server.pool, &server.clock);
    caller.speaks(Dialect::Messages)?;
    let found = offered(pool, &caller.actor, clock, &caller.province, part).await?;
    Ok(Json(files::with_letters(&server, &caller, found).await?))
}

/// Whether a message was taken.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acknowledgement {
    /// Why it could not be taken; left out when it was.
    #[serde(default)]
    failed: Option<String>,
}

/// Trả lời một thông điệp: đã nhận, hoặc lỗi và vì sao. Báo đã nhận lần nữa không thay đổi gì.
#[utoipa::path(post, path = "/api/v1/exchange/messages/{message}/ack", tag = "exchange",
    security(("token" = [])),
    params(("message" = Uuid, Path, description = "Mã thông điệp")),
    request_body(content = Acknowledgement),
    responses((status = 200, description = "Đã ghi", body = shape::AcknowledgedMessages),
        (status = 400, description = "Không đúng dạng", body = Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "Không có thông điệp này", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "Đã báo nhận, không báo lỗi được nữa", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "Nội dung quá lớn", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Báo lỗi mà không nêu lý do", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn ack(
    State(server): State<Server>,
    Path(message): Path<Uuid>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Acknowledged>, Failure> {
    caller.sent(&server, &body).await?;
    let done = acknowledged(&server, &caller, message, &body).await;
    Ok(Json(caller.heard(&server, done).await?))
}

async fn acknowledged(
    server: &Server,
    caller: &Caller,
    message: Uuid,
    body: &[u8],
) -> Result<Acknowledged, Failure> {
    let (actor, province) = (&caller.actor, &caller.province);
    let answer: Acknowledgement = match body.trim_ascii() {
        b"" => Acknowledgement { failed: None },
        body => serde_json::from_slice(body)
            .map_err(|_| Failure::bad_request("Cần JSON có failed, hoặc để trống"))?,
    };
    let answers = [(message, answer.failed)];
    Ok(acknowledge(&server.pool, actor, &server.clock, province, &answers).await?)
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        let status = match refused {
            Refused::Denied(denied) => return denied.into(),
            Refused::UnknownMessage
            | Refused::UnknownDossier
            | Refused::UnknownFile
            | Refused::UnknownConflict
            | Refused::UnknownKey => StatusCode::NOT_FOUND,
            Refused::Signature(BadSignature::OtherContent) => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::Signature(_) => StatusCode::UNAUTHORIZED,
            Refused::NotConnected(_)
            | Refused::TakenAlready
            | Refused::DecidedMeanwhile
            | Refused::OtherDialect { .. } => StatusCode::CONFLICT,
            Refused::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Refused::Inconsistent(_) | Refused::Database(_) => return Failure::internal(&refused),
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Failure::new(status, refused.code(), sentence(&refused.to_string()))
    }
}
