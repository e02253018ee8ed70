//! The messages an order is handed over in by interface.

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use payments::interface::{self, Batch};
use payments::order::OrderNo;

use super::post::{json, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};

/// Messages in one answer at most: more than any order has.
const MOST: (i64, i64) = (0, 100_000);

fn number(order: &str) -> Result<OrderNo, Failure> {
    order.parse().map_err(|_| Failure::not_found())
}

/// Các thông điệp của một lệnh giao qua kết nối, và đã đến đâu.
#[utoipa::path(get, path = "/api/v1/batches/{order}", tag = "orders", security(("token" = [])),
    params(("order" = String, Path, description = "Số lệnh chi")),
    responses((status = 200, description = "Theo số thứ tự", body = [shape::Batch]),
        (status = 404, description = "Không có lệnh", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn all(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(order): Path<String>,
) -> Result<Json<Vec<Batch>>, Failure> {
    let order = number(&order)?;
    let office = server.office();
    Ok(Json(
        interface::batches(&office, &who.actor, order, MOST).await?,
    ))
}

/// Giao lệnh qua kết nối: máy chủ gửi ngay sau đó; gọi lại thì gửi lại những gì đã dừng.
#[utoipa::path(post, path = "/api/v1/batches/{order}", tag = "orders", security(("token" = [])),
    params(("order" = String, Path, description = "Số lệnh chi"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    responses((status = 202, description = "Các thông điệp sẽ gửi", body = [shape::Batch]),
        (status = 422, description = "Không giao được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn begin(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(order): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let order = number(&order)?;
        let office = server.office();
        server.require_key()?;
        interface::begin(&office, &who.actor, order).await?;
        let batches = interface::batches(&office, &who.actor, order, MOST).await?;
        json(StatusCode::ACCEPTED, &batches)
    };
    let request: [&[u8]; 3] = [b"POST /api/v1/batches", order.as_bytes(), &body];
    under_key(&server, &who, &headers, &request, work).await
}

impl Server {
    /// Refuses to promise what the server cannot do.
    pub(crate) fn require_key(&self) -> Result<(), Failure> {
        match self.signing_key {
            Some(_) => Ok(()),
            None => Err(Failure::refused(
                "no_signing_key",
                "Máy chủ chưa có khóa ký để giao lệnh qua kết nối: chạy ansinh provider our-key rồi khởi động lại",
            )),
        }
    }
}
