//! What protects every answer and every change.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;

/// Largest form without files, in bytes.
const LARGEST_FORM: usize = 1 << 20;

/// Headers of every answer. The referrer stays within the site instead of being dropped: with
/// `no-referrer` browsers send `Origin: null` on forms, which the forgery check would refuse
/// wherever the site runs without HTTPS.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Adds the headers, and over HTTPS the promise to stay there; pages with personal data are not kept by anything on the way.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let https = came_by_https(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A file handed out brings a stricter policy of its own.
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if https {
        let policy = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, policy);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// The one form that is answered in the words of a standard whatever is in it.
const ANSWERS_ITSELF: &str = "/oauth2/client/token";

/// Refuses addresses and forms with a zero byte in them: no text has one, and none can be stored.
pub(crate) async fn without_zeros(request: Request, next: Next) -> Response {
    let refused = || Failure::bad_request("Nội dung gửi lên có ký tự không dùng được");
    if has_zero(request.uri().to_string().as_bytes()) {
        return refused().into_response();
    }
    let form = b"application/x-www-form-urlencoded";
    let kind = request.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(form)) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_FORM).await else {
        let message = "Tệp hoặc nội dung gửi lên quá lớn";
        return Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message).into_response();
    };
    if has_zero(&body) && parts.uri.path() != ANSWERS_ITSELF {
        return refused().into_response();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// Whether there is one, as such or written `%00`.
fn has_zero(bytes: &[u8]) -> bool {
    bytes.contains(&0) || bytes.windows(3).any(|three| three == b"%00")
}

/// Whether the browser spoke HTTPS to the proxy before us: then the cookie is kept off plain HTTP.
pub(crate) fn came_by_https(headers: &HeaderMap) -> bool {
    headers
        .get("x-forwarded-proto")
        .is_some_and(|proto| proto.as_bytes() == b"https")
}
