//! People checked against the population database, and the work that comes of it, as pages.

use axum::http::StatusCode;
use kernel::{Actor, PersonId};
use population::sandbox::{Manner, people, router};
use population::{Client, Service, Settings, check, due};
use registry::event::read_lines;
use tokio::net::TcpListener;

use crate::client::Site;

pub(crate) const COMMUNE: &str = "21031";
const KNOWN: &str = r#"{"id_number":"999140000001","full_name":"Trần Thị Hoà","birth_date":"1940-03-02","sex":"female"}"#;

/// A person whose day and month of birth changed places, and the service that knows better.
pub(crate) async fn registered() -> (Site, Service) {
    registered_with(KNOWN).await
}

/// The same, by what the service knows.
async fn registered_with(known: &str) -> (Site, Service) {
    let site = Site::open().await;
    let lines = format!(
        r#"{{"event_id":"0190a000-0000-7000-8000-000000000001","kind":"person_registered","person":"p1","effective":"2024-01-01","source":"thử","full_name":"Trần Thị Hoà","birth_date":"1940-02-03","sex":"female","ethnicity":null,"id_number":"999140000001","area":"{COMMUNE}"}}
{{"event_id":"0190a000-0000-7000-8000-000000000002","kind":"enrolled","person":"p1","effective":"2024-01-01","source":"thử","benefit":"older_80_without_pension","from":"2024-01","decision":{{"number":"1/QĐ","date":"2023-12-20"}}}}"#
    );
    let (events, refused) = read_lines(lines.as_bytes());
    assert_eq!(refused, []);
    let actor = Actor::with_every_role("can.bo");
    let applied = registry::apply(site.db.pool(), &actor, &site.clock, &events).await;
    assert_eq!(applied.expect("applies").refused, []);
    let known = people::read(known).expect("people");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let served = router(known, Manner::default());
    tokio::spawn(async move { axum::serve(listener, served).await });
    let settings = format!(
        "address = \"http://{address}/\"\nunit = \"H51\"\n[officers]\n\"can.bo\" = \"CB-01\"\n"
    );
    let settings = Settings::read(&settings).expect("settings");
    (site, Service::new(Client::new(settings)))
}

/// The same, asked about by `can.bo`.
async fn checked() -> Site {
    let (site, service) = registered().await;
    let (pool, clock) = (site.db.pool(), &site.clock);
    let actor = Actor::with_every_role("can.bo");
    let her = [due::one(pool, PersonId(1)).await.expect("found")];
    let tally = check((pool, clock), &actor, &service, &her, "Thử", |_| {}).await;
    assert_eq!(tally.expect("asked").mismatch, 1);
    site
}

