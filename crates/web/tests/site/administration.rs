//! Accounts through the pages of administrators.

use axum::http::StatusCode;

use crate::client::{Site, keys};

async fn act(site: &Site, cookie: &str, name: &str, form: &str) -> crate::client::Answer {
    let path = format!("/quan-tri/{name}");
    let page = site.get(&path, cookie).await.body;
    let key = keys(&page).first().copied().expect("a form").to_owned();
    site.post(&path, cookie, &format!("khoa={key}-thu&{form}"))
        .await
}

#[tokio::test]
async fn accounts_are_found_added_and_changed() {
    let site = Site::open().await;
    let cookie = site.sign_in("quan.tri").await;
    let page = site.get("/quan-tri?tim=duyet", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("/quan-tri/duyet") && !page.body.contains("/quan-tri/xem"));

    let form =
        "viec=them&ten=moi.den&ho_ten=Ng%C6%B0%E1%BB%9Di+m%E1%BB%9Bi&vai_tro=reader&dia_ban=51";
    let added = site.post("/quan-tri", &cookie, form).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let after = added
        .body
        .split("không hiện lại: <code>")
        .nth(1)
        .expect("a password");
    let password = after.split('<').next().expect("a password");
    let enters = site
        .post(
            "/dang-nhap",
            "",
            &format!("ten=moi.den&mat_khau={password}"),
        )
        .await;
    assert_eq!(enters.status, StatusCode::SEE_OTHER);
    let newcomer = enters.cookie("ansinh_phien");
    let twice = site.post("/quan-tri", &cookie, form).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY, "made once");

    let given = act(
        &site,
        &cookie,
        "moi.den",
        "viec=cap&vai_tro=officer&dia_ban=51",
    )
    .await;
    assert_eq!(
        given.header("location"),
        "/quan-tri/moi.den?xong=cap",
        "{}",
        given.body
    );
    let elsewhere = act(
        &site,
        &cookie,
        "moi.den",
        "viec=cap&vai_tro=officer&dia_ban=48",
    )
    .await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    let page = site.get("/quan-tri/moi.den", &cookie).await.body;
    assert!(
        page.contains("Cán bộ cập nhật đối tượng") && page.contains("Mở 09:00 20/05/2024"),
        "{page}"
    );

    let token = site
        .post(
            "/quan-tri/moi.den",
            &cookie,
            "viec=cap-ma&nhan=th%E1%BB%AD&ngay=30",
        )
        .await;
    assert!(token.body.contains("<code>ansinh_"), "{}", token.body);
    let page = site.get("/quan-tri/moi.den", &cookie).await.body;
    assert!(
        !page.contains("ansinh_") && page.contains("thử, cấp 09:00 20/05/2024"),
        "{page}"
    );

    let shut = act(&site, &cookie, "moi.den", "viec=khoa-han").await;
    assert_eq!(shut.status, StatusCode::SEE_OTHER, "{}", shut.body);
    assert_eq!(
        site.get("/", &newcomer).await.status,
        StatusCode::SEE_OTHER,
        "out at once"
    );
}

#[tokio::test]
async fn a_locked_account_is_shown_and_unlocked() {
    let site = Site::open().await;
    for _ in 0..access::sign_in::TRIES {
        site.post("/dang-nhap", "", "ten=lap&mat_khau=sai").await;
    }
    let right = format!("ten=lap&mat_khau={}", access::practice::PASSWORD);
    let locked = site.post("/dang-nhap", "", &right).await;
    let unknown = site
        .post("/dang-nhap", "", "ten=khong.co&mat_khau=sai")
        .await;
    let sentence = "tên đăng nhập hoặc mật khẩu không đúng";
    assert!(locked.body.contains(sentence) && unknown.body.contains(sentence));
    assert_eq!(locked.status, unknown.status);

    let cookie = site.sign_in("quan.tri").await;
    let page = site.get("/quan-tri", &cookie).await.body;
    assert!(page.contains("Tạm khóa"), "{page}");
    let done = act(&site, &cookie, "lap", "viec=mo-khoa").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    site.sign_in("lap").await;
}

#[tokio::test]
async fn accounts_of_elsewhere_are_not_there() {
    let site = Site::open().await;
    let actor = kernel::Actor::with_every_role("quan");
    let mut tx = site.db.pool().begin().await.expect("begin");
    let user = access::user::NewUser {
        name: "da.nang".to_owned(),
        full_name: "Người Đà Nẵng".to_owned(),
        password: "ghe-go-mau-xanh".to_owned(),
        first: access::user::Wanted {
            role: kernel::actor::Role::Reader,
            area_code: "48".to_owned(),
            provider: None,
        },
    };
    access::user::add(&mut tx, site.clock.now(), &actor, user)
        .await
        .expect("added");
    tx.commit().await.expect("commit");
    let cookie = site.sign_in("quan.tri").await;
    assert!(
        !site
            .get("/quan-tri", &cookie)
            .await
            .body
            .contains("da.nang")
    );
    assert_eq!(
        site.get("/quan-tri/da.nang", &cookie).await.status,
        StatusCode::NOT_FOUND
    );
    let tried = site
        .post("/quan-tri/da.nang", &cookie, "khoa=a&viec=khoa-han")
        .await;
    assert_eq!(tried.status, StatusCode::NOT_FOUND);
    let rule = site
        .post(
            "/quan-tri",
            &cookie,
            "khoa=b&viec=bat-buoc&vai_tro=reader&tu=2024-05-20&can=1",
        )
        .await;
    assert_eq!(
        rule.status,
        StatusCode::FORBIDDEN,
        "rules are the country's"
    );
}
