//! Provinces connected with their one-stop systems, and what the office does with their dossiers.

use exchange::{Mode, NewConnection, connection};
use kernel::Actor;
use serde_json::{Value, json};

use crate::client::Site;

/// Provinces are connected in a mode since the beginning of the year.
pub(crate) async fn connect(site: &Site, provinces: &[&str], mode: Mode, official: Option<&str>) {
    let connections: Vec<NewConnection> = provinces
        .iter()
        .map(|province| NewConnection {
            province: (*province).to_owned(),
            from: "2024-01-01".parse().expect("a day"),
            mode,
            official_case: official.map(str::to_owned),
            note: None,
        })
        .collect();
    let actor = Actor::with_every_role("thử");
    let recorded = connection::record(site.db.pool(), &actor, &site.clock, &connections).await;
    recorded.expect("recorded");
}

/// The office takes a step in a dossier, in the system.
pub(crate) async fn act_online(
    site: &Site,
    dossier: &str,
    kind: &str,
    at: &str,
    mut fields: Value,
) {
    fields["online"] = json!(true);
    act(site, dossier, kind, at, fields).await;
}

/// The office records a step of a dossier that it took on paper.
pub(crate) async fn act(site: &Site, dossier: &str, kind: &str, at: &str, mut fields: Value) {
    let whole = fields.as_object_mut().expect("fields");
    whole.insert("event_id".into(), json!(uuid::Uuid::new_v4()));
    whole.insert("dossier".into(), json!(dossier));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{at}:00+07:00")));
    let event = casework::Event::parse(fields.to_string().as_bytes()).expect("a step");
    let rows = [casework::Submitted { row: 1, event }];
    let actor = Actor::with_every_role("can.bo");
    let applied = casework::apply(site.db.pool(), &actor, &site.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}
