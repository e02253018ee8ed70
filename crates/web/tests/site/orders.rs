//! Orders through pages and interface: made once, handed over, downloaded by whoever may see names.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use g2p::SigningKey;
use law::Law;
use payments::interface::{self, Key, Link};
use payments::order::OrderNo;
use payments::provider::contract::Handover;
use serde_json::Value;

use crate::client::{Site, keys};
use crate::contract::statuses;
use crate::month_of_money::{ordered, other, with_post};

#[tokio::test]
async fn orders_are_made_once_and_handed_over() {
    let site = with_post(Handover::Paper).await;
    let (maker, reader) = (site.sign_in("lap").await, site.sign_in("xem").await);
    let address = "/ky-chi/2024-05/lenh?dia-ban=51";
    let page = site.get(address, &maker).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("Chưa có lệnh chi nào"));
    let form = format!("khoa={}&dia_ban=51&ngay_chi=", keys(&page.body)[0]);
    let made = site.post("/ky-chi/2024-05/lenh", &maker, &form).await;
    assert_eq!(
        made.header("location"),
        format!("{address}&xong=lap"),
        "{}",
        made.body
    );
    let again = site.post("/ky-chi/2024-05/lenh", &maker, &form).await;
    assert_eq!(again.header("location"), made.header("location"));
    let page = site.get(address, &maker).await.body;
    assert!(
        page.contains("Bưu điện tỉnh") && page.contains("1 lệnh"),
        "{page}"
    );
    let past = "khoa=k-1&dia_ban=51&ngay_chi=01/01/2020";
    let refused = site.post("/ky-chi/2024-05/lenh", &maker, past).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Lỗi:") && refused.body.contains("đã qua"));

    let file = page
        .split("href=\"")
        .filter_map(|after| after.split('"').next());
    let files: Vec<&str> = file.filter(|address| address.contains("/xlsx?")).collect();
    assert_eq!(files.len(), 1, "{page}");
    let workbook = site.get(files[0], &maker).await;
    assert_eq!(workbook.status, StatusCode::OK);
    assert_eq!(
        site.get(files[0], &reader).await.status,
        StatusCode::FORBIDDEN
    );
    let order = files[0].split('/').nth(4).expect("a number").to_owned();
    let sent = format!("khoa={}&dia_ban=51", keys(&page)[1]);
    let sent = site
        .post(&format!("/ky-chi/2024-05/lenh/{order}"), &maker, &sent)
        .await;
    assert_eq!(
        sent.header("location"),
        format!("{address}&xong=gui"),
        "{}",
        sent.body
    );

    let waiting = site
        .get("/ky-chi/2024-05/lenh/chua-lap?dia-ban=51", &reader)
        .await;
    assert_eq!(waiting.status, StatusCode::OK);
    assert!(
        waiting.body.contains("Chưa có hợp đồng với đơn vị chi trả"),
        "{}",
        waiting.body
    );

    let token = site.token("xem").await;
    let ask = async |path: &str| -> Value {
        let request = Request::builder()
            .method(Method::GET)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .expect("a request");
        let answer = site.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        serde_json::from_str(&answer.body).expect("JSON")
    };
    let orders = ask("/api/v1/orders/2024-05/51").await;
    assert_eq!(
        orders[0]["sent"].as_array().map(Vec::len),
        Some(1),
        "{orders}"
    );
    let balances = ask("/api/v1/balances/2024-05/51").await;
    let all = balances.as_array().expect("balances").iter();
    let sum: i64 = all.filter_map(|balance| balance["amount"].as_i64()).sum();
    assert_eq!(sum, 0);
}

/// The post takes its orders at an address.
async fn connect(site: &Site) {
    let law = Law::embedded();
    let link = Link {
        provider: "buu-dien".to_owned(),
        url: "http://127.0.0.1:1".to_owned(),
        our_id: "an-sinh".to_owned(),
        our_url: "http://127.0.0.1:2/api/v1/g2p".to_owned(),
        lines_per_message: 5,
    };
    interface::connect(&site.office(&law), &other(), &link)
        .await
        .expect("connected");
}

#[tokio::test]
async fn a_program_hands_an_order_over_and_is_told_that_it_waits_to_be_sent() {
    let site = with_post(Handover::Interface).await;
    let order = ordered(&site).await;
    connect(&site).await;
    let (path, maker) = (format!("/api/v1/batches/{order}"), site.token("lap").await);
    let sent = ("application/json", "");
    let taken = site.api_post(&path, &maker, "k-1", sent).await;
    assert_eq!(taken.status, StatusCode::ACCEPTED, "{}", taken.body);
    let batches = taken.json();
    let states = batches.as_array().expect("messages").iter();
    assert!(states.clone().count() > 0 && states.clone().all(|it| it["state"] == "waiting"));
    let again = site.api_post(&path, &maker, "k-2", sent).await;
    assert_eq!(again.json(), batches, "cut once");
}

