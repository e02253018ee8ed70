//! Whatever providers report, in whatever order, twice, late or not at all: what was ordered is
//! always somewhere, the ledger agrees line by line, nobody is paid twice, and once everything is
//! known what is paid is what the lists owe.

mod support;

use kernel::MonthSpan;
use payments::ledger::balance::total;
use payments::ledger::{Account, balances};
use payments::results::queue::{self, Decision};
use payments::results::{self, Parts, Reported, Status};
use payments::settlement;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use support::ordered::POST;
use support::*;

const MONTHS: [&str; 3] = ["2024-03", "2024-04", "2024-05"];

/// Something a provider says, or an office does.
#[derive(Clone, Debug)]
enum Step {
    /// A result of some line ordered so far: which, status, number of the result, whether the amount
    /// is wrong.
    Heard(u8, u8, u8, bool),
    /// An earlier result again.
    Again(u8),
    /// A waiting result is believed, if it may be, or dismissed.
    Settled(bool),
    /// The next month is listed, ordered and paid in.
    Listed,
    /// A list is drafted, so that later results overtake it.
    Drafted,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let heard = (any::<u8>(), 0..4_u8, 0..40_u8, prop::bool::weighted(0.1));
    let step = prop_oneof![
        10 => heard.prop_map(|(line, status, id, wrong)| Step::Heard(line, status, id, wrong)),
        3 => any::<u8>().prop_map(Step::Again),
        2 => any::<bool>().prop_map(Step::Settled),
        1 => Just(Step::Listed),
        1 => Just(Step::Drafted),
    ];
    proptest::collection::vec(step, 10..40)
}

struct World {
    town: Town,
    listed: usize,
    heard: Vec<Reported>,
}

impl World {
    async fn new() -> World {
        let town = Town::on("2024-03-20").await;
        for (person, area) in [("p1", WARD), ("p2", VILLAGE)] {
            town.told(&severe(person, area)).await;
        }
        let mut world = World {
            town,
            listed: 0,
            heard: Vec::new(),
        };
        world.list().await;
        world
    }

    /// Lists, orders and pays in the next month.
    async fn list(&mut self) {
        let Some(list) = MONTHS.get(self.listed) else {
            return;
        };
        self.town.set(&format!("{list}-20"));
        let made = self.town.list(list, "51").await;
        self.town.order(list).await;
        self.town.pay_in(list, made.header.payable.0).await;
        self.listed += 1;
    }

    /// Names and amounts of every line ordered so far.
    async fn lines(&self) -> Vec<(String, i64)> {
        let rows: Vec<(i32, i64, i16, i64)> = sqlx::query_as(
            "select list_month, person_id, line_no, amount from order_line order by 1, 2, 3",
        )
        .fetch_all(self.town.pool())
        .await
        .expect("the orders");
        let rows = rows.into_iter();
        rows.map(|(month, person, number, amount)| {
            let (year, month) = (month / 100, month % 100);
            (format!("{year}-{month:02}-{person}-{number}"), amount)
        })
        .collect()
    }

