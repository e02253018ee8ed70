//! A one-stop system over the JSON interface, and what officers see of it.

use axum::http::{Method, StatusCode};
use exchange::Mode;
use serde_json::{Value, json};

use crate::client::{Answer, Site};
use crate::one_stop::{act_online, connect};

const DOSSIER: &str = "000.00.00.H51-240506-0001";
const JSON: &str = "application/json";

async fn connected(mode: Mode) -> Site {
    let site = Site::open().await;
    connect(&site, &["51"], mode, Some("A1")).await;
    site
}

fn submission() -> Value {
    json!({"id": "0190a000-0000-7000-8000-000000000001", "dossier": DOSSIER, "seq": 1,
           "at": "2024-05-06T08:00:00+07:00", "procedure": "1.001776", "area": "21031",
           "channel": "online", "applicant": "Người Thử", "applicant_id_number": "999180000011",
           "papers": [{"name": "Tờ khai"}]})
}

async fn send(site: &Site, token: &str, path: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/exchange/{path}");
    site.api_post(&path, token, "", (JSON, &body.to_string()))
        .await
}

async fn told(site: &Site, token: &str) -> Vec<Value> {
    let path = "/api/v1/exchange/messages?after=0";
    let answer = site.api(Method::GET, path, token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json().as_array().expect("messages").clone()
}

#[tokio::test]
async fn a_dossier_comes_in_once_and_every_step_goes_back() {
    let site = connected(Mode::TwoWay).await;
    let token = site.token("mot.cua").await;
    for _ in 0..2 {
        let taken = send(&site, &token, "dossiers", &submission()).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
        assert_eq!(taken.json()["answer"], "taken");
    }
    act_online(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let asks = json!({"papers": ["Giấy xác nhận"], "reason": "thiếu"});
    act_online(&site, DOSSIER, "supplement_asked", "2024-05-07T09:00", asks).await;
    let messages = told(&site, &token).await;
    let statuses: Vec<&Value> = messages.iter().map(|message| &message["status"]).collect();
    assert_eq!(statuses, [&json!(2), &json!(5)]);
    assert_eq!(messages[1]["step"]["papers"], json!(["Giấy xác nhận"]));

    let mut papers = json!({"id": "0190a000-0000-7000-8000-000000000002", "seq": 2,
                            "at": "2024-05-08T08:00:00+07:00",
                            "papers": [{"name": "Giấy xác nhận", "file": "ab".repeat(32)}]});
    let path = format!("dossiers/{DOSSIER}/supplements");
    assert_eq!(
        send(&site, &token, &path, &papers).await.status,
        StatusCode::OK
    );
    papers["id"] = json!("0190a000-0000-7000-8000-000000000003");
    let reused = send(&site, &token, &path, &papers).await;
    assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(reused.json()["errors"][0]["code"], "sequence_reused");

    let of = format!("/api/v1/exchange/dossiers/{DOSSIER}");
    let standing = site.api(Method::GET, &of, &token).await.json();
    assert_eq!(
        (&standing["status"], &standing["last_seq"]),
        (&json!(4), &json!(2))
    );
    let first = messages[0]["id"].as_str().expect("an id");
    let ack = send(&site, &token, &format!("messages/{first}/ack"), &json!({})).await;
    assert_eq!(ack.json(), json!({"recorded": 1, "already": 0}));
    let again = send(&site, &token, &format!("messages/{first}/ack"), &json!({})).await;
    assert_eq!(again.json(), json!({"recorded": 0, "already": 1}));
    assert_eq!(told(&site, &token).await.len(), 1);
}

#[tokio::test]
async fn nothing_comes_in_over_a_connection_that_takes_nothing_and_tokens_are_of_one_province() {
    let site = connected(Mode::OneWayOut).await;
    let token = site.token("mot.cua").await;
    let refused = send(&site, &token, "dossiers", &submission()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.json()["code"], "not_connected");
    let bad = send(&site, &token, "dossiers", &json!({"id": "x"})).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    for path in ["/api/v1/lists", "/api/v1/persons?name=a"] {
        let read = site.api(Method::GET, path, &token).await;
        assert_eq!(read.status, StatusCode::FORBIDDEN, "{path}");
    }
    let officer = site.token("can.bo").await;
    let path = "/api/v1/exchange/messages";
    let told = site.api(Method::GET, path, &officer).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_board_leads_from_areas_to_dossiers_and_their_steps() {
    let site = connected(Mode::OneWayIn).await;
    let token = site.token("mot.cua").await;
    send(&site, &token, "dossiers", &submission()).await;
    act_online(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let reader = site.sign_in("xem").await;
    let board = site
        .get("/lien-thong?thang=2024-05&dia-ban=51", &reader)
        .await;
    assert_eq!(board.status, StatusCode::OK);
    assert!(board.body.contains("Một chiều đến") && board.body.contains("trường hợp A1: 1"));
    let behind = "/lien-thong/ho-so?thang=2024-05&dia-ban=51&nhom=processed_twice";
    assert!(
        board.body.contains(&behind.replace('&', "&#38;")),
        "{}",
        board.body
    );
    let dossiers = site.get(behind, &reader).await;
    assert!(dossiers.body.contains(&format!("/ho-so/{DOSSIER}")));
    let one = site.get(&format!("/ho-so/{DOSSIER}"), &reader).await;
    assert_eq!(one.status, StatusCode::OK);
    assert!(one.body.contains("2. Được tiếp nhận") && one.body.contains("03/06/2024"));
    assert!(
        !one.body.contains("999180000011"),
        "a reader sees no whole ID number"
    );
    let officer = site.sign_in("can.bo").await;
    let one = site.get(&format!("/ho-so/{DOSSIER}"), &officer).await;
    assert!(one.body.contains("999180000011"));
    let export = "/bao-cao/xuat/xlsx?thang=2024-05&dia-ban=51&theo=lien-thong";
    let file = site.get(export, &reader).await;
    assert!(
        file.header("content-disposition")
            .contains("lien-thong-2024-05-51.xlsx")
    );
}

#[tokio::test]
async fn what_failed_too_often_waits_for_an_officer_who_sends_it_again() {
    let site = connected(Mode::TwoWay).await;
    let token = site.token("mot.cua").await;
    send(&site, &token, "dossiers", &submission()).await;
    act_online(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    act_online(
        &site,
        DOSSIER,
        "taken_up",
        "2024-05-06T10:00",
        json!({"holder": "can.bo"}),
    )
    .await;
    let officer = site.sign_in("can.bo").await;
    let page = "/lien-thong/gui-lai";
    let none = site.get(page, &officer).await;
    assert!(none.body.contains("Không có thông điệp nào dừng lại"));
    let id = told(&site, &token).await[0]["id"].clone();
    let path = format!("messages/{}/ack", id.as_str().expect("an id"));
    for _ in 0..exchange::outbox::MOST_FAILURES {
        let failed = send(&site, &token, &path, &json!({"failed": "hệ thống bận"})).await;
        assert_eq!(failed.status, StatusCode::OK);
    }
    assert_eq!(told(&site, &token).await, Vec::<Value>::new());
    let shown = site.get(page, &officer).await;
    assert!(shown.body.contains("hệ thống bận") && shown.body.contains(DOSSIER));
    let reader = site.sign_in("xem").await;
    let denied = site.get(page, &reader).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let other = site.post(page, &officer, "khoa=a&tinh=48").await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    let again = site.post(page, &officer, "khoa=b&tinh=51").await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(told(&site, &token).await.len(), 2);
}
