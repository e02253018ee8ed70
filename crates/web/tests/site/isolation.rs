//! Whoever works in one commune sees nothing of the next one: in no page, answer, sheet or count.

use std::io::{Cursor, Read};

use axum::body::Body;
use axum::http::{Method, StatusCode};
use uuid::Uuid;
use zip::ZipArchive;

use crate::client::{Answer, Site};
use crate::neighbours::{HERE, NEXT_DOOR, settled};
use crate::permission::{ASKERS, bearing, credentials};

/// What would tell of the other commune's people.
fn secrets() -> [&'static str; 5] {
    let tail = NEXT_DOOR.id_number;
    [
        NEXT_DOOR.name,
        NEXT_DOOR.holder,
        tail,
        NEXT_DOOR.phone,
        NEXT_DOOR.dossier,
    ]
}

/// All text of an answer: of a workbook what is packed in it.
fn text(answer: &Answer) -> String {
    if !answer.bytes.starts_with(b"PK") {
        return answer.body.clone();
    }
    let mut parts = ZipArchive::new(Cursor::new(&answer.bytes)).expect("a workbook");
    let mut text = String::new();
    for at in 0..parts.len() {
        let mut part = parts.by_index(at).expect("a part");
        // When the file was written, by the clock of the machine.
        if part.name().expect("a name").starts_with("docProps/") {
            continue;
        }
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).expect("unpacks");
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    text
}

async fn get(site: &Site, uri: &str, credential: &(String, String)) -> Answer {
    let request = bearing(&Method::GET, uri, credential).body(Body::empty());
    site.send(request.expect("a request")).await
}

/// What is asked of an address besides its path: nothing, an area, another, all of them.
fn questions() -> Vec<String> {
    let of = |area: &str| {
        format!(
            "?dia-ban={area}&area={area}&month=2024-05&thang=2024-05&tinh-trang=missing\
             &nguyen-nhan=new&tu-thang=2021-07&theo=dia-ban&chieu=di&tat-ca=1"
        )
    };
    let areas = [HERE.commune, NEXT_DOOR.commune, "VN"];
    std::iter::once(String::new())
        .chain(areas.map(of))
        .collect()
}

#[tokio::test]
async fn nobody_of_a_commune_reads_of_the_next_ones_people() {
    let (site, places) = settled(HERE.commune, &[HERE, NEXT_DOOR]).await;
    let credentials = credentials(&site).await;
    let (mut shown, mut leaks) = (0, Vec::new());
    for path in ways() {
        // Without a parameter the address is the same in both.
        let named = if path.contains('{') {
            &places[..]
        } else {
            &places[..1]
        };
        for place in named {
            for question in questions() {
                let path = path.replace("{area}", place.at.commune);
                let uri = format!("{}{question}", place.fill(&path));
                for (credential, (who, _)) in credentials.iter().zip(ASKERS) {
                    let answer = get(&site, &uri, credential).await;
                    let text = text(&answer);
                    let broke = answer.status == StatusCode::INTERNAL_SERVER_ERROR;
                    assert!(!broke, "{who} {uri}: {text}");
                    shown += usize::from(text.contains(HERE.name));
                    for secret in secrets() {
                        if text.contains(secret) {
                            leaks.push(format!("{who} {uri}: {secret}"));
                        }
                    }
                }
            }
        }
    }
    assert_eq!(leaks, Vec::<String>::new());
    assert!(shown > 50, "their own people are shown: {shown}");
}

