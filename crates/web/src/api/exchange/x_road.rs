//! The messages of this system with X-Road headers: as REST and as SOAP.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use exchange::dialect::Dialect;
use exchange::standing::standing;
use exchange::x_road::{BadXRoad, ClientId, Service, ServiceId, soap};
use exchange::{acknowledge, offered};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::caller::Caller;
use super::carried::Carried;
use super::enveloped::Sent;
use super::words::XML;
use super::{deliver, files};
use crate::Server;
use crate::api::shape;
use crate::failure::{Failure, sentence};

/// Whether the system that calls is the one the connection names.
fn admit(caller: &Caller, client: &ClientId) -> Result<(), Failure> {
    caller.speaks(Dialect::XRoad)?;
    match caller.spoken.client.as_ref() == Some(client) {
        true => Ok(()),
        false => Err(BadXRoad::Client.into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneDossier {
    dossier: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(default)]
    after: i64,
    limit: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneMessage {
    id: Uuid,
    #[serde(default)]
    failed: Option<String>,
}

fn read<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, Failure> {
    let wrong = |_| Failure::refused("fields_malformed", "Các trường không đúng với dịch vụ này");
    serde_json::from_value(Value::Object(fields)).map_err(wrong)
}

/// Does what is asked, as without the headers.
async fn operate(
    server: &Server,
    caller: &Caller,
    service: Service,
    fields: Map<String, Value>,
) -> Result<Value, Failure> {
    let (pool, clock) = (&server.pool, &server.clock);
    let (actor, province) = (&caller.actor, caller.province.as_str());
    let kind = match service {
        Service::Submit => "submitted",
        Service::Supplement => "supplemented",
        Service::Withdraw => "withdrawal_asked",
        Service::Standing => {
            let asked: OneDossier = read(fields)?;
            return as_value(standing(pool, actor, province, &asked.dossier).await?);
        }
        Service::Messages => {
            let asked: Part = read(fields)?;
            let part = (asked.after, asked.limit.unwrap_or(100).clamp(1, 1_000));
            let found = offered(pool, actor, clock, province, part).await?;
            let found = files::with_letters(server, caller, found).await?;
            return Ok(json!({ "messages": as_value(found)? }));
        }
        Service::Acknowledge => {
            let asked: OneMessage = read(fields)?;
            let answers = [(asked.id, asked.failed)];
            return as_value(acknowledge(pool, actor, clock, province, &answers).await?);
        }
    };
    as_value(deliver(server, caller, kind, fields).await?)
}

fn as_value(told: impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(told).map_err(|error| Failure::internal(&error))
}

/// Một dịch vụ theo X-Road REST (r1): nopHoSo, boSungHoSo, rutHoSo, trangThaiHoSo, layThongDiep, xacNhanThongDiep. Cần X-Road-Client.
#[utoipa::path(post, path = "/api/v1/exchange/x-road/r1/{instance}/{class}/{member}/{subsystem}/{service}",
    tag = "exchange-x-road",
    security(("token" = [])),
    params(("instance" = String, Path, description = "Mã hệ X-Road"),
        ("class" = String, Path, description = "Loại thành viên"),
        ("member" = String, Path, description = "Mã thành viên cung cấp dịch vụ"),
        ("subsystem" = String, Path, description = "Mã hệ thống con"),
        ("service" = String, Path, description = "Mã dịch vụ"),
        ("X-Road-Client" = String, Header, description = "Hệ thống gọi: INSTANCE/LỚP/MÃ/HỆ_THỐNG"),
        ("X-Road-Id" = Option<String>, Header, description = "Mã của thông điệp X-Road")),
    request_body(content = shape::XRoadFields),
    responses((status = 200, description = "Như lệnh tương ứng không có X-Road; X-Road-Client, X-Road-Service, X-Road-Id nhắc lại", body = shape::XRoadFields),
        (status = 400, description = "Tiêu đề X-Road không đúng: X-Road-Error", body = shape::XRoadError),
        (status = 403, description = "Không phải client đã ghi: X-Road-Error", body = shape::XRoadError),
        (status = 404, description = "Không có dịch vụ này: X-Road-Error", body = shape::XRoadError)))]
pub(crate) async fn rest(
    State(server): State<Server>,
    Path((instance, class, member, subsystem, code)): Path<(
        String,
        String,
        String,
        String,
        String,
    )>,
    headers: HeaderMap,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Failure> {
    caller.sent(&server, &body).await?;
    let service = ServiceId::of_parts([&instance, &class, &member, &subsystem, &code])?;
    let client = ClientId::of_path(once(&headers, "x-road-client")?)?;
    let id = match headers.contains_key("x-road-id") {
        true => once(&headers, "x-road-id")?.to_owned(),
        // A security server makes one; called without, so do we.
        false => Uuid::new_v4().to_string(),
    };
    let operation = Service::from_code(&service.code).ok_or(BadXRoad::Service)?;
    let done = async {
        admit(&caller, &client)?;
        let fields: Result<Map<String, Value>, _> = serde_json::from_slice(&body);
        let fields = fields.map_err(|_| Failure::bad_request("Cần một đối tượng JSON"))?;
        operate(&server, &caller, operation, fields).await
    };
    let mut answer = match done.await {
        Ok(value) => Json(value).into_response(),
        Err(failure) => failure.into_response(),
    };
    let names = [
        ("x-road-client", client.to_string()),
        ("x-road-service", service.to_string()),
        ("x-road-id", id),
    ];
    for (name, value) in names {
        let value = HeaderValue::from_str(&value).map_err(|_| BadXRoad::Identifier)?;
        answer
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    Ok(answer)
}

/// A header that must be there once.
fn once<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, BadXRoad> {
    let mut values = headers.get_all(name).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap_or_default(),
        _ => "",
    };
    match !value.is_empty() && value.len() <= 500 {
        true => Ok(value),
        false => Err(BadXRoad::Header(name)),
    }
}

/// Phong bì SOAP 1.1 theo giao thức thông điệp X-Road 4.0, có thể kèm tệp (multipart/related); các dịch vụ như X-Road REST.
#[utoipa::path(post, path = "/api/v1/exchange/x-road/soap", tag = "exchange-x-road",
    security(("token" = [])),
    request_body(content(
        (String = "text/xml"),
        (String = "multipart/related"))),
    responses((status = 200, description = "Phong bì trả lời, tiêu đề nhắc lại; từ chối ở phần tử fault",
            body = String, content_type = "text/xml"),
        (status = 500, description = "SOAP Fault", body = String, content_type = "text/xml")))]
