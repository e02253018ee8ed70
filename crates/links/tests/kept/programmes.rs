//! Lists of other programmes: read, compared, decided; a pension is proposed only.

use documents::sheet;
use jiff::civil::date;
use kernel::PersonId;
use links::decide::{Decision, Of, decide};
use links::list::{Bringing, Brought, ProgrammeSheet, ReadRows, bring, lists};
use links::shown::{Pair, Wanted, pairs};
use links::{LinkRefused, PairState, Programme};
use payments::Office;
use payments::proposal::{self, proposals};
use testkit::TestDb;
use uuid::Uuid;

use crate::people::{HERE, Person, clock, neighbours, number, officer, register, tell};

const HEADING: &str = "Số hồ sơ,Họ và tên,Ngày sinh,Giới tính,Số định danh,Xã,Hưởng từ ngày";

fn read(rows: &str) -> ReadRows {
    let file = format!("{HEADING}\n{rows}");
    let hash = sheet::fingerprint(file.as_bytes()).expect("a hash");
    let mut list = ProgrammeSheet::new("51", clock().today(), hash).expect("begun");
    sheet::read(std::io::Cursor::new(file.into_bytes()), |row, cells| {
        let taken = list.take(row, cells);
        taken.map_err(|error| sheet::SheetError::Io(std::io::Error::other(error.to_string())))
    })
    .expect("read");
    list.finish().expect("a heading")
}

fn pension() -> Bringing {
    Bringing {
        programme: Programme::Pension,
        area: "51".to_owned(),
        source: "BHXH tỉnh, công văn 12".to_owned(),
        as_of: date(2024, 5, 1),
        purpose: "rà soát người hưởng hai chế độ".to_owned(),
        file_name: "luong-huu.csv".to_owned(),
    }
}

/// Her own row, two that are nobody's, and one that cannot be read.
const ROWS: &str = "HT-1,Dinh Thi Mua,09/02/1948,Nữ,999148000001,Xã Không Có,01/03/2003
HT-2,Lý Hải Đăng,11/11/1951,Nam,,21031,
HT-3,Tôn Nữ Quỳnh,12/12/1952,Nữ,,21031,
HT-4,,,,,,";

async fn somebody() -> (TestDb, PersonId) {
    let db = TestDb::practice().await;
    neighbours(&db).await;
    let her = Person {
        key: "her",
        name: "Đinh Thị Mưa",
        birth: "1948-02-09",
        id_number: Some("999148000001"),
        area: HERE,
    };
    register(&db, &[her]).await;
    let id = number(&db, "her").await;
    (db, id)
}

async fn brought(db: &TestDb, bringing: &Bringing) -> Brought {
    let tinh = officer("tinh", "51");
    let done = bring(db.pool(), &tinh, &clock(), bringing, read(ROWS)).await;
    done.expect("compared")
}

async fn shown(db: &TestDb, state: PairState) -> Vec<Pair> {
    let wanted = Wanted {
        area: HERE.to_owned(),
        programme: Some(Programme::Pension),
        state,
        offset: 0,
        limit: 50,
    };
    let found = pairs(db.pool(), &officer("xa", HERE), &clock(), &wanted).await;
    found.expect("an answer").0
}

#[tokio::test]
async fn of_a_list_only_rows_that_may_be_somebody_are_kept_with_where_it_is_from() {
    let (db, her) = somebody().await;
    let rows = read(ROWS);
    assert_eq!((rows.rows, rows.good, rows.refused.len()), (4, 3, 1));
    let first = brought(&db, &pension()).await;
    assert_eq!((first.rows, first.pairs, first.new_pairs), (3, 1, 1));
    let again = brought(&db, &pension()).await;
    assert_eq!((again.list_no, again.new_pairs), (first.list_no, 0));
    let kept: Vec<String> = sqlx::query_scalar("select file_number from programme_row")
        .fetch_all(db.pool())
        .await
        .expect("rows");
    assert_eq!(kept, ["HT-1"]);
    let open = shown(&db, PairState::Open).await;
    assert_eq!(
        (open.len(), open[0].person.id, &*open[0].row.full_name),
        (1, her, "Dinh Thi Mua")
    );
    assert_eq!(open[0].row.since, Some(date(2003, 3, 1)));
    let number = open[0]
        .why
        .iter()
        .find(|it| it.field == "id_number")
        .expect("compared");
    assert!(number.times > 100, "{number:?}");
    let heads = lists(db.pool(), &officer("xa", HERE), &clock(), HERE)
        .await
        .expect("listed");
    assert_eq!(
        (&*heads[0].source, heads[0].rows, heads[0].kept),
        ("BHXH tỉnh, công văn 12", 4, 1)
    );

    let nothing = Bringing {
        source: " ".to_owned(),
        ..pension()
    };
    let refused = bring(
        db.pool(),
        &officer("tinh", "51"),
        &clock(),
        &nothing,
        read(ROWS),
    )
    .await;
    assert_eq!(refused.expect_err("no source").code(), "source_missing");
    let denied = bring(
        db.pool(),
        &officer("xa", HERE),
        &clock(),
        &pension(),
        read(ROWS),
    )
    .await;
    assert_eq!(denied.expect_err("another area").code(), "denied");
}

