//! `/api/v1/spdci`: other registries ask ours by SPDCI 1.0.0. Who asks is known from a token and from the
//! signature of the message; what is answered is decided in [`spdci`].

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::area::Areas;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use spdci::token::{self, Proof};
use spdci::{Action, Desk, Incoming, Register};
use utoipa::ToSchema;

use super::shape;
use crate::Server;
use crate::failure::Failure;

/// Tìm trong sổ đăng ký; trả lời ngay (SPDCI sync/search). Thông điệp phải có chữ ký; gửi lại cùng
/// message_id bị từ chối.
#[utoipa::path(post, path = "/api/v1/spdci/{register}/registry/sync/search", tag = "spdci",
    security(("token" = [])),
    params(("register" = String, Path, description = "ibr hoặc social")),
    request_body(content = shape::SpdciSearch),
    responses((status = 200, description = "Trả lời đã ký", body = shape::SpdciOnSearch),
        (status = 400, description = "Thông điệp không dùng được", body = shape::SpdciRefused)))]
pub(crate) async fn sync_search(asked: Asked) -> Result<Response, Failure> {
    asked.at_once(Action::Search).await
}

/// Một người có đang hưởng không; trả lời ngay (SPDCI sync/enrolled, chỉ sổ ibr).
#[utoipa::path(post, path = "/api/v1/spdci/ibr/registry/sync/enrolled", tag = "spdci",
    security(("token" = [])),
    request_body(content = shape::SpdciEnrolled),
    responses((status = 200, description = "Trả lời đã ký", body = shape::SpdciOnEnrolled),
        (status = 400, description = "Thông điệp không dùng được", body = shape::SpdciRefused)))]
pub(crate) async fn sync_enrolled(asked: Asked) -> Result<Response, Failure> {
    asked.at_once(Action::Enrolled).await
}

/// Chương trình khác báo đang chi cho ai; trả lời ngay (SPDCI sync/enrollment/updates, chỉ sổ ibr). Chỉ ghi là
/// họ báo như vậy: không thành quyết định hưởng. Báo lại điều đã báo không ghi thêm.
#[utoipa::path(post, path = "/api/v1/spdci/ibr/registry/sync/enrollment/updates", tag = "spdci",
    security(("token" = [])),
    request_body(content = shape::SpdciUpdates),
    responses((status = 200, description = "Trả lời đã ký", body = shape::SpdciOnUpdates),
        (status = 400, description = "Thông điệp không dùng được", body = shape::SpdciRefused),
        (status = 403, description = "Đăng ký không cho báo", body = shape::SpdciErrors)))]
pub(crate) async fn sync_updates(asked: Asked) -> Result<Response, Failure> {
    asked.at_once(Action::Report).await
}

/// Yêu cầu trước đã đến đâu; trả lời ngay (SPDCI sync/txn/status).
#[utoipa::path(post, path = "/api/v1/spdci/{register}/registry/sync/txn/status", tag = "spdci",
    security(("token" = [])),
    params(("register" = String, Path, description = "ibr hoặc social")),
    request_body(content = shape::SpdciStatus),
    responses((status = 200, description = "Trả lời đã ký", body = shape::SpdciOnStatus),
        (status = 400, description = "Thông điệp không dùng được", body = shape::SpdciRefused)))]
pub(crate) async fn sync_status(asked: Asked) -> Result<Response, Failure> {
    asked.at_once(Action::Status).await
}

/// Tìm trong sổ đăng ký; trả lời sau đến /registry/on-search của bên hỏi. Gửi lại không làm gì thêm.
#[utoipa::path(post, path = "/api/v1/spdci/{register}/registry/search", tag = "spdci",
    security(("token" = [])),
    params(("register" = String, Path, description = "ibr hoặc social")),
    request_body(content = shape::SpdciSearch),
    responses((status = 200, description = "Đã nhận", body = shape::G2pAnswer),
        (status = 400, description = "Không nhận", body = shape::G2pAnswer)))]
pub(crate) async fn search(asked: Asked) -> Result<Response, Failure> {
    asked.later(Action::Search).await
}

/// Đăng ký được báo khi có thay đổi; trả lời sau đến /registry/on-subscribe, báo đến /registry/notify.
#[utoipa::path(post, path = "/api/v1/spdci/{register}/registry/subscribe", tag = "spdci",
    security(("token" = [])),
    params(("register" = String, Path, description = "ibr hoặc social")),
    request_body(content = shape::SpdciSubscribe),
    responses((status = 200, description = "Đã nhận", body = shape::G2pAnswer),
        (status = 400, description = "Không nhận", body = shape::G2pAnswer)))]
pub(crate) async fn subscribe(asked: Asked) -> Result<Response, Failure> {
    asked.later(Action::Subscribe).await
}

