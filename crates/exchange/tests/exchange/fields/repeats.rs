//! What a one-stop system has sent already is known at the counter before it is keyed again.

use exchange::repeat::{Whom, sent_already};

use super::*;

const PROCEDURE: &str = "1.001776";

fn by_number(number: &str) -> Whom {
    Whom {
        id_number: Some(number.to_owned()),
        ..Whom::default()
    }
}

fn by_name(name: &str, born: &str) -> Whom {
    Whom {
        full_name: Some(name.to_owned()),
        birth_date: Some(born.to_owned()),
        ..Whom::default()
    }
}

async fn found(db: &TestDb, now: &str, whom: Whom) -> usize {
    let found = sent_already(db.pool(), &officer(), &at(now), PROCEDURE, &[whom]).await;
    found.expect("a list").len()
}

#[tokio::test]
async fn the_same_person_is_known_by_number_or_by_name_and_birth() {
    let db = connected().await;
    tell(&db, "2024-05-06T09:00", submission(answers())).await;
    let now = "2024-05-20T09:00";
    assert_eq!(found(&db, now, by_number(NUMBER)).await, 1);
    assert_eq!(found(&db, now, by_number("000150000018")).await, 0);
    assert_eq!(
        found(&db, now, by_name("NGUOI  THU", "1950-12-31")).await,
        1
    );
    assert_eq!(found(&db, now, by_name("Người Thử", "1950-12-30")).await, 0);
    // What is half typed is no date, and nobody's.
    assert_eq!(found(&db, now, by_name("Người Thử", "31/12/")).await, 0);
    let namesake = Whom {
        id_number: Some("000150000018".to_owned()),
        ..by_name("Người Thử", "1950-12-31")
    };
    assert_eq!(found(&db, now, namesake).await, 0, "another number");
    assert_eq!(found(&db, now, Whom::default()).await, 0);
    let other = sent_already(
        db.pool(),
        &officer(),
        &at(now),
        "1.001731",
        &[by_number(NUMBER)],
    )
    .await;
    assert_eq!(other.expect("a list"), []);
    // Before it was sent there was nothing.
    assert_eq!(found(&db, "2024-05-05T09:00", by_number(NUMBER)).await, 0);
}

#[tokio::test]
async fn somebody_of_the_registry_is_known_by_what_it_holds() {
    let db = connected().await;
    known_person(&db).await;
    tell(&db, "2024-05-06T09:00", submission(answers())).await;
    let query = registry::search::Query {
        text: NUMBER,
        limit: 5,
        ..registry::search::Query::default()
    };
    let hits = registry::search::search(db.pool(), &officer(), &clock(), &query).await;
    let whom = Whom {
        person: Some(hits.expect("hits").people[0].id),
        ..Whom::default()
    };
    assert_eq!(found(&db, "2024-05-20T09:00", whom).await, 1);
}

#[tokio::test]
async fn one_that_ended_counts_for_a_while_and_elsewhere_no_code_is_told() {
    let db = connected().await;
    tell(&db, "2024-05-06T09:00", submission(answers())).await;
    act(&db, "received", "2024-05-06", json!({})).await;
    act(&db, "stopped", "2024-05-10", json!({"reason": "rút"})).await;
    let days = i64::from(exchange::practice::on(clock().today()).repeat_days);
    let ended: jiff::civil::Date = "2024-05-10".parse().expect("a day");
    let last = ended.saturating_add(jiff::Span::new().days(days));
    let after = last.tomorrow().expect("a day");
    let (last, after) = (format!("{last}T09:00"), format!("{after}T09:00"));
    assert_eq!(found(&db, &last, by_number(NUMBER)).await, 1);
    assert_eq!(found(&db, &after, by_number(NUMBER)).await, 0);

    let clerk = Actor::new(
        "noi.khac",
        vec![Grant {
            role: Role::Clerk,
            area: Some(AreaCode::from("21031")),
        }],
    );
    let seen = sent_already(
        db.pool(),
        &clerk,
        &at(&last),
        PROCEDURE,
        &[by_number(NUMBER)],
    )
    .await;
    let seen = seen.expect("a list");
    assert_eq!((seen.len(), &seen[0].dossier), (1, &None));
}

#[tokio::test]
async fn the_database_reads_vietnamese_names_as_the_registry_does() {
    const LETTERS: &str =
        "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ";
    let mut names: Vec<String> = [
        "Y-Hoà K'Đăm",
        "  NGUYỄN   Thị-Ái ",
        "Đỗ (Bé) 2",
        "H’Hen Niê",
        "’",
        "",
    ]
    .map(str::to_owned)
    .into();
    for letter in LETTERS.chars() {
        let capital: String = letter.to_uppercase().collect();
        names.push(format!("{capital}{letter} {letter}’x-{capital}. {letter}"));
    }
    // Marks that stand alone, as some keyboards write them.
    names.push("Nguye\u{302}\u{303}n Thi\u{323} A\u{301}i".to_owned());
    let read: Vec<String> =
        sqlx::query_scalar("select name_key(name) from unnest($1::text[]) with ordinality as of (name, place) order by place")
            .bind(&names)
            .fetch_all(TestDb::practice().await.pool())
            .await
            .expect("keys");
    let known: Vec<String> = names
        .iter()
        .map(|name| kernel::name::search_key(name))
        .collect();
    assert_eq!(read, known);
}
