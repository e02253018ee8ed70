//! Fields between two systems, over HTTP: what is missing is said at once, what both changed is decided on a
//! page, what differs is shown per province, and the board counts what it cost people.

use axum::http::{Method, StatusCode};
use casework::Teller;
use casework::correct::{Correction, correct};
use exchange::Mode;
use exchange::comparison::{self, From};
use kernel::Actor;
use serde_json::{Value, json};

use crate::client::{Answer, Site, keys};
use crate::one_stop::{act_online, connect};

pub(crate) const DOSSIER: &str = "000.00.00.H51-240506-0007";

pub(crate) async fn connected() -> Site {
    let site = Site::open().await;
    connect(&site, &["51"], Mode::TwoWay, None).await;
    site
}

pub(crate) fn submission() -> Value {
    json!({"id": "0190a000-0000-7000-8000-000000000071", "dossier": DOSSIER, "seq": 1,
           "at": "2024-05-06T08:00:00+07:00", "procedure": "1.001776", "area": "21031",
           "channel": "online", "applicant": "Người Thử", "papers": [{"name": "Tờ khai"}],
           "form": {"benefit": "disability", "answers": {
               "full_name": "Người Thử", "birth_date": "31/12/1950", "sex": "female",
               "phone": "0900000001", "schooling": "never", "pension": "no", "poverty": "poor",
               "disabled": "yes", "disability_grade": "severe", "disability_type": "movement",
               "certificate_date": "01/03/2023", "declared_by": "itself"}}})
}

pub(crate) async fn send(site: &Site, token: &str, path: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/exchange/{path}");
    let sent = ("application/json", &*body.to_string());
    site.api_post(&path, token, "", sent).await
}

pub(crate) async fn correct_fields(site: &Site, fields: &[(&str, &str)]) {
    let (actor, pool) = (Actor::with_every_role("can.bo"), site.db.pool());
    let read = casework::answered::read(pool, &actor, &site.clock, DOSSIER).await;
    let read = read.expect("reads").expect("answers");
    let mut answers = read.answers;
    for (field, value) in fields {
        answers.set(field, value);
    }
    let correction = Correction {
        dossier: DOSSIER,
        seen: read.version,
        answers: &answers,
        allows_gaps: false,
        completes: false,
        key: uuid::Uuid::new_v4(),
    };
    let telling = (Teller::Office, &actor, &site.clock);
    correct(pool, telling, &correction)
        .await
        .expect("corrected");
}

