//! What protects every answer.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::client::Site;

#[tokio::test]
async fn every_answer_carries_the_headers_and_practice_says_so() {
    let site = Site::open().await;
    let cookie = site.sign_in("lap").await;
    for path in ["/", "/dang-nhap", "/khong-co", "/nhat-ky", "/tro-giup"] {
        let answer = site.get(path, &cookie).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(answer.body.contains("Cơ sở dữ liệu luyện tập"), "{path}");
        for inline in ["<style", " style=", "<script>", " onclick="] {
            assert!(!answer.body.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn over_https_the_browser_is_told_to_stay_there() {
    let site = Site::open().await;
    let plain = site.get("/dang-nhap", "").await;
    assert_eq!(plain.header("strict-transport-security"), "");
    let request = Request::get("/dang-nhap").header("x-forwarded-proto", "https");
    let secure = site
        .send(request.body(Body::empty()).expect("a request"))
        .await;
    assert_eq!(
        secure.header("strict-transport-security"),
        "max-age=63072000; includeSubDomains"
    );
}

#[tokio::test]
async fn a_form_sent_from_another_site_is_refused() {
    let site = Site::open().await;
    let cookie = site.sign_in("lap").await;
    let from = async |headers: &[(&str, &str)]| {
        let mut request = Request::post("/dang-xuat").header(header::COOKIE, &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        site.send(request.body(Body::empty()).expect("a request"))
            .await
            .status
    };
    let cross_site = from(&[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(cross_site, StatusCode::FORBIDDEN);
    let other_origin = from(&[("host", "an.sinh"), ("origin", "https://xau.vn")]).await;
    assert_eq!(other_origin, StatusCode::FORBIDDEN);
    let own = from(&[("host", "an.sinh"), ("origin", "http://an.sinh")]).await;
    assert_eq!(own, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn assets_are_kept_for_long_and_change_address_with_content() {
    let site = Site::open().await;
    let page = site.get("/dang-nhap", "").await.body;
    let css = page
        .split('"')
        .find(|part| part.ends_with(".css"))
        .expect("a stylesheet");
    let answer = site.get(css, "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("cache-control").contains("immutable"));
    assert_eq!(
        site.get("/tep/000000000000/ansinh.css", "").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn errors_repeat_nothing_of_what_was_sent() {
    let site = Site::open().await;
    let cookie = site.sign_in("thanh.tra").await;
    for path in [
        "/Nguyen-Van-A",
        "/nhat-ky?truoc=Nguyen-Van-A",
        "/api/v1/Nguyen-Van-A",
    ] {
        let answer = site.get(path, &cookie).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert!(!answer.body.contains("Nguyen"), "{path}: {}", answer.body);
    }
}
