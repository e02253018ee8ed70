//! Two officers do the same at once: one does it, the other is told, and the books balance.

use std::fmt::Debug;

use kernel::MonthSpan;
use payments::Refused;
use payments::closing;
use payments::ledger::{Account, EntryNo, balances};
use payments::order::{self, file};
use payments::proposal::{self, Decision as Proposed};
use payments::provider::contract::Handover;
use payments::results::queue::{self, Decision};
use payments::results::{self, Imported, Outcome, Reported, Status};
use payments::settlement::{self, FeeFrom};
use payments::treasury;

use crate::support::ordered::POST;
use crate::support::*;

const MARCH: &str = "2024-03";
const ALL: i64 = 3_240_000;

/// The March list of two people, approved: six lines of 540,000 each.
async fn listed() -> Town {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.list(MARCH, "51").await;
    town
}

/// Ordered too, and paid in.
async fn paid_in() -> Town {
    let town = listed().await;
    town.order(MARCH).await;
    town.pay_in(MARCH, ALL).await;
    town
}

/// One of two did it; what the other was told.
#[track_caller]
fn one<T: Debug>(both: (Result<T, Refused>, Result<T, Refused>)) -> (T, &'static str) {
    let (done, refused) = match both {
        (Ok(done), Err(refused)) | (Err(refused), Ok(done)) => (done, refused),
        both => panic!("{both:?}"),
    };
    assert_ne!(refused.code(), "database", "{refused}");
    (done, refused.code())
}

async fn balance(town: &Town, account: Account) -> i64 {
    let months = MonthSpan::single(month(MARCH));
    let all = balances(&town.office(), &maker(), months, "51", None).await;
    let all = all.expect("read");
    let sum: i64 = all.iter().map(|balance| balance.amount.0).sum();
    assert_eq!(sum, 0, "{all:?}");
    payments::ledger::balance::total(&all, account).0
}

fn reported(line: &str, status: Status) -> Reported {
    Reported {
        result_id: format!("{line} {}", status.code()),
        line: line.to_owned(),
        status,
        date: "2024-03-20".parse().expect("a day"),
        reason: None,
        amount: 540_000,
    }
}

/// Every line of March, the last one not paid.
fn answers() -> Vec<(u64, Reported)> {
    let lines = [1, 2].into_iter().flat_map(|person| {
        (1..=3).map(move |line| {
            let status = match (person, line) {
                (2, 3) => Status::Failed,
                _ => Status::Paid,
            };
            reported(&format!("{MARCH}-{person}-{line}"), status)
        })
    });
    (1..).zip(lines).collect()
}

async fn bring(town: &Town) -> Result<Imported, Refused> {
    results::import(&town.office(), &maker(), POST, &answers()).await
}

async fn outcome(town: &Town) -> Outcome {
    let found = results::outcome(&town.office(), &maker(), month(MARCH), "51").await;
    found.expect("summed up")
}

#[tokio::test]
async fn money_moves_once() {
    let town = listed().await;
    town.order(MARCH).await;
    let (office, maker) = (town.office(), maker());
    let whole = town.moved(MARCH, ALL);
    let draw = || treasury::draw(&office, &maker, &whole);
    let (_, told) = one(tokio::join!(draw(), draw()));
    assert_eq!(told, "more_than_listed");
    let transfer = || treasury::transfer(&office, &maker, &whole, POST);
    let (sent, told) = one(tokio::join!(transfer(), transfer()));
    assert_eq!(told, "not_drawn");
    assert_eq!(balance(&town, Account::WithProvider).await, ALL);
    let back = |entry: EntryNo| treasury::take_back(&office, &maker, entry, "ghi nhầm");
    let (_, told) = one(tokio::join!(back(sent), back(sent)));
    assert_eq!(told, "already_taken_back");
    assert_eq!(balance(&town, Account::Treasury).await, ALL);
}

