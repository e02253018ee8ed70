//! What answers come to, and who may ask and look.

use kernel::AreaCode;
use kernel::actor::{Grant, Role};
use population::{log, settings::LATELY_DAYS};

use super::*;

fn holding(name: &str, role: Role, area: Option<&str>) -> Actor {
    let mut actor = Actor::with_every_role(name);
    let area = area.map(|code| AreaCode(code.to_owned()));
    actor.grants = vec![Grant { role, area }];
    actor
}

const KNOWN: &str = r#"{"id_number":"999150000001","full_name":"Trần Thị Hoà","birth_date":"1950-02-03","sex":"female"}
{"id_number":"999150000002","full_name":"Lê Thị Thuỷ","birth_date":"1950-02-03","sex":"female"}
{"id_number":"999150000003","full_name":"Lê Thị Bưởi","birth_date":"1950-03-02","sex":"female"}
{"id_number":"999150000004","full_name":"Lê Thị Mận","birth_date":"1952-02-03","sex":"female"}
{"id_number":"999150000005","full_name":"Mận Thị Đào","birth_date":"1950-02-03","sex":"female"}
{"id_number":"999150000007","full_name":"Đỗ Thị Na","birth_date":"1950-07-08","sex":"female"}
{"id_number":"999150000008","old_card":"999000008","full_name":"Đỗ Thị Mơ","birth_date":"1950-07-08","sex":"female"}
{"id_number":"999150000009","full_name":"Đỗ Thị Lê","birth_date":"1950-07-08","sex":"female","died_on":"2024-04-20"}
"#;

const OURS: [(&str, &str, &str, &str); 10] = [
    ("Trần Thị Hòa", "1950-02-03", "female", "999150000001"),
    ("Lê Thị Thụy", "1950-02-03", "female", "999150000002"),
    ("Lê Thị Bưởi", "1950-02-03", "female", "999150000003"),
    ("Lê Thị Mận", "1950-02-03", "female", "999150000004"),
    ("Đào Thị Mận", "1950-02-03", "female", "999150000005"),
    ("Không Ai Cả", "1950-02-03", "female", "999150000006"),
    ("Đỗ Thị Na", "1950", "female", "999150000007"),
    ("Đỗ Thị Mơ", "1950-07-08", "female", "999000008"),
    ("Đỗ Thị Lê", "1950-07-08", "female", "999150000009"),
    ("Đỗ Thị Chanh", "1950-07-08", "female", ""),
];

fn row(check: &str, fields: &str, theirs: &str) -> (String, String, String) {
    (check.to_owned(), fields.to_owned(), theirs.to_owned())
}

