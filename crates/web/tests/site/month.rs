//! A month through pages and interface: made, looked at, approved by another.

use axum::http::{Method, StatusCode};
use kernel::Actor;
use registry::event::Submitted;
use scenarios::When;
use serde_json::Value;

use crate::client::{Site, fits};

/// A small Quảng Ngãi of May 2024.
pub(crate) async fn with_people() -> Site {
    let site = Site::open().await;
    let plan = scenarios::build("quang-ngai-2024-05", 1, Some(200)).expect("a scenario");
    let events = plan.events(When::Before).chain(plan.events(When::InMonth));
    let events: Vec<Submitted> = (1..)
        .zip(events)
        .map(|(row, event)| Submitted { row, event })
        .collect();
    let actor = Actor::with_every_role("mẫu");
    let done = registry::apply(site.db.pool(), &actor, &site.clock, &events).await;
    assert_eq!(done.expect("applies").refused, []);
    site
}

/// The key a form of the page carries.
pub(crate) fn key(page: &str) -> &str {
    let after = page.split(r#"name="khoa" value=""#).nth(1).expect("a form");
    after.split('"').next().expect("a key")
}

fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let after = page
        .split(&format!(r#"name="{name}" value=""#))
        .nth(1)
        .expect("a field");
    after.split('"').next().expect("a value")
}

#[tokio::test]
async fn a_month_is_made_by_one_and_approved_by_another() {
    let site = with_people().await;
    let (maker, approver) = (site.sign_in("lap").await, site.sign_in("duyet").await);
    let address = "/ky-chi/2024-05?dia-ban=51";
    let page = site.get(address, &maker).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let form = format!("khoa={}&dia_ban=51", key(&page.body));
    let made = site.post("/ky-chi/2024-05", &maker, &form).await;
    assert_eq!(
        made.header("location"),
        "/ky-chi/2024-05?dia-ban=51&xong=lap",
        "{}",
        made.body
    );
    let again = site.post("/ky-chi/2024-05", &maker, &form).await;
    assert_eq!(
        again.header("location"),
        made.header("location"),
        "sent twice, made once"
    );
    let page = site.get(address, &maker).await.body;
    assert!(page.contains("Chưa giải thích: 0 người, 0 đồng"), "{page}");

    let confirm = "/ky-chi/2024-05/duyet?dia-ban=51";
    assert_eq!(
        site.get(confirm, &maker).await.status,
        StatusCode::FORBIDDEN
    );
    let page = site.get(confirm, &approver).await.body;
    let form = |page: &str| {
        let list = hidden(page, "danh_sach");
        format!("khoa={}&dia_ban=51&danh_sach={list}", key(page))
    };
    let looked_at = form(&page);
    // Meanwhile the maker makes the list again.
    let again = site.get(address, &maker).await.body;
    let again = format!("khoa={}&dia_ban=51", key(&again));
    site.post("/ky-chi/2024-05", &maker, &again).await;
    let refused = site
        .post("/ky-chi/2024-05/duyet", &approver, &looked_at)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("<title>Lỗi: ") && refused.body.contains("đã được lập lại"));
    assert!(refused.body.contains("chờ duyệt"), "nothing was approved");
    let page = site.get(confirm, &approver).await.body;
    let approved = site
        .post("/ky-chi/2024-05/duyet", &approver, &form(&page))
        .await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.body);
    assert!(site.get(address, &maker).await.body.contains("✓ Đã duyệt"));
}

#[tokio::test]
async fn the_interface_answers_in_the_shapes_it_describes() {
    let site = with_people().await;
    let (maker, approver) = (site.token("lap").await, site.token("duyet").await);
    let order = r#"{"month":"2024-05","area":"51"}"#;
    let made = site
        .api_post("/api/v1/lists", &maker, "m1", ("application/json", order))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let get = async |path: &str| site.api(Method::GET, path, &maker).await;
    let lines = get("/api/v1/lists/2024-05/51/lines").await;
    let line: Value =
        serde_json::from_str(lines.body.lines().next().expect("a line")).expect("JSON");
    assert_eq!(lines.body.lines().count() as i64, made.json()["lines"]);
    let changes = get("/api/v1/lists/2024-05/51/changes").await.json();
    let found = get("/api/v1/persons?limit=1").await.json();
    let id = found["people"][0]["id"].as_i64().expect("a number");
    let person = get(&format!("/api/v1/persons/{id}")).await.json();
    let why = get(&format!("/api/v1/persons/{id}/explain?month=2024-05"))
        .await
        .json();

    let description = get("/api/openapi.json").await.json();
    for (name, answer) in [
        ("Header", &made.json()),
        ("Line", &line),
        ("Changes", &changes),
        ("CauseTotal", &changes["causes"][0]),
        ("Change", &changes["changes"][0]),
        ("Found", &found),
        ("Hit", &found["people"][0]),
        ("PersonBody", &person),
        ("Explanation", &why),
    ] {
        fits(&description, name, answer);
    }

    let path = "/api/v1/lists/2024-05/51/approval";
    let approved = site
        .api_post(path, &approver, "a1", ("application/json", ""))
        .await;
    assert_eq!(approved.status, StatusCode::OK, "{}", approved.body);
    let late = site
        .api_post("/api/v1/lists", &maker, "m2", ("application/json", order))
        .await;
    assert_eq!(late.json()["code"], "already_approved");
}
