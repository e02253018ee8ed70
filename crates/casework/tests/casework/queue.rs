//! Where dossiers stand, the queue, and acting on one or many now.

use casework::act::{self, Ask, act};
use casework::laid::laid;
use casework::local::{self, Rule};
use casework::queue::{self, Sort, Tab, Wanted};
use casework::step::Proposal;
use casework::{Event, Step, Submitted, apply};
use kernel::actor::{Actor, Grant, Role};
use kernel::{AreaCode, Clock};
use registry::Applied;
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

const COMMUNE: &str = "21025";

fn clock() -> Clock {
    testkit::clock("2026-11-20T09:00:00+07:00")
}

fn in_area(name: &str, role: Role, area: &str) -> Actor {
    let area = Some(AreaCode::from(area));
    Actor::new(name, vec![Grant { role, area }])
}

fn everybody() -> Actor {
    Actor::with_every_role("nhap.lieu")
}

fn officer() -> Actor {
    in_area("can.bo", Role::Officer, "51")
}

fn leader() -> Actor {
    in_area("lanh.dao", Role::Leader, "51")
}

fn records() -> Actor {
    in_area("van.thu", Role::Records, "51")
}

fn clerk() -> Actor {
    in_area("tiep.nhan", Role::Clerk, "51")
}

fn code(number: usize) -> String {
    format!("H51-261020-{number:04}")
}

fn told(number: usize, kind: &str, at: &str, mut fields: Value) -> Event {
    let name = format!("{number} {kind} {at}");
    let whole = fields.as_object_mut().expect("fields");
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
    whole.insert("event_id".into(), json!(id));
    whole.insert("dossier".into(), json!(code(number)));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{at}T08:00:00+07:00")));
    Event::parse(fields.to_string().as_bytes()).expect("a well-formed step")
}

fn submitted(number: usize, applicant: &str, area: &str) -> Event {
    let fields = json!({"procedure": "1.001776", "area": area, "channel": "direct",
                        "applicant": applicant});
    told(number, "submitted", "2026-11-10", fields)
}

