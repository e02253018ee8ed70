//! A province that calls by pull-and-acknowledge: each operation, told well and badly.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use exchange::dialect::{self, NewDialect};
use exchange::signature::{self, content_digest, sign};
use exchange::{Dialect, Mode, key};
use g2p::SigningKey;
use kernel::Actor;
use serde_json::{Value, json};

use crate::client::{Answer, Site, fits};
use crate::one_stop::{act, connect};

const DOSSIER: &str = "000.00.00.H51-240506-0001";

pub(crate) async fn connected(dialect: Dialect, client: Option<&str>) -> Site {
    let site = Site::open().await;
    connect(&site, &["51", "48"], Mode::TwoWay, None).await;
    let client = client.map(|it| exchange::x_road::ClientId::of_path(it).expect("a client"));
    speak(&site, dialect, client).await;
    site
}

pub(crate) async fn speak(
    site: &Site,
    dialect: Dialect,
    client: Option<exchange::x_road::ClientId>,
) {
    let new = NewDialect {
        province: "51".to_owned(),
        from: "2024-01-01".parse().expect("a day"),
        dialect,
        address: None,
        client,
        carrier: None,
    };
    let actor = Actor::with_every_role("thử");
    let recorded = dialect::record(site.db.pool(), &actor, &site.clock, &new).await;
    recorded.expect("recorded");
}

async fn ask(site: &Site, token: &str, operation: &str, body: &Value) -> Answer {
    raw(site, token, operation, &body.to_string()).await
}

async fn raw(site: &Site, token: &str, operation: &str, body: &str) -> Answer {
    let path = format!("/api/v1/exchange/pull/{operation}");
    site.api_post(&path, token, "", ("application/json", body))
        .await
}

fn sending() -> Value {
    json!({"maDonVi": "21031", "module": "1.001776", "maHoSo": DOSSIER,
        "ngayTiepNhan": "06/05/2024", "data": {"KenhThucHien": "2",
            "ThongTinNguoiNop": {"TenNguoiNop": "Người Thử", "SoDinhDanh": "000180000011",
                "NgaySinh": "19500300", "loaiNgaySinh": "2"},
            "ThanhPhanHoSo": [{"TenThanhPhanHoSo": "Tờ khai"}]}})
}

/// HTTP status and code of the error.
fn why(answer: &Answer) -> (u16, Value) {
    let told = answer.json();
    assert_eq!(told["trangThai"], 0, "{}", answer.body);
    (answer.status.as_u16(), told["maLoi"].clone())
}

async fn steps(site: &Site) -> Vec<String> {
    sqlx::query_scalar("select kind from dossier_step order by dossier_id, seq")
        .fetch_all(site.db.pool())
        .await
        .expect("reads")
}

