//! One's own account through the pages: two steps of signing in, sessions, roles lent.

use access::practice::PASSWORD;
use access::second_factor;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use kernel::Actor;
use kernel::actor::Role;
use totp_rs::{Builder, Secret};

use crate::client::{Answer, Site};
use crate::month::{key, with_people};

fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page.split(before).nth(1).expect("what comes before");
    rest.split(after).next().expect("what comes after")
}

/// Sets up a second factor through the page; the codes for recovery, and the last code used.
async fn set_up(site: &Site, cookie: &str) -> (Vec<String>, String) {
    let page = site.post("/tai-khoan", cookie, "viec=bat-dau").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("<svg") && !page.body.contains("<?xml"));
    let secret = between(&page.body, "gõ khóa <code>", "</code>");
    let secret = Secret::try_from_base32(secret).expect("Base32");
    let telephone = Builder::new()
        .with_secret(secret)
        .build()
        .expect("a secret");
    let now = u64::try_from(site.clock.now().as_second()).expect("later than 1970");
    let code = telephone.generate(now).to_string();
    let done = site
        .post("/tai-khoan", cookie, &format!("viec=ma&ma={code}"))
        .await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let list = between(&done.body, "không hiện lại.</p>\n<ul>", "</ul>");
    let codes: Vec<String> = list
        .split("<code>")
        .skip(1)
        .map(|code| code.split('<').next().expect("a code").to_owned())
        .collect();
    assert_eq!(codes.len(), 10, "{list}");
    (codes, code)
}

async fn first_step(site: &Site, name: &str) -> Answer {
    let form = format!("ten={name}&mat_khau={PASSWORD}&ve=/ky-chi");
    let answer = site.post("/dang-nhap", "", &form).await;
    assert_eq!(
        answer.header("location"),
        "/dang-nhap/ma?ve=/ky-chi",
        "{}",
        answer.body
    );
    answer
}

#[tokio::test]
async fn signing_in_takes_two_steps_once_they_are_set_up() {
    let site = Site::open().await;
    let cookie = site.sign_in("lap").await;
    let (codes, used) = set_up(&site, &cookie).await;
    let step = first_step(&site, "lap").await.cookie("ansinh_buoc_hai");
    let outside = site.get("/ky-chi", &step).await;
    assert_eq!(
        outside.status,
        StatusCode::SEE_OTHER,
        "the first step opens nothing"
    );

    let form = site.get("/dang-nhap/ma?ve=/ky-chi", &step).await.body;
    assert!(form.contains("one-time-code"));
    let again = site
        .post("/dang-nhap/ma", &step, &format!("ma={used}&ve=/ky-chi"))
        .await;
    assert_eq!(
        again.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a code counts once"
    );
    assert_eq!(again.body.matches("mã không đúng hoặc đã dùng").count(), 2);
    let entered = site
        .post(
            "/dang-nhap/ma",
            &step,
            &format!("ma={}&ve=/ky-chi", codes[0]),
        )
        .await;
    assert_eq!(entered.header("location"), "/ky-chi", "{}", entered.body);
    let cookie = entered.cookie("ansinh_phien");
    assert_eq!(site.get("/ky-chi", &cookie).await.status, StatusCode::OK);
    let page = site.get("/tai-khoan", &cookie).await.body;
    assert!(page.contains("Còn 9 mã dự phòng"), "{page}");
    for code in &codes {
        assert!(!page.contains(code.as_str()), "shown once");
    }
}

