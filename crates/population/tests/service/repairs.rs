//! Work on records: suggested, accepted, kept, sent to the police of the commune and answered.

use std::io::Cursor;

use documents::sheet::{self, SheetError};
use jiff::civil::date;
use kernel::Cell;
use population::quality::police::{self, ReadAnswers};
use population::quality::{Fault, People, Task, accept, check_again, keep, tasks};

use super::*;

const KNOWN: &str = r#"{"id_number":"999150000001","full_name":"Trần Thị Hoà","birth_date":"1950-03-02","sex":"female"}
{"id_number":"999150000002","full_name":"Lê Thị Thuỷ","birth_date":"1950-02-03","sex":"female"}
{"id_number":"999150000003","full_name":"Lê Thị Bưởi","birth_date":"1950-07-08","sex":"female"}
"#;

const OURS: [(&str, &str, &str, &str); 5] = [
    ("Trần Thị Hòa", "1950-02-03", "female", "999150000001"),
    ("Lê Thị Thụy", "1950-02-03", "female", "999150000002"),
    ("Lê Thị Bưởi", "1950", "female", "999150000003"),
    ("Không Ai Cả", "1950-02-03", "female", "999150000006"),
    ("Đỗ Thị Chanh", "1950-07-08", "male", "51150000008"),
];

async fn list(db: &TestDb) -> Vec<Task> {
    let wanted = People {
        area: COMMUNE.to_owned(),
        limit: 100,
        ..People::default()
    };
    let found = tasks(db.pool(), &actor(), &clock(), &wanted).await;
    found.expect("the list").tasks
}

/// Person, field and suggested value of each task.
async fn shown(db: &TestDb) -> Vec<(i64, &'static str, Option<String>)> {
    let all = list(db).await;
    let mut shown: Vec<_> = all
        .into_iter()
        .map(|it| {
            (
                it.person.0,
                it.field.code(),
                it.suggestion.map(|it| it.value),
            )
        })
        .collect();
    shown.sort();
    shown
}

async fn checked() -> (TestDb, Service) {
    let db = TestDb::practice().await;
    register(&db, &OURS).await;
    let address = sandbox(KNOWN, Manner::default()).await;
    let service = service(&address);
    run(&db, &service).await.expect("asked");
    (db, service)
}

fn some(value: &str) -> Option<String> {
    Some(value.to_owned())
}

#[tokio::test]
async fn an_accepted_repair_is_an_event_with_its_proof_and_is_checked_again() {
    let (db, service) = checked().await;
    let expected = [
        (1, "birth_date", some("1950-03-02")),
        (2, "full_name", some("Lê Thị Thuỷ")),
        (3, "birth_date", some("1950-07-08")),
        (4, "id_number", None),
        // Eleven digits, and with the zero back the number would not fit the sex.
        (5, "id_number", None),
    ];
    assert_eq!(shown(&db).await, expected);
    let accepts = async |person: i64, field: Fault, value: Option<&str>| {
        let what = (PersonId(person), field);
        accept(
            db.pool(),
            &actor(),
            &clock(),
            what,
            value,
            "Đối chiếu sổ hộ khẩu",
        )
        .await
    };
    let stale = accepts(1, Fault::BirthDate, Some("1950-03-03")).await;
    assert_eq!(stale.expect_err("not what is suggested").code(), "changed");
    let nothing = accepts(4, Fault::IdNumber, None).await;
    assert_eq!(
        nothing.expect_err("nothing suggested").code(),
        "no_suggestion"
    );
    let (one, other) = tokio::join!(
        accepts(1, Fault::BirthDate, Some("1950-03-02")),
        accepts(1, Fault::BirthDate, Some("1950-03-02"))
    );
    assert!(one.is_ok() || other.is_ok());
    let proof: (String, String, String) = sqlx::query_as(
        "select ours, value, d.source from quality_decision d join event using (event_id)
         where decision = 'accepted' and kind = 'person_corrected'",
    )
    .fetch_one(db.pool())
    .await
    .expect("one decision with its event");
    assert_eq!((&*proof.0, &*proof.1), ("1950-02-03", "1950-03-02"));
    assert!(
        proof.2.starts_with("Dữ liệu dân cư, yêu cầu "),
        "{}",
        proof.2
    );
    let corrections = "select count(*) from event where kind = 'person_corrected'";
    assert_eq!(
        count(&db, corrections).await,
        1,
        "two at once corrected once"
    );
    // By itself: nobody had to say whom to ask about again.
    assert_eq!(due_people(&db).await, [PersonId(1)]);
    for (asked, verified) in [(1, 1), (0, 0)] {
        let tally = check_again(db.pool(), &clock(), &service)
            .await
            .expect("asked");
        assert_eq!((tally.people, tally.verified), (asked, verified));
    }
    assert_eq!(due_people(&db).await, []);
    assert_eq!(shown(&db).await, expected[1..]);
}

