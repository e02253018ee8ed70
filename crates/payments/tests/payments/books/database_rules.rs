//! What must not happen to money is refused by the database itself, whoever asks: each rule of the
//! migrations is broken here by SQL alone, and says which one it is.

use std::collections::BTreeSet;

use payments::proposal::{self, Decision as Proposed};
use payments::results::queue::{self, Decision};
use payments::results::{self, Reported, Status};
use payments::{closing, order, settlement};
use sqlx::AssertSqlSafe;

use crate::support::ordered::POST;
use crate::support::*;

/// The migrations that keep money. Some rules of the earlier ones were put in other words by later ones.
const MIGRATIONS: [&str; 8] = [
    include_str!("../../../../../migrations/0010_providers.sql"),
    include_str!("../../../../../migrations/0011_orders.sql"),
    include_str!("../../../../../migrations/0012_ledger.sql"),
    include_str!("../../../../../migrations/0013_result_queue.sql"),
    include_str!("../../../../../migrations/0014_closing.sql"),
    include_str!("../../../../../migrations/0015_proposals.sql"),
    include_str!("../../../../../migrations/0021_speed.sql"),
    include_str!("../../../../../migrations/0025_closed_money.sql"),
];

const MARCH: &str = "2024-03";

/// March was ordered, paid but for one dead, closed, opened and closed again; of April one line was
/// told of before it was ordered and two people's lines are not ordered; a draft of March is left.
async fn lived_in() -> Town {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.list(MARCH, "51").await;
    town.order(MARCH).await;
    town.pay_in(MARCH, 3_240_000).await;
    let sent = "insert into order_sent (order_no, sent_by, sent_at, how, file_name, file_sha256)
        select order_no, 'x', now(), 'file', 'x.xlsx', '' from payment_order";
    sqlx::query(sent)
        .execute(town.pool())
        .await
        .expect("handed over");
    settle(&town).await;
    for _ in 0..2 {
        close(&town).await;
    }
    town.told(&severe("p3", WARD)).await;
    town.make(MARCH, "").await.expect("a draft");
    town.set("2024-04-20");
    town.list("2024-04", "51").await;
    town.hear("early", "2024-04-1-1", Status::Paid, 540_000)
        .await;
    let made = order::make(&town.office(), &maker(), month("2024-04"), "51", None).await;
    assert_eq!(made.expect("ordered").open.len(), 1, "nobody pays p3");
    town
}

/// All of March is paid but one line of somebody said to be dead; what is unknown is dismissed, the
/// money that is left is given back.
async fn settle(town: &Town) {
    for (person, line) in [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)] {
        let line = format!("{MARCH}-{person}-{line}");
        town.hear(&line, &line, Status::Paid, 540_000).await;
    }
    town.hear("unknown", "2024-03-1-9", Status::Paid, 540_000)
        .await;
    let died = Reported {
        result_id: "died".to_owned(),
        line: "2024-03-2-3".to_owned(),
        status: Status::Failed,
        date: town.clock.today(),
        reason: Some("deceased".to_owned()),
        amount: 540_000,
    };
    let office = town.office();
    let heard = results::import(&office, &maker(), POST, &[(1, died)]).await;
    assert_eq!(heard.expect("imported").recorded, 1);
    let waiting = queue::entries(&office, &maker(), month(MARCH), "51", false).await;
    let number = waiting.expect("the queue")[0].queue_no;
    queue::resolve(&office, &maker(), number, &Decision::Dismiss, "gõ nhầm")
        .await
        .expect("dismissed");
    let proposed = proposal::proposals(&office, &maker(), month(MARCH), "51", false).await;
    let number = proposed.expect("read")[0].proposal_no;
    proposal::decide(&office, &maker(), number, Proposed::Reject, "còn sống")
        .await
        .expect("rejected");
    let left = town.moved(MARCH, 540_000);
    settlement::give_back(&office, &maker(), &left, POST)
        .await
        .expect("given back");
}

/// Closes March; closed already, opens it first.
async fn close(town: &Town) {
    let (office, march) = (town.office(), month(MARCH));
    if closing::close(&office, &maker(), march, "51").await.is_ok() {
        return;
    }
    closing::ask_unlock(&office, &maker(), march, "51", "báo sai")
        .await
        .expect("asked");
    closing::confirm_unlock(&office, &approver(), march, "51")
        .await
        .expect("opened");
    closing::close(&office, &maker(), march, "51")
        .await
        .expect("closed again");
}

