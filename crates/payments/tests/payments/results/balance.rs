//! Whatever providers report, in whatever order, twice, late or not at all: what was ordered is
//! always somewhere, the ledger agrees line by line, nobody is paid twice, and once everything is
//! known what is paid and what is still owed are what the law owes.

use jiff::ToSpan;
use kernel::MonthSpan;
use payments::ledger::balance::total;
use payments::ledger::{Account, balances};
use payments::results::queue::{self, Decision};
use payments::results::{self, Parts, Reported, Status};
use payments::settlement;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::support::ordered::POST;
use crate::support::owed::{Sums, owed};
use crate::support::*;

/// Months that are listed; the last one only when everything else is known.
const MONTHS: [&str; 4] = ["2024-03", "2024-04", "2024-05", "2024-06"];
/// How many of them are listed on the way.
const ON_THE_WAY: usize = 3;
/// Somebody whose benefit is paid in any case, and two others.
const PEOPLE: [(&str, &str); 3] = [("p1", WARD), ("p2", VILLAGE), ("p3", WARD)];

/// Something a provider says, or an office does.
#[derive(Clone, Debug)]
enum Step {
    /// A result of some line ordered so far: which, status, days from now it happened, number of the
    /// result, whether the amount is wrong.
    Heard(u8, u8, u8, u8, bool),
    /// Something about a person that changes what is owed to them: who, what.
    Told(u8, u8),
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
    let heard = (
        any::<u8>(),
        0..4_u8,
        0..4_u8,
        0..60_u8,
        prop::bool::weighted(0.1),
    );
    let heard =
        heard.prop_map(|(line, status, day, id, wrong)| Step::Heard(line, status, day, id, wrong));
    let step = prop_oneof![
        10 => heard,
        1 => (1..3_u8, 0..3_u8).prop_map(|(who, what)| Step::Told(who, what)),
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
        for (person, area) in PEOPLE {
            town.told(&severe(person, area)).await;
        }
        let mut world = World {
            town,
            listed: 0,
            heard: Vec::new(),
        };
        world.list().await;
        // Whoever dies later has somebody who receives what was owed until then.
        let guardian =
            json!({"channel": "post_office", "holder": "guardian", "holder_name": "Trần Văn Ổi"});
        for (person, _) in PEOPLE {
            let set = event(person, "2024-01-16", "payee_set", guardian.clone());
            world.town.told(&[set]).await;
        }
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
            Step::Heard(line, status, day, id, wrong) => {
                let lines = self.lines().await;
                let (line, amount) = lines[usize::from(line) % lines.len()].clone();
                self.hear(Reported {
                    result_id: format!("r{id}"),
                    line,
                    status: Status::ALL[usize::from(status)],
                    date: self.town.clock.today() + i64::from(day).days(),
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
            Step::Told(who, what) => self.tell(PEOPLE[usize::from(who)].0, what).await,
            Step::Settled(believe) => self.settle(believe).await,
            Step::Listed if self.listed < ON_THE_WAY => self.list().await,
            Step::Listed => {}
            Step::Drafted => {
                if let Some(list) = MONTHS[..ON_THE_WAY].get(self.listed) {
                    self.town.set(&format!("{list}-20"));
                    self.town.make(list, "51").await.expect("made");
                }
            }
        }
    }

    /// They died, draw nothing from a month on, or are found to be worse than was known.
    async fn tell(&self, person: &str, what: u8) {
        let told = match what {
            0 => vec![died(person, "2024-02-10")],
            1 => vec![suspended(person, "disability", "2024-04")],
            _ => vec![
                fact_ended(person, "f1", "2024-02-14"),
                disabled(person, "f2", "extremely_severe", "2024-02-15"),
            ],
        };
        self.town.tell(&told).await;
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
    /// again and paid. Then what is paid and what is still owed are what the law owes, to each person
    /// for each month.
    async fn end(&mut self) {
        while self.listed < ON_THE_WAY {
            self.list().await;
        }
        self.pay_unreported().await;
        self.list().await;
        self.pay_unreported().await;
        self.check().await;
        for list in MONTHS {
            let months = MonthSpan::single(month(list));
            let office = self.town.office();
            let found = settlement::statements(&office, &maker(), months, "51").await;
            let left = found.expect("read")[0].to_give_back.0;
            if left > 0 {
                let moved = self.town.moved(list, left);
                settlement::give_back(&office, &maker(), &moved, POST)
                    .await
                    .expect("given back");
            }
        }
        self.books_are_closed().await;
        self.paid_is_what_the_law_owes().await;
    }

    /// Every line nobody has said anything of is paid.
    async fn pay_unreported(&mut self) {
        let open: Vec<(i32, i64, i16, i64)> = sqlx::query_as(
            "select list_month, person_id, line_no, amount from order_line o
             where not exists (select from payment_result r
                 where r.person_id = o.person_id and r.list_month = o.list_month
                   and r.line_no = o.line_no)
             order by 1, 2, 3",
        )
        .fetch_all(self.town.pool())
        .await
        .expect("open lines");
        for (list, person, number, amount) in open {
            let line = format!("{}-{:02}-{person}-{number}", list / 100, list % 100);
            let id = format!("end {line}");
            let heard = self.town.hear(&id, &line, Status::Paid, amount).await;
            assert_eq!(heard.recorded, 1, "{heard:?}");
        }
    }

    /// Nothing is with the provider, and what the budget has is what was never paid for good.
    async fn books_are_closed(&self) {
        let months = MonthSpan {
            from: month(MONTHS[0]),
            to: month(MONTHS[3]),
        };
        let all = balances(&self.town.office(), &maker(), months, "51", None)
            .await
            .expect("read");
        let of = |account| total(&all, account).0;
        assert_eq!((of(Account::WithProvider), of(Account::Returned)), (0, 0));
        let unoffered = self.unoffered().await;
        assert_eq!(of(Account::Paid) + unoffered, -of(Account::Owed));
        assert_eq!(of(Account::Budget) + of(Account::Recovery), unoffered);
    }

    /// To each person, for each benefit and month: paid, still owed, and less what was paid too much.
    async fn paid_is_what_the_law_owes(&self) {
        let rows: Vec<(i64, i16, i32, i64, i64, i64)> = sqlx::query_as(
            "with last as (
                 select distinct on (person_id, list_month, line_no) person_id, list_month, line_no,
                        status
                 from payment_result order by person_id, list_month, line_no, result_no desc)
             select l.person_id, l.benefit, l.for_month,
                    coalesce(sum(l.amount) filter (where l.kind <> 3 and status = 'paid'), 0)::bigint,
                    coalesce(sum(l.amount) filter (where l.kind <> 3 and status <> 'paid'
                        and not exists (
                            select from list_line again
                            where again.person_id = l.person_id and again.kind = 4
                              and again.carries_month = l.list_month
                              and again.carries_line_no = l.line_no)), 0)::bigint,
                    coalesce(sum(l.amount) filter (where l.kind = 3), 0)::bigint
             from list_line l join payment_list using (list_id)
                 left join last using (person_id, list_month, line_no)
             where approved_at is not null group by 1, 2, 3",
        )
        .fetch_all(self.town.pool())
        .await
        .expect("the lines");
        let mut sums = Sums::new();
        for (person, benefit, month, paid, open, taken_back) in rows {
            // Everything is known: what did not arrive is not owed any more.
            assert!(open <= -taken_back, "{person} {month}: {open} {taken_back}");
            let whole = paid + open + taken_back;
            if whole != 0 {
                sums.insert((person, benefit, month), whole);
            }
        }
        assert_eq!(sums, owed(&self.town, month(MONTHS[3])).await);
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