#[tokio::test]
async fn what_is_kept_with_a_reason_comes_back_only_when_it_changes() {
    let (db, _) = checked().await;
    let what = (PersonId(2), Fault::FullName);
    let without = keep(db.pool(), &actor(), &clock(), what, " ").await;
    assert_eq!(without.expect_err("no reason").code(), "reason_missing");
    let kept = keep(
        db.pool(),
        &actor(),
        &clock(),
        what,
        "Giấy khai sinh ghi Thụy",
    )
    .await;
    kept.expect("kept");
    assert!(shown(&db).await.iter().all(|(person, ..)| *person != 2));
    let again = keep(db.pool(), &actor(), &clock(), what, "Nữa").await;
    assert_eq!(again.expect_err("off the list").code(), "not_on_list");
    let unchanged = "select count(*) from event where kind = 'person_corrected'";
    assert_eq!(count(&db, unchanged).await, 0);
}

/// The sheet sent back, each row's answer cells from the result on.
fn sent_back(list: &police::PoliceList, answers: &[(usize, [&str; 5])]) -> ReadAnswers {
    let mut written = Vec::new();
    police::workbook(list, &mut written).expect("a workbook");
    let mut read = ReadAnswers::default();
    let mut row_no = 0;
    sheet::read(Cursor::new(written), |row, cells| {
        let first = cells.first().and_then(Cell::shown);
        let is_person = first.is_some_and(|text| text.parse::<usize>().is_ok());
        let mut cells: Vec<Cell<'_>> = cells.to_vec();
        if is_person {
            row_no += 1;
            cells.resize(11, Cell::Empty);
            if let Some((_, answer)) = answers.iter().find(|(at, _)| *at == row_no) {
                for (cell, text) in cells[6..].iter_mut().zip(answer) {
                    *cell = Cell::Text((*text).into());
                }
            }
        }
        read.take(row, &cells);
        Ok::<_, SheetError>(())
    })
    .expect("our own sheet");
    read
}

#[tokio::test]
async fn the_police_answer_a_list_and_nothing_changes_before_somebody_accepts() {
    let (db, _) = checked().await;
    let list = police::send(db.pool(), &actor(), &clock(), COMMUNE)
        .await
        .expect("a list");
    assert_eq!(list.rows.len(), 5);
    let twice = police::send(db.pool(), &actor(), &clock(), COMMUNE).await;
    assert_eq!(
        twice.expect_err("all are asked about").code(),
        "nobody_to_send"
    );
    let row = |person: i64| {
        let row = list.rows.iter().find(|row| row.person == person);
        usize::try_from(row.expect("on the list").row_no).expect("small")
    };
    let read = sent_back(
        &list,
        &[
            (row(2), ["đúng", "", "", "", ""]),
            (row(4), ["khác", "", "", "", "999150000004"]),
            (row(5), ["đã mất", "", "", "", ""]),
            (row(3), ["khác", "", "30/02/1950", "", ""]),
        ],
    );
    let done = police::bring(db.pool(), &actor(), &clock(), &list, read)
        .await
        .expect("brought");
    assert_eq!(
        (
            done.answered,
            done.right,
            done.differs,
            done.dead,
            done.deaths,
            done.blank
        ),
        (3, 1, 1, 1, 1, 1)
    );
    assert_eq!(done.refused.len(), 1, "{:?}", done.refused);
    let changed = "select count(*) from event where kind in ('person_corrected', 'died')";
    assert_eq!(count(&db, changed).await, 0);
    let shown = shown(&db).await;
    assert!(
        shown.iter().all(|(person, ..)| *person != 2),
        "right, and kept"
    );
    assert!(
        shown.contains(&(4, "id_number", some("999150000004"))),
        "{shown:?}"
    );
    let what = (PersonId(4), Fault::IdNumber);
    accept(
        db.pool(),
        &actor(),
        &clock(),
        what,
        None,
        "Công an xã trả lời",
    )
    .await
    .expect("accepted");
    let source: String =
        sqlx::query_scalar("select source from quality_decision where decision = 'accepted'")
            .fetch_one(db.pool())
            .await
            .expect("its proof");
    assert_eq!(source, format!("Công an xã, danh sách số {}", list.list_no));
    assert!(due_people(&db).await.contains(&PersonId(4)));
    // The same sheet again changes nothing.
    let list = police::read(db.pool(), &actor(), &clock(), list.list_no)
        .await
        .expect("read");
    let read = sent_back(&list, &[(row(4), ["đúng", "", "", "", ""])]);
    let again = police::bring(db.pool(), &actor(), &clock(), &list, read)
        .await
        .expect("brought");
    assert_eq!((again.answered, again.refused.len()), (0, 1));
    assert_eq!(clock().today(), date(2024, 5, 2));
}