#[tokio::test]
async fn a_dossier_is_taken_once_supplemented_and_asked_back_without_numbers() {
    let site = connected(Dialect::Pull, None).await;
    let token = site.token("mot.cua").await;
    let description = site.get("/api/openapi.json", "").await.json();
    let first = ask(&site, &token, "nhanHoSo", &sending()).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    fits(&description, "PullTold", &first.json());
    assert_eq!(first.json()["giaTri"]["answer"], "taken");
    let again = ask(&site, &token, "nhanHoSo", &sending()).await;
    assert_eq!(again.json(), first.json());
    let birth: String = sqlx::query_scalar("select body ->> 'applicant_birth' from dossier_step")
        .fetch_one(site.db.pool())
        .await
        .expect("one step");
    assert_eq!(birth, "1950-03");

    let mut more = sending();
    more["ngayTiepNhan"] = json!("20240508080000");
    more["data"] = json!({"ThanhPhanHoSo": [{"TenThanhPhanHoSo": "Giấy xác nhận",
        "GiayToDinhKem": [{"TenGiayTo": "Giấy xác nhận", "HashTepTin": "AB".repeat(32)}]}]});
    let early = ask(&site, &token, "nhanHoSo", &more).await;
    assert_eq!(why(&early), (422, json!(500)), "nothing was asked for yet");

    act(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let asks = json!({"papers": ["Giấy xác nhận"], "reason": "thiếu"});
    act(&site, DOSSIER, "supplement_asked", "2024-05-07T09:00", asks).await;
    let stands = ask(&site, &token, "traTrangThaiHs", &json!({"maHoSo": DOSSIER})).await;
    assert_eq!(stands.json()["trangThai"], 2);
    more["ngayTiepNhan"] = json!("20240508090000");
    let taken = ask(&site, &token, "nhanHoSo", &more).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    assert_eq!(
        taken.json()["giaTri"]["missing_files"],
        json!(["ab".repeat(32)])
    );
    let mut back = sending();
    back["ngayTiepNhan"] = json!("20240509090000");
    back["yeuCau"] = json!("rut");
    back["data"] = json!({});
    let without = ask(&site, &token, "nhanHoSo", &back).await;
    assert_eq!(why(&without), (422, json!(500)));
    back["lyDo"] = json!("không cần nữa");
    let taken = ask(&site, &token, "nhanHoSo", &back).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    let kinds = [
        "submitted",
        "received",
        "supplement_asked",
        "supplemented",
        "withdrawal_asked",
    ];
    assert_eq!(steps(&site).await, kinds);
}

#[tokio::test]
async fn numbered_sendings_keep_their_order_and_a_number_is_used_once() {
    let site = connected(Dialect::Pull, None).await;
    let token = site.token("mot.cua").await;
    let mut second = sending();
    second["lanNop"] = json!(2);
    second["yeuCau"] = json!("rut");
    second["lyDo"] = json!("nộp nhầm");
    second["data"] = json!({});
    let held = ask(&site, &token, "nhanHoSo", &second).await;
    assert_eq!(held.json()["giaTri"]["answer"], "held");
    assert_eq!(steps(&site).await, [""; 0]);
    let mut first = sending();
    first["lanNop"] = json!(1);
    ask(&site, &token, "nhanHoSo", &first).await;
    assert_eq!(steps(&site).await, ["submitted", "withdrawal_asked"]);
    first["data"]["ThongTinNguoiNop"]["TenNguoiNop"] = json!("Người Khác");
    let other = ask(&site, &token, "nhanHoSo", &first).await;
    assert_eq!(why(&other), (422, json!(500)));
    let inner = &other.json()["giaTri"]["errors"][0]["code"];
    assert_eq!(inner, "message_id_reused");
    assert_eq!(steps(&site).await.len(), 2);
}

#[tokio::test]
async fn changes_are_listed_until_marked_and_the_one_after_is_never_marked_with_them() {
    let site = connected(Dialect::Pull, None).await;
    let token = site.token("mot.cua").await;
    let description = site.get("/api/openapi.json", "").await.json();
    ask(&site, &token, "nhanHoSo", &sending()).await;
    act(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let list = async || {
        let told = ask(&site, &token, "traDsTrangThaiHs", &json!({"infoType": "2"})).await;
        told.json()
    };
    let told = list().await;
    fits(&description, "PullChanges", &told);
    fits(&description, "PullChange", &told["LISTCONTENT"][0]);
    let name = told["LISTCONTENT"][0]["DECLARATION_ID"].clone();
    assert_eq!(told["LISTCONTENT"][0]["RECEIVE_NO"], DOSSIER);
    assert_eq!(told["LISTCONTENT"][0]["DEC_STATUS_ID"], 1);
    // What happens between listing and marking stays to be listed.
    let holder = json!({"holder": "can.bo"});
    act(&site, DOSSIER, "taken_up", "2024-05-06T10:00", holder).await;
    for recorded in [1, 0] {
        let marked = json!({"declarationId": name, "infoType": "2"});
        let marked = ask(&site, &token, "danhDauHsThanhCong", &marked).await;
        assert_eq!(marked.json()["giaTri"]["recorded"], recorded);
    }
    let left = list().await;
    let left = left["LISTCONTENT"].as_array().expect("a list");
    assert_eq!((left.len(), &left[0]["DEC_STATUS_ID"]), (1, &json!(3)));
    for unknown in ["0190a000-0000-7000-8000-000000000009", "x"] {
        let both = format!(
            "{};{unknown}",
            left[0]["DECLARATION_ID"].as_str().expect("text")
        );
        let refused = json!({ "declarationId": both });
        let refused = ask(&site, &token, "danhDauHsThanhCong", &refused).await;
        assert_eq!(why(&refused), (404, json!(201)), "{unknown}");
    }
    assert_eq!(
        list().await["LISTCONTENT"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn what_the_office_corrected_is_told_with_its_fields() {
    use crate::exchange_fields::{DOSSIER, connected, correct_fields, send, submission};

    let site = connected().await;
    let token = site.token("mot.cua").await;
    let sent = send(&site, &token, "dossiers", &submission()).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
    act(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let asks = json!({"papers": ["Số điện thoại"], "reason": "sai số"});
    act(&site, DOSSIER, "supplement_asked", "2024-05-07T09:00", asks).await;
    correct_fields(&site, &[("phone", "0900000005"), ("marital", "widowed")]).await;
    speak(&site, Dialect::Pull, None).await;
    let listed = ask(&site, &token, "traDsTrangThaiHs", &json!({})).await;
    let listed = listed.json();
    let changes = listed["LISTCONTENT"].as_array().expect("a list");
    let fields: Vec<&Value> = changes.iter().map(|it| &it["FIELDS"]).collect();
    let corrected = json!({"phone": "0900000005", "marital": "widowed"});
    assert_eq!(fields, [&Value::Null, &Value::Null, &corrected]);
    assert_eq!(changes[2]["CONTENT"], Value::Null);
    let description = site.get("/api/openapi.json", "").await.json();
    fits(&description, "PullChanges", &listed);
}

#[tokio::test]
async fn a_dossier_of_the_counter_here_is_handed_out_until_marked_and_told_of_only_then() {
    let site = connected(Dialect::Pull, None).await;
    let token = site.token("mot.cua").await;
    let submitted = json!({"procedure": "1.001776", "area": "21031", "channel": "direct",
        "applicant": "Người Thử", "applicant_birth": "1950", "papers": []});
    act(&site, DOSSIER, "submitted", "2024-05-06T08:00", submitted).await;
    act(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let changes = async || {
        let told = ask(&site, &token, "traDsTrangThaiHs", &json!({}))
            .await
            .json();
        told["LISTCONTENT"].as_array().map(Vec::len)
    };
    assert_eq!(changes().await, Some(0), "they do not know the dossier yet");
    let online = ask(&site, &token, "traHoSo", &json!({"infoType": "1"})).await;
    assert_eq!(online.json()["giaTri"], json!([]));
    let wrong = ask(&site, &token, "traHoSo", &json!({"infoType": "9"})).await;
    assert_eq!(why(&wrong), (422, json!(302)));
    let out = ask(&site, &token, "traHoSo", &json!({"infoType": "2"}))
        .await
        .json();
    let out = out["giaTri"].as_array().expect("a list");
    assert_eq!((out.len(), &out[0]["maHoSo"]), (1, &json!(DOSSIER)));
    let applicant = &out[0]["data"]["ThongTinNguoiNop"];
    assert_eq!(
        (&applicant["NgaySinh"], &applicant["loaiNgaySinh"]),
        (&json!("1950"), &json!("1"))
    );
    let marked = json!({"declarationId": out[0]["declarationId"], "infoType": "1"});
    ask(&site, &token, "danhDauHsThanhCong", &marked).await;
    let out = ask(&site, &token, "traHoSo", &json!({})).await.json();
    assert_eq!(out["giaTri"], json!([]));
    assert_eq!(changes().await, Some(1));

    let one = json!({"maHoSo": DOSSIER});
    let open = ask(&site, &token, "traHoSo", &one).await;
    assert_eq!(why(&open), (422, json!(200)));
    let refusal = json!({"outcome": "refused", "condition": "chưa đủ tuổi",
        "law": "20/2021/NĐ-CP Điều 5 khoản 5", "decision": {"number": "12/QĐ-UBND",
        "date": "2024-05-17", "signed_by": "Trần Văn Thử"}});
    act(&site, DOSSIER, "decided", "2024-05-17T09:00", refusal).await;
    let result = ask(&site, &token, "traHoSo", &one).await.json();
    assert_eq!(result["giaTri"]["quyetDinh"]["outcome"], "refused");
    let stands = ask(&site, &token, "traTrangThaiHs", &one).await.json();
    assert_eq!(stands["trangThai"], 4);
    let told = ask(&site, &token, "traDsTrangThaiHs", &json!({}))
        .await
        .json();
    let last = told["LISTCONTENT"]
        .as_array()
        .and_then(|it| it.last().cloned());
    assert_eq!(last.expect("a change")["APPROVE_DATE"], "17/05/2024");
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_the_words_of_the_guide_and_nothing_is_kept() {
    let site = connected(Dialect::Pull, None).await;
    let token = site.token("mot.cua").await;
    let with = |field: &str, value: Value| {
        let mut whole = sending();
        whole[field] = value;
        whole
    };
    for (body, code) in [
        (with("maDonVi", json!("20194")), 106),
        (with("maDonVi", json!("99999")), 106),
        (with("ngayTiepNhan", json!("2024-05-06")), 500),
        (with("ngayTiepNhan", json!("21/05/2024")), 500),
        (with("yeuCau", json!("xoa")), 500),
        (with("lanNop", json!(0)), 500),
        (with("module", json!("9.999999")), 500),
        (with("data", json!({})), 500),
        (with("maHoSo", json!("a/b")), 500),
        (with("khac", json!(1)), 500),
    ] {
        let refused = ask(&site, &token, "nhanHoSo", &body).await;
        assert_eq!(why(&refused).1, code, "{}", refused.body);
    }
    for body in ["", "{", "[]", "null", "{\"maHoSo\":"] {
        let refused = raw(&site, &token, "nhanHoSo", body).await;
        assert_eq!(why(&refused), (400, json!(500)), "{body}");
    }
    assert_eq!(steps(&site).await, [""; 0]);
    for operation in ["traTrangThaiHs", "traHoSo"] {
        let unknown = ask(&site, &token, operation, &json!({"maHoSo": DOSSIER})).await;
        assert_eq!(why(&unknown), (404, json!(201)));
    }
    let wrong = ask(&site, "khong-co", "nhanHoSo", &sending()).await;
    assert_eq!(why(&wrong), (401, json!(100)));
    let officer = site.token("can.bo").await;
    let wrong = ask(&site, &officer, "nhanHoSo", &sending()).await;
    assert_eq!(why(&wrong), (403, json!(100)));
    let mut codes = Vec::new();
    for list in ["3", "4", "thuTuc", "trangThai"] {
        let told = ask(&site, &token, "danhMuc", &json!({"loaiDanhMuc": list}))
            .await
            .json();
        codes.push(told["giaTri"].as_array().map_or(0, Vec::len));
    }
    assert_eq!((codes[0], codes[3]), (54, 10));
    assert!(codes[1] > 100 && codes[2] > 3, "{codes:?}");
    let none = ask(&site, &token, "danhMuc", &json!({"loaiDanhMuc": "1"})).await;
    assert_eq!(why(&none), (422, json!(302)));
}

#[tokio::test]
async fn another_dialect_is_refused_and_changing_it_loses_nothing() {
    let site = connected(Dialect::Messages, None).await;
    let token = site.token("mot.cua").await;
    let refused = ask(&site, &token, "nhanHoSo", &sending()).await;
    assert_eq!(why(&refused), (409, json!(500)));
    assert_eq!(refused.json()["giaTri"]["code"], "other_dialect");
    let message = json!({"id": "0190a000-0000-7000-8000-000000000001", "dossier": DOSSIER, "seq": 1,
        "at": "2024-05-06T08:00:00+07:00", "procedure": "1.001776", "area": "21031",
        "channel": "online", "applicant": "Người Thử", "papers": []});
    let path = "/api/v1/exchange/dossiers";
    let sent = ("application/json", message.to_string());
    let taken = site.api_post(path, &token, "", (sent.0, &sent.1)).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    act(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let messages = "/api/v1/exchange/messages?after=0";
    let offered = site
        .api(axum::http::Method::GET, messages, &token)
        .await
        .json();

    speak(&site, Dialect::Pull, None).await;
    let old = site.api(axum::http::Method::GET, messages, &token).await;
    assert_eq!(old.json()["code"], "other_dialect");
    let told = ask(&site, &token, "traDsTrangThaiHs", &json!({}))
        .await
        .json();
    assert_eq!(told["LISTCONTENT"][0]["DECLARATION_ID"], offered[0]["id"]);
    // What was offered in the old dialect may still be acknowledged in it.
    let ack = format!("messages/{}/ack", offered[0]["id"].as_str().expect("an id"));
    let ack = format!("/api/v1/exchange/{ack}");
    let taken = site
        .api_post(&ack, &token, "", ("application/json", "{}"))
        .await;
    assert_eq!(taken.json()["recorded"], 1);
    let mut back = sending();
    back["lanNop"] = json!(2);
    back["ngayTiepNhan"] = json!("20240507080000");
    back["yeuCau"] = json!("rut");
    back["lyDo"] = json!("nộp nhầm");
    let next = ask(&site, &token, "nhanHoSo", &back).await;
    assert_eq!(next.json()["giaTri"]["answer"], "taken", "{}", next.body);
}

#[tokio::test]
async fn a_signature_is_held_against_the_request_and_files_go_as_always() {
    let site = connected(Dialect::Pull, None).await;
    let token = site.token("mot.cua").await;
    let (pool, actor) = (site.db.pool(), Actor::with_every_role("thử"));
    let secret = SigningKey::of_seed(&[1; 32]).expect("a key");
    let new = key::NewKey {
        province: "51".to_owned(),
        key_id: "k1".to_owned(),
        public_key: secret.public(),
        from: "2024-01-01".parse().expect("a day"),
        until: None,
    };
    key::add(pool, &actor, &site.clock, &new)
        .await
        .expect("added");
    let of = ("51", "2024-01-01".parse().expect("a day"));
    let required = key::require_signatures(pool, &actor, &site.clock, of, true).await;
    required.expect("recorded");
    let missing = ask(&site, &token, "nhanHoSo", &sending()).await;
    assert_eq!(why(&missing), (401, json!(100)));
    assert_eq!(missing.json()["giaTri"]["code"], "signature_missing");

    let path = "/api/v1/exchange/pull/nhanHoSo";
    let send = async |body: &str, signed: &str| {
        let digest = content_digest(signed.as_bytes());
        let header = |name: &str| (name == "content-digest").then(|| digest.clone());
        let request = signature::Request {
            method: "POST",
            authority: "an-sinh.test",
            path,
            query: None,
            header: &header,
        };
        let parts = ["@method", "@target-uri", "content-digest"];
        let with = (&secret, "k1");
        let (input, signature) =
            sign(with, &request, "https", &parts, (site.clock.now(), "n1")).expect("signed");
        let request = Request::post(path)
            .header(header::HOST, "an-sinh.test")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header("content-digest", digest)
            .header("signature-input", input)
            .header("signature", signature)
            .body(Body::from(body.to_owned()));
        site.send(request.expect("a request")).await
    };
    let whole = sending().to_string();
    let other = send("{}", &whole).await;
    assert_eq!(other.json()["giaTri"]["code"], "content_digest_wrong");
    let replayed = send(&whole, &whole).await;
    assert_eq!(replayed.json()["giaTri"]["code"], "signature_replayed");
    assert_eq!(steps(&site).await, [""; 0]);
    let none = site
        .api(axum::http::Method::GET, "/api/v1/exchange/files/x", &token)
        .await;
    assert_eq!(
        none.status,
        StatusCode::UNAUTHORIZED,
        "files are signed as well"
    );
}

const GUIDE: &str = include_str!("../../../../docs/one-stop.md");

/// An example of the guide for a province's developer, by the words after its fence.
pub(crate) fn example(name: &str) -> &'static str {
    let after = GUIDE.split(&format!("```{name}\n")).nth(1).expect(name);
    after.split("```").next().expect("an end")
}

#[tokio::test]
async fn the_example_of_the_guide_is_taken_and_answered_as_it_says() {
    let site = connected(Dialect::Pull, None).await;
    let token = site.token("mot.cua").await;
    let taken = raw(&site, &token, "nhanHoSo", example("json nhanHoSo")).await;
    let mut expected: Value = serde_json::from_str(example("json nhanHoSo-answer")).expect("JSON");
    let answer = taken.json();
    expected["giaTri"]["id"] = answer["giaTri"]["id"].clone();
    assert_eq!(answer, expected);
    let codes = [
        exchange::pull::Code::Authen,
        exchange::pull::Code::Agency,
        exchange::pull::Code::Uncomplete,
        exchange::pull::Code::NotFound,
        exchange::pull::Code::DataType,
        exchange::pull::Code::Data,
    ];
    for code in codes {
        let row = format!("| {} {} |", code.number(), code.name());
        assert!(GUIDE.contains(&row), "{row}");
    }
}
