//! `POST /api/v1/payment-results`: what `ansinh results import` does; and what became of a month.

#![expect(
    unused_qualifications,
    reason = "utoipa names parameter types by a path of its own"
)]

use std::io::Cursor;

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use kernel::Month;
use payments::results::lines::{self, Group, Lines};
use payments::results::{self, Imported, Parts};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::events::RefusedRow;
use super::post::{json, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};
use crate::paging::{PageNumber, Paging, ROWS};

/// Whose results.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// Mã đơn vị chi trả.
    provider: String,
}

/// What became of the results.
#[derive(Serialize, ToSchema)]
struct ResultsTaken {
    /// Recorded now.
    recorded: u64,
    /// Recorded before, or said again: nothing changed.
    already: u64,
    /// Put into the queue now, for a person to decide; also listed as refused.
    queued: u64,
    /// Payments the bank is still at.
    not_final: u64,
    /// Entries of the account that are about no line.
    unrelated: u64,
    /// Not recorded.
    refused: Vec<RefusedRow>,
}

impl std::convert::From<Imported> for ResultsTaken {
    fn from(imported: Imported) -> ResultsTaken {
        ResultsTaken {
            recorded: imported.recorded,
            already: imported.already,
            queued: imported.queued,
            not_final: imported.not_final,
            unrelated: imported.unrelated,
            refused: imported.refused.into_iter().map(Into::into).collect(),
        }
    }
}

/// Ghi kết quả chi trả: NDJSON, Excel, CSV, pain.002.001.12, camt.053.001.08 hoặc camt.054.001.08.
/// Cùng một kết quả gửi lại không thay đổi gì; dòng lạ, sai tiền vào danh sách chờ người xử lý.
#[utoipa::path(
    post, path = "/api/v1/payment-results", tag = "payment-results", security(("token" = [])),
    params(From, ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body(description = "Kết quả theo docs; dạng tệp được nhận ra từ nội dung",
        content((String = "application/x-ndjson"), (String = "application/xml"))),
    responses(
        (status = 200, description = "Đã ghi (có thể có dòng bị từ chối)", body = ResultsTaken),
        (status = 422, description = "Không đọc được tệp, chưa có gì thay đổi", body = Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn record(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(from): Query<From>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let (office, file) = (server.office(), Cursor::new(body.clone()));
        let imported = results::import_file(&office, &who.actor, &from.provider, file).await?;
        json(StatusCode::OK, &ResultsTaken::from(imported))
    };
    let request: [&[u8]; 3] = [
        b"POST /api/v1/payment-results",
        from.provider.as_bytes(),
        &body,
    ];
    under_key(&server, &who, &headers, &request, work).await
}

/// Giao = đã trả + không thành + hoàn trả + chưa nhận + chưa báo, theo đơn vị chi trả và theo xã.
#[utoipa::path(get, path = "/api/v1/payment-results/{month}/{area}", tag = "payment-results",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước")),
    responses((status = 200, description = "Số liệu đối soát, đồng", body = shape::MoneyParts)))]
pub(crate) async fn outcome(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
) -> Result<Json<Parts>, Failure> {
    let parts = results::outcome_parts(&server.office(), &who.actor, month, &area).await?;
    Ok(Json(parts))
}

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Behind {
    /// Code of a provider; `none` is not ordered yet.
    provider: Option<String>,
    /// paid, failed, returned, not_collected, not_reported, open.
    group: Option<String>,
    /// Page of fifty, from 1.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    page: PageNumber,
}

/// Từng dòng sau các số liệu đối soát, năm mươi dòng một trang.
#[utoipa::path(get, path = "/api/v1/payment-results/{month}/{area}/lines",
    tag = "payment-results", security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước"), Behind),
    responses((status = 200, description = "Theo người rồi số dòng", body = shape::ToldLines)))]
pub(crate) async fn behind(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
    Query(asked): Query<Behind>,
) -> Result<Json<Lines>, Failure> {
    let unknown = || Failure::bad_request("Không có nhóm dòng đó");
    let group = asked.group.as_deref();
    let group = group.map(|code| Group::from_code(code).ok_or_else(unknown));
    let provider = asked.provider.as_deref();
    let wanted = lines::Wanted {
        provider: provider.map(|code| if code == "none" { "" } else { code }),
        group: group.transpose()?,
        order: None,
        offset: Paging::offset(asked.page.get()),
        limit: ROWS,
    };
    let found = lines::lines(&server.office(), &who.actor, month, &area, &wanted).await?;
    Ok(Json(found))
}
