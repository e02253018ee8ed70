//! Closing a month, and opening it again.

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use kernel::{Actor, Month};
use payments::closing::{self, Closure, Obstacle};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::post::{json, read_body, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};

/// Where a month stands.
#[derive(Serialize)]
pub(crate) struct Status {
    /// Closings, the last one first.
    closures: Vec<Closure>,
    /// What stands in the way of closing it now.
    obstacles: Vec<Obstacle>,
}

async fn status_of(
    server: &Server,
    actor: &Actor,
    (month, area): (Month, &str),
) -> Result<Status, Failure> {
    let office = server.office();
    Ok(Status {
        closures: closing::closures(&office, actor, month, area).await?,
        obstacles: closing::obstacles(&office, actor, month, area).await?,
    })
}

/// Các lần khóa tháng, và những gì chưa khớp.
#[utoipa::path(get, path = "/api/v1/months/{month}/{area}", tag = "months",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước")),
    responses((status = 200, description = "Tình trạng tháng", body = shape::MonthStatus)))]
pub(crate) async fn status(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
) -> Result<Json<Status>, Failure> {
    Ok(Json(status_of(&server, &who.actor, (month, &area)).await?))
}

/// Khóa tháng; chưa khớp thì bị từ chối và errors nêu mọi lý do.
#[utoipa::path(post, path = "/api/v1/months/{month}/{area}/closing", tag = "months",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    responses((status = 201, description = "Đã khóa", body = shape::Closure),
        (status = 422, description = "Chưa khớp", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn close(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    use payments::Refused;
    use payments::closing::CloseRefused;
    let work = async {
        match closing::close(&server.office(), &who.actor, month, &area).await {
            Ok(closure) => json(StatusCode::CREATED, &closure),
            Err(Refused::Closing(CloseRefused::Open { month, obstacles })) => {
                let rows = serde_json::to_value(&obstacles);
                let rows = rows.map_err(|error| Failure::internal(&error))?;
                let refused = Refused::from(CloseRefused::Open { month, obstacles });
                Err(Failure::from(refused).with_errors(rows))
            }
            Err(refused) => Err(refused.into()),
        }
    };
    let request = format!("POST /api/v1/months/{month}/{area}/closing");
    under_key(&server, &who, &headers, &[request.as_bytes()], work).await
}

/// Opening a closed month takes two people: one asks and says why, another confirms.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Unlocking {
    /// Why the month should be opened.
    Ask(String),
    /// Agrees with somebody else's request.
    Confirm(bool),
}

/// Mở khóa tháng: {"ask": "lý do"} của người thứ nhất, {"confirm": true} của người thứ hai.
#[utoipa::path(post, path = "/api/v1/months/{month}/{area}/unlocking", tag = "months",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = Unlocking,
    responses((status = 200, description = "Tình trạng tháng sau đó", body = shape::MonthStatus),
        (status = 422, description = "Không mở được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn unlock(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let (office, actor) = (server.office(), &who.actor);
        let shape = "ask (lý do) hoặc confirm (true)";
        match read_body(&body, shape)? {
            Unlocking::Ask(reason) => {
                closing::ask_unlock(&office, actor, month, &area, &reason).await?;
            }
            Unlocking::Confirm(true) => {
                closing::confirm_unlock(&office, actor, month, &area).await?;
            }
            Unlocking::Confirm(false) => {
                return Err(Failure::bad_request("confirm chỉ nhận true"));
            }
        }
        json(
            StatusCode::OK,
            &status_of(&server, actor, (month, &area)).await?,
        )
    };
    let request = format!("POST /api/v1/months/{month}/{area}/unlocking");
    let request: [&[u8]; 2] = [request.as_bytes(), &body];
    under_key(&server, &who, &headers, &request, work).await
}
