//! Forms, and applications with answers.

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use casework::Channel;
use casework::draft::Subject;
use casework::form::{self, Answers, Form};
use casework::step::Paper;
use casework::submit::{Application, submit as submit_it};
use kernel::PersonId;
use law::Benefit;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::post::{self, read_body, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};

/// Một mẫu tờ khai: các phần, các mục, kiểu trả lời, điều kiện hiện mục, sự việc mà câu trả lời trở thành.
#[utoipa::path(get, path = "/api/v1/forms/{code}", tag = "dossiers",
    params(("code" = String, Path, description = "Mã mẫu, ví dụ d20-1dd")),
    responses((status = 200, description = "Mẫu tờ khai", body = shape::OfficialForm),
        (status = 404, description = "Không có mẫu này", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn form(Path(code): Path<String>) -> Result<Json<&'static Form>, Failure> {
    form::by_code(&code)
        .map(Json)
        .ok_or_else(Failure::not_found)
}

/// An application as programs send it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    procedure: String,
    form: String,
    benefit: Option<Benefit>,
    person: Option<i64>,
    #[serde(default = "direct")]
    channel: Channel,
    #[serde(default)]
    papers: Vec<Paper>,
    /// Received at once.
    #[serde(default)]
    received: bool,
    answers: Answers,
}

const fn direct() -> Channel {
    Channel::Direct
}

/// Nộp hồ sơ kèm tờ khai đã trả lời. Mục sai được nêu từng mục trong errors.
#[utoipa::path(post, path = "/api/v1/dossiers", tag = "dossiers",
    security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body(content = shape::NewDossier),
    responses((status = 201, description = "Đã nộp", body = shape::SubmittedDossier),
        (status = 422, description = "Từ chối, có mã lý do", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn submit(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let sent: Sent = read_body(
            &body,
            "procedure, form, benefit, person, channel, papers, received, answers",
        )?;
        let subject = Subject {
            form: sent.form,
            procedure: sent.procedure,
            benefit: sent.benefit,
            person: sent.person.map(PersonId),
        };
        let application = Application {
            id: Uuid::now_v7(),
            subject: &subject,
            answers: &sent.answers,
            channel: sent.channel,
            papers: sent.papers,
            received: sent.received,
            draft: None,
        };
        let code = submit_it(&server.pool, &who.actor, &server.clock, &application).await?;
        post::json(StatusCode::CREATED, &json!({ "dossier": code }))
    };
    under_key(&server, &who, &headers, &[b"dossiers", &body], work).await
}
