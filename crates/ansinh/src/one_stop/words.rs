//! What the province says in the dialect of its connection. The rest of it speaks our messages; here they
//! become the requests of the dialect, and its answers become ours.

use exchange::pull::shape::{Applicant, Attached, Changed, Data, Part, Sending, Told};
use exchange::x_road::{ClientId, Service, ServiceId, fields, soap};
use jiff::Timestamp;
use kernel::clock::vietnam_time;
use kernel::xml;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::client::Answer;

/// Bytes of an answer in SOAP.
const MAX_XML: usize = 32 << 20;
const JSON: &str = "application/json";

/// A dialect.
#[derive(Clone, Debug)]
pub enum Words {
    /// Our own messages.
    Messages,
    /// Pull and acknowledge.
    Pull {
        /// Code of the commune that receives.
        unit: String,
    },
    /// X-Road as REST.
    Rest(XRoad),
    /// X-Road as SOAP.
    Soap(XRoad),
}

/// Who calls whom.
#[derive(Clone, Debug)]
pub struct XRoad {
    /// The province's system.
    pub client: ClientId,
    /// The system of the ministry.
    pub provider: ClientId,
}

/// A request as it goes out.
pub(super) struct Asked {
    pub method: &'static str,
    /// From `/api`.
    pub target: String,
    pub media_type: String,
    pub content: Vec<u8>,
    /// Headers of the dialect.
    pub headers: Vec<(&'static str, String)>,
    /// What the answer has to name again.
    pub id: Option<String>,
}

/// A message of ours, as the rest of the province asks for it.
struct Plain {
    service: Service,
    fields: Map<String, Value>,
}

impl Words {
    /// The request for one of ours.
    pub(super) fn asked(
        &self,
        (method, path): (&str, &str),
        (media_type, content): (&str, &[u8]),
    ) -> Asked {
        let same = Asked {
            method: if method == "GET" {
                "GET"
            } else if method == "PUT" {
                "PUT"
            } else {
                "POST"
            },
            target: format!("/api/v1/exchange/{path}"),
            media_type: media_type.to_owned(),
            content: content.to_vec(),
            headers: Vec::new(),
            id: None,
        };
        let Some(service) = service_of(method, path) else {
            return same;
        };
        let plain = plain(service, path, content);
        match self {
            Words::Messages => same,
            Words::Pull { unit } => Asked {
                method: "POST",
                target: format!("/api/v1/exchange/pull/{}", operation(service)),
                media_type: JSON.to_owned(),
                content: plain.map_or_else(|| content.to_vec(), |it| pulled(&it, unit)),
                ..same
            },
            Words::Rest(names) => {
                let id = Uuid::new_v4().to_string();
                let called = called(names, service);
                let whole = plain.map(|it| Value::Object(it.fields).to_string().into_bytes());
                Asked {
                    method: "POST",
                    target: format!("/api/v1/exchange/x-road/r1/{called}"),
                    media_type: JSON.to_owned(),
                    content: whole.unwrap_or_else(|| content.to_vec()),
                    headers: vec![
                        ("x-road-client", names.client.to_string()),
                        ("x-road-id", id.clone()),
                    ],
                    id: Some(id),
                }
            }
            Words::Soap(names) => {
                let id = Uuid::new_v4().to_string();
                let called = called(names, service);
                let whole = plain.map(|it| {
                    let issue = it.fields.get("dossier").and_then(Value::as_str);
                    let named = (id.as_str(), None, issue);
                    let fields = Value::Object(it.fields.clone());
                    soap::request((&names.client, &called), named, &fields).into_bytes()
                });
                Asked {
                    method: "POST",
                    target: "/api/v1/exchange/x-road/soap".to_owned(),
                    media_type: "text/xml; charset=utf-8".to_owned(),
                    content: whole.unwrap_or_else(|| content.to_vec()),
                    headers: vec![("soapaction", "\"\"".to_owned())],
                    id: Some(id),
                }
            }
        }
    }