/// Each slip of the pen as the work list shows it: ours, theirs, who told it, what it might be repaired to.
#[tokio::test]
async fn every_slip_is_shown_with_both_values_its_source_and_a_repair() {
    const THEIRS: &str = r#"{"id_number":"999150000021","full_name":"Trần Thị Hoà","birth_date":"1950-02-03","sex":"female"}
{"id_number":"999150000022","full_name":"Lê Thị Bưởi","birth_date":"1950-03-02","sex":"female"}
{"id_number":"999150000023","full_name":"Lê Thị Mận","birth_date":"1950-07-08","sex":"female"}
{"id_number":"999150000025","full_name":"Mận Thị Đào","birth_date":"1950-02-03","sex":"female"}
{"id_number":"999150000026","old_card":"999000026","full_name":"Đỗ Thị Mơ","birth_date":"1950-07-08","sex":"female"}
"#;
    let ours = [
        ("Trần Thị Hoá", "1950-02-03", "female", "999150000021"),
        ("Lê Thị Bưởi", "1950-02-03", "female", "999150000022"),
        ("Lê Thị Mận", "1950", "female", "999150000023"),
        ("Đỗ Thị Chanh", "1950-07-08", "female", "51150000024"),
        ("Đào Thị Mận", "1950-02-03", "female", "999150000025"),
        ("Đỗ Thị Mơ", "1950-07-08", "female", "999000026"),
        ("Đỗ Thị Na", "1950-07-08", "male", "999150000027"),
    ];
    let db = TestDb::practice().await;
    register(&db, &ours).await;
    let manner = Manner {
        number_alone: true,
        ..Manner::default()
    };
    let address = sandbox(THEIRS, manner).await;
    let service = service_with(&address, |settings| settings.number_alone = true);
    run(&db, &service).await.expect("asked");
    // The population database says that a name differs, never which it has: the police do.
    let sent = police::send(db.pool(), &actor(), &clock(), COMMUNE).await;
    let sent = sent.expect("a list");
    let fifth = sent.rows.iter().find(|row| row.person == 5);
    let row_no = usize::try_from(fifth.expect("on the list").row_no).expect("small");
    let read = sent_back(&sent, &[(row_no, ["khác", "Mận Thị Đào", "", "", ""])]);
    let brought = police::bring(db.pool(), &actor(), &clock(), &sent, read).await;
    assert_eq!(brought.expect("brought").differs, 1);
    let mut shown: Vec<_> = list(&db)
        .await
        .into_iter()
        .filter_map(|task| {
            let made = task.suggestion?;
            let source = task.source.split(',').next().unwrap_or_default().to_owned();
            let person = task.person.0;
            Some((
                person,
                task.ours,
                task.theirs,
                source,
                made.repair.vietnamese(),
                made.value,
            ))
        })
        .collect();
    shown.sort();
    let row = |person, ours: &str, theirs: &str, source: &str, repair, value: &str| {
        let theirs = some(theirs).filter(|theirs| !theirs.is_empty());
        (
            person,
            some(ours),
            theirs,
            source.to_owned(),
            repair,
            value.to_owned(),
        )
    };
    let (people, itself) = ("Dữ liệu dân cư", "Chính bản ghi");
    let commune = "Công an xã";
    let expected = [
        row(
            1,
            "Trần Thị Hoá",
            "Trần Thị Hoà",
            people,
            "khác dấu",
            "Trần Thị Hoà",
        ),
        row(
            2,
            "1950-02-03",
            "1950-03-02",
            people,
            "đảo ngày và tháng",
            "1950-03-02",
        ),
        row(
            3,
            "1950",
            "1950-07-08",
            people,
            "mới có năm hoặc tháng sinh",
            "1950-07-08",
        ),
        row(
            4,
            "51150000024",
            "",
            itself,
            "mất số 0 ở đầu",
            "051150000024",
        ),
        row(
            5,
            "Đào Thị Mận",
            "Mận Thị Đào",
            commune,
            "đảo họ và tên",
            "Mận Thị Đào",
        ),
        row(
            6,
            "999000026",
            "999150000026",
            people,
            "là số chứng minh nhân dân cũ",
            "999150000026",
        ),
        row(
            7,
            "male",
            "",
            people,
            "không khớp chữ số giới tính của số định danh",
            "female",
        ),
    ];
    assert_eq!(shown, expected);
}
