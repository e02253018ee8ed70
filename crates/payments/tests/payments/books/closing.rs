//! A month is closed when everything balances, and opened again by two people.

use kernel::MonthSpan;
use payments::Refused;
use payments::closing::{self, CloseRefused, Closure};
use payments::ledger::{Balance, EntryNo, balances};
use payments::results::queue::{self, Decision};
use payments::results::{Status, outcome};
use payments::settlement::{self, FeeFrom, Statement};
use payments::treasury;

use crate::support::ordered::POST;
use crate::support::*;

/// The March list of two people, ordered and paid in: three lines of 540,000 each.
async fn town() -> Town {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.list("2024-03", "51").await;
    town.order("2024-03").await;
    town.pay_in("2024-03", 3_240_000).await;
    town
}

async fn close(town: &Town) -> Result<Closure, Refused> {
    closing::close(&town.office(), &maker(), month("2024-03"), "51").await
}

/// Codes of what stands in the way.
async fn obstacles(town: &Town) -> Vec<&'static str> {
    match close(town).await {
        Err(Refused::Closing(CloseRefused::Open { obstacles, .. })) => {
            let found = closing::obstacles(&town.office(), &maker(), month("2024-03"), "51").await;
            assert_eq!(found.expect("found"), obstacles);
            obstacles.iter().map(|it| it.code).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn statement(town: &Town) -> Statement {
    let months = MonthSpan::single(month("2024-03"));
    let all = settlement::statements(&town.office(), &maker(), months, "51").await;
    all.expect("read").pop().expect("one provider")
}

async fn ledger(town: &Town) -> Vec<String> {
    let months = MonthSpan::single(month("2024-03"));
    let all = balances(&town.office(), &maker(), months, "51", None).await;
    let told = |balance: &Balance| format!("{} {}", balance.account.code(), balance.amount.0);
    all.expect("read").iter().map(told).collect()
}

/// Everything is paid but two lines, whose money is given back.
async fn settled() -> Town {
    let town = town().await;
    for (person, line) in [(1, 1), (1, 2), (1, 3), (2, 1)] {
        let line = format!("2024-03-{person}-{line}");
        town.hear(&line, &line, Status::Paid, 540_000).await;
    }
    assert_eq!(obstacles(&town).await, ["not_reported", "with_provider"]);
    town.hear("r2", "2024-03-2-2", Status::Failed, 540_000)
        .await;
    town.hear("r3", "2024-03-2-3", Status::NotCollected, 540_000)
        .await;
    assert_eq!(obstacles(&town).await, ["not_given_back"]);
    let more = town.moved("2024-03", 1_080_001);
    let refused = settlement::give_back(&town.office(), &maker(), &more, POST).await;
    assert_eq!(refused.expect_err("refused").code(), "not_held");
    let moved = town.moved("2024-03", 1_080_000);
    let given = settlement::give_back(&town.office(), &maker(), &moved, POST).await;
    given.expect("given back");
    town
}

#[tokio::test]
async fn a_month_is_closed_when_every_dong_is_somewhere() {
    let empty = Town::on("2024-03-20").await;
    assert_eq!(obstacles(&empty).await, ["no_list"]);
    empty.told(&severe("p1", WARD)).await;
    empty.make("2024-03", "51").await.expect("made");
    assert_eq!(obstacles(&empty).await, ["draft_list", "not_ordered"]);
    empty.approve("2024-03", "51").await.expect("approved");
    assert_eq!(obstacles(&empty).await, ["not_ordered"]);

    let town = settled().await;
    let found = statement(&town).await;
    assert!(found.balances(), "{found:?}");
    assert_eq!(
        (
            found.transferred.0,
            found.paid.0,
            found.given_back.0,
            found.fee_due.0
        ),
        (3_240_000, 2_160_000, 1_080_000, 10_800)
    );
    town.hear("r9", "2024-03-1-9", Status::Paid, 540_000).await;
    assert_eq!(obstacles(&town).await, ["results_waiting"]);
    dismiss(&town).await;
    let closed = close(&town).await.expect("closed");
    assert_eq!(closed.outcome.paid, 2_160_000);
    assert_eq!(
        close(&town).await.expect_err("closed").code(),
        "month_closed"
    );
    let all = closing::closures(&town.office(), &maker(), month("2024-03"), WARD).await;
    assert_eq!(all.expect("read"), [closed]);
}

/// The first waiting result counts for nothing.
async fn dismiss(town: &Town) {
    let number = waiting(town).await[0];
    queue::resolve(
        &town.office(),
        &maker(),
        number,
        &Decision::Dismiss,
        "đã hỏi lại",
    )
    .await
    .expect("settled");
}

async fn waiting(town: &Town) -> Vec<i64> {
    let found = queue::entries(&town.office(), &maker(), month("2024-03"), "51", false).await;
    found
        .expect("the queue")
        .iter()
        .map(|entry| entry.queue_no)
        .collect()
}

#[tokio::test]
async fn after_closing_results_count_only_when_a_person_says_so() {
    let town = settled().await;
    close(&town).await.expect("closed");
    let before = ledger(&town).await;
    let late = town
        .hear("late", "2024-03-1-1", Status::Returned, 540_000)
        .await;
    assert_eq!((late.recorded, late.queued), (0, 1));
    assert_eq!(late.refused[0].code, "month_closed");
    assert_eq!(ledger(&town).await, before);
    let direct = "insert into payment_result (person_id, list_month, line_no, provider, result_id,
        status, happened_on, amount, recorded_by, recorded_at)
        values (1, 202403, 1, 'buu-dien', 'x', 'returned', '2024-04-01', 540000, 'x', now())";
    sqlx::query(direct)
        .execute(town.pool())
        .await
        .expect_err("the month is closed");
    let number = waiting(&town).await[0];
    let record = Decision::Record { line: None };
    queue::resolve(
        &town.office(),
        &maker(),
        number,
        &record,
        "bưu điện xác nhận",
    )
    .await
    .expect("recorded");
    let now = outcome(&town.office(), &maker(), month("2024-03"), "51")
        .await
        .expect("sums");
    assert_eq!((now.paid, now.returned), (1_620_000, 540_000));
    assert_eq!(statement(&town).await.to_give_back.0, 540_000);
    // A list of the closed month is not approved any more.
    let mut town = town;
    town.told(&severe("p3", WARD)).await;
    town.set("2024-03-25");
    town.make("2024-03", "").await.expect("made");
    assert_eq!(
        town.approve("2024-03", "")
            .await
            .expect_err("closed")
            .code(),
        "month_closed"
    );
    // What did not reach people is offered again, closed or not.
    town.set("2024-04-20");
    town.list("2024-04", "51").await;
    let carried = town.lines("2024-04", "51").await;
    let carried = carried
        .iter()
        .filter(|line| line.contains("carried_over"))
        .count();
    assert_eq!(carried, 3);
}

#[tokio::test]
async fn of_a_closed_month_no_money_goes_to_a_provider() {
    let town = settled().await;
    close(&town).await.expect("closed");
    let (office, more) = (town.office(), town.moved("2024-03", 10_800));
    let sent: i64 =
        sqlx::query_scalar("select entry_no from ledger_entry where kind = 'transferred'")
            .fetch_one(town.pool())
            .await
            .expect("the transfer");
    // The fee is drawn and paid; nothing else that was drawn leaves the treasury.
    treasury::draw(&office, &maker(), &more)
        .await
        .expect("drawn");
    let transfer = treasury::transfer(&office, &maker(), &more, POST).await;
    assert_eq!(transfer.expect_err("closed").code(), "month_closed");
    let back = treasury::take_back(&office, &maker(), EntryNo(sent), "ghi nhầm").await;
    assert_eq!(back.expect_err("closed").code(), "month_closed");
    settlement::pay_fee(&office, &maker(), &more, POST, FeeFrom::Treasury)
        .await
        .expect("paid");
    assert!(statement(&town).await.balances());
}

#[tokio::test]
async fn two_people_open_a_closed_month() {
    let town = settled().await;
    let (office, list) = (town.office(), month("2024-03"));
    let code = |refused: Refused| refused.code();
    let early = closing::ask_unlock(&office, &maker(), list, "51", "sai").await;
    assert_eq!(code(early.expect_err("open")), "month_not_closed");
    close(&town).await.expect("closed");
    let unsaid = closing::ask_unlock(&office, &maker(), list, "51", "  ").await;
    assert_eq!(code(unsaid.expect_err("no reason")), "reason_missing");
    let alone = closing::confirm_unlock(&office, &approver(), list, "51").await;
    assert_eq!(
        code(alone.expect_err("nobody asked")),
        "second_person_needed"
    );
    closing::ask_unlock(&office, &approver(), list, "51", "báo sai")
        .await
        .expect("asked");
    let alone = closing::confirm_unlock(&office, &approver(), list, "51").await;
    assert_eq!(code(alone.expect_err("one person")), "second_person_needed");
    let both = "insert into unlock (closure_no, asked_by, confirmed_by, confirmed_at)
        select closure_no, asked_by, asked_by, now() from unlock_request";
    sqlx::query(both)
        .execute(town.pool())
        .await
        .expect_err("one person is not two");
    closing::confirm_unlock(&office, &maker(), list, "51")
        .await
        .expect("opened");
    let back = town
        .hear("back", "2024-03-1-1", Status::Returned, 540_000)
        .await;
    assert_eq!(back.recorded, 1);
    assert_eq!(obstacles(&town).await, ["not_given_back"]);
    let moved = town.moved("2024-03", 540_000);
    settlement::give_back(&office, &maker(), &moved, POST)
        .await
        .expect("given back");
    close(&town).await.expect("closed again");
}

#[tokio::test]
async fn two_officers_close_at_once_and_one_does() {
    let town = settled().await;
    let (one, other) = tokio::join!(close(&town), close(&town));
    let refused = match (one, other) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        both => panic!("{both:?}"),
    };
    assert_eq!(refused.code(), "month_closed");
    let closures: i64 = sqlx::query_scalar("select count(*) from closure")
        .fetch_one(town.pool())
        .await
        .expect("counted");
    assert_eq!(closures, 1);
}

