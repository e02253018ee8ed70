//! Decisions about a beneficiary after the first, and what the next list makes of them.

use casework::change::{
    self, Change, ChangeRefused, Facts, Found, Mistake, NewFact, Order, Recorded,
};
use jiff::civil::date;
use kernel::{Actor, PersonId};
use law::person::Grade;
use law::{Benefit, FactKind};
use payments::{Foreseen, Line};
use registry::event::Decision;
use uuid::Uuid;

use crate::support::*;

fn officer() -> Actor {
    Actor::with_every_role("can.bo")
}

fn order(person: PersonId, ground: &str, change: Change, town: &Town) -> Order {
    Order {
        person,
        change,
        ground: ground.to_owned(),
        decision: Decision {
            number: "21/QĐ-UBND".to_owned(),
            date: town.clock.today(),
            signed_by: Some("Trần Văn Ký".to_owned()),
        },
        note: String::new(),
    }
}

/// Looks at a change, then records it; what was foreseen is what the next list holds.
async fn decide(town: &Town, order: &Order) -> Result<Recorded, ChangeRefused> {
    let (key, actor) = (Uuid::new_v4(), officer());
    let plan = change::plan(town.pool(), &actor, &town.clock, key, order).await?;
    let foreseen = payments::foresee(&town.office(), &actor, order.person, &plan.events).await;
    let foreseen = foreseen.expect("foreseen");
    let recorded = change::record(town.pool(), &actor, &town.clock, key, order, plan.seen).await?;
    // Sent again it is the same change.
    let again = change::record(town.pool(), &actor, &town.clock, key, order, plan.seen).await?;
    assert_eq!(again, recorded);
    agrees(town, &foreseen).await;
    Ok(recorded)
}

async fn agrees(town: &Town, foreseen: &Foreseen) {
    let list = foreseen.month.to_string();
    town.make(&list, "51").await.expect("made");
    let mut told: Vec<String> = foreseen.then.iter().map(in_words).collect();
    let mut made: Vec<String> = town.lines(&list, "51").await;
    for line in &mut made {
        *line = line
            .split_once(' ')
            .map(|(_, rest)| rest.to_owned())
            .expect("a person");
    }
    told.sort();
    made.sort();
    assert_eq!(told, made);
}

fn in_words(line: &Line) -> String {
    let reason = line.reason.map_or("-", |reason| reason.code());
    let (benefit, kind) = (line.benefit.code(), line.kind.code());
    format!(
        "{benefit} {kind} {} {} {reason}",
        line.for_month, line.amount.0
    )
}

/// One woman with a severe disability, 540,000 đồng a month, listed until May 2024.
async fn listed_until_may() -> (Town, PersonId) {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    for list in ["2024-03", "2024-04", "2024-05"] {
        town.set(&format!("{list}-20"));
        town.list(list, "51").await;
    }
    town.set("2024-06-10");
    let person = town.number("p1").await;
    (town, person)
}

async fn june(town: &Town) -> Vec<String> {
    town.make("2024-06", "51").await.expect("made");
    let lines = town.lines("2024-06", "51").await;
    lines
        .iter()
        .map(|line| line.trim_start_matches("p1 disability ").to_owned())
        .collect()
}

#[tokio::test]
async fn a_new_grade_changes_the_level_from_its_month() {
    let (town, person) = listed_until_may().await;
    let worse = Facts {
        begin: vec![NewFact {
            fact: FactKind::Disability {
                grade: Grade::ExtremelySevere,
            },
            from: date(2024, 5, 7),
            to: None,
        }],
        end: Vec::new(),
    };
    let adjust = order(person, "conditions", Change::Adjust(worse), &town);
    decide(&town, &adjust).await.expect("recorded");
    let lines = june(&town).await;
    assert_eq!(lines[0], "regular 2024-06 720000 -");
    assert!(lines[1].starts_with("arrears 2024-05 180000"), "{lines:?}");
    let nothing = order(
        person,
        "conditions",
        Change::Adjust(Facts::default()),
        &town,
    );
    let refused = decide(&town, &nothing).await.expect_err("nothing");
    assert_eq!(refused.code(), "nothing_changes");
}

#[tokio::test]
async fn what_rests_is_due_again_when_nothing_had_changed() {
    let (town, person) = listed_until_may().await;
    let suspend = Change::Suspend {
        benefit: None,
        from: month("2024-06"),
    };
    let suspend = order(person, "not_collected", suspend, &town);
    decide(&town, &suspend).await.expect("recorded");
    assert_eq!(june(&town).await, [""; 0]);
    let again = decide(&town, &suspend).await.expect_err("rests already");
    assert_eq!(again.code(), "no_benefit");
    let resume = Change::Resume {
        benefit: None,
        found: Found::Unchanged,
    };
    decide(&town, &order(person, "unchanged", resume.clone(), &town))
        .await
        .expect("recorded");
    assert_eq!(june(&town).await, ["regular 2024-06 540000 -"]);
    let nothing_rests = decide(&town, &order(person, "unchanged", resume, &town)).await;
    assert_eq!(nothing_rests.expect_err("runs").code(), "no_benefit");
}