#[tokio::test]
async fn each_difference_is_found_where_the_service_can_tell() {
    let db = TestDb::practice().await;
    register(&db, &OURS).await;
    let address = sandbox(KNOWN, Manner::default()).await;
    let tally = run(&db, &service(&address)).await.expect("asked");
    assert_eq!(
        (
            tally.people,
            tally.verified,
            tally.mismatch,
            tally.no_data,
            tally.service_error
        ),
        (9, 3, 4, 2, 0)
    );
    let expected = [
        row("verified", "", r#"{"full_name": "Trần Thị Hoà"}"#),
        row("mismatch", "full_name", r#"{"full_name": "Lê Thị Thuỷ"}"#),
        row("mismatch", "birth_date", r#"{"birth_date": "1950-03-02"}"#),
        row("mismatch", "birth_date", "{}"),
        // Silent: the service does not say whether the number is anybody's.
        row("not_found", "", "{}"),
        row("not_found", "", "{}"),
        row("verified", "", r#"{"birth_date": "1950-07-08"}"#),
        row("mismatch", "id_number", r#"{"id_number": "999150000008"}"#),
        row("verified", "", "{}"),
        row("not_sent", "", ""),
    ];
    assert_eq!(recorded(&db).await, expected);
    // Whom to pay next is told: nobody was asked about who has no number.
    let due = due::count(db.pool(), &actor(), &clock(), &wanted())
        .await
        .expect("counted");
    assert_eq!(
        (
            due.people,
            due.verified,
            due.differing,
            due.to_ask,
            due.unaskable
        ),
        (10, 3, 6, 0, 1)
    );
    assert_eq!(due_people(&db).await, []);
}

#[tokio::test]
async fn a_service_that_answers_about_numbers_tells_another_name_from_nobody() {
    let db = TestDb::practice().await;
    register(&db, &OURS[4..6]).await;
    let manner = Manner {
        number_alone: true,
        ..Manner::default()
    };
    let address = sandbox(KNOWN, manner).await;
    let asks = service_with(&address, |settings| settings.number_alone = true);
    run(&db, &asks).await.expect("asked");
    let expected = [
        row("mismatch", "full_name", "{}"),
        row("not_found", "", "{}"),
    ];
    assert_eq!(recorded(&db).await, expected);
}

#[tokio::test]
async fn a_reported_death_is_proposed_once_and_is_no_fact() {
    let db = TestDb::practice().await;
    register(&db, &OURS[8..9]).await;
    let address = sandbox(KNOWN, Manner::default()).await;
    let service = service(&address);
    let tally = run(&db, &service).await.expect("asked");
    assert_eq!(tally.deaths, 1);
    let people = [due::one(db.pool(), PersonId(1)).await.expect("found")];
    let again = check(
        (db.pool(), &clock()),
        &actor(),
        &service,
        &people,
        PURPOSE,
        |_| {},
    )
    .await;
    assert_eq!(again.expect("asked").deaths, 0, "it is being looked into");
    assert_eq!(
        count(
            &db,
            "select count(*) from proposal where source = 'population'"
        )
        .await,
        1
    );
    assert_eq!(
        count(&db, "select count(*) from event where kind = 'died'").await,
        0
    );
    assert_eq!(
        count(
            &db,
            "select count(*) from person where death_date is not null"
        )
        .await,
        0
    );
}

#[tokio::test]
async fn who_was_corrected_is_asked_about_again_and_nobody_else() {
    let db = TestDb::practice().await;
    register(&db, &OURS[..4]).await;
    let address = sandbox(KNOWN, Manner::default()).await;
    let service = service(&address);
    run(&db, &service).await.expect("asked");
    assert_eq!(due_people(&db).await, []);
    apply(
        &db,
        r#"{"event_id":"00000000-0000-4000-8000-000000000077","kind":"person_corrected","person":"2","source":"thử","effective":"2024-05-02","birth_date":"1950-03-02"}"#,
    )
    .await;
    assert_eq!(due_people(&db).await.len(), 1);
    let tally = run(&db, &service).await.expect("asked");
    assert_eq!((tally.people, tally.verified), (1, 1));
    assert_eq!(recorded(&db).await[2], row("verified", "", "{}"));
}

#[tokio::test]
async fn the_log_says_who_asked_what_for_and_hides_it_from_others() {
    let db = TestDb::practice().await;
    register(&db, &OURS[..3]).await;
    let address = sandbox(KNOWN, Manner::default()).await;
    run(&db, &service(&address)).await.expect("asked");
    let filter = log::Filter {
        area: "51".to_owned(),
        limit: 100,
        ..log::Filter::default()
    };
    let look = async |name: &str, role: Role, area: &str| {
        let actor = holding(name, role, Some(area));
        log::list(db.pool(), &actor, &clock(), &filter).await
    };
    let rows = look("thanh.tra", Role::Auditor, "51").await.expect("read");
    let asked = asked(&address).await;
    assert_eq!(rows.len(), asked.len());
    let codes: std::collections::BTreeSet<_> = asked.iter().map(|it| it.code.clone()).collect();
    assert_eq!(
        codes.len(),
        asked.len(),
        "each request has a code of its own"
    );
    for row in &rows {
        assert!(codes.contains(&row.code));
        assert_eq!((&*row.asked_by, &*row.officer), ("can.bo", "CB-01"));
        assert_eq!(row.purpose, PURPOSE);
        let number = row.id_number.as_deref().expect("a number");
        assert!(number.starts_with("••••") && number.len() < 20, "{number}");
    }
    assert!(look("thanh.tra", Role::Auditor, "52").await.is_err());
    assert!(look("quan.tri", Role::Administrator, "51").await.is_err());
    assert_eq!(
        look("khac", Role::Officer, "51").await.expect("read"),
        [],
        "not theirs"
    );
    assert_eq!(
        look("can.bo", Role::Officer, "51")
            .await
            .expect("read")
            .len(),
        rows.len()
    );
    let logged = "select count(*) from audit_entry where action = 'population.log'";
    assert_eq!(count(&db, logged).await, 3);
    let told = sqlx::query("update population_request set purpose = 'khác'")
        .execute(db.pool())
        .await;
    assert!(told.is_err(), "the log is never changed");
}

#[tokio::test]
async fn nobody_asks_without_a_purpose_an_id_of_their_own_or_a_role() {
    let db = TestDb::practice().await;
    register(&db, &OURS[..1]).await;
    let address = sandbox(KNOWN, Manner::default()).await;
    let service = service(&address);
    let people = all_due(&db).await;
    let ask = async |actor: Actor, purpose: &str| {
        let refused = check(
            (db.pool(), &clock()),
            &actor,
            &service,
            &people,
            purpose,
            |_| {},
        )
        .await;
        refused.expect_err("refused").code()
    };
    assert_eq!(ask(actor(), "  ").await, "purpose_missing");
    assert_eq!(
        ask(Actor::with_every_role("khac"), PURPOSE).await,
        "no_officer_id"
    );
    let reader = holding("can.bo", Role::Reader, None);
    assert_eq!(ask(reader, PURPOSE).await, "denied");
    assert!(asked(&address).await.is_empty());
    assert_eq!(
        count(&db, "select count(*) from population_request").await,
        0
    );
    assert_eq!(LATELY_DAYS, service.client().settings().lately_days);
}

#[tokio::test]
async fn the_sandbox_knows_a_practice_database_with_the_differences_it_tells_of() {
    let db = TestDb::practice().await;
    let told: Vec<_> = (0..24).map(number).collect();
    let ours: Vec<_> = told
        .iter()
        .map(|number| ("Lê Thị Thuỷ", "1950-02-03", "female", &**number))
        .collect();
    register(&db, &ours).await;
    let results = [
        ("verified", ""),
        ("mismatch", "\"full_name\""),
        ("mismatch", "\"birth_date\""),
        ("mismatch", "\"sex\""),
        ("not_found", ""),
        ("verified", ""),
    ];
    let checks: String = (0..24)
        .map(|at| {
            let (result, fields) = results[at % results.len()];
            format!(
                "{{\"event_id\":\"00000000-0000-4000-8000-{at:012}\",\"kind\":\"identity_checked\",\"person\":\"{at}\",\"source\":\"thử\",\"effective\":\"2024-01-02\",\"result\":\"{result}\",\"fields\":[{fields}]}}\n"
            )
        })
        .collect();
    apply(&db, &checks).await;
    let before: Vec<_> = recorded(&db)
        .await
        .into_iter()
        .map(|row| (row.0, row.1))
        .collect();
    let how = people::Differences {
        mismatch: 50,
        unknown: 50,
        dead: 0,
        seed: 5,
    };
    let known = people::of_registry(db.pool(), "51", wanted().month, how)
        .await
        .expect("people");
    assert_eq!(known.len(), 20, "four were not found");
    let manner = Manner {
        number_alone: true,
        ..Manner::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, router(known, manner)).await });
    let service = service_with(&address, |settings| settings.number_alone = true);
    assert_eq!(
        run(&db, &service).await.expect("asked").people,
        24,
        "asked long ago"
    );
    let after: Vec<_> = recorded(&db)
        .await
        .into_iter()
        .map(|row| (row.0, row.1))
        .collect();
    assert_eq!(after, before);
}
