//! Which contract a line is paid under.

use super::*;

use crate::support::ordered::POST;

#[tokio::test]
async fn the_nearest_contract_and_the_banks_own_come_first() {
    let town = paying_town().await;
    for code in ["xa", "vietcombank", "moi"] {
        add(&town, code, ProviderKind::Bank).await;
    }
    let account_only = [Channel::Account];
    let own_bank = NewContract {
        bank: Some("Vietcombank".to_owned()),
        ..terms("vietcombank", "51", &account_only)
    };
    contract(&town, &own_bank)
        .await
        .expect("another bank's slot");
    contract(&town, &terms("xa", VILLAGE, &account_only))
        .await
        .expect("a smaller area");
    let other = terms("moi", "51", &account_only);
    let held = contract(&town, &other).await.expect_err("held");
    assert_eq!(held.code(), "contract_holds");
    let later = NewContract {
        from: month("2024-04"),
        ..other
    };
    provider::record(&town.office(), &approver(), &later, true)
        .await
        .expect("takes over");
    for (person, area, bank) in [
        ("p1", WARD, "970436"),
        ("p2", WARD, "970405"),
        ("p3", VILLAGE, "970436"),
    ] {
        town.told(&severe(person, area)).await;
        let fields = json!({"channel": "account", "provider": bank, "account_number": "00112233"});
        town.told(&[payee(person, fields)]).await;
    }
    town.list("2024-03", "51").await;
    make_orders(&town, "2024-03", "51").await.expect("ordered");
    let by: Vec<(String, String)> = ordered(&town)
        .await
        .into_iter()
        .map(|(provider, lines)| {
            let first = lines.into_iter().next().expect("a line");
            (provider, first[..2].to_owned())
        })
        .collect();
    let expected = [("ngan-hang", "p2"), ("vietcombank", "p1"), ("xa", "p3")];
    assert_eq!(by, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let holds = |list: &'static str| {
        let office = town.office();
        async move {
            let all = provider::contracts(&office, &maker(), month(list)).await;
            let holding = all.expect("read").into_iter();
            holding
                .filter(|contract| contract.holds_for.contains(&Channel::Account))
                .map(|contract| contract.terms.provider)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(holds("2024-03").await, ["ngan-hang", "vietcombank", "xa"]);
    assert_eq!(holds("2024-04").await, ["vietcombank", "xa", "moi"]);
}

#[tokio::test]
async fn a_contract_that_ended_pays_nobody() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.told(&[payee("p1", json!({}))]).await;
    town.list("2024-03", "51").await;
    let all = provider::contracts(&town.office(), &maker(), month("2024-03")).await;
    let post = all.expect("read").remove(1).contract_no;
    provider::end(&town.office(), &approver(), post, month("2024-03"))
        .await
        .expect("ended");
    let again = provider::end(&town.office(), &approver(), post, month("2024-03")).await;
    assert_eq!(again.expect_err("ended before").code(), "no_contract");
    let made = make_orders(&town, "2024-03", "51").await.expect("looked");
    assert_eq!(made.orders, []);
    assert_eq!(made.open[0].reason, NotOrdered::NoContract);
    let by_maker = provider::record(
        &town.office(),
        &kernel::Actor::new(
            "lap",
            vec![kernel::actor::Grant {
                role: kernel::actor::Role::ListMaker,
                area: None,
            }],
        ),
        &terms("buu-dien", "51", &CASH),
        false,
    )
    .await;
    assert_eq!(by_maker.expect_err("not theirs").code(), "denied");
}

#[tokio::test]
async fn pay_points_are_counted_by_province_and_never_change() {
    let town = paying_town().await;
    let point = |code: &str, area: &str| PayPoint {
        code: code.to_owned(),
        name: format!("Bưu cục {code}"),
        area: area.to_owned(),
    };
    let points = [point("1", WARD), point("2", WARD), point("3", VILLAGE)];
    let march = month("2024-03");
    let record = async |provider: &'static str, points: &[PayPoint]| {
        pay_point::record(&town.office(), &approver(), provider, march, points).await
    };
    assert_eq!(record(POST, &points).await.expect("recorded"), 3);
    assert_eq!(record(POST, &points).await.expect("known"), 0);
    let nowhere = record(POST, &[point("4", "51")]).await;
    assert_eq!(nowhere.expect_err("no commune").code(), "unknown_area");
    let bank = record("ngan-hang", &[point("5", WARD)]).await;
    assert_eq!(bank.expect_err("no cash").code(), "not_a_provider");
    let provinces = pay_point::by_province(&town.office(), &maker(), march).await;
    let provinces: Vec<_> = provinces
        .expect("read")
        .into_iter()
        .map(|it| (it.area, it.providers, it.points))
        .collect();
    assert_eq!(provinces, [("51".to_owned(), vec![POST.to_owned()], 3)]);
    let changed = sqlx::query("update pay_point set name = 'khác'").execute(town.pool());
    assert!(changed.await.is_err());
}
