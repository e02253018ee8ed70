//! Failures in the words of a dialect: whatever goes wrong on the way of a province, from a missing token to
//! a refused dossier, is told as its protocol tells it.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use exchange::pull::Code;
use exchange::pull::shape::Told;
use exchange::x_road::soap;
use serde_json::json;

use crate::failure::Failure;

/// Where the pull-and-acknowledge services are.
pub(crate) const PULL: &str = "/api/v1/exchange/pull/";
/// Where X-Road's REST services are.
pub(crate) const REST: &str = "/api/v1/exchange/x-road/r1/";
/// Where SOAP envelopes go.
pub(crate) const SOAP: &str = "/api/v1/exchange/x-road/soap";
/// Media type of SOAP 1.1.
pub(crate) const XML: &str = "text/xml; charset=utf-8";
const JSON: &str = "application/json";

/// A failure on the way of a dialect; `None` on any other way.
pub(crate) fn worded(path: &str, failure: &Failure) -> Option<Response> {
    if path.starts_with(PULL) {
        return Some(pulled(failure));
    }
    if path.starts_with(REST) {
        return by_rest(failure);
    }
    (path == SOAP).then(|| by_soap(failure))
}

/// Headers that name the message are in every answer to it.
pub(crate) fn keep_names(from: &Response, to: &mut Response) {
    for (name, value) in from.headers() {
        if name.as_str().starts_with("x-road-") {
            to.headers_mut().insert(name.clone(), value.clone());
        }
    }
}

/// What the guide calls a failure.
fn code_of(status: StatusCode, code: &str) -> Code {
    match code {
        "agency_id_incorrect" => Code::Agency,
        "record_uncomplete" => Code::Uncomplete,
        "data_type_invalid" => Code::DataType,
        "unknown_dossier" | "unknown_message" => Code::NotFound,
        _ if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => Code::Authen,
        _ => Code::Data,
    }
}

fn pulled(failure: &Failure) -> Response {
    let (status, code) = failure.what();
    let inner = failure.errors().and_then(|it| it[0]["code"].as_str());
    let known = code_of(status, inner.unwrap_or(code));
    let details = json!({"code": code, "errors": failure.errors()});
    let told = Told {
        trang_thai: 0,
        ma_loi: Some(known.number()),
        mo_ta_loi: Some(format!("{} - {}", known.name(), failure.message())),
        gia_tri: Some(details),
    };
    let body = serde_json::to_vec(&told).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, JSON)], body).into_response()
}

/// Errors of the protocol itself, which security servers would tell; all others are the service's own.
fn by_rest(failure: &Failure) -> Option<Response> {
    let (status, code) = failure.what();
    let kind = match code {
        "x_road_client" => "Server.ServerProxy.AccessDenied",
        "x_road_service" => "Server.ServerProxy.UnknownService",
        code if code.starts_with("x_road_") => "Client.BadRequest",
        _ => return None,
    };
    let body = json!({"type": kind, "message": failure.message(), "detail": code}).to_string();
    let mut answer = (status, [(header::CONTENT_TYPE, JSON)], body).into_response();
    let name = HeaderName::from_static("x-road-error");
    answer
        .headers_mut()
        .insert(name, HeaderValue::from_static(kind));
    Some(answer)
}

/// A fault. What concerns HTTP alone keeps its status, anything else has the one SOAP 1.1 asks for.
fn by_soap(failure: &Failure) -> Response {
    let (status, code) = failure.what();
    let whose = match code {
        "soap_version" => "VersionMismatch",
        "soap_must_understand" => "MustUnderstand",
        _ if status.is_client_error() => "Client",
        _ => "Server",
    };
    let status = match status.as_u16() {
        401 | 403 | 405 | 413 | 415 | 429 | 503 | 504 => status,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let body = soap::fault(whose, code, failure.message());
    (status, [(header::CONTENT_TYPE, XML)], body).into_response()
}