/// What the database says to statements in a transaction of their own.
async fn refusal(town: &Town, statements: &str) -> String {
    let statements = AssertSqlSafe(statements.to_owned());
    match sqlx::raw_sql(statements).execute(town.pool()).await {
        Ok(_) => "taken".to_owned(),
        Err(refusal) => refusal.to_string(),
    }
}

/// Tables of which a migration says that `what` is refused there.
fn append_only(what: &str) -> BTreeSet<&'static str> {
    let mut tables = BTreeSet::new();
    for migration in MIGRATIONS {
        for statement in migration.split(';') {
            let trigger = statement.split_once(what);
            if let Some((_, rest)) = trigger.filter(|_| statement.contains("refuse_change()")) {
                tables.insert(rest.split_whitespace().next().expect("a table"));
            }
        }
    }
    tables
}

#[tokio::test]
async fn what_is_recorded_of_money_is_neither_changed_nor_deleted() {
    let town = lived_in().await;
    let (changed, emptied) = (
        append_only("before update or delete on"),
        append_only("before truncate on"),
    );
    assert_eq!(changed.len(), 17, "{changed:?}");
    for table in changed {
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(town.pool())
            .await
            .expect("counted");
        assert!(rows > 0, "{table} has no row to be changed");
        let column: String = sqlx::query_scalar(
            "select column_name::text from information_schema.columns
             where table_name = $1 and is_identity = 'NO' limit 1",
        )
        .bind(table)
        .fetch_one(town.pool())
        .await
        .expect("a column");
        for statement in [
            format!("update {table} set {column} = {column}"),
            format!("delete from {table}"),
        ] {
            let said = refusal(&town, &statement).await;
            assert!(said.contains("never changed"), "{statement}: {said}");
        }
    }
    // Lines of orders are kept in a table for each month.
    for table in emptied.into_iter().chain(["order_line_202403"]) {
        let statement = format!("truncate {table} cascade");
        let said = refusal(&town, &statement).await;
        assert!(said.contains("never changed"), "{statement}: {said}");
    }
}

/// A new order of April by hand, and a line of it; what is to follow goes after them.
fn order(list: &str) -> String {
    format!(
        "insert into payment_order (order_no, list_id, list_month, provider, contract_no, area_code,
             pay_on, made_by, made_at)
         overriding system value
         select 900, list_id, month, '{POST}', 1, '51', '2024-05-02', 'x', now()
         from payment_list where {list};"
    )
}

const APRIL: &str = "month = 202404 and approved_at is not null";

fn order_line(person: &str, line: i32, order: i64) -> String {
    format!(
        "insert into order_line (list_month, person_id, line_no, order_no, channel, amount,
             full_name, birth_date, birth_precision, holder, payee_name)
         select 202404, person_id, {line}, {order}, 4, 540000, 'x', '1988-02-01', 'd', 'self', 'x'
         from person where person_key = '{person}';"
    )
}

fn seal(lines: i32) -> String {
    format!(
        "update payment_order set lines = {lines}, people = 1, amount = 540000, fingerprint = ''
         where order_no = 900;"
    )
}

/// An entry of March, and postings to accounts.
fn entry(postings: &[(&str, i64)]) -> String {
    let mut statements = format!(
        "insert into ledger_entry (entry_no, at, by, kind, memo, area_code, list_month, list_id,
             day, postings)
         select 900, now(), 'x', 'drawn', '', '51', 202403, list_id, '2024-03-20', {}
         from payment_list where month = 202403 and approved_at is not null;",
        postings.len()
    );
    for (number, (account, amount)) in (1..).zip(postings) {
        statements += &posting(900, number, account, *amount);
    }
    statements
}

fn posting(entry: i64, number: i32, account: &str, amount: i64) -> String {
    format!(
        "insert into ledger_posting (entry_no, posting_no, account, area_code, area_valid_from,
             amount)
         values ({entry}, {number}, '{account}', '51', '1900-01-01', {amount});"
    )
}

