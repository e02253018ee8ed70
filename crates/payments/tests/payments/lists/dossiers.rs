//! A new grade in an approved dossier, and what the next list makes of it.

use casework::draft::Subject;
use casework::form::Answers;
use casework::submit::{Application, submit};
use casework::{Channel, Event, Submitted, apply};
use kernel::Actor;
use law::Benefit;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::*;

fn everybody() -> Actor {
    Actor::with_every_role("can.bo")
}

async fn tell(town: &Town, dossier: &str, at: &str, mut fields: Value) {
    let whole = fields.as_object_mut().expect("fields");
    whole.insert("event_id".into(), json!(Uuid::new_v4()));
    whole.insert("dossier".into(), json!(dossier));
    whole.insert("at".into(), json!(format!("{at}T09:00:00+07:00")));
    let event = Event::parse(fields.to_string().as_bytes()).expect("a step");
    let rows = [Submitted { row: 1, event }];
    let applied = apply(town.pool(), &everybody(), &town.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

#[tokio::test]
async fn a_grade_stated_in_a_dossier_takes_the_place_of_the_one_before() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    for list in ["2024-03", "2024-04"] {
        town.set(&format!("{list}-20"));
        town.list(list, "51").await;
    }
    town.set("2024-05-06");
    let person = town.number("p1").await;
    // Extremely severe since 10 April, with a child of two.
    let answers = Answers::of_fields([
        ("full_name", "Nguyễn Thị p1"),
        ("birth_date", "01/02/1988"),
        ("sex", "female"),
        ("ethnicity", "01"),
        ("area", WARD),
        ("pension", "no"),
        ("poverty", "neither"),
        ("disabled", "yes"),
        ("disability_grade", "extremely_severe"),
        ("certificate_date", "10/04/2024"),
        ("schooling", "never"),
        ("marital", "married"),
        ("children.0.birth_date", "2022-05-01"),
        ("declared_by", "itself"),
    ]);
    let subject = Subject {
        form: "d20-1dd".to_owned(),
        procedure: "1.001776".to_owned(),
        benefit: Some(Benefit::DisabledParent),
        person: Some(person),
    };
    let application = Application {
        id: Uuid::now_v7(),
        subject: &subject,
        answers: &answers,
        channel: Channel::Direct,
        papers: Vec::new(),
        received: true,
        draft: None,
    };
    let dossier = submit(town.pool(), &everybody(), &town.clock, &application).await;
    let dossier = dossier.expect("submitted");
    town.set("2024-05-27");
    for (stage, day) in [("commune_review", 13), ("sent_up", 15), ("appraisal", 20)] {
        let done = json!({"kind": "stage_done", "stage": stage});
        tell(&town, &dossier, &format!("2024-05-{day}"), done).await;
    }
    let decision = json!({"number": "12/QĐ-UBND", "date": "2024-05-22"});
    let approved = json!({"kind": "decided", "outcome": "approved", "decision": decision});
    tell(&town, &dossier, "2024-05-22", approved).await;
    town.make("2024-05", "51").await.expect("made");
    let mut lines = town.lines("2024-05", "51").await;
    lines.sort();
    let told: Vec<&str> = lines
        .iter()
        .map(|line| {
            line.rsplit_once(' ')
                .map_or(line.as_str(), |(told, _)| told)
        })
        .collect();
    // One level a month: the new one from its month on, nothing of the old beside it.
    let level: Vec<&&str> = told
        .iter()
        .filter(|it| it.starts_with("p1 disability "))
        .collect();
    assert_eq!(
        level,
        [
            &"p1 disability arrears 2024-04 180000",
            &"p1 disability regular 2024-05 720000"
        ],
        "{lines:?}"
    );
    assert!(
        told.iter()
            .any(|it| it.starts_with("p1 disabled_parent regular 2024-05 ")),
        "{lines:?}"
    );
}
