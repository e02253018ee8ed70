//! Other registries that ask: what the ministry sees of them, and what leaders and auditors of a place see of who
//! asked about a person.

use axum::http::StatusCode;
use g2p::{SigningKey, seal_in};
use jiff::SignedDuration;
use kernel::{Actor, Clock, EventId};
use registry::event::read_lines;
use serde_json::{Value, json};
use spdci::caller::NewCaller;
use spdci::token::Proof;
use spdci::{Action, Desk, Incoming, Register};

use crate::client::{Site, keys};

const CALLERS: &str = "/lien-thong/so-khac";
const NAME: &str = "so.khac.vn";
const PERSON: &str = "999148000901";

fn theirs() -> SigningKey {
    SigningKey::of_seed(&[7; 32]).expect("32 bytes")
}

fn ours() -> SigningKey {
    SigningKey::of_seed(&[5; 32]).expect("32 bytes")
}

/// Somebody with a benefit for HIV and another one, once more under another number, and somebody in Hà Nội.
async fn registered(site: &Site) {
    let mut lines = String::new();
    let mut add = |at: usize, kind: &str, person: &str, fields: &str| {
        lines.push_str(&format!(
            r#"{{"event_id":"0190a000-0000-7000-8000-{at:012}","kind":"{kind}","person":"{person}","effective":"2024-01-01","source":"thử",{fields}}}"#
        ));
        lines.push('\n');
    };
    for (at, person, number, area) in [
        (1, "p1", PERSON, "21031"),
        (2, "p2", "999148000902", "21031"),
        (3, "far", "999148000903", "00004"),
    ] {
        let fields = format!(
            r#""full_name":"Đinh Thị Mưa","birth_date":"1948-02-09","sex":"female","id_number":"{number}","area":"{area}""#
        );
        add(at, "person_registered", person, &fields);
    }
    let disability = r#""fact_id":"f","fact":{"kind":"disability","grade":"severe"}"#;
    add(4, "fact_started", "p1", disability);
    for (at, benefit) in [(5, "disability"), (6, "poor_adult_with_hiv")] {
        let fields = format!(
            r#""benefit":"{benefit}","from":"2024-01","decision":{{"number":"1/QĐ","date":"2024-01-01"}}"#
        );
        add(at, "enrolled", "p1", &fields);
    }
    let (events, refused) = read_lines(lines.as_bytes());
    assert_eq!(refused, []);
    let actor = Actor::with_every_role("thử");
    let applied = registry::apply(site.db.pool(), &actor, &site.clock, &events).await;
    assert_eq!(applied.expect("applies").refused, []);
}

fn caller(name: &str, full_name: &str, callback: Option<String>) -> NewCaller {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    NewCaller {
        name: name.to_owned(),
        full_name: full_name.to_owned(),
        callback_url: callback,
        fields: words(&["name", "programme"]),
        areas: words(&["51"]),
        purposes: words(&["tro-cap"]),
        per_minute: 600,
        keys: spdci::jwk::ours([theirs().public()]).to_string(),
        with_secret: true,
        ..NewCaller::default()
    }
}

/// Registers one; its secret.
async fn added(site: &Site, new: &NewCaller) -> String {
    let actor = Actor::with_every_role("thử");
    let secret = spdci::caller::add(site.db.pool(), &actor, &site.clock, new).await;
    secret.expect("recorded").expect("a secret")
}

/// Asks as the other registry does, for some numbers; at once, or to be answered later.
async fn asks(site: &Site, secret: &str, id: &str, (numbers, later): (&[&str], bool)) -> Value {
    let key = ours();
    let desk = Desk {
        pool: site.db.pool(),
        clock: &site.clock,
        key: &key,
    };
    let token = spdci::token::give(&desk, NAME, Proof::Secret(secret)).await;
    let token = token.expect("answered").expect("a token");
    let now = site.clock.now();
    let header = json!({"version": "1.0.0", "message_id": id, "message_ts": now, "action": "search",
        "sender_id": NAME, "total_count": numbers.len()});
    let items = (1..).zip(numbers).map(|(at, number): (usize, _)| {
        json!({"reference_id": at.to_string(), "timestamp": now, "search_criteria": {
            "query_type": "idtype-value", "query": {"type": "UIN", "value": number},
            "consent": {"id": "dong-y-7", "ts": now, "purpose": {"code": "tro-cap"}}}})
    });
    let items: Vec<Value> = items.collect();
    let message = json!({"transaction_id": id, "search_request": items});
    let parts = (header.to_string(), message.to_string());
    let body = seal_in(&theirs(), ("spdci", NAME), (&parts.0, &parts.1), now);
    let incoming = Incoming {
        register: Register::Beneficiary,
        action: Action::Search,
        body: &body,
        signature: None,
        bearer: Some(&token),
    };
    let reply = match later {
        false => spdci::at_once(&desk, &incoming).await,
        true => spdci::accept(&desk, &incoming).await,
    };
    let reply = reply.expect("answered");
    assert_eq!(
        reply.status,
        200,
        "{}",
        String::from_utf8_lossy(&reply.body)
    );
    serde_json::from_slice(&reply.body).expect("JSON")
}