/// Statements that break a rule, and what the migration says of it.
fn broken() -> Vec<(String, &'static str)> {
    let one_person =
        "insert into payment_result (person_id, list_month, line_no, provider, result_id,
            status, happened_on, amount, recorded_by, recorded_at)
        values (1, 202403, 1, 'buu-dien', 'x', 'returned', '2024-04-01', 540000, 'x', now())";
    vec![
        (
            "insert into contract_slot (area_code, channel, bank_code, from_month, contract_no,
                 replaces, recorded_by, recorded_at)
             select area_code, channel, 'khác', from_month, contract_no, slot_no, 'x', now()
             from contract_slot"
                .to_owned(),
            "a contract replaces one of the same area, channel and bank",
        ),
        (
            order("approved_at is null"),
            "only approved lists are ordered",
        ),
        (
            order(APRIL)
                + &order_line("p3", 1, 900)
                + "delete from payment_order where order_no = 900;",
            "order 900 is gone and its lines are not",
        ),
        (
            order(APRIL) + &order_line("p3", 1, 900) + &seal(2),
            "an order adds up to its lines",
        ),
        (
            order(APRIL) + &order_line("p3", 1, 900),
            "order 900 is not sealed",
        ),
        (
            order(APRIL)
                .replace("made_at)", "made_at, fingerprint)")
                .replace("now()", "now(), ''"),
            "an order is sealed when its lines are in",
        ),
        (
            order(APRIL) + &order_line("p3", 1, 900) + &seal(1) + &order_line("p3", 2, 900),
            "lines are added to an order of their month that is not sealed",
        ),
        (
            one_person
                .replace("recorded_at)", "recorded_at, queue_no)")
                .replace("now())", "now(), 99)"),
            "a result out of the queue names one that waits there",
        ),
        (
            posting(999, 1, "treasury", 5),
            "a posting belongs to an entry",
        ),
        (
            posting(1, 8, "with_provider', 'nobody", 5)
                .replace("posting_no, account", "posting_no, account, provider"),
            "a posting names a provider there is",
        ),
        (
            order(APRIL) + &order_line("p3", 99, 900) + &seal(1),
            "an order holds lines to be paid of its own list, each with its amount",
        ),
        (
            order(APRIL) + &order_line("p1", 1, 900) + &seal(1),
            "a line with a result is not ordered",
        ),
        (
            entry(&[("treasury", 5), ("budget", -6)]),
            "ledger entry 900 does not balance",
        ),
        (
            posting(1, 8, "treasury", 5) + &posting(1, 9, "budget", -5),
            "nothing is added to a ledger entry",
        ),
        (
            entry(&[("treasury", -1), ("budget", 1)]),
            "more is passed on of list 1 than was drawn",
        ),
        (
            "insert into closed_commune select list_month, area_code, area_valid_from, 9, closure_no
             from closed_commune where closing = 2"
                .to_owned(),
            "the month of this commune is closed already",
        ),
        (
            one_person.to_owned(),
            "nothing of a closed month is recorded but through the queue",
        ),
        (
            "update payment_list
             set approved_by = 'x', approved_at = now(), approval_no = nextval('approval_no')
             where approved_at is null"
                .to_owned(),
            "no list is approved in a closed month",
        ),
        (
            entry(&[("treasury", -5), ("budget", 5)]).replace("'drawn'", "'transferred'"),
            "no money of a closed month goes to a provider",
        ),
        (
            "insert into ledger_entry (at, by, kind, memo, area_code, list_month, list_id, day,
                 reverses, postings)
             select now(), 'x', 'taken_back', '', area_code, list_month, list_id, day, entry_no, 2
             from ledger_entry where kind = 'transferred'"
                .to_owned(),
            "no money of a closed month goes to a provider",
        ),
    ]
}

#[tokio::test]
async fn every_rule_refuses_what_breaks_it() {
    let town = lived_in().await;
    let broken = broken();
    for (statements, rule) in &broken {
        let said = refusal(&town, statements).await;
        assert!(said.contains(rule), "{rule}: {said}\n{statements}");
    }
    // No rule is left out; the numbers of what it is about are not part of it.
    let told = |rule: &str| rule.replace("900", "%").replace("list 1 ", "list % ");
    let told: BTreeSet<String> = broken.iter().map(|(_, rule)| told(rule)).collect();
    let holding: Vec<String> = sqlx::query_scalar(
        "select prosrc from pg_proc where pronamespace = 'public'::regnamespace",
    )
    .fetch_all(town.pool())
    .await
    .expect("the rules that hold");
    let rules = MIGRATIONS
        .iter()
        .flat_map(|migration| migration.split("raise exception '").skip(1));
    for rule in rules {
        let rule = rule.split('\'').next().expect("a sentence");
        let holds = holding.iter().any(|source| source.contains(rule));
        assert!(!holds || told.contains(rule), "nothing breaks: {rule}");
    }
    // What is right is taken: the refusals above are about nothing else.
    let right = order(APRIL) + &order_line("p3", 1, 900) + &seal(1);
    assert_eq!(refusal(&town, &right).await, "taken");
    let right = entry(&[("treasury", 5), ("budget", -5)]);
    assert_eq!(refusal(&town, &right).await, "taken");
}