    /// The answer as to one of ours. One that names another message than was sent is none.
    pub(super) fn answered(
        &self,
        (method, path): (&str, &str),
        id: Option<&str>,
        named: Option<&str>,
        answer: Answer,
    ) -> Answer {
        let Some(service) = service_of(method, path) else {
            return answer;
        };
        match self {
            Words::Messages => answer,
            Words::Pull { .. } => pull_answer(service, answer),
            Words::Rest(_) if answer.status == 200 && named != id => wrong_name(),
            Words::Rest(_) => Answer {
                body: unwrapped(service, answer.json()),
                ..answer
            },
            Words::Soap(_) => soap_answer(service, id, answer),
        }
    }
}

/// The service of a request of ours; files go the same way in every dialect.
fn service_of(method: &str, path: &str) -> Option<Service> {
    let parts: Vec<&str> = path.split(['/', '?']).collect();
    match (method, parts.as_slice()) {
        ("POST", ["dossiers"]) => Some(Service::Submit),
        ("POST", ["dossiers", _, "supplements"]) => Some(Service::Supplement),
        ("POST", ["dossiers", _, "withdrawal"]) => Some(Service::Withdraw),
        ("GET", ["dossiers", _]) => Some(Service::Standing),
        ("GET", ["messages", ..]) => Some(Service::Messages),
        ("POST", ["messages", _, "ack"]) => Some(Service::Acknowledge),
        _ => None,
    }
}

/// What is asked, if it is whole.
fn plain(service: Service, path: &str, content: &[u8]) -> Option<Plain> {
    let parts: Vec<&str> = path.split('/').collect();
    let mut fields = match service {
        Service::Standing | Service::Messages => Map::new(),
        _ => serde_json::from_slice::<Map<String, Value>>(content).ok()?,
    };
    match service {
        Service::Messages => {
            fields.insert("limit".to_owned(), json!(200));
        }
        Service::Acknowledge => {
            fields.insert("id".to_owned(), json!(parts.get(1)?));
        }
        Service::Submit => {}
        _ => {
            fields.insert("dossier".to_owned(), json!(parts.get(1)?));
        }
    }
    Some(Plain { service, fields })
}

fn called(names: &XRoad, service: Service) -> ServiceId {
    ServiceId {
        provider: names.provider.clone(),
        code: service.code().to_owned(),
        version: None,
    }
}

const fn operation(service: Service) -> &'static str {
    match service {
        Service::Submit | Service::Supplement | Service::Withdraw => "nhanHoSo",
        Service::Standing => "traTrangThaiHs",
        Service::Messages => "traDsTrangThaiHs",
        Service::Acknowledge => "danhDauHsThanhCong",
    }
}

fn pulled(plain: &Plain, unit: &str) -> Vec<u8> {
    let field = |name: &str| plain.fields.get(name).cloned().unwrap_or_default();
    let body = match plain.service {
        Service::Submit => json!(sending("submitted", &plain.fields, unit)),
        Service::Supplement => json!(sending("supplemented", &plain.fields, unit)),
        Service::Withdraw => json!(sending("withdrawal_asked", &plain.fields, unit)),
        Service::Standing => json!({ "maHoSo": field("dossier") }),
        Service::Messages => json!({"infoType": "2"}),
        Service::Acknowledge => json!({"declarationId": field("id"), "infoType": "2"}),
    };
    body.to_string().into_bytes()
}

/// A message of ours as a sending of a unit.
pub(super) fn sending(kind: &str, fields: &Map<String, Value>, unit: &str) -> Sending {
    let text = |name: &str| {
        let text = fields.get(name).and_then(Value::as_str);
        text.map(str::to_owned)
    };
    let at = text("at").and_then(|at| at.parse::<Timestamp>().ok());
    let at = at.map(|at| vietnam_time(at).strftime("%Y%m%d%H%M%S").to_string());
    let papers = fields.get("papers").and_then(Value::as_array);
    let part = |paper: &Value| {
        let name = paper["name"].as_str().unwrap_or_default().to_owned();
        let attached = paper["file"].as_str().map(|hash| Attached {
            ten_giay_to: name.clone(),
            hash_tep_tin: hash.to_owned(),
        });
        Part {
            ten_thanh_phan_ho_so: name,
            giay_to_dinh_kem: attached.into_iter().collect(),
        }
    };
    let applicant = text("applicant").map(|ten_nguoi_nop| Applicant {
        ten_nguoi_nop,
        so_dinh_danh: text("applicant_id_number"),
        ngay_sinh: Some("19500101".to_owned()),
        loai_ngay_sinh: Some("1".to_owned()),
    });
    Sending {
        declaration_id: None,
        ma_don_vi: unit.to_owned(),
        module: text("procedure").unwrap_or_else(|| "1.001776".to_owned()),
        ma_ho_so: text("dossier").unwrap_or_default(),
        ngay_tiep_nhan: at.unwrap_or_default(),
        lan_nop: fields
            .get("seq")
            .and_then(Value::as_i64)
            .and_then(|it| it.try_into().ok()),
        yeu_cau: Some(
            match kind {
                "submitted" => "nop",
                "supplemented" => "boSung",
                _ => "rut",
            }
            .to_owned(),
        ),
        ly_do: text("reason"),
        data: Data {
            kenh_thuc_hien: applicant.is_some().then(|| "2".to_owned()),
            thong_tin_nguoi_nop: applicant,
            thanh_phan_ho_so: papers.into_iter().flatten().map(part).collect(),
        },
    }
}

