//! What goes wrong, and how it is told: a page in Vietnamese, or a problem document (RFC 9457)
//! under `/api`. Neither repeats what was sent, so no personal data leaks through an error.

use std::any::Any;

use access::Denied;
use access::user::UserError;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use payments::Refused;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::Server;
use crate::frame::Frame;

/// A request that is not answered as asked. Carried through the response and worded by
/// [`word_failures`], which knows whether a page or a problem document is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    errors: Option<Value>,
}

/// Problem document (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Stable address of the kind of problem.
    #[schema(example = "urn:an-sinh:problem:denied")]
    r#type: String,
    /// HTTP status.
    status: u16,
    /// Stable code for programs.
    code: &'static str,
    /// One Vietnamese sentence.
    title: String,
    /// Refused rows, each with row, field, code and message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    errors: Option<Value>,
}

impl Failure {
    /// A refusal of what was asked, with a stable code and a Vietnamese sentence.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Failure {
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// Any status.
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
    ) -> Failure {
        Failure {
            status,
            code,
            message: message.into(),
            errors: None,
        }
    }

    /// The request is not of the shape asked for.
    pub(crate) fn bad_request(message: impl Into<String>) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// Nothing is there, or nothing the actor may know of.
    pub(crate) fn not_found() -> Failure {
        Failure::of_status(StatusCode::NOT_FOUND)
    }

    /// Something of ours broke. The cause goes to the log, never to the page.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Failure {
        tracing::error!(%cause, "request failed");
        Failure::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What is said when only the status is known.
    fn of_status(status: StatusCode) -> Failure {
        let (code, message) = match status {
            StatusCode::BAD_REQUEST => ("bad_request", "Yêu cầu không đúng dạng"),
            StatusCode::UNAUTHORIZED => ("sign_in_needed", "Cần đăng nhập để làm việc này"),
            StatusCode::FORBIDDEN => ("denied", "Tài khoản này không có quyền làm việc này"),
            StatusCode::NOT_FOUND => ("not_found", "Không tìm thấy trang hoặc dữ liệu cần xem"),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method_not_allowed", "Trang này không nhận yêu cầu kiểu đó")
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => (
                "too_slow",
                "Việc này mất quá nhiều thời gian và đã dừng lại, chưa có gì thay đổi",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "Tệp hoặc nội dung gửi lên quá lớn"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("wrong_media_type", "Kiểu nội dung gửi lên không đúng")
            }
            StatusCode::UNPROCESSABLE_ENTITY => ("refused", "Nội dung gửi lên không dùng được"),
            StatusCode::SERVICE_UNAVAILABLE => ("busy", "Máy chủ đang bận, hãy thử lại sau"),
            status if status.is_client_error() => ("bad_request", "Yêu cầu không thực hiện được"),
            _ => (
                "internal",
                "Máy chủ gặp lỗi. Lỗi đã được ghi lại; chưa có gì thay đổi",
            ),
        };
        Failure::new(status, code, message)
    }

    /// The refused rows, for the problem document.
    pub(crate) fn with_errors(mut self, errors: Value) -> Failure {
        self.errors = Some(errors);
        self
    }

    /// Whether something sound was asked that the rules of the house do not allow.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self.status,
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT
        )
    }

    /// Its stable code.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// What is said to people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status, and the stable code of why.
    pub(crate) const fn what(&self) -> (StatusCode, &'static str) {
        (self.status, self.code)
    }

    /// The refused rows.
    pub(crate) const fn errors(&self) -> Option<&Value> {
        self.errors.as_ref()
    }

    /// Whether the caller can do something about it.
    pub(crate) fn is_callers(&self) -> bool {
        self.status.is_client_error()
    }

    /// The problem document.
    pub(crate) fn problem(&self) -> (StatusCode, Vec<u8>) {
        let problem = Problem {
            r#type: format!("urn:an-sinh:problem:{}", self.code),
            status: self.status.as_u16(),
            code: self.code,
            title: self.message.clone(),
            errors: self.errors.clone(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        (self.status, body)
    }
}

/// Media type of problem documents.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Failure {
        Failure::new(StatusCode::FORBIDDEN, denied.code(), denied.to_string())
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        let code = refused.code();
        let status = match refused {
            Refused::Denied(denied) => return denied.into(),
            Refused::NoList { .. }
            | Refused::UnknownArea { .. }
            | Refused::UnknownPerson { .. }
            | Refused::NoOrder { .. } => StatusCode::NOT_FOUND,
            // Failures underneath, whichever crate they come through: theirs is not the page.
            _ if matches!(code, "database" | "inconsistent" | "busy") => {
                return Failure::internal(&refused);
            }
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Failure::new(status, code, sentence(&refused.to_string()))
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Failure {
        let code = error.code();
        match error {
            UserError::Denied(denied) => denied.into(),
            UserError::NoSuchUser(_) => Failure::not_found(),
            error if code == "internal" => Failure::internal(&error),
            error => Failure::refused(code, sentence(&error.to_string())),
        }
    }
}

/// With a capital first letter.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Failure {
        Failure::internal(&error)
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Failure {
        Failure::internal(&error)
    }
}

/// What a panic becomes; its message may hold personal data and is not logged here.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    Failure::internal(&"a handler panicked").into_response()
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    frame: Frame,
    status: u16,
    code: &'static str,
    message: String,
}

/// Words every failure, also those that libraries answer by status alone.
pub(crate) async fn word_failures(
    State(server): State<Server>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let api = path.starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    let worded = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(is_worded);
    if !(status.is_client_error() || status.is_server_error()) || worded {
        return response;
    }
    let failure = match response.extensions().get::<Failure>() {
        Some(failure) => failure.clone(),
        None => Failure::of_status(status),
    };
    if api {
        let mut answer = match crate::api::exchange::words::worded(&path, &failure) {
            Some(worded) => worded,
            None => {
                let (status, body) = failure.problem();
                (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response()
            }
        };
        crate::api::exchange::words::keep_names(&response, &mut answer);
        if status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let second = HeaderValue::from_static("1");
            answer.headers_mut().insert(header::RETRY_AFTER, second);
        }
        return answer;
    }
    let page = FailurePage {
        frame: Frame::outside(&server),
        status: failure.status.as_u16(),
        code: failure.code,
        message: failure.message,
    };
    match page.render() {
        Ok(html) => (failure.status, Html(html)).into_response(),
        Err(_) => failure.status.into_response(),
    }
}

fn is_worded(content_type: &HeaderValue) -> bool {
    let value = content_type.as_bytes();
    // Answers to providers' programs are worded by their protocol.
    let all = [
        &b"text/html"[..],
        PROBLEM_JSON.as_bytes(),
        b"application/json",
    ];
    all.iter().any(|known| value.starts_with(known))
}
