//! People who go to live where another office pays: whatever is told and answered when, no month is
//! lost and none is paid twice.

use casework::transfer::{
    self, Answer, Direction, Filter, Notice, Reported, State, TransferRefused,
};
use jiff::civil::date;
use kernel::actor::{Grant, Role};
use kernel::{Actor, AreaCode, Month, PersonId};
use payments::Refused;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use registry::event::Decision;
use uuid::Uuid;

use crate::support::*;

fn officer() -> Actor {
    Actor::with_every_role("can.bo")
}

fn of_area(area: &str) -> Actor {
    Actor::new(
        format!("can.bo.{area}"),
        vec![Grant {
            role: Role::Officer,
            area: Some(AreaCode::from(area)),
        }],
    )
}

fn decision(town: &Town) -> Decision {
    Decision {
        number: "7/QĐ-UBND".to_owned(),
        date: town.clock.today(),
        signed_by: Some("Trần Văn Ký".to_owned()),
    }
}

async fn report(
    town: &Town,
    actor: &Actor,
    person: PersonId,
    (to, last): (&str, &str),
) -> Result<Reported, TransferRefused> {
    let notice = Notice {
        person,
        to: to.to_owned(),
        asked_on: town.clock.today(),
        last_month: month(last),
        decision: decision(town),
        papers: vec!["Hồ sơ hưởng trợ cấp".to_owned()],
    };
    transfer::report(town.pool(), actor, &town.clock, Uuid::new_v4(), &notice).await
}

async fn answer(
    town: &Town,
    actor: &Actor,
    number: i64,
    answer: Answer,
) -> Result<(), TransferRefused> {
    transfer::answer(town.pool(), actor, &town.clock, number, &answer).await
}

/// One woman in Quảng Ngãi, listed until May 2024.
async fn listed_until_may() -> (Town, PersonId) {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    for list in ["2024-03", "2024-04", "2024-05"] {
        town.set(&format!("{list}-20"));
        town.list(list, "51").await;
    }
    town.set("2024-06-03");
    let person = town.number("p1").await;
    (town, person)
}

#[tokio::test]
async fn the_new_place_pays_on_after_the_last_month_of_the_old_one() {
    let (mut town, person) = listed_until_may().await;
    let told = report(&town, &of_area("51"), person, (FAR, "2024-05"))
        .await
        .expect("told");
    assert_eq!(told.due_on, date(2024, 6, 13), "eight working days");
    let twice = report(&town, &officer(), person, (FAR, "2024-05")).await;
    assert!(twice.is_err(), "one at a time");
    // While nobody has answered, neither place pays.
    town.set("2024-06-20");
    town.list("2024-06", "51").await;
    town.list("2024-06", "01").await;
    assert_eq!(town.lines("2024-06", "51").await, [""; 0]);
    assert_eq!(town.lines("2024-06", "01").await, [""; 0]);
    town.set("2024-07-02");
    let accept = Answer::Accept {
        decision: decision(&town),
    };
    let not_theirs = answer(&town, &of_area("51"), told.transfer_no, accept.clone()).await;
    assert_eq!(not_theirs.expect_err("the old place").code(), "denied");
    answer(&town, &of_area("01"), told.transfer_no, accept.clone())
        .await
        .expect("accepted");
    let again = answer(&town, &of_area("01"), told.transfer_no, accept).await;
    assert_eq!(again.expect_err("once").code(), "answered_already");
    town.set("2024-07-20");
    town.list("2024-07", "51").await;
    town.list("2024-07", "01").await;
    assert_eq!(town.lines("2024-07", "51").await, [""; 0]);
    let paid = town.lines("2024-07", "01").await;
    assert_eq!(paid.len(), 2, "{paid:?}");
    assert!(
        paid[0].starts_with("p1 disability regular 2024-07 750000"),
        "{paid:?}"
    );
    assert!(
        paid[1].starts_with("p1 disability arrears 2024-06 540000"),
        "{paid:?}"
    );
}

