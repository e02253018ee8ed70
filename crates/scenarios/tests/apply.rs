//! The registry takes every event of the scenarios.

use kernel::{Actor, Clock};
use registry::event::Submitted;
use scenarios::{Plan, When, build};
use testkit::TestDb;

fn submitted(plan: &Plan, phase: When) -> Vec<Submitted> {
    let rows = 1..;
    rows.zip(plan.events(phase))
        .map(|(row, event)| Submitted { row, event })
        .collect()
}

#[tokio::test]
async fn every_event_is_recorded_once() {
    let db = TestDb::practice().await;
    let actor = Actor::with_every_role("an.nguyen");
    for plan in [
        build("quang-ngai-2024-05", 1, Some(1_500)).expect("a scenario"),
        build("cho-don-2020-08", 1, None).expect("a scenario"),
    ] {
        for again in [false, true] {
            for phase in [When::Before, When::InMonth] {
                let events = submitted(&plan, phase);
                let clock = Clock::Fixed(plan.recorded_at(phase));
                let applied = registry::apply::apply(db.pool(), &actor, &clock, &events).await;
                let applied = applied.expect("recorded");
                assert_eq!(applied.refused.first(), None);
                let all = events.len() as u64;
                let expected = if again { (0, all) } else { (all, 0) };
                assert_eq!((applied.applied, applied.already), expected);
                let last = plan.last_events(phase);
                assert_eq!(events.last().map(|last| &last.event), last.last());
            }
        }
    }
}
