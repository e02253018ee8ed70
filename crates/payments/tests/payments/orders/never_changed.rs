//! Orders stand as they were made.

use super::*;

#[tokio::test]
async fn orders_refuse_every_change_by_sql() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.told(&[payee("p1", json!({}))]).await;
    town.list("2024-03", "51").await;
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    let (order, p2) = (made.orders[0].order_no, town.number("p2").await);
    let new_order = |list: &str, lines: i64, amount: i64| {
        format!(
            "insert into payment_order (order_no, list_id, list_month, provider, contract_no,
                 area_code, pay_on, made_by, made_at)
             overriding system value
             values (900, {list}, 202403, 'buu-dien', 2, '51', '2024-04-01', 'x', now());
             insert into order_line (list_month, person_id, line_no, order_no, channel, amount,
                 full_name, birth_date, birth_precision, holder, payee_name)
             select 202403, {p2}, 1, 900, 4, {amount}, 'x', '1988-02-01', 'd', 'self', 'x';
             update payment_order set lines = {lines}, people = 1, amount = {amount},
                 fingerprint = '' where order_no = 900;"
        )
    };
    let list = made.orders[0].list_id.to_string();
    let statements = [
        format!("update order_line set amount = amount + 1 where order_no = {order}"),
        format!("delete from order_line where order_no = {order}"),
        "truncate order_line".to_owned(),
        "truncate order_line_202403".to_owned(),
        "update payment_order set pay_on = pay_on + 1".to_owned(),
        "delete from payment_order".to_owned(),
        "truncate payment_order cascade".to_owned(),
        // Another amount than the line's, totals that are not those of the lines, no totals.
        new_order(&list, 1, 540_001),
        new_order(&list, 2, 540_000),
        new_order(&list, 1, 540_000).replace("set lines", "set pay_on = pay_on, lines")
            + "insert into order_line select 202403, person_id, 2, order_no, channel, amount,
                   full_name, birth_date, birth_precision, id_number, holder, payee_name,
                   payee_id_number, bank_code, account_number
               from order_line where order_no = 900",
        new_order(&list, 1, 540_000) + "delete from payment_order where order_no = 900",
        new_order(&list, 1, 540_000)
            .split("update")
            .next()
            .unwrap_or_default()
            .to_owned(),
        // Sealed before its lines are in.
        format!(
            "insert into payment_order (list_id, list_month, provider, contract_no, area_code,
                 pay_on, made_by, made_at, lines, people, amount, fingerprint)
             values ({list}, 202403, 'buu-dien', 2, '51', '2024-04-01', 'x', now(), 1, 1, 540000,
                 '')"
        ),
        // No such list.
        new_order("-1", 1, 540_000),
        format!(
            "insert into order_line select list_month, person_id, 1::smallint, {order}, 4::smallint,
                 amount, 'x', '1988-02-01', 'd', null, 'self', 'x', null, null, null
             from list_line where person_id = {p2} and line_no = 1"
        ),
        "update provider set name = 'x'".to_owned(),
        "update provider_contract set fee_basis_points = 0".to_owned(),
        "delete from contract_slot".to_owned(),
        // A second chain beside the first.
        "insert into contract_slot (area_code, channel, bank_code, from_month, contract_no,
             recorded_by, recorded_at) values ('51', 1, '', 202401, 2, 'x', now())"
            .to_owned(),
    ];
    let before = ordered(&town).await;
    for statement in statements {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone()))
            .execute(town.pool())
            .await;
        assert!(done.is_err(), "{statement}");
    }
    assert_eq!(ordered(&town).await, before);
    // What is right is taken: the refusals above are not about something else.
    sqlx::raw_sql(sqlx::AssertSqlSafe(new_order(&list, 1, 540_000)))
        .execute(town.pool())
        .await
        .expect("an order by hand");
}
