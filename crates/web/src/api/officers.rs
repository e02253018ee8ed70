//! Work on a dossier through the interface: its decision and number, corrected answers, scans, signatures;
//! and the number book.

#![expect(
    unused_qualifications,
    reason = "utoipa names parameter types by a path of its own"
)]

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::multipart::Multipart;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use casework::act::{self, Ask};
use casework::attachment;
use casework::correct::{self, Correction};
use casework::form::Answers;
use casework::letter::signed;
use casework::register::{self, Entry, Filter, Kind};
use casework::{Step, Teller};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::post::{self, read_body, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};
use crate::page::dossier::act::one;
use crate::page::letters::{drafted, known, signature};
use crate::page::papers::receive;

/// Which numbers.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct WhichNumbers {
    /// `decision`, `proposal`, `notice` or `letter`; left out, all.
    kind: String,
    /// Rows to pass over.
    offset: u32,
}

/// A part of the number book.
#[derive(Serialize, ToSchema)]
pub(crate) struct NumberBook {
    /// How many there are.
    count: i64,
    /// The newest first, 200 at most: `kind`, `number`, `written`, `day`, `area`, `dossiers`, `given_by`.
    #[schema(value_type = Vec<Object>)]
    numbers: Vec<Entry>,
}

/// Sổ văn bản đi của một địa bàn trong một năm.
#[utoipa::path(get, path = "/api/v1/number-book/{year}/{area}", tag = "dossiers",
    security(("token" = [])),
    params(("year" = i16, Path, description = "Năm"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước"), WhichNumbers),
    responses((status = 200, description = "Số mới nhất trước", body = NumberBook),
        (status = 403, description = "Không được xem địa bàn này", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn number_book(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((year, area)): Path<(i16, String)>,
    Query(which): Query<WhichNumbers>,
) -> Result<Json<NumberBook>, Failure> {
    let kind = match which.kind.as_str() {
        "" => None,
        code => Some(Kind::from_code(code).ok_or_else(|| {
            Failure::bad_request("kind là decision, proposal, notice hoặc letter")
        })?),
    };
    let filter = Filter {
        area,
        year,
        kind,
        offset: i64::from(which.offset),
        limit: 200,
    };
    let (numbers, count) = register::book(&server.pool, &who.actor, &filter).await?;
    Ok(Json(NumberBook { count, numbers }))
}

/// A decision on what the leader agreed with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionToNumber {
    /// Number of the last step that was seen.
    seen: i32,
    /// Day it was signed.
    #[schema(value_type = String, example = "2024-06-03")]
    date: Date,
    /// Number of another book; left out, the number book gives the next one.
    #[serde(default)]
    number: String,
}

/// A decision as numbered.
#[derive(Serialize, ToSchema)]
struct NumberedDecision {
    /// `12/QĐ-UBND`.
    number: String,
}

/// Vào sổ quyết định của một hồ sơ lãnh đạo đã đồng ý: cấp số kế tiếp và ghi việc hưởng trong một lần.
#[utoipa::path(post, path = "/api/v1/dossiers/{code}/decision", tag = "dossiers",
    security(("token" = [])),
    params(("code" = String, Path, description = "Mã hồ sơ"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = DecisionToNumber,
    responses((status = 201, description = "Đã vào sổ", body = NumberedDecision),
        (status = 422, description = "Từ chối, có mã lý do", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn decide(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let sent: DecisionToNumber = read_body(&body, "seen, date, number")?;
        let standing = act::standing(&server.pool, &who.actor, &code).await?;
        let outcome = standing.decided(sent.number.trim(), sent.date);
        let none = || Failure::refused("no_proposal", "Hồ sơ không chờ vào sổ");
        let ask = Ask {
            dossier: code.clone(),
            seen: sent.seen,
            step: Step::Decided(outcome.ok_or_else(none)?),
        };
        one(&server, &who, Uuid::now_v7(), ask).await?;
        let given = register::given_to(&server.pool, &code).await?;
        let number = match sent.number.trim() {
            "" => given.unwrap_or_default(),
            typed => typed.to_owned(),
        };
        post::json(StatusCode::CREATED, &NumberedDecision { number })
    };
    under_key(
        &server,
        &who,
        &headers,
        &[b"decision", code.as_bytes(), &body],
        work,
    )
    .await
}

/// Corrected answers as programs send them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CorrectedAnswers {
    seen: i32,
    answers: Answers,
    #[serde(default)]
    completes: bool,
}

/// Sửa tờ khai của một hồ sơ sau khi đã yêu cầu bổ sung; bản trước vẫn được giữ.
#[utoipa::path(post, path = "/api/v1/dossiers/{code}/answers", tag = "dossiers",
    security(("token" = [])),
    params(("code" = String, Path, description = "Mã hồ sơ"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body(content = shape::NewAnswers),
    responses((status = 201, description = "Đã ghi bản mới", body = shape::NewVersion),
        (status = 422, description = "Từ chối, có mã lý do", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn correct(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let sent: CorrectedAnswers = read_body(&body, "seen, answers, completes")?;
        let correction = Correction {
            dossier: &code,
            seen: sent.seen,
            answers: &sent.answers,
            allows_gaps: false,
            completes: sent.completes,
            key: Uuid::now_v7(),
        };
        let telling = (Teller::Office, &who.actor, &server.clock);
        let done = correct::correct(&server.pool, telling, &correction).await?;
        let told = json!({ "version": done.version, "changes": done.changes });
        post::json(StatusCode::CREATED, &told)
    };
    under_key(
        &server,
        &who,
        &headers,
        &[b"answers", code.as_bytes(), &body],
        work,
    )
    .await
}

/// Thêm bản quét cho một hồ sơ: multipart/form-data với paper, replaces, file (nhiều tệp).
#[utoipa::path(post, path = "/api/v1/dossiers/{code}/papers", tag = "dossiers",
    security(("token" = [])),
    params(("code" = String, Path, description = "Mã hồ sơ"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body(content = shape::SentPapers, content_type = "multipart/form-data"),
    responses((status = 201, description = "Giấy tờ sau khi thêm", body = shape::PapersNow),
        (status = 422, description = "Từ chối, có mã lý do", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn add_papers(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response, Failure> {
    // Nobody fills the store for a dossier they may not see.
    attachment::of_dossier(&server.pool, &who.actor, &code).await?;
    let sent = receive(server.files()?, form).await?;
    let work = async {
        let new = sent.attachments()?;
        let (pool, clock) = (&server.pool, &server.clock);
        let papers = attachment::attach(pool, &who.actor, clock, &code, &new).await?;
        let told = json!({ "attachments": papers.attachments, "missing": papers.missing });
        post::json(StatusCode::CREATED, &told)
    };
    let hashes = sent.hashes();
    let request = [
        "papers".as_bytes(),
        code.as_bytes(),
        sent.paper.as_bytes(),
        sent.replaces.as_bytes(),
        hashes.as_bytes(),
    ];
    under_key(&server, &who, &headers, &request, work).await
}

/// Ký một văn bản của hồ sơ: way=recorded ký bản in hiện nay, way=uploaded ghi tệp PDF đã ký (file,
/// signed_by, signed_on).
#[utoipa::path(post, path = "/api/v1/dossiers/{code}/letters/{letter}/signature", tag = "dossiers",
    security(("token" = [])),
    params(("code" = String, Path, description = "Mã hồ sơ"),
        ("letter" = String, Path, description = "Loại văn bản, ví dụ quyet-dinh"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body(content = shape::SentSignature, content_type = "multipart/form-data"),
    responses((status = 201, description = "Đã ký", body = shape::SignedFile),
        (status = 422, description = "Từ chối, có mã lý do", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn sign(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((code, letter)): Path<(String, String)>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response, Failure> {
    let kind = known(&letter)?;
    let draft = drafted(&server, &who, (&code, kind), None).await?;
    let files = server.files()?;
    let sent = receive(files, form).await?;
    let work = async {
        let signature = signature(files, kind, draft, &sent).await?;
        signed::sign(&server.pool, &who.actor, &server.clock, &code, &signature).await?;
        post::json(StatusCode::CREATED, &json!({ "file": signature.file.hash }))
    };
    let hashes = sent.hashes();
    let request = [
        "signature".as_bytes(),
        code.as_bytes(),
        letter.as_bytes(),
        sent.way.as_bytes(),
        sent.signed_by.as_bytes(),
        sent.signed_on.as_bytes(),
        hashes.as_bytes(),
    ];
    under_key(&server, &who, &headers, &request, work).await
}
