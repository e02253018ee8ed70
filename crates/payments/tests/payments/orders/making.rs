//! Every line once, by whoever makes the orders and however often.

use super::*;

#[tokio::test]
async fn every_line_is_ordered_once_or_says_why_not() {
    let mut town = paying_town().await;
    for (person, area) in [
        ("p1", WARD),
        ("p2", VILLAGE),
        ("p3", WARD),
        ("p4", WARD),
        ("p5", WARD),
    ] {
        town.told(&severe(person, area)).await;
    }
    town.told(&[
        account("p1", "0011223344"),
        payee("p2", json!({"channel": "home"})),
        payee(
            "p3",
            json!({"holder": "authorised", "holder_name": "Trần Văn Ổi", "authorised_until": "2024-03-31"}),
        ),
        account("p4", "12"),
    ])
    .await;
    let early = make_orders(&town, "2024-03", "51")
        .await
        .expect_err("no list");
    assert_eq!(early.code(), "no_list");
    town.make("2024-03", "51").await.expect("made");
    let draft = make_orders(&town, "2024-03", "51")
        .await
        .expect_err("a draft");
    assert_eq!(draft.code(), "not_approved");
    let approved = town.approve("2024-03", "51").await.expect("approved");
    town.set("2024-04-02");
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    let totals: Vec<(&str, i32, i64)> = made
        .orders
        .iter()
        .map(|order| (order.provider.as_str(), order.lines, order.amount.0))
        .collect();
    assert_eq!(
        totals,
        [("ngan-hang", 3, 1_620_000), ("buu-dien", 3, 1_620_000)]
    );
    let reasons: Vec<(NotOrdered, u64)> = made
        .open
        .iter()
        .map(|sum| (sum.reason, sum.lines))
        .collect();
    assert_eq!(
        reasons,
        [
            (NotOrdered::NoPayee, 3),
            (NotOrdered::AuthorisationEnded, 3),
            (NotOrdered::NoAccount, 3),
        ]
    );
    let left = open(&town, "2024-03", "51").await;
    assert_eq!(left.len(), 9);
    assert!(left.iter().all(|line| line.reason.is_some()));
    let sum: i64 = made.orders.iter().map(|order| order.amount.0).sum::<i64>()
        + left.iter().map(|line| line.amount).sum::<i64>();
    assert_eq!(Dong(sum), approved.header.payable);

    let before = ordered(&town).await;
    let again = make_orders(&town, "2024-03", "51")
        .await
        .expect("nothing new");
    assert_eq!(again.orders, []);
    assert_eq!(ordered(&town).await, before);

    town.told(&[
        account("p4", "9988776655"),
        payee("p5", json!({})),
        payee(
            "p3",
            json!({"holder": "guardian", "holder_name": "Trần Văn Ổi"}),
        ),
    ])
    .await;
    assert!(
        open(&town, "2024-03", "51")
            .await
            .iter()
            .all(|line| line.reason.is_none())
    );
    let mended = make_orders(&town, "2024-03", "51").await.expect("ordered");
    assert_eq!(mended.open, []);
    assert_eq!(open(&town, "2024-03", "51").await, []);
    let all: Vec<Order> = made.orders.into_iter().chain(mended.orders).collect();
    let lines: usize = ordered(&town).await.values().map(BTreeSet::len).sum();
    assert_eq!(lines, 15);
    let amount: Dong = all.iter().map(|order| order.amount).sum();
    assert_eq!(amount, approved.header.payable);
    let listed = order::of_month(&town.office(), &maker(), month("2024-03"), "51").await;
    assert_eq!(listed.expect("read"), all);
}

