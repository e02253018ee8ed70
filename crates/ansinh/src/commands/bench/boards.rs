//! How long boards of the whole country take, and the first page of the people behind them.

use std::time::{Duration, Instant};

use kernel::Actor;
use payments::results::outcome_parts;
use payments::{Office, Refused, bench};
use reports::group::{Part, members};
use reports::{By, ByArea, Division, Group, Question};
use serde::Serialize;

/// One board; milliseconds with one decimal.
#[derive(Serialize)]
pub(super) struct Timed {
    board: String,
    p50: String,
    p95: String,
    slowest: String,
}

/// What a board is asked with.
struct Asked<'o> {
    office: &'o Office<'o>,
    actor: Actor,
    of: ByArea,
    rounds: usize,
    timed: Vec<Timed>,
}

/// Fills an empty practice database and asks for each board so many times.
///
/// # Errors
/// Those of filling and of the boards.
pub(super) async fn measure(
    office: &Office<'_>,
    (people, months): (i64, i32),
    rounds: usize,
) -> Result<Vec<Timed>, Refused> {
    let month = bench::boards::prepare(office, people, months, |line| eprintln!("{line}")).await?;
    let mut asked = Asked {
        office,
        actor: Actor::with_every_role("bench"),
        of: ByArea {
            month,
            area: String::new(),
            division: Division::Below,
        },
        rounds: rounds.max(1),
        timed: Vec::new(),
    };
    // The first look counts the month.
    let begun = Instant::now();
    reports::cashless(office, &asked.actor, &asked.of, None).await?;
    asked.told("first look at the month, once", vec![begun.elapsed()]);
    let begun = Instant::now();
    reports::settlement(office, &asked.actor, &asked.of).await?;
    asked.told("first look at its settlement, once", vec![begun.elapsed()]);
    asked.boards().await?;
    asked.people().await?;
    reports::kept::prepare(office).await?;
    asked.lines().await?;
    Ok(asked.timed)
}

impl Asked<'_> {
    fn question(&self, by: By) -> Question {
        Question {
            month: self.of.month,
            area: self.of.area.clone(),
            by,
        }
    }

    async fn boards(&mut self) -> Result<(), Refused> {
        let (office, actor, of) = (self.office, self.actor.clone(), self.of.clone());
        for (name, by) in [
            ("caseload by province", By::Area),
            ("caseload by benefit", By::Benefit),
            ("caseload by channel", By::Channel),
            ("caseload by standard", By::Standard),
        ] {
            let question = self.question(by);
            self.time(name, async || {
                reports::caseload(office, &actor, &question).await?;
                Ok(())
            })
            .await?;
        }
        self.time("higher standard", async || {
            reports::higher_standard(office, &actor, &of).await?;
            Ok(())
        })
        .await?;
        self.time("cashless", async || {
            reports::cashless(office, &actor, &of, None).await?;
            Ok(())
        })
        .await?;
        self.time("data quality", async || {
            reports::data_quality(office, &actor, &of).await?;
            Ok(())
        })
        .await?;
        self.time("settlement", async || {
            reports::settlement(office, &actor, &of).await?;
            Ok(())
        })
        .await?;
        self.time("settlement by provider and province", async || {
            outcome_parts(office, &actor, of.month, &of.area).await?;
            Ok(())
        })
        .await
    }

    /// The lines of months.
    async fn lines(&mut self) -> Result<(), Refused> {
        let (office, actor, of) = (self.office, self.actor.clone(), self.of.clone());
        self.time("settlement month by month", async || {
            reports::settlement::line(office, &actor, of.month, &of.area).await?;
            Ok(())
        })
        .await?;
        self.time("trend", async || {
            reports::trend::trend(office, &actor, of.month, &of.area).await?;
            Ok(())
        })
        .await
    }

    async fn people(&mut self) -> Result<(), Refused> {
        let (office, actor, of) = (self.office, self.actor.clone(), self.of.clone());
        for group in Group::ALL {
            let part = Part {
                by_name: false,
                offset: 0,
                limit: 51,
            };
            let name = format!("people: {}", group.code());
            self.time(&name, async || {
                members(office, &actor, &of, *group, part).await?;
                Ok(())
            })
            .await?;
        }
        for (by, row) in [
            (By::Area, None),
            (By::Area, Some("01")),
            (By::Area, Some("96")),
            (By::Benefit, Some("disability")),
            (By::Benefit, Some("poor_adult_with_hiv")),
            (By::Channel, Some("account")),
            (By::Standard, Some("360000")),
        ] {
            let question = self.question(by);
            let name = format!("people of the caseload: {}", row.unwrap_or("all"));
            self.time(&name, async || {
                reports::people(office, &actor, &question, row, None, 51).await?;
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// Asks once without looking at the clock, for connections and prepared statements; then so
    /// many times.
    async fn time(
        &mut self,
        name: &str,
        ask: impl AsyncFn() -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        ask().await?;
        let mut took = Vec::with_capacity(self.rounds);
        for _ in 0..self.rounds {
            let begun = Instant::now();
            ask().await?;
            took.push(begun.elapsed());
        }
        self.told(name, took);
        Ok(())
    }

    fn told(&mut self, name: &str, mut took: Vec<Duration>) {
        took.sort_unstable();
        let at = |percent| super::percentile(&took, percent);
        let timed = Timed {
            board: name.to_owned(),
            p50: at(50),
            p95: at(95),
            slowest: at(100),
        };
        eprintln!(
            "{name}: {} / {} / {} ms",
            timed.p50, timed.p95, timed.slowest
        );
        self.timed.push(timed);
    }
}