async fn number(site: &Site, key: &str) -> kernel::PersonId {
    let id = sqlx::query_scalar("select person_id from person where person_key = $1");
    kernel::PersonId(id.bind(key).fetch_one(site.db.pool()).await.expect("there"))
}

/// How often something stands in the audit log.
async fn entries(site: &Site, action: &str) -> usize {
    let wanted = access::audit::Wanted {
        action: access::audit::Action::from_code(action),
        limit: 100,
        ..access::audit::Wanted::default()
    };
    let actor = Actor::with_every_role("thử");
    let found = access::audit::read(site.db.pool(), &actor, &wanted).await;
    found.expect("reads").len()
}

#[tokio::test]
async fn the_ministry_sees_who_may_ask_what_and_nobody_else_does() {
    let site = Site::open_in("").await;
    let empty = site.get(CALLERS, &site.sign_in("xem").await).await;
    assert!(empty.body.contains("Chưa có hệ thống nào được hỏi"));
    let mut new = caller(NAME, "Bảo hiểm xã hội thử", None);
    new.reports = true;
    let secret = added(&site, &new).await;
    let mut coming = caller("den-sau.vn", "Hệ thống đến sau", None);
    coming.areas = vec!["VN".to_owned()];
    coming.from = Some("2024-06-01T00:00:00+07:00".parse().expect("a moment"));
    added(&site, &coming).await;
    let mut past = caller("het-han.vn", "Hệ thống hết hạn", None);
    past.from = Some("2024-01-01T00:00:00+07:00".parse().expect("a moment"));
    past.until = Some("2024-05-20T09:00:00+07:00".parse().expect("a moment"));
    added(&site, &past).await;
    added(&site, &caller("thoi.vn", "Hệ thống thôi hỏi", None)).await;
    let actor = Actor::with_every_role("thử");
    let ended = ("thoi.vn", "hết <hợp> đồng");
    let ended = spdci::caller::end(site.db.pool(), &actor, &site.clock, ended).await;
    ended.expect("ended");
    for name in ["xem", "thanh.tra", "quan.tri"] {
        let page = site.get(CALLERS, &site.sign_in(name).await).await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        for shown in [
            "Bảo hiểm xã hội thử",
            "họ tên, chính sách hưởng",
            "Tỉnh Quảng Ngãi",
            "cả nước",
            "tro-cap",
            "được báo chương trình của họ",
            theirs().id(),
            "Đang hiệu lực",
            "Chưa đến hạn",
            "Hết hạn",
            "Đã thu quyền",
            "hết &#60;hợp&#62; đồng",
        ] {
            assert!(page.body.contains(shown), "{name}: {shown}");
        }
        assert!(!page.body.contains(&secret) && !page.body.contains("Tin không gửi được</h2>"));
    }
    for name in ["can.bo", "lanh.dao", "tiep.nhan", "mot.cua"] {
        let page = site.get(CALLERS, &site.sign_in(name).await).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}");
    }
    // Of a province only: not theirs to see.
    let site = Site::open().await;
    for name in ["xem", "thanh.tra", "quan.tri"] {
        let page = site.get(CALLERS, &site.sign_in(name).await).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn what_could_not_be_told_is_sent_anew_from_the_page_by_who_keeps_it() {
    let site = Site::open_in("").await;
    registered(&site).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    drop(port);
    let new = caller(NAME, "Hệ thống đi vắng", Some(format!("http://{address}")));
    let secret = added(&site, &new).await;
    asks(&site, &secret, "m1", (&[PERSON], true)).await;
    let (key, mut now) = (ours(), site.clock.now());
    let round = async |at| {
        let clock = Clock::Fixed(at);
        let desk = Desk {
            pool: site.db.pool(),
            clock: &clock,
            key: &key,
        };
        spdci::task::round(&desk).await.expect("a round")
    };
    let mut tries = 0;
    while round(now).await.given_up == 0 {
        tries += 1;
        assert!(tries < 20, "it is given up some time");
        now += SignedDuration::from_hours(25);
    }
    assert_eq!(tries, 9);
    let (keeper, reader) = (site.sign_in("quan.tri").await, site.sign_in("xem").await);
    let seen = site.get(CALLERS, &reader).await.body;
    assert!(seen.contains("không nối được máy bên ấy") && keys(&seen).is_empty());
    let page = site.get(CALLERS, &keeper).await.body;
    let form = format!("khoa={}&ben={NAME}", keys(&page)[0]);
    assert!(!page.contains(PERSON), "nothing of what was asked");
    let refused = site.post(CALLERS, &reader, &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for _ in 0..2 {
        let sent = site.post(CALLERS, &keeper, &form).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    }
    assert_eq!(
        entries(&site, "spdci.send_again").await,
        1,
        "sent twice is once"
    );
    let page = site.get("/lien-thong/so-khac?xong=1", &keeper).await.body;
    assert!(page.contains("Đã cho gửi lại") && !page.contains("không nối được máy bên ấy"));
    for name in ["ai-do", "%00", ""] {
        let form = format!("khoa=k-{}&ben={name}", name.len());
        let unknown = site.post(CALLERS, &keeper, &form).await;
        assert!(unknown.status.is_client_error(), "{name}");
    }
    // Given up again, and nobody minds for a month: the question itself is gone.
    assert_eq!(round(now).await.again, 1);
    let mut tries = 0;
    while round(now).await.given_up == 0 {
        tries += 1;
        assert!(tries < 20, "it is given up some time");
        now += SignedDuration::from_hours(25);
    }
    round(now + SignedDuration::from_hours(30 * 24)).await;
    let page = site.get(CALLERS, &keeper).await.body;
    assert!(
        !page.contains("không nối được máy bên ấy"),
        "nothing is left to send"
    );
}

#[tokio::test]
async fn who_asked_about_a_person_is_shown_to_who_answers_for_it() {
    let site = Site::open().await;
    registered(&site).await;
    let secret = added(&site, &caller(NAME, "Bảo hiểm <xã> hội", None)).await;
    let answer = asks(&site, &secret, "m1", (&[PERSON, "999148000902"], false)).await;
    let found = &answer["message"]["search_response"];
    assert_eq!(
        found[0]["data"]["reg_records"].as_array().map(Vec::len),
        Some(1)
    );
    let (person, other) = (number(&site, "p1").await, number(&site, "p2").await);
    let far = number(&site, "far").await;
    let address = |id: kernel::PersonId| format!("/doi-tuong/{id}/ai-da-hoi");
    for (at, name) in (1..).zip(["lanh.dao", "thanh.tra"]) {
        let cookie = site.sign_in(name).await;
        let page = site.get(&address(person), &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        for shown in [
            "Bảo hiểm &#60;xã&#62; hội",
            "so.khac.vn",
            "tìm, được trả lời",
            "người hưởng",
            "tro-cap",
            "dong-y-7",
            "20/05/2024",
            "Chưa có chương trình nào báo",
        ] {
            assert!(page.body.contains(shown), "{name}: {shown}");
        }
        for hidden in [PERSON, "Mưa", "hiv", "HIV", "disability", "Trang sau"] {
            assert!(!page.body.contains(hidden), "{name}: {hidden}");
        }
        // One without a benefit was asked about and nothing was told.
        let page = site.get(&address(other), &cookie).await.body;
        assert!(page.contains("tìm, không được trả lời gì"));
        assert_eq!(
            entries(&site, "spdci.told").await,
            2 * at,
            "each look is written down"
        );
        let elsewhere = site.get(&address(far), &cookie).await;
        let nowhere = site.get("/doi-tuong/999999/ai-da-hoi", &cookie).await;
        assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    }
    for name in ["can.bo", "tiep.nhan", "xem", "lap", "quan.tri", "mot.cua"] {
        let page = site.get(&address(person), &site.sign_in(name).await).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(
        site.get(&address(person), "").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn what_was_asked_of_a_merged_record_is_shown_with_the_one_that_is_kept() {
    let site = Site::open().await;
    registered(&site).await;
    let secret = added(&site, &caller(NAME, "Hệ thống thử", None)).await;
    let many = [PERSON; 20];
    for id in ["m1", "m2", "m3"] {
        asks(&site, &secret, id, (&many, false)).await;
    }
    let (dropped, kept) = (number(&site, "p1").await, number(&site, "p2").await);
    let cookie = site.sign_in("lanh.dao").await;
    let address = format!("/doi-tuong/{kept}/ai-da-hoi");
    let rows = |page: &str| page.matches("tìm, được trả lời").count();
    assert_eq!(rows(&site.get(&address, &cookie).await.body), 0);
    let (actor, event) = (Actor::with_every_role("thử"), EventId(77));
    let (pool, two) = (site.db.pool(), (kept, dropped));
    let merged = registry::duplicates::merge(pool, &actor, &site.clock, event, two, "một người");
    merged.await.expect("merged");
    let page = site.get(&address, &cookie).await.body;
    assert_eq!(rows(&page), 50);
    assert!(page.contains("Trang sau") && !page.contains("Trang trước"));
    let page = site.get(&format!("{address}?trang=2"), &cookie).await.body;
    assert_eq!(rows(&page), 10);
    assert!(!page.contains("Trang sau") && page.contains("Trang trước"));
}
