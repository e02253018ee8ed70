//! Invented people told briefly.

use kernel::{Actor, Clock};
use registry::{Applied, Event, Submitted};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

/// Phường Trương Quang Trọng and Xã Tịnh Thọ, Quảng Ngãi, before July 2025.
pub const WARD: &str = "21172";
pub const VILLAGE: &str = "21175";

/// An event with an identity made of its own name.
pub fn event(name: &str, person: &str, effective: &str, kind: &str, fields: Value) -> Event {
    let mut whole = json!({
        "event_id": Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()),
        "kind": kind, "person": person, "effective": effective, "source": "test",
    });
    let map = whole.as_object_mut().expect("an object");
    map.extend(fields.as_object().expect("fields").clone());
    let line = whole.to_string();
    Event::parse(line.as_bytes()).unwrap_or_else(|fault| panic!("{line}: {fault:?}"))
}

pub fn registered(person: &str, id_number: Option<&str>) -> Event {
    let name = format!("{person} registered");
    event(
        &name,
        person,
        "2023-01-10",
        "person_registered",
        json!({
            "full_name": format!("Nguyễn Thị {person}"), "birth_date": "1948-02-01", "sex": "female",
            "ethnicity": "01", "id_number": id_number, "area": WARD,
        }),
    )
}

pub fn enrolled(person: &str, benefit: &str, from: &str) -> Event {
    event(
        &format!("{person} {benefit} {from}"),
        person,
        "2023-01-12",
        "enrolled",
        json!({
            "benefit": benefit, "from": from, "decision": {"number": "1/QĐ", "date": "2023-01-12"},
        }),
    )
}

pub fn cancelled(target: &Event) -> Event {
    let name = format!("cancel {}", target.uuid());
    let cancels = json!({"cancels": target.uuid()});
    event(
        &name,
        &target.person,
        "2024-01-01",
        "event_cancelled",
        cancels,
    )
}

pub fn numbered(events: &[Event]) -> Vec<Submitted> {
    let rows = (1..).zip(events);
    rows.map(|(row, event)| Submitted {
        row,
        event: event.clone(),
    })
    .collect()
}

pub fn clock() -> Clock {
    testkit::clock("2024-05-20T08:00:00+07:00")
}

pub async fn apply(pool: &PgPool, events: &[Event]) -> Applied {
    let actor = Actor::with_every_role("can.bo");
    registry::apply(pool, &actor, &clock(), &numbered(events))
        .await
        .expect("recorded")
}

/// Refused rows with their field and code.
pub fn refusals(applied: &Applied) -> Vec<(u64, &str, &str)> {
    applied
        .refused
        .iter()
        .map(|it| (it.row, &*it.field, it.code))
        .collect()
}

/// Everything the registry shows of the people whose keys begin so, without that beginning and
/// without the numbers that depend on the order of arrival.
pub async fn projections_of(pool: &PgPool, beginning: &str) -> Vec<String> {
    let joined = |table: &str| {
        format!(
            "select k.key as k, to_jsonb(t) as row from {table} t join person_key k using (person_id)"
        )
    };
    let mut tables: Vec<String> = [
        "person",
        "residence",
        "enrolment",
        "payee",
        "move_confirmation",
        "id_number_claim",
    ]
    .map(joined)
    .into();
    tables.push(
        "select k.key as k, to_jsonb(t) || jsonb_build_object('cared', c.key) as row
         from fact t join person_key k using (person_id)
         left join person_key c on c.person_id = t.cared_person_id"
            .to_owned(),
    );
    let mut all = Vec::new();
    for table in tables {
        let query = format!(
            "select k || ' ' || (row - '{{person_id,merged_into,cared_person_id,event_id}}'::text[])::text
             from ({table}) t where k like $1 || '%' order by 1"
        );
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(beginning)
            .fetch_all(pool)
            .await
            .expect("the projections");
        all.extend(rows.into_iter().map(|row| row.replace(beginning, "")));
    }
    all
}

pub async fn projections(pool: &PgPool) -> Vec<String> {
    projections_of(pool, "").await
}