#[tokio::test]
async fn an_officer_asks_about_those_due_from_the_page() {
    let (site, service) = registered().await;
    let officer = site.sign_in("can.bo").await;
    let order = |purpose: &str| format!("dia-ban=51&muc-dich={purpose}");
    let without = site.post("/dan-cu", &officer, &order("thu")).await;
    assert!(without.body.contains("chưa khai báo"), "{}", without.body);
    let site = site.asking(service);
    let page = site.get("/dan-cu?dia-ban=51", &officer).await;
    assert!(page.body.contains("Đối chiếu</button>"), "{}", page.body);
    let silent = site.post("/dan-cu", &officer, &order("")).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("mục đích"), "{}", silent.body);
    for said in ["1 người: 0 khớp, 1 lệch", "0 người"] {
        let asked = site.post("/dan-cu", &officer, &order("thu")).await;
        assert_eq!(asked.status, StatusCode::OK);
        assert!(
            asked.body.contains(&format!("Đã hỏi về {said}")),
            "{}",
            asked.body
        );
    }
    let reader = site.sign_in("xem").await;
    let refused = site.post("/dan-cu", &reader, &order("thu")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_latest_checks_are_shown_and_the_log_only_to_those_who_may() {
    let site = checked().await;
    let officer = site.sign_in("can.bo").await;
    let page = site.get("/dan-cu?dia-ban=51", &officer).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("Trần Thị Hoà") && page.body.contains("ngày sinh"));
    let page = site
        .get("/dan-cu?dia-ban=51&ket-qua=verified", &officer)
        .await;
    assert!(!page.body.contains("Trần Thị Hoà"));
    let log = "/dan-cu/nhat-ky?dia-ban=51";
    for (who, sees) in [
        ("can.bo", true),
        ("thanh.tra", true),
        ("lanh.dao", true),
        ("xem", false),
    ] {
        let page = site.get(log, &site.sign_in(who).await).await;
        assert_eq!(page.status, StatusCode::OK, "{who}");
        assert_eq!(page.body.contains("CB-01"), sees, "{who}");
        assert!(
            !page.body.contains("999140000001"),
            "{who} sees no whole number"
        );
    }
    let manager = site.sign_in("quan.tri").await;
    assert_eq!(site.get(log, &manager).await.status, StatusCode::FORBIDDEN);
    let elsewhere = site.get("/dan-cu?dia-ban=48", &officer).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_suggestion_is_accepted_on_the_page_and_leaves_the_list() {
    let site = checked().await;
    let officer = site.sign_in("can.bo").await;
    let work = format!("/chat-luong/viec?dia-ban={COMMUNE}");
    let page = site.get(&work, &officer).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for shown in [
        "03/02/1940",
        "02/03/1940",
        "đảo ngày và tháng",
        "Nhận gợi ý",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let reader = site.get(&work, &site.sign_in("xem").await).await;
    assert!(
        !reader.body.contains("Nhận gợi ý"),
        "a reader decides nothing"
    );
    let order = |key: &str, value: &str, reason: &str| {
        format!(
            "khoa={key}&viec=nhan&nguoi=1&truong=birth_date&gia-tri={value}&ly-do={reason}&dia-ban={COMMUNE}"
        )
    };
    let stale = site
        .post(
            "/chat-luong/viec",
            &officer,
            &order("a", "1940-03-03", "so"),
        )
        .await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    let silent = site
        .post("/chat-luong/viec", &officer, &order("b", "1940-03-02", ""))
        .await;
    assert!(silent.body.contains("Cần ghi lý do"), "{}", silent.body);
    for _ in 0..2 {
        let done = site
            .post(
                "/chat-luong/viec",
                &officer,
                &order("c", "1940-03-02", "so"),
            )
            .await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    }
    let page = site.get(&work, &officer).await;
    assert!(
        page.body.contains("Không có thông tin nào cần xem"),
        "{}",
        page.body
    );
    let corrected = "select count(*) from event where kind = 'person_corrected'";
    let corrected: i64 = sqlx::query_scalar(corrected)
        .fetch_one(site.db.pool())
        .await
        .expect("counted");
    assert_eq!(corrected, 1);
}

#[tokio::test]
async fn a_list_for_the_police_is_made_for_a_commune_and_handed_out() {
    let site = checked().await;
    let officer = site.sign_in("can.bo").await;
    let send = |area: &str| format!("khoa=k-{area}&dia-ban={area}");
    let whole = site
        .post("/chat-luong/cong-an", &officer, &send("51"))
        .await;
    assert_eq!(
        whole.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "not a commune"
    );
    let made = site
        .post("/chat-luong/cong-an", &officer, &send(COMMUNE))
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let file = site.get("/chat-luong/cong-an/1/xlsx", &officer).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(
        file.header("content-disposition")
            .contains("cong-an-xa-1.xlsx")
    );
    let reader = site.sign_in("xem").await;
    let refused = site.get("/chat-luong/cong-an/1/xlsx", &reader).await;
    assert_eq!(
        refused.status,
        StatusCode::FORBIDDEN,
        "whole numbers are on it"
    );
    let page = site
        .get(&format!("/chat-luong/viec?dia-ban={COMMUNE}"), &officer)
        .await;
    assert!(page.body.contains("danh sách số 1"), "{}", page.body);
}

#[tokio::test]
async fn before_a_list_is_approved_its_page_says_who_is_not_verified() {
    let site = checked().await;
    for name in ["lap", "can.bo"] {
        let page = site
            .get("/ky-chi/2024-05?dia-ban=51", &site.sign_in(name).await)
            .await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        for shown in [
            "1 người đang hưởng: 0 đã khớp gần đây",
            r#"<a href="/chat-luong/viec?dia-ban=51">1 lệch hoặc không tìm thấy</a>"#,
            r#"<a href="/dan-cu?dia-ban=51">0 chưa hỏi</a>"#,
        ] {
            assert!(page.body.contains(shown), "{shown}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn a_death_told_by_the_population_database_waits_as_a_proposal() {
    let dead = KNOWN
        .replace("1940-03-02", "1940-02-03")
        .replace('}', r#","died_on":"2024-04-20"}"#);
    let (site, service) = registered_with(&dead).await;
    let (pool, clock) = (site.db.pool(), &site.clock);
    let actor = Actor::with_every_role("can.bo");
    let her = [due::one(pool, PersonId(1)).await.expect("found")];
    let tally = check((pool, clock), &actor, &service, &her, "Thử", |_| {}).await;
    assert_eq!(tally.expect("asked").deaths, 1);
    let officer = site.sign_in("can.bo").await;
    let month = kernel::Month::of(clock.today());
    let page = site
        .get(&format!("/ky-chi/{month}/doi-soat?dia-ban=51"), &officer)
        .await;
    let told = "Cơ sở dữ liệu dân cư ghi đã mất: đề xuất xác minh";
    assert!(page.body.contains(told), "{}", page.body);
    let accept = "khoa=chet-1&dia_ban=51&viec=de-xuat&so=1&tu=2024-04-20&ly_do=giay%20chung%20tu";
    let done = site
        .post(&format!("/ky-chi/{month}/doi-soat"), &officer, accept)
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let died: i64 =
        sqlx::query_scalar("select count(*) from person where death_date = '2024-04-20'")
            .fetch_one(site.db.pool())
            .await
            .expect("counted");
    assert_eq!(died, 1);
}

#[tokio::test]
async fn answers_of_the_police_are_brought_on_the_page_and_change_nothing_themselves() {
    const HEADING: &str =
        "STT,Họ và tên,\"Kết quả (đúng, khác, không có, đã mất)\",Họ và tên đúng,Ngày sinh đúng";
    let site = checked().await;
    let officer = site.sign_in("can.bo").await;
    let order = format!("khoa=ca-1&dia-ban={COMMUNE}");
    site.post("/chat-luong/cong-an", &officer, &order).await;
    let bring = async |who: &str, rows: &str| {
        let file = format!("{HEADING}\n{rows}");
        site.upload_as("/chat-luong/cong-an/1", who, &[], ("tl.csv", &file))
            .await
    };
    let nothing = site
        .upload_as(
            "/chat-luong/cong-an/1",
            &officer,
            &[],
            ("tl.csv", "STT,Tên\n1,A\n"),
        )
        .await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        nothing.body.contains("không có dòng tiêu đề"),
        "{}",
        nothing.body
    );
    let wrong = bring(
        &officer,
        "1,Trần Thị Hoà,khác,,30/02/1940\n7,Ai đó,đúng,,\n",
    )
    .await;
    assert_eq!(wrong.status, StatusCode::OK, "{}", wrong.body);
    for told in [
        "Đã nhập 0 trả lời",
        "ngày có thật",
        "không có số thứ tự này",
    ] {
        assert!(wrong.body.contains(told), "{told}: {}", wrong.body);
    }
    let denied = bring(&site.sign_in("xem").await, "1,Trần Thị Hoà,đúng,,\n").await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let done = bring(&officer, "1,Trần Thị Hoà,khác,,04/02/1940\n").await;
    assert!(
        done.body.contains("Đã nhập 1 trả lời: 0 đúng, 1 khác"),
        "{}",
        done.body
    );
    for shown in [
        "công an xã trả lời khác",
        "04/02/1940",
        "Công an xã, danh sách số 1",
    ] {
        assert!(done.body.contains(shown), "{shown}: {}", done.body);
    }
    let again = bring(&officer, "1,Trần Thị Hoà,đúng,,\n").await;
    assert!(again.body.contains("đã có trả lời"), "{}", again.body);
    let changed: i64 =
        sqlx::query_scalar("select count(*) from event where kind = 'person_corrected'")
            .fetch_one(site.db.pool())
            .await
            .expect("counted");
    assert_eq!(changed, 0);
}