#[tokio::test]
async fn an_order_by_interface_shows_its_messages_and_takes_signed_answers() {
    let site = with_post(Handover::Interface).await.unsigned();
    let (maker, reader) = (site.sign_in("lap").await, site.sign_in("xem").await);
    let orders = "/ky-chi/2024-05/lenh?dia-ban=51";
    let form = "khoa=k-1&dia_ban=51&ngay_chi=";
    site.post("/ky-chi/2024-05/lenh", &maker, form).await;
    let page = site.get(orders, &maker).await.body;
    assert!(page.contains("Giao qua kết nối"), "{page}");
    let mut numbers = page
        .split("/ky-chi/2024-05/lenh/")
        .skip(1)
        .filter_map(|rest| {
            let number = rest.split('?').next()?;
            number.parse::<i64>().ok().map(|_| number)
        });
    let number = numbers.next().expect("an order");
    let address = format!("/ky-chi/2024-05/lenh/{number}");
    let send = site.post(&address, &maker, "khoa=k-2&dia_ban=51").await;
    assert_eq!(send.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(send.body.contains("chưa có khóa ký"), "{}", send.body);

    let law = Law::embedded();
    let (office, signatory) = (site.office(&law), other());
    connect(&site).await;
    let order_no: OrderNo = number.parse().expect("a number");
    let order = interface::begin(&office, &signatory, order_no).await;
    let order = order.expect("cut");
    let here = format!("{address}?dia-ban=51");
    let page = site.get(&here, &reader).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("Chờ gửi"), "{}", page.body);
    assert!(
        !page.body.contains("<form method=\"post\" action=\"/ky-chi"),
        "a reader"
    );

    let token = site.token("lap").await;
    let batches = format!("/api/v1/batches/{number}");
    let batches = site.api(Method::GET, &batches, &token).await.json();
    let batches = batches.as_array().expect("messages").clone();
    let lines: i64 = batches.iter().filter_map(|it| it["lines"].as_i64()).sum();
    assert_eq!(lines, i64::from(order.lines));
    assert!(batches.iter().all(|it| it["state"] == "waiting"));

    let unsigned = r#"{"header":{},"message":{}}"#;
    for (body, status, code) in [
        (unsigned, StatusCode::UNAUTHORIZED, "err.signature.missing"),
        (
            "không phải JSON",
            StatusCode::BAD_REQUEST,
            "err.request.bad",
        ),
    ] {
        for path in [
            "/api/v1/g2p/on-disburse",
            "/api/v1/g2p/disburse/txn/on-status",
        ] {
            let told = site
                .api_post(path, "", "", ("application/json", body))
                .await;
            assert_eq!(told.status, status, "{}", told.body);
            let said = told.json();
            assert_eq!(said["message"]["ack_status"], "ERR");
            assert_eq!(said["message"]["error"]["code"], code);
        }
    }
    let key = SigningKey::of_seed(&[7; 32]).expect("32 bytes");
    let known = Key {
        provider: "buu-dien".to_owned(),
        key_id: key.id().to_owned(),
        public_key: key.public(),
        valid_from: site.clock.now(),
        valid_until: None,
        withdrawn_at: None,
    };
    interface::add_key(&office, &signatory, &known)
        .await
        .expect("recorded");
    let print = &order.fingerprint[..8];
    let print: String = print.iter().map(|byte| format!("{byte:02x}")).collect();
    let header = r#"{"message_id":"m-1","message_ts":"2024-05-20T09:00:00+07:00","action":"on-disburse","status":"succ"}"#;
    let message =
        format!(r#"{{"transaction_id":"AS-{number}-{print}","disbursements_status":[]}}"#);
    let body = g2p::seal(&key, "buu-dien", (header, &message), site.clock.now());
    let body = String::from_utf8(body).expect("UTF-8");
    let path = "/api/v1/g2p/on-disburse";
    let told = site
        .api_post(path, "", "", ("application/json", &body))
        .await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    let again = site
        .api_post(path, "", "", ("application/json", &body))
        .await;
    assert_eq!(told.json()["message"]["ack_status"], "ACK");
    assert_eq!(again.json(), told.json());
    described(&site, &key, &format!("AS-{number}-{print}")).await;
}

/// Every answer to a provider's message is described (held of every answer), and each described one is given.
async fn described(site: &Site, key: &SigningKey, transaction: &str) {
    let description = site.get("/api/openapi.json", "").await.json();
    for (path, name) in [
        ("/api/v1/g2p/on-disburse", "d"),
        ("/api/v1/g2p/disburse/txn/on-status", "s"),
    ] {
        let told = |transaction: &str, id: &str| {
            let header = format!(
                r#"{{"message_id":"{name}-{id}","message_ts":"2024-05-20T09:00:00+07:00","action":"on-disburse","status":"succ"}}"#
            );
            let inner =
                format!(r#"{{"transaction_id":"{transaction}","disbursements_status":[]}}"#);
            let message = match name {
                "d" => inner,
                _ => format!(
                    r#"{{"transaction_id":"{transaction}","correlation_id":"c","txnstatus_response":{{"txn_type":"on-disburse","txn_status":{inner}}}}}"#
                ),
            };
            let body = g2p::seal(key, "buu-dien", (&header, &message), site.clock.now());
            String::from_utf8(body).expect("UTF-8")
        };
        let mut given = Vec::new();
        for body in [
            told(transaction, "1"),
            told("AS-9-00000000", "2"),
            r#"{"header":{},"message":{}}"#.to_owned(),
            "[]".to_owned(),
            " ".repeat(g2p::LARGEST + 1),
        ] {
            let answer = site
                .api_post(path, "", "", ("application/json", &body))
                .await;
            given.push(answer.status.as_u16().to_string());
        }
        given.sort_unstable();
        let mut all = statuses(&description, &Method::POST, path);
        all.sort_unstable();
        assert_eq!(given, all, "{path}");
    }
}
