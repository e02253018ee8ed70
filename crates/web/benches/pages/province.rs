//! The sample province with its list, and who looks at it.

use access::practice;
use axum::Router;
use kernel::{Actor, Clock};
use law::Law;
use payments::Office;
use registry::event::{Event, Submitted};
use scenarios::{Plan, When};
use testkit::{TestDb, clock};
use web::Server;

use crate::visitor::{Visitor, Way};

/// Events of so many are recorded at once.
const BATCH: usize = 25_000;

/// Dossiers of the province, one in ten not ended.
const DOSSIERS: i64 = 200_000;

pub(crate) struct Province {
    pub(crate) db: TestDb,
    router: Router,
}

/// Loads the province with so many people (all of them when not said) and makes its list.
pub(crate) async fn load(people: Option<u32>) -> Province {
    let db = TestDb::practice().await;
    let plan = scenarios::build("quang-ngai-2024-05", 1, people).expect("the sample is known");
    let (law, actor) = (Law::embedded(), Actor::with_every_role("mau.du-lieu"));
    record(&db, &plan, When::Before, &actor).await;
    let before = Clock::Fixed(plan.recorded_at(When::Before));
    let office = Office {
        pool: db.pool(),
        clock: &before,
        law: &law,
    };
    let (opened, area) = (plan.spec().opening(), plan.spec().area);
    let opening = payments::open(&office, &actor, opened, area).await;
    opening.expect("the earlier system's months are taken over");
    record(&db, &plan, When::InMonth, &actor).await;
    let now = clock("2024-05-20T09:00:00+07:00");
    let mut tx = db.pool().begin().await.expect("begin");
    practice::make_sign_ins(&mut tx, now.now(), area)
        .await
        .expect("makes sign-ins");
    tx.commit().await.expect("commit");
    let month = kernel::Month::of(now.today());
    let communes = kernel::area::Areas::embedded().communes_under("51", month);
    casework::bench::fill(db.pool(), now.now(), (DOSSIERS, 10), &communes)
        .await
        .expect("the queue is filled");
    // As autovacuum does within minutes.
    sqlx::raw_sql("vacuum analyze")
        .execute(db.pool())
        .await
        .expect("tables are tidied");
    let router = Server::new(db.pool().clone(), law, now, true).router();
    let province = Province { db, router };
    let maker = province.visitor("lap").await;
    let list = Way::To("/ky-chi/2024-05?dia-ban=51".to_owned());
    let key = maker.field("/ky-chi/2024-05?dia-ban=51", "khoa").await;
    maker
        .send("/ky-chi/2024-05", &format!("khoa={key}&dia_ban=51"))
        .await;
    let first = maker.see(&list).await;
    eprintln!(
        "The list is made; its page came in {} ms at the first look.",
        first.took.as_millis()
    );
    sqlx::raw_sql("vacuum analyze")
        .execute(province.db.pool())
        .await
        .expect("tables are tidied");
    province
}

async fn record(db: &TestDb, plan: &Plan, phase: When, actor: &Actor) {
    let clock = Clock::Fixed(plan.recorded_at(phase));
    let mut batch: Vec<Event> = Vec::with_capacity(BATCH);
    for event in plan.events(phase) {
        let another = batch.last().is_none_or(|last| last.person != event.person);
        if another && batch.len() >= BATCH {
            apply(db, std::mem::take(&mut batch), actor, &clock).await;
        }
        batch.push(event);
    }
    apply(db, batch, actor, &clock).await;
}

async fn apply(db: &TestDb, events: Vec<Event>, actor: &Actor, clock: &Clock) {
    let numbered = (1..).zip(events);
    let events: Vec<Submitted> = numbered
        .map(|(row, event)| Submitted { row, event })
        .collect();
    let done = registry::apply(db.pool(), actor, clock, &events).await;
    assert_eq!(done.expect("recorded").refused, []);
}

impl Province {
    /// Somebody who has signed in; nobody when the name is empty.
    pub(crate) async fn visitor(&self, name: &str) -> Visitor {
        Visitor::enter(self.router.clone(), name).await
    }
}
