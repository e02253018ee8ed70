//! Messages to citizens: each thing told once, in order, whatever the carrier does; nothing about a
//! person in any of them.

mod by_itself;
mod gateway;
mod words;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use kernel::{Actor, Clock};
use messages::carrier::{Arrival, Outgoing};
use messages::sandbox::{self, Manner};
use messages::send::Carriers;
use messages::show::{self, Filter, Row};
use messages::template::{self, Facts};
use messages::{
    Carried, Carrier, Channel, Contact, Folder, Gateway, Refused, contact, gather, send,
};
use testkit::TestDb;
use tokio::net::TcpListener;
use uuid::Uuid;

fn actor() -> Actor {
    Actor::with_every_role("an.nguyen")
}

fn at(text: &str) -> Clock {
    testkit::clock(text)
}

fn later(clock: &Clock, minutes: i64) -> Clock {
    Clock::Fixed(clock.now() + SignedDuration::from_mins(minutes))
}

/// Records steps of a dossier, each `kind` with its other fields, a minute after the other.
async fn dossier(db: &TestDb, code: &str, from: &str, steps: &[&str]) {
    let start: Timestamp = from.parse().expect("an instant");
    let submitted = r#""kind":"submitted","procedure":"1.001776","area":"21031","channel":"direct","applicant":"Người Thử""#;
    let lines = std::iter::once(submitted)
        .chain(steps.iter().copied())
        .enumerate()
        .map(|(minute, step)| {
            let happened = start + SignedDuration::from_mins(minute as i64);
            let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{code} {minute}").as_bytes());
            format!(
                r#"{{"event_id":"{id}","dossier":"{code}","at":"{happened}","online":true,{step}}}"#
            )
        });
    let lines: Vec<String> = lines.collect();
    let (events, refused) = casework::read_lines(lines.join("\n").as_bytes());
    assert_eq!(refused, []);
    let clock = Clock::Fixed(start + SignedDuration::from_hours(1));
    let applied = casework::apply(db.pool(), &actor(), &clock, &events).await;
    assert_eq!(applied.expect("applies").refused, []);
}

const RECEIVED: &str = r#""kind":"received""#;
const ASKED: &str =
    r#""kind":"supplement_asked","papers":["Giấy xác nhận khuyết tật"],"reason":"thiếu""#;

async fn wish(db: &TestDb, code: &str, channel: Channel) {
    let mut tx = db.pool().begin().await.expect("begin");
    let contact = Contact::of(channel, "0912 345 678", "a@example.vn").expect("sound");
    let now = at("2024-05-20T07:00:00+07:00").now();
    contact::record(&mut tx, now, code, &contact, "thử")
        .await
        .expect("recorded");
    tx.commit().await.expect("commit");
}

async fn rows(db: &TestDb) -> Vec<Row> {
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    let clock = at("2024-05-20T09:00:00+07:00");
    let rows = show::list(db.pool(), &actor(), &clock, &filter).await;
    let mut rows = rows.expect("lists");
    rows.reverse();
    rows
}

fn states(rows: &[Row]) -> Vec<(&str, &str, &str)> {
    rows.iter()
        .map(|row| (&*row.subject, &*row.state, &*row.channel))
        .collect()
}

/// A carrier of which the test says what it answers, and that notes what it was handed.
struct Scripted {
    answer: fn(usize) -> Carried,
    handed: Mutex<Vec<Outgoing>>,
}

impl Scripted {
    fn new(answer: fn(usize) -> Carried) -> Arc<Scripted> {
        let handed = Mutex::default();
        Arc::new(Scripted { answer, handed })
    }

    fn handed(&self) -> Vec<Outgoing> {
        self.handed.lock().expect("whole").clone()
    }
}

impl Carrier for Scripted {
    fn carry(&self, message: &Outgoing) -> Carried {
        let mut handed = self.handed.lock().expect("whole");
        handed.push(message.clone());
        (self.answer)(handed.len())
    }

    fn arrivals(&self, _: &[Uuid]) -> Vec<(Uuid, Arrival)> {
        Vec::new()
    }
}

fn taken(_: usize) -> Carried {
    Carried::Sent { reference: None }
}

fn silent(_: usize) -> Carried {
    Carried::Unanswered {
        code: "timed_out".to_owned(),
    }
}

