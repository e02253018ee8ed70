//! `/api/v1/g2p`: what providers' programs tell us by G2P Connect disburse 1.0.0. Who sends is known
//! from the signature in the message, not from a token; a message is taken once, by its own id.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use g2p::Answer;
use kernel::Origin;
use payments::interface::{self, NotTaken, Place, Received};

use super::shape;
use crate::Server;
use crate::failure::Failure;
use crate::origin::CameFrom;

/// Đơn vị chi trả báo kết quả của lệnh chi (G2P Connect on-disburse 1.0.0); thông điệp phải có chữ
/// ký. Cùng một thông điệp gửi lại không thay đổi gì.
#[utoipa::path(post, path = "/api/v1/g2p/on-disburse", tag = "g2p",
    request_body(description = "Thông điệp của G2P Connect",
        content((String = "application/json"))),
    responses((status = 200, description = "Đã nhận", body = shape::G2pAnswer),
        (status = 401, description = "Chữ ký không dùng được", body = shape::G2pAnswer),
        (status = 400, description = "Thông điệp không dùng được", body = shape::G2pAnswer),
        (status = 404, description = "Không có lệnh chi nào như vậy", body = shape::G2pAnswer)))]
pub(crate) async fn on_disburse(
    State(server): State<Server>,
    CameFrom(origin): CameFrom,
    body: Bytes,
) -> Result<Response, Failure> {
    take(&server, &origin, Place::OnDisburse, &body).await
}

/// Đơn vị chi trả trả lời câu hỏi về kết quả (G2P Connect on-status 1.0.0); như trên.
#[utoipa::path(post, path = "/api/v1/g2p/disburse/txn/on-status", tag = "g2p",
    request_body(description = "Thông điệp của G2P Connect",
        content((String = "application/json"))),
    responses((status = 200, description = "Đã nhận", body = shape::G2pAnswer),
        (status = 401, description = "Chữ ký không dùng được", body = shape::G2pAnswer),
        (status = 400, description = "Thông điệp không dùng được", body = shape::G2pAnswer),
        (status = 404, description = "Không có lệnh chi nào như vậy", body = shape::G2pAnswer)))]
pub(crate) async fn on_status(
    State(server): State<Server>,
    CameFrom(origin): CameFrom,
    body: Bytes,
) -> Result<Response, Failure> {
    take(&server, &origin, Place::OnStatus, &body).await
}

async fn take(
    server: &Server,
    origin: &Origin,
    place: Place,
    body: &[u8],
) -> Result<Response, Failure> {
    // Recording takes connections of the pool: a few at a time.
    let _turn = server
        .changes
        .acquire()
        .await
        .map_err(|error| Failure::internal(&error))?;
    let received = interface::receive(&server.office(), origin, place, body).await?;
    let now = server.clock.now();
    let (status, answer) = match received {
        Received::Taken { correlation_id } => (StatusCode::OK, Answer::taken(now, correlation_id)),
        Received::Refused(why) => {
            let status = match why {
                NotTaken::Signature(_) => StatusCode::UNAUTHORIZED,
                NotTaken::NoOrder => StatusCode::NOT_FOUND,
                _ => StatusCode::BAD_REQUEST,
            };
            (status, Answer::refused(now, why.error(), why.sentence()))
        }
    };
    Ok((status, Json(answer)).into_response())
}