/// Up to the moment both sides have changed the telephone number.
async fn both_changed(site: &Site, token: &str) {
    let first = send(site, token, "dossiers", &submission()).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let gaps = &first.json()["gaps"];
    assert_eq!(gaps[0]["field"], "marital");
    assert_eq!(
        (gaps.as_array().map(Vec::len), &gaps[0]["code"]),
        (Some(1), &json!("missing"))
    );
    act_online(site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let officer = site.sign_in("can.bo").await;
    let page = site.get(&format!("/ho-so/{DOSSIER}"), &officer).await;
    assert!(
        page.body.contains("Tờ khai còn thiếu 1 mục"),
        "{}",
        page.body
    );
    let prefilled = "name=\"giay_to\" maxlength=\"2000\" value=\"Tình trạng hôn nhân\"";
    assert!(page.body.contains(prefilled), "only the rest is asked back");
    let asks = json!({"papers": ["Tình trạng hôn nhân"], "reason": "thiếu"});
    act_online(site, DOSSIER, "supplement_asked", "2024-05-07T09:00", asks).await;
    correct_fields(site, &[("phone", "0900000005"), ("marital", "widowed")]).await;
    let changed = json!({"id": "0190a000-0000-7000-8000-000000000072", "seq": 2,
                         "at": "2024-05-10T08:00:00+07:00", "papers": [{"name": "Tờ khai"}],
                         "form": {"answers": {"phone": "0900000007", "marital": "widowed"}}});
    let path = format!("dossiers/{DOSSIER}/supplements");
    let taken = send(site, token, &path, &changed).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    assert_eq!(taken.json()["gaps"], json!([]));
}

#[tokio::test]
async fn what_both_sides_changed_is_seen_in_the_queue_and_decided_on_a_page() {
    let site = connected().await;
    let token = site.token("mot.cua").await;
    both_changed(&site, &token).await;
    let officer = site.sign_in("can.bo").await;
    let queue = site.get("/viec", &officer).await;
    assert!(
        queue.body.contains("1 mục tờ khai hai bên cùng sửa"),
        "{}",
        queue.body
    );
    let list = site.get("/lien-thong/hai-ben-sua", &officer).await;
    let of = format!("/ho-so/{DOSSIER}/hai-ben-sua");
    assert!(list.body.contains(&of) && list.body.contains("Số điện thoại"));
    let page = site.get(&of, &officer).await;
    for part in [
        "0900000001",
        "0900000005",
        "0900000007",
        "can.bo",
        "mot.cua",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let reader = site.sign_in("xem").await;
    let denied = site.get(&of, &reader).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let number = page
        .body
        .split("name=\"muc\" value=\"")
        .nth(1)
        .expect("a number");
    let number = number.split('"').next().expect("a number").to_owned();
    let key = keys(&page.body)[0].to_owned();
    let form = |key: &str, takes: &str, why: &str| {
        format!("khoa={key}&muc={number}&chon={takes}&ly_do={why}")
    };
    let without = site.post(&of, &officer, &form(&key, "theirs", "")).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let decided = site.post(&of, &officer, &form("k1", "theirs", "hoi")).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    let late = site.post(&of, &officer, &form("k2", "ours", "hoi")).await;
    assert!(
        late.body.contains("vừa được người khác quyết định"),
        "{}",
        late.body
    );
    let page = site.get(&of, &officer).await;
    assert!(
        page.body.contains("can.bo chọn giá trị của một cửa: hoi"),
        "{}",
        page.body
    );
    let queue = site.get("/viec", &officer).await;
    assert!(!queue.body.contains("hai bên cùng sửa"));
    // The other side is told what counts.
    let told = site
        .api(Method::GET, "/api/v1/exchange/messages?after=0", &token)
        .await;
    let told = told.json();
    let last = told
        .as_array()
        .and_then(|all| all.last())
        .expect("messages");
    assert_eq!(
        (&last["fields"], &last["step"]),
        (&json!({"phone": "0900000007"}), &Value::Null)
    );
}

#[tokio::test]
async fn programs_of_the_office_correct_and_decide_as_its_pages_do() {
    let site = connected().await;
    let token = site.token("mot.cua").await;
    let officer = site.token("can.bo").await;
    let post = async |path: &str, key: &str, body: &Value| {
        let path = format!("/api/v1/dossiers/{DOSSIER}/{path}");
        let sent = ("application/json", &*body.to_string());
        site.api_post(&path, &officer, key, sent).await
    };
    both_changed(&site, &token).await;
    let path = format!("/api/v1/dossiers/{DOSSIER}/conflicts");
    let open = site.api(Method::GET, &path, &officer).await.json();
    let one = format!("conflicts/{}", open["conflicts"][0]["no"]);
    let choice = |takes: &str| json!({"takes": takes, "reason": "hỏi"});
    let wrong = post(&one, "k-1", &choice("both")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let decided = post(&one, "k-2", &choice("theirs")).await;
    assert_eq!(decided.status, StatusCode::CREATED, "{}", decided.body);
    assert_eq!(decided.json(), json!({"conflicts": []}));
    let late = post(&one, "k-3", &choice("ours")).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);

    let pool = site.db.pool();
    let actor = Actor::with_every_role("can.bo");
    let read = casework::answered::read(pool, &actor, &site.clock, DOSSIER).await;
    let read = read.expect("reads").expect("answers");
    let mut answers = read.answers;
    answers.set("phone", "0900000009");
    let corrected = json!({"seen": read.version, "answers": answers});
    let told = post("answers", "k-4", &corrected).await;
    assert_eq!(told.status, StatusCode::CREATED, "{}", told.body);
    assert_eq!(told.json()["version"], read.version + 1);
    let stale = post("answers", "k-5", &corrected).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_board_counts_what_was_asked_and_typed_again_and_how_long_it_took() {
    let site = connected().await;
    let token = site.token("mot.cua").await;
    both_changed(&site, &token).await;
    let reader = site.sign_in("xem").await;
    let readers_token = site.token("xem").await;
    let report = "/api/v1/reports/exchange?month=2024-05&area=51";
    let before = site.api(Method::GET, report, &readers_token).await.json();
    let total = &before["total"];
    assert_eq!(
        (&total["asked_again"], &total["keyed_twice"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(total["days_median"], Value::Null);
    // What the applicant had sent is typed once more.
    correct_fields(&site, &[("phone", "0900000001")]).await;
    let day = "2024-05-06".parse().expect("a day");
    let regime = casework::regime::on("1.001776", day).expect("a regime");
    let (_, stages) = regime.stages.split_last().expect("stages");
    for stage in stages {
        act_online(
            &site,
            DOSSIER,
            "stage_done",
            "2024-05-14T09:00",
            json!({"stage": stage.code}),
        )
        .await;
    }
    let refused = json!({"outcome": "refused", "condition": "thiếu", "law": "20/2021/NĐ-CP Điều 5",
                         "decision": {"number": "7/QĐ", "date": "2024-05-15", "signed_by": "Người Ký"}});
    let mut on_paper = refused;
    on_paper["online"] = json!(false);
    paper(&site, "decided", "2024-05-15T09:00", on_paper).await;
    let after = site.api(Method::GET, report, &readers_token).await.json();
    let total = &after["total"];
    assert_eq!(
        (&total["asked_again"], &total["keyed_twice"]),
        (&json!(1), &json!(1))
    );
    // 7 to 10, then 13 to 15 May 2024.
    assert_eq!(
        (&total["days_median"], &total["days_p90"]),
        (&json!(7), &json!(7))
    );
    let board = site
        .get("/lien-thong?thang=2024-05&dia-ban=51", &reader)
        .await;
    assert!(board.body.contains("Mục phải hỏi lại") && board.body.contains("Mục gõ lại"));
    for group in ["asked_again", "keyed_twice"] {
        let behind = format!("/lien-thong/ho-so?thang=2024-05&dia-ban=51&nhom={group}");
        assert!(
            board.body.contains(&behind.replace('&', "&#38;")),
            "{group}"
        );
        let dossiers = site.get(&behind, &reader).await;
        assert!(dossiers.body.contains(DOSSIER), "{group}");
    }
}

async fn paper(site: &Site, kind: &str, at: &str, mut fields: Value) {
    let whole = fields.as_object_mut().expect("fields");
    whole.insert("event_id".into(), json!(uuid::Uuid::new_v4()));
    whole.insert("dossier".into(), json!(DOSSIER));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{at}:00+07:00")));
    let event = casework::Event::parse(fields.to_string().as_bytes()).expect("a step");
    let rows = [casework::Submitted { row: 1, event }];
    let actor = Actor::with_every_role("can.bo");
    let applied = casework::apply(site.db.pool(), &actor, &site.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

#[tokio::test]
async fn what_differs_is_shown_per_province_with_both_values() {
    let site = connected().await;
    let token = site.token("mot.cua").await;
    send(&site, &token, "dossiers", &submission()).await;
    let reader = site.sign_in("xem").await;
    let page = "/lien-thong/doi-chieu";
    let none = site.get(page, &reader).await;
    assert!(none.body.contains("Chưa đối chiếu tỉnh nào"));
    let listed = json!({"dossier": DOSSIER, "status": 9, "told": 1, "heard": 0}).to_string();
    let (pool, actor) = (site.db.pool(), Actor::with_every_role("can.bo"));
    let from = From::File(listed.as_bytes());
    let run = comparison::run(pool, &actor, &site.clock, "51", from).await;
    assert_eq!(run.expect("a run").differing, 1);
    let all = site.get(page, &reader).await;
    assert!(all.body.contains("có khác nhau") && all.body.contains("doi-chieu?tinh=51"));
    let one = site.get(&format!("{page}?tinh=51"), &reader).await;
    assert!(
        one.body.contains("1. Mới đăng ký") && one.body.contains("9. "),
        "{}",
        one.body
    );
    let elsewhere = site.get(&format!("{page}?tinh=48"), &reader).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    // Nobody recorded where the province could be asked.
    let officer = site.sign_in("can.bo").await;
    let asked = site.post(page, &officer, "khoa=a&tinh=51").await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.body.contains("Chưa ghi địa chỉ"), "{}", asked.body);
    let from = From::File(b"nothing");
    let bad = comparison::run(pool, &actor, &site.clock, "51", from).await;
    bad.expect("a run");
    let all = site.get(page, &reader).await;
    assert!(all.body.contains("danh sách không đúng dạng") && !all.body.contains("tag good"));
}
