//! A province that calls by X-Road, as REST and as SOAP. `XROAD_RECORD=FOLDER` writes every envelope down, for
//! `script/check-x-road`.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use exchange::Dialect;
use exchange::x_road::{ClientId, ServiceId, soap};
use kernel::xml::{self, Element};
use serde_json::{Value, json};

use crate::client::{Answer, Site};
use crate::dialect_pull::{connected, example, speak};
use crate::one_stop::act;

pub(crate) const DOSSIER: &str = "000.00.00.H51-240506-0001";
pub(crate) const CLIENT: &str = "VN/GOV/51/MOT-CUA";
pub(crate) const SOAP: &str = "/api/v1/exchange/x-road/soap";
const XML: &str = "text/xml; charset=utf-8";

pub(crate) fn submission() -> Value {
    json!({"id": "0190a000-0000-7000-8000-000000000001", "dossier": DOSSIER, "seq": 1,
        "at": "2024-05-06T08:00:00+07:00", "procedure": "1.001776", "area": "21031",
        "channel": "online", "applicant": "Người Thử & Con", "papers": [{"name": "Tờ khai"}]})
}

fn withdrawal() -> Value {
    json!({"id": "0190a000-0000-7000-8000-000000000002", "dossier": DOSSIER, "seq": 2,
        "at": "2024-05-06T08:30:00+07:00", "reason": "nộp nhầm"})
}

pub(crate) async fn rest(
    site: &Site,
    token: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let mut request = Request::post(format!("/api/v1/exchange/x-road/r1/{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_string()));
    site.send(request.expect("a request")).await
}

pub(crate) fn record(name: &str, text: &str) {
    if let Ok(folder) = std::env::var("XROAD_RECORD") {
        let path = format!("{folder}/{name}-{}.xml", uuid::Uuid::new_v4());
        std::fs::write(path, text).expect("a file is written");
    }
}

pub(crate) async fn post(site: &Site, token: &str, envelope: &str) -> Answer {
    let answer = site.api_post(SOAP, token, "", (XML, envelope)).await;
    if answer.status == StatusCode::OK {
        record("request", envelope);
    }
    record("answer", &answer.body);
    answer
}

pub(crate) fn envelope(service: &str, fields: &Value) -> String {
    let client = ClientId::of_path(CLIENT).expect("a client");
    let called = ServiceId {
        provider: ClientId::of_path("VN/GOV/BYT/AN-SINH").expect("a system"),
        code: service.to_owned(),
        version: Some("v1".to_owned()),
    };
    let named = ("4894e35d-bf0f", Some("VN000180000011"), Some(DOSSIER));
    soap::request((&client, &called), named, fields)
}

pub(crate) fn read(answer: &Answer) -> Element {
    xml::read(answer.body.as_bytes(), 1 << 20).expect("an envelope")
}

/// What an answer says of an error: HTTP status, whose fault or none, code.
pub(crate) fn why(answer: &Answer) -> (u16, String, String) {
    assert_eq!(answer.header("content-type"), XML, "{}", answer.body);
    let whole = read(answer);
    let text = |name: &str| {
        let found = find(&whole, name);
        found.map_or_else(String::new, |it| it.text.clone())
    };
    let code = format!("{}{}", text("faultDetail"), text("faultCode"));
    (answer.status.as_u16(), text("faultcode"), code)
}

pub(crate) fn find<'a>(element: &'a Element, name: &str) -> Option<&'a Element> {
    if element.name == name {
        return Some(element);
    }
    element.children.iter().find_map(|it| find(it, name))
}

pub(crate) async fn steps(site: &Site) -> Vec<String> {
    sqlx::query_scalar("select kind from dossier_step order by dossier_id, seq")
        .fetch_all(site.db.pool())
        .await
        .expect("reads")
}

