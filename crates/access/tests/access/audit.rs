//! The audit log shows every tampering, writers at once do not fork it, auditors find what they look
//! for, and no secret gets into it.

use access::audit::{
    Action, Chain, Changed, Group, LogEntry, Named, Wanted, check, export, last_check, read,
    record, verify,
};
use kernel::actor::{Actor, Grant, Role};
use kernel::{Clock, Origin};
use serde_json::json;
use sqlx::PgConnection;
use testkit::{TestDb, clock};

fn nine() -> Clock {
    clock("2024-05-20T09:00:00.123456789+07:00")
}

fn from(last: u8) -> Origin {
    Origin::Request {
        address: Some([203, 0, 113, last].into()),
        agent: "Firefox/115".to_owned(),
    }
}

fn auditor(area: Option<&str>) -> Actor {
    let grant = Grant {
        role: Role::Auditor,
        area: area.map(Into::into),
    };
    Actor::new("thanh.tra", vec![grant])
}

async fn write(db: &mut PgConnection, object: &str) {
    let actor = Actor::with_every_role("lap").at(from(5));
    let detail = json!({ "people": 3, "aa": [1, null], "ghi chú": "đủ" });
    let at = nine().now();
    record(db, at, &actor, Action::ListMake, object, Some("51"), detail)
        .await
        .expect("records");
}

