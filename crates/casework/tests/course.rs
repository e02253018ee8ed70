//! From any state only lawful steps lead on, and everything said of a dossier follows from its steps.

use casework::step::{Paper, Submission};
use casework::{Channel, Course, Manner, Outcome, Status, Step};
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use registry::event::Decision;

/// On paper, and entered afterwards.
const PAPER: Manner<'static> = Manner {
    online: false,
    recorded_by: "can.bo",
};

fn submission() -> Submission {
    Submission {
        procedure: "1.001776".to_owned(),
        area: "21175".to_owned(),
        channel: Channel::Online,
        applicant: "Người Thử".to_owned(),
        applicant_id_number: None,
        beneficiary: None,
        benefit: None,
        papers: vec![paper(None)],
    }
}

fn paper(file: Option<String>) -> Paper {
    let name = "Tờ khai".to_owned();
    Paper { name, file }
}

fn step(number: u8, stage: u8) -> Step {
    let words = || "lý do".to_owned();
    let stages = ["commune_review", "sent_up", "appraisal", "decision"];
    let decision = || Decision {
        number: "12/QĐ-UBND".to_owned(),
        date: date(2024, 5, 6),
        signed_by: None,
    };
    match number {
        0 => Step::Submitted(Box::new(submission())),
        1 => Step::Received {},
        2 => Step::NotAccepted { reason: words() },
        3 => Step::TakenUp { holder: words() },
        4 => Step::StageDone {
            stage: stages[usize::from(stage % 4)].to_owned(),
        },
        5 => Step::SupplementAsked {
            papers: vec![words()],
            reason: words(),
        },
        6 => Step::Supplemented {
            papers: vec![paper(None)],
        },
        7 => Step::CompletedByHand {
            papers: vec![words()],
        },
        8 => Step::WithdrawalAsked { reason: words() },
        9 => Step::Stopped { reason: words() },
        10 => Step::Decided(Outcome::Approved {
            decision: decision(),
            from: None,
        }),
        11 => Step::Decided(Outcome::Refused {
            decision: decision(),
            condition: words(),
            law: words(),
        }),
        _ => Step::ResultReturned {},
    }
}

fn start() -> Timestamp {
    "2024-05-06T08:00:00+07:00".parse().expect("a time")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn only_lawful_steps_lead_on(told in prop::collection::vec((0..13_u8, 0..4_u8, 0..30_i64), 1..60)) {
        let mut course = Course::begin(&submission(), start());
        let (mut at, mut taken) = (start(), Vec::new());
        for (number, stage, hours) in told {
            let (step, before) = (step(number, stage), course.clone());
            let later = at + hours.hours();
            if course.follow(&step, later, PAPER).is_err() {
                prop_assert_eq!(&course, &before, "a refused step changes nothing");
                continue;
            }
            at = later;
            taken.push(step.code().to_owned());
            prop_assert!(!before.status().is_final(), "nothing follows the end");
            prop_assert!(before.status() != Status::Processed || number == 12);
            let runs = matches!(course.status(), Status::Received | Status::InProcess);
            prop_assert_eq!(course.due_on().is_some(), runs, "{:?}", taken);
            if let Some((last, earlier)) = course.due_on().zip(before.due_on()) {
                prop_assert!(last >= earlier, "a deadline never comes nearer");
            }
            match &step {
                Step::Decided(Outcome::Approved { .. }) => {
                    let stages = taken.iter().filter(|kind| *kind == "stage_done").count();
                    prop_assert_eq!(stages, 3, "no approval before every stage is done");
                }
                Step::Supplemented { .. } => {
                    prop_assert_eq!(before.status(), Status::SupplementAsked);
                }
                _ => {}
            }
        }
        let decisions = taken.iter().filter(|kind| *kind == "decided").count();
        prop_assert!(decisions <= 1);
        prop_assert!(taken.iter().filter(|kind| *kind == "received").count() <= 1);
        // The same steps give the same course.
        prop_assert_eq!(Course::begin(&submission(), start()), Course::begin(&submission(), start()));
    }
}

#[test]
fn a_dossier_goes_through_the_four_stages_and_rests_while_papers_are_awaited() {
    let mut course = Course::begin(&submission(), start());
    let mut follow = |step: Step, day: i64| {
        course
            .follow(&step, start() + (24 * day).hours(), PAPER)
            .expect("lawful");
        (
            course.status().number(),
            course.due_on().map(|day| day.to_string()),
        )
    };
    let day = |day: &str| Some(day.to_owned());
    assert_eq!(follow(Step::Received {}, 0), (2, day("2024-06-03")));
    assert_eq!(follow(step(4, 0), 1), (4, day("2024-06-03")));
    assert_eq!(follow(step(5, 0), 2), (5, None));
    // Papers were asked for on Wednesday the 8th and came on Wednesday the 15th: five working days.
    assert_eq!(follow(step(6, 0), 9), (4, day("2024-06-10")));
    assert_eq!(follow(step(4, 1), 10), (4, day("2024-06-10")));
    assert_eq!(follow(step(4, 2), 11), (4, day("2024-06-10")));
    assert_eq!(follow(step(10, 0), 12), (9, None));
    assert_eq!(follow(step(12, 0), 13), (10, None));
}