fn both(electronic: Arc<dyn Carrier>, paper: Arc<dyn Carrier>) -> Carriers {
    Carriers { electronic, paper }
}

fn folder(db: &tempfile::TempDir) -> Arc<Folder> {
    Arc::new(Folder::open(db.path().to_owned()).expect("a folder"))
}

fn files(folder: &tempfile::TempDir) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder.path()).expect("a folder");
    files.map(|file| file.expect("a file").path()).collect()
}

#[tokio::test]
async fn each_step_is_told_once_and_in_order() {
    let db = TestDb::practice().await;
    dossier(
        &db,
        "H51-0001",
        "2024-05-20T08:00:00+07:00",
        &[RECEIVED, ASKED],
    )
    .await;
    dossier(&db, "H51-0002", "2024-05-02T08:00:00+07:00", &[RECEIVED]).await;
    wish(&db, "H51-0001", Channel::Sms).await;
    let clock = at("2024-05-20T10:00:00+07:00");
    assert_eq!(
        gather(db.pool(), &actor(), &clock).await.expect("gathers"),
        2
    );
    assert_eq!(
        gather(db.pool(), &actor(), &clock).await.expect("gathers"),
        0
    );
    let phone = Scripted::new(taken);
    let carriers = both(phone.clone(), Scripted::new(taken));
    let sent = send(db.pool(), &actor(), &clock, &carriers)
        .await
        .expect("sends");
    assert_eq!(sent.sent, 2);
    let again = send(db.pool(), &actor(), &clock, &carriers)
        .await
        .expect("sends");
    assert_eq!(again.sent, 0, "nothing is told twice");
    let handed = phone.handed();
    assert!(handed[0].text.contains("tiếp nhận"), "{}", handed[0].text);
    assert!(handed[1].text.contains("bổ sung"), "{}", handed[1].text);
    assert_eq!(handed[0].to.as_deref(), Some("0912345678"));
    assert!(
        rows(&db)
            .await
            .iter()
            .all(|row| row.to.as_deref() == Some("•••• 5678"))
    );
}

#[tokio::test]
async fn a_message_that_does_not_go_waits_longer_each_time_and_becomes_a_letter() {
    let db = TestDb::practice().await;
    dossier(
        &db,
        "H51-0001",
        "2024-05-20T08:00:00+07:00",
        &[RECEIVED, ASKED],
    )
    .await;
    wish(&db, "H51-0001", Channel::Sms).await;
    let mut clock = at("2024-05-20T10:00:00+07:00");
    gather(db.pool(), &actor(), &clock).await.expect("gathers");
    let (phone, paper) = (Scripted::new(silent), Scripted::new(taken));
    let carriers = both(phone.clone(), paper.clone());
    for (pause, tries) in [(0, 1), (0, 1), (1, 2), (1, 2), (4, 3), (30, 4)] {
        clock = later(&clock, pause);
        send(db.pool(), &actor(), &clock, &carriers)
            .await
            .expect("sends");
        assert_eq!(phone.handed().len(), tries, "after {pause} more minutes");
    }
    assert!(paper.handed().is_empty());
    let first = rows(&db).await.remove(0);
    assert_eq!(
        (&*first.state, first.reason.as_deref()),
        ("waiting", Some("timed_out"))
    );
    clock = later(&clock, 120);
    send(db.pool(), &actor(), &clock, &carriers)
        .await
        .expect("sends");
    assert_eq!(paper.handed().len(), 1, "the first is a letter now");
    let all = rows(&db).await;
    assert_eq!((&*all[0].state, &*all[0].channel), ("sent", "letter"));
    assert_eq!(
        (&*all[1].state, &*all[1].channel),
        ("waiting", "sms"),
        "the second had to wait"
    );
    assert_eq!(phone.handed().len(), 6);
}

