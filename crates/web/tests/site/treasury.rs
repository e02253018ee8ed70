//! Money on its way, and the lines behind every figure of what became of it.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use payments::provider::contract::Handover;

use crate::client::{Answer, Site, fits};
use crate::month_of_money::{hand_over, of_one_person, ordered, result, with_post};

const PAGE: &str = "/ky-chi/2024-05/kho-bac";
const JSON: &str = "application/json";

async fn post(site: &Site, cookie: &str, key: &str, form: &str) -> Answer {
    let form = format!("khoa={key}&dia_ban=51&{form}");
    site.post(PAGE, cookie, &form).await
}

#[tokio::test]
async fn money_is_drawn_passed_on_and_taken_back_on_the_page() {
    let site = with_post(Handover::Paper).await;
    let (books, reads) = (site.sign_in("lap").await, site.sign_in("xem").await);
    let draw = "viec=rut&so_tien=50.000.000&ngay=20/05/2024&chung_tu=GR+12";
    assert_eq!(
        post(&site, &reads, "k0", draw).await.status,
        StatusCode::FORBIDDEN
    );
    for _ in 0..2 {
        let drawn = post(&site, &books, "k1", draw).await;
        let back = "/ky-chi/2024-05/kho-bac?dia-ban=51&xong=rut";
        assert_eq!(drawn.header("location"), back, "{}", drawn.body);
    }
    let over = "viec=chuyen&so_tien=60000000&ngay=&chung_tu=UNC+1&don_vi=buu-dien";
    let refused = post(&site, &books, "k2", over).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("chỉ còn 50.000.000 đồng đã rút"),
        "{}",
        refused.body
    );
    let moved = over.replace("60000000", "20000000");
    assert_eq!(
        post(&site, &books, "k3", &moved).await.status,
        StatusCode::SEE_OTHER
    );
    let page = site.get("/ky-chi/2024-05/kho-bac?dia-ban=51", &reads).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for shown in ["GR 12", "UNC 1", "Bưu điện tỉnh", "30.000.000", "2 trong 2"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(
        !page.body.contains("Ghi tiền</button>"),
        "who reads books nothing"
    );
    let entry: i64 =
        sqlx::query_scalar("select entry_no from ledger_entry where kind = 'transferred'")
            .fetch_one(site.db.pool())
            .await
            .expect("an entry");
    let back = format!("viec=huy&but_toan={entry}&chung_tu=ghi+nham");
    assert_eq!(
        post(&site, &books, "k4", &back).await.status,
        StatusCode::SEE_OTHER
    );
    let twice = post(&site, &books, "k5", &back).await;
    assert!(twice.body.contains("đã được hủy"), "{}", twice.body);
    let words = post(&site, &books, "k6", "viec=rut&so_tien=nhieu&chung_tu=x").await;
    assert!(words.body.contains("Số tiền chưa đúng"), "{}", words.body);
    let page = site
        .get("/ky-chi/2024-05/kho-bac?dia-ban=51", &books)
        .await
        .body;
    assert!(page.contains("Đã hủy bằng số"), "{page}");
}

#[tokio::test]
async fn programs_book_money_and_see_it_by_area() {
    let site = with_post(Handover::Paper).await;
    let (books, reads) = (site.token("lap").await, site.token("xem").await);
    let send = async |path: &str, key: &str, body: Value| {
        let body = body.to_string();
        site.api_post(path, &books, key, (JSON, &body)).await
    };
    let draw = json!({"kind": "draw", "month": "2024-05", "area": "51", "amount": 50_000_000,
        "paper": "GR 12"});
    for _ in 0..2 {
        let drawn = send("/api/v1/treasury", "k1", draw.clone()).await;
        assert_eq!(drawn.status, StatusCode::CREATED, "{}", drawn.body);
    }
    let transfer = json!({"kind": "transfer", "month": "2024-05", "area": "51",
        "amount": 20_000_000, "paper": "UNC 1", "provider": "buu-dien"});
    let moved = send("/api/v1/treasury", "k2", transfer.clone())
        .await
        .json();
    let homeless = json!({"kind": "transfer", "month": "2024-05", "area": "51",
        "amount": 1, "paper": "UNC 1"});
    let homeless = send("/api/v1/treasury", "k3", homeless).await;
    assert_eq!(homeless.status, StatusCode::BAD_REQUEST);
    let mistake = json!({"entry": moved["entry"], "paper": "ghi nhầm"});
    let back = send("/api/v1/treasury/take-back", "k4", mistake).await;
    assert_eq!(back.status, StatusCode::CREATED, "{}", back.body);
    let get = async |path: &str| site.api(Method::GET, path, &reads).await.json();
    let description = get("/api/openapi.json").await;
    let movements = get("/api/v1/treasury/2024-05/51").await;
    fits(&description, "Movements", &movements);
    fits(&description, "Movement", &movements["movements"][0]);
    assert_eq!(movements["count"], 3);
    let areas = get("/api/v1/balances/2024-05/51/areas").await;
    fits(&description, "AreaBalance", &areas[0]);
    let sum = |account: &str| -> i64 {
        let areas = areas.as_array().expect("areas").iter();
        areas
            .filter_map(|area| area["accounts"][account].as_i64())
            .sum()
    };
    for balance in get("/api/v1/balances/2024-05/51?to=2024-06")
        .await
        .as_array()
        .expect("balances")
    {
        let account = balance["account"].as_str().expect("a code");
        assert_eq!(balance["amount"], sum(account), "{account}");
    }
    assert_eq!(sum("treasury"), 50_000_000);
    let statements = get("/api/v1/settlements/2024-05/51").await;
    fits(&description, "Statement", &statements[0]);
}

