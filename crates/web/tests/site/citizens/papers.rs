//! Papers a citizen sends.

use super::*;
use crate::client::PDF;

/// Answers what was asked.
async fn send_files(site: &Site, cookie: &str, key: &str, files: &[(&str, &str, &[u8])]) -> Answer {
    site.send_files("/tra-cuu/ho-so/bo-sung", cookie, &[("khoa", key)], files)
        .await
}

#[tokio::test]
async fn papers_asked_for_are_sent_from_the_page_and_reach_the_dossier_once() {
    let site = Site::open().await;
    let cookie = look_up(&site, &dossier(&site).await).await;
    let form = site.get("/tra-cuu/ho-so/bo-sung", &cookie).await;
    assert_eq!(
        form.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "nothing is asked"
    );
    let asked = json!({"papers": ["Đơn", "Giấy khai sinh"], "reason": "thiếu"});
    tell(&site, CODE, "supplement_asked", "2024-05-07T08:00", asked).await;
    let form = site.get("/tra-cuu/ho-so/bo-sung", &cookie).await.body;
    let key = keys(&form)[0];
    let one = [("tep-0", "don.pdf", PDF)];
    let refused = send_files(&site, &cookie, key, &one).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Chưa chọn tệp cho: Giấy khai sinh"));
    let wrong: [(&str, &str, &[u8]); 2] = [one[0], ("tep-1", "anh.png", b"MZ not a picture")];
    let refused = send_files(&site, &cookie, key, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains(r##"href="#tep-1""##),
        "{}",
        refused.body
    );
    let both = [one[0], ("tep-1", "khai sinh.pdf", PDF)];
    for _ in 0..2 {
        let sent = send_files(&site, &cookie, key, &both).await;
        assert_eq!(
            sent.header("location"),
            "/tra-cuu/ho-so?xong=bo-sung",
            "{}",
            sent.body
        );
    }
    let kept: Vec<(String, String)> =
        sqlx::query_as("select paper, recorded_by from attachment order by attachment_no")
            .fetch_all(site.db.pool())
            .await
            .expect("reads");
    let citizen = "citizen".to_owned();
    assert_eq!(
        kept,
        [
            ("Đơn".to_owned(), citizen.clone()),
            ("Giấy khai sinh".to_owned(), citizen)
        ]
    );
    let page = site.get("/tra-cuu/ho-so", &cookie).await.body;
    assert!(page.contains("Đã bổ sung giấy tờ") && !page.contains("Cần bổ sung"));
}

#[tokio::test]
async fn papers_are_added_while_the_dossier_is_worked_on_and_not_after() {
    let site = Site::open().await;
    let cookie = look_up(&site, &dossier(&site).await).await;
    let place = "/tra-cuu/ho-so/giay-to";
    let form = site.get(place, &cookie).await.body;
    let key = keys(&form)[0];
    let fields = [("khoa", key), ("giay_to", "khac"), ("ten", "Giấy ra viện")];
    let file = [("tep", "a.pdf", PDF)];
    let empty = site.send_files(place, &cookie, &fields, &[]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..2 {
        let sent = site.send_files(place, &cookie, &fields, &file).await;
        assert_eq!(
            sent.header("location"),
            format!("{place}?xong=1"),
            "{}",
            sent.body
        );
    }
    let page = site.get(&format!("{place}?xong=1"), &cookie).await.body;
    assert_eq!(
        page.matches("Giấy ra viện").count(),
        1,
        "sent twice, there once"
    );
    assert!(page.contains("Đã gửi cho xã"));
    let actions: Vec<String> =
        sqlx::query_scalar("select action from audit_entry where action = 'citizen.attach'")
            .fetch_all(site.db.pool())
            .await
            .expect("reads");
    assert_eq!(actions.len(), 1);
    tell(
        &site,
        CODE,
        "withdrawal_asked",
        "2024-05-08T08:00",
        json!({"reason": "thôi"}),
    )
    .await;
    let fields = [("khoa", "khac"), ("giay_to", "khac"), ("ten", "Giấy khác")];
    let late = site.send_files(place, &cookie, &fields, &file).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let nobody = site.send_files(place, "", &fields, &file).await;
    assert_eq!(nobody.header("location"), "/tra-cuu?het=1");
    let count: i64 = sqlx::query_scalar("select count(*) from attachment")
        .fetch_one(site.db.pool())
        .await
        .expect("counts");
    assert_eq!(count, 1);
}