#[tokio::test]
async fn who_owes_a_second_factor_does_nothing_before() {
    let site = Site::open().await;
    let today = site.clock.today();
    let actor = Actor::with_every_role("quan");
    let mut tx = site.db.pool().begin().await.expect("begin");
    second_factor::require(
        &mut tx,
        site.clock.now(),
        &actor,
        Role::Approver,
        today,
        true,
    )
    .await
    .expect("set");
    tx.commit().await.expect("commit");
    let cookie = site.sign_in("duyet").await;
    for path in ["/", "/ky-chi", "/tim"] {
        assert_eq!(
            site.get(path, &cookie).await.header("location"),
            "/tai-khoan",
            "{path}"
        );
    }
    let lends =
        "viec=uy-quyen&khoa=a&nguoi=lap&vai_tro=approver&dia_ban=51&tu=20/05/2024&den=21/05/2024";
    let refused = site.post("/tai-khoan", &cookie, lends).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = site.get("/tai-khoan", &cookie).await.body;
    assert!(page.contains("phải đăng nhập hai bước"), "{page}");
    let other = site.sign_in("duyet").await;
    let out = site.post("/dang-xuat", &other, "").await;
    assert_eq!(out.header("location"), "/dang-nhap", "signing out is open");
    set_up(&site, &cookie).await;
    assert_eq!(site.get("/ky-chi", &cookie).await.status, StatusCode::OK);
    let maker = site.sign_in("lap").await;
    assert_eq!(
        site.get("/ky-chi", &maker).await.status,
        StatusCode::OK,
        "another role"
    );
}