async fn record(db: &TestDb, events: Vec<Event>) {
    let rows = (1..).zip(events);
    let rows: Vec<Submitted> = rows.map(|(row, event)| Submitted { row, event }).collect();
    let applied = apply(db.pool(), &everybody(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

/// Takes a step of a dossier now, having seen it as it is.
async fn take(db: &TestDb, actor: &Actor, number: usize, step: Step) -> Applied {
    let standing = act::standing(db.pool(), actor, &code(number)).await;
    let ask = Ask {
        dossier: code(number),
        seen: standing.expect("seen").last,
        step,
    };
    let done = act(db.pool(), actor, &clock(), Uuid::new_v4(), &[ask]).await;
    done.expect("answered")
}

fn codes(applied: &Applied) -> Vec<&'static str> {
    applied.refused.iter().map(|refusal| refusal.code).collect()
}

async fn part(db: &TestDb, actor: &Actor, tab: Tab) -> Vec<String> {
    let wanted = Wanted {
        tab,
        ..Wanted::default()
    };
    names(db, actor, &wanted).await
}

async fn names(db: &TestDb, actor: &Actor, wanted: &Wanted) -> Vec<String> {
    let items = queue::items(db.pool(), actor, &clock(), wanted, (0, 50)).await;
    let items = items.expect("a page").into_iter();
    items.map(|item| item.dossier).collect()
}

/// What is kept equals what the steps say.
async fn nothing_drifts(db: &TestDb) {
    let drift: i64 = sqlx::query_scalar(
        "select count(*) from (
             (select * from dossier_state except select * from dossier_standing)
             union all (select * from dossier_standing except select * from dossier_state)) it",
    )
    .fetch_one(db.pool())
    .await
    .expect("reads");
    assert_eq!(drift, 0);
}

fn approve() -> Step {
    Step::Proposed(Proposal::Approved {
        from: None,
        by: None,
    })
}

async fn number(db: &TestDb, dossier: usize) -> Applied {
    let standing = act::standing(db.pool(), &records(), &code(dossier)).await;
    let outcome = standing
        .expect("seen")
        .decided("12/QĐ-UBND", clock().today());
    take(
        db,
        &records(),
        dossier,
        Step::Decided(outcome.expect("agreed")),
    )
    .await
}

#[tokio::test]
async fn a_dossier_goes_from_desk_to_desk_and_each_step_is_somebodys() {
    let db = TestDb::practice().await;
    record(&db, vec![submitted(1, "Trần Thị Ân", COMMUNE)]).await;
    assert_eq!(part(&db, &clerk(), Tab::Mine).await, [code(1)]);
    assert_eq!(
        codes(&take(&db, &leader(), 1, Step::Received {}).await),
        ["denied"]
    );
    assert_eq!(
        codes(&take(&db, &clerk(), 1, Step::Received {}).await),
        [""; 0]
    );
    assert_eq!(part(&db, &officer(), Tab::Mine).await, [code(1)]);
    assert_eq!(codes(&take(&db, &clerk(), 1, approve()).await), ["denied"]);
    assert_eq!(codes(&take(&db, &officer(), 1, approve()).await), [""; 0]);
    assert_eq!(part(&db, &officer(), Tab::Mine).await, [""; 0]);
    assert_eq!(part(&db, &leader(), Tab::Agreement).await, [code(1)]);
    let agree = Step::Agreed { by: None };
    assert_eq!(
        codes(&take(&db, &officer(), 1, agree.clone()).await),
        ["denied"]
    );
    let back = Step::SentBack {
        reason: "thiếu căn cứ".to_owned(),
    };
    assert_eq!(codes(&take(&db, &leader(), 1, back).await), [""; 0]);
    assert_eq!(part(&db, &officer(), Tab::Returned).await, [code(1)]);
    take(&db, &officer(), 1, approve()).await;
    take(&db, &leader(), 1, agree).await;
    let wanted = Wanted {
        tab: Tab::Number,
        ..Wanted::default()
    };
    let waiting = laid(db.pool(), &records(), &clock(), &wanted, (0, 50)).await;
    let waiting = waiting.expect("a list");
    assert_eq!(
        (waiting.len(), waiting[0].proposed_by.as_str()),
        (1, "can.bo")
    );
    assert_eq!(codes(&number(&db, 1).await), [""; 0]);
    let signed: String = sqlx::query_scalar(
        "select body->'decision'->>'signed_by' from dossier_step where kind = 'decided'",
    )
    .fetch_one(db.pool())
    .await
    .expect("a decision");
    assert_eq!(signed, "lanh.dao");
    assert_eq!(
        part(&db, &clerk(), Tab::Mine).await,
        [code(1)],
        "to be handed over"
    );
    take(&db, &clerk(), 1, Step::ResultReturned {}).await;
    assert_eq!(part(&db, &clerk(), Tab::All).await, [""; 0]);
    nothing_drifts(&db).await;
}

#[tokio::test]
async fn somebody_with_both_roles_agrees_with_others_only() {
    let db = TestDb::practice().await;
    let received = told(1, "received", "2026-11-11", json!({}));
    record(&db, vec![submitted(1, "Trần Thị Ân", COMMUNE), received]).await;
    take(&db, &everybody(), 1, approve()).await;
    let own = take(&db, &everybody(), 1, Step::Agreed { by: None }).await;
    assert_eq!(codes(&own), ["own_proposal"]);
    // Nor does the database let it in.
    let by_hand =
        "insert into dossier_step (dossier_id, seq, event_id, content, kind, happened_at, day,
             told_by, online, body, status, desk, waiting, proposed_by, recorded_by, recorded_at)
         select dossier_id, seq + 1, gen_random_uuid(), '', $1, happened_at, day, told_by, true,
                '{}', 4, 'records', 'number', proposed_by, $2, recorded_at
         from dossier_step order by seq desc limit 1";
    for (kind, who) in [("agreed", "nhap.lieu"), ("decided", "van.thu")] {
        let done = sqlx::query(by_hand).bind(kind).bind(who);
        assert!(done.execute(db.pool()).await.is_err(), "{kind}");
    }
    let somebody_else = sqlx::query(by_hand).bind("agreed").bind("lanh.dao");
    somebody_else.execute(db.pool()).await.expect("goes in");
}

