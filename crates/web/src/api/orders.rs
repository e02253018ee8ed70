//! Orders of approved lists, and where the money is.

#![expect(
    unused_qualifications,
    reason = "utoipa names parameter types by a path of its own"
)]

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Month, MonthSpan};
use payments::ledger::{self, Balance};
use payments::order::{self, Handed, Order, OrderNo};
use payments::provider::contract::Handover;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::post::{json, read_body, under_key};
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
        let wanted: Wanted = read_body(&body, "month (YYYY-MM), area, pay_on")?;
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

/// That an order was handed over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandedOver {
    /// Number of the order.
    order_no: i64,
    /// file, interface, paper.
    how: String,
    /// Name of the file.
    file_name: String,
    /// Its SHA-256, as 64 hexadecimal digits.
    file_sha256: String,
    /// Anything worth remembering; never about a person.
    #[serde(default)]
    note: Option<String>,
}

impl HandedOver {
    fn read(&self) -> Result<(Handover, Handed), Failure> {
        let how = Handover::from_code(&self.how);
        let sha256 = hex::decode(&self.file_sha256).ok();
        let sound = sha256.filter(|sha256| sha256.len() == 32 && !self.file_name.is_empty());
        match (how, sound) {
            (Some(how), Some(sha256)) => Ok((
                how,
                Handed {
                    name: self.file_name.clone(),
                    sha256,
                },
            )),
            _ => Err(Failure::bad_request(
                "how là file, interface hoặc paper; file_sha256 là 64 chữ số thập lục phân",
            )),
        }
    }
}

/// Ghi nhận đã giao một lệnh; giao lại thì ghi lần nữa và không chi hai lần.
#[utoipa::path(post, path = "/api/v1/orders/sent", tag = "orders", security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = HandedOver,
    responses((status = 201, description = "Lệnh với các lần giao", body = shape::Order),
        (status = 404, description = "Không có lệnh", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn sent(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let asked: HandedOver = read_body(&body, "order_no, how, file_name, file_sha256")?;
        let ((how, handed), order_no) = (asked.read()?, OrderNo(asked.order_no));
        let (office, note) = (server.office(), asked.note.as_deref());
        order::send(&office, &who.actor, order_no, how, &handed, note).await?;
        let found = order::find(&office, &who.actor, order_no).await?;
        json(StatusCode::CREATED, &found)
    };
    let request: [&[u8]; 2] = [b"POST /api/v1/orders/sent", &body];
    under_key(&server, &who, &headers, &request, work).await
}

/// Months and moment of balances.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Until {
    /// Last month; the one of the address when left out.
    #[param(value_type = Option<String>)]
    to: Option<Month>,
    /// Of all that was booked by this moment.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
}

/// Số dư sổ cái của tháng theo tài khoản và đơn vị chi trả; tổng luôn bằng 0.
#[utoipa::path(get, path = "/api/v1/balances/{month}/{area}", tag = "orders",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước"), Until),
    responses((status = 200, description = "Số dư khác 0", body = [shape::Balance])))]
pub(crate) async fn balances(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
    Query(Until { to, until }): Query<Until>,
) -> Result<Json<Vec<Balance>>, Failure> {
    let span = MonthSpan {
        from: month,
        to: to.unwrap_or(month),
    };
    let office = server.office();
    Ok(Json(
        ledger::balances(&office, &who.actor, span, &area, until).await?,
    ))
}