pub(crate) async fn envelope(
    State(server): State<Server>,
    headers: HeaderMap,
    carried: Carried,
    body: Body,
) -> Result<Response, Failure> {
    let mut sent = Sent::read(&server, carried, &headers, body).await?;
    let done = async {
        admit(&sent.caller, &sent.envelope.client)?;
        let taken = sent.take_in(&server).await;
        sent.caller.heard(&server, taken).await?;
        let fields = std::mem::take(&mut sent.envelope.fields);
        operate(&server, &sent.caller, sent.envelope.operation, fields).await
    };
    let done = done.await;
    let asked = &sent.envelope;
    let told = match done {
        Ok(value) => soap::answer(asked, &value),
        // Understood and not done is no fault of the protocol (section 3.2, annex D.2).
        Err(failure) if failure.is_refusal() || failure.what().0 == StatusCode::NOT_FOUND => {
            let inner = failure.errors().and_then(|it| it[0]["code"].as_str());
            let code = inner.unwrap_or(failure.what().1);
            soap::refusal(asked, code, failure.message())
        }
        Err(failure) => return Err(failure),
    };
    Ok(([(header::CONTENT_TYPE, XML)], told).into_response())
}

impl From<BadXRoad> for Failure {
    fn from(bad: BadXRoad) -> Failure {
        let status = match bad {
            BadXRoad::Client => StatusCode::FORBIDDEN,
            BadXRoad::Service => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        Failure::new(status, bad.code(), sentence(&bad.to_string()))
    }
}
