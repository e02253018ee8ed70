//! Files of one-stop systems, both ways, and the letters that go with decisions.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use exchange::Offered;
use exchange::file;
use files::{FileHash, Stored};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use crate::Server;
use crate::failure::{Failure, Problem};
use crate::letter::letter_of;
use crate::page::papers::stored;

/// Letters printed for one answer; messages after the next one that needs one wait for the next request.
const MOST_LETTERS: usize = 10;

/// A file that was taken in.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileTaken {
    /// SHA-256.
    sha256: String,
    /// By its content.
    media_type: &'static str,
    /// In bytes.
    size: u64,
}

/// Gửi một tệp theo mã SHA-256 của nó: PDF, JPEG hoặc PNG, tối đa 25 MB. Gửi lại không thay đổi gì.
#[utoipa::path(put, path = "/api/v1/exchange/files/{sha256}", tag = "exchange",
    security(("token" = [])),
    params(("sha256" = String, Path, description = "64 chữ số thập lục phân viết thường")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "Đã nhận", body = FileTaken),
        (status = 200, description = "Đã có từ trước", body = FileTaken),
        (status = 400, description = "Mã tệp không đúng dạng", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "Tỉnh chưa kết nối chiều đến: gửi lại sau", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Không khớp mã, lớn hơn 25 MB, hoặc không phải loại tệp nhận được; không giữ lại gì",
            body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn put(
    State(server): State<Server>,
    Path(sha256): Path<String>,
    caller: Caller,
    body: Body,
) -> Result<(StatusCode, Json<FileTaken>), Failure> {
    let hash = caller.heard(&server, hash_of(&sha256)).await?;
    caller.sent_file(&server, &hash).await?;
    let taken = taken_in(&server, &caller, &hash, body).await;
    let (taken, new) = caller.heard(&server, taken).await?;
    let status = if new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let told = FileTaken {
        sha256,
        media_type: taken.media_type.name(),
        size: taken.size,
    };
    Ok((status, Json(told)))
}

/// The file as stored, and whether it is new.
async fn taken_in(
    server: &Server,
    caller: &Caller,
    hash: &FileHash,
    body: Body,
) -> Result<(Stored, bool), Failure> {
    let files = server.files()?;
    let taken = files.take_in_as(hash, body.into_data_stream()).await?;
    let (pool, clock) = (&server.pool, &server.clock);
    let new = file::receive(pool, &caller.actor, clock, &caller.province, &taken).await?;
    Ok((taken, new))
}

/// Lấy một tệp mà tỉnh đã gửi, hoặc thông điệp gửi cho tỉnh nêu mã.
#[utoipa::path(get, path = "/api/v1/exchange/files/{sha256}", tag = "exchange",
    security(("token" = [])),
    params(("sha256" = String, Path, description = "64 chữ số thập lục phân viết thường")),
    responses((status = 200, description = "Nội dung tệp", body = Vec<u8>,
            content_type = "application/octet-stream"),
        (status = 400, description = "Mã tệp không đúng dạng", body = Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "Không có tệp này, hoặc của tỉnh khác", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn get(
    State(server): State<Server>,
    Path(sha256): Path<String>,
    caller: Caller,
) -> Result<Response, Failure> {
    let hash = hash_of(&sha256)?;
    let (pool, clock) = (&server.pool, &server.clock);
    let found = file::to_hand_out(pool, &caller.actor, clock, &caller.province, &hash).await?;
    stored(&server, &hash, found, &sha256).await
}

fn hash_of(text: &str) -> Result<FileHash, Failure> {
    text.parse()
        .map_err(|_| Failure::bad_request("Mã tệp: 64 chữ số thập lục phân viết thường"))
}

/// Puts the letter to each decision that is offered for the first time. Some at a time: what comes after
/// is left for the next request.
pub(super) async fn with_letters(
    server: &Server,
    caller: &Caller,
    mut offered: Vec<Offered>,
) -> Result<Vec<Offered>, Failure> {
    let mut made = 0;
    let mut keep = offered.len();
    for (place, message) in offered.iter_mut().enumerate() {
        if !message.is_decision() || message.letter.is_some() {
            continue;
        }
        if made == MOST_LETTERS {
            keep = place;
            break;
        }
        made += 1;
        let which = (
            caller.province.as_str(),
            message.dossier.as_str(),
            message.id,
        );
        message.letter = letter_of(server, &caller.actor, which).await?;
    }
    offered.truncate(keep);
    Ok(offered)
}