#[tokio::test]
async fn whoever_has_not_seen_the_last_step_is_told() {
    let db = TestDb::practice().await;
    let received = told(1, "received", "2026-11-11", json!({}));
    record(&db, vec![submitted(1, "Trần Thị Ân", COMMUNE), received]).await;
    let taken = |holder: &str| Ask {
        dossier: code(1),
        seen: 2,
        step: Step::TakenUp {
            holder: holder.to_owned(),
        },
    };
    let (clock, officer) = (clock(), officer());
    let (one, other) = ([taken("một")], [taken("hai")]);
    let both = tokio::join!(
        act(db.pool(), &officer, &clock, Uuid::new_v4(), &one),
        act(db.pool(), &officer, &clock, Uuid::new_v4(), &other)
    );
    let (one, other) = (both.0.expect("answered"), both.1.expect("answered"));
    assert_eq!(one.applied + other.applied, 1);
    assert_eq!([codes(&one), codes(&other)].concat(), ["changed_meanwhile"]);
}

#[tokio::test]
async fn many_at_once_pass_the_checks_of_one_and_a_preview_changes_nothing() {
    let db = TestDb::practice().await;
    let events = (1..=4).map(|number| submitted(number, "Người Thử", COMMUNE));
    record(&db, events.collect()).await;
    take(&db, &clerk(), 2, Step::Received {}).await;
    let ask = |number| Ask {
        dossier: code(number),
        seen: 1,
        step: Step::Received {},
    };
    let asks: Vec<Ask> = (1..=4).map(ask).collect();
    let key = Uuid::new_v4();
    let tried = act::preview(db.pool(), &clerk(), &clock(), key, &asks).await;
    let tried = tried.expect("answered");
    assert_eq!(
        (tried.applied, codes(&tried)),
        (3, vec!["changed_meanwhile"])
    );
    assert_eq!(
        part(&db, &clerk(), Tab::Waiting).await.len(),
        3,
        "nothing changed"
    );
    let done = act(db.pool(), &clerk(), &clock(), key, &asks)
        .await
        .expect("done");
    assert_eq!((done.applied, done.refused[0].row), (3, 2));
    let again = act(db.pool(), &clerk(), &clock(), key, &asks)
        .await
        .expect("done");
    assert_eq!((again.applied, again.already), (0, 3));
    let nobody = Ask {
        seen: 2,
        step: Step::Assigned {
            holder: "khong.co".to_owned(),
        },
        ..ask(1)
    };
    let refused = act(db.pool(), &clerk(), &clock(), Uuid::new_v4(), &[nobody]).await;
    assert_eq!(codes(&refused.expect("answered")), ["no_such_user"]);
    nothing_drifts(&db).await;
}

