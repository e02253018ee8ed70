//! Moves between paying offices: what waits, the notice of the old place, the answer of the new one.

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
use casework::transfer::{self, Answer, Direction, Filter, Notice, State as Standing, Told};
use jiff::civil::Date;
use kernel::{Month, PersonId};
use payments::Foreseen;
use registry::event::Decision;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::post::{self, read_body, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};

/// Which moves.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct WhichMoves {
    /// Code of the area; `VN` is the whole country.
    area: String,
    /// `in` or `out`; left out, in.
    direction: String,
    /// `waiting`, `overdue`, `answered` or `any`; left out, waiting.
    state: String,
    /// Rows to pass over.
    offset: u32,
}

/// A part of the moves of an area.
#[derive(Serialize, ToSchema)]
pub(crate) struct Moves {
    /// How many there are.
    count: i64,
    /// 200 at most: `transfer_no`, `person`, `full_name`, `from` and `to` (code and first day of the
    /// commune), `asked_on`, `last_month`, `stopped_by`, `papers`, `law`, `due_on`, `answer`, `reason`,
    /// `taken_by`, and who told and answered when.
    #[schema(value_type = Vec<Object>)]
    moves: Vec<Told>,
}

/// Người chuyển đến hoặc chuyển đi của một địa bàn.
#[utoipa::path(get, path = "/api/v1/transfers", tag = "persons",
    security(("token" = [])), params(WhichMoves),
    responses((status = 200, description = "Hạn trả lời sớm nhất trước", body = Moves),
        (status = 403, description = "Không được xem địa bàn này", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(which): Query<WhichMoves>,
) -> Result<Json<Moves>, Failure> {
    let filter = Filter {
        area: which.area,
        direction: match which.direction.as_str() {
            "" | "in" => Direction::In,
            "out" => Direction::Out,
            _ => return Err(Failure::bad_request("direction là in hoặc out")),
        },
        state: match which.state.as_str() {
            "" | "waiting" => Standing::Waiting,
            "overdue" => Standing::Overdue,
            "answered" => Standing::Answered,
            "any" => Standing::Any,
            _ => {
                let message = "state là waiting, overdue, answered hoặc any";
                return Err(Failure::bad_request(message));
            }
        },
        offset: i64::from(which.offset),
        limit: 200,
        ..Filter::default()
    };
    let found = transfer::list(&server.pool, &who.actor, &server.clock, &filter).await?;
    Ok(Json(Moves {
        count: found.count,
        moves: found.rows,
    }))
}

/// A notice as programs send it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeToTell {
    /// Number of the person in the registry.
    person: i64,
    /// Code of the commune they go to.
    to: String,
    /// Day they asked.
    #[schema(value_type = String, example = "2024-05-20")]
    asked_on: Date,
    /// Last month paid at the old place.
    #[schema(value_type = String, example = "2024-05")]
    last_month: Month,
    /// The decision to stop payment at the old place: `number`, `date`, `signed_by`.
    #[schema(value_type = Object)]
    decision: Decision,
    /// Papers sent along.
    #[serde(default)]
    papers: Vec<String>,
    /// Only says what would follow: `waiting` and `accepted`, each the next list as things are and as it
    /// would be. Nothing is recorded.
    #[serde(default)]
    dry_run: bool,
}

/// Báo chuyển đi địa bàn khác; với dry_run chỉ cho xem trước kết quả.
#[utoipa::path(post, path = "/api/v1/transfers", tag = "persons",
    security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = NoticeToTell,
    responses((status = 200, description = "Xem trước, chưa ghi gì", body = shape::ForeseenMove),
        (status = 201, description = "Đã báo", body = shape::MoveTold),
        (status = 422, description = "Từ chối, có mã lý do", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn report(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let sent: NoticeToTell = read_body(
            &body,
            "person, to, asked_on, last_month, decision, papers, dry_run",
        )?;
        let notice = Notice {
            person: PersonId(sent.person),
            to: sent.to,
            asked_on: sent.asked_on,
            last_month: sent.last_month,
            decision: sent.decision,
            papers: sent.papers,
        };
        let (pool, actor, clock, key) = (&server.pool, &who.actor, &server.clock, Uuid::now_v7());
        if !sent.dry_run {
            let told = transfer::report(pool, actor, clock, key, &notice).await?;
            let told = json!({ "transfer_no": told.transfer_no, "due_on": told.due_on });
            return post::json(StatusCode::CREATED, &told);
        }
        let plan = transfer::plan(pool, actor, clock, key, &notice).await?;
        let office = server.office();
        let waiting = payments::foresee(&office, actor, notice.person, &plan.waiting).await?;
        let accepted = payments::foresee(&office, actor, notice.person, &plan.accepted).await?;
        let handler = plan.who.handler;
        let told = json!({
            "due_on": plan.due_on, "law": plan.law,
            "waiting": told(&waiting, handler), "accepted": told(&accepted, handler),
        });
        post::json(StatusCode::OK, &told)
    };
    under_key(&server, &who, &headers, &[b"transfers", &body], work).await
}

/// The next list as things are and as it would be; what reveals an infection is not named to those who
/// may not know.
fn told(foreseen: &Foreseen, handler: bool) -> Value {
    let lines = |lines: &[payments::Line]| {
        let line = |line: &payments::Line| {
            let shown = registry::sight::Shown::to(line.benefit, handler);
            json!({ "benefit": shown.code(), "kind": line.kind.code(),
                    "for_month": line.for_month, "amount": line.amount })
        };
        lines.iter().map(line).collect::<Vec<_>>()
    };
    json!({ "month": foreseen.month, "commune": foreseen.commune,
            "new_commune": foreseen.new_commune,
            "now": lines(&foreseen.now), "then": lines(&foreseen.then) })
}

/// Nơi đến tiếp nhận hoặc không tiếp nhận, hoặc nơi đi rút thông báo.
#[utoipa::path(post, path = "/api/v1/transfers/{number}/answer", tag = "persons",
    security(("token" = [])),
    params(("number" = i64, Path, description = "Số thông báo chuyển đi"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body(content = shape::MoveAnswer),
    responses((status = 200, description = "Đã trả lời", body = shape::MoveAnswered),
        (status = 422, description = "Từ chối, có mã lý do", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn answer(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(number): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let answer: Answer = read_body(&body, "answer, decision hoặc reason")?;
        transfer::answer(&server.pool, &who.actor, &server.clock, number, &answer).await?;
        let told = json!({ "transfer_no": number, "answer": answer.code() });
        post::json(StatusCode::OK, &told)
    };
    let about = number.to_string();
    let request = [b"transfer answer", about.as_bytes(), &body];
    under_key(&server, &who, &headers, &request, work).await
}