#[tokio::test]
async fn what_rests_ends_where_it_was_suspended_when_conditions_are_gone() {
    let (town, person) = listed_until_may().await;
    let suspend = Change::Suspend {
        benefit: Some(Benefit::Disability),
        from: month("2024-05"),
    };
    decide(&town, &order(person, "not_obeying", suspend, &town))
        .await
        .expect("recorded");
    let resume = Change::Resume {
        benefit: None,
        found: Found::NotEligible,
    };
    decide(&town, &order(person, "not_eligible", resume, &town))
        .await
        .expect("recorded");
    assert_eq!(
        june(&town).await,
        ["recovery 2024-05 -540000 enrolment_ended"]
    );
    // Awarded anew it is paid: nothing rests any more.
    town.told(&[enrolled("p1", "disability", "2024-06")]).await;
    assert_eq!(june(&town).await[0], "regular 2024-06 540000 -");
}

#[tokio::test]
async fn a_stop_pays_the_month_of_the_event_and_keeps_a_rest() {
    let (town, person) = listed_until_may().await;
    let stop = Change::Stop {
        benefit: None,
        last_month: month("2024-04"),
    };
    decide(&town, &order(person, "refuses", stop.clone(), &town))
        .await
        .expect("recorded");
    assert_eq!(
        june(&town).await,
        ["recovery 2024-05 -540000 enrolment_ended"]
    );
    let again = decide(&town, &order(person, "refuses", stop, &town)).await;
    assert_eq!(again.expect_err("ended").code(), "no_benefit");
}

#[tokio::test]
async fn a_death_stops_everything_and_opens_the_funeral_dossier() {
    let (town, person) = listed_until_may().await;
    let death = Change::Death {
        day: date(2024, 4, 9),
        organiser: "Lê Văn Lo".to_owned(),
    };
    let recorded = decide(&town, &order(person, "died", death, &town))
        .await
        .expect("recorded");
    assert_eq!(june(&town).await, ["recovery 2024-05 -540000 died"]);
    let dossier = recorded.funeral.expect("a dossier");
    approve_dossier(&town, &dossier).await;
    let lines = june(&town).await;
    assert_eq!(lines[0], "p1 funeral one_off 2024-04 7200000 grant_due");
    // It was somebody else: nothing is deleted, and all is as it was.
    let mistake = Mistake::Change(recorded.change_no);
    let undone = undo(&town, person, mistake, "nhầm người cùng tên")
        .await
        .expect("undone");
    assert_eq!(
        (undone.events, undone.stopped),
        (2, None),
        "the death and the grant"
    );
    assert_eq!(june(&town).await, ["regular 2024-06 540000 -"]);
    let again = undo(&town, person, mistake, "nhầm người cùng tên").await;
    assert_eq!(again.expect_err("once").code(), "nothing_to_undo");
    let events: i64 = sqlx::query_scalar("select count(*) from event where kind = 'died'")
        .fetch_one(town.pool())
        .await
        .expect("counted");
    assert_eq!(events, 1, "kept");
}

async fn undo(
    town: &Town,
    person: PersonId,
    mistake: Mistake,
    reason: &str,
) -> Result<change::Undone, ChangeRefused> {
    let key = (Uuid::new_v4(), person);
    change::undo(town.pool(), &officer(), &town.clock, key, mistake, reason).await
}

