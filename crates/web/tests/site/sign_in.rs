//! Signing in leads to the page that was asked for; signing out ends it.

use axum::http::StatusCode;

use crate::client::Site;

#[tokio::test]
async fn signing_in_leads_back_to_the_page_asked_for() {
    let site = Site::open().await;
    let refused = site.get("/nhat-ky?nguoi=lap", "").await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    assert_eq!(
        refused.header("location"),
        "/dang-nhap?ve=/nhat-ky%3Fnguoi%3Dlap"
    );

    let form = "ten=xem&mat_khau=an-sinh-thuc-hanh&ve=/nhat-ky%3Fnguoi%3Dlap";
    let entered = site.post("/dang-nhap", "", form).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    assert_eq!(entered.header("location"), "/nhat-ky?nguoi=lap");
    let cookies = entered.headers.get_all("set-cookie").into_iter();
    let mut cookies = cookies.map(|cookie| cookie.to_str().expect("ASCII"));
    let cookie = cookies.find(|cookie| cookie.starts_with("ansinh_phien="));
    let cookie = cookie.expect("a session");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );

    let elsewhere = "ten=xem&mat_khau=an-sinh-thuc-hanh&ve=//xau.vn/";
    assert_eq!(
        site.post("/dang-nhap", "", elsewhere)
            .await
            .header("location"),
        "/"
    );
}

#[tokio::test]
async fn a_wrong_password_is_told_in_summary_and_beside_the_field() {
    let site = Site::open().await;
    let refused = site.post("/dang-nhap", "", "ten=lap&mat_khau=sai").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("<title>Lỗi: "));
    let sentence = "tên đăng nhập hoặc mật khẩu không đúng";
    assert_eq!(refused.body.matches(sentence).count(), 2);
    assert!(
        refused.body.contains(r#"value="lap""#),
        "what was typed stays"
    );
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let site = Site::open().await;
    let cookie = site.sign_in("lap").await;
    assert_eq!(site.get("/", &cookie).await.status, StatusCode::OK);
    assert_eq!(
        site.post("/dang-xuat", &cookie, "").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(site.get("/", &cookie).await.status, StatusCode::SEE_OTHER);
}
