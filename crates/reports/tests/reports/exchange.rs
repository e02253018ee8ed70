//! The board of exchange: every figure of the two samples comes out of connections, dossiers and
//! messages, and moves with them.

use std::collections::HashSet;

use casework::{Event, Submitted};
use exchange::message::Sent;
use exchange::{Mode, NewConnection, acknowledge, connection, receive};
use kernel::actor::{Actor, Grant, Role};
use kernel::{AreaCode, Clock, Month};
use law::Law;
use payments::Office;
use registry::EventKind;
use reports::exchange::{DossierBehind, ExchangeBoard, Figures, Group, decided_by_month, dossiers};
use reports::{AreaRow, ByArea, Division};
use scenarios::two_way::traffic::{Phase, Traffic, traffic};
use scenarios::{Plan, When, build};
use serde_json::json;
use testkit::TestDb;
use uuid::Uuid;

fn actor() -> Actor {
    Actor::with_every_role("mẫu")
}

fn may() -> Month {
    "2024-05".parse().expect("a month")
}

fn clock() -> Clock {
    testkit::clock("2024-06-03T08:00:00+07:00")
}

async fn steps(db: &TestDb, events: impl IntoIterator<Item = Event>) {
    let rows: Vec<Submitted> = (1..)
        .zip(events)
        .map(|(row, event)| Submitted { row, event })
        .collect();
    let applied = casework::apply(db.pool(), &actor(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

async fn board(db: &TestDb, area: &str) -> ExchangeBoard {
    let (law, clock) = (Law::embedded(), clock());
    let of = ByArea {
        month: may(),
        area: area.to_owned(),
        division: Division::Below,
    };
    let board = reports::exchange(&office(db, &clock, &law), &actor(), &of).await;
    board.expect("a board")
}

fn office<'a>(db: &'a TestDb, clock: &'a Clock, law: &'a Law) -> Office<'a> {
    let pool = db.pool();
    Office { pool, clock, law }
}

/// What is behind a figure, each once.
async fn behind(db: &TestDb, area: &str, month: Month, group: Group) -> Vec<DossierBehind> {
    let (law, clock) = (Law::embedded(), clock());
    let of = ByArea {
        month,
        area: area.to_owned(),
        division: Division::Below,
    };
    let office = office(db, &clock, &law);
    let found = dossiers(&office, &actor(), &of, group, (0, 100_000)).await;
    let found = found.expect("dossiers");
    let each: HashSet<&str> = found.iter().map(|it| it.dossier.as_str()).collect();
    assert_eq!(each.len(), found.len(), "{}: none twice", group.code());
    found
}

fn sum<'a>(found: impl Iterator<Item = &'a DossierBehind>) -> i64 {
    found.map(|it| it.counts).sum()
}

/// Every figure leads to what it counts, of the whole and of each row.
async fn leads_to_dossiers(db: &TestDb, board: &ExchangeBoard) {
    let figure = |figures: &Figures, group: Group| {
        let counted = serde_json::to_value(figures.counts).expect("counts");
        let all = counted.as_object().map(serde_json::Map::len);
        assert_eq!(all, Some(Group::ALL.len()), "a group for each figure");
        counted[group.code()].as_i64().expect("a number")
    };
    let row = board
        .rows
        .iter()
        .max_by_key(|row| row.figures.counts.decided_online);
    for group in Group::ALL.iter().copied() {
        let found = behind(db, &board.area, board.month, group).await;
        let all = sum(found.iter());
        assert_eq!(figure(&board.total, group), all, "{}", group.code());
        for row in &board.rows {
            let lies = |it: &&DossierBehind| it.commune.split(", ").any(|part| part == row.name);
            let own: Vec<&DossierBehind> = found.iter().filter(lies).collect();
            let (code, name) = (group.code(), &row.name);
            assert_eq!(
                figure(&row.figures, group),
                sum(own.iter().copied()),
                "{code} of {name}"
            );
            if group == Group::DecidedOnline {
                let communes: HashSet<&str> = own.iter().map(|it| it.commune.as_str()).collect();
                assert_eq!(row.figures.communes_online, communes.len() as i64, "{name}");
            }
        }
        // The list of a row is that part of the whole.
        if let Some(row) = row {
            let own = behind(db, &row.area, board.month, group).await;
            assert_eq!(figure(&row.figures, group), sum(own.iter()), "{}", row.name);
        }
    }
}

