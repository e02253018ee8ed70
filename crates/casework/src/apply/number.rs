//! Numbers of decisions made here and now: drawn from the book of whoever decides, in the transaction
//! of the decision.

use kernel::Clock;
use kernel::area::Areas;
use registry::Refusal;
use registry::refusal::Fault;
use sqlx::PgConnection;

use super::known::Known;
use super::take::Taking;
use super::{ApplyError, Setting};
use crate::event::Submitted;
use crate::regime;
use crate::register::{self, Given, Kind};
use crate::step::Step;

/// The rows with their numbers, and what was given for them.
#[derive(Default)]
pub(super) struct Drawn {
    pub(super) rows: Option<Vec<Submitted>>,
    pub(super) given: Vec<Given>,
    /// Why some get none.
    pub(super) refused: Vec<Refusal>,
}

/// Draws numbers for the decisions among the rows that ask for one and are lawful. Books are drawn from
/// in one order everywhere. What was given is told to the audit log by the caller, last of all.
pub(super) async fn draw(
    tx: &mut PgConnection,
    (setting, clock): (&Setting<'_>, &Clock),
    known: &Known,
    rows: &[Submitted],
    barred: &[Refusal],
) -> Result<Drawn, ApplyError> {
    // Only what is done here and now may leave the number to the book.
    if setting.seen.is_none() || !rows.iter().any(|row| row.event.step.wants_number()) {
        return Ok(Drawn::default());
    }
    let mut wanted = wanted(setting, known, rows, barred);
    wanted.sort_by_key(|it| (it.book.code, it.book.valid_from, it.kind.code(), it.row));
    let mut numbered = rows.to_vec();
    let mut drawn = Drawn::default();
    for one in wanted {
        let book = register::Book {
            area: one.book,
            kind: one.kind,
            day: one.day,
            dossier: Some(one.dossier),
        };
        let of_row = numbered.iter_mut().find(|row| row.row == one.row);
        match register::draw(tx, setting.actor, clock, &book).await {
            Ok(given) => {
                if let Some(row) = of_row {
                    row.event.step.put_number(&given.written);
                }
                drawn.given.push(given);
            }
            Err(register::Refused::Database(error)) => return Err(error.into()),
            Err(why) => {
                let fault = Fault::new("decision", why.code(), why.to_string());
                drawn.refused.push(fault.in_row(one.row, None));
            }
        }
    }
    drawn.rows = Some(numbered);
    Ok(drawn)
}

/// A decision that waits for its number.
struct Wanted {
    row: u64,
    dossier: i64,
    book: &'static kernel::area::Area,
    kind: Kind,
    day: jiff::civil::Date,
}

/// The lawful decisions without a number.
fn wanted(
    setting: &Setting<'_>,
    known: &Known,
    rows: &[Submitted],
    barred: &[Refusal],
) -> Vec<Wanted> {
    let taking = Taking::of(setting, known, rows, barred);
    let steps = taking.steps.iter();
    let decided = steps.filter(|taken| taken.submitted.event.step.wants_number());
    let wanted = decided.filter_map(|taken| {
        let Step::Decided(outcome) = &taken.submitted.event.step else {
            return None;
        };
        let recorded = known.dossiers.get(&taken.submitted.event.dossier)?;
        let commune = Areas::embedded().get(&recorded.area.0, recorded.area.1)?;
        let day = outcome.decision().date;
        Some(Wanted {
            row: taken.submitted.row,
            dossier: recorded.id,
            book: regime::decider(taken.course.regime(), commune, day),
            kind: Kind::of(outcome),
            day,
        })
    });
    wanted.collect()
}