#[tokio::test]
async fn sessions_are_seen_and_ended_and_a_new_one_replaces_the_old() {
    let site = Site::open().await;
    let (first, second) = (site.sign_in("lap").await, site.sign_in("lap").await);
    let page = site.get("/tai-khoan", &second).await.body;
    assert!(page.contains("Phiên này") && page.contains("Kết thúc mọi phiên khác"));
    let form = format!("viec=dong-het&khoa={}-het", key(&page));
    let done = site.post("/tai-khoan", &second, &form).await;
    assert_eq!(
        done.header("location"),
        "/tai-khoan?xong=dong-het",
        "{}",
        done.body
    );
    assert_eq!(site.get("/", &first).await.status, StatusCode::SEE_OTHER);

    let form = format!("ten=lap&mat_khau={PASSWORD}");
    let anew = site
        .post("/dang-nhap", &second, &form)
        .await
        .cookie("ansinh_phien");
    assert_ne!(anew, second, "another secret each time");
    assert_eq!(
        site.get("/", &second).await.status,
        StatusCode::SEE_OTHER,
        "the old one ended"
    );
    assert_eq!(site.get("/", &anew).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_password_is_changed_with_the_old_one() {
    let site = Site::open().await;
    let cookie = site.sign_in("lap").await;
    let wrong = site
        .post(
            "/tai-khoan",
            &cookie,
            "viec=mat-khau&cu=sai&moi=thuyen-nan-vuot-song",
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Mật khẩu hiện tại không đúng"));
    let form = format!("viec=mat-khau&cu={PASSWORD}&moi=thuyen-nan-vuot-song");
    let done = site.post("/tai-khoan", &cookie, &form).await;
    assert_eq!(
        done.header("location"),
        "/tai-khoan?xong=mat-khau",
        "{}",
        done.body
    );
    let enters = site
        .post("/dang-nhap", "", "ten=lap&mat_khau=thuyen-nan-vuot-song")
        .await;
    assert_eq!(enters.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_was_given_a_password_changes_it_before_anything_else() {
    let site = Site::open().await;
    let administrator = site.sign_in("quan.tri").await;
    let page = site
        .post("/quan-tri/lap", &administrator, "viec=mat-khau")
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let given = page.body.split("<code>").find_map(|after| {
        let word = after.split("</code>").next()?;
        (word.len() == 17 && word.matches('-').count() == 2).then(|| word.to_owned())
    });
    let given = given.expect("a password");
    let entered = site
        .post("/dang-nhap", "", &format!("ten=lap&mat_khau={given}"))
        .await;
    let cookie = entered.cookie("ansinh_phien");
    for path in ["/", "/ky-chi", "/tim", "/doi-tuong/1"] {
        let answer = site.get(path, &cookie).await;
        assert_eq!(answer.header("location"), "/tai-khoan", "{path}");
    }
    let own = site.get("/tai-khoan", &cookie).await.body;
    assert!(
        own.contains("do người khác đặt") && own.contains("current-password"),
        "{own}"
    );
    assert!(!own.contains("Phiên làm việc</h2>"), "{own}");
    let other = site
        .post("/tai-khoan", &cookie, "khoa=k&viec=dong-het")
        .await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    let common = format!("viec=mat-khau&cu={given}&moi=qwertyqwerty");
    let common = site.post("/tai-khoan", &cookie, &common).await;
    assert!(common.body.contains("nhiều người dùng"), "{}", common.body);
    let form = format!("viec=mat-khau&cu={given}&moi=thuyen-nan-vuot-song");
    let done = site.post("/tai-khoan", &cookie, &form).await;
    assert_eq!(
        done.header("location"),
        "/tai-khoan?xong=mat-khau",
        "{}",
        done.body
    );
    assert_eq!(site.get("/ky-chi", &cookie).await.status, StatusCode::OK);
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_this_host() {
    let site = Site::open().await;
    let over_https = |request: axum::http::request::Builder| {
        request
            .header("x-forwarded-proto", "https")
            .header("sec-fetch-site", "same-origin")
    };
    let form = format!("ten=lap&mat_khau={PASSWORD}");
    let request = over_https(Request::post("/dang-nhap"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let entered = site
        .send(request.body(Body::from(form)).expect("a request"))
        .await;
    let set = entered.headers.get_all("set-cookie").into_iter();
    let mut set = set.map(|cookie| cookie.to_str().expect("ASCII"));
    let cookie = set
        .find(|it| it.starts_with("__Host-ansinh_phien="))
        .expect("a session");
    assert!(cookie.contains("Secure") && cookie.contains("Path=/") && !cookie.contains("Domain"));
    let pair = cookie.split(';').next().expect("a pair");
    let inside = over_https(Request::get("/")).header(header::COOKIE, pair);
    let inside = site
        .send(inside.body(Body::empty()).expect("a request"))
        .await;
    assert_eq!(inside.status, StatusCode::OK);
    let planted = pair.replace("__Host-", "");
    let outside = over_https(Request::get("/")).header(header::COOKIE, planted);
    let outside = site
        .send(outside.body(Body::empty()).expect("a request"))
        .await;
    assert_eq!(
        outside.status,
        StatusCode::SEE_OTHER,
        "a cookie set without HTTPS is not read"
    );
}

#[tokio::test]
async fn two_who_stand_in_for_one_do_not_make_and_approve() {
    let site = with_people().await;
    let lends = async |who: &str, to: &str, role: &str| {
        let cookie = site.sign_in(who).await;
        let page = site.get("/tai-khoan", &cookie).await.body;
        let form = format!(
            "viec=uy-quyen&khoa={}-uq&nguoi={to}&vai_tro={role}&dia_ban=51&tu=2024-05-20&den=2024-05-24",
            key(&page)
        );
        let done = site.post("/tai-khoan", &cookie, &form).await;
        assert_eq!(
            done.header("location"),
            "/tai-khoan?xong=uy-quyen",
            "{}",
            done.body
        );
        cookie
    };
    let lap = lends("lap", "xem", "list_maker").await;
    let duyet = lends("duyet", "lap", "approver").await;
    let xem = site.sign_in("xem").await;
    let page = site.get("/ky-chi/2024-05?dia-ban=51", &xem).await.body;
    let made = site
        .post(
            "/ky-chi/2024-05",
            &xem,
            &format!("khoa={}&dia_ban=51", key(&page)),
        )
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);

    let approve = async |cookie: &str| {
        let page = site
            .get("/ky-chi/2024-05/duyet?dia-ban=51", cookie)
            .await
            .body;
        let list = between(&page, r#"name="danh_sach" value=""#, "\"");
        let form = format!("khoa={}&dia_ban=51&danh_sach={list}", key(&page));
        site.post("/ky-chi/2024-05/duyet", cookie, &form).await
    };
    let refused = approve(&lap).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.body
    );
    let by_sql = sqlx::query(
        "update payment_list set approved_by = 'lap', approved_at = '2024-05-20 09:00+07',
                approval_no = nextval('approval_no')",
    );
    let by_sql = by_sql.execute(site.db.pool()).await.expect_err("refused");
    assert!(by_sql.to_string().contains("by delegation"), "{by_sql}");
    let approved = approve(&duyet).await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.body);

    let auditor = site.sign_in("thanh.tra").await;
    let log = site
        .get("/nhat-ky?nguoi=xem&viec=list.make", &auditor)
        .await
        .body;
    assert!(log.contains("thay mặt lap"), "{log}");
}
