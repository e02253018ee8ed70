//! Every route, for everybody, in their own area and in another: the answers are a committed file,
//! so that a change of who may do what is seen.

use std::fmt::Write;

use axum::body::Body;
use axum::http::{Method, Request, header};
use kernel::Actor;
use registry::event::read_lines;

use crate::client::Site;
use crate::month_of_money::{provider_of, somebody_of};

/// In Quảng Ngãi, where the sample sign-ins have their roles, and in Đà Nẵng, where they have none.
const AREAS: [(&str, &str); 2] = [("51", "21031"), ("48", "20194")];

const WHO: [&str; 12] = [
    "",
    "tiep.nhan",
    "can.bo",
    "lanh.dao",
    "van.thu",
    "lap",
    "duyet",
    "xem",
    "thanh.tra",
    "quan.tri",
    "buu.dien",
    "mot.cua",
];

async fn register(site: &Site) {
    let lines: Vec<String> = AREAS
        .iter()
        .enumerate()
        .map(|(at, (_, commune))| {
            format!(
                r#"{{"event_id":"0190a000-0000-7000-8000-00000000000{at}","kind":"person_registered","person":"p{at}","effective":"2024-01-01","source":"thử","full_name":"Người Thử","birth_date":"1940","sex":"female","ethnicity":null,"id_number":null,"area":"{commune}"}}"#
            )
        })
        .collect();
    let (events, refused) = read_lines(lines.join("\n").as_bytes());
    assert_eq!(refused, []);
    let actor = Actor::with_every_role("thử");
    let applied = registry::apply(site.db.pool(), &actor, &site.clock, &events).await;
    assert_eq!(applied.expect("applies").refused, []);
}

/// The person of each area, by number.
async fn people(site: &Site) -> Vec<i64> {
    sqlx::query_scalar("select person_id from person order by person_key")
        .fetch_all(site.db.pool())
        .await
        .expect("reads")
}

struct Asked<'a> {
    method: &'a Method,
    path: &'a str,
    area: &'a str,
    person: i64,
    /// Cookie of a page, token of the interface.
    credential: &'a str,
    turn: usize,
}

fn request(asked: &Asked<'_>) -> Request<Body> {
    let Asked {
        method, area, turn, ..
    } = asked;
    let path = asked
        .path
        .replace("{hash}/{name}", "0/ansinh.css")
        .replace("{id}", &asked.person.to_string())
        .replace("{draft}", "0190a000-0000-7000-8000-000000000000")
        .replace("{section}", "person")
        .replace("{ticket}", "none")
        .replace("{file}", "loi.csv")
        .replace("{order}", "1")
        .replace("{month}", "2024-05")
        .replace("{contract}", "1")
        .replace("{name}", "trend")
        .replace("{area}", area)
        .replace("{user}", "lap")
        .replace("{dossier}", &format!("H{area}-0001"))
        .replace("{code}", &format!("H{area}-0001"))
        .replace("{message}", "0190a000-0000-7000-8000-000000000000")
        .replace("{scan}", "1")
        .replace("{letter}", "giay-tiep-nhan")
        .replace("{form}", "csv");
    let api = path.starts_with("/api/");
    let mut request = Request::builder().method((*method).clone());
    request = match api {
        true => request.header(
            header::AUTHORIZATION,
            format!("Bearer {}", asked.credential),
        ),
        false => request.header(header::COOKIE, asked.credential),
    };
    if method == &Method::GET {
        let with_query = format!(
            "{path}?dia-ban={area}&area={area}&month=2024-05&tinh-trang=missing&nguyen-nhan=new"
        );
        return request
            .uri(with_query)
            .body(Body::empty())
            .expect("a request");
    }
    request = request
        .uri(path)
        .header("idempotency-key", format!("k{turn}"));
    let body = match api {
        true => format!(r#"{{"month":"2024-05","area":"{area}"}}"#),
        false => {
            format!("khoa=k{turn}&dia_ban={area}&dia-ban={area}&viec=khac&mot=1&hai=2&ly_do=x")
        }
    };
    let media_type = match api {
        true => "application/json",
        false => "application/x-www-form-urlencoded",
    };
    request
        .header(header::CONTENT_TYPE, media_type)
        .body(Body::from(body))
        .expect("a request")
}

#[tokio::test]
async fn who_may_do_what_where() {
    let site = Site::open().await;
    register(&site).await;
    provider_of(&site, "buu-dien", "Bưu điện").await;
    somebody_of(&site, "buu.dien", "buu-dien", "51").await;
    let people = people(&site).await;
    let mut credentials = vec![(String::new(), String::new())];
    for name in &WHO[1..] {
        credentials.push((site.sign_in(name).await, site.token(name).await));
    }
    let mut matrix = format!("{:<48}", "own area / other area");
    for name in WHO {
        write!(
            matrix,
            "{:>10}",
            if name.is_empty() { "nobody" } else { name }
        )
        .expect("writes");
    }
    let mut turn = 0;
    // Signing in and out would spend the sessions the others are asked with.
    let ways = web::ways_in()
        .into_iter()
        .filter(|(_, path)| !path.starts_with("/dang-"));
    for (method, path) in ways {
        write!(matrix, "\n{:<48}", format!("{method} {path}")).expect("writes");
        for (cookie, token) in &credentials {
            let mut statuses = Vec::new();
            for ((area, _), person) in AREAS.iter().zip(&people) {
                turn += 1;
                let credential = if path.starts_with("/api/") {
                    token
                } else {
                    cookie
                };
                let asked = Asked {
                    method: &method,
                    path,
                    area,
                    person: *person,
                    credential,
                    turn,
                };
                statuses.push(site.send(request(&asked)).await.status.as_u16().to_string());
            }
            write!(matrix, "{:>10}", statuses.join("/")).expect("writes");
        }
    }
    insta::assert_snapshot!(matrix);
}
