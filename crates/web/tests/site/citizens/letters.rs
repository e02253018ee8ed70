//! Letters a citizen takes away.

use super::*;
use crate::client::PDF;

async fn letter(site: &Site, cookie: &str, kind: &str) -> Answer {
    site.get(&format!("/tra-cuu/ho-so/van-ban/{kind}"), cookie)
        .await
}

#[tokio::test]
async fn letters_are_taken_after_the_proof_only_and_a_decision_after_it_is_made() {
    let site = Site::open().await;
    let cookie = look_up(&site, &dossier(&site).await).await;
    let nobody = letter(&site, "", "giay-tiep-nhan").await;
    assert_eq!(nobody.header("location"), "/tra-cuu?het=1");
    // What was not written, what the office writes to itself, and what there is not.
    for kind in [
        "quyet-dinh",
        "khong-du-dieu-kien",
        "yeu-cau-bo-sung",
        "to-trinh",
        "xin-loi",
        "x",
    ] {
        assert_eq!(
            letter(&site, &cookie, kind).await.status,
            StatusCode::NOT_FOUND,
            "{kind}"
        );
    }
    let page = site.get("/tra-cuu/ho-so", &cookie).await.body;
    assert!(
        page.contains("/tra-cuu/ho-so/van-ban/giay-tiep-nhan"),
        "{page}"
    );
    assert!(!page.contains("van-ban/quyet-dinh"));
    let receipt = letter(&site, &cookie, "giay-tiep-nhan").await;
    assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.body);
    assert_eq!(receipt.header("content-type"), "application/pdf");
    assert_eq!(receipt.header("cache-control"), "no-store");
    let name = receipt.header("content-disposition");
    assert_eq!(name, r#"attachment; filename="giay-tiep-nhan.pdf""#);
    assert!(receipt.body.starts_with("%PDF-"));
    for (hour, stage) in [
        ("09", "commune_review"),
        ("10", "sent_up"),
        ("11", "appraisal"),
    ] {
        let at = format!("2024-05-06T{hour}:00");
        tell(&site, CODE, "stage_done", &at, json!({"stage": stage})).await;
    }
    let approved = json!({"outcome": "approved", "from": "2024-05",
                          "decision": {"number": "7/QĐ-UBND", "date": "2024-05-07"}});
    tell(&site, CODE, "decided", "2024-05-07T08:00", approved).await;
    let decision = letter(&site, &cookie, "quyet-dinh").await;
    assert_eq!(decision.status, StatusCode::OK, "{}", decision.body);
    assert!(decision.body.starts_with("%PDF-"));
    let page = site.get("/tra-cuu/ho-so", &cookie).await.body;
    assert!(
        page.contains("chưa có chữ ký") && !page.contains("đã ký"),
        "{page}"
    );
}

#[tokio::test]
async fn a_signed_letter_is_handed_out_as_it_was_signed() {
    let site = Site::open().await;
    let cookie = look_up(&site, &dossier(&site).await).await;
    let asked = json!({"papers": ["Đơn"], "reason": "thiếu"});
    tell(&site, CODE, "supplement_asked", "2024-05-07T08:00", asked).await;
    let officer = site.sign_in("can.bo").await;
    let signed = [PDF, b"% signed elsewhere\n%%EOF\n"].concat();
    let fields = [
        ("khoa", "mot-khoa"),
        ("cach", "tep"),
        ("nguoi", "Người Ký"),
        ("ngay", "08/05/2024"),
    ];
    let place = format!("/ho-so/{CODE}/van-ban/yeu-cau-bo-sung/ky");
    let files = [("tep", "ky.pdf", &signed[..])];
    let done = site.send_files(&place, &officer, &fields, &files).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = site.get("/tra-cuu/ho-so", &cookie).await.body;
    assert!(page.contains("đã ký"), "{page}");
    let taken = letter(&site, &cookie, "yeu-cau-bo-sung").await;
    assert_eq!(taken.body.as_bytes(), signed);
    assert!(
        taken
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert_eq!(taken.header("cache-control"), "no-store");
}

#[tokio::test]
async fn letters_of_one_dossier_are_limited_in_an_hour() {
    let site = Site::open().await;
    let cookie = look_up(&site, &dossier(&site).await).await;
    for _ in 0..30 {
        letter(&site, &cookie, "quyet-dinh").await;
    }
    let refused = letter(&site, &cookie, "giay-tiep-nhan").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}