/// Thôi được báo; trả lời sau đến /registry/on-unsubscribe.
#[utoipa::path(post, path = "/api/v1/spdci/{register}/registry/unsubscribe", tag = "spdci",
    security(("token" = [])),
    params(("register" = String, Path, description = "ibr hoặc social")),
    request_body(content = shape::SpdciUnsubscribe),
    responses((status = 200, description = "Đã nhận", body = shape::G2pAnswer),
        (status = 400, description = "Không nhận", body = shape::G2pAnswer)))]
pub(crate) async fn unsubscribe(asked: Asked) -> Result<Response, Failure> {
    asked.later(Action::Unsubscribe).await
}

/// Yêu cầu trước đã đến đâu; trả lời sau đến /registry/txn/on-status.
#[utoipa::path(post, path = "/api/v1/spdci/{register}/registry/txn/status", tag = "spdci",
    security(("token" = [])),
    params(("register" = String, Path, description = "ibr hoặc social")),
    request_body(content = shape::SpdciStatus),
    responses((status = 200, description = "Đã nhận", body = shape::G2pAnswer),
        (status = 400, description = "Không nhận", body = shape::G2pAnswer)))]
pub(crate) async fn status(asked: Asked) -> Result<Response, Failure> {
    asked.later(Action::Status).await
}

/// A message with what it came in.
pub(crate) struct Asked {
    server: Server,
    register: Register,
    signature: Option<String>,
    bearer: Option<String>,
    body: Bytes,
}

impl axum::extract::FromRequest<Server> for Asked {
    type Rejection = Response;

    async fn from_request(
        request: axum::extract::Request,
        server: &Server,
    ) -> Result<Asked, Response> {
        let path = request.uri().path();
        let named = path.strip_prefix("/api/v1/spdci/").unwrap_or("");
        let named = named.split('/').next().and_then(Register::from_code);
        let register = named.ok_or_else(|| Failure::not_found().into_response())?;
        let signature = one(request.headers(), "signature");
        let bearer = one(request.headers(), header::AUTHORIZATION.as_str());
        let bearer = bearer.and_then(|it| Some(it.strip_prefix("Bearer ")?.trim().to_owned()));
        let body = Bytes::from_request(request, server).await;
        Ok(Asked {
            server: server.clone(),
            register,
            signature,
            bearer,
            body: body.map_err(|why| {
                let bad = json!({"errors": [{"code": "err.request.bad",
                    "message": "thông điệp quá lớn hoặc không đọc được"}]});
                (why.status(), Json(bad)).into_response()
            })?,
        })
    }
}

/// A header that is there once; one that is there twice is as good as unreadable.
fn one(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name).into_iter();
    let first = values.next()?;
    match values.next() {
        None => Some(first.to_str().unwrap_or("").to_owned()),
        Some(_) => Some(String::new()),
    }
}

impl Asked {
    fn incoming(&self, action: Action) -> Incoming<'_> {
        Incoming {
            register: self.register,
            action,
            body: &self.body,
            signature: self.signature.as_deref(),
            bearer: self.bearer.as_deref(),
        }
    }

    async fn at_once(self, action: Action) -> Result<Response, Failure> {
        let Some(desk) = desk(&self.server) else {
            return Ok(unavailable());
        };
        let _turn = turn(&self.server).await?;
        let reply = spdci::at_once(&desk, &self.incoming(action)).await;
        Ok(answer(reply?))
    }

    async fn later(self, action: Action) -> Result<Response, Failure> {
        let Some(desk) = desk(&self.server) else {
            return Ok(unavailable());
        };
        let _turn = turn(&self.server).await?;
        let reply = spdci::accept(&desk, &self.incoming(action)).await;
        Ok(answer(reply?))
    }
}

/// Answering takes connections of the pool: a few at a time.
async fn turn(server: &Server) -> Result<tokio::sync::SemaphorePermit<'_>, Failure> {
    let turn = server.changes.acquire().await;
    turn.map_err(|error| Failure::internal(&error))
}

/// What the crate works with; none without a key of ours.
pub(crate) fn desk(server: &Server) -> Option<Desk<'_>> {
    Some(Desk {
        pool: &server.pool,
        clock: &server.clock,
        key: server.signing_key.as_deref()?,
    })
}

fn unavailable() -> Response {
    let why = json!({"errors": [{"code": "err.service.unavailable",
        "message": "chưa có khóa ký: xem ansinh spdci caller add"}]});
    (StatusCode::SERVICE_UNAVAILABLE, Json(why)).into_response()
}

