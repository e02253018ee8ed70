//! Invented people told briefly, and the office that lists them.

pub mod ordered;
pub mod owed;
pub mod schema;

use kernel::{Actor, Clock, EventId, Month, PersonId};
use law::Law;
use payments::{Approved, Made, Office, Refused};
use registry::{Applied, Event, Submitted};
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::TestDb;
use uuid::Uuid;

/// Phường Trương Quang Trọng and Xã Tịnh Thọ, Quảng Ngãi, before July 2025.
pub const WARD: &str = "21172";
/// In another district of the province.
pub const VILLAGE: &str = "21175";
/// Phường Phúc Xá, Hà Nội, before July 2025.
pub const FAR: &str = "00001";

/// A database, the law, and what time it is.
pub struct Town {
    pub db: TestDb,
    pub law: Law,
    pub clock: Clock,
}

impl Town {
    pub async fn on(day: &str) -> Town {
        let mut town = Town {
            db: TestDb::practice().await,
            law: Law::embedded(),
            clock: Clock::System,
        };
        town.set(day);
        town
    }

    /// Eight in the morning of a day.
    pub fn set(&mut self, day: &str) {
        self.clock = testkit::clock(&format!("{day}T08:00:00+07:00"));
    }

    pub fn office(&self) -> Office<'_> {
        Office {
            pool: self.db.pool(),
            clock: &self.clock,
            law: &self.law,
        }
    }

    pub fn pool(&self) -> &PgPool {
        self.db.pool()
    }

    /// Records events; rows that cannot be true are refused.
    pub async fn tell(&self, events: &[Event]) -> Applied {
        let actor = Actor::with_every_role("can.bo");
        let rows = (1..).zip(events);
        let rows: Vec<Submitted> = rows
            .map(|(row, event)| Submitted {
                row,
                event: event.clone(),
            })
            .collect();
        registry::apply(self.pool(), &actor, &self.clock, &rows)
            .await
            .expect("recorded")
    }

    /// Records events all of which are true.
    pub async fn told(&self, events: &[Event]) {
        let applied = self.tell(events).await;
        assert_eq!(applied.refused, []);
    }

    pub async fn number(&self, person: &str) -> PersonId {
        let number: i64 = sqlx::query_scalar("select person_id from person where person_key = $1")
            .bind(person)
            .fetch_one(self.pool())
            .await
            .expect("registered");
        PersonId(number)
    }

    /// Somebody finds that two records are one person. The event, to part them again.
    pub async fn merge(&self, kept: &str, dropped: &str) -> Option<Event> {
        let (kept, dropped) = (self.number(kept).await, self.number(dropped).await);
        let id = EventId(Uuid::new_v4().as_u128());
        let actor = Actor::with_every_role("can.bo");
        let merged = registry::duplicates::merge(
            self.pool(),
            &actor,
            &self.clock,
            id,
            (kept, dropped),
            "hai hồ sơ của một người",
        )
        .await;
        merged.ok()?;
        let fields = json!({"cancels": Uuid::from_u128(id.0)});
        let person = format!("#{dropped}");
        Some(event(&person, "2024-01-01", "event_cancelled", fields))
    }

    pub async fn make(&self, list: &str, area: &str) -> Result<Made, Refused> {
        payments::make(&self.office(), &maker(), month(list), area).await
    }

    pub async fn approve(&self, list: &str, area: &str) -> Result<Approved, Refused> {
        payments::approve(&self.office(), &approver(), month(list), area).await
    }

    /// Makes and approves.
    pub async fn list(&self, list: &str, area: &str) -> Made {
        let made = self.make(list, area).await.expect("made");
        self.approve(list, area).await.expect("approved");
        made
    }

    /// The list, worked out again, is the same.
    pub async fn holds(&self, list: &str, area: &str) {
        let verdict = payments::verify(&self.office(), &maker(), month(list), area).await;
        let verdict = verdict.expect("verified");
        assert!(verdict.holds(), "{verdict:?}");
    }

    /// Every line: person, benefit, kind, for month, amount, reason.
    pub async fn lines(&self, list: &str, area: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let take = |line: payments::ShownLine| {
            let reason = line.reason.map_or("-", |reason| reason.code());
            lines.push(format!(
                "{} {} {} {} {} {reason}",
                line.person,
                line.benefit.code(),
                line.kind.code(),
                line.for_month,
                line.amount.0
            ));
            Ok::<(), Refused>(())
        };
        payments::show(&self.office(), &maker(), month(list), area, take)
            .await
            .expect("shown");
        lines
    }
}

