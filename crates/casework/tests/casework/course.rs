//! From any state only lawful steps lead on, and everything said of a dossier follows from its steps.

use casework::step::{Conclusion, Paper, Proposal, Submission};
use casework::{Channel, Course, Manner, Outcome, Status, Step, Unlawful, Waiting};
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

/// In the system, by one of two people.
fn by(second: bool) -> Manner<'static> {
    Manner {
        online: true,
        recorded_by: if second { "lanh.dao" } else { "can.bo" },
    }
}

fn submission() -> Submission {
    Submission {
        procedure: "1.001776".to_owned(),
        area: "21175".to_owned(),
        channel: Channel::Online,
        applicant: "Người Thử".to_owned(),
        applicant_id_number: None,
        applicant_birth: None,
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
        13 => Step::Assigned { holder: words() },
        14 => Step::Posted {
            from: date(2024, 5, 6),
            to: date(2024, 5, 7),
        },
        15 => Step::Complained { reason: words() },
        16 => Step::ComplaintConcluded {
            outcome: Conclusion::Dismissed,
            reason: words(),
        },
        17 => Step::Extended {
            due_on: date(2024, 7, 15),
            reason: words(),
        },
        18 => Step::Proposed(Proposal::Approved {
            from: None,
            by: None,
        }),
        19 => Step::Agreed { by: None },
        20 => Step::SentBack { reason: words() },
        _ => Step::ResultReturned {},
    }
}