#[tokio::test]
async fn whoever_is_not_taken_in_is_paid_on_at_the_old_place() {
    for withdrawn in [false, true] {
        let (mut town, person) = listed_until_may().await;
        let told = report(&town, &officer(), person, (FAR, "2024-05"))
            .await
            .expect("told");
        let reason = "không cư trú ở địa chỉ đã báo".to_owned();
        let (who, no) = match withdrawn {
            true => ("51", Answer::Withdraw { reason }),
            false => ("01", Answer::Refuse { reason }),
        };
        answer(&town, &of_area(who), told.transfer_no, no)
            .await
            .expect("answered");
        town.set("2024-06-20");
        town.list("2024-06", "51").await;
        let paid = town.lines("2024-06", "51").await;
        assert_eq!(paid, ["p1 disability regular 2024-06 540000 -"]);
        // And may move another time.
        report(&town, &officer(), person, (FAR, "2024-06"))
            .await
            .expect("told");
    }
}

#[tokio::test]
async fn what_cannot_be_a_move_is_refused() {
    let (town, person) = listed_until_may().await;
    let why = async |to: &str, last: &str| {
        let told = report(&town, &officer(), person, (to, last)).await;
        told.expect_err("refused").code()
    };
    assert_eq!(why("21010", "2024-05").await, "same_payer");
    assert_eq!(why("99999", "2024-05").await, "unknown_area");
    assert_eq!(why(FAR, "2024-04").await, "paid_later");
    let elsewhere = report(&town, &of_area("01"), person, (FAR, "2024-05")).await;
    assert_eq!(elsewhere.expect_err("not theirs").code(), "denied");
    town.told(&[suspended("p1", "disability", "2024-06")]).await;
    assert_eq!(why(FAR, "2024-05").await, "no_benefit");
    let unknown = answer(
        &town,
        &officer(),
        9,
        Answer::Refuse {
            reason: "x".to_owned(),
        },
    )
    .await;
    assert_eq!(unknown.expect_err("no such").code(), "unknown_transfer");
}

#[tokio::test]
async fn of_two_who_answer_at_once_one_is_told() {
    let (town, person) = listed_until_may().await;
    let told = report(&town, &officer(), person, (FAR, "2024-05"))
        .await
        .expect("told");
    let (new, old) = (of_area("01"), of_area("51"));
    let accept = Answer::Accept {
        decision: decision(&town),
    };
    let withdraw = Answer::Withdraw {
        reason: "không đi nữa".to_owned(),
    };
    let both = tokio::join!(
        answer(&town, &new, told.transfer_no, accept),
        answer(&town, &old, told.transfer_no, withdraw)
    );
    let refused: Vec<TransferRefused> =
        [both.0.err(), both.1.err()].into_iter().flatten().collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code(), "answered_already");
}

#[tokio::test]
async fn both_places_see_what_waits_and_what_is_overdue() {
    let (mut town, person) = listed_until_may().await;
    report(&town, &officer(), person, (FAR, "2024-05"))
        .await
        .expect("told");
    let seen = async |town: &Town, area: &str, direction, state| {
        let area_code = area.to_owned();
        let filter = Filter {
            area: area_code,
            direction,
            state,
            limit: 50,
            ..Filter::default()
        };
        let page = transfer::list(town.pool(), &of_area(area), &town.clock, &filter).await;
        page.expect("a page").count
    };
    assert_eq!(seen(&town, "01", Direction::In, State::Waiting).await, 1);
    assert_eq!(seen(&town, "51", Direction::Out, State::Waiting).await, 1);
    assert_eq!(seen(&town, "51", Direction::In, State::Waiting).await, 0);
    assert_eq!(seen(&town, "01", Direction::In, State::Overdue).await, 0);
    town.set("2024-06-14");
    assert_eq!(seen(&town, "01", Direction::In, State::Overdue).await, 1);
    assert_eq!(seen(&town, "01", Direction::In, State::Answered).await, 0);
    let told = transfer::one(town.pool(), &of_area("01"), &town.clock, 1)
        .await
        .expect("told");
    let mover = transfer::mover(town.pool(), &of_area("01"), &told).await;
    let mover = mover.expect("somebody");
    assert_eq!(mover.benefits, [law::Benefit::Disability]);
    let stranger = transfer::mover(town.pool(), &of_area("48"), &told).await;
    assert_eq!(stranger.expect_err("of neither place").code(), "denied");
    let filter = Filter {
        area: "01".to_owned(),
        limit: 50,
        ..Filter::default()
    };
    let denied = transfer::list(town.pool(), &of_area("51"), &town.clock, &filter).await;
    assert_eq!(denied.expect_err("elsewhere").code(), "denied");
}

