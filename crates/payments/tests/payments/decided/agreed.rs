//! A decision for many through the leader and the number book; what lists pay then.

use casework::collective::{
    self, Answer, ListSheet, Proposed, ReRating, ReadList, Scheme, Setting, State, Wanted,
};
use jiff::civil::Date;
use kernel::actor::{Grant, Role};
use kernel::{Actor, AreaCode, Cell};
use std::borrow::Cow;
use uuid::Uuid;

use crate::support::*;

fn one(name: &str, role: Role, area: &str) -> Actor {
    let area = Some(AreaCode::from(area));
    Actor::new(name, vec![Grant { role, area }])
}

fn officer() -> Actor {
    one("can.bo", Role::Officer, "51")
}

fn leader() -> Actor {
    one("lanh.dao", Role::Leader, "51")
}

fn records() -> Actor {
    one("van.thu", Role::Records, "51")
}

fn setting(town: &Town) -> Setting<'_> {
    Setting {
        pool: town.pool(),
        clock: &town.clock,
        law: &town.law,
    }
}

/// The standard rose from 360,000 to 500,000 đồng in July 2024.
fn july(area: &str) -> Scheme {
    Scheme {
        area: area.to_owned(),
        benefit: None,
        from: month("2024-07"),
    }
}

/// Looked at and laid before the leader.
async fn proposed(town: &Town) -> i64 {
    let (all, scheme) = (setting(town), july("51"));
    let rating = ReRating::open(&all, &officer(), &scheme).await;
    let mut rating = rating.expect("opened");
    while rating.next().await.expect("looked at").is_some() {}
    let (key, seen) = (Uuid::new_v4(), rating.finish().fingerprint);
    let of = Proposed::ReRating(&scheme);
    let number = collective::propose(&all, &officer(), key, of, &seen).await;
    let number = number.expect("proposed");
    let again = collective::propose(&all, &officer(), key, of, &seen).await;
    assert_eq!(again.expect("the same"), number);
    number
}

async fn code_of_answer(town: &Town, actor: &Actor, number: i64) -> &'static str {
    let all = setting(town);
    let answered = collective::answer(&all, actor, number, &Answer::Agreed).await;
    answered.map_or_else(|refused| refused.code(), |()| "done")
}

async fn code_of_number(town: &Town, actor: &Actor, number: i64, day: Date) -> &'static str {
    let done = collective::number(&setting(town), actor, number, day).await;
    done.map_or_else(|refused| refused.code(), |_| "done")
}

#[tokio::test]
async fn new_amounts_are_agreed_with_numbered_and_recorded() {
    let town = Town::on("2024-07-10").await;
    for (person, area) in [("p1", WARD), ("p2", VILLAGE), ("p3", FAR)] {
        town.told(&severe(person, area)).await;
    }
    let (number, all, today) = (proposed(&town).await, setting(&town), town.clock.today());
    assert_eq!(
        code_of_number(&town, &records(), number, today).await,
        "not_agreed"
    );
    let waiting = collective::laid(&all, &leader(), Wanted::Agreement, "").await;
    assert_eq!(waiting.expect("read")[0].people, 2);
    let elsewhere = one("khac", Role::Leader, "01");
    let none = collective::laid(&all, &elsewhere, Wanted::Agreement, "").await;
    assert_eq!(none.expect("read"), []);
    for (actor, why) in [
        (elsewhere, "denied"),
        (records(), "denied"),
        (one("can.bo", Role::Leader, "51"), "own_proposal"),
        (leader(), "done"),
        (leader(), "done"),
        (one("khac", Role::Leader, "51"), "already_answered"),
    ] {
        assert_eq!(
            code_of_answer(&town, &actor, number).await,
            why,
            "{}",
            actor.name
        );
    }
    for actor in [leader(), officer(), one("khac", Role::Records, "01")] {
        assert_eq!(
            code_of_number(&town, &actor, number, today).await,
            "denied",
            "{}",
            actor.name
        );
    }
    let done = collective::number(&all, &records(), number, today).await;
    let done = done.expect("numbered");
    let again = collective::number(&all, &records(), number, today).await;
    assert_eq!(again.expect("the same"), done);
    let told = collective::one(town.pool(), &officer(), done.collective_no).await;
    let told = told.expect("recorded");
    assert_eq!(
        (told.number.as_str(), told.signed_by.as_str(), told.people),
        ("01/QĐ-UBND", "lanh.dao", 2)
    );
    town.list("2024-07", "51").await;
    let lines = town.lines("2024-07", "51").await;
    let new = lines
        .iter()
        .filter(|line| line.contains(" 2024-07 750000 "));
    assert_eq!(new.count(), 2, "{lines:?}");
    for statement in [
        "update collective_answer set kind = 'returned'",
        "delete from collective_proposal",
    ] {
        let broken = sqlx::query(statement).execute(town.pool()).await;
        broken.expect_err(statement);
    }
}

