//! What the reception fixes: the law, the days of each stage, and what rests since.

use jiff::civil::Date;

use crate::deadline::{Rest, last_day, working_days};
use crate::local::{self, Rule};
use crate::regime::{self, Regime, Stage};

/// The reception of a dossier, and how its deadline went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reception {
    pub(super) day: Date,
    pub(super) regime: Option<&'static Regime>,
    /// Of each stage of the regime: working days, and who holds it where the locality says so.
    seats: Vec<(u16, Option<String>)>,
    /// Number of the stage.
    pub(super) at: usize,
    pub(super) rests: Vec<Rest>,
    /// Working days given on top by new appointments.
    extra: u16,
}

impl Reception {
    pub(super) fn of(procedure: &str, day: Date, rules: &[Rule]) -> Reception {
        let regime = regime::on(procedure, day);
        let stages = regime.map_or(&[][..], |regime| regime.stages.as_slice());
        let seat = |stage: &Stage| {
            let code = regime.map_or("", |regime| regime.code.as_str());
            let rule = local::on(rules, code, &stage.code, day);
            let days = rule.and_then(|rule| rule.days).unwrap_or(stage.days);
            (days, rule.and_then(|rule| rule.holder.clone()))
        };
        Reception {
            day,
            regime,
            seats: stages.iter().map(seat).collect(),
            at: 0,
            rests: Vec::new(),
            extra: 0,
        }
    }

    pub(super) fn stage(&self) -> Option<&'static Stage> {
        self.regime?.stages.get(self.at)
    }

    pub(super) fn stages_left(&self) -> &'static [Stage] {
        let left = self
            .regime
            .and_then(|regime| regime.stages.get(self.at + 1..));
        left.unwrap_or_default()
    }

    /// Who holds the stage by the locality's own rule.
    pub(super) fn local_holder(&self) -> Option<String> {
        self.seats.get(self.at)?.1.clone()
    }

    /// The last day to decide, were nothing to rest any more.
    pub(super) fn due_on(&self) -> Option<Date> {
        self.due_after(self.extra)
    }

    /// The same as it was appointed at the reception, before any apology.
    pub(super) fn appointed_on(&self) -> Option<Date> {
        self.due_after(0)
    }

    fn due_after(&self, extra: u16) -> Option<Date> {
        self.regime?;
        let days: u16 = self.seats.iter().map(|(days, _)| *days).sum();
        last_day(self.day, days + extra, &self.rests)
    }

    /// The last day of the stage it is in.
    pub(super) fn stage_due_on(&self) -> Option<Date> {
        let upto = self.seats.get(..=self.at)?;
        let days: u16 = upto.iter().map(|(days, _)| *days).sum();
        last_day(self.day, days, &self.rests)
    }

    /// Moves the last day to a later working day.
    pub(super) fn extend(&mut self, from: Date, to: Date) {
        self.extra += working_days(from, to, &self.rests);
    }
}
