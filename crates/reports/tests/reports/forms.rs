//! Form 10a of a small village, and of a scenario against the boards.

use kernel::Dong;
use law::Law;
use reports::form::{self, Figures, Form, Which};
use reports::{By, ByArea, Division, Question, caseload};
use testkit::TestDb;

use crate::support::{PROVINCE, actor, clock, event, made, may, office_of, record, sample};

async fn form(db: &TestDb) -> Form {
    let (clock, law) = (clock(), Law::embedded());
    let of = ByArea {
        division: Division::Below,
        month: may(),
        area: PROVINCE.to_owned(),
    };
    let filled = form::fill(
        &office_of(db, &clock, &law),
        &actor(),
        Which::Regular,
        &of,
        None,
    )
    .await;
    filled.expect("a form")
}

/// The row with the number after the row with another one.
fn row(form: &Form, part: &str, number: &str) -> Figures {
    let start = form.rows.iter().position(|row| row.number == part);
    let rows = &form.rows[start.expect("a part")..];
    let found = rows.iter().find(|row| row.number == number);
    found.expect("a row").figures.expect("recorded")
}

fn figures(people: i64, male: i64, female: i64, amount: i64) -> Figures {
    Figures {
        people,
        male,
        female,
        amount: Dong(amount),
    }
}

#[tokio::test]
async fn people_stand_in_the_rows_of_their_circumstances() {
    let db = made().await;
    let form = form(&db).await;
    assert_eq!(row(&form, "I", "I"), figures(3, 0, 3, 1_620_000));
    assert_eq!(row(&form, "I", "4"), figures(1, 0, 1, 360_000));
    assert_eq!(row(&form, "I", "6"), figures(2, 0, 2, 1_260_000));
    assert_eq!(row(&form, "6.1", "b"), figures(1, 0, 1, 720_000));
    assert_eq!(row(&form, "6.2", "b"), figures(1, 0, 1, 540_000));
    assert_eq!(row(&form, "6.2", "c"), Figures::default());
    // The carer was born in 1960, whom she cares for in 1990.
    assert_eq!(row(&form, "II", "b"), figures(1, 0, 1, 360_000));
    let last = form.rows.last().expect("rows").figures;
    assert_eq!(last, Some(figures(4, 0, 4, 1_980_000)));
}

#[tokio::test]
async fn who_has_no_sex_on_record_is_only_in_the_total() {
    let db = made().await;
    let correction = serde_json::json!({"sex": null});
    record(&db, vec![event("parent", "person_corrected", correction)]).await;
    let form = form(&db).await;
    assert_eq!(row(&form, "I", "4"), figures(1, 0, 0, 360_000));
    assert!(
        form.notes
            .iter()
            .any(|note| note.starts_with("1 người chưa ghi giới tính"))
    );
    let unrecorded = form.rows.iter().filter(|row| row.figures.is_none());
    assert_eq!(unrecorded.count(), 6, "facilities are not told apart");
}

#[tokio::test]
async fn the_form_adds_up_to_what_the_lists_pay() {
    let db = sample().await;
    let (clock, law) = (clock(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    let question = Question {
        month: may(),
        area: PROVINCE.to_owned(),
        by: By::Benefit,
    };
    let board = caseload(&office, &actor(), &question)
        .await
        .expect("a board");
    let form = form(&db).await;
    let last = form
        .rows
        .last()
        .and_then(|row| row.figures)
        .expect("the sum");
    assert_eq!(
        last.amount, board.total.amount,
        "nothing is carried over yet"
    );
    assert_eq!(last.male + last.female, last.people);
    let by_benefit: i64 = board.rows.iter().map(|row| row.figures.recipients).sum();
    assert_eq!(last.people, by_benefit);
    // Parts add up to the rows they are parts of.
    let people = |part: &str, number: &str| row(&form, part, number).people;
    for (part, whole, parts) in [
        ("I", "3", ["3.1", "3.2", "3.3"]),
        ("I", "5", ["5.1", "5.2", "5.3"]),
        ("6.1", "6.1", ["a", "b", "c"]),
        ("6.2", "6.2", ["a", "b", "c"]),
    ] {
        let sum: i64 = parts.iter().map(|number| people(part, number)).sum();
        assert_eq!(people(part, whole), sum, "{whole}");
    }
    assert_eq!(
        people("I", "6"),
        people("6.1", "6.1") + people("6.2", "6.2")
    );
    assert!(people("I", "1") > 0 && people("II", "1") > 0);
    let excel = form.board(clock.now());
    assert!(
        excel
            .rows
            .iter()
            .all(|row| row.len() == excel.columns.len())
    );
}