#[tokio::test]
async fn the_operations_go_by_rest_and_names_are_said_again() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let names = [("X-Road-Client", CLIENT), ("X-Road-Id", "fa2e18a5")];
    let ask = async |service: &str, body: Value| {
        let path = format!("VN/GOV/BYT/AN-SINH/{service}");
        rest(&site, &token, &path, &names, &body).await
    };
    let held = ask("rutHoSo", withdrawal()).await;
    assert_eq!(held.json()["answer"], "held", "{}", held.body);
    assert_eq!(held.header("x-road-id"), "fa2e18a5");
    assert_eq!(held.header("x-road-client"), CLIENT);
    assert_eq!(held.header("x-road-service"), "VN/GOV/BYT/AN-SINH/rutHoSo");
    assert_eq!(
        held.header("x-road-request-hash"),
        "",
        "the security server's"
    );
    let taken = ask("nopHoSo", submission()).await;
    assert_eq!(taken.json()["answer"], "taken");
    assert_eq!(ask("nopHoSo", submission()).await.json(), taken.json());
    assert_eq!(steps(&site).await, ["submitted", "withdrawal_asked"]);
    let stopped = json!({"reason": "công dân xin rút"});
    act(&site, DOSSIER, "stopped", "2024-05-07T09:00", stopped).await;
    let stands = ask("trangThaiHoSo", json!({"dossier": DOSSIER}))
        .await
        .json();
    assert_eq!(
        (&stands["status"], &stands["last_seq"]),
        (&json!(8), &json!(2))
    );
    let messages = ask("layThongDiep", json!({})).await.json();
    let id = &messages["messages"][0]["id"];
    let ack = ask("xacNhanThongDiep", json!({ "id": id })).await.json();
    assert_eq!(ack["recorded"], 1);
    let messages = ask("layThongDiep", json!({"after": 0, "limit": 5}))
        .await
        .json();
    assert_eq!(messages["messages"], json!([]));
    let other = ask("boSungHoSo", json!({"id": "x"})).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.header("x-road-error"), "", "the service's own error");
    assert_eq!(other.header("content-type"), "application/problem+json");
    assert_eq!(other.header("x-road-id"), "fa2e18a5");
    let unknown = ask(
        "trangThaiHoSo",
        json!({"dossier": "000.00.00.H51-240506-0009"}),
    )
    .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn rest_without_its_headers_or_by_another_system_is_an_error_of_the_protocol() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let ours = "VN/GOV/BYT/AN-SINH/nopHoSo";
    let client = ("X-Road-Client", CLIENT);
    for (path, headers, status, error) in [
        (ours, vec![], 400, "Client.BadRequest"),
        (ours, vec![client, client], 400, "Client.BadRequest"),
        (
            ours,
            vec![("X-Road-Client", "VN/GOV")],
            400,
            "Client.BadRequest",
        ),
        (
            ours,
            vec![("X-Road-Client", "VN/GOV/48/MOT-CUA")],
            403,
            "Server.ServerProxy.AccessDenied",
        ),
        (
            "VN/GOV/BYT/AN-SINH/xoaHoSo",
            vec![client],
            404,
            "Server.ServerProxy.UnknownService",
        ),
        (
            "VN/GOV/B_YT/AN-SINH/nopHoSo",
            vec![client],
            400,
            "Client.BadRequest",
        ),
    ] {
        let answer = rest(&site, &token, path, &headers, &submission()).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{path} {headers:?}: {}",
            answer.body
        );
        assert_eq!(answer.header("x-road-error"), error);
        assert_eq!(answer.json()["type"], error);
    }
    let nobody = rest(&site, "khong-co", ours, &[client], &submission()).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    speak(&site, Dialect::Messages, None).await;
    let other = rest(&site, &token, ours, &[client], &submission()).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.body);
    assert_eq!(steps(&site).await, [""; 0]);
}

#[tokio::test]
async fn the_operations_go_by_soap_and_headers_are_said_again_in_their_order() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let held = post(&site, &token, &envelope("rutHoSo", &withdrawal())).await;
    assert_eq!(
        find(&read(&held), "answer").map(|it| it.text.as_str()),
        Some("held")
    );
    let asked = envelope("nopHoSo", &submission());
    let taken = post(&site, &token, &asked).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    let (sent, told) = (
        xml::read(asked.as_bytes(), 1 << 20).expect("ours"),
        read(&taken),
    );
    assert_eq!(told.children[0].children, sent.children[0].children);
    assert!(
        find(&told, "nopHoSoResponse").is_some_and(|it| it.namespace == exchange::x_road::OURS)
    );
    assert_eq!(post(&site, &token, &asked).await.body, taken.body);
    assert_eq!(steps(&site).await, ["submitted", "withdrawal_asked"]);
    let stopped = json!({"reason": "công dân xin rút"});
    act(&site, DOSSIER, "stopped", "2024-05-07T09:00", stopped).await;
    let stands = post(
        &site,
        &token,
        &envelope("trangThaiHoSo", &json!({"dossier": DOSSIER})),
    )
    .await;
    assert_eq!(
        find(&read(&stands), "status").map(|it| it.text.clone()),
        Some("8".to_owned())
    );
    let messages = post(
        &site,
        &token,
        &envelope("layThongDiep", &json!({"limit": 5})),
    )
    .await;
    let messages = read(&messages);
    let item = find(&messages, "item").expect("a message");
    let id = item.said("id").expect("an id");
    let ack = post(
        &site,
        &token,
        &envelope("xacNhanThongDiep", &json!({ "id": id })),
    )
    .await;
    assert_eq!(
        find(&read(&ack), "recorded").map(|it| it.text.clone()),
        Some("1".to_owned())
    );
    // Understood and not done: an answer, not a fault.
    let unknown = json!({"dossier": "000.00.00.H51-240506-0009"});
    let unknown = post(&site, &token, &envelope("trangThaiHoSo", &unknown)).await;
    assert_eq!(
        why(&unknown),
        (200, String::new(), "unknown_dossier".to_owned())
    );
    let mut reused = submission();
    reused["applicant"] = json!("Người Khác");
    let reused = post(&site, &token, &envelope("nopHoSo", &reused)).await;
    assert_eq!(
        why(&reused),
        (200, String::new(), "message_id_reused".to_owned())
    );
}

