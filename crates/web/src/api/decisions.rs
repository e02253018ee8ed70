//! What waits for a person: results that cannot be believed, and proposals about people; and deciding.

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
use jiff::civil::Date;
use kernel::Month;
use payments::proposal::{self, Proposal};
use payments::results::queue::{self, Entry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::post::{json, read_body, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};

/// Which of them.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Which {
    /// Also those decided.
    decided: bool,
}

/// Kết quả chờ người xử lý: dòng lạ, sai tiền, trả hai lần, tháng đã khóa.
#[utoipa::path(get, path = "/api/v1/result-queue/{month}/{area}", tag = "payment-results",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước"), Which),
    responses((status = 200, description = "Cũ nhất trước", body = [shape::Waiting])))]
pub(crate) async fn waiting(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Entry>>, Failure> {
    let office = server.office();
    let found = queue::entries(&office, &who.actor, month, &area, which.decided).await?;
    Ok(Json(found))
}

/// What is decided about a waiting result.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResultDecision {
    /// Number of the waiting result.
    queue_no: i64,
    decision: RecordOrDismiss,
    /// Of an unknown line: the line really meant.
    #[serde(default)]
    #[schema(example = "2024-05-17-1")]
    line: Option<String>,
    /// Why.
    reason: String,
}

/// It counts, or it does not.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecordOrDismiss {
    Record,
    Dismiss,
}

/// What was decided.
#[derive(Serialize, ToSchema)]
struct Decided {
    /// Number of what was decided about.
    number: i64,
}

/// Xử lý một kết quả chờ, một lần: ghi nhận hoặc bỏ qua, kèm lý do.
#[utoipa::path(post, path = "/api/v1/result-decisions", tag = "payment-results",
    security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = ResultDecision,
    responses((status = 200, description = "Đã xử lý", body = Decided),
        (status = 422, description = "Không xử lý được như vậy", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn settle(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let asked: ResultDecision = read_body(&body, "queue_no, decision, reason")?;
        let decision = match asked.decision {
            RecordOrDismiss::Record => queue::Decision::Record { line: asked.line },
            RecordOrDismiss::Dismiss => queue::Decision::Dismiss,
        };
        let (office, number) = (server.office(), asked.queue_no);
        queue::resolve(&office, &who.actor, number, &decision, &asked.reason).await?;
        json(StatusCode::OK, &Decided { number })
    };
    let request: [&[u8]; 2] = [b"POST /api/v1/result-decisions", &body];
    under_key(&server, &who, &headers, &request, work).await
}

/// Đề xuất từ kết quả chi trả: tạm dừng, xác minh đã mất. Chưa ai quyết định thì chưa có gì xảy ra.
#[utoipa::path(get, path = "/api/v1/proposals/{month}/{area}", tag = "payment-results",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước"), Which),
    responses((status = 200, description = "Cũ nhất trước", body = [shape::Proposal])))]
pub(crate) async fn proposals(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Proposal>>, Failure> {
    let office = server.office();
    let found = proposal::proposals(&office, &who.actor, month, &area, which.decided).await?;
    Ok(Json(found))
}

/// What is decided about a proposal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProposalDecision {
    /// Number of the proposal.
    proposal_no: i64,
    decision: AcceptOrReject,
    /// Accepting a suspension: the first month not paid.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2024-06")]
    from: Option<Month>,
    /// Accepting a death: its day.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2024-05-30")]
    date: Option<Date>,
    /// Why.
    reason: String,
}

/// It becomes an event, or nothing follows.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AcceptOrReject {
    Accept,
    Reject,
}

/// Chấp nhận hoặc bác một đề xuất, một lần; chấp nhận thì thành sự kiện trong sổ đối tượng.
#[utoipa::path(post, path = "/api/v1/proposal-decisions", tag = "payment-results",
    security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = ProposalDecision,
    responses((status = 200, description = "Đã quyết định", body = Decided),
        (status = 422, description = "Không quyết định được như vậy", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn decide(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let asked: ProposalDecision = read_body(&body, "proposal_no, decision, reason")?;
        let decision = match (asked.decision, asked.from, asked.date) {
            (AcceptOrReject::Reject, None, None) => proposal::Decision::Reject,
            (AcceptOrReject::Accept, Some(from), None) => proposal::Decision::Suspend { from },
            (AcceptOrReject::Accept, None, Some(date)) => proposal::Decision::On { date },
            _ => {
                let message = "Chấp nhận cần đúng một trong from (tạm dừng) và date (ngày mất)";
                return Err(Failure::bad_request(message));
            }
        };
        let (office, number) = (server.office(), asked.proposal_no);
        proposal::decide(&office, &who.actor, number, decision, &asked.reason).await?;
        json(StatusCode::OK, &Decided { number })
    };
    let request: [&[u8]; 2] = [b"POST /api/v1/proposal-decisions", &body];
    under_key(&server, &who, &headers, &request, work).await
}
