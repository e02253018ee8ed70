//! How long a page of the queue of work takes, with its counts.

use std::time::Instant;

use casework::queue::{self, Sort, Tab, Wanted};
use kernel::actor::{Actor, Grant, Role};
use kernel::area::Areas;
use kernel::{AreaCode, Month};
use payments::Office;
use serde::Serialize;

use super::measure_in;

/// One page; milliseconds with one decimal.
#[derive(Serialize)]
pub(super) struct Timed {
    page: String,
    rows: usize,
    p50: String,
    p95: String,
    slowest: String,
}

/// Fills a database of its own with so many dossiers, so many in a hundred of them not ended, and asks for each page so many times.
///
/// # Errors
/// When no private PostgreSQL can be started, and those of the database.
pub(super) async fn measure(dossiers: (i64, i64), rounds: usize) -> anyhow::Result<Vec<Timed>> {
    let law = law::Law::embedded();
    measure_in(None, &law, async |office: &Office<'_>| {
        pages(office, dossiers, rounds.max(1)).await
    })
    .await
}

async fn pages(
    office: &Office<'_>,
    dossiers: (i64, i64),
    rounds: usize,
) -> anyhow::Result<Vec<Timed>> {
    let (pool, clock) = (office.pool, office.clock);
    let today = clock.today();
    let communes = Areas::embedded().communes_under("51", Month::of(today));
    casework::bench::fill(pool, clock.now(), dossiers, &communes).await?;
    let in_area = |area: &str| {
        Actor::new(
            "can.bo",
            vec![Grant {
                role: Role::Officer,
                area: Some(AreaCode::from(area)),
            }],
        )
    };
    let commune = communes.first().map_or("51", |(code, _)| *code);
    let mut timed = Vec::new();
    for (where_, actor) in [("commune", in_area(commune)), ("province", in_area("51"))] {
        for (tab, sort) in [
            (Tab::Mine, Sort::Due),
            (Tab::Overdue, Sort::Due),
            (Tab::All, Sort::Due),
            (Tab::All, Sort::Name),
        ] {
            let wanted = Wanted {
                tab,
                sort,
                ..Wanted::default()
            };
            let (mut took, mut rows) = (Vec::with_capacity(rounds), 0);
            for _ in 0..rounds {
                let begun = Instant::now();
                queue::counts(pool, &actor, clock, &wanted).await?;
                let items = queue::items(pool, &actor, clock, &wanted, (0, 50)).await?;
                took.push(begun.elapsed());
                rows = items.len();
            }
            took.sort_unstable();
            let at = |percent| super::percentile(&took, percent);
            timed.push(Timed {
                page: format!("{where_}: {}, by {}", tab.code(), sort.code()),
                rows,
                p50: at(50),
                p95: at(95),
                slowest: at(100),
            });
        }
    }
    Ok(timed)
}
