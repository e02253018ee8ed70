//! Enrolments: chains of awards that do not overlap, and the months in which payment rests.

use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use kernel::{EventId, Month, MonthSpan, PartialDate};
use law::{Benefit, InForce, Law, Person};

use super::{Folded, StatedFact, refuse};
use crate::event::{Decision, Event, EventKind, Pause, UNCHANGED};

/// A benefit awarded by decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Award<'e> {
    /// Which.
    pub benefit: Benefit,
    /// First month paid.
    pub from: Month,
    /// Last month paid; `None` while it goes on.
    pub to: Option<Month>,
    /// Months in which payment rests, cut to the award; the last may reach `Month::MAX`.
    pub suspended: Vec<MonthSpan>,
    /// The decision that awarded it.
    pub decision: &'e Decision,
    /// Why it ended.
    pub end_reason: Option<&'e str>,
    /// The `enrolled` event.
    pub event_id: EventId,
}

impl Award<'_> {
    /// From the first month to the last, `Month::MAX` while it goes on.
    pub fn span(&self) -> MonthSpan {
        MonthSpan {
            from: self.from,
            to: self.to.unwrap_or(Month::MAX),
        }
    }

    /// As the law sees it.
    pub fn to_law(&self) -> law::Enrolment {
        law::Enrolment {
            benefit: self.benefit,
            from: self.from,
            to: self.to,
            suspended: self.suspended.clone(),
        }
    }
}

pub(super) fn awards<'e>(
    events: &[&'e Event],
    active: &[usize],
    birth: PartialDate,
    facts: &[StatedFact<'e>],
) -> Folded<Vec<Award<'e>>> {
    let mut awards = started(events, active, birth, facts)?;
    end(events, active, &mut awards)?;
    for pair in awards.windows(2) {
        let [(first_at, first), (second_at, second)] = pair else {
            continue;
        };
        if first.benefit == second.benefit && first.span().to >= second.from {
            let why = "đã có quyết định hưởng chính sách này trong cùng thời gian";
            return refuse(
                *first_at.max(second_at),
                "from",
                "overlapping_enrolment",
                why,
            );
        }
    }
    let mut awards: Vec<Award<'e>> = awards.into_iter().map(|(_, award)| award).collect();
    rest(events, active, &mut awards)?;
    Ok(awards)
}