#[tokio::test]
async fn a_fee_is_kept_or_paid_and_no_more_than_there_is() {
    let town = settled().await;
    let office = town.office();
    let fee = town.moved("2024-03", 10_800);
    let kept = settlement::pay_fee(&office, &maker(), &fee, POST, FeeFrom::Provider).await;
    assert_eq!(kept.expect_err("nothing is left there").code(), "not_held");
    let undrawn = settlement::pay_fee(&office, &maker(), &fee, POST, FeeFrom::Treasury).await;
    assert_eq!(undrawn.expect_err("nothing was drawn").code(), "not_drawn");
    assert!(ledger(&town).await.contains(&"paid 2160000".to_owned()));
}

#[tokio::test]
async fn what_has_a_result_is_not_ordered_any_more() {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.list("2024-03", "51").await;
    town.hear("early", "2024-03-1-2", Status::Paid, 540_000)
        .await;
    town.order("2024-03").await;
    let ordered: Vec<i16> = sqlx::query_scalar("select line_no from order_line order by line_no")
        .fetch_all(town.pool())
        .await
        .expect("ordered");
    assert_eq!(ordered, [1, 3]);
    let columns = "channel, amount, full_name, birth_date, birth_precision, holder, payee_name";
    let line = |order: &str| {
        format!(
            "insert into order_line (list_month, person_id, line_no, order_no, {columns})
             select list_month, person_id, 2, {order}, {columns} from order_line where line_no = 1;"
        )
    };
    let new_order =
        "insert into payment_order (order_no, list_id, list_month, provider, contract_no,
             area_code, pay_on, made_by, made_at) overriding system value
         select 900, list_id, list_month, provider, contract_no, area_code, pay_on, made_by, made_at
         from payment_order;";
    let seal = "update payment_order set lines = 1, people = 1, amount = 540000, fingerprint = ''
         where order_no = 900;";
    for (statements, why) in [
        (line("order_no"), "not sealed"),
        ([new_order, &line("900"), seal].concat(), "with a result"),
    ] {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
            .execute(town.pool())
            .await;
        let error = done.expect_err("it was paid").to_string();
        assert!(error.contains(why), "{error}");
    }
}