/// One month of a life on the move.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The office tells that the person goes there.
    Goes(u8),
    /// The new place says yes, no, or the old one takes it back.
    Answered(u8),
    /// Nothing.
    Waits,
}

const PLACES: [(&str, &str); 3] = [(WARD, "51"), (FAR, "01"), (VILLAGE, "51")];
const FIRST: &str = "2024-03";

async fn live(steps: Vec<Step>) {
    let mut town = Town::on("2024-03-02").await;
    town.told(&severe("p1", WARD)).await;
    let person = town.number("p1").await;
    let mut home = vec![(month("2024-01"), 0_usize)];
    let mut waiting: Option<(i64, usize, Month)> = None;
    let mut now = month(FIRST);
    for step in steps {
        town.set(&format!("{now}-05"));
        match (step, waiting) {
            (Step::Goes(to), None) => {
                let to = usize::from(to) % PLACES.len();
                let last = now.previous();
                let (who, until) = (officer(), last.to_string());
                let told = report(&town, &who, person, (PLACES[to].0, &until)).await;
                if let Ok(told) = told {
                    waiting = Some((told.transfer_no, to, last));
                }
            }
            (Step::Answered(how), Some((number, to, last))) => {
                answer_so(&town, number, how).await;
                if how == 0 {
                    home.push((last.next(), to));
                }
                waiting = None;
            }
            _ => {}
        }
        list_everywhere(&mut town, now).await;
        now = now.next();
    }
    if let Some((number, to, last)) = waiting {
        town.set(&format!("{now}-05"));
        answer_so(&town, number, 0).await;
        home.push((last.next(), to));
    }
    list_everywhere(&mut town, now).await;
    let paid = paid(&town).await;
    let mut at = month("2024-01");
    while at <= now {
        let (_, place) = home
            .iter()
            .rev()
            .find(|(since, _)| *since <= at)
            .expect("a home");
        let place = PLACES[*place].1;
        let law = town.law.in_force(town.clock.today());
        let province = kernel::ProvinceCode::parse(place);
        let standard = law
            .standard(province, law::Benefit::Disability, at)
            .expect("a standard");
        let held = paid.iter().find(|(of, ..)| *of == at.yyyymm());
        assert_eq!(
            held.map(|(_, amount, _)| *amount),
            Some(standard.0 * 3 / 2),
            "{at} {home:?}"
        );
        assert_eq!(
            held.map(|(.., times)| *times),
            Some(1),
            "{at} is paid once {home:?}"
        );
        at = at.next();
    }
}

async fn answer_so(town: &Town, number: i64, how: u8) {
    let reason = "chưa đủ giấy tờ".to_owned();
    let said = match how {
        0 => Answer::Accept {
            decision: decision(town),
        },
        1 => Answer::Refuse { reason },
        _ => Answer::Withdraw { reason },
    };
    answer(town, &officer(), number, said)
        .await
        .expect("answered");
}

/// Both provinces list the month.
async fn list_everywhere(town: &mut Town, list: Month) {
    town.set(&format!("{list}-20"));
    for area in ["51", "01"] {
        let made: Result<_, Refused> = town.make(&list.to_string(), area).await;
        made.expect("made");
        town.approve(&list.to_string(), area)
            .await
            .expect("approved");
        town.holds(&list.to_string(), area).await;
    }
}

/// For each month: what approved lines add up to, and how often it was paid.
async fn paid(town: &Town) -> Vec<(i32, i64, i64)> {
    sqlx::query_as(
        "select for_month, sum(list_line.amount)::bigint, count(*) filter (where list_line.amount > 0)
         from list_line join payment_list using (list_id)
         where approved_at is not null group by for_month",
    )
    .fetch_all(town.pool())
    .await
    .expect("the lines")
}

#[test]
fn no_month_is_lost_and_none_paid_twice() {
    let step = prop_oneof![
        2 => (0..3_u8).prop_map(Step::Goes),
        2 => (0..3_u8).prop_map(Step::Answered),
        1 => Just(Step::Waits),
    ];
    let cases = std::env::var("PROPTEST_CASES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(6);
    let config = Config {
        cases,
        max_shrink_iters: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    TestRunner::new(config)
        .run(&proptest::collection::vec(step, 3..9), |steps| {
            runtime.block_on(live(steps));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
