//! Answers a citizen corrects when asked.

use casework::Teller;
use casework::correct::Correction;
use casework::form::Answers;
use uuid::Uuid;

use super::*;
use crate::apply_online::submitted;
use crate::client::PDF;

const PLACE: &str = "/tra-cuu/ho-so/to-khai";

/// A dossier submitted online, received, of which something is asked; the cookie of its citizen.
async fn asked(site: &Site) -> (String, String) {
    let (cookie, code) = submitted(site).await;
    tell(site, &code, "received", "2024-05-20T09:00", json!({})).await;
    let asked = json!({"papers": ["Giấy xác nhận mang thai"], "reason": "số điện thoại chưa đúng"});
    tell(site, &code, "supplement_asked", "2024-05-20T09:00", asked).await;
    (cookie, code)
}

async fn versions(site: &Site) -> Vec<(i32, Value, String)> {
    sqlx::query_as("select version, answers, recorded_by from dossier_answers order by version")
        .fetch_all(site.db.pool())
        .await
        .expect("reads")
}

#[tokio::test]
async fn corrected_answers_go_with_the_supplement_and_the_dossier_goes_on() {
    let site = Site::open().await;
    let (cookie, code) = asked(&site).await;
    let page = site.get(PLACE, &cookie).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("•••• 0011") && !page.body.contains("999170000011"));
    assert!(
        !page.body.contains(&format!("{PLACE}/area")),
        "the commune stays"
    );
    let number = site.get(&format!("{PLACE}/id_number"), &cookie).await.body;
    assert!(!number.contains("0011"), "typed anew");
    let wrong = site
        .post(
            &format!("{PLACE}/birth_date"),
            &cookie,
            "birth_date=hom+qua",
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(r#"value="hom qua""#));
    for (field, value) in [("phone", "0987654321"), ("id_number", "")] {
        let kept = site
            .post(
                &format!("{PLACE}/{field}"),
                &cookie,
                &format!("{field}={value}"),
            )
            .await;
        assert_eq!(kept.header("location"), PLACE, "{}", kept.body);
    }
    let elsewhere = site
        .post(&format!("{PLACE}/area"), &cookie, "area=21031")
        .await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    assert_eq!(
        versions(&site).await.len(),
        1,
        "nothing is changed before it is sent"
    );
    let form = site.get("/tra-cuu/ho-so/bo-sung", &cookie).await.body;
    assert!(form.contains("Đã sửa: Số điện thoại"), "{form}");
    let key = keys(&form)[0].to_owned();
    for _ in 0..2 {
        let place = "/tra-cuu/ho-so/bo-sung";
        let sent = site
            .send_files(place, &cookie, &[("khoa", &key)], &[])
            .await;
        assert_eq!(
            sent.header("location"),
            "/tra-cuu/ho-so?xong=bo-sung",
            "{}",
            sent.body
        );
    }
    let versions = versions(&site).await;
    assert_eq!(versions.len(), 2);
    let (before, after) = (&versions[0].1, &versions[1].1);
    assert_eq!(after["phone"], "0987654321");
    assert_eq!(
        after["id_number"], before["id_number"],
        "left empty it stays"
    );
    assert_eq!(versions[1].2, "citizen");
    let last: (String, i16) = sqlx::query_as(
        "select kind, status from dossier_step join dossier using (dossier_id) where code = $1
         order by seq desc limit 1",
    )
    .bind(&code)
    .fetch_one(site.db.pool())
    .await
    .expect("reads");
    assert_eq!((&*last.0, last.1), ("supplemented", 4), "in process again");
    let page = site.get("/tra-cuu/ho-so", &cookie).await.body;
    assert!(page.contains("Xã đang xét hồ sơ") && page.contains("Hẹn trả kết quả"));
    let closed = site.get(PLACE, &cookie).await;
    assert_eq!(
        closed.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "nothing is asked"
    );
}

#[tokio::test]
async fn what_the_office_corrects_meanwhile_stays_beside_what_the_citizen_corrects() {
    let site = Site::open().await;
    let (cookie, code) = asked(&site).await;
    let phone = format!("{PLACE}/phone");
    site.post(&phone, &cookie, "phone=0987654321").await;
    let mut answers: Answers = serde_json::from_value(versions(&site).await[0].1.clone())
        .expect("answers as they are kept");
    answers.set("full_name", "Người Thử Đúng Tên");
    answers.set("phone", "0911111111");
    let correction = Correction {
        dossier: &code,
        seen: 1,
        answers: &answers,
        allows_gaps: false,
        completes: false,
        key: Uuid::from_u128(7),
    };
    let clerk = Actor::with_every_role("tiep.nhan");
    let telling = (Teller::Office, &clerk, &site.clock);
    casework::correct::correct(site.db.pool(), telling, &correction)
        .await
        .expect("corrects");
    let page = site.get(PLACE, &cookie).await.body;
    assert!(
        page.contains("Người Thử Đúng Tên") && page.contains("0987654321"),
        "{page}"
    );
    // Another question after that: both corrections go on together.
    let schooling = format!("{PLACE}/schooling");
    let kept = site.post(&schooling, &cookie, "schooling=left").await;
    assert_eq!(kept.header("location"), PLACE, "{}", kept.body);
    let form = site.get("/tra-cuu/ho-so/bo-sung", &cookie).await.body;
    let fields = [("khoa", keys(&form)[0])];
    let sent = site
        .send_files("/tra-cuu/ho-so/bo-sung", &cookie, &fields, &[])
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let versions = versions(&site).await;
    let [_, (_, office, _), (3, citizen, by)] = &versions[..] else {
        panic!("{versions:?}")
    };
    assert_eq!(
        citizen["full_name"], office["full_name"],
        "the clerk's stays"
    );
    assert_eq!(citizen["phone"], "0987654321", "the citizen said it last");
    assert_eq!(
        (by, &citizen["schooling"]),
        (&"citizen".to_owned(), &json!("left"))
    );
}

#[tokio::test]
async fn without_a_correction_every_paper_needs_a_file() {
    let site = Site::open().await;
    let (cookie, _) = asked(&site).await;
    let form = site.get("/tra-cuu/ho-so/bo-sung", &cookie).await.body;
    let (place, key) = ("/tra-cuu/ho-so/bo-sung", keys(&form)[0].to_owned());
    let none = site
        .send_files(place, &cookie, &[("khoa", &key)], &[])
        .await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        none.body
            .contains("Chưa chọn tệp cho: Giấy xác nhận mang thai")
    );
    let photo = [("tep-chup-0", "a.pdf", PDF), ("tep-0", "", &b""[..])];
    let sent = site
        .send_files(place, &cookie, &[("khoa", &key)], &photo)
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert_eq!(versions(&site).await.len(), 1);
}