#[tokio::test]
async fn a_search_finds_nobody_of_the_next_commune() {
    let (site, _) = settled(HERE.commune, &[HERE, NEXT_DOOR]).await;
    for (who, _) in &ASKERS[1..] {
        let (cookie, token) = (site.sign_in(who).await, site.token(who).await);
        for asked in [NEXT_DOOR.name, NEXT_DOOR.id_number, "thử/p1", "p1"] {
            for path in ["/tim", "/viec/tim"] {
                let form = format!("q={asked}&ten={asked}&tim={asked}");
                let sent = site.post(path, &cookie, &form).await;
                let place = sent.header("location").to_owned();
                if place.is_empty() {
                    continue;
                }
                let found = site.get(&place, &cookie).await;
                let others = secrets().into_iter().filter(|secret| *secret != asked);
                for secret in others {
                    assert!(!found.body.contains(secret), "{who} {path}: {secret}");
                }
            }
            let uri = format!("/api/v1/persons?q={}", encoded(asked));
            let found = site.api(Method::GET, &uri, &token).await;
            for secret in secrets() {
                assert!(!found.body.contains(secret), "{who} {uri}: {secret}");
            }
        }
    }
}

/// Counts too are of one's own commune: with the next commune or without it, every page says the
/// same.
#[tokio::test]
async fn every_page_says_the_same_whether_the_next_commune_has_people_or_not() {
    let (alone, _) = settled(HERE.commune, &[HERE]).await;
    let (beside, places) = settled(HERE.commune, &[HERE, NEXT_DOOR]).await;
    let (first, second) = (credentials(&alone).await, credentials(&beside).await);
    let mut differing = Vec::new();
    for path in ways() {
        if OF_THE_PROVINCE.contains(&path) {
            continue;
        }
        let path = path.replace("{area}", places[0].at.commune);
        for question in ["".to_owned(), questions()[1].clone()] {
            let uri = format!("{}{question}", places[0].fill(&path));
            for at in 0..ASKERS.len() {
                let one = get(&alone, &uri, &first[at]).await;
                let two = get(&beside, &uri, &second[at]).await;
                let (one, two) = (text(&one), text(&two));
                if alike(&one, &two) {
                    continue;
                }
                let (one, two) = (plain(&one), plain(&two));
                let who = ASKERS[at].0;
                if one != two {
                    let first = one.lines().zip(two.lines()).find(|(one, two)| one != two);
                    differing.push(format!("{who} {uri}: {first:?}"));
                }
            }
        }
    }
    assert_eq!(differing, Vec::<String>::new());
}

/// Ways that tell of one thing of the whole province, never of a person: the totals of its order and what of
/// it is still awaited, the numbers of entries in the one chain of the log.
const OF_THE_PROVINCE: [&str; 6] = [
    "/api/v1/orders/{month}/{area}",
    "/api/v1/months/{month}/{area}",
    "/ky-chi/{month}/lenh",
    "/ky-chi/{month}/doi-soat",
    "/nhat-ky",
    "/nhat-ky/xuat/{form}",
];

/// Every address that is read and keeps nothing.
fn ways() -> impl Iterator<Item = &'static str> {
    let ways = web::ways_in().into_iter();
    ways.filter(|(method, path)| *method == Method::GET && !path.starts_with("/dang-"))
        .map(|(_, path)| path)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Line by line the same, or but for keys and fingerprints. Few lines have any, so that few are read
/// letter by letter; where this says no, the whole texts are compared.
fn alike(one: &str, two: &str) -> bool {
    let pairs = || one.lines().zip(two.lines());
    one.lines().count() == two.lines().count()
        && pairs().all(|(one, two)| one == two || plain(one) == plain(two))
}

/// Without the keys of forms, which are made anew each time, and without fingerprints of whole lists, which
/// also stand at the foot of printed pages.
fn plain(text: &str) -> String {
    let pieces = text.split("<oddFooter>").enumerate();
    let text: String = pieces
        .map(|(at, piece)| match at {
            0 => piece,
            _ => piece
                .split_once("</oddFooter>")
                .map_or("", |(_, after)| after),
        })
        .collect();
    let is_key = |key: &&str| Uuid::try_parse(key).is_ok();
    let is_print = |print: &&str| print.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(next) = rest.chars().next() {
        let print = rest.get(..64).filter(is_print);
        match print.or_else(|| rest.get(..36).filter(is_key)) {
            Some(passed) => rest = &rest[passed.len()..],
            None => {
                plain.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    plain
}
