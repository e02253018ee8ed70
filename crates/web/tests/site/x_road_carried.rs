//! Envelopes that a security server passes on: it speaks for a province only by SOAP, as the client that is
//! recorded with it, and while it holds the role there.

use axum::http::StatusCode;
use exchange::dialect::{self, NewDialect};
use exchange::x_road::ClientId;
use exchange::{Dialect, Mode, key};
use kernel::Actor;
use serde_json::json;

use crate::client::Site;
use crate::dialect_x_road::{
    CLIENT, DOSSIER, envelope, find, post, read, rest, steps, submission, why,
};
use crate::one_stop::connect;

const CARRIER: &str = "may.an.ninh";

/// Provinces connected, and the account of a security server with the role in some of them.
async fn carrying(roles: &[&str]) -> (Site, String) {
    let site = Site::open().await;
    connect(&site, &["51", "48"], Mode::TwoWay, None).await;
    let pool = site.db.pool();
    sqlx::query(
        "insert into app_user (name, full_name, password_hash, created_at)
         values ($1, 'Máy chủ an ninh', '', '2024-01-01')",
    )
    .bind(CARRIER)
    .execute(pool)
    .await
    .expect("an account");
    for area in roles {
        sqlx::query(
            "insert into user_grant (user_name, role, area_code, from_date)
             values ($1, 'one_stop', $2, '2024-01-01')",
        )
        .bind(CARRIER)
        .bind(area)
        .execute(pool)
        .await
        .expect("a role");
    }
    let token = site.token(CARRIER).await;
    (site, token)
}

async fn speaks(site: &Site, province: &str, client: &str, carrier: Option<&str>) {
    let new = NewDialect {
        province: province.to_owned(),
        from: "2024-01-01".parse().expect("a day"),
        dialect: Dialect::XRoad,
        address: None,
        client: Some(ClientId::of_path(client).expect("a client")),
        carrier: carrier.map(str::to_owned),
    };
    let actor = Actor::with_every_role("thử");
    let recorded = dialect::record(site.db.pool(), &actor, &site.clock, &new).await;
    recorded.expect("recorded");
}

#[tokio::test]
async fn what_a_security_server_passes_on_is_of_the_client_it_names() {
    let (site, token) = carrying(&["51", "48"]).await;
    speaks(&site, "51", CLIENT, Some(CARRIER)).await;
    speaks(&site, "48", "VN/GOV/48/MOT-CUA", Some(CARRIER)).await;
    let taken = post(&site, &token, &envelope("nopHoSo", &submission())).await;
    assert!(find(&read(&taken), "answer").is_some(), "{}", taken.body);
    let of: (String, String) =
        sqlx::query_as("select province_code, received_by from exchange_inbox")
            .fetch_one(site.db.pool())
            .await
            .expect("one message");
    assert_eq!((of.0.as_str(), of.1.as_str()), ("51", CARRIER));
    // The same dossier is not seen by the other province it speaks for.
    let asked = envelope("trangThaiHoSo", &json!({"dossier": DOSSIER}));
    let seen = post(&site, &token, &asked).await;
    assert!(find(&read(&seen), "last_seq").is_some(), "{}", seen.body);
    let other = post(&site, &token, &asked.replace(">51<", ">48<")).await;
    assert_eq!(why(&other).2, "unknown_dossier");
    let own = site.token("mot.cua").await;
    let seen = post(&site, &own, &asked).await;
    assert!(find(&read(&seen), "last_seq").is_some(), "{}", seen.body);
}

#[tokio::test]
async fn a_security_server_speaks_for_nobody_else_and_in_no_other_way() {
    let (site, token) = carrying(&["48", "79"]).await;
    let whole = envelope("nopHoSo", &submission());
    let refused = why(&post(&site, &token, &whole).await);
    assert_eq!(
        (refused.0, refused.2.as_str()),
        (403, "x_road_client"),
        "nothing is recorded"
    );
    speaks(&site, "51", CLIENT, None).await;
    let refused = why(&post(&site, &token, &whole).await);
    assert_eq!(
        (refused.0, refused.2.as_str()),
        (403, "x_road_client"),
        "not through it"
    );
    speaks(&site, "51", CLIENT, Some(CARRIER)).await;
    let refused = why(&post(&site, &token, &whole).await);
    assert_eq!(
        (refused.0, refused.2.as_str()),
        (403, "denied"),
        "no role there"
    );
    let path = "VN/GOV/BYT/AN-SINH/nopHoSo";
    let by_rest = rest(
        &site,
        &token,
        path,
        &[("X-Road-Client", CLIENT)],
        &submission(),
    )
    .await;
    assert_eq!(by_rest.status, StatusCode::FORBIDDEN);
    let own_way = ("application/json", submission().to_string());
    let plain = site.api_post(
        "/api/v1/exchange/dossiers",
        &token,
        "",
        (own_way.0, &own_way.1),
    );
    assert_eq!(plain.await.json()["code"], "one_province_needed");
    // Two provinces that name the same client name none.
    speaks(&site, "48", CLIENT, Some(CARRIER)).await;
    let refused = why(&post(&site, &token, &whole).await);
    assert_eq!(
        (refused.0, refused.2.as_str()),
        (403, "x_road_client"),
        "ambiguous"
    );
    assert_eq!(steps(&site).await, [""; 0]);
    let nobody = NewDialect {
        province: "48".to_owned(),
        from: "2024-01-01".parse().expect("a day"),
        dialect: Dialect::XRoad,
        address: None,
        client: Some(ClientId::of_path(CLIENT).expect("a client")),
        carrier: Some("khong.co".to_owned()),
    };
    let actor = Actor::with_every_role("thử");
    let recorded = dialect::record(site.db.pool(), &actor, &site.clock, &nobody).await;
    assert_eq!(
        recorded.expect_err("no account").code(),
        "dialect_malformed"
    );
}

#[tokio::test]
async fn what_a_province_must_sign_no_security_server_sends_for_it() {
    let (site, token) = carrying(&["51", "48"]).await;
    speaks(&site, "51", CLIENT, Some(CARRIER)).await;
    let actor = Actor::with_every_role("thử");
    let since = "2024-01-01".parse().expect("a day");
    key::require_signatures(site.db.pool(), &actor, &site.clock, ("51", since), true)
        .await
        .expect("recorded");
    let refused = why(&post(&site, &token, &envelope("nopHoSo", &submission())).await);
    assert_eq!((refused.0, refused.2.as_str()), (401, "signature_missing"));
    assert_eq!(steps(&site).await, [""; 0]);
}
