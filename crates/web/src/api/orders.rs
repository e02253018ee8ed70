//! Orders of approved lists, and where the money is.

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use jiff::civil::Date;
use kernel::{Month, MonthSpan};
use payments::ledger::{self, Balance};
use payments::order::{self, Order};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::post::{json, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};

/// What to order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// `YYYY-MM`.
    #[schema(value_type = String, example = "2024-05")]
    month: Month,
    /// Code of the area; `VN` is the whole country.
    #[schema(example = "51")]
    area: String,
    /// The day providers are asked to pay from; the first of the month, or today if that is later.
    #[schema(value_type = Option<String>, example = "2024-05-02")]
    pay_on: Option<Date>,
}

/// What was ordered, and what could not be.
#[derive(Serialize)]
pub(crate) struct OrderedBody {
    orders: Vec<Order>,
    open: Vec<order::OpenSum>,
}

/// Lập lệnh chi cho mọi dòng của danh sách đã duyệt chưa có lệnh; gọi lại không đổi gì.
#[utoipa::path(post, path = "/api/v1/orders", tag = "orders", security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = Wanted,
    responses((status = 201, description = "Các lệnh mới và phần chưa lập được", body = shape::Ordered),
        (status = 422, description = "Không lập được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn make(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let wanted: Wanted = serde_json::from_slice(&body)
            .map_err(|_| Failure::bad_request("Cần JSON có month (YYYY-MM), area, pay_on"))?;
        let (office, pay_on) = (server.office(), wanted.pay_on);
        let made = order::make(&office, &who.actor, wanted.month, &wanted.area, pay_on).await?;
        let body = OrderedBody {
            orders: made.orders,
            open: made.open,
        };
        json(StatusCode::CREATED, &body)
    };
    let request: [&[u8]; 2] = [b"POST /api/v1/orders", &body];
    under_key(&server, &who, &headers, &request, work).await
}

/// Các lệnh chi của tháng, mỗi lệnh kèm các lần giao.
#[utoipa::path(get, path = "/api/v1/orders/{month}/{area}", tag = "orders",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước")),
    responses((status = 200, description = "Theo số lệnh", body = [shape::Order])))]
pub(crate) async fn all(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
) -> Result<Json<Vec<Order>>, Failure> {
    let orders = order::of_month(&server.office(), &who.actor, month, &area).await?;
    Ok(Json(orders))
}

/// Số dư sổ cái của tháng theo tài khoản và đơn vị chi trả; tổng luôn bằng 0.
#[utoipa::path(get, path = "/api/v1/balances/{month}/{area}", tag = "orders",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước")),
    responses((status = 200, description = "Số dư khác 0", body = [shape::Balance])))]
pub(crate) async fn balances(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
) -> Result<Json<Vec<Balance>>, Failure> {
    let (office, span) = (server.office(), MonthSpan::single(month));
    Ok(Json(
        ledger::balances(&office, &who.actor, span, &area, None).await?,
    ))
}
