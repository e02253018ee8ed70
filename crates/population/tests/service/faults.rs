//! A service that misbehaves, runs that are broken off, two runs at once.

use std::time::Duration;

use super::*;

/// Each fault alone, all the time.
fn faults() -> Vec<(&'static str, Manner)> {
    let all = 100;
    let plain = Manner::default();
    vec![
        (
            "service_status",
            Manner {
                broken: all,
                ..plain
            },
        ),
        ("connection_lost", Manner { lost: all, ..plain }),
        ("answer_damaged", Manner { half: all, ..plain }),
        (
            "answer_damaged",
            Manner {
                malformed: all,
                ..plain
            },
        ),
        ("answer_entities", Manner { bomb: all, ..plain }),
        (
            "answer_unreadable",
            Manner {
                namespace: all,
                ..plain
            },
        ),
        (
            "answer_empty",
            Manner {
                empty: all,
                ..plain
            },
        ),
        ("answer_too_large", Manner { huge: all, ..plain }),
        (
            "answer_of_another_person",
            Manner {
                other_person: all,
                ..plain
            },
        ),
        (
            "timed_out",
            Manner {
                slow: all,
                slow_for: Duration::from_secs(30),
                ..plain
            },
        ),
    ]
}

#[tokio::test]
async fn an_error_of_the_service_says_nothing_about_anybody() {
    let db = TestDb::practice().await;
    let known = many(&db, 3).await;
    for (code, manner) in faults() {
        let address = sandbox(&known, manner).await;
        let service = service_with(&address, |settings| {
            settings.patience_ms = 1_000;
            settings.tries = 2;
        });
        let tally = run(&db, &service).await.expect("asked");
        assert_eq!((tally.service_error, tally.requests), (3, 6), "{code}");
        let last: String = sqlx::query_scalar(
            "select code from population_answer order by request_no desc limit 1",
        )
        .fetch_one(db.pool())
        .await
        .expect("an answer");
        assert_eq!(last, code);
    }
    let events = "select count(*) from event where kind = 'identity_checked'";
    assert_eq!(count(&db, events).await, 0);
    let known = "select count(*) from person where identity_check <> 'not_sent'";
    assert_eq!(count(&db, known).await, 0, "never counted as not found");
    assert_eq!(due_people(&db).await.len(), 3, "to be asked about still");
}

#[tokio::test]
async fn a_service_that_is_down_is_not_asked_about_everybody() {
    let db = TestDb::practice().await;
    let known = many(&db, 130).await;
    let manner = Manner {
        broken: 100,
        ..Manner::default()
    };
    let address = sandbox(&known, manner).await;
    let tally = run(&db, &service(&address)).await.expect("asked");
    assert_eq!((tally.people, tally.not_begun), (40, 90));
}

#[tokio::test]
async fn whatever_goes_wrong_everybody_is_checked_once_in_the_end() {
    for seed in 1..=2 {
        let db = TestDb::practice().await;
        let known = many(&db, 60).await;
        let manner = Manner {
            slow: 10,
            slow_for: Duration::from_millis(2),
            broken: 8,
            lost: 8,
            half: 8,
            malformed: 5,
            bomb: 5,
            namespace: 5,
            empty: 5,
            huge: 2,
            other_person: 5,
            number_alone: false,
            seed,
        };
        let address = sandbox(&known, manner).await;
        let service = service(&address);
        // Two programs at once, again and again.
        for _ in 0..12 {
            let (one, other) = tokio::join!(run(&db, &service), run(&db, &service));
            one.and(other).expect("asked");
            if due_people(&db).await.is_empty() {
                break;
            }
        }
        whole(&db, 60).await;
        let verified = "select count(*) from person where identity_check = 'verified'";
        assert_eq!(
            count(&db, verified).await,
            60,
            "seed {seed}: nobody was mistaken"
        );
        let failed = "select count(*) from population_answer where answer = 'service_error'";
        assert!(
            count(&db, failed).await > 0,
            "seed {seed}: it did misbehave"
        );
    }
}

/// One check of everybody, one event of each check, nothing logged that was not asked.
async fn whole(db: &TestDb, people: i64) {
    let checks = "select count(*) from population_check where outcome <> 'service_error'";
    assert_eq!(count(db, checks).await, people);
    let each =
        "select count(distinct person_id) from population_check where outcome <> 'service_error'";
    assert_eq!(count(db, each).await, people);
    let events = "select count(*) from event e join population_check c using (event_id)
                  where e.kind = 'identity_checked' and e.person_id = c.person_id";
    assert_eq!(count(db, events).await, people);
    let all = "select count(*) from event where kind = 'identity_checked'";
    assert_eq!(count(db, all).await, people);
}

#[tokio::test]
async fn a_run_broken_off_anywhere_is_gone_on_with_and_nothing_doubles() {
    let db = TestDb::practice().await;
    let known = many(&db, 120).await;
    let address = sandbox(&known, Manner::default()).await;
    // Broken off while so many requests are under way or answered.
    for stop_after in [1, 17, 40, 55, 90] {
        let service = service(&address);
        let begun = asked(&address).await.len();
        let watch = async {
            while asked(&address).await.len() < begun + stop_after {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            done = run(&db, &service) => { done.expect("asked"); }
            () = watch => {}
        }
    }
    run(&db, &service(&address)).await.expect("asked");
    whole(&db, 120).await;
    assert_eq!(due_people(&db).await, []);
    let seen = asked(&address).await.len() as i64;
    let logged = count(&db, "select count(*) from population_request").await;
    assert!(
        logged >= seen,
        "{logged} logged, {seen} asked: nothing left without being logged"
    );
}
