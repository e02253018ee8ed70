//! Month lists: make, read, compare, approve.

#![expect(
    unused_qualifications,
    reason = "utoipa names parameter types by a path of its own"
)]

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use kernel::Month;
use payments::changes::{Change, Changes};
use payments::{Header, Refused, ShownLine, header as headers_of};
use registry::sight::HANDLERS;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::post::{json, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};
use crate::frame::READERS;
use crate::page::month::work_out_balance;

/// Which list to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedList {
    /// `YYYY-MM`.
    #[schema(value_type = String, example = "2024-05")]
    month: Month,
    /// Code of the area; `VN` is the whole country.
    #[schema(example = "51")]
    area: String,
}

/// Lập danh sách tháng (bản nháp); lập lại được cho đến khi duyệt.
#[utoipa::path(post, path = "/api/v1/lists", tag = "lists", security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = WantedList,
    responses((status = 201, description = "Bản nháp", body = shape::Header),
        (status = 422, description = "Không lập được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn make(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let order: WantedList = serde_json::from_slice(&body)
            .map_err(|_| Failure::bad_request("Cần JSON có month (YYYY-MM) và area"))?;
        let office = server.office();
        let made = payments::make(&office, &who.actor, order.month, &order.area).await?;
        work_out_balance(&server, &who.actor, order.month, &order.area).await;
        json(StatusCode::CREATED, &made.header)
    };
    under_key(
        &server,
        &who,
        &headers,
        &[b"POST /api/v1/lists", &body],
        work,
    )
    .await
}

/// Which months.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Months {
    /// First month, `YYYY-MM`; a year ago when left out.
    #[param(value_type = Option<String>)]
    from: Option<Month>,
    /// Last month; next month when left out.
    #[param(value_type = Option<String>)]
    to: Option<Month>,
}

/// Các danh sách trong địa bàn của mã truy cập.
#[utoipa::path(get, path = "/api/v1/lists", tag = "lists", security(("token" = [])),
    params(Months),
    responses((status = 200, description = "Theo tháng và địa bàn", body = [shape::Header])))]
pub(crate) async fn all(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(months): Query<Months>,
) -> Result<Json<Vec<Header>>, Failure> {
    let now = Month::of(server.clock.today());
    let from = months.from.unwrap_or(now.plus(-12));
    let to = months.to.unwrap_or(now.next());
    let mut lists = headers_of::of_months(&server.pool, from, to).await?;
    lists.retain(|list| access::holds(&who.actor, READERS, &list.area));
    Ok(Json(lists))
}

/// Đầu của một danh sách.
#[utoipa::path(get, path = "/api/v1/lists/{month}/{area}", tag = "lists",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước")),
    responses((status = 200, description = "Đầu danh sách", body = shape::Header),
        (status = 404, description = "Chưa có danh sách", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn one(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
) -> Result<Json<Header>, Failure> {
    access::require(&who.actor, READERS, &area)?;
    let found = headers_of::find(&server.pool, month, &area).await?;
    found.map(Json).ok_or_else(Failure::not_found)
}

/// Từng dòng, NDJSON, mỗi dòng một khoản.
#[utoipa::path(get, path = "/api/v1/lists/{month}/{area}/lines", tag = "lists",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước")),
    responses((status = 200, description = "NDJSON", body = shape::Line,
        content_type = "application/x-ndjson")))]
pub(crate) async fn lines(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
) -> Result<Response, Failure> {
    access::require(&who.actor, HANDLERS, &area)?;
    // Who may and whether there is a list is settled before the first byte.
    payments::lists(&server.office(), &who.actor, month, &area).await?;
    let object = month.to_string();
    let told = (object.as_str(), Some(area.as_str()));
    let (action, more) = (
        access::audit::Action::ListExport,
        serde_json::json!({ "file": "ndjson" }),
    );
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel::<Result<Bytes, Refused>>();
    tokio::spawn(async move {
        let mut buffer = Vec::with_capacity(CHUNK * 2);
        let done = payments::show(&server.office(), &who.actor, month, &area, |line| {
            write_line(&mut buffer, &line)?;
            if buffer.len() >= CHUNK {
                // Nobody listening any more is no reason to fail: the rest is read and dropped.
                sender
                    .send(Ok(Bytes::from(std::mem::take(&mut buffer))))
                    .ok();
            }
            Ok::<_, Refused>(())
        })
        .await;
        sender.send(Ok(Bytes::from(buffer))).ok();
        if let Err(refused) = done {
            tracing::error!(%refused, "lines broke off");
            // The broken connection tells the caller that the lines are not all there.
            sender.send(Err(refused)).ok();
        }
    });
    let stream = futures_util::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    });
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((headers, axum::body::Body::from_stream(stream)).into_response())
}

/// Bytes sent at once.
const CHUNK: usize = 64 * 1024;

fn write_line(buffer: &mut Vec<u8>, line: &ShownLine) -> Result<(), Refused> {
    serde_json::to_writer(&mut *buffer, line)
        .map_err(|error| Refused::Inconsistent(error.to_string()))?;
    buffer.push(b'\n');
    Ok(())
}

/// What changed, and whom it touches.
#[derive(Serialize)]
pub(crate) struct ChangesBody {
    #[serde(flatten)]
    balance: Changes,
    changes: Vec<Change>,
}

/// Biến động so với tháng trước, từng người và nguyên nhân; phần chưa giải thích phải bằng 0.
#[utoipa::path(get, path = "/api/v1/lists/{month}/{area}/changes", tag = "lists",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước")),
    responses((status = 200, description = "Cân đối và từng thay đổi", body = shape::Changes)))]
pub(crate) async fn changes(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
) -> Result<Json<ChangesBody>, Failure> {
    access::require(&who.actor, HANDLERS, &area)?;
    let mut changes = Vec::new();
    let balance = payments::changes(&server.office(), &who.actor, month, &area, |change| {
        changes.push(change);
        Ok::<_, Refused>(())
    })
    .await?;
    Ok(Json(ChangesBody { balance, changes }))
}

/// Duyệt bản nháp; người duyệt phải khác người lập.
#[utoipa::path(post, path = "/api/v1/lists/{month}/{area}/approval", tag = "lists",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    responses((status = 200, description = "Đã duyệt", body = shape::Header),
        (status = 422, description = "Không duyệt được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn approve(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let work = async {
        let office = server.office();
        let approved = payments::approve(&office, &who.actor, month, &area).await?;
        json(StatusCode::OK, &approved.header)
    };
    let request = format!("POST /api/v1/lists/{month}/{area}/approval");
    under_key(&server, &who, &headers, &[request.as_bytes()], work).await
}