#[tokio::test]
async fn a_crash_between_sending_and_noting_sends_the_same_message_again() {
    let db = TestDb::practice().await;
    dossier(&db, "H51-0001", "2024-05-20T08:00:00+07:00", &[RECEIVED]).await;
    let clock = at("2024-05-20T10:00:00+07:00");
    gather(db.pool(), &actor(), &clock).await.expect("gathers");
    let place = tempfile::tempdir().expect("a folder");
    struct Dies(Arc<Folder>);
    impl Carrier for Dies {
        fn carry(&self, message: &Outgoing) -> Carried {
            self.0.carry(message);
            panic!("the program dies here");
        }
        fn arrivals(&self, _: &[Uuid]) -> Vec<(Uuid, Arrival)> {
            Vec::new()
        }
    }
    let dies = both(Scripted::new(taken), Arc::new(Dies(folder(&place))));
    assert!(send(db.pool(), &actor(), &clock, &dies).await.is_err());
    assert_eq!(rows(&db).await[0].state, "sending");
    let sound = both(Scripted::new(taken), folder(&place));
    let soon = later(&clock, 5);
    assert_eq!(
        send(db.pool(), &actor(), &soon, &sound)
            .await
            .expect("sends")
            .sent,
        0
    );
    let lost = later(&clock, 16);
    assert_eq!(
        send(db.pool(), &actor(), &lost, &sound)
            .await
            .expect("sends")
            .sent,
        1
    );
    assert_eq!(files(&place).len(), 1, "the same file");
    assert_eq!(rows(&db).await[0].state, "sent");
}

#[tokio::test]
async fn files_are_written_as_their_readers_expect() {
    let db = TestDb::practice().await;
    for (number, channel) in [
        (1, Channel::Zalo),
        (2, Channel::Email),
        (3, Channel::Letter),
    ] {
        let code = format!("H51-000{number}");
        dossier(&db, &code, "2024-05-20T08:00:00+07:00", &[RECEIVED]).await;
        wish(&db, &code, channel).await;
    }
    let clock = at("2024-05-20T10:00:00+07:00");
    gather(db.pool(), &actor(), &clock).await.expect("gathers");
    let place = tempfile::tempdir().expect("a folder");
    let carriers = both(folder(&place), folder(&place));
    send(db.pool(), &actor(), &clock, &carriers)
        .await
        .expect("sends");
    let of = |ending: &str| {
        let files = files(&place);
        let file = files
            .iter()
            .find(|file| file.extension().is_some_and(|it| it == ending));
        std::fs::read_to_string(file.expect("a file")).expect("text")
    };
    let told: Outgoing = serde_json::from_str(&of("ndjson")).expect("a line of JSON");
    assert_eq!(told.channel, Channel::Zalo);
    let mail = of("eml");
    assert!(
        mail.starts_with("To: a@example.vn\r\nMessage-ID: <"),
        "{mail}"
    );
    assert!(mail.is_ascii() && mail.contains("\r\n\r\n"));
    assert!(of("txt").contains("Hồ sơ: H51-0003"));
}

#[tokio::test]
async fn what_failed_is_sent_again_by_an_officer_of_the_commune_only() {
    let db = TestDb::practice().await;
    dossier(&db, "H51-0001", "2024-05-20T08:00:00+07:00", &[RECEIVED]).await;
    let clock = at("2024-05-20T10:00:00+07:00");
    gather(db.pool(), &actor(), &clock).await.expect("gathers");
    fn refused(_: usize) -> Carried {
        Carried::Refused {
            code: "no_paper".to_owned(),
        }
    }
    let carriers = both(Scripted::new(taken), Scripted::new(refused));
    send(db.pool(), &actor(), &clock, &carriers)
        .await
        .expect("sends");
    let row = rows(&db).await.remove(0);
    assert_eq!(
        (&*row.state, row.reason.as_deref()),
        ("failed", Some("no_paper"))
    );
    let nobody = Actor {
        grants: Vec::new(),
        ..actor()
    };
    let denied = show::again(db.pool(), &nobody, &clock, row.no).await;
    assert!(matches!(denied, Err(Refused::NotFailed)));
    show::again(db.pool(), &actor(), &clock, row.no)
        .await
        .expect("again");
    let twice = show::again(db.pool(), &actor(), &clock, row.no).await;
    assert!(matches!(twice, Err(Refused::NotFailed)));
    let sound = both(Scripted::new(taken), Scripted::new(taken));
    assert_eq!(
        send(db.pool(), &actor(), &clock, &sound)
            .await
            .expect("sends")
            .sent,
        1
    );
}