#[tokio::test]
async fn what_is_left_is_given_back_once() {
    let town = paid_in().await;
    bring(&town).await.expect("imported");
    let (office, maker) = (town.office(), maker());
    let left = town.moved(MARCH, 540_000);
    let give = || settlement::give_back(&office, &maker, &left, POST);
    let (_, told) = one(tokio::join!(give(), give()));
    assert_eq!(told, "not_held");
    // Somebody draws the fee, two pay it.
    let fee = town.moved(MARCH, 13_500);
    treasury::draw(&office, &maker, &fee).await.expect("drawn");
    let pay = || settlement::pay_fee(&office, &maker, &fee, POST, FeeFrom::Treasury);
    let (_, told) = one(tokio::join!(pay(), pay()));
    assert_eq!(told, "not_drawn");
    assert_eq!(balance(&town, Account::Returned).await, 0);
    assert_eq!(balance(&town, Account::Fee).await, 13_500);
}

#[tokio::test]
async fn an_order_handed_over_by_two_is_one_order() {
    let town = listed().await;
    town.order(MARCH).await;
    let (office, maker) = (town.office(), maker());
    let orders = order::of_month(&office, &maker, month(MARCH), "51").await;
    let number = orders.expect("read")[0].order_no;
    let folder = tempfile::tempdir().expect("a folder");
    let hand = async |name: &str| {
        let path = folder.path().join(name);
        let handed = file::write(&office, &maker, number, file::Form::Workbook, &path).await;
        let handed = handed.expect("written");
        order::send(&office, &maker, number, Handover::File, &handed, None)
            .await
            .expect("recorded");
        handed.sha256
    };
    let (one, other) = tokio::join!(hand("một.xlsx"), hand("hai.xlsx"));
    assert_eq!(one, other, "the same lines under the same names");
    let order = order::find(&office, &maker, number).await.expect("found");
    assert_eq!((order.sent.len(), order.lines), (2, 6));
}

#[tokio::test]
async fn a_waiting_result_is_decided_by_one() {
    let town = paid_in().await;
    bring(&town).await.expect("imported");
    let contradicting = [(1, reported("2024-03-1-1", Status::Failed))];
    let heard = results::import(&town.office(), &maker(), POST, &contradicting).await;
    assert_eq!(heard.expect("imported").queued, 1);
    let waiting = queue::entries(&town.office(), &maker(), month(MARCH), "51", false).await;
    let number = waiting.expect("the queue")[0].queue_no;
    let (office, maker, approver) = (town.office(), maker(), approver());
    let record = Decision::Record { line: None };
    let ((), told) = one(tokio::join!(
        queue::resolve(&office, &maker, number, &record, "đúng"),
        queue::resolve(&office, &approver, number, &Decision::Dismiss, "sai"),
    ));
    assert_eq!(told, "settled_already");
    let found = outcome(&town).await;
    assert!(found.balances());
    assert_eq!(balance(&town, Account::Paid).await, found.paid);
}

#[tokio::test]
async fn a_proposal_is_decided_by_one() {
    let town = paid_in().await;
    let died = Reported {
        reason: Some("deceased".to_owned()),
        ..reported("2024-03-2-3", Status::Failed)
    };
    results::import(&town.office(), &maker(), POST, &[(1, died)])
        .await
        .expect("imported");
    let (office, maker, approver) = (town.office(), maker(), approver());
    let proposed = proposal::proposals(&office, &maker, month(MARCH), "51", false).await;
    let number = proposed.expect("read")[0].proposal_no;
    let dead = Proposed::On {
        date: "2024-03-01".parse().expect("a day"),
    };
    let both = tokio::join!(
        proposal::decide(&office, &maker, number, dead, "giấy chứng tử"),
        proposal::decide(&office, &approver, number, Proposed::Reject, "còn sống"),
    );
    let is_rejected = both.1.is_ok();
    let ((), told) = one(both);
    assert_eq!(told, "decided_already");
    let alive: bool =
        sqlx::query_scalar("select death_date is null from person where person_key = 'p2'")
            .fetch_one(town.pool())
            .await
            .expect("the person");
    assert_eq!(alive, is_rejected, "what was decided is what happened");
}

