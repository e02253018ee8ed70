//! The ledger: whatever is recorded in whatever order, every entry balances, nothing is passed on
//! that was not drawn, and what lists owe is what they pay.

use kernel::{Dong, MonthSpan};
use payments::Refused;
use payments::ledger::balance::total;
use payments::ledger::{Account, Balance, EntryNo, balances, by_area};
use payments::provider::{self, Provider, ProviderKind};
use payments::results;
use payments::treasury::{self, Movement};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::*;

async fn post_office(town: &Town) {
    let provider = Provider {
        code: "buu-dien".to_owned(),
        name: "Bưu điện tỉnh".to_owned(),
        kind: ProviderKind::Post,
        bank_code: None,
        account_number: None,
    };
    provider::add(&town.office(), &approver(), &provider)
        .await
        .expect("recorded");
}

async fn draw(town: &Town, list: &str, amount: i64) -> Result<EntryNo, Refused> {
    treasury::draw(&town.office(), &maker(), &movement(town, list, amount)).await
}

async fn transfer(town: &Town, list: &str, amount: i64) -> Result<EntryNo, Refused> {
    let movement = movement(town, list, amount);
    treasury::transfer(&town.office(), &maker(), &movement, "buu-dien").await
}

async fn take_back(town: &Town, entry: EntryNo) -> Result<EntryNo, Refused> {
    treasury::take_back(&town.office(), &maker(), entry, "ghi nhầm").await
}

fn movement(town: &Town, list: &str, amount: i64) -> Movement<'static> {
    Movement {
        month: month(list),
        area: "51",
        amount: Dong(amount),
        day: town.clock.today(),
        paper: "UNC 12",
    }
}

async fn of(town: &Town, list: &str, area: &str) -> Vec<Balance> {
    let span = MonthSpan::single(month(list));
    balances(&town.office(), &maker(), span, area, None)
        .await
        .expect("read")
}

/// Account and đồng, those of the provider apart.
async fn told(town: &Town, list: &str, area: &str) -> Vec<String> {
    let all = of(town, list, area).await;
    let told = |balance: &Balance| format!("{} {}", balance.account.code(), balance.amount.0);
    all.iter().map(told).collect()
}

#[tokio::test]
async fn money_goes_from_the_list_to_the_provider() {
    let town = Town::on("2024-03-20").await;
    post_office(&town).await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.make("2024-03", "51").await.expect("made");
    let early = draw(&town, "2024-03", 1).await.expect_err("refused");
    assert_eq!(early.code(), "not_approved");
    town.approve("2024-03", "51").await.expect("approved");
    assert_eq!(
        told(&town, "2024-03", "51").await,
        ["budget 3240000", "owed -3240000"]
    );
    assert_eq!(
        told(&town, "2024-03", WARD).await,
        ["budget 1620000", "owed -1620000"]
    );
    let drawn = draw(&town, "2024-03", 3_240_000).await.expect("drawn");
    let twice = draw(&town, "2024-03", 1).await.expect_err("refused");
    assert_eq!(twice.code(), "more_than_listed");
    let sent = transfer(&town, "2024-03", 3_000_000).await.expect("sent");
    let more = transfer(&town, "2024-03", 240_001).await.expect_err("no");
    assert_eq!(more.code(), "not_drawn");
    assert_eq!(
        told(&town, "2024-03", "51").await,
        ["owed -3240000", "treasury 240000", "with_provider 3000000"]
    );
    let gone = take_back(&town, drawn).await.expect_err("passed on");
    assert_eq!(gone.code(), "not_drawn");
    take_back(&town, sent).await.expect("taken back");
    let again = take_back(&town, sent).await.expect_err("once");
    assert_eq!(again.code(), "already_taken_back");
    take_back(&town, drawn).await.expect("taken back");
    assert_eq!(
        told(&town, "2024-03", "51").await,
        ["budget 3240000", "owed -3240000"]
    );
    draw(&town, "2024-03", 3_240_000)
        .await
        .expect("drawn again");
}

#[tokio::test]
async fn balances_are_known_of_any_moment() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.list("2024-03", "51").await;
    let before = town.clock.now();
    town.set("2024-03-25");
    draw(&town, "2024-03", 1_000_000).await.expect("drawn");
    let span = MonthSpan::single(month("2024-03"));
    let then = balances(&town.office(), &maker(), span, "51", Some(before)).await;
    assert_eq!(total(&then.expect("read"), Account::Treasury), Dong::ZERO);
    let now = of(&town, "2024-03", "51").await;
    assert_eq!(total(&now, Account::Treasury), Dong(1_000_000));
}