#[tokio::test]
async fn what_happens_once_has_a_key() {
    let town = lived_in().await;
    for (statements, key) in [
        // A line in two orders.
        (
            order(APRIL) + &order_line("p2", 1, 900) + &seal(1),
            "order_line_202404_pkey",
        ),
        // A second chain of contracts beside the first, and a fork of it.
        (
            "insert into contract_slot (area_code, channel, bank_code, from_month, contract_no,
                 recorded_by, recorded_at)
             select area_code, channel, bank_code, from_month, contract_no, 'x', now()
             from contract_slot"
                .to_owned(),
            "one_contract_at_a_time",
        ),
        // A list booked twice, an entry taken back twice.
        (
            entry(&[("budget", 5), ("owed", -5)]).replace("'drawn'", "'list_approved'"),
            "list_approved_once",
        ),
        (
            "insert into ledger_entry (at, by, kind, memo, area_code, list_month, day, reverses,
                 postings)
             select now(), 'x', 'taken_back', '', '51', 202403, '2024-03-20', 1, 2
             from generate_series(1, 2)"
                .to_owned(),
            "ledger_entry_reverses_key",
        ),
        // A number of a result used again, a waiting result decided twice.
        (
            "insert into result_claim select * from result_claim".to_owned(),
            "result_claim_pkey",
        ),
        (
            "insert into result_resolution select queue_no, 'dismiss', 'x', 'x', now()
             from result_queue"
                .to_owned(),
            "result_resolution_pkey",
        ),
        // The same result waiting twice.
        (
            "insert into result_queue (provider, content, form, result_id, line, status,
                 happened_on, amount, why, area_code, recorded_by, recorded_at)
             select provider, content, form, result_id, line, status, happened_on, amount, why,
                    area_code, 'x', now()
             from result_queue"
                .to_owned(),
            "result_queue_provider_content_key",
        ),
        // A closing opened twice, a proposal made or decided twice.
        (
            "insert into unlock select closure_no, asked_by, 'y', now() from unlock".to_owned(),
            "unlock_pkey",
        ),
        (
            "insert into proposal (kind, person_id, list_month, area_code, proposed_by, proposed_at)
             select kind, person_id, list_month, area_code, 'x', now() from proposal"
                .to_owned(),
            "proposal_kind_person_id_list_month_key",
        ),
        (
            "insert into proposal_decision select proposal_no, 'reject', 'x', null, 'x', now()
             from proposal"
                .to_owned(),
            "proposal_decision_pkey",
        ),
    ] {
        let said = refusal(&town, &statements).await;
        assert!(said.contains(key), "{key}: {said}\n{statements}");
    }
}

#[tokio::test]
async fn figures_that_cannot_be_are_refused() {
    let town = lived_in().await;
    let opened = "insert into unlock_request select closure_no, 'x', now(), 'x' from closure
        where closure_no = (select max(closure_no) from closure);
        insert into unlock select closure_no, 'x', 'x', now() from unlock_request
        where asked_by = 'x'";
    for (statements, check) in [
        (opened.to_owned(), "one person asks and agrees"),
        (
            "insert into closure (list_month, area_code, closed_by, closed_at, ordered, paid,
                 failed, returned, not_collected, fingerprint)
             values (202403, '51', 'x', now(), 10, 9, 0, 0, 0, '')"
                .to_owned(),
            "closed_month_adds_up",
        ),
        (
            "insert into provider_contract (provider, kind, area_code, channels, from_month,
                 fee_basis_points, list_before_day, report_before_day, settlement_months, handover,
                 recorded_by, recorded_at)
             values ('buu-dien', 'post', '51', '{1}', 202401, 0, 25, 20, 1, 'file', 'x', now())"
                .to_owned(),
            "channels_suit_the_provider",
        ),
        (
            order(APRIL) + &order_line("p3", 1, 900).replace("540000", "-540000"),
            "order_line_amount_check",
        ),
        (
            entry(&[("treasury", 0), ("budget", 0)]),
            "ledger_posting_amount_check",
        ),
        // Whose money it is must be said.
        (
            entry(&[("with_provider", 5), ("budget", -5)]),
            "violates check constraint",
        ),
        (
            "insert into payment_result (person_id, list_month, line_no, provider, result_id, status,
                 happened_on, amount, recorded_by, recorded_at)
             values (3, 202404, 1, 'buu-dien', 'x', 'paid', '2024-04-20', 0, 'x', now())"
                .to_owned(),
            "amount_is_positive",
        ),
        (
            "insert into proposal_decision values (1, 'accept', 'x', null, 'x', now())".to_owned(),
            "violates check constraint",
        ),
    ] {
        let said = refusal(&town, &statements).await;
        assert!(said.contains(check), "{check}: {said}\n{statements}");
    }
}