#[tokio::test]
async fn every_figure_leads_to_as_many_lines() {
    let site = with_post(Handover::Paper).await;
    let order = ordered(&site).await;
    hand_over(&site, order).await;
    let (books, reads) = (site.token("lap").await, site.token("xem").await);
    let rows: Vec<(i64, i16, i64)> =
        sqlx::query_as("select person_id, line_no, amount from order_line order by 1, 2 limit 4")
            .fetch_all(site.db.pool())
            .await
            .expect("lines");
    let statuses = ["paid", "failed", "returned", "not_collected"];
    let file: Vec<String> = rows
        .iter()
        .zip(statuses)
        .map(|((person, number, amount), status)| {
            let line = format!("2024-05-{person}-{number}");
            result(&line, &line, *amount).replace("\"paid\"", &format!("\"{status}\""))
        })
        .collect();
    let path = "/api/v1/payment-results?provider=buu-dien";
    let told = site
        .api_post(
            path,
            &books,
            "k1",
            ("application/x-ndjson", &file.join("\n")),
        )
        .await;
    assert_eq!(told.json()["recorded"], 4, "{}", told.body);
    let get = async |path: &str| site.api(Method::GET, path, &reads).await.json();
    let parts = get("/api/v1/payment-results/2024-05/51").await;
    let lines = "/api/v1/payment-results/2024-05/51/lines";
    let description = get("/api/openapi.json").await;
    let found = get(&format!("{lines}?group=paid")).await;
    fits(&description, "ToldLines", &found);
    fits(&description, "ToldLine", &found["lines"][0]);
    for group in [
        "paid",
        "failed",
        "returned",
        "not_collected",
        "not_reported",
    ] {
        let behind = get(&format!("{lines}?group={group}")).await;
        assert_eq!(behind["amount"], parts["whole"][group], "{group}");
        for part in parts["by_provider"].as_array().expect("parts") {
            let code = part["code"].as_str().expect("a code");
            let code = if code.is_empty() { "none" } else { code };
            let behind = get(&format!("{lines}?group={group}&provider={code}")).await;
            assert_eq!(behind["amount"], part[group], "{group} {code}");
        }
        for part in parts["by_area"].as_array().expect("parts") {
            let code = part["code"].as_str().expect("a code");
            let path = format!("/api/v1/payment-results/2024-05/{code}/lines?group={group}");
            assert_eq!(get(&path).await["amount"], part[group], "{group} {code}");
        }
    }
    let all = get(lines).await;
    assert_eq!(all["amount"], parts["whole"]["ordered"]);
    let open = get(&format!("{lines}?group=open")).await;
    let paid = get(&format!("{lines}?group=paid")).await;
    let count = |value: &Value| value["count"].as_i64().expect("a count");
    assert_eq!(count(&open) + count(&paid), count(&all));
    let unknown = site
        .api(Method::GET, &format!("{lines}?group=x"), &reads)
        .await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);

    let cookie = site.sign_in("xem").await;
    let base = "/ky-chi/2024-05/doi-soat";
    let page = site.get(&format!("{base}?dia-ban=51"), &cookie).await.body;
    let link = "doi-soat/dong?dia-ban=51&#38;don-vi=buu-dien&#38;ket-qua=paid";
    assert!(page.contains(link), "{page}");
    let behind = format!("{base}/dong?dia-ban=51&don-vi=buu-dien&ket-qua=paid");
    let behind = site.get(&behind, &cookie).await;
    assert_eq!(behind.status, StatusCode::OK);
    assert!(
        behind.body.contains("1 khoản") && behind.body.contains("Đã trả"),
        "{}",
        behind.body
    );
    for file in [
        "dong/xlsx?dia-ban=51&ket-qua=open",
        "xuat/xlsx?dia-ban=51&theo=dia-ban",
    ] {
        let file = site.get(&format!("{base}/{file}"), &cookie).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.body);
        assert!(file.body.starts_with("PK"), "a workbook");
    }
    let logged: i64 =
        sqlx::query_scalar("select count(*) from audit_entry where action = 'results.export'")
            .fetch_one(site.db.pool())
            .await
            .expect("the log");
    assert_eq!(logged, 1);
}