/// The people whom dossiers name, registered.
async fn register(db: &TestDb, plan: &Plan) {
    let named: HashSet<String> = plan
        .dossiers()
        .filter_map(|event| match event.step {
            casework::Step::Submitted(submission) => submission.beneficiary,
            _ => None,
        })
        .collect();
    let source = plan.source();
    let events = [When::Before, When::InMonth]
        .into_iter()
        .flat_map(|phase| plan.events(phase))
        .filter(|event| matches!(event.kind, EventKind::PersonRegistered(_)))
        .filter(|event| named.contains(&format!("{source}/{}", event.person)));
    let rows: Vec<registry::Submitted> = (1..)
        .zip(events)
        .map(|(row, event)| registry::Submitted { row, event })
        .collect();
    let applied = registry::apply(db.pool(), &actor(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

fn online(board: &ExchangeBoard) -> Vec<&str> {
    let online = |row: &&AreaRow<_>| -> bool {
        let row: &AreaRow<Figures> = row;
        row.figures.counts.decided_online > 0
    };
    let rows = board.rows.iter().filter(online);
    rows.map(|row| row.name.as_str()).collect()
}

#[tokio::test]
async fn three_of_thirteen_districts_of_quang_ngai_resolve_applications_online() {
    let plan = build("quang-ngai-2024-05", 1, None).expect("a scenario");
    let db = TestDb::practice().await;
    register(&db, &plan).await;
    steps(&db, plan.dossiers()).await;
    let found = board(&db, "51").await;
    assert_eq!((found.areas_online, found.areas_total), (3, 13));
    assert_eq!(
        online(&found),
        ["Huyện Nghĩa Hành", "Huyện Mộ Đức", "Huyện Ba Tơ"]
    );
    let ba_to = found
        .rows
        .iter()
        .find(|row| row.area == "535")
        .expect("Ba Tơ");
    let (some, all) = (ba_to.figures.communes_online, ba_to.figures.communes);
    assert!(
        0 < some && some < all,
        "part of its communes: {some} of {all}"
    );
    leads_to_dossiers(&db, &found).await;

    // One decision more, in another district, and the figure moves.
    let elsewhere = plan.dossiers().find_map(|event| match &event.step {
        casework::Step::Submitted(submission) if submission.area == "21031" => {
            Some((event.clone(), submission.clone()))
        }
        _ => None,
    });
    let (first, _) = elsewhere.expect("a dossier in the city");
    let again = plan
        .dossiers()
        .filter(|event| event.dossier == first.dossier);
    let again = again.map(|mut event| {
        event.event_id = Uuid::new_v5(&event.event_id, b"another");
        event.dossier = format!("{}-khac", event.dossier);
        event.online = true;
        event
    });
    steps(&db, again).await;
    let moved = board(&db, "51").await;
    assert_eq!((moved.areas_online, moved.areas_total), (4, 13));
    assert_eq!(moved.total.counts.decided, found.total.counts.decided + 1);
}

async fn two_way() -> TestDb {
    let db = TestDb::practice().await;
    let (pool, clock, actor) = (db.pool(), Clock::Fixed(Traffic::recorded_at()), actor());
    let traffic = traffic(1);
    let recorded = connection::record(pool, &actor, &clock, &traffic.connections).await;
    recorded.expect("recorded");
    for phase in traffic.phases {
        match phase {
            Phase::Sent(province, messages) => {
                let rows = (1..).zip(messages);
                let sent: Vec<Sent> = rows.map(|(row, message)| Sent { row, message }).collect();
                let received = receive(pool, &actor, &clock, &province, &sent).await;
                assert_eq!(received.expect("received").refused, []);
            }
            Phase::Steps(events) => steps(&db, events).await,
            Phase::Answered(province, answers) => {
                let done = acknowledge(pool, &actor, &clock, &province, &answers).await;
                done.expect("recorded");
            }
        }
    }
    db
}

#[tokio::test]
async fn of_63_provinces_61_are_connected_and_one_way_costs_show() {
    let db = two_way().await;
    let found = board(&db, "").await;
    assert_eq!(found.rows.len(), 63);
    let connections = &found.connections;
    assert_eq!((connections.connected, connections.provinces), (61, 63));
    assert_eq!(
        json!(connections.modes),
        json!({"two_way": 21, "one_way_in": 39, "one_way_out": 1, "native": 1, "none": 1})
    );
    assert_eq!(
        json!(connections.official_cases),
        json!({"A1": 39, "A2": 1})
    );
    for row in &found.rows {
        let (mode, counts) = (row.figures.mode, row.figures.counts);
        match row.name.as_str() {
            "Tỉnh Khánh Hòa" => assert_eq!(mode, Some(Mode::Native)),
            "Tỉnh Lai Châu" => assert_eq!(mode, Some(Mode::None)),
            _ => assert!(mode.is_some_and(Mode::connects), "{}", row.name),
        }
        assert!(counts.dossiers > 0, "{} has dossiers", row.name);
        let one_way = mode == Some(Mode::OneWayIn);
        assert_eq!(counts.processed_twice > 0, one_way, "{}", row.name);
        assert!(
            counts.dossiers_out == 0 || mode.is_some_and(Mode::tells),
            "{}",
            row.name
        );
        assert!(
            counts.dossiers_in == 0 || mode.is_some_and(Mode::takes_in),
            "{}",
            row.name
        );
    }
    let total = found.total.counts;
    assert!(total.incomplete > total.completed_by_hand && total.completed_by_hand > 0);
    assert!(total.waiting > 0 && total.failed > 0);
    assert!(total.decided > total.decided_online && total.decided_online > 0);
    leads_to_dossiers(&db, &found).await;
    let (law, clock) = (Law::embedded(), clock());
    let of = ByArea {
        month: may(),
        area: String::new(),
        division: Division::Below,
    };
    let months = decided_by_month(&office(&db, &clock, &law), &actor(), &of).await;
    let months = months.expect("months");
    let may = months.last().expect("May");
    assert_eq!(
        (may.decided, may.decided_online),
        (total.decided, total.decided_online)
    );

    // One province more goes both ways from the last day of the month, and the board says so.
    let lai_chau = NewConnection {
        province: "12".to_owned(),
        from: Traffic::last_day(),
        mode: Mode::TwoWay,
        official_case: None,
        note: None,
    };
    let recorded = connection::record(db.pool(), &actor(), &clock, &[lai_chau]).await;
    recorded.expect("recorded");
    let moved = board(&db, "").await.connections;
    assert_eq!(
        (moved.connected, moved.modes["two_way"], moved.modes["none"]),
        (62, 22, 0)
    );
    // And a message that is taken is no longer on its way.
    let waiting = sqlx::query_as::<_, (String, Uuid)>(
        "select o.province_code, o.message_id
         from exchange_outbox o left join exchange_delivery d using (outbox_no)
         where carried and day between '2024-05-01' and '2024-05-31' and d.outbox_no is null
           and not exists (select from exchange_outbox other
                                       left join exchange_delivery e using (outbox_no)
                           where other.dossier_id = o.dossier_id and other.seq <> o.seq
                             and e.outbox_no is null)
         limit 1",
    )
    .fetch_one(db.pool())
    .await
    .expect("a message on its way");
    let answers = [(waiting.1, None)];
    let taken = acknowledge(db.pool(), &actor(), &clock, &waiting.0, &answers).await;
    taken.expect("recorded");
    assert_eq!(board(&db, "").await.total.counts.waiting, total.waiting - 1);
}

#[tokio::test]
async fn a_message_about_no_dossier_is_its_provinces_and_areas_are_kept_apart() {
    let db = TestDb::practice().await;
    let day = may().first_day();
    let connected = NewConnection {
        province: "51".to_owned(),
        from: day,
        mode: Mode::TwoWay,
        official_case: None,
        note: None,
    };
    connection::record(db.pool(), &actor(), &clock(), &[connected])
        .await
        .expect("recorded");
    let early = json!({"id": Uuid::nil(), "dossier": "H51-0001", "seq": 2,
                       "kind": "withdrawal_asked", "at": "2024-05-06T08:00:00+07:00",
                       "reason": "nộp nhầm"});
    let message = exchange::Message::parse(early.to_string().as_bytes()).expect("a message");
    let sent = [Sent { row: 1, message }];
    let held = receive(db.pool(), &actor(), &clock(), "51", &sent)
        .await
        .expect("kept");
    assert_eq!(held.held, 1);
    let province = board(&db, "51").await;
    assert_eq!(province.total.counts.waiting, 1);
    assert_eq!(board(&db, "").await.total.counts.waiting, 1);
    assert_eq!(board(&db, "527").await.total.counts.waiting, 0);
    assert_eq!(province.connections.modes["two_way"], 1);
    leads_to_dossiers(&db, &province).await;

    let (law, clock) = (Law::embedded(), clock());
    let elsewhere = Actor::new(
        "ngoai",
        vec![Grant {
            role: Role::Reader,
            area: Some(AreaCode::from("48")),
        }],
    );
    let of = ByArea {
        month: may(),
        area: "51".to_owned(),
        division: Division::Below,
    };
    let office = office(&db, &clock, &law);
    assert!(reports::exchange(&office, &elsewhere, &of).await.is_err());
    let behind = dossiers(&office, &elsewhere, &of, Group::Waiting, (0, 10)).await;
    assert!(behind.is_err());
}

/// A dossier about somebody, of a one-stop system or handed in at a counter.
fn handed_in(code: &str, at: &str, (name, number): (&str, Option<&str>)) -> serde_json::Value {
    json!({"dossier": code, "kind": "submitted", "at": format!("{at}T08:00:00+07:00"),
           "procedure": "1.001776", "area": "21175", "channel": "direct", "applicant": name,
           "applicant_id_number": number, "papers": [{"name": "Tờ khai"}]})
}

async fn at_the_counter(db: &TestDb, code: &str, at: &str, whom: (&str, Option<&str>)) {
    let mut fields = handed_in(code, at, whom);
    fields["event_id"] = json!(Uuid::new_v5(&Uuid::NAMESPACE_OID, code.as_bytes()));
    let event = Event::parse(fields.to_string().as_bytes()).expect("a step");
    steps(db, [event]).await;
}

#[tokio::test]
async fn what_a_counter_keys_again_is_counted_by_province_and_month() {
    let db = TestDb::practice().await;
    let two_way = NewConnection {
        province: "51".to_owned(),
        from: "2024-01-01".parse().expect("a day"),
        mode: Mode::TwoWay,
        official_case: None,
        note: None,
    };
    let recorded = connection::record(db.pool(), &actor(), &clock(), &[two_way]).await;
    recorded.expect("recorded");
    let (first, second) = (Some("000150000017"), Some("000150000018"));
    let answers = json!({"full_name": "Người Thử", "birth_date": "31/12/1950"});
    let mut messages = Vec::new();
    for (place, (code, number, form)) in [
        ("H51-motcua-1", first, None),
        ("H51-motcua-2", None, Some(answers)),
        ("H51-motcua-3", second, None),
    ]
    .into_iter()
    .enumerate()
    {
        let mut fields = handed_in(code, "2024-04-10", ("Người Thử", number));
        fields["id"] = json!(Uuid::from_u128(place as u128 + 1));
        fields["seq"] = json!(1);
        if let Some(answers) = form {
            fields["form"] = json!({"benefit": "disability", "answers": answers});
        }
        let message = exchange::Message::parse(fields.to_string().as_bytes());
        messages.push(message.expect("a message"));
    }
    let rows = (1..).zip(messages);
    let sent: Vec<Sent> = rows.map(|(row, message)| Sent { row, message }).collect();
    let received = receive(db.pool(), &actor(), &clock(), "51", &sent).await;
    assert_eq!(received.expect("received").refused, []);
    // The same number, while it is open; in the month before it was no repeat yet; another's number.
    at_the_counter(&db, "H51-quay-1", "2024-05-06", ("Người Thử", first)).await;
    at_the_counter(&db, "H51-quay-0", "2024-04-09", ("Người Thử", first)).await;
    at_the_counter(&db, "H51-quay-3", "2024-05-07", ("Người Thử", None)).await;
    // One that was not accepted counts until thirty days have gone by.
    let refused = json!({"event_id": Uuid::from_u128(90), "dossier": "H51-motcua-3", "kind": "not_accepted",
                         "at": "2024-04-12T08:00:00+07:00", "reason": "sai thủ tục"});
    let refused = Event::parse(refused.to_string().as_bytes()).expect("a step");
    steps(&db, [refused]).await;
    at_the_counter(&db, "H51-quay-4", "2024-05-12", ("Người Khác", second)).await;
    at_the_counter(&db, "H51-quay-5", "2024-05-13", ("Người Khác", second)).await;
    let may_of = board(&db, "51").await;
    assert_eq!(may_of.total.counts.repeated, 2);
    leads_to_dossiers(&db, &may_of).await;
    assert_eq!(board(&db, "48").await.total.counts.repeated, 0);
    let april = "2024-04".parse().expect("a month");
    assert_eq!(behind(&db, "51", april, Group::Repeated).await, []);
    let (law, clock) = (Law::embedded(), clock());
    let of = ByArea {
        month: may(),
        area: "51".to_owned(),
        division: Division::Below,
    };
    let found = dossiers(
        &office(&db, &clock, &law),
        &actor(),
        &of,
        Group::Repeated,
        (0, 10),
    )
    .await;
    let found: Vec<(String, Option<String>)> = found
        .expect("dossiers")
        .into_iter()
        .map(|it| (it.dossier, it.repeats))
        .collect();
    let pair = |code: &str, repeats: &str| (code.to_owned(), Some(repeats.to_owned()));
    assert_eq!(
        found,
        [
            pair("H51-quay-1", "H51-motcua-1"),
            pair("H51-quay-4", "H51-motcua-3"),
        ]
    );
}