    async fn hear(&mut self, reported: Reported) {
        let rows = [(1, reported.clone())];
        let heard = results::import(&self.town.office(), &maker(), POST, &rows).await;
        let heard = heard.expect("imported");
        let taken = heard.recorded + heard.already + heard.refused.len() as u64;
        assert_eq!(taken, 1, "recorded, known or waiting: {heard:?}");
        self.heard.push(reported);
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Heard(line, status, id, wrong) => {
                let lines = self.lines().await;
                let (line, amount) = lines[usize::from(line) % lines.len()].clone();
                self.hear(Reported {
                    result_id: format!("r{id}"),
                    line,
                    status: Status::ALL[usize::from(status)],
                    date: self.town.clock.today(),
                    reason: None,
                    amount: amount + i64::from(wrong),
                })
                .await;
            }
            Step::Again(which) => {
                if let Some(known) = self.heard.get(usize::from(which) % self.heard.len().max(1)) {
                    self.hear(known.clone()).await;
                }
            }
            Step::Settled(believe) => self.settle(believe).await,
            Step::Listed => self.list().await,
            Step::Drafted => {
                if let Some(list) = MONTHS.get(self.listed) {
                    self.town.set(&format!("{list}-20"));
                    self.town.make(list, "51").await.expect("made");
                }
            }
        }
    }

    /// The first waiting result.
    async fn settle(&self, believe: bool) {
        let office = self.town.office();
        for list in MONTHS.map(month) {
            let waiting = queue::entries(&office, &maker(), list, "51", false).await;
            let Some(first) = waiting.expect("the queue").into_iter().next() else {
                continue;
            };
            let record = Decision::Record { line: None };
            let believed = believe
                && queue::resolve(&office, &maker(), first.queue_no, &record, "đúng")
                    .await
                    .is_ok();
            if !believed {
                queue::resolve(&office, &maker(), first.queue_no, &Decision::Dismiss, "sai")
                    .await
                    .expect("dismissed");
            }
            return;
        }
    }

    async fn parts(&self, list: &str) -> Parts {
        let parts = results::outcome_parts(&self.town.office(), &maker(), month(list), "51").await;
        parts.expect("summed up")
    }

    /// What is kept of each commune is what a full recount gives.
    async fn recount(&self) {
        for list in &MONTHS[..self.listed] {
            let kept = self.parts(list).await;
            for statement in [
                "delete from board_outcome",
                "delete from board_outcome_list",
            ] {
                let done = sqlx::query(statement).execute(self.town.pool()).await;
                done.expect("emptied");
            }
            assert_eq!(kept, self.parts(list).await);
        }
    }

    /// Everything ordered is somewhere, and the ledger says where.
    async fn check(&self) {
        for list in &MONTHS[..self.listed] {
            let parts = self.parts(list).await;
            let whole = parts.whole;
            assert!(whole.balances(), "{whole:?}");
            for parts in [&parts.by_provider, &parts.by_area] {
                assert!(parts.iter().all(|part| part.outcome.balances()));
                let sum: i64 = parts.iter().map(|part| part.outcome.ordered).sum();
                assert_eq!(sum, whole.ordered);
            }
            let months = MonthSpan::single(month(list));
            let office = self.town.office();
            let all = balances(&office, &maker(), months, "51", None)
                .await
                .expect("read");
            let back = whole.failed + whole.returned + whole.not_collected;
            assert_eq!(total(&all, Account::Paid).0, whole.paid);
            assert_eq!(total(&all, Account::Returned).0, back);
            assert_eq!(total(&all, Account::WithProvider).0, whole.not_reported);
        }
        self.nobody_is_paid_twice().await;
    }

    /// Of a line and the lines that carry it on, at most one is paid.
    async fn nobody_is_paid_twice(&self) {
        let twice: i64 = sqlx::query_scalar(
            "with last as (
                 select distinct on (person_id, list_month, line_no) person_id, list_month, line_no,
                        status
                 from payment_result order by person_id, list_month, line_no, result_no desc)
             select count(*) from list_line l join payment_list using (list_id)
                 join last mine on (mine.person_id, mine.list_month, mine.line_no)
                     = (l.person_id, l.list_month, l.line_no)
                 join last source on (source.person_id, source.list_month, source.line_no)
                     = (l.person_id, l.carries_month, l.carries_line_no)
             where approved_at is not null and mine.status = 'paid' and source.status = 'paid'",
        )
        .fetch_one(self.town.pool())
        .await
        .expect("counted");
        assert_eq!(twice, 0);
    }

    /// Whatever is still open is told: the money that did not reach people is given back, offered
    /// again and paid. Then all that was ever owed is paid, once.
    async fn end(&mut self) {
        while self.listed < MONTHS.len() {
            self.list().await;
        }
        let open: Vec<(String, i64)> = {
            let rows: Vec<(i64, i16, i64)> = sqlx::query_as(
                "select person_id, line_no, amount from order_line o where list_month = 202405
                   and (select status from payment_result r where r.person_id = o.person_id
                        and r.list_month = o.list_month and r.line_no = o.line_no
                        order by result_no desc limit 1) is distinct from 'paid'",
            )
            .fetch_all(self.town.pool())
            .await
            .expect("open lines");
            let rows = rows.into_iter();
            rows.map(|(person, number, amount)| (format!("2024-05-{person}-{number}"), amount))
                .collect()
        };
        for (number, (line, amount)) in open.into_iter().enumerate() {
            let id = format!("end-{number}");
            let heard = self.town.hear(&id, &line, Status::Paid, amount).await;
            assert_eq!(heard.recorded, 1, "{heard:?}");
        }
        self.check().await;
        let months = MonthSpan {
            from: month("2024-03"),
            to: month("2024-05"),
        };
        let office = self.town.office();
        for list in MONTHS {
            let single = MonthSpan::single(month(list));
            let found = settlement::statements(&office, &maker(), single, "51").await;
            let left = found.expect("read")[0].to_give_back.0;
            if left > 0 {
                let moved = self.town.moved(list, left);
                settlement::give_back(&office, &maker(), &moved, POST)
                    .await
                    .expect("given back");
            }
        }
        let all = balances(&office, &maker(), months, "51", None)
            .await
            .expect("read");
        let of = |account| total(&all, account).0;
        // What is owed and not paid is what nobody has reported on.
        assert_eq!(of(Account::Returned), 0);
        let unheard: i64 = of(Account::WithProvider);
        assert_eq!(
            of(Account::Paid) + unheard + self.unoffered().await,
            -of(Account::Owed)
        );
        assert_eq!(of(Account::Budget), self.unoffered().await);
    }

    /// Đồng that did not reach people and that no list has offered again yet: told after the last
    /// list was made.
    async fn unoffered(&self) -> i64 {
        sqlx::query_scalar(
            "select coalesce(sum(l.amount), 0)::bigint from list_line l join payment_list using (list_id)
             where approved_at is not null
               and (select status from payment_result r where r.person_id = l.person_id
                    and r.list_month = l.list_month and r.line_no = l.line_no
                    order by result_no desc limit 1) in ('failed', 'returned', 'not_collected')
               and not exists (
                   select from list_line again join payment_list p on p.list_id = again.list_id
                   where again.person_id = l.person_id and again.carries_month = l.list_month
                     and again.carries_line_no = l.line_no and p.approved_at is not null)",
        )
        .fetch_one(self.town.pool())
        .await
        .expect("summed up")
    }
}

#[test]
fn no_dong_is_lost_whatever_is_reported() {
    let cases = std::env::var("PROPTEST_CASES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(10);
    let config = Config {
        cases,
        max_shrink_iters: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    TestRunner::new(config)
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let mut world = World::new().await;
                for step in steps {
                    world.step(step).await;
                    world.check().await;
                }
                world.recount().await;
                world.end().await;
                world.recount().await;
            });
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