#[tokio::test]
async fn what_changed_since_takes_no_number_and_goes_back() {
    let town = Town::on("2024-07-10").await;
    town.told(&severe("p1", WARD)).await;
    let (number, today) = (proposed(&town).await, town.clock.today());
    assert_eq!(code_of_answer(&town, &leader(), number).await, "done");
    town.told(&severe("p2", VILLAGE)).await;
    let number_it = async || code_of_number(&town, &records(), number, today).await;
    assert_eq!(number_it().await, "changed_since");
    assert_eq!(number_it().await, "already_answered");
    let open = collective::laid(&setting(&town), &officer(), Wanted::Open, "").await;
    assert_eq!(open.expect("read")[0].state, State::Changed);
    let given: i64 = sqlx::query_scalar(
        "select count(*) + (select count(*) from collective_decision) from number_given",
    )
    .fetch_one(town.pool())
    .await
    .expect("counts");
    assert_eq!(given, 0, "no number and no decision");
    let next = proposed(&town).await;
    assert_eq!(code_of_answer(&town, &leader(), next).await, "done");
    assert_eq!(code_of_number(&town, &records(), next, today).await, "done");
}

/// A list that stops one person, as the program reads it.
fn stopping(town: &Town, person: i64, name: &str) -> ReadList {
    let text = |text: &str| Cell::Text(Cow::Owned(text.to_owned()));
    let mut sheet = ListSheet::new(&town.law);
    let heading = ["Mã người hưởng", "Họ và tên", "Việc", "Tháng cuối"].map(text);
    sheet.take(1, &heading).expect("a heading");
    let row = [&format!("#{person}"), name, "Thôi hưởng", "06/2024"].map(text);
    sheet.take(2, &row).expect("a row");
    sheet.finish().expect("a list")
}

#[tokio::test]
async fn a_list_is_told_to_the_registry_with_the_number_and_the_next_list_pays_it() {
    let town = Town::on("2024-07-10").await;
    town.told(&severe("p1", WARD)).await;
    let person = town.number("p1").await;
    let name: String = sqlx::query_scalar("select full_name from person where person_id = $1")
        .bind(person.0)
        .fetch_one(town.pool())
        .await
        .expect("a name");
    let (all, list) = (setting(&town), stopping(&town, person.0, &name));
    let unsigned = registry::event::Decision {
        number: "-".to_owned(),
        date: town.clock.today(),
        signed_by: None,
    };
    let looked = collective::list::look(&all, &officer(), &list, &unsigned).await;
    let (summary, _) = looked.expect("looked at");
    let of = Proposed::List("51", &list);
    let seen = summary.fingerprint;
    let number = collective::propose(&all, &officer(), Uuid::new_v4(), of, &seen).await;
    let number = number.expect("proposed");
    assert_eq!(code_of_answer(&town, &leader(), number).await, "done");
    let ended = async || -> Option<i32> {
        sqlx::query_scalar("select to_month from enrolment where person_id = $1")
            .bind(person.0)
            .fetch_one(town.pool())
            .await
            .expect("reads")
    };
    assert_eq!(ended().await, None);
    let done = collective::number(&all, &records(), number, town.clock.today()).await;
    done.expect("numbered");
    assert_eq!(ended().await, Some(202_406));
    town.list("2024-07", "51").await;
    let lines = town.lines("2024-07", "51").await;
    assert_eq!(lines.len(), 6, "January to June: {lines:?}");
}

#[tokio::test]
async fn sent_back_needs_a_reason_and_the_country_has_no_book() {
    let town = Town::on("2024-07-10").await;
    town.told(&severe("p1", WARD)).await;
    let (number, all) = (proposed(&town).await, setting(&town));
    let back = async |reason: &str| {
        let answer = Answer::Returned(reason.to_owned());
        let done = collective::answer(&all, &leader(), number, &answer).await;
        done.map_or_else(|refused| refused.code(), |()| "done")
    };
    assert_eq!(back("  ").await, "reason_missing");
    assert_eq!(back("thiếu phụ lục").await, "done");
    assert_eq!(
        code_of_answer(&town, &leader(), number).await,
        "already_answered"
    );
    let everywhere = Actor::with_every_role("can.bo");
    let (key, scheme) = (Uuid::new_v4(), july(""));
    let of = Proposed::ReRating(&scheme);
    let country = collective::propose(&all, &everywhere, key, of, &[0; 32]).await;
    assert_eq!(country.expect_err("no book").code(), "no_book");
}