/// A change of status as one of our messages.
pub(super) fn heard(change: &Changed) -> Value {
    json!({"id": change.declaration_id, "dossier": change.receive_no, "seq": change.change_no,
        "status": change.national_status_id, "step": change.content, "fields": change.fields,
        "letter": change.hash_tep_tin})
}

fn pull_answer(service: Service, answer: Answer) -> Answer {
    let json = answer.json();
    if let (Service::Messages, Some(list)) = (service, json["LISTCONTENT"].as_array()) {
        let list = list
            .iter()
            .filter_map(|it| serde_json::from_value(it.clone()).ok());
        let list: Vec<Value> = list.map(|it: Changed| heard(&it)).collect();
        return Answer {
            body: json!(list).to_string().into_bytes(),
            ..answer
        };
    }
    match serde_json::from_value::<Told>(json) {
        Ok(told) => Answer {
            body: told.gia_tri.unwrap_or_default().to_string().into_bytes(),
            ..answer
        },
        Err(_) => answer,
    }
}

fn unwrapped(service: Service, value: Value) -> Vec<u8> {
    let value = match (service, value) {
        (Service::Messages, Value::Object(mut it)) if it.contains_key("messages") => {
            it.remove("messages").unwrap_or_default()
        }
        (_, value) => value,
    };
    value.to_string().into_bytes()
}

fn wrong_name() -> Answer {
    refused(400, "answer_to_another_message")
}

fn refused(status: u16, code: &str) -> Answer {
    let body = json!({"code": code, "errors": [{"code": code}]}).to_string();
    Answer {
        status,
        body: body.into_bytes(),
    }
}

fn soap_answer(service: Service, id: Option<&str>, answer: Answer) -> Answer {
    let Ok(whole) = xml::read(&answer.body, MAX_XML) else {
        return refused(
            if answer.status == 200 {
                502
            } else {
                answer.status
            },
            "not_xml",
        );
    };
    let fault = whole.find(soap::SOAP, "Fault");
    if let Some(fault) = fault {
        let child = |name: &str| fault.children.iter().find(|it| it.name == name);
        let ours = child("faultcode").is_some_and(|it| it.text.trim() != "s:Server");
        let code = child("detail").and_then(|it| it.children.first());
        let code = code.map_or("fault", |it| it.text.trim());
        let status = if answer.status == 500 && ours {
            400
        } else {
            answer.status
        };
        return refused(status, code);
    }
    let named = whole.find(soap::HEADERS, "id").map(|it| it.text.as_str());
    let body = whole.child("Body").and_then(|it| it.children.first());
    let (Some(body), true) = (body, named == id) else {
        return wrong_name();
    };
    let Ok(fields) = fields(body) else {
        return refused(400, "answer_malformed");
    };
    match fields.get("fault") {
        None => Answer {
            status: answer.status,
            body: unwrapped(service, Value::Object(fields)),
        },
        Some(fault) => {
            let code = fault["faultCode"].as_str().unwrap_or_default();
            let status = match code {
                "not_connected" | "other_dialect" | "taken_already" => 409,
                "unknown_dossier" | "unknown_message" => 404,
                _ => 422,
            };
            refused(status, code)
        }
    }
}