async fn approve_dossier(town: &Town, dossier: &str) {
    let decision = Decision {
        number: "30/QĐ-UBND".to_owned(),
        date: town.clock.today(),
        signed_by: None,
    };
    let step = casework::Step::Decided(casework::Outcome::Approved {
        decision,
        from: None,
    });
    let reviewed = casework::Step::StageDone {
        stage: "commune_review".to_owned(),
    };
    let rows = [(1, reviewed), (2, step)].map(|(row, step)| {
        let event = casework::Event {
            event_id: Uuid::new_v4(),
            dossier: dossier.to_owned(),
            at: town.clock.now(),
            online: false,
            step,
        };
        casework::Submitted { row, event }
    });
    let applied = casework::apply(town.pool(), &officer(), &town.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

#[tokio::test]
async fn a_wrong_death_stops_the_funeral_dossier_that_nobody_decided() {
    let (town, person) = listed_until_may().await;
    let death = Change::Death {
        day: date(2024, 4, 9),
        organiser: "Lê Văn Lo".to_owned(),
    };
    let recorded = decide(&town, &order(person, "died", death, &town))
        .await
        .expect("recorded");
    let mistake = Mistake::Change(recorded.change_no);
    let unsaid = undo(&town, person, mistake, " ").await;
    assert_eq!(unsaid.expect_err("no reason").code(), "reason_missing");
    let undone = undo(&town, person, mistake, "nhầm").await;
    assert_eq!(undone.expect("undone").stopped, recorded.funeral);
    assert_eq!(june(&town).await, ["regular 2024-06 540000 -"]);
    // The right death later is a death like any other.
    let death = Change::Death {
        day: date(2024, 6, 1),
        organiser: "Lê Văn Lo".to_owned(),
    };
    decide(&town, &order(person, "died", death, &town))
        .await
        .expect("recorded");
}

#[tokio::test]
async fn of_two_officers_at_once_one_is_told_to_look_again() {
    let (town, person) = listed_until_may().await;
    let (actor, other) = (officer(), Actor::with_every_role("can.bo.2"));
    let stop = Change::Stop {
        benefit: None,
        last_month: month("2024-06"),
    };
    let stop = order(person, "refuses", stop, &town);
    let death = Change::Death {
        day: date(2024, 5, 30),
        organiser: "Lê Văn Lo".to_owned(),
    };
    let death = order(person, "died", death, &town);
    let (one, two) = (Uuid::new_v4(), Uuid::new_v4());
    let seen = change::plan(town.pool(), &actor, &town.clock, one, &stop)
        .await
        .expect("a plan")
        .seen;
    let both = tokio::join!(
        change::record(town.pool(), &actor, &town.clock, one, &stop, seen),
        change::record(town.pool(), &other, &town.clock, two, &death, seen)
    );
    let refused: Vec<ChangeRefused> = [both.0.err(), both.1.err()].into_iter().flatten().collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code(), "changed_since");
}

#[tokio::test]
async fn decisions_are_complete_and_of_the_officers_area() {
    let (town, person) = listed_until_may().await;
    let stop = Change::Stop {
        benefit: None,
        last_month: month("2024-06"),
    };
    let mut unsigned = order(person, "refuses", stop.clone(), &town);
    unsigned.decision.signed_by = None;
    assert_eq!(
        decide(&town, &unsigned).await.expect_err("unsigned").code(),
        "decision_incomplete"
    );
    let mut early = order(person, "refuses", stop.clone(), &town);
    early.decision.date = date(2024, 6, 11);
    assert_eq!(
        decide(&town, &early).await.expect_err("tomorrow").code(),
        "decision_incomplete"
    );
    let groundless = order(person, "not_collected", stop.clone(), &town);
    assert_eq!(
        decide(&town, &groundless)
            .await
            .expect_err("of a rest")
            .code(),
        "ground_unknown"
    );
    let elsewhere = Actor::new(
        "ngoai",
        vec![kernel::actor::Grant {
            role: kernel::actor::Role::Officer,
            area: Some(kernel::AreaCode::from("01")),
        }],
    );
    let order = order(person, "refuses", stop, &town);
    let denied = change::plan(town.pool(), &elsewhere, &town.clock, Uuid::new_v4(), &order).await;
    assert_eq!(denied.expect_err("elsewhere").code(), "denied");
    for statement in [
        "update person_change set note = 'x'",
        "delete from person_change",
    ] {
        decide_once(&town, person).await;
        sqlx::query(statement)
            .execute(town.pool())
            .await
            .expect_err("never changed");
    }
}

async fn decide_once(town: &Town, person: PersonId) {
    let suspend = Change::Suspend {
        benefit: None,
        from: month("2024-06"),
    };
    // The second time it rests already.
    decide(town, &order(person, "detained", suspend, town))
        .await
        .ok();
}

#[tokio::test]
async fn a_move_inside_the_district_changes_the_place_only() {
    let (town, person) = listed_until_may().await;
    let nearby = Change::MoveInside {
        area: "21010".to_owned(),
        day: date(2024, 6, 3),
    };
    decide(&town, &order(person, "same_area", nearby, &town))
        .await
        .expect("recorded");
    let far = Change::MoveInside {
        area: VILLAGE.to_owned(),
        day: date(2024, 6, 3),
    };
    let refused = decide(&town, &order(person, "same_area", far, &town)).await;
    assert_eq!(refused.expect_err("another district").code(), "other_area");
    assert_eq!(june(&town).await, ["regular 2024-06 540000 -"]);
}