#[tokio::test]
async fn writers_at_once_append_one_chain() {
    let db = TestDb::new().await;
    let writers = (0..6).map(|writer| {
        let pool = db.pool().clone();
        tokio::spawn(async move {
            for entry in 0..5 {
                let mut tx = pool.begin().await.expect("begin");
                write(&mut tx, &format!("{writer}/{entry}")).await;
                tx.commit().await.expect("commit");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("writes");
    }
    let mut connection = db.pool().acquire().await.expect("connects");
    let chain = verify(&mut connection, None).await.expect("reads");
    assert!(
        matches!(chain, Chain::Whole { entries: 30, .. }),
        "{chain:?}"
    );
}

#[tokio::test]
async fn a_changed_or_missing_entry_shows() {
    for tampering in [
        "update audit_entry set object = 'x' where entry_no = 2",
        "update audit_entry set detail = '{}' where entry_no = 2",
        "update audit_entry set origin = 'command_line' where entry_no = 2",
        "update audit_entry set origin = null where entry_no = 2",
        "delete from audit_entry where entry_no = 2",
    ] {
        let db = TestDb::new().await;
        let mut connection = db.pool().acquire().await.expect("connects");
        for object in ["1", "2", "3"] {
            write(&mut connection, object).await;
        }
        let refused = sqlx::query(tampering).execute(&mut *connection).await;
        assert!(refused.is_err(), "the database forbids it: {tampering}");
        for step in [
            "alter table audit_entry disable trigger all",
            "alter table audit_entry drop constraint audit_entry_has_origin",
            tampering,
        ] {
            sqlx::query(step)
                .execute(&mut *connection)
                .await
                .expect("an owner can");
        }
        let chain = verify(&mut connection, None).await.expect("reads");
        assert!(
            matches!(chain, Chain::Broken { entry_no: 2 | 3 }),
            "{tampering}: {chain:?}"
        );
        let later = verify(&mut connection, Some(4)).await.expect("reads");
        assert!(matches!(later, Chain::Whole { entries: 0, .. }));
    }
}

/// An entry as it was written before origins were noted.
const WITHOUT_ORIGIN: &str = r"
    with field(no, bytes) as (values (1, decode(repeat('00', 32), 'hex')), (2, '1716170400000000'::bytea),
             (3, 'lap'), (4, 'list.make'), (5, '1'), (6, '=51'), (7, '{}')),
         chained as (select sha256(string_agg(int8send(length(bytes)::bigint) || bytes, ''::bytea order by no)) as hash
                     from field)
    insert into audit_entry (at, actor, action, object, area_code, detail, previous_hash, hash)
    select to_timestamp(1716170400), 'lap', 'list.make', '1', '51', '{}',
           decode(repeat('00', 32), 'hex'), hash from chained";

#[tokio::test]
async fn entries_from_before_origins_were_noted_still_hold() {
    let db = TestDb::new().await;
    let mut connection = db.pool().acquire().await.expect("connects");
    let refused = sqlx::query(WITHOUT_ORIGIN).execute(&mut *connection).await;
    assert!(refused.is_err(), "none is made without an origin");
    for step in [
        "alter table audit_entry drop constraint audit_entry_has_origin",
        WITHOUT_ORIGIN,
    ] {
        let done = sqlx::query(step).execute(&mut *connection).await;
        done.expect("an owner can");
    }
    write(&mut connection, "2").await;
    let chain = verify(&mut connection, None).await.expect("reads");
    assert!(
        matches!(chain, Chain::Whole { entries: 2, .. }),
        "{chain:?}"
    );
    let entries = found(&db, &auditor(None), Wanted::default()).await;
    let origins: Vec<_> = entries.iter().map(|it| it.origin.as_deref()).collect();
    assert_eq!(origins, [Some("203.0.113.5"), None]);
}

async fn found(db: &TestDb, who: &Actor, wanted: Wanted) -> Vec<LogEntry> {
    let limit = if wanted.limit == 0 { 99 } else { wanted.limit };
    let wanted = Wanted { limit, ..wanted };
    read(db.pool(), who, &wanted).await.expect("reads")
}

#[tokio::test]
async fn auditors_find_entries_of_their_area_by_who_what_when_and_where_from() {
    let db = TestDb::new().await;
    let mut tx = db.pool().begin().await.expect("begin");
    for (day, name, last, action, object, area) in [
        (1, "lap", 1, Action::ListMake, "2024-05/51", Some("51")),
        (2, "duyet", 2, Action::ListApprove, "2024-05/51", Some("51")),
        (3, "lap", 1, Action::PersonView, "person 7", Some("48")),
        (4, "lap", 2, Action::PersonView, "person 8", Some("51")),
        (5, "quan", 3, Action::UserAdd, "moi", None),
    ] {
        let at = clock(&format!("2024-05-0{day}T23:30:00+07:00")).now();
        let actor = Actor::new(name, Vec::new()).at(from(last));
        record(&mut tx, at, &actor, action, object, area, json!({}))
            .await
            .expect("records");
    }
    tx.commit().await.expect("commit");
    let own = |text: &str| Some(text.to_owned());
    let day = |day| Some(jiff::civil::date(2024, 5, day));
    let every = Wanted::default;
    for (wanted, expected) in [
        (every(), vec![5, 4, 3, 2, 1]),
        (
            Wanted {
                actor: own("lap"),
                ..every()
            },
            vec![4, 3, 1],
        ),
        (
            Wanted {
                group: Some(Group::People),
                ..every()
            },
            vec![4, 3],
        ),
        (
            Wanted {
                action: Some(Action::UserAdd),
                ..every()
            },
            vec![5],
        ),
        (
            Wanted {
                object: own("person 8"),
                ..every()
            },
            vec![4],
        ),
        (
            Wanted {
                area: own("51"),
                ..every()
            },
            vec![4, 2, 1],
        ),
        (
            Wanted {
                origin: own("203.0.113.2"),
                ..every()
            },
            vec![4, 2],
        ),
        (
            Wanted {
                since: day(3),
                until: day(4),
                ..every()
            },
            vec![4, 3],
        ),
        (
            Wanted {
                limit: 2,
                ..every()
            },
            vec![5, 4],
        ),
        (
            Wanted {
                limit: 2,
                before: Some(4),
                ..every()
            },
            vec![3, 2],
        ),
    ] {
        let told = format!("{wanted:?}");
        let numbers: Vec<i64> = found(&db, &auditor(None), wanted)
            .await
            .iter()
            .map(|it| it.entry_no)
            .collect();
        assert_eq!(numbers, expected, "{told}");
    }
    let there = found(&db, &auditor(Some("51")), every()).await;
    assert_eq!(there.len(), 3, "only of the area");
    let asked = Wanted {
        area: own("48"),
        ..every()
    };
    assert!(found(&db, &auditor(Some("51")), asked).await.is_empty());
    let reader = Grant {
        role: Role::Reader,
        area: None,
    };
    let reader = Actor::new("xem", vec![reader]);
    assert!(found(&db, &reader, every()).await.is_empty());
}

#[tokio::test]
async fn verifying_and_handing_out_leave_entries_themselves() {
    let db = TestDb::new().await;
    let mut connection = db.pool().acquire().await.expect("connects");
    write(&mut connection, "1").await;
    assert!(last_check(&mut connection).await.expect("reads").is_none());
    let who = auditor(None).at(Origin::CommandLine);
    let chain = check(db.pool(), &who, &nine(), None).await.expect("reads");
    assert!(matches!(chain, Chain::Whole { entries: 1, .. }));
    let last = last_check(&mut connection).await.expect("reads");
    let last = last.expect("was verified");
    assert_eq!((last.actor.as_str(), last.entries), ("thanh.tra", Some(1)));
    let wanted = Wanted {
        actor: Some("lap".to_owned()),
        limit: 9,
        ..Wanted::default()
    };
    let out = export(db.pool(), &who, &nine(), &wanted, "csv").await;
    assert_eq!(out.expect("may").len(), 1);
    let entries = found(&db, &who, Wanted::default()).await;
    assert_eq!(entries[0].action, "audit.export");
    assert_eq!(entries[0].detail["actor"], "lap");
    assert_eq!(entries[0].origin.as_deref(), Some("command_line"));
    assert_eq!(entries[1].action, "audit.verify");
    let nobody = Actor::new("lap", Vec::new());
    let refused = export(db.pool(), &nobody, &nine(), &wanted, "csv").await;
    assert!(refused.is_err());
    assert!(matches!(
        verify(&mut connection, None).await.expect("reads"),
        Chain::Whole { entries: 3, .. }
    ));
}

#[test]
fn what_changed_is_told_without_secrets() {
    let changed = Changed::new()
        .value("days", Some(5), None::<u8>)
        .value("name", "Một", "Một")
        .masked("account", Some("000123456789"), Some("000987654321"))
        .hidden("password");
    let detail = changed.with(json!({ "why": "x" }));
    let text = detail.to_string();
    for secret in ["000123456789", "000987654321", "Một"] {
        assert!(!text.contains(secret), "{text}");
    }
    let named = |field: &str, old: &str, new: &str| Named {
        field: field.to_owned(),
        old: old.to_owned(),
        new: new.to_owned(),
    };
    assert_eq!(
        Named::all(&detail),
        [
            named("account", "•••• 6789", "•••• 4321"),
            named("days", "5", ""),
            named("password", "…", "…"),
        ]
    );
    assert!(Changed::new().value("days", 5, 5).is_empty());
}

#[test]
fn every_action_has_a_code_and_a_name_of_its_own() {
    let mut codes: Vec<&str> = Action::ALL.iter().map(|it| it.code()).collect();
    let mut names: Vec<&str> = Action::ALL.iter().map(|it| it.vietnamese()).collect();
    let count = codes.len();
    for list in [&mut codes, &mut names] {
        list.sort_unstable();
        list.dedup();
        assert_eq!(list.len(), count);
        assert!(list.iter().all(|text| !text.is_empty()));
    }
    for action in Action::ALL {
        assert_eq!(Action::from_code(action.code()), Some(*action));
        assert!(action.group().codes().contains(&action.code().to_owned()));
    }
    for group in Group::ALL {
        assert_eq!(Group::from_code(group.code()), Some(*group));
        assert!(!group.codes().is_empty());
    }
}
