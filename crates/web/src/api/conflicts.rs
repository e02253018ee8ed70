//! Fields of a dossier's form that this side and a one-stop system both changed.

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use exchange::conflict::{self, Conflict, Takes};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::post::{self, read_body, under_key};
use crate::Server;
use crate::failure::{Failure, Problem};

/// What waits for a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct Conflicts {
    /// Each with `no`, `field`, `label`, `owner`, `before`, and `ours` and `theirs` with `value`, `by`, `at` and
    /// `side`.
    #[schema(value_type = Vec<Object>)]
    conflicts: Vec<Conflict>,
}

/// Whose value counts.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// `ours` or `theirs`.
    takes: String,
    /// Why.
    reason: String,
}

/// Những mục tờ khai của một hồ sơ mà hai bên cùng sửa, chờ quyết định.
#[utoipa::path(get, path = "/api/v1/dossiers/{code}/conflicts", tag = "dossiers",
    security(("token" = [])),
    params(("code" = String, Path, description = "Mã hồ sơ")),
    responses((status = 200, description = "Các mục", body = Conflicts),
        (status = 404, description = "Không có hồ sơ, hoặc không được xem", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
) -> Result<Json<Conflicts>, Failure> {
    let (pool, clock) = (&server.pool, &server.clock);
    casework::dossier(pool, &who.actor, clock, &code).await?;
    let conflicts = conflict::open(pool, &who.actor, clock, Some(&code), (0, 1_000)).await?;
    Ok(Json(Conflicts { conflicts }))
}

/// Chọn giá trị có hiệu lực của một mục hai bên cùng sửa; hệ thống một cửa được báo lại.
#[utoipa::path(post, path = "/api/v1/dossiers/{code}/conflicts/{number}", tag = "dossiers",
    security(("token" = [])),
    params(("code" = String, Path, description = "Mã hồ sơ"),
        ("number" = i64, Path, description = "Số của mục"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body(content = Choice),
    responses((status = 201, description = "Đã ghi", body = Conflicts),
        (status = 409, description = "Người khác vừa quyết định", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Từ chối, có mã lý do", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn decide(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((code, number)): Path<(String, i64)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let sent: Choice = read_body(&body, "takes, reason")?;
        let takes = Takes::from_code(&sent.takes)
            .ok_or_else(|| Failure::bad_request("takes là ours hoặc theirs"))?;
        let (pool, clock) = (&server.pool, &server.clock);
        let open = conflict::open(pool, &who.actor, clock, Some(&code), (0, 1_000)).await?;
        let decided = (takes, sent.reason.as_str());
        conflict::decide(pool, &who.actor, clock, number, decided).await?;
        let rest: Vec<&Conflict> = open.iter().filter(|it| it.no != number).collect();
        post::json(StatusCode::CREATED, &json!({ "conflicts": rest }))
    };
    let number = number.to_string();
    let request: [&[u8]; 4] = [b"conflict", code.as_bytes(), number.as_bytes(), &body];
    under_key(&server, &who, &headers, &request, work).await
}