fn start() -> Timestamp {
    "2024-05-06T08:00:00+07:00".parse().expect("a time")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn only_lawful_steps_lead_on(told in prop::collection::vec((0..21_u8, 0..4_u8, 0..30_i64, any::<bool>()), 1..80)) {
        let mut course = Course::begin(&submission(), start());
        let (mut at, mut taken) = (start(), Vec::new());
        for (number, stage, hours, second) in told {
            let (step, before) = (step(number, stage), course.clone());
            let later = at + hours.hours();
            if course.follow(&step, later, by(second)).is_err() {
                prop_assert_eq!(&course, &before, "a refused step changes nothing");
                continue;
            }
            at = later;
            taken.push(step.code().to_owned());
            prop_assert!(!before.status().is_final(), "nothing follows the end");
            prop_assert!(before.status() != Status::Processed || matches!(number, 12 | 13));
            prop_assert_eq!(course.desk().is_none(), course.status().is_final(), "it lies somewhere");
            prop_assert!(course.holder().is_none() || course.desk().is_some());
            let runs = matches!(course.status(), Status::Received | Status::InProcess);
            prop_assert_eq!(course.due_on().is_some(), runs, "{:?}", taken);
            let complained = course.complaint().is_some() || before.complaint().is_some();
            if let Some((last, earlier)) = course.due_on().zip(before.due_on()).filter(|_| !complained) {
                prop_assert!(last >= earlier, "a deadline never comes nearer");
            }
            if number == 10 || number == 11 {
                prop_assert!(before.waiting() != Some(Waiting::Agreement), "looked at first");
                prop_assert!(before.complaint().is_none());
            }
            match &step {
                Step::Decided(Outcome::Approved { .. }) => {
                    let stages = taken.iter().filter(|kind| *kind == "stage_done").count();
                    prop_assert_eq!(stages, 3, "no approval before every stage is done");
                }
                Step::StageDone { .. } => prop_assert!(before.complaint().is_none()),
                Step::Agreed { .. } => {
                    prop_assert_eq!(before.waiting(), Some(Waiting::Agreement));
                    prop_assert!(before.proposed_by() != Some(by(second).recorded_by), "never the proposer");
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

fn at(day: &str) -> Timestamp {
    format!("{day}T09:00:00+07:00").parse().expect("a time")
}

fn officer() -> Manner<'static> {
    by(false)
}

fn leader() -> Manner<'static> {
    by(true)
}

fn propose() -> Step {
    step(18, 0)
}

#[test]
fn a_stage_is_posted_two_working_days_and_ends_after_its_complaint() {
    let mut course = Course::begin(&submission(), start());
    let review = step(4, 0);
    course
        .follow(&Step::Received {}, at("2024-05-06"), officer())
        .expect("received");
    assert_eq!(course.demands(&review), Err(Unlawful::NotPosted));
    let post = |to| Step::Posted {
        from: date(2024, 5, 10),
        to,
    };
    // Friday alone, and Friday with the weekend, are one working day.
    for short in [date(2024, 5, 10), date(2024, 5, 12)] {
        let refused = course.follow(&post(short), at("2024-05-10"), officer());
        assert_eq!(refused, Err(Unlawful::PostingDays { days: 2 }));
    }
    course
        .follow(&post(date(2024, 5, 13)), at("2024-05-10"), officer())
        .expect("Friday and Monday");
    let until = date(2024, 5, 13);
    let early = course.follow(&review, at("2024-05-13"), officer());
    assert_eq!(early, Err(Unlawful::StillPosted { until }));
    course
        .follow(&step(15, 0), at("2024-05-13"), officer())
        .expect("complained");
    assert_eq!(course.due_on(), Some(date(2024, 5, 27)), "its own ten days");
    let open = course.follow(&review, at("2024-05-14"), officer());
    assert_eq!(open, Err(Unlawful::ComplaintOpen));
    course
        .follow(&step(16, 0), at("2024-05-20"), officer())
        .expect("concluded");
    // Twenty days, and the five from the 14th to the 20th.
    assert_eq!(course.due_on(), Some(date(2024, 6, 10)));
    course
        .follow(&review, at("2024-05-21"), officer())
        .expect("the stage is done");
    assert_eq!(
        course.stage().map(|stage| stage.code.as_str()),
        Some("sent_up")
    );
}

#[test]
fn what_reveals_an_infection_is_never_posted() {
    let benefit = law::Benefit::ALL.into_iter().find(|it| it.reveals_hiv());
    let mut hidden = submission();
    hidden.benefit = benefit;
    assert!(hidden.benefit.is_some());
    let mut course = Course::begin(&hidden, start());
    course
        .follow(&Step::Received {}, at("2024-05-06"), officer())
        .expect("received");
    let posted = course.follow(&step(14, 0), at("2024-05-06"), officer());
    assert_eq!(posted, Err(Unlawful::NeverPosted));
    assert_eq!(course.demands(&step(4, 0)), Ok(()), "nor waited for");
}

#[test]
fn a_decision_in_the_system_follows_the_agreement_of_somebody_else() {
    let decided = |day: &str| {
        Step::Decided(Outcome::Approved {
            decision: Decision {
                number: "12/QĐ-UBND".to_owned(),
                date: day.parse().expect("a day"),
                signed_by: None,
            },
            from: None,
        })
    };
    let mut course = Course::begin(&submission(), at("2026-10-05"));
    let mut take = |step: &Step, day: &str, manner| course.follow(step, at(day), manner);
    take(&Step::Received {}, "2026-10-05", officer()).expect("received");
    let unasked = take(&decided("2026-10-06"), "2026-10-06", leader());
    assert_eq!(unasked, Err(Unlawful::NotAgreed));
    take(&propose(), "2026-10-07", officer()).expect("proposed");
    assert_eq!(
        take(&step(19, 0), "2026-10-07", officer()),
        Err(Unlawful::OwnProposal)
    );
    take(&step(20, 0), "2026-10-07", leader()).expect("sent back");
    assert_eq!(
        take(&step(19, 0), "2026-10-07", leader()),
        Err(Unlawful::NoProposal)
    );
    take(&propose(), "2026-10-08", officer()).expect("proposed again");
    assert_eq!(
        take(&step(11, 0), "2026-10-08", leader()),
        Err(Unlawful::DecisionDay)
    );
    take(&step(19, 0), "2026-10-08", leader()).expect("agreed");
    take(&decided("2026-10-08"), "2026-10-09", officer()).expect("decided");
    assert_eq!(course.status(), Status::Processed);
}

#[test]
fn who_sent_it_back_sends_it_to_whoever_proposed() {
    let mut course = Course::begin(&submission(), at("2026-10-05"));
    let mut take = |step: &Step, manner| {
        course
            .follow(step, at("2026-10-06"), manner)
            .expect("lawful");
        (
            course.holder().map(str::to_owned),
            course.desk().map(|desk| desk.code()),
        )
    };
    let assigned = Step::Assigned {
        holder: "ba".to_owned(),
    };
    assert_eq!(take(&Step::Received {}, officer()), (None, Some("officer")));
    assert_eq!(
        take(&assigned, officer()),
        (Some("ba".to_owned()), Some("officer"))
    );
    assert_eq!(take(&propose(), officer()), (None, Some("leader")));
    assert_eq!(
        take(&step(20, 0), leader()),
        (Some("can.bo".to_owned()), Some("officer"))
    );
    assert_eq!(take(&propose(), officer()), (None, Some("leader")));
    assert_eq!(take(&step(19, 0), leader()), (None, Some("records")));
}

/// Counted one day after the other, from the list of holidays alone.
fn independent(received: jiff::civil::Date, days: u16) -> jiff::civil::Date {
    use kernel::holiday::is_working_day;
    let after = received.series(1.day()).skip(1);
    let working = after.filter(|day| is_working_day(*day));
    working.take(usize::from(days)).last().expect("a day")
}

proptest! {
    #[test]
    fn deadlines_pass_over_tet_and_swapped_days(start in 0..1_900_i32, wait in 0..15_i64, later in 1..20_i64) {
        let received = date(2021, 7, 1) + start.days();
        let mut course = Course::begin(&submission(), at(&received.to_string()));
        course.follow(&Step::Received {}, at(&received.to_string()), officer()).expect("received");
        let days = course.regime().expect("a regime").days();
        let due = independent(received, days);
        prop_assert_eq!(course.due_on(), Some(due));
        // Papers awaited over some days push the end by as many working days as passed.
        let asked = received + 1.day();
        let came = asked + wait.days();
        course.follow(&step(5, 0), at(&asked.to_string()), officer()).expect("asked");
        course.follow(&step(6, 0), at(&came.to_string()), officer()).expect("came");
        let rested = casework::deadline::working_days(asked, came, &[]);
        prop_assert_eq!(course.due_on(), Some(independent(received, days + rested)));
        // A new appointment is the day appointed.
        let due = course.due_on().expect("a day");
        let to = independent(due, u16::try_from(later).expect("small"));
        let extended = Step::Extended { due_on: to, reason: "đông hồ sơ".to_owned() };
        course.follow(&extended, at(&due.max(came).to_string()), officer()).expect("extended");
        prop_assert_eq!(course.due_on(), Some(to));
    }
}