fn answer(reply: spdci::Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_REQUEST);
    let json = [(header::CONTENT_TYPE, "application/json")];
    let mut answer = (status, json, reply.body).into_response();
    let signature = reply.signature.as_deref();
    if let Some(Ok(signature)) = signature.map(HeaderValue::from_str) {
        answer.headers_mut().insert("signature", signature);
    }
    answer
}

impl From<spdci::Error> for Failure {
    fn from(error: spdci::Error) -> Failure {
        match error {
            spdci::Error::Denied(denied) => denied.into(),
            spdci::Error::UnknownPerson | spdci::Error::UnknownCaller(_) => Failure::not_found(),
            error => Failure::internal(&error),
        }
    }
}

/// How a caller asks for a token: `client_secret`, or an assertion signed with its key.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TokenRequest {
    /// Luôn là client_credentials.
    grant_type: String,
    /// Mã của bên gọi.
    client_id: String,
    /// Mã bí mật nhận khi đăng ký.
    client_secret: Option<String>,
    /// urn:ietf:params:oauth:client-assertion-type:jwt-bearer
    client_assertion_type: Option<String>,
    /// JWT ký bằng khóa đã đăng ký (RFC 7523).
    client_assertion: Option<String>,
}

/// A token.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// Gửi kèm: Authorization: Bearer …
    access_token: String,
    /// bearer
    token_type: &'static str,
    /// Số giây còn hiệu lực.
    expires_in: i64,
}

/// Lấy mã truy cập (OAuth 2.0 client credentials), hiệu lực 15 phút.
#[utoipa::path(post, path = "/oauth2/client/token", tag = "spdci",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Mã truy cập", body = Token),
        (status = 400, description = "Không đúng mẫu", body = shape::OAuthError),
        (status = 401, description = "Bên gọi không chứng minh được mình", body = shape::OAuthError),
        (status = 503, description = "Chưa có khóa ký", body = shape::SpdciErrors)))]
pub(crate) async fn give_token(
    State(server): State<Server>,
    form: Result<Form<TokenRequest>, axum::extract::rejection::FormRejection>,
) -> Result<Response, Failure> {
    let refused = |status, error| (status, Json(json!({"error": error}))).into_response();
    let Ok(Form(asked)) = form else {
        return Ok(refused(StatusCode::BAD_REQUEST, "invalid_request"));
    };
    let Some(desk) = desk(&server) else {
        return Ok(unavailable());
    };
    if asked.grant_type != "client_credentials" {
        return Ok(refused(StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    }
    let kind = asked.client_assertion_type.as_deref();
    let proof = match (&asked.client_secret, &asked.client_assertion) {
        (Some(secret), None) => Proof::Secret(secret),
        (None, Some(assertion)) if kind == Some(token::ASSERTION) => Proof::Assertion(assertion),
        _ => return Ok(refused(StatusCode::BAD_REQUEST, "invalid_request")),
    };
    let Some(access_token) = token::give(&desk, &asked.client_id, proof).await? else {
        return Ok(refused(StatusCode::UNAUTHORIZED, "invalid_client"));
    };
    let token = Token {
        access_token,
        token_type: "bearer",
        expires_in: token::HOLDS,
    };
    let unkept = [(header::CACHE_CONTROL, "no-store")];
    Ok((unkept, Json(token)).into_response())
}

/// Khóa công khai để kiểm tra chữ ký của ta.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "spdci",
    responses((status = 200, description = "Các khóa (RFC 7517)", body = Object),
        (status = 503, description = "Chưa có khóa ký", body = shape::SpdciErrors)))]
pub(crate) async fn jwks(State(server): State<Server>) -> Response {
    match server.public_keys.is_empty() {
        true => unavailable(),
        false => Json(spdci::jwk::ours(server.public_keys.iter().copied())).into_response(),
    }
}

/// Danh mục địa bàn hiện hành, mỗi nơi có mã và nơi chứa nó.
#[utoipa::path(get, path = "/.well-known/locations.json", tag = "spdci",
    responses((status = 200, description = "Các địa bàn", body = Object)))]
pub(crate) async fn locations(State(server): State<Server>) -> Json<Value> {
    let today = server.clock.today();
    let areas = Areas::embedded().all().iter();
    let places = areas.filter(|area| area.exists_on(today)).map(|area| {
        json!({"@type": "Place", "id": area.code, "name": area.full_name,
            "identifier": [{"@type": "PropertyValue", "name": "ma-dia-ban", "identifier": area.code}],
            "additional_type": area.level.code(), "containedInPlace": area.parent})
    });
    let context = json!({"@context": "http://spdci.org/", "xsd": "http://www.w3.org/2001/XMLSchema#",
        "schema": "http://schema.org/"});
    Json(json!({"@context": context, "@type": "LocationHierarchy",
        "locations": places.collect::<Vec<_>>()}))
}