#[tokio::test]
async fn a_link_proposes_the_pension_and_changes_nothing_itself() {
    let (db, her) = somebody().await;
    brought(&db, &pension()).await;
    let xa = officer("xa", HERE);
    let open = shown(&db, PairState::Open).await;
    let of = |turn| Of {
        programme: Programme::Pension,
        print: &open[0].print,
        person: her,
        turn: Some(turn),
    };
    let link = async |turn, decision| {
        decide(
            db.pool(),
            &xa,
            &clock(),
            of(turn),
            decision,
            "đã xem sổ hưu",
        )
        .await
    };
    let proposal = link(0, Decision::Link)
        .await
        .expect("linked")
        .expect("proposed");
    let late = link(0, Decision::Dismiss).await;
    assert!(matches!(late, Err(LinkRefused::Meanwhile)), "{late:?}");
    let facts = "select count(*) from fact where kind = 'pension'";
    let facts = async || {
        sqlx::query_scalar::<_, i64>(facts)
            .fetch_one(db.pool())
            .await
            .expect("facts")
    };
    assert_eq!(facts().await, 0, "a link alone changes nothing");

    let (law, clock) = (law::Law::embedded(), clock());
    let office = Office {
        pool: db.pool(),
        law: &law,
        clock: &clock,
    };
    let month = "2024-05".parse().expect("a month");
    let waiting = proposals(&office, &xa, month, HERE, false)
        .await
        .expect("listed");
    assert_eq!(
        (waiting[0].source.as_str(), waiting[0].since),
        ("programme", Some(date(2003, 3, 1)))
    );
    assert!(
        waiting[0]
            .proof
            .as_deref()
            .is_some_and(|it| it.contains("công văn 12") && it.contains("dòng 2"))
    );
    let since = proposal::Decision::On {
        date: date(2003, 3, 1),
    };
    proposal::decide(&office, &xa, proposal, since, "sổ hưu")
        .await
        .expect("accepted");
    assert_eq!(facts().await, 1);

    assert_eq!(shown(&db, PairState::Linked).await.len(), 1);
    let next = Bringing {
        as_of: date(2024, 5, 15),
        ..pension()
    };
    assert_eq!(
        brought(&db, &next).await.new_pairs,
        0,
        "next month's list knows the link"
    );
    assert_eq!(
        shown(&db, PairState::Linked).await[0].row.as_of,
        date(2024, 5, 15)
    );
    assert_eq!(link(1, Decision::Part).await.expect("parted"), None);
    assert_eq!(
        link(2, Decision::Link).await.expect("linked"),
        None,
        "known by now"
    );
}

#[tokio::test]
async fn a_dismissed_row_comes_back_only_when_the_record_changed() {
    let (db, her) = somebody().await;
    brought(&db, &pension()).await;
    let open = shown(&db, PairState::Open).await;
    let of = Of {
        programme: Programme::Pension,
        print: &open[0].print,
        person: her,
        turn: Some(0),
    };
    let (one, other) = (officer("xa.1", HERE), officer("xa.2", HERE));
    let (clock, pool) = (clock(), db.pool());
    let (first, second) = tokio::join!(
        decide(pool, &one, &clock, of, Decision::Dismiss, "trùng tên"),
        decide(pool, &other, &clock, of, Decision::Dismiss, "trùng tên")
    );
    assert_ne!(
        first.is_ok(),
        second.is_ok(),
        "one wins: {first:?} {second:?}"
    );
    brought(
        &db,
        &Bringing {
            as_of: date(2024, 5, 15),
            ..pension()
        },
    )
    .await;
    assert_eq!(shown(&db, PairState::Open).await, []);
    let corrected = serde_json::json!({
        "event_id": Uuid::new_v4(), "kind": "person_corrected", "person": "her",
        "effective": "2024-05-20", "source": "thử", "full_name": "Đinh Thị Mùa",
    });
    tell(&db, &corrected.to_string()).await;
    assert_eq!(shown(&db, PairState::Open).await.len(), 1);
}
