//! Citizens without an account: looking a dossier up, and what they do from there.

mod corrections;
mod letters;
mod money;
mod papers;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use casework::{Event, Submitted, lookup};
use jiff::SignedDuration;
use kernel::{Actor, Clock};
use law::Law;
use payments::provider::contract::Handover;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;
use web::Server;

use crate::client::{Answer, Site, keys};
use crate::month_of_money::{hand_over, make_list, ordered, sign_with_post};
use crate::results::upload;

const CODE: &str = "H51-240506-0001";

fn officer() -> Actor {
    Actor::with_every_role("an.nguyen")
}

async fn tell(site: &Site, dossier: &str, kind: &str, at: &str, mut fields: Value) {
    let whole = fields.as_object_mut().expect("fields");
    whole.insert("event_id".into(), json!(Uuid::new_v4()));
    whole.insert("dossier".into(), json!(dossier));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{at}:00+07:00")));
    let event = Event::parse(fields.to_string().as_bytes()).expect("a well-formed step");
    let rows = [Submitted { row: 1, event }];
    let applied = casework::apply(site.db.pool(), &officer(), &site.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

/// A dossier of somebody born on 1 February 1948, received, and its look-up code.
async fn dossier(site: &Site) -> String {
    let event = json!({"event_id": Uuid::new_v4(), "kind": "person_registered", "person": "p",
                       "effective": "2024-01-01", "source": "test", "full_name": "Trần Thị Thử",
                       "birth_date": "1948-02-01", "sex": "female", "ethnicity": "01",
                       "id_number": "999148000011", "area": "21175"});
    let event = registry::Event::parse(event.to_string().as_bytes()).expect("an event");
    let rows = [registry::Submitted { row: 1, event }];
    let applied = registry::apply(site.db.pool(), &officer(), &site.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
    let submission = json!({"procedure": "1.001776", "area": "21175", "channel": "direct",
                            "applicant": "Trần Thị Thử", "applicant_id_number": "999148000011",
                            "beneficiary": "test/p", "benefit": "disability"});
    tell(site, CODE, "submitted", "2024-05-06T08:00", submission).await;
    tell(site, CODE, "received", "2024-05-06T08:10", json!({})).await;
    let mut tx = site.db.pool().begin().await.expect("begin");
    let code = lookup::issue(&mut tx, &officer(), &site.clock, CODE).await;
    tx.commit().await.expect("commit");
    code.expect("issued").printed()
}

/// The cookie of the citizen of the dossier.
async fn look_up(site: &Site, code: &str) -> String {
    let form = format!("ma={code}&xac_nhan=01/02/1948");
    let answer = site.post("/tra-cuu", "", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), "/tra-cuu/ho-so");
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("Path=/tra-cuu"),
        "{cookie}"
    );
    cookie.split(';').next().expect("a cookie").to_owned()
}

#[tokio::test]
async fn the_code_and_a_birthday_open_the_dossier_and_nothing_of_the_person() {
    let site = Site::open().await;
    let code = dossier(&site).await;
    let form = site.get("/tra-cuu", "").await;
    assert_eq!(form.status, StatusCode::OK);
    let cookie = look_up(&site, &code.to_lowercase()).await;
    let page = site.get("/tra-cuu/ho-so", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("cache-control"), "no-store");
    for shown in [
        "Xã đã tiếp nhận hồ sơ",
        CODE,
        "Hẹn trả kết quả",
        "06/05/2024",
        "Đã nhận",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    for hidden in ["Trần Thị Thử", "999148000011", "0011", "khuyết tật", &code] {
        assert!(!page.body.contains(hidden), "{hidden}");
    }
    // Who is let in once need not prove it again, until they leave.
    assert_eq!(
        site.get("/tra-cuu", &cookie).await.header("location"),
        "/tra-cuu/ho-so"
    );
    site.post("/tra-cuu/thoat", &cookie, "").await;
    let gone = site.get("/tra-cuu/ho-so", &cookie).await;
    assert_eq!(
        (gone.status, gone.header("location")),
        (StatusCode::SEE_OTHER, "/tra-cuu?het=1")
    );
}

#[tokio::test]
async fn nothing_tells_an_unknown_code_from_a_wrong_proof() {
    let site = Site::open().await;
    let code = dossier(&site).await;
    let unknown = "ACDE-FGHJ";
    assert_ne!(code, unknown);
    for proof in ["02/02/1948", "9999"] {
        let wrong = site
            .post("/tra-cuu", "", &format!("ma={code}&xac_nhan={proof}"))
            .await;
        let none = site
            .post("/tra-cuu", "", &format!("ma={unknown}&xac_nhan={proof}"))
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(wrong.status, none.status);
        assert_eq!(wrong.headers, none.headers);
        assert_eq!(wrong.body.replace(&code, unknown), none.body);
    }
    // Nor does any other way in, before the proof.
    for path in [
        "/tra-cuu/ho-so",
        "/tra-cuu/ho-so/rut",
        "/tra-cuu/ho-so/bao-tin",
        "/tra-cuu/ho-so/bo-sung",
        "/tra-cuu/ho-so/giay-to",
        "/tra-cuu/ho-so/to-khai",
        "/tra-cuu/ho-so/to-khai/phone",
        "/tra-cuu/ho-so/van-ban/giay-tiep-nhan",
    ] {
        let answer = site.get(path, "ansinh_tra_cuu=0123").await;
        assert_eq!(answer.header("location"), "/tra-cuu?het=1", "{path}");
        let answer = site.post(path, "", "khoa=x").await;
        assert!(
            !answer.status.is_success() && !answer.status.is_server_error(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn tries_are_limited_whether_the_code_exists_or_not() {
    let site = Site::open().await;
    let code = dossier(&site).await;
    let mut answers = Vec::new();
    for tried in [code.as_str(), "ACDE-FGHJ"] {
        let mut statuses = Vec::new();
        for _ in 0..12 {
            let form = format!("ma={tried}&xac_nhan=9999");
            statuses.push(site.post("/tra-cuu", "", &form).await.status);
        }
        answers.push(statuses);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0][11], StatusCode::TOO_MANY_REQUESTS);
    let right = site
        .post("/tra-cuu", "", &format!("ma={code}&xac_nhan=01/02/1948"))
        .await;
    assert_eq!(
        right.status,
        StatusCode::TOO_MANY_REQUESTS,
        "also with the right proof"
    );
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_beside_the_field_and_kept() {
    let site = Site::open().await;
    let answer = site
        .post("/tra-cuu", "", "ma=ACDE&xac_nhan=thang+hai")
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "<title>Lỗi:",
        r##"href="#ma""##,
        r##"href="#xac-nhan""##,
        r#"value="ACDE""#,
    ] {
        assert!(answer.body.contains(part), "{part}");
    }
}

/// What the same site answers some minutes later.
async fn later(site: &Site, minutes: i64, path: &str, cookie: &str) -> Answer {
    let clock = Clock::Fixed(site.clock.now() + SignedDuration::from_mins(minutes));
    let router: Router = Server::new(site.db.pool().clone(), Law::embedded(), clock, true).router();
    let request = Request::get(path).header(header::COOKIE, cookie);
    let response = router
        .oneshot(request.body(Body::empty()).expect("a request"))
        .await;
    let (parts, body) = response.expect("never fails").into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("reads").to_vec();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}

#[tokio::test]
async fn a_session_ends_after_twenty_idle_minutes() {
    let site = Site::open().await;
    let code = dossier(&site).await;
    let cookie = look_up(&site, &code).await;
    assert_eq!(
        later(&site, 19, "/tra-cuu/ho-so", &cookie).await.status,
        StatusCode::OK
    );
    assert_eq!(
        later(&site, 38, "/tra-cuu/ho-so", &cookie).await.status,
        StatusCode::OK
    );
    let ended = later(&site, 59, "/tra-cuu/ho-so", &cookie).await;
    assert_eq!(ended.header("location"), "/tra-cuu?het=1");
    let form = later(&site, 59, "/tra-cuu?het=1", &cookie).await;
    assert!(form.body.contains("20 phút"), "says why");
}

#[tokio::test]
async fn asking_the_dossier_back_is_done_once() {
    let site = Site::open().await;
    let cookie = look_up(&site, &dossier(&site).await).await;
    let form = site.get("/tra-cuu/ho-so/rut", &cookie).await;
    let key = keys(&form.body)[0].to_owned();
    let blank = site
        .post(
            "/tra-cuu/ho-so/rut",
            &cookie,
            &format!("khoa={key}&ly_do=+"),
        )
        .await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sent = format!("khoa={key}&ly_do=chuyển+nơi+ở");
    for _ in 0..2 {
        let answer = site.post("/tra-cuu/ho-so/rut", &cookie, &sent).await;
        assert_eq!(
            answer.header("location"),
            "/tra-cuu/ho-so?xong=rut",
            "{}",
            answer.body
        );
    }
    let page = site.get("/tra-cuu/ho-so", &cookie).await;
    assert!(page.body.contains("Đã xin rút hồ sơ"));
    assert!(
        !page.body.contains("href=\"/tra-cuu/ho-so/rut\""),
        "not offered twice"
    );
    let other = keys(&site.get("/tra-cuu/ho-so/rut", &cookie).await.body)[0].to_owned();
    let again = format!("khoa={other}&ly_do=lần+nữa");
    let refused = site.post("/tra-cuu/ho-so/rut", &cookie, &again).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let steps: Vec<(String, String)> =
        sqlx::query_as("select kind, told_by from dossier_step order by seq desc limit 1")
            .fetch_all(site.db.pool())
            .await
            .expect("reads");
    assert_eq!(
        steps,
        [("withdrawal_asked".to_owned(), "citizen".to_owned())]
    );
}

#[tokio::test]
async fn what_the_commune_asks_and_decides_is_shown() {
    let site = Site::open().await;
    let cookie = look_up(&site, &dossier(&site).await).await;
    let asked = json!({"papers": ["Bản sao giấy tờ tùy thân"], "reason": "chưa rõ nơi ở"});
    tell(&site, CODE, "supplement_asked", "2024-05-07T08:00", asked).await;
    let page = site.get("/tra-cuu/ho-so", &cookie).await.body;
    for shown in [
        "Cần bổ sung giấy tờ",
        "Bản sao giấy tờ tùy thân",
        "chưa rõ nơi ở",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    let papers = json!({"papers": [{"name": "Bản sao giấy tờ tùy thân"}]});
    tell(&site, CODE, "supplemented", "2024-05-08T08:00", papers).await;
    let refused = json!({"outcome": "refused", "condition": "chưa có giấy xác nhận",
                         "law": "20/2021/NĐ-CP Điều 5",
                         "decision": {"number": "12/QĐ-UBND", "date": "2024-05-09"}});
    tell(&site, CODE, "decided", "2024-05-09T08:00", refused).await;
    let page = site.get("/tra-cuu/ho-so", &cookie).await.body;
    for shown in [
        "12/QĐ-UBND",
        "chưa được hưởng",
        "20/2021/NĐ-CP Điều 5",
        "nhận kết quả",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[tokio::test]
async fn a_citizen_chooses_how_to_be_told_and_a_wrong_number_is_said() {
    let site = Site::open().await;
    let cookie = look_up(&site, &dossier(&site).await).await;
    let form = site.get("/tra-cuu/ho-so/bao-tin", &cookie).await;
    let key = keys(&form.body)[0].to_owned();
    let wrong = format!("khoa={key}&cach=sms&dien_thoai=123");
    let refused = site.post("/tra-cuu/ho-so/bao-tin", &cookie, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = format!("khoa={key}&cach=sms&dien_thoai=0912+345+678");
    let done = site.post("/tra-cuu/ho-so/bao-tin", &cookie, &right).await;
    assert_eq!(done.header("location"), "/tra-cuu/ho-so?xong=bao-tin");
    // Now the commune sees it among what waits, without the number.
    let clock = &site.clock;
    tell(
        &site,
        CODE,
        "supplement_asked",
        "2024-05-19T08:00",
        json!({"papers": ["Đơn"], "reason": "thiếu"}),
    )
    .await;
    messages::gather(site.db.pool(), &officer(), clock)
        .await
        .expect("gathers");
    let officer = site.sign_in("can.bo").await;
    let page = site
        .get("/tin-nhan?dia-ban=51&trang-thai=waiting", &officer)
        .await;
    assert!(page.body.contains("Cần bổ sung giấy tờ") && page.body.contains("•••• 5678"));
    assert!(!page.body.contains("0912345678"));
}

#[tokio::test]
async fn a_message_given_up_is_sent_again_from_the_page() {
    let site = Site::open().await;
    dossier(&site).await;
    tell(
        &site,
        CODE,
        "supplement_asked",
        "2024-05-19T08:00",
        json!({"papers": ["Đơn"], "reason": "thiếu"}),
    )
    .await;
    messages::gather(site.db.pool(), &officer(), &site.clock)
        .await
        .expect("gathers");
    sqlx::query("update message_delivery set state = 'failed', reason = 'no_recipient'")
        .execute(site.db.pool())
        .await
        .expect("set");
    let cookie = site.sign_in("can.bo").await;
    let page = site.get("/tin-nhan?dia-ban=51", &cookie).await;
    assert!(
        page.body.contains("không có số điện thoại"),
        "{}",
        page.body
    );
    let key = keys(&page.body)[0].to_owned();
    let number: i64 = sqlx::query_scalar("select message_no from message")
        .fetch_one(site.db.pool())
        .await
        .expect("one");
    let form = format!("khoa={key}&so={number}&dia-ban=51");
    for _ in 0..2 {
        let answer = site.post("/tin-nhan", &cookie, &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let waiting = site
        .get("/tin-nhan?dia-ban=51&trang-thai=waiting", &cookie)
        .await;
    assert!(waiting.body.contains(CODE));
}
