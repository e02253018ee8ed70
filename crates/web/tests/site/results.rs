//! Results through pages and interface.

use axum::http::{Method, StatusCode};

use crate::client::{Answer, Site};
use crate::month_of_money::{approved, result};

const PAGE: &str = "/ky-chi/2024-05/doi-soat?dia-ban=51";

/// The first line of an approved list and its amount.
pub(crate) async fn listed() -> (Site, String, i64) {
    let site = approved().await;
    let (person, line, amount): (i64, i16, i64) = sqlx::query_as(
        "select person_id, line_no, amount from list_line where kind <> 3 order by 1, 2 limit 1",
    )
    .fetch_one(site.db.pool())
    .await
    .expect("a line");
    (site, format!("2024-05-{person}-{line}"), amount)
}

/// The page after a file was brought.
pub(crate) async fn upload(site: &Site, cookie: &str, provider: &str, file: &str) -> Answer {
    let fields = [("dia_ban", "51"), ("don_vi", provider)];
    let path = "/ky-chi/2024-05/doi-soat/ket-qua";
    site.upload(path, cookie, &fields, file).await
}

fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let after = page.split(&format!(r#"name="{name}" value=""#)).nth(1);
    after.expect("a field").split('"').next().expect("a value")
}

#[tokio::test]
async fn a_file_is_uploaded_and_what_waits_is_decided() {
    let (site, line, amount) = listed().await;
    let maker = site.sign_in("lap").await;
    let page = site.get(PAGE, &maker).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("✓ cân"), "{}", page.body);
    assert!(page.body.contains("Chưa khóa được"), "{}", page.body);
    let file = [result("r1", &line, amount), result("r2", &line, amount + 1)].join("\n");
    for (recorded, queued) in [(1, 1), (0, 0)] {
        let page = upload(&site, &maker, "bd", &file).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let said = format!("Đã ghi {recorded} kết quả");
        assert!(page.body.contains(&said), "{}", page.body);
        let said = format!("{queued} vừa vào danh sách chờ xử lý");
        assert!(page.body.contains(&said), "{}", page.body);
    }
    let broken = upload(&site, &maker, "bd", "{\"result_id\":").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.body.contains("cắt ngang"), "{}", broken.body);
    let nothing = upload(&site, &maker, "", &file).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);

    let page = site.get(PAGE, &maker).await.body;
    let number = field(&page, "so");
    let order = |what: &str, reason: &str| {
        let key = field(&page, "khoa");
        format!("khoa={key}&dia_ban=51&viec={what}&so={number}&ly_do={reason}")
    };
    let act = "/ky-chi/2024-05/doi-soat";
    let refused = site.post(act, &maker, &order("ghi", "x")).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "another amount never counts"
    );
    let reader = site.sign_in("xem").await;
    let denied = site.post(act, &reader, &order("bo", "x")).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let done = site.post(act, &maker, &order("bo", "x")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = site.get(PAGE, &maker).await.body;
    assert!(page.contains("Không có kết quả nào chờ xử lý"), "{page}");
    let closing = format!("khoa={}&dia_ban=51&viec=khoa", uuid());
    let open = site.post(act, &maker, &closing).await;
    assert_eq!(open.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        open.body.contains("chưa giao cho đơn vị chi trả nào"),
        "{}",
        open.body
    );
}

fn uuid() -> &'static str {
    "5f0c7a52-52f0-4a6a-9f2d-0f8f1d4c9a11"
}

#[tokio::test]
async fn programs_report_results_and_read_what_became_of_them() {
    let (site, line, amount) = listed().await;
    let token = site.token("lap").await;
    let file = [
        result("r1", &line, amount),
        result("r2", "2024-05-9-9999", amount),
    ]
    .join("\n");
    let body = ("application/x-ndjson", file.as_str());
    let path = "/api/v1/payment-results?provider=bd";
    let told = site.api_post(path, &token, "k1", body).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    let told = told.json();
    assert_eq!((&told["recorded"], &told["queued"]), (&1.into(), &1.into()));
    assert_eq!(told["refused"][0]["code"], "unknown_line");
    let again = site.api_post(path, &token, "k2", body).await.json();
    assert_eq!(
        (&again["recorded"], &again["already"]),
        (&0.into(), &1.into())
    );
    let broken = ("application/xml", "<Document");
    let broken = site.api_post(path, &token, "k3", broken).await;
    assert_eq!(
        broken.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        broken.body
    );
    assert_eq!(broken.json()["code"], "file_damaged");

    let outcome = "/api/v1/payment-results/2024-05/51";
    let figures = site.api(Method::GET, outcome, &token).await.json();
    let whole = &figures["whole"];
    assert_eq!(whole["paid"], amount);
    let parts = [
        "paid",
        "failed",
        "returned",
        "not_collected",
        "not_reported",
    ];
    let sum: i64 = parts.iter().filter_map(|part| whole[*part].as_i64()).sum();
    assert_eq!(whole["ordered"], sum);
    let elsewhere = "/api/v1/payment-results/2024-05/48";
    let denied = site.api(Method::GET, elsewhere, &token).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}
