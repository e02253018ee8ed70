//! The registry takes every event of the scenarios.

use jiff::civil::date;
use kernel::{Actor, AreaCode, Cell, Clock};
use law::Law;
use registry::event::Submitted;
use registry::import::{Column, Setting, Sheet};
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

#[test]
fn every_row_of_the_sheet_is_read() {
    let law = Law::embedded();
    let plan = build("quang-ngai-2024-05", 1, Some(3_000)).expect("a scenario");
    let setting = Setting {
        law: &law,
        today: date(2024, 5, 10),
        area: Some(AreaCode::from("51")),
        practice: true,
    };
    let mut sheet = Sheet::new(&setting, "mau.xlsx", [0; 32]);
    let heading = Column::ALL.map(|column| Cell::Text(column.heading().into()));
    sheet.take(1, &heading).expect("the form's own headings");
    let mut rows = 0;
    for (number, row) in (2..).zip(plan.sheet(&law)) {
        let cells: Vec<Cell<'_>> = row.into_iter().map(as_cell).collect();
        sheet.take(number, &cells).expect("a row");
        rows += 1;
    }
    let read = sheet.finish().expect("a sheet");
    assert_eq!((read.rows, read.refused.first()), (rows, None));
    // Left out are people with two benefits, and carers of somebody without a number.
    assert!((2_850..3_000).contains(&rows), "{rows}");
}

fn as_cell(text: String) -> Cell<'static> {
    if text.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(text.into())
    }
}