#[tokio::test]
async fn hostile_and_wrong_envelopes_are_faults_and_nothing_is_kept() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let whole = envelope("nopHoSo", &submission());
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    let bomb = whole.replacen("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", bomb, 1);
    let outside = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    let deep = format!("{}{}", "<a>".repeat(2_000), "</a>".repeat(2_000));
    let wide = whole.replace(
        "<x:papers>",
        &format!("<x:papers>{}", "<x:item/>".repeat(20_000)),
    );
    let must = "<t:tx xmlns:t=\"urn:t\" s:mustUnderstand=\"1\"/></s:Header>";
    for (envelope, whose, code) in [
        (bomb.replace("Người", "&b;"), "s:Client", "xml_entities"),
        (format!("{outside}<x>&a;</x>"), "s:Client", "xml_entities"),
        (
            whole.replace("Người", "&khong;"),
            "s:Client",
            "xml_entities",
        ),
        (deep, "s:Client", "xml_too_large"),
        (wide, "s:Client", "xml_too_large"),
        (
            whole[..whole.len() / 2].to_owned(),
            "s:Client",
            "xml_damaged",
        ),
        (String::new(), "s:Client", "xml_empty"),
        ("{}".to_owned(), "s:Client", "xml_damaged"),
        ("<a/>".to_owned(), "s:Client", "xml_namespace"),
        (
            whole
                .replace("<x:seq>", "<z:seq>")
                .replace("</x:seq>", "</z:seq>"),
            "s:Client",
            "xml_namespace",
        ),
        (
            whole.replace(exchange::x_road::OURS, "urn:khac"),
            "s:Client",
            "xml_namespace",
        ),
        (
            whole.replace(soap::HEADERS, "urn:khac"),
            "s:Client",
            "x_road_header",
        ),
        (
            whole.replace(soap::IDENTIFIERS, "urn:khac"),
            "s:Client",
            "x_road_identifier",
        ),
        (
            whole.replace(soap::SOAP, "http://www.w3.org/2003/05/soap-envelope"),
            "s:VersionMismatch",
            "soap_version",
        ),
        (
            whole.replace("</s:Header>", must),
            "s:MustUnderstand",
            "soap_must_understand",
        ),
        (
            whole.replace(">4.0<", ">3.1<"),
            "s:Client",
            "x_road_version",
        ),
        (
            whole.replace("<r:id>4894e35d-bf0f</r:id>", ""),
            "s:Client",
            "x_road_header",
        ),
        (
            whole.replace(":nopHoSo>", ":rutHoSo>"),
            "s:Client",
            "soap_wrapper",
        ),
        (
            whole.replace(">nopHoSo<", ">xoaHoSo<"),
            "s:Client",
            "x_road_service",
        ),
        (
            whole.replace("<x:seq>1<", "<x:seq>một<"),
            "s:Client",
            "soap_body",
        ),
    ] {
        let answer = post(&site, &token, &envelope).await;
        let expected = (500, whose.to_owned(), code.to_owned());
        assert_eq!(
            why(&answer),
            expected,
            "{}",
            envelope.chars().take(200).collect::<String>()
        );
    }
    let another = whole.replace(">51<", ">48<");
    let another = why(&post(&site, &token, &another).await);
    assert_eq!(
        another,
        (403, "s:Client".to_owned(), "x_road_client".to_owned())
    );
    let nobody = why(&post(&site, "khong-co", &whole).await);
    assert_eq!((nobody.0, nobody.1.as_str()), (401, "s:Client"));
    let huge = whole.replace("Người", &"N".repeat(2 << 20));
    let huge = why(&post(&site, &token, &huge).await);
    assert_eq!((huge.0, huge.1.as_str()), (413, "s:Client"));
    let json = site
        .api_post(SOAP, &token, "", ("application/json", &whole))
        .await;
    assert_eq!(why(&json).0, 415);
    assert_eq!(steps(&site).await, [""; 0]);
    assert!(!read(&post(&site, &token, &whole).await).children.is_empty());
    assert_eq!(steps(&site).await, ["submitted"]);
}

#[tokio::test]
async fn a_request_hash_is_left_to_the_security_server() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let hash = "<r:requestHash algorithmId=\"http://www.w3.org/2001/04/xmlenc#sha512\">eA==</r:requestHash></s:Header>";
    let whole = envelope("nopHoSo", &submission()).replace("</s:Header>", hash);
    let answer = post(&site, &token, &whole).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(find(&read(&answer), "requestHash").is_none());
    assert_eq!(
        find(&read(&answer), "userId").map(|it| it.text.clone()),
        Some("VN000180000011".to_owned())
    );
}

#[tokio::test]
async fn the_example_of_the_guide_is_taken() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let answer = post(&site, &token, example("xml nopHoSo")).await;
    let answer = read(&answer);
    let response = find(&answer, "nopHoSoResponse").expect("a response");
    assert_eq!(response.said("answer"), Some("taken"));
    assert!(response.said("id").is_some() && response.child("missing_files").is_some());
}