pub fn maker() -> Actor {
    Actor::with_every_role("an.nguyen")
}

pub fn approver() -> Actor {
    Actor::with_every_role("binh.tran")
}

pub fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

/// An event with an identity of its own.
pub fn event(person: &str, effective: &str, kind: &str, fields: Value) -> Event {
    let mut whole = json!({
        "event_id": Uuid::new_v4(),
        "kind": kind, "person": person, "effective": effective, "source": "test",
    });
    let map = whole.as_object_mut().expect("an object");
    map.extend(fields.as_object().expect("fields").clone());
    let line = whole.to_string();
    Event::parse(line.as_bytes()).unwrap_or_else(|fault| panic!("{line}: {fault:?}"))
}

pub fn registered(person: &str, birth_date: &str, area: &str) -> Event {
    let fields = json!({
        "full_name": format!("Nguyễn Thị {person}"), "birth_date": birth_date, "sex": "female",
        "ethnicity": "01", "id_number": null, "area": area,
    });
    event(person, "2020-01-10", "person_registered", fields)
}

pub fn enrolled(person: &str, benefit: &str, from: &str) -> Event {
    let day = format!("{from}-12");
    let decision = json!({"number": "1/QĐ", "date": day});
    let fields = json!({"benefit": benefit, "from": from, "decision": decision});
    event(person, &day, "enrolled", fields)
}

/// Disability of a grade since a day.
pub fn disabled(person: &str, fact: &str, grade: &str, since: &str) -> Event {
    let fields = json!({"fact_id": fact, "fact": {"kind": "disability", "grade": grade}});
    event(person, since, "fact_started", fields)
}

pub fn fact(person: &str, id: &str, kind: &str, since: &str) -> Event {
    let fields = json!({"fact_id": id, "fact": {"kind": kind}});
    event(person, since, "fact_started", fields)
}

pub fn fact_ended(person: &str, id: &str, last: &str) -> Event {
    event(person, last, "fact_ended", json!({"fact_id": id}))
}

pub fn died(person: &str, day: &str) -> Event {
    event(person, day, "died", json!({"date": day}))
}

pub fn moved(person: &str, day: &str, area: &str) -> Event {
    event(person, day, "moved", json!({"area": area}))
}

pub fn suspended(person: &str, benefit: &str, from: &str) -> Event {
    let fields = json!({"benefit": benefit, "from": from, "reason": "vắng mặt"});
    event(person, &format!("{from}-01"), "suspended", fields)
}

pub fn resumed(person: &str, benefit: &str, from: &str, reason: &str) -> Event {
    let fields = json!({"benefit": benefit, "from": from, "reason": reason});
    event(person, &format!("{from}-01"), "resumed", fields)
}

pub fn ended(person: &str, benefit: &str, last: &str) -> Event {
    let fields = json!({"benefit": benefit, "last_month": last, "reason": "hết điều kiện"});
    event(person, &format!("{last}-15"), "enrolment_ended", fields)
}

pub fn cancelled(target: &Event) -> Event {
    let fields = json!({"cancels": target.uuid()});
    event(&target.person, "2024-01-01", "event_cancelled", fields)
}

/// A woman of 36 with a severe disability since 2024-01: 1.5.
pub fn severe(person: &str, area: &str) -> Vec<Event> {
    vec![
        registered(person, "1988-02-01", area),
        disabled(person, "f1", "severe", "2023-12-15"),
        enrolled(person, "disability", "2024-01"),
    ]
}