#[tokio::test]
async fn the_queue_is_of_the_actors_area_filtered_sorted_and_counted_alike() {
    let db = TestDb::practice().await;
    let received = |number: usize, day: &str| told(number, "received", day, json!({}));
    record(
        &db,
        vec![
            submitted(1, "Trần Thị Ân", COMMUNE),
            received(1, "2026-11-10"),
            submitted(2, "Lê Văn Đào", COMMUNE),
            received(2, "2026-11-12"),
            submitted(3, "Phạm Bình", COMMUNE),
            submitted(4, "Hồ Chi", "00004"),
        ],
    )
    .await;
    let sorted = |sort| Wanted {
        tab: Tab::All,
        sort,
        ..Wanted::default()
    };
    let officer = officer();
    assert_eq!(
        names(&db, &officer, &sorted(Sort::Due)).await,
        [code(1), code(2), code(3)]
    );
    assert_eq!(
        names(&db, &officer, &sorted(Sort::Name)).await,
        [code(1), code(3), code(2)]
    );
    assert_eq!(part(&db, &officer, Tab::Overdue).await, [code(1)]);
    let looked = Wanted {
        text: "le van dao".to_owned(),
        ..sorted(Sort::Due)
    };
    assert_eq!(names(&db, &officer, &looked).await, [code(2)]);
    let counts = queue::counts(db.pool(), &officer, &clock(), &sorted(Sort::Due)).await;
    let counts = counts.expect("counts");
    assert_eq!(
        (counts.mine, counts.waiting, counts.overdue, counts.all),
        (2, 1, 1, 3)
    );
    let elsewhere = Wanted {
        area: "01".to_owned(),
        ..Wanted::default()
    };
    assert!(
        queue::items(db.pool(), &officer, &clock(), &elsewhere, (0, 50))
            .await
            .is_err()
    );
    assert!(
        queue::counts(db.pool(), &officer, &clock(), &elsewhere)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_locality_shortens_a_stage_for_dossiers_received_later() {
    let db = TestDb::practice().await;
    let mut tx = db.pool().begin().await.expect("begin");
    access::practice::make_sign_ins(&mut tx, clock().now(), "51")
        .await
        .expect("made");
    tx.commit().await.expect("commit");
    let rule = |days, from: &str| Rule {
        area: "51".to_owned(),
        regime: "d335".to_owned(),
        stage: "decision".to_owned(),
        from: from.parse().expect("a day"),
        days,
        holder: Some("can.bo".to_owned()),
    };
    let early = testkit::clock("2026-11-09T08:00:00+07:00");
    let set = async |rule: Rule| {
        let done = local::set(db.pool(), &leader(), &early, &rule).await;
        done.map_err(|refused| refused.code())
    };
    assert_eq!(
        set(rule(Some(8), "2026-11-10")).await,
        Err("longer_than_the_law")
    );
    assert_eq!(set(rule(Some(5), "2026-11-09")).await, Err("too_early"));
    assert_eq!(set(rule(Some(5), "2026-11-11")).await, Ok(()));
    let of = |number, day: &str| {
        let received = told(number, "received", day, json!({}));
        vec![submitted(number, "Người Thử", COMMUNE), received]
    };
    record(&db, [of(1, "2026-11-10"), of(2, "2026-11-11")].concat()).await;
    let stands = async |number| {
        let standing = act::standing(db.pool(), &officer(), &code(number)).await;
        let course = standing.expect("seen").course;
        (
            course.due_on().expect("a day").to_string(),
            course.holder().map(str::to_owned),
        )
    };
    assert_eq!(stands(1).await, ("2026-11-19".to_owned(), None));
    assert_eq!(
        stands(2).await,
        ("2026-11-18".to_owned(), Some("can.bo".to_owned()))
    );
}

#[tokio::test]
async fn the_leader_sees_what_the_law_says_of_the_facts() {
    let db = TestDb::practice().await;
    let event = |fields: Value| {
        let event = registry::Event::parse(fields.to_string().as_bytes());
        event.expect("an event")
    };
    let id = |name: &str| json!(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
    let people = [
        event(
            json!({"event_id": id("p"), "kind": "person_registered", "person": "p",
                     "effective": "2026-01-01", "source": "test", "full_name": "Người Thử",
                     "birth_date": "1980", "sex": "female", "ethnicity": "01",
                     "id_number": null, "area": COMMUNE}),
        ),
        event(
            json!({"event_id": id("f"), "kind": "fact_started", "person": "p",
                     "effective": "2026-03-01", "source": "test", "fact_id": "f",
                     "fact": {"kind": "disability", "grade": "severe"}}),
        ),
    ];
    let rows = (1..).zip(people);
    let rows: Vec<_> = rows
        .map(|(row, event)| registry::Submitted { row, event })
        .collect();
    let registered = registry::apply(db.pool(), &everybody(), &clock(), &rows).await;
    assert_eq!(registered.expect("recorded").refused, []);
    let asks = |number: usize, benefit: &str| {
        let fields = json!({"procedure": "1.001776", "area": COMMUNE, "channel": "direct",
                            "applicant": "Người Thử", "beneficiary": "test/p", "benefit": benefit});
        let received = told(number, "received", "2026-11-11", json!({}));
        let why = json!({"outcome": "approved", "by": "can.bo"});
        let proposed = told(number, "proposed", "2026-11-12", why);
        vec![
            told(number, "submitted", "2026-11-10", fields),
            received,
            proposed,
        ]
    };
    let all = [asks(1, "disability"), asks(2, "poor_single_parent")].concat();
    record(&db, all).await;
    let wanted = Wanted {
        tab: Tab::Agreement,
        ..Wanted::default()
    };
    let waiting = laid(db.pool(), &leader(), &clock(), &wanted, (0, 50)).await;
    let waiting = waiting.expect("a list");
    let law = law::Law::embedded();
    let verdicts = casework::verdict::of_laid(db.pool(), &clock(), &law, &waiting).await;
    let verdicts = verdicts.expect("worked out");
    let gives = verdicts[&code(1)]
        .gives
        .as_ref()
        .expect("it gives something");
    assert!(gives.paid && gives.amount > kernel::Dong(0));
    let fails = &verdicts[&code(2)];
    assert!(fails.gives.is_none() && !fails.fails.is_empty() && !fails.law.is_empty());
}