#[tokio::test]
async fn money_carried_over_is_owed_by_one_month() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.list("2024-03", "51").await;
    let person = town.number("p1").await;
    let line = format!(
        r#"{{"result_id":"r1","line":"2024-03-{person}-1","status":"not_collected",
            "date":"2024-04-10","reason":"absent","amount":540000}}"#
    );
    let (rows, _) = results::read_lines(&line.replace('\n', " "));
    town.set("2024-04-20");
    let imported = results::import(&town.office(), &maker(), "buu-dien", &rows).await;
    assert_eq!(imported.expect("imported").recorded, 1);
    town.told(&[died("p1", "2024-01-05")]).await;
    town.told(&severe("p2", WARD)).await;
    town.list("2024-04", "51").await;
    let (march, april) = (
        of(&town, "2024-03", "51").await,
        of(&town, "2024-04", "51").await,
    );
    // 1,620,000 were approved in March. What was not collected is carried over only as far as the
    // death did not take it back: April says how much, and March owes that much less.
    let lines = town.lines("2024-04", "51").await;
    let carried: i64 = lines
        .iter()
        .filter(|line| line.contains("carried_over"))
        .filter_map(|line| line.split(' ').nth(4)?.parse::<i64>().ok())
        .sum();
    let payable: i64 = lines
        .iter()
        .filter_map(|line| line.split(' ').nth(4)?.parse::<i64>().ok())
        .filter(|amount| *amount > 0)
        .sum();
    assert_eq!(total(&march, Account::Owed), Dong(carried - 1_620_000));
    assert_eq!(total(&april, Account::Owed), Dong(-payable));
    assert_eq!(total(&april, Account::Recovery), Dong(540_000 * 2));
    books_are_right(&town).await;
}

#[tokio::test]
async fn the_database_refuses_what_does_not_balance() {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    let made = town.list("2024-03", "51").await;
    draw(&town, "2024-03", 1_000).await.expect("drawn");
    let list = made.header.list_id;
    let entry = |postings: i32| {
        format!(
            "insert into ledger_entry (entry_no, at, by, kind, memo, area_code, list_month,
                 list_id, day, postings)
             values (900, now(), 'x', 'drawn', '', '51', 202403, {list}, '2024-03-20', {postings});"
        )
    };
    let posting = |no: i32, account: &str, amount: i64| {
        format!(
            "insert into ledger_posting (entry_no, posting_no, account, area_code,
                 area_valid_from, amount)
             values (900, {no}, '{account}', '51', '1900-01-01', {amount});"
        )
    };
    let refused = [
        // Off by one.
        entry(2) + &posting(1, "treasury", 5) + &posting(2, "budget", -6),
        // One is missing.
        entry(3) + &posting(1, "treasury", 5) + &posting(2, "budget", -5),
        // One too many.
        entry(2) + &posting(1, "treasury", 5) + &posting(2, "budget", -5) + &posting(3, "owed", 1),
        // More is passed on than was drawn.
        entry(2) + &posting(1, "treasury", -1_001) + &posting(2, "budget", 1_001),
        // Whose money is not said.
        entry(2) + &posting(1, "with_provider", 5) + &posting(2, "budget", -5),
        // Nothing.
        entry(2) + &posting(1, "treasury", 0) + &posting(2, "budget", 0),
        // Added to an entry that has its postings.
        posting(7, "treasury", 5).replace("900", "1")
            + &posting(8, "budget", -5).replace("900", "1"),
        "update ledger_posting set amount = amount".to_owned(),
        "delete from ledger_posting".to_owned(),
        "truncate ledger_posting".to_owned(),
        "update ledger_entry set memo = ''".to_owned(),
        "delete from ledger_entry".to_owned(),
        "truncate ledger_entry cascade".to_owned(),
    ];
    for statement in refused {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone()))
            .execute(town.pool())
            .await;
        assert!(done.is_err(), "{statement}");
    }
    books_are_right(&town).await;
}

/// What the migration books of lists approved before there was a ledger is what approving books.
#[tokio::test]
async fn earlier_lists_are_booked_the_same() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.list("2024-03", "51").await;
    let person = town.number("p1").await;
    let line = format!(
        r#"{{"result_id":"r1","line":"2024-03-{person}-2","status":"failed","date":"2024-04-10","amount":540000}}"#
    );
    let (rows, _) = results::read_lines(&line);
    town.set("2024-04-20");
    results::import(&town.office(), &maker(), "buu-dien", &rows)
        .await
        .expect("imported");
    town.told(&[died("p2", "2024-02-05")]).await;
    town.list("2024-04", "51").await;
    let migration = include_str!("../../../../../migrations/0012_ledger.sql");
    let booking = migration
        .split_once("-- Lists approved before there was a ledger")
        .expect("the last part")
        .1;
    let booking = booking.split_once('\n').expect("a sentence").1;
    let mut tx = town.pool().begin().await.expect("begun");
    let before = postings(&mut tx).await;
    assert!(
        before
            .iter()
            .any(|posting| posting.starts_with("carried_over 202403 "))
    );
    let emptied = "alter table ledger_posting disable trigger user;
                   alter table ledger_entry disable trigger user;
                   delete from ledger_posting; delete from ledger_entry;
                   alter table ledger_posting enable trigger user;
                   alter table ledger_entry enable trigger user;";
    for statements in [emptied, booking] {
        sqlx::raw_sql(statements)
            .execute(&mut *tx)
            .await
            .expect("done");
    }
    assert_eq!(postings(&mut tx).await, before);
    tx.commit().await.expect("the entries balance");
}

