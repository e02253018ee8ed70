//! The queue of work, a dossier's forms, the leader's list and the records office's.

use axum::http::StatusCode;
use kernel::Actor;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Answer, Site, keys};

const DOSSIER: &str = "000.00.00.H51-240506-0001";
const SECOND: &str = "000.00.00.H51-240506-0002";

async fn tell(site: &Site, dossier: &str, kind: &str, at: &str, mut fields: Value) {
    let whole = fields.as_object_mut().expect("fields");
    whole.insert("event_id".into(), json!(Uuid::new_v4()));
    whole.insert("dossier".into(), json!(dossier));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{at}:00+07:00")));
    let event = casework::Event::parse(fields.to_string().as_bytes()).expect("a step");
    let rows = [casework::Submitted { row: 1, event }];
    let actor = Actor::with_every_role("nhap.lieu");
    let applied = casework::apply(site.db.pool(), &actor, &site.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

async fn submit(site: &Site, dossier: &str, applicant: &str) {
    let fields = json!({"procedure": "1.001776", "area": "21031", "channel": "direct",
                        "applicant": applicant});
    tell(site, dossier, "submitted", "2024-05-06T08:00", fields).await;
}

/// Sends a form of the page of a dossier.
async fn take(site: &Site, cookie: &str, fields: &str) -> Answer {
    let path = format!("/ho-so/{DOSSIER}");
    let page = site.get(&path, cookie).await;
    let seen = page.body.split(r#"name="thay" value=""#).nth(1);
    let seen = seen.and_then(|rest| rest.split('"').next()).unwrap_or("0");
    let key = keys(&page.body)
        .first()
        .copied()
        .unwrap_or_default()
        .to_owned();
    let form = format!("khoa={key}&thay={seen}&{fields}");
    site.post(&format!("{path}/buoc"), cookie, &form).await
}

async fn done(site: &Site, cookie: &str, fields: &str) {
    let answer = take(site, cookie, fields).await;
    assert_eq!(
        answer.status,
        StatusCode::SEE_OTHER,
        "{fields}: {}",
        answer.body
    );
}

#[tokio::test]
async fn a_dossier_is_carried_to_its_result_by_the_forms_of_its_page() {
    let site = Site::open().await;
    submit(&site, DOSSIER, "Trần Thị Ân").await;
    let clerk = site.sign_in("tiep.nhan").await;
    let officer = site.sign_in("can.bo").await;
    let leader = site.sign_in("lanh.dao").await;
    let records = site.sign_in("van.thu").await;
    let page = site.get(&format!("/ho-so/{DOSSIER}"), &leader).await;
    assert!(
        !page.body.contains(r#"value="received""#),
        "the counter receives"
    );
    done(&site, &clerk, "viec=received").await;
    let early = take(&site, &officer, "viec=stage_done&buoc=commune_review").await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        early.body.contains("Chưa niêm yết công khai"),
        "{}",
        early.body
    );
    done(
        &site,
        &officer,
        "viec=posted&tu_ngay=2024-05-20&den_ngay=2024-05-21",
    )
    .await;
    let page = site.get(&format!("/ho-so/{DOSSIER}"), &officer).await;
    assert!(page.body.contains("từ 20/05/2024 đến hết 21/05/2024"));
    assert!(
        page.body.contains("Hạn giải quyết 17/06/2024"),
        "{}",
        page.body
    );
    let refused = "viec=proposed&huong=khong&dieu_kien=Không thuộc hộ nghèo&can_cu=Điều 5";
    done(&site, &officer, refused).await;
    let mine = site.get("/viec", &officer).await;
    assert!(!mine.body.contains(DOSSIER), "it lies with the leader");
    let list = site.get("/trinh-ky", &leader).await;
    assert!(
        list.body
            .contains("Không cho hưởng: Không thuộc hộ nghèo (Điều 5)")
    );
    done(&site, &leader, "viec=agreed").await;
    let list = site.get("/vao-so", &records).await;
    assert!(list.body.contains(DOSSIER));
    let form = format!("khoa=x-1&ho_so={DOSSIER}&thay=5&so=12/QĐ-UBND&ngay=20/05/2024");
    let numbered = site.post("/vao-so", &records, &form).await;
    assert_eq!(numbered.status, StatusCode::SEE_OTHER, "{}", numbered.body);
    let again = site.post("/vao-so", &records, &form).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "sent twice, done once");
    done(&site, &clerk, "viec=result_returned").await;
    let page = site.get(&format!("/ho-so/{DOSSIER}"), &officer).await;
    assert!(page.body.contains("10. Đã trả kết quả") && page.body.contains("12/QĐ-UBND"));
}

#[tokio::test]
async fn many_are_looked_at_first_and_then_done_row_by_row() {
    let site = Site::open().await;
    submit(&site, DOSSIER, "Trần Thị Ân").await;
    submit(&site, SECOND, "Lê Văn Đào").await;
    tell(&site, SECOND, "received", "2024-05-06T09:00", json!({})).await;
    let clerk = site.sign_in("tiep.nhan").await;
    let queue = site.get("/viec?phan=all", &clerk).await;
    assert_eq!(queue.status, StatusCode::OK);
    assert!(queue.body.contains("Tất cả 2") && queue.body.contains("Trần Thị Ân"));
    let nothing = site
        .post("/viec", &clerk, "viec=tiep-nhan&loc=phan=all")
        .await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let all = "viec=tiep-nhan&pham-vi=tat-ca&loc=phan%3Dall";
    let preview = site.post("/viec", &clerk, all).await;
    assert!(
        preview
            .body
            .contains("làm được với <strong>1</strong> hồ sơ"),
        "{}",
        preview.body
    );
    assert!(
        preview.body.contains(&format!("/ho-so/{SECOND}")),
        "with what is refused"
    );
    let key = keys(&preview.body)[0].to_owned();
    let form = format!("khoa={key}&viec=tiep-nhan&chon={DOSSIER}:1: {SECOND}:2:");
    let done = site.post("/viec/lam", &clerk, &form).await;
    assert!(done.body.contains("Đã làm với 1 hồ sơ"), "{}", done.body);
    let again = site.post("/viec/lam", &clerk, &form).await;
    assert!(
        again.body.contains("đã làm từ lần gửi trước"),
        "{}",
        again.body
    );
    let ticked = format!("viec=giao&giao-cho=can.bo&chon={DOSSIER}:2:&chon={SECOND}:2:");
    let preview = site.post("/viec", &clerk, &ticked).await;
    let key = keys(&preview.body)[0].to_owned();
    let form = format!("khoa={key}&viec=giao&giao-cho=can.bo&chon={DOSSIER}:2: {SECOND}:2:");
    let done = site.post("/viec/lam", &clerk, &form).await;
    assert!(done.body.contains("Đã làm với 2 hồ sơ"), "{}", done.body);
    let officer = site.sign_in("can.bo").await;
    let mine = site.get("/viec", &officer).await;
    assert!(mine.body.contains(DOSSIER) && mine.body.contains(SECOND));
    let file = site.get("/viec/xuat/xlsx?phan=all", &officer).await;
    assert!(
        file.header("content-disposition")
            .contains("viec-can-lam.xlsx")
    );
}

#[tokio::test]
async fn whoever_acts_on_what_has_changed_is_told_and_names_stay_out_of_addresses() {
    let site = Site::open().await;
    submit(&site, DOSSIER, "Trần Thị Ân").await;
    tell(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let officer = site.sign_in("can.bo").await;
    let key = Uuid::new_v4();
    let stale = format!("khoa={key}&thay=1&viec=taken_up");
    let told = site
        .post(&format!("/ho-so/{DOSSIER}/buoc"), &officer, &stale)
        .await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        told.body.contains("Người khác vừa ghi một bước"),
        "{}",
        told.body
    );
    let found = site.post("/viec/tim", &officer, "tim=tran thi an").await;
    let address = found.header("location").to_owned();
    assert!(!address.contains("tran"), "{address}");
    let list = site.get(&address, &officer).await;
    assert!(list.body.contains(DOSSIER));
    let leader = site.sign_in("lanh.dao").await;
    let elsewhere = site.get("/viec?phan=all&dia-ban=48", &leader).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_leader_sets_a_stage_shorter_than_the_law_and_never_longer() {
    let site = Site::open().await;
    let leader = site.sign_in("lanh.dao").await;
    let page = site.get("/quy-trinh?dia-ban=51", &leader).await;
    assert!(page.body.contains("mọi bước theo luật"), "{}", page.body);
    let form = |days: &str| {
        let key = Uuid::new_v4();
        format!(
            "khoa={key}&dia-ban=51&buoc=d20/commune_review&tu_ngay=21/05/2024&so_ngay={days}&nguoi=can.bo"
        )
    };
    let longer = site.post("/quy-trinh", &leader, &form("8")).await;
    assert_eq!(longer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        longer.body.contains("từ 1 đến 7 ngày làm việc"),
        "{}",
        longer.body
    );
    let set = site.post("/quy-trinh", &leader, &form("5")).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    let page = site.get(set.header("location"), &leader).await;
    assert!(page.body.contains("21/05/2024") && page.body.contains("can.bo"));
}

#[tokio::test]
async fn the_leader_sends_one_back_and_agrees_with_all_others_at_once() {
    let site = Site::open().await;
    for dossier in [DOSSIER, SECOND] {
        submit(&site, dossier, "Trần Thị Ân").await;
        tell(&site, dossier, "received", "2024-05-06T09:00", json!({})).await;
        let why = json!({"outcome": "refused", "condition": "Không thuộc hộ nghèo", "law": "Điều 5",
                         "by": "can.bo"});
        tell(&site, dossier, "proposed", "2024-05-10T09:00", why).await;
    }
    let leader = site.sign_in("lanh.dao").await;
    let back = format!("khoa=k-1&ho_so={DOSSIER}&thay=3&ly_do=thiếu căn cứ");
    let sent = site.post("/trinh-ky", &leader, &back).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let list = site.get("/trinh-ky", &leader).await;
    assert!(list.body.contains(SECOND) && !list.body.contains(DOSSIER));
    let all = "viec=dong-y&pham-vi=tat-ca&loc=phan%3Dagreement";
    let preview = site.post("/viec", &leader, all).await;
    let key = keys(&preview.body)[0].to_owned();
    let form = format!("khoa={key}&viec=dong-y&chon={SECOND}:3:");
    let done = site.post("/viec/lam", &leader, &form).await;
    assert!(done.body.contains("Đã làm với 1 hồ sơ"), "{}", done.body);
    let officer = site.sign_in("can.bo").await;
    let returned = site.get("/viec?phan=returned", &officer).await;
    assert!(returned.body.contains(DOSSIER));
}
