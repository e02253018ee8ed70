//! Boards of a small list: two communes, a family with a carer, a single parent.

use kernel::{Actor, Dong};
use law::{Benefit, Law};
use payments::Refused;
use reports::caseload::{Figures, Key};
use reports::{By, ByArea, Division, Question, caseload, cashless, data_quality, people};
use testkit::TestDb;

use crate::support::{BA_TO, PROVINCE, actor, clock, made, may, office_of};

fn question(by: By) -> Question {
    Question {
        month: may(),
        area: PROVINCE.to_owned(),
        by,
    }
}

#[tokio::test]
async fn carers_are_households_and_everybody_else_people() {
    let (db, clock) = (made().await, clock());
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    let board = caseload(&office, &actor(), &question(By::Benefit))
        .await
        .expect("a board");
    let rows: Vec<_> = board
        .rows
        .iter()
        .map(|row| {
            (
                row.key.clone(),
                row.figures.people,
                row.figures.households,
                row.figures.amount,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (Key::Benefit(Benefit::PoorSingleParent), 1, 0, Dong(360_000)),
            (
                Key::Benefit(Benefit::Disability),
                2,
                0,
                Dong(540_000 + 720_000)
            ),
            (Key::Benefit(Benefit::HouseholdCarer), 0, 1, Dong(360_000)),
        ]
    );
    let total = board.total;
    assert_eq!(
        (total.people, total.households, total.recipients),
        (3, 1, 4)
    );
    assert_eq!(total.amount, board.lists[0].payable);
    assert!(!board.lists[0].approved);
}

#[tokio::test]
async fn rows_of_areas_and_channels_add_up_to_the_total() {
    let (db, clock) = (made().await, clock());
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    for (by, codes) in [
        (By::Area, ["527", "535"].as_slice()),
        (By::Channel, ["none", "account", "post_office"].as_slice()),
    ] {
        let board = caseload(&office, &actor(), &question(by))
            .await
            .expect("a board");
        let found: Vec<&str> = board.rows.iter().map(|row| row.key.code()).collect();
        assert_eq!(found, codes);
        let mut sum = Figures::default();
        board.rows.iter().for_each(|row| sum += row.figures);
        assert_eq!(sum, board.total);
    }
}

#[tokio::test]
async fn every_number_names_its_people() {
    let (db, clock) = (made().await, clock());
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    for (by, row, expected) in [
        (
            By::Benefit,
            Some("disability"),
            ["severe", "cared"].as_slice(),
        ),
        (By::Benefit, Some("household_carer"), &["carer"]),
        (By::Benefit, Some("no_such_benefit"), &[]),
        (By::Channel, Some("none"), &["parent"]),
        (By::Area, Some(BA_TO), &["parent"]),
        (By::Area, None, &["severe", "cared", "carer", "parent"]),
    ] {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = people(&office, &actor(), &question(by), row, after, 2)
                .await
                .expect("people");
            let Some(last) = page.last() else { break };
            after = Some(last.person_id);
            found.extend(page.into_iter().map(|behind| behind.person));
        }
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(found, expected, "{by:?} {row:?}");
    }
}

#[tokio::test]
async fn accounts_and_identity_are_counted_by_area() {
    let (db, clock) = (made().await, clock());
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    let of = ByArea {
        division: Division::Below,
        month: may(),
        area: PROVINCE.to_owned(),
    };

    let accounts = cashless(&office, &actor(), &of, Some(95))
        .await
        .expect("a board");
    let counts = accounts.total.counts;
    assert_eq!(
        (
            counts.beneficiaries,
            counts.with_account,
            counts.paid_by_account
        ),
        (4, 2, 1)
    );
    assert_eq!(
        (counts.own_account, counts.guardian_account, counts.gap),
        (1, 1, 1)
    );
    assert_eq!(accounts.total.with_account_percent, "50.00");
    assert_eq!(accounts.total.missing_to_target, Some(3));

    let identity = data_quality(&office, &actor(), &of).await.expect("a board");
    let total = identity.total;
    assert_eq!((total.missing_id, total.malformed_id), (1, 1));
    assert_eq!((total.verified, total.pending), (1, 1));
    assert_eq!((identity.areas_complete, identity.areas_total), (1, 2));
}

#[tokio::test]
async fn without_a_list_or_a_role_there_are_no_figures() {
    let db = TestDb::practice().await;
    let clock = clock();
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    let refused = caseload(&office, &actor(), &question(By::Benefit)).await;
    assert!(matches!(refused, Err(Refused::NoList { .. })));
    let nobody = Actor::new("ai.do", Vec::new());
    let refused = caseload(&office, &nobody, &question(By::Benefit)).await;
    assert!(matches!(refused, Err(Refused::Denied(_))));
}