async fn postings(tx: &mut sqlx::PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "select format('%s %s %s %s %s %s %s %s', kind, list_month, list_id, by, at, account,
                       p.area_code, amount)
         from ledger_entry join ledger_posting p using (entry_no) order by 1",
    )
    .fetch_all(tx)
    .await
    .expect("read")
}

/// Every entry sums to zero, every month does, and lists owe what they pay.
async fn books_are_right(town: &Town) {
    let off: i64 = sqlx::query_scalar(
        "select count(*) from (select entry_no from ledger_posting group by entry_no
                               having sum(amount) <> 0) off",
    )
    .fetch_one(town.pool())
    .await
    .expect("counted");
    assert_eq!(off, 0);
    let owed: Vec<(i64, i64)> = sqlx::query_as(
        "select payable + recoverable,
                (select coalesce(sum(amount), 0)::bigint
                 from ledger_entry e join ledger_posting using (entry_no)
                 where e.list_id = l.list_id and e.kind = 'list_approved' and account = 'budget')
         from payment_list l where approved_at is not null",
    )
    .fetch_all(town.pool())
    .await
    .expect("summed");
    assert!(owed.iter().all(|(paid, booked)| paid == booked), "{owed:?}");
    let span = MonthSpan {
        from: month("2024-01"),
        to: month("2024-12"),
    };
    let all = balances(&town.office(), &maker(), span, "", None)
        .await
        .expect("read");
    let sum: Dong = all.iter().map(|balance| balance.amount).sum();
    assert_eq!(sum, Dong::ZERO);
    assert!(total(&all, Account::Treasury) >= Dong::ZERO);
    for area in ["", "51", WARD] {
        areas_add_up(town, span, area).await;
    }
}

/// The balances of the areas inside are those of the whole.
async fn areas_add_up(town: &Town, span: MonthSpan, area: &str) {
    let (office, actor) = (town.office(), maker());
    let whole = balances(&office, &actor, span, area, None).await;
    let areas = by_area(&office, &actor, span, area).await.expect("read");
    let whole = whole.expect("read");
    for account in Account::ALL {
        let parts = areas.iter().filter_map(|part| part.accounts.get(&account));
        assert_eq!(
            parts.copied().sum::<Dong>(),
            total(&whole, account),
            "{account:?}"
        );
    }
}

/// One thing somebody tries.
#[derive(Clone, Debug)]
enum Step {
    Listed,
    Died(u8),
    Drawn(u8, i64),
    Transferred(u8, i64),
    TakenBack(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let amount = prop_oneof![Just(0i64), Just(540_000), 1..4_000_000i64, Just(-5)];
    let step = prop_oneof![
        3 => Just(Step::Listed),
        1 => (0..3u8).prop_map(Step::Died),
        4 => (0..4u8, amount.clone()).prop_map(|(list, amount)| Step::Drawn(list, amount)),
        4 => (0..4u8, amount).prop_map(|(list, amount)| Step::Transferred(list, amount)),
        3 => (0..12u8).prop_map(Step::TakenBack),
    ];
    proptest::collection::vec(step, 10..30)
}

const LISTS: [&str; 4] = ["2024-03", "2024-04", "2024-05", "2024-06"];

async fn live(steps: Vec<Step>) {
    let mut town = Town::on("2024-03-20").await;
    post_office(&town).await;
    for person in ["p0", "p1", "p2"] {
        town.told(&severe(person, WARD)).await;
    }
    let mut lists = LISTS.iter();
    let mut movements = Vec::new();
    for step in steps {
        let tried = match step {
            Step::Listed => {
                if let Some(list) = lists.next() {
                    town.set(&format!("{list}-20"));
                    town.list(list, "51").await;
                }
                continue;
            }
            Step::Died(who) => {
                town.tell(&[died(&format!("p{who}"), "2024-02-10")]).await;
                continue;
            }
            Step::Drawn(list, amount) => draw(&town, LISTS[usize::from(list)], amount).await,
            Step::Transferred(list, amount) => {
                transfer(&town, LISTS[usize::from(list)], amount).await
            }
            Step::TakenBack(which) => match movements.get(usize::from(which)) {
                Some(entry) => take_back(&town, *entry).await,
                None => continue,
            },
        };
        match tried {
            Ok(entry) => movements.push(entry),
            Err(Refused::Database(error)) => panic!("{error}"),
            Err(_) => {}
        }
        books_are_right(&town).await;
    }
    books_are_right(&town).await;
}

#[test]
fn any_sequence_balances() {
    let cases = std::env::var("PROPTEST_CASES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(12);
    let config = Config {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    TestRunner::new(config)
        .run(&steps(), |steps| {
            runtime.block_on(live(steps));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
