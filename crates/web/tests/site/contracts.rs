//! Providers and contracts through the page and the interface.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, Site, fits};

const PAGE: &str = "/don-vi-chi-tra";
const PROVIDER: &str = "viec=don-vi&thang=2024-05&ma=buu-dien&ten=Buu+dien+tinh&loai=post";
const CONTRACT: &str = "viec=hop-dong&thang=2024-05&don_vi=buu-dien&dia_ban=51&hinh_thuc=post_office+home&tu_thang=2024-05&phi=0,8&giao_truoc=25&bao_truoc=20&ky_quyet_toan=1&cach_giao=paper&so_hop_dong=12/HD";

async fn post(site: &Site, cookie: &str, key: &str, form: &str) -> Answer {
    site.post(PAGE, cookie, &format!("khoa={key}&{form}")).await
}

#[tokio::test]
async fn contracts_are_signed_replaced_and_ended_on_the_page() {
    let site = Site::open().await;
    let (signs, reads) = (site.sign_in("duyet").await, site.sign_in("xem").await);
    let denied = post(&site, &site.sign_in("lap").await, "k0", PROVIDER).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    for _ in 0..2 {
        let added = post(&site, &signs, "k1", PROVIDER).await;
        assert_eq!(
            added.header("location"),
            "/don-vi-chi-tra?thang=2024-05&xong=don-vi"
        );
    }
    let signed = post(&site, &signs, "k2", CONTRACT).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    let page = site.get("/don-vi-chi-tra?thang=2024-05", &reads).await;
    assert_eq!(page.status, StatusCode::OK);
    for shown in [
        "Buu dien tinh",
        "0,8 %",
        "12/HD",
        "Tỉnh Quảng Ngãi",
        "Bản in",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(
        !page.body.contains("<button name=\"viec\""),
        "who reads changes nothing"
    );
    let again = post(&site, &signs, "k3", CONTRACT).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.body.contains("đang có hiệu lực ở địa bàn này"),
        "{}",
        again.body
    );
    let taken_over = post(&site, &signs, "k4", &format!("{CONTRACT}&thay=1")).await;
    assert_eq!(
        taken_over.status,
        StatusCode::SEE_OTHER,
        "{}",
        taken_over.body
    );
    let wrong = post(&site, &signs, "k5", &CONTRACT.replace("phi=0,8", "phi=x")).await;
    assert!(wrong.body.contains("Phí: nhập phần trăm"), "{}", wrong.body);
    let number: i64 = sqlx::query_scalar("select max(contract_no) from provider_contract")
        .fetch_one(site.db.pool())
        .await
        .expect("a number");
    let end = format!("viec=ket-thuc&so={number}&tu_thang=06/2024");
    let ended = post(&site, &signs, "k6", &end).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.body);
    let later = site.get("/don-vi-chi-tra?thang=2024-06", &signs).await.body;
    assert!(
        !later.contains("<span class=\"tag good\">Có</span>"),
        "{later}"
    );
    let elsewhere = CONTRACT.replace("dia_ban=51", "dia_ban=48");
    let elsewhere = post(&site, &signs, "k7", &elsewhere).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn programs_sign_and_end_contracts() {
    let site = Site::open().await;
    let (signs, reads) = (site.token("duyet").await, site.token("xem").await);
    let send = async |path: &str, key: &str, body: Value| {
        let body = body.to_string();
        site.api_post(path, &signs, key, ("application/json", &body))
            .await
    };
    let provider = json!({"code": "bd", "name": "Bưu điện", "kind": "post"});
    let added = send("/api/v1/providers", "k1", provider.clone()).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
    let known = send("/api/v1/providers", "k2", provider).await;
    assert_eq!(known.json()["code"], "provider_known");
    let terms = json!({"provider": "bd", "area": "51", "channels": ["home"], "from": "2024-05",
        "fee_basis_points": 80, "list_before_day": 25, "report_before_day": 20,
        "settlement_months": 1, "handover": "file"});
    let signed = send("/api/v1/contracts", "k3", terms.clone()).await;
    assert_eq!(signed.status, StatusCode::CREATED, "{}", signed.body);
    let number = signed.json()["contract_no"].as_i64().expect("a number");
    assert_eq!(
        send("/api/v1/contracts", "k4", terms).await.json()["code"],
        "contract_holds"
    );
    let get = async |path: &str| site.api(Method::GET, path, &reads).await.json();
    let description = get("/api/openapi.json").await;
    fits(&description, "Provider", &get("/api/v1/providers").await[0]);
    let found = get("/api/v1/contracts?month=2024-05").await;
    fits(&description, "Contract", &found[0]);
    assert_eq!(found[0]["holds_for"], json!(["home"]));
    let end = format!("/api/v1/contracts/{number}/end");
    let ended = send(&end, "k5", json!({"from": "2024-06"})).await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.body);
    let found = get("/api/v1/contracts?month=2024-06").await;
    assert_eq!(found[0]["holds_for"], json!([]));
    let denied = site
        .api_post(
            "/api/v1/contracts",
            &reads,
            "k6",
            ("application/json", "{}"),
        )
        .await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}
