//! The traffic between systems is the same for the same seed, and nothing of it is of real people.

use std::collections::HashSet;

use casework::Step;
use scenarios::two_way::traffic::{Phase, Traffic, traffic};

fn told(traffic: &Traffic) -> Vec<String> {
    let phases = traffic.phases.iter().flat_map(|phase| match phase {
        Phase::Sent(_, messages) => messages.iter().map(|it| it.to_json()).collect(),
        Phase::Steps(steps) => steps.iter().map(casework::Event::to_json).collect(),
        Phase::Answered(_, answers) => answers
            .iter()
            .map(|it| format!("{it:?}"))
            .collect::<Vec<_>>(),
    });
    phases.collect()
}

#[test]
fn the_same_seed_tells_the_same_and_another_one_does_not() {
    let (one, again, other) = (traffic(1), traffic(1), traffic(2));
    assert_eq!(told(&one), told(&again));
    assert_eq!(one.connections, again.connections);
    assert_ne!(told(&one), told(&other));
    assert_ne!(one.connections, other.connections);
}

#[test]
fn every_message_has_an_id_of_its_own_and_numbers_of_people_begin_with_999() {
    let traffic = traffic(1);
    let mut ids = HashSet::new();
    for phase in &traffic.phases {
        let events: Vec<&casework::Event> = match phase {
            Phase::Sent(_, messages) => messages.iter().map(|message| &message.event).collect(),
            Phase::Steps(steps) => steps.iter().collect(),
            Phase::Answered(..) => Vec::new(),
        };
        for event in events {
            assert!(ids.insert(event.event_id), "{} twice", event.event_id);
            let parsed = casework::Event::parse(event.to_json().as_bytes());
            assert_eq!(parsed.as_ref(), Ok(event), "reads as it was written");
            if let Step::Submitted(submission) = &event.step {
                let number = submission
                    .applicant_id_number
                    .as_deref()
                    .unwrap_or_default();
                assert!(number.starts_with("999") && number.len() == 12);
            }
        }
    }
}