/// The awards by benefit and first month, each with the index of its event.
fn started<'e>(
    events: &[&'e Event],
    active: &[usize],
    birth: PartialDate,
    facts: &[StatedFact<'e>],
) -> Folded<Vec<(usize, Award<'e>)>> {
    let mut awards = Vec::new();
    for at in active.iter().copied() {
        let EventKind::Enrolled {
            benefit,
            from,
            decision,
        } = &events[at].kind
        else {
            continue;
        };
        let from = from.unwrap_or_else(|| start_month(*benefit, decision, birth, facts));
        if from < birth.assumed_month() {
            return refuse(
                at,
                "from",
                "before_birth",
                "tháng bắt đầu hưởng trước khi sinh",
            );
        }
        let award = Award {
            benefit: *benefit,
            from,
            to: None,
            suspended: Vec::new(),
            decision,
            end_reason: None,
            event_id: events[at].event_id,
        };
        awards.push((at, award));
    }
    awards.sort_by_key(|(at, award)| (award.benefit, award.from, *at));
    Ok(awards)
}

/// The first month when the decision names none (contracts/benefits, months, rule 6), by everything
/// the law built into the program says of the month of signing.
fn start_month(
    benefit: Benefit,
    decision: &Decision,
    birth: PartialDate,
    facts: &[StatedFact<'_>],
) -> Month {
    static LAW: LazyLock<Arc<InForce>> = LazyLock::new(|| Law::embedded().in_force(Date::MAX));
    let person = Person {
        birth_date: birth,
        death_date: None,
        sex: None,
        provinces: Vec::new(),
        difficult_area: false,
        enrolments: Vec::new(),
        facts: facts.iter().map(StatedFact::to_law).collect(),
    };
    LAW.start_month(benefit, decision.date, &person)
}

fn end<'e>(
    events: &[&'e Event],
    active: &[usize],
    awards: &mut [(usize, Award<'e>)],
) -> Folded<()> {
    let mut ended: Vec<(usize, EventId)> = Vec::new();
    for at in active.iter().copied() {
        let EventKind::EnrolmentEnded {
            benefit,
            last_month,
            reason,
            ..
        } = &events[at].kind
        else {
            continue;
        };
        let begun = |award: &Award<'e>| award.benefit == *benefit && award.from <= *last_month;
        let Some((_, award)) = awards.iter_mut().rev().find(|(_, award)| begun(award)) else {
            let enrolled = awards.iter().any(|(_, award)| award.benefit == *benefit);
            return if enrolled {
                let why = "tháng cuối trước tháng bắt đầu hưởng";
                refuse(at, "last_month", "end_before_begin", why)
            } else {
                refuse(
                    at,
                    "benefit",
                    "not_enrolled",
                    "người này không hưởng chính sách này",
                )
            };
        };
        if let Some((other, _)) = ended.iter().find(|(_, id)| *id == award.event_id) {
            let why = "đã ghi thôi hưởng: hãy hủy lần ghi trước";
            return refuse(at.max(*other), "benefit", "already_ended", why);
        }
        award.to = Some(*last_month);
        award.end_reason = Some(reason);
        ended.push((at, award.event_id));
    }
    Ok(())
}

/// One benefit's payment while its suspensions and resumptions are gone through.
struct Resting {
    benefit: Benefit,
    since: Option<Month>,
    spans: Vec<MonthSpan>,
}

/// Fills in the months in which payment rests.
fn rest(events: &[&Event], active: &[usize], awards: &mut [Award<'_>]) -> Folded<()> {
    let mut all: Vec<Resting> = Vec::new();
    for award in awards.iter() {
        if all.last().is_none_or(|last| last.benefit != award.benefit) {
            all.push(Resting {
                benefit: award.benefit,
                since: None,
                spans: Vec::new(),
            });
        }
    }
    for at in active.iter().copied() {
        match &events[at].kind {
            EventKind::Suspended(pause) => suspend(at, pause, &mut all)?,
            EventKind::Resumed(pause) => resume(at, pause, &mut all)?,
            _ => {}
        }
    }
    for resting in &mut all {
        if let Some(since) = resting.since {
            resting.spans.push(MonthSpan {
                from: since,
                to: Month::MAX,
            });
        }
        let spans = joined(&mut resting.spans);
        for award in awards
            .iter_mut()
            .filter(|award| award.benefit == resting.benefit)
        {
            let within = award.span();
            award.suspended = spans
                .iter()
                .filter_map(|span| span.overlap(within))
                .collect();
        }
    }
    Ok(())
}

fn concerns(pause: &Pause, benefit: Benefit) -> bool {
    pause.benefit.is_none_or(|named| named == benefit)
}

fn suspend(at: usize, pause: &Pause, all: &mut [Resting]) -> Folded<()> {
    let mut enrolled = false;
    let mut suspended = false;
    for resting in all
        .iter_mut()
        .filter(|resting| concerns(pause, resting.benefit))
    {
        enrolled = true;
        if resting.since.is_none() {
            resting.since = Some(pause.from);
            suspended = true;
        }
    }
    match (enrolled, suspended) {
        (true, true) => Ok(()),
        (true, false) => refuse(at, "benefit", "already_suspended", "đang tạm dừng"),
        (false, _) => refuse(
            at,
            "benefit",
            "not_enrolled",
            "người này không hưởng chính sách này",
        ),
    }
}

fn resume(at: usize, pause: &Pause, all: &mut [Resting]) -> Folded<()> {
    let mut resumed = false;
    for resting in all
        .iter_mut()
        .filter(|resting| concerns(pause, resting.benefit))
    {
        let Some(since) = resting.since.take() else {
            continue;
        };
        resumed = true;
        // Lifted because nothing had changed: the suspended months are due again.
        if pause.reason != UNCHANGED && pause.from > since {
            resting.spans.push(MonthSpan {
                from: since,
                to: pause.from.previous(),
            });
        }
    }
    if resumed {
        Ok(())
    } else {
        refuse(
            at,
            "benefit",
            "not_suspended",
            "không có tạm dừng nào để hưởng lại",
        )
    }
}

/// Spans in order, those that touch made one.
pub(super) fn joined(spans: &mut [MonthSpan]) -> Vec<MonthSpan> {
    spans.sort_by_key(|span| (span.from, span.to));
    let mut joined: Vec<MonthSpan> = Vec::with_capacity(spans.len());
    for span in spans.iter() {
        match joined.last_mut() {
            Some(last) if span.from <= last.to.next() => last.to = last.to.max(span.to),
            _ => joined.push(*span),
        }
    }
    joined
}
