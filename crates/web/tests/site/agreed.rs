//! A decision for many laid before the leader, agreed with and numbered, by pages.

use axum::http::StatusCode;

use crate::client::{Site, keys};
use crate::month::with_people;

fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let after = page.split(&format!(r#"name="{name}" value=""#)).nth(1);
    let after = after.unwrap_or_else(|| panic!("no field {name}"));
    after.split('"').next().expect("a value")
}

/// Looked at and laid before the leader: the path of the proposal.
async fn proposed(site: &Site) -> String {
    let officer = site.sign_in("can.bo").await;
    let address = "/quyet-dinh-chung/xem?dia-ban=51&che-do=&tu-thang=2021-07";
    let preview = site.get(address, &officer).await.body;
    let (key, seen) = (keys(&preview)[0], hidden(&preview, "da_thay"));
    let form = format!(
        "khoa={key}&da_thay={seen}&dia_ban=51&che_do=&tu_thang=2021-07&so=&ngay_ky=&nguoi_ky=&viec=trinh"
    );
    let done = site.post("/quyet-dinh-chung/xem", &officer, &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = site.get(done.header("location"), &officer).await;
    assert!(page.body.contains("Đã trình lãnh đạo."), "{}", page.body);
    let listed = site.get("/quyet-dinh-chung", &officer).await.body;
    assert!(listed.contains("chờ lãnh đạo"), "{listed}");
    done.header("location")
        .split('?')
        .next()
        .expect("a path")
        .to_owned()
}

#[tokio::test]
async fn many_are_decided_about_through_the_leader_and_the_book() {
    let site = with_people().await;
    let path = proposed(&site).await;
    let number = path.rsplit('/').next().expect("a number");
    let (leader, records) = (
        site.sign_in("lanh.dao").await,
        site.sign_in("van.thu").await,
    );
    let page = site.get("/trinh-ky", &leader).await.body;
    assert!(page.contains(&format!(r#"href="{path}""#)), "{page}");
    let rows = site.get(&path, &leader).await;
    assert!(rows.body.contains("/doi-tuong/"), "{}", rows.body);
    let early = format!("chon={number}&ngay=2024-05-20");
    let done = site.post("/vao-so/chung", &records, &early).await.body;
    assert!(done.contains("Lãnh đạo chưa đồng ý"), "{done}");
    let agree = format!("chon={number}&viec=dong-y");
    let denied = site.post("/trinh-ky/chung", &records, &agree).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let done = site.post("/trinh-ky/chung", &leader, &agree).await.body;
    assert!(done.contains("Đã đồng ý, chờ vào sổ"), "{done}");
    let page = site.get("/vao-so", &records).await.body;
    assert!(page.contains(&format!(r#"href="{path}""#)), "{page}");
    let done = site.post("/vao-so/chung", &records, &early).await.body;
    assert!(done.contains("Đã vào sổ: số 01/QĐ-UBND"), "{done}");
    let page = site.get(&path, &records).await.body;
    assert!(page.contains("đã vào sổ"), "{page}");
    let page = site.get("/vao-so", &records).await.body;
    assert!(!page.contains(&path), "{page}");
}

#[tokio::test]
async fn a_decision_for_many_goes_back_with_a_reason() {
    let site = with_people().await;
    let path = proposed(&site).await;
    let number = path.rsplit('/').next().expect("a number");
    let leader = site.sign_in("lanh.dao").await;
    let back = format!("chon={number}&viec=tra-lai&ly_do=");
    let done = site.post("/trinh-ky/chung", &leader, &back).await.body;
    assert!(done.contains("cần lý do"), "{done}");
    let back = format!("{back}thiếu+phụ+lục");
    let done = site.post("/trinh-ky/chung", &leader, &back).await.body;
    assert!(done.contains("Đã trả lại"), "{done}");
    let page = site.get(&path, &leader).await.body;
    assert!(page.contains("lanh.dao trả lại: thiếu phụ lục"), "{page}");
}