#[tokio::test]
async fn programs_settle_the_queue_and_see_why_a_month_is_open() {
    let site = with_post(Handover::Paper).await;
    let order = ordered(&site).await;
    let token = site.token("lap").await;
    let send = async |path: &str, key: &str, body: Value| {
        let body = body.to_string();
        site.api_post(path, &token, key, (JSON, &body)).await
    };
    let get = async |path: &str| site.api(Method::GET, path, &token).await.json();
    let description = get("/api/openapi.json").await;
    let handed = json!({"order_no": order, "how": "file", "file_name": "lenh.xlsx",
        "file_sha256": "ab".repeat(32)});
    let sent = send("/api/v1/orders/sent", "k1", handed.clone()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    fits(&description, "Order", &sent.json());
    fits(&description, "Sent", &sent.json()["sent"][0]);
    let nowhere = json!({"order_no": 999, "how": "file", "file_name": "lenh.xlsx",
        "file_sha256": "ab".repeat(32)});
    let nowhere = send("/api/v1/orders/sent", "k2", nowhere).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);

    let file = result("r1", "2024-05-9-9999", 1_000);
    let path = "/api/v1/payment-results?provider=buu-dien";
    site.api_post(path, &token, "k3", ("application/x-ndjson", &file))
        .await;
    let waiting = get("/api/v1/result-queue/2024-05/51").await;
    fits(&description, "Waiting", &waiting[0]);
    let number = &waiting[0]["queue_no"];
    let record = json!({"queue_no": number, "decision": "record", "reason": "đã hỏi"});
    let refused = send("/api/v1/result-decisions", "k4", record).await;
    assert_eq!(refused.json()["code"], "not_recordable", "{}", refused.body);
    let dismiss = json!({"queue_no": number, "decision": "dismiss", "reason": "đã hỏi"});
    let done = send("/api/v1/result-decisions", "k5", dismiss).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(get("/api/v1/result-queue/2024-05/51").await, json!([]));
    let decided = get("/api/v1/result-queue/2024-05/51?decided=true").await;
    assert_eq!(decided[0]["decision"], "dismiss");

    let status = get("/api/v1/months/2024-05/51").await;
    fits(&description, "MonthStatus", &status);
    fits(&description, "Obstacle", &status["obstacles"][0]);
    let closed = send("/api/v1/months/2024-05/51/closing", "k6", json!({})).await;
    assert_eq!(closed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(closed.json()["errors"], status["obstacles"]);
    let ask = json!({"ask": "sai"});
    let open = send("/api/v1/months/2024-05/51/unlocking", "k7", ask).await;
    assert_eq!(open.json()["code"], "month_not_closed");
}

#[tokio::test]
async fn programs_decide_what_results_suggest() {
    let site = with_post(Handover::Paper).await;
    ordered(&site).await;
    let (maker, officer) = (site.token("lap").await, site.token("can.bo").await);
    let (person, number, amount): (i64, i16, i64) =
        sqlx::query_as("select person_id, line_no, amount from order_line order by 1, 2 limit 1")
            .fetch_one(site.db.pool())
            .await
            .expect("a line");
    let line = format!("2024-05-{person}-{number}");
    let met = r#""status":"failed","reason":"deceased""#;
    let file = result("r1", &line, amount).replace(r#""status":"paid""#, met);
    let path = "/api/v1/payment-results?provider=buu-dien";
    let told = site
        .api_post(path, &maker, "k1", ("application/x-ndjson", &file))
        .await;
    assert_eq!(told.json()["recorded"], 1, "{}", told.body);
    let get = async |path: &str| site.api(Method::GET, path, &maker).await.json();
    let proposals = get("/api/v1/proposals/2024-05/51").await;
    fits(&get("/api/openapi.json").await, "Proposal", &proposals[0]);
    assert_eq!(proposals[0]["person"], person);
    let decide = async |key: &str, decision: Value| {
        let mut body = json!({"proposal_no": proposals[0]["proposal_no"], "reason": "giấy báo tử"});
        let body_of = body.as_object_mut().expect("an object");
        body_of.extend(decision.as_object().expect("an object").clone());
        let path = "/api/v1/proposal-decisions";
        site.api_post(path, &officer, key, (JSON, &body.to_string()))
            .await
    };
    let dateless = decide("k2", json!({"decision": "accept"})).await;
    assert_eq!(dateless.status, StatusCode::BAD_REQUEST);
    let other = decide("k3", json!({"decision": "accept", "from": "2024-06"})).await;
    assert_eq!(other.json()["code"], "other_proposal");
    let accepted = decide("k4", json!({"decision": "accept", "date": "2024-05-02"})).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.body);
    let again = decide("k5", json!({"decision": "reject"})).await;
    assert_eq!(again.json()["code"], "decided_already");
    assert_eq!(get("/api/v1/proposals/2024-05/51").await, json!([]));
    let decided = get("/api/v1/proposals/2024-05/51?decided=true").await;
    assert_eq!(decided[0]["decision"], "accept");
    let person = get(&format!("/api/v1/persons/{person}")).await;
    assert_eq!(person["death_date"], "2024-05-02", "{person}");
}

#[tokio::test]
async fn programs_close_a_month_and_two_of_them_open_it() {
    let site = of_one_person().await;
    ordered(&site).await;
    let (maker, approver) = (site.token("lap").await, site.token("duyet").await);
    let send = async |token: &str, path: &str, key: &str, body: Value| {
        site.api_post(path, token, key, (JSON, &body.to_string()))
            .await
    };
    let rows: Vec<(i64, i16, i64)> =
        sqlx::query_as("select person_id, line_no, amount from order_line")
            .fetch_all(site.db.pool())
            .await
            .expect("lines");
    let whole: i64 = rows.iter().map(|(_, _, amount)| amount).sum();
    for (key, kind, provider) in [
        ("m1", "draw", Value::Null),
        ("m2", "transfer", json!("buu-dien")),
    ] {
        let moved = json!({"kind": kind, "month": "2024-05", "area": "51", "amount": whole,
            "paper": "UNC 1", "provider": provider});
        let booked = send(&maker, "/api/v1/treasury", key, moved).await;
        assert_eq!(booked.status, StatusCode::CREATED, "{}", booked.body);
    }
    let paid = rows.iter().map(|(person, number, amount)| {
        let line = format!("2024-05-{person}-{number}");
        result(&line, &line, *amount)
    });
    let file = paid.collect::<Vec<_>>().join("\n");
    let path = "/api/v1/payment-results?provider=buu-dien";
    site.api_post(path, &maker, "r1", ("application/x-ndjson", &file))
        .await;
    let month = "/api/v1/months/2024-05/51";
    let closed = send(&maker, &format!("{month}/closing"), "k1", json!({})).await;
    assert_eq!(closed.status, StatusCode::CREATED, "{}", closed.body);
    assert_eq!(closed.json()["paid"], whole);
    let get = async |path: &str| site.api(Method::GET, path, &maker).await.json();
    fits(&get("/api/openapi.json").await, "Closure", &closed.json());
    let unlocking = format!("{month}/unlocking");
    let asked = send(&maker, &unlocking, "k2", json!({"ask": "sai kết quả"})).await;
    assert_eq!(
        asked.json()["closures"][0]["unlock_asked_by"],
        json!(["lap"])
    );
    let alone = send(&maker, &unlocking, "k3", json!({"confirm": true})).await;
    assert!(alone.status.is_client_error(), "{}", alone.body);
    let opened = send(&approver, &unlocking, "k4", json!({"confirm": true})).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
    assert_eq!(opened.json()["closures"][0]["is_unlocked"], true);
}

#[tokio::test]
async fn every_report_is_there_for_programs() {
    let site = with_post(Handover::Paper).await;
    let token = site.token("xem").await;
    for name in [
        "caseload",
        "cashless",
        "data-quality",
        "settlement",
        "trend",
        "form-10a",
    ] {
        let path = format!("/api/v1/reports/{name}?month=2024-05&area=51");
        let found = site.api(Method::GET, &path, &token).await;
        assert_eq!(found.status, StatusCode::OK, "{name}: {}", found.body);
        if name != "trend" {
            assert_eq!(found.json()["report"], name);
        }
        let elsewhere = format!("/api/v1/reports/{name}?month=2024-05&area=48");
        let denied = site.api(Method::GET, &elsewhere, &token).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN, "{name}");
    }
    let path = "/api/v1/reports/caseload?month=2024-05&area=51&by=channel";
    let channels = site.api(Method::GET, path, &token).await.json();
    assert_eq!(channels["by"], "channel");
    let unknown = site
        .api(Method::GET, "/api/v1/reports/x?month=2024-05", &token)
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