#[tokio::test]
async fn money_owed_back_and_people_who_died_are_not_ordered() {
    let mut town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", WARD)).await;
    town.told(&[payee("p1", json!({})), payee("p2", json!({}))])
        .await;
    town.list("2024-03", "51").await;
    town.set("2024-04-20");
    town.told(&[died("p1", "2024-02-05")]).await;
    town.list("2024-04", "51").await;
    let march = make_orders(&town, "2024-03", "51").await.expect("ordered");
    assert_eq!(march.orders[0].lines, 3);
    assert_eq!(march.open[0].reason, NotOrdered::Died);
    let april = make_orders(&town, "2024-04", "51").await.expect("ordered");
    assert_eq!((april.orders.len(), april.orders[0].lines), (1, 1));
    assert_eq!(april.open, []);
    assert_eq!(open(&town, "2024-04", "51").await, []);
}

#[tokio::test]
async fn two_makers_at_once_order_each_line_once() {
    let town = paying_town().await;
    for number in 0..6 {
        let person = format!("p{number}");
        town.told(&severe(&person, [WARD, VILLAGE][number % 2]))
            .await;
        town.told(&[payee(&person, json!({}))]).await;
    }
    town.list("2024-03", "51").await;
    let (one, other, third) = tokio::join!(
        make_orders(&town, "2024-03", "51"),
        make_orders(&town, "2024-03", WARD),
        make_orders(&town, "2024-03", "51"),
    );
    let lines: i32 = [one, other, third]
        .into_iter()
        .flat_map(|made| made.expect("ordered").orders)
        .map(|order| order.lines)
        .sum();
    assert_eq!(lines, 18);
    assert_eq!(ordered(&town).await["buu-dien"].len(), 18);
}

/// The server ends the maker's connection while lines are being written.
#[tokio::test]
async fn a_maker_that_dies_leaves_nothing() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.told(&[payee("p1", json!({})), payee("p2", json!({}))])
        .await;
    town.list("2024-03", "51").await;
    make_orders(&town, "2024-03", WARD).await.expect("ordered");
    let before = ordered(&town).await;
    let mut held = town.pool().begin().await.expect("begun");
    sqlx::query("lock table order_line in share mode")
        .execute(&mut *held)
        .await
        .expect("held");
    let kill = async {
        loop {
            let ended: i64 = sqlx::query_scalar(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'
                   and query like 'copy order_line %'",
            )
            .fetch_one(town.pool())
            .await
            .expect("asked");
            if ended > 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let (made, ()) = tokio::join!(make_orders(&town, "2024-03", "51"), kill);
    assert_eq!(made.expect_err("it died").code(), "database");
    held.rollback().await.expect("let go");
    assert_eq!(ordered(&town).await, before);
    let orders: i64 = sqlx::query_scalar("select count(*) from payment_order")
        .fetch_one(town.pool())
        .await
        .expect("counted");
    assert_eq!(orders, 1);
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    assert_eq!(made.orders[0].lines, 3);
}

#[tokio::test]
async fn a_merged_record_is_paid_to_whoever_receives_for_the_kept_one() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.told(&[registered("p2", "1988-02-01", VILLAGE)]).await;
    town.list("2024-03", "51").await;
    town.merge("p2", "p1").await.expect("merged");
    let guardian = json!({"holder": "guardian", "holder_name": "Trần Văn Ổi"});
    town.told(&[payee("p2", guardian)]).await;
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    assert_eq!(made.open, []);
    let payees: Vec<(i64, String)> =
        sqlx::query_as("select person_id, payee_name from order_line order by line_no")
            .fetch_all(town.pool())
            .await
            .expect("read");
    let dropped = town.number("p1").await.0;
    let line = (dropped, "Trần Văn Ổi".to_owned());
    assert_eq!(payees, [line.clone(), line.clone(), line]);
}

#[tokio::test]
async fn a_month_of_which_nothing_can_be_ordered_yet_waits_for_its_first_order() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.list("2024-03", "51").await;
    let none = make_orders(&town, "2024-03", "51").await.expect("nothing");
    assert_eq!((none.orders.len(), none.open[0].lines), (0, 3));
    town.told(&[payee("p1", json!({}))]).await;
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    assert_eq!((made.orders[0].lines, made.open.len()), (3, 0));
}
