//! The auditor's page: who sees it, what can be looked for, old and new values, the chain, the file.

use axum::http::StatusCode;
use kernel::Actor;
use registry::event::read_lines;

use crate::client::Site;

/// One person whose telephone is corrected, with numbers that cannot be real.
async fn corrected(site: &Site) -> i64 {
    let actor = Actor::with_every_role("can.bo");
    for lines in [
        r#"{"event_id":"0190a000-0000-7000-8000-0000000000a0","kind":"person_registered","person":"p","effective":"2024-01-01","source":"thử","full_name":"Người Thử","birth_date":"1940","sex":"female","ethnicity":null,"id_number":"000151000777","area":"21031","phone":"0900000111"}"#,
        r#"{"event_id":"0190a000-0000-7000-8000-0000000000a1","kind":"person_corrected","person":"p","effective":"2024-02-01","source":"thử","full_name":"Người Đã Sửa","phone":"0900000222"}"#,
    ] {
        let (events, refused) = read_lines(lines.as_bytes());
        assert_eq!(refused, []);
        let applied = registry::apply(site.db.pool(), &actor, &site.clock, &events).await;
        assert_eq!(applied.expect("applies").refused, []);
    }
    sqlx::query_scalar("select person_id from person")
        .fetch_one(site.db.pool())
        .await
        .expect("one person")
}

#[tokio::test]
async fn only_auditors_read_the_log() {
    let site = Site::open().await;
    for name in ["xem", "can.bo", "quan.tri"] {
        let cookie = site.sign_in(name).await;
        for path in ["/nhat-ky", "/nhat-ky/xuat/xlsx"] {
            let answer = site.get(path, &cookie).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name} {path}");
        }
    }
}

#[tokio::test]
async fn an_auditor_sees_old_and_new_values_and_no_whole_number() {
    let site = Site::open().await;
    let person = corrected(&site).await;
    let cookie = site.sign_in("thanh.tra").await;
    site.get(&format!("/doi-tuong/{person}"), &cookie).await;
    let path = format!("/nhat-ky?doi-tuong=person%20{person}");
    let page = site.get(&path, &cookie).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for told in [
        "Xem hồ sơ đối tượng",
        "<del>Người Thử</del>",
        "<ins>Người Đã Sửa</ins>",
        "•••• 0222",
        "•••• 0777",
    ] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    for secret in ["000151000777", "0900000111", "0900000222"] {
        assert!(!page.body.contains(secret), "{secret}");
    }
    let other = site.get("/nhat-ky?doi-tuong=person%209999", &cookie).await;
    assert!(other.body.contains("Không có dòng nhật ký nào khớp"));
    let elsewhere = site.get("/nhat-ky?dia-ban=48", &cookie).await;
    assert!(elsewhere.body.contains("Không có dòng nhật ký nào khớp"));
}

#[tokio::test]
async fn filters_stand_in_the_address_and_pages_go_on() {
    let site = Site::open().await;
    let person = corrected(&site).await;
    let cookie = site.sign_in("thanh.tra").await;
    for _ in 0..55 {
        site.get(&format!("/doi-tuong/{person}"), &cookie).await;
    }
    let asked = "nguoi=thanh.tra&viec=person.view&dia-ban=51&tu=2024-05-20&den=2024-05-20&tu-dau=trang%20web";
    let first = site.get(&format!("/nhat-ky?{asked}"), &cookie).await.body;
    assert_eq!(first.matches("<td>Xem hồ sơ đối tượng</td>").count(), 50);
    let next = first
        .split("href=\"")
        .map(|rest| rest.split('"').next().unwrap_or_default());
    let next = next.map(|href| href.replace("&#38;", "&").replace("&amp;", "&"));
    let next = next.clone().find(|href| href.contains("truoc="));
    let next = next.expect("a next page");
    let second = site.get(&next, &cookie).await.body;
    assert_eq!(second.matches("<td>Xem hồ sơ đối tượng</td>").count(), 5);
    assert!(second.contains("Mới nhất"));
    let before = site.get("/nhat-ky?den=19/05/2024", &cookie).await;
    assert!(before.body.contains("Không có dòng nhật ký nào khớp"));
    for wrong in ["/nhat-ky?tu=hom-qua", "/nhat-ky?viec=khong.co"] {
        let refused = site.get(wrong, &cookie).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("Chưa lọc được"));
    }
}

#[tokio::test]
async fn the_chain_is_verified_and_the_file_handed_out_from_the_page() {
    let site = Site::open().await;
    corrected(&site).await;
    let cookie = site.sign_in("thanh.tra").await;
    let page = site.get("/nhat-ky", &cookie).await.body;
    assert!(page.contains("chưa được kiểm tra lần nào"));
    let done = site.post("/nhat-ky/kiem-tra", &cookie, "").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = site.get("/nhat-ky", &cookie).await.body;
    assert!(page.contains("nguyên vẹn."), "{page}");
    let file = site.get("/nhat-ky/xuat/xlsx?viec=people", &cookie).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    assert!(
        file.header("content-disposition")
            .contains("nhat-ky-2024-05-20.xlsx")
    );

    for step in [
        "alter table audit_entry disable trigger all",
        "update audit_entry set object = 'x' where entry_no = 2",
    ] {
        sqlx::query(step)
            .execute(site.db.pool())
            .await
            .expect("an owner can");
    }
    site.post("/nhat-ky/kiem-tra", &cookie, "").await;
    let page = site.get("/nhat-ky", &cookie).await.body;
    assert!(page.contains("không nguyên vẹn từ dòng số 2"), "{page}");
}