#[tokio::test]
async fn a_month_is_opened_by_one() {
    let town = paid_in().await;
    bring(&town).await.expect("imported");
    let (office, march) = (town.office(), month(MARCH));
    let left = town.moved(MARCH, 540_000);
    settlement::give_back(&office, &maker(), &left, POST)
        .await
        .expect("given back");
    closing::close(&office, &maker(), march, "51")
        .await
        .expect("closed");
    closing::ask_unlock(&office, &maker(), march, "51", "báo sai")
        .await
        .expect("asked");
    let (one_more, approver) = (kernel::Actor::with_every_role("chi.le"), approver());
    let (_, told) = one(tokio::join!(
        closing::confirm_unlock(&office, &approver, march, "51"),
        closing::confirm_unlock(&office, &one_more, march, "51"),
    ));
    assert_eq!(told, "month_not_closed");
    closing::close(&office, &maker(), march, "51")
        .await
        .expect("closed again");
}

/// Results that arrive while the month is closed are of the closed month, or wait.
#[tokio::test]
async fn a_month_closes_with_a_result_or_before_it() {
    for close_first in [true, false] {
        let town = paid_in().await;
        bring(&town).await.expect("imported");
        let (office, maker) = (town.office(), maker());
        let left = town.moved(MARCH, 540_000);
        settlement::give_back(&office, &maker, &left, POST)
            .await
            .expect("given back");
        let back = [(1, reported("2024-03-1-1", Status::Returned))];
        let close = closing::close(&office, &maker, month(MARCH), "51");
        let import = results::import(&office, &maker, POST, &back);
        let (closed, heard) = match close_first {
            true => tokio::join!(close, import),
            false => {
                let (heard, closed) = tokio::join!(import, close);
                (closed, heard)
            }
        };
        let heard = heard.expect("imported");
        match closed {
            Ok(closure) => {
                assert_eq!((heard.recorded, heard.queued), (0, 1));
                assert_eq!(closure.outcome, outcome(&town).await);
            }
            Err(refused) => {
                assert_eq!(refused.code(), "month_does_not_balance", "{refused}");
                assert_eq!((heard.recorded, heard.queued), (1, 0));
            }
        }
        assert_eq!(
            balance(&town, Account::Paid).await,
            outcome(&town).await.paid
        );
    }
}

/// Orders, answers, money and closing, everything twice and all of it at once, again and again until
/// the month is closed: nobody waits for somebody who waits for them, and each đồng is counted once.
#[tokio::test]
async fn everything_at_once_ends_in_one_closed_month() {
    let town = listed().await;
    town.order(MARCH).await;
    let (office, maker, march) = (town.office(), maker(), month(MARCH));
    let (whole, left) = (town.moved(MARCH, ALL), town.moved(MARCH, 540_000));
    let draw = || treasury::draw(&office, &maker, &whole);
    let transfer = || treasury::transfer(&office, &maker, &whole, POST);
    let give = || settlement::give_back(&office, &maker, &left, POST);
    let close = || closing::close(&office, &maker, march, "51");
    let make = || order::make(&office, &maker, march, "51", None);
    let mut closed = 0;
    for _ in 0..10 {
        let round = tokio::join!(
            draw(),
            transfer(),
            bring(&town),
            close(),
            make(),
            give(),
            draw(),
            transfer(),
            bring(&town),
            close(),
            give(),
        );
        for refused in [
            round.0.err(),
            round.1.err(),
            round.2.err(),
            round.4.err(),
            round.5.err(),
            round.6.err(),
            round.7.err(),
            round.8.err(),
            round.10.err(),
        ] {
            let said = refused
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            let code = refused.map_or("done", |refused| refused.code());
            assert_ne!(code, "database", "{said}");
        }
        for closure in [round.3, round.9] {
            match closure {
                Ok(_) => closed += 1,
                Err(refused) => assert_ne!(refused.code(), "database", "{refused}"),
            }
        }
        if closed > 0 {
            break;
        }
    }
    assert_eq!(closed, 1, "closed once");
    let found = outcome(&town).await;
    assert_eq!((found.paid, found.failed), (2_700_000, 540_000));
    assert_eq!(balance(&town, Account::Paid).await, 2_700_000);
    assert_eq!(balance(&town, Account::Budget).await, 540_000);
}
