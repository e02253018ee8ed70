//! Receivers through their pages: set, wished, looked over, imported.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::client::Site;
use crate::month::{key, with_people};

/// Somebody paid in cash, with their name.
async fn somebody(site: &Site) -> (i64, String) {
    sqlx::query_as(
        "select person_id, full_name from person join payee using (person_id)
         where channel = 'post_office' and death_date is null and account_number is null
         order by person_id limit 1",
    )
    .fetch_one(site.db.pool())
    .await
    .expect("somebody")
}

async fn account_of(site: &Site, person: i64) -> Option<String> {
    sqlx::query_scalar("select account_number from payee where person_id = $1")
        .bind(person)
        .fetch_one(site.db.pool())
        .await
        .expect("reads")
}

const SOUND: &str = "viec=nguoi-nhan&hinh_thuc=account&nguoi=self&ngan_hang=Agribank\
                     &so_tai_khoan=9999+000+000+003";

#[tokio::test]
async fn an_officer_sets_a_receiver_once() {
    let site = with_people().await;
    let (officer, reader) = (site.sign_in("can.bo").await, site.sign_in("xem").await);
    let (person, _) = somebody(&site).await;
    let address = format!("/doi-tuong/{person}/nguoi-nhan");
    let page = site.get(&address, &officer).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let form = format!("khoa={}&{SOUND}", key(&page.body));
    for _ in 0..2 {
        let saved = site.post(&address, &officer, &form).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    }
    assert_eq!(
        account_of(&site, person).await.as_deref(),
        Some("9999000000003")
    );
    let page = site.get(&address, &officer).await.body;
    assert!(
        page.contains("Agribank · 9999000000003"),
        "now and in the history"
    );
    let masked = site.get(&address, &reader).await.body;
    assert!(
        !masked.contains("9999000000003")
            && !masked.contains("<form method=\"post\" action=\"/doi-tuong")
    );

    let wish = format!("khoa={}&viec=nguyen-vong&muon=co", uuid(&page));
    let saved = site.post(&address, &officer, &wish).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = site.get(&address, &officer).await.body;
    assert!(page.contains("Muốn nhận qua tài khoản</dt><dd>Có"));
}

/// The key of the second form.
fn uuid(page: &str) -> &str {
    let after = page
        .rsplit(r#"name="khoa" value=""#)
        .next()
        .expect("a form");
    after.split('"').next().expect("a key")
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_the_fields_and_kept() {
    let site = with_people().await;
    let officer = site.sign_in("can.bo").await;
    let (person, _) = somebody(&site).await;
    let address = format!("/doi-tuong/{person}/nguoi-nhan");
    let wrong = "khoa=k1&viec=nguoi-nhan&hinh_thuc=account&nguoi=authorised&ten_nguoi=\
                 &ngan_hang=xyz&so_tai_khoan=12-3&uy_quyen_den=31/02/2024";
    let refused = site.post(&address, &officer, wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("<title>Lỗi: "));
    for field in ["ten-nguoi", "ngan-hang", "so-tai-khoan", "uy-quyen-den"] {
        assert!(
            refused.body.contains(&format!(r##"href="#{field}""##)),
            "{field}"
        );
    }
    assert!(refused.body.contains(r#"value="12-3""#), "input is kept");
    assert_eq!(account_of(&site, person).await, None);
}

async fn upload(site: &Site, cookie: &str, file: &str) -> String {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"don_vi\"\r\n\r\nAgribank\r\n\
         --b\r\nContent-Disposition: form-data; name=\"tep\"; filename=\"tai-khoan.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n{file}\r\n--b--\r\n"
    );
    let request = Request::post("/nhap/nguoi-nhan")
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .expect("a request");
    let answer = site.send(request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

#[tokio::test]
async fn a_list_of_accounts_is_looked_at_before_it_is_recorded() {
    let site = with_people().await;
    let officer = site.sign_in("can.bo").await;
    let (person, name) = somebody(&site).await;
    let file = format!(
        "Mã người nhận,Họ và tên,Số tài khoản,Từ ngày\n#{person},{name},9999000000010,06/05/2024\n\
         #999999,Không Có Ai,9999000000017,06/05/2024"
    );
    let preview = upload(&site, &officer, &file).await;
    let page = site.get(&preview, &officer).await.body;
    assert!(page.contains("Đọc thử, chưa ghi gì") && page.contains("unknown_person"));
    assert_eq!(account_of(&site, person).await, None);
    let form = format!("khoa={}", key(&page));
    let applied = site.post(&preview, &officer, &form).await;
    assert_eq!(applied.status, StatusCode::SEE_OTHER, "{}", applied.body);
    assert_eq!(
        account_of(&site, person).await.as_deref(),
        Some("9999000000010")
    );
}

#[tokio::test]
async fn the_work_list_counts_and_names_concerns() {
    let site = with_people().await;
    let officer = site.sign_in("can.bo").await;
    let (person, _) = somebody(&site).await;
    let address = format!("/doi-tuong/{person}/nguoi-nhan");
    let page = site.get(&address, &officer).await.body;
    let other = format!("khoa={}&{SOUND}&ten_nguoi=Nguyen+Van+Khac", key(&page));
    site.post(&address, &officer, &other).await;
    let list = site.get("/nguoi-nhan?loai=name_differs", &officer).await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains(&address), "{}", list.body);
    assert!(
        !list.body.contains("9999000000003"),
        "numbers are masked in lists"
    );
}
