//! Every route, for everybody, in their own area and in another: the answers are a committed paper,
//! so that a change of who may do what is seen.

pub(crate) mod paper;

use axum::body::Body;
use axum::http::{Method, Request, header};
use kernel::actor::Role;

use crate::client::Site;
use crate::neighbours::{FAR_AWAY, HERE, Place, settled};
use paper::{Met, Row};

/// Who asks, by sign-in name; nobody has none.
pub(crate) const ASKERS: [(&str, Option<Role>); 12] = [
    ("", None),
    ("tiep.nhan", Some(Role::Clerk)),
    ("can.bo", Some(Role::Officer)),
    ("lanh.dao", Some(Role::Leader)),
    ("van.thu", Some(Role::Records)),
    ("lap", Some(Role::ListMaker)),
    ("duyet", Some(Role::Approver)),
    ("xem", Some(Role::Reader)),
    ("thanh.tra", Some(Role::Auditor)),
    ("quan.tri", Some(Role::Administrator)),
    ("buu.dien", Some(Role::Provider)),
    ("mot.cua", Some(Role::OneStop)),
];

/// A cookie of pages and a token of the interface for each who asks.
pub(crate) async fn credentials(site: &Site) -> Vec<(String, String)> {
    let mut credentials = vec![(String::new(), String::new())];
    for (name, _) in &ASKERS[1..] {
        credentials.push((site.sign_in(name).await, site.token(name).await));
    }
    credentials
}

/// A request with the cookie or the token that goes with the path.
pub(crate) fn bearing(
    method: &Method,
    uri: &str,
    (cookie, token): &(String, String),
) -> axum::http::request::Builder {
    let request = Request::builder().method(method.clone()).uri(uri);
    match uri.starts_with("/api/") {
        true => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        false => request.header(header::COOKIE, cookie),
    }
}

fn request(
    method: &Method,
    path: &str,
    place: &Place,
    credential: &(String, String),
    turn: usize,
) -> Request<Body> {
    let path = place.fill(path);
    let area = place.at.list;
    if method == Method::GET {
        let uri = format!(
            "{path}?dia-ban={area}&area={area}&month=2024-05&thang=2024-05&tinh-trang=missing\
             &nguyen-nhan=new&tu-thang=2021-07&theo=dia-ban"
        );
        return bearing(method, &uri, credential)
            .body(Body::empty())
            .expect("a request");
    }
    let request = bearing(method, &path, credential).header("idempotency-key", format!("k{turn}"));
    let (media_type, body) = match path.starts_with("/api/") {
        true => (
            "application/json",
            format!(r#"{{"month":"2024-05","area":"{area}"}}"#),
        ),
        false => (
            "application/x-www-form-urlencoded",
            format!("khoa=k{turn}&dia_ban={area}&dia-ban={area}&viec=khac&mot=1&hai=2&ly_do=x"),
        ),
    };
    request
        .header(header::CONTENT_TYPE, media_type)
        .body(Body::from(body))
        .expect("a request")
}

#[tokio::test]
async fn who_may_do_what_where() {
    let (site, places) = settled("51", &[HERE, FAR_AWAY]).await;
    let credentials = credentials(&site).await;
    let mut rows = Vec::new();
    let mut turn = 0;
    // Signing in and out would spend the sessions the others are asked with.
    let ways = web::ways_in()
        .into_iter()
        .filter(|(_, path)| !path.starts_with("/dang-"));
    for (method, path) in ways {
        let mut met = Vec::new();
        for credential in &credentials {
            let mut answers = Vec::new();
            for place in &places {
                turn += 1;
                let asked = request(&method, path, place, credential, turn);
                answers.push(Met::of(&site.send(asked).await));
            }
            met.push((answers[0], answers[1]));
        }
        rows.push(Row {
            method: method.to_string(),
            path,
            met,
        });
    }
    let described = site.get("/api/openapi.json", "").await.json();
    paper::hold(&paper::write(&rows, &ASKERS, &described));
    assert_eq!(done_elsewhere(&rows), Vec::<String>::new());
}

/// Ways that name a thing of another area and did something there nevertheless.
fn done_elsewhere(rows: &[Row]) -> Vec<String> {
    let of_a_thing = |row: &&Row| {
        ["{id}", "{dossier}", "{area}", "{order}"]
            .iter()
            .any(|part| row.path.contains(part))
    };
    let mut done = Vec::new();
    for row in rows.iter().filter(of_a_thing) {
        for ((_, other), (name, _)) in row.met.iter().zip(ASKERS) {
            if *other == Met::Done {
                done.push(format!("{} {} by {name:?}", row.method, row.path));
            }
        }
    }
    done
}
