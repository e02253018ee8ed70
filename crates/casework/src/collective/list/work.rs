//! What a list does: events of each person, tried against the registry, and amounts before and after.

use std::collections::{HashMap, HashSet};

use jiff::ToSpan;
use jiff::civil::Date;
use kernel::{Actor, EventId, Month, MonthSpan};
use law::{Benefit, FactKind, InForce};
use registry::event::{Decision, EventKind, Pause};
use registry::roll::{Imagined, imagine};
use registry::{Event, Refusal, Submitted};
use uuid::Uuid;

use super::sheet::refusal;
use super::{Deed, Entry, ReadList};
use crate::change::SOURCE;
use crate::collective::find::{Found, Known, Whose};
use crate::collective::re_rate::{amount, articles, at};
use crate::collective::{CollectiveRefused, Row, RowKind, Setting, Summary, Sums};

/// A list worked out: its rows, and what the registry is told.
pub(crate) struct Worked {
    pub(crate) summary: Summary,
    pub(crate) rows: Vec<Row>,
    pub(crate) events: Vec<Submitted>,
}

/// Says what a list would do and records nothing: rows with amounts before and after, and the rows that
/// are refused.
///
/// # Errors
/// [`CollectiveRefused`].
pub async fn look(
    setting: &Setting<'_>,
    actor: &Actor,
    list: &ReadList,
    decision: &Decision,
) -> Result<(Summary, Vec<Row>), CollectiveRefused> {
    let whose = Whose::Officer(actor);
    let worked = work(setting, actor, whose, list, decision, Uuid::nil()).await?;
    Ok((worked.summary, worked.rows))
}

/// Works a list out; events are named after the key.
pub(crate) async fn work(
    setting: &Setting<'_>,
    actor: &Actor,
    whose: Whose<'_>,
    list: &ReadList,
    decision: &Decision,
    key: Uuid,
) -> Result<Worked, CollectiveRefused> {
    let found = Found::of(setting.pool, whose, &list.entries).await?;
    let mut refused = list.refused.clone();
    let mut asked: HashMap<i64, &Entry> = HashMap::new();
    let mut events: Vec<Submitted> = Vec::new();
    for entry in &list.entries {
        let person = match found.person_of(entry) {
            Ok(person) => person,
            Err((field, code, why)) => {
                refused.push(refusal(entry.row, field, code, why.to_owned()));
                continue;
            }
        };
        if asked.contains_key(&person) {
            let why = "người này đã có ở một dòng trên; mỗi người chỉ một dòng".to_owned();
            refused.push(refusal(entry.row, "person", "repeated_in_file", why));
            continue;
        }
        let telling = Telling {
            key,
            person,
            decision,
            row: entry.row,
        };
        let known = &found.people[&person];
        match telling.of(entry, known) {
            Ok(told) => {
                asked.insert(person, entry);
                events.extend(told);
            }
            Err((field, code, why)) => {
                refused.push(refusal(entry.row, field, code, why.to_owned()));
            }
        }
    }
    let (pool, clock) = (setting.pool, setting.clock);
    let tried = match whose {
        Whose::Officer(_) => registry::try_out(pool, actor, clock, &events).await?,
        Whose::Area(_) => registry::try_out_settled(pool, actor, clock, &events).await?,
    };
    let bad: HashSet<u64> = tried.refused.iter().map(|refusal| refusal.row).collect();
    refused.extend(tried.refused.into_iter().map(under_heading));
    events.retain(|event| !bad.contains(&event.row));
    let rows = amounts(setting, &asked, &events, decision.date).await?;
    let mut sums = Sums::default();
    rows.iter().for_each(|row| sums.add(row));
    let mut summary = sums.finish();
    refused.sort_by_key(|refusal| refusal.row);
    summary.refused = refused;
    Ok(Worked {
        summary,
        rows,
        events,
    })
}

fn under_heading(told: Refusal) -> Refusal {
    refusal(told.row, &told.field, told.code, told.message)
}

/// Amounts before and after of everybody whose events are taken, by person.
async fn amounts(
    setting: &Setting<'_>,
    asked: &HashMap<i64, &Entry>,
    events: &[Submitted],
    signed_on: Date,
) -> Result<Vec<Row>, CollectiveRefused> {
    let told: Vec<Event> = events.iter().map(|row| row.event.clone()).collect();
    let today = Month::of(setting.clock.today());
    let people = imagine(setting.pool, setting.clock, today, &told).await?;
    let law = setting.law.in_force(setting.clock.today());
    let mut ids: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for event in &told {
        ids.entry(event.person.as_str())
            .or_default()
            .push(event.uuid());
    }
    let mut rows = Vec::new();
    for both in &people {
        let Some(entry) = asked.get(&both.now.id.0) else {
            continue;
        };
        let name = format!("#{}", both.now.id);
        let events = ids.get(name.as_str()).cloned().unwrap_or_default();
        of_person(&law, both, entry, &events, signed_on, &mut rows);
    }
    Ok(rows)
}

fn of_person(
    law: &InForce,
    both: &Imagined,
    entry: &Entry,
    events: &[Uuid],
    signed_on: Date,
    rows: &mut Vec<Row>,
) {
    let month = match &entry.deed {
        Deed::Stop { last_month, .. } => last_month.next(),
        Deed::Adjust { from, .. } => Month::of(*from),
    };
    let (mut now, mut then) = (Vec::new(), Vec::new());
    let span = MonthSpan::single(month);
    law.owed(&both.now.person, span, &mut now);
    law.owed(&both.then.person, span, &mut then);
    let mut benefits: Vec<Benefit> = now.iter().chain(&then).map(|it| it.benefit).collect();
    if let Deed::Stop {
        benefit: Some(named),
        ..
    } = entry.deed
    {
        benefits.push(named);
    }
    benefits.sort_unstable();
    benefits.dedup();
    let all = benefits.into_iter().filter(|benefit| !benefit.is_one_off());
    for benefit in all {
        let (old, new) = (at(&now, benefit, month), at(&then, benefit, month));
        let (kind, law) = match &entry.deed {
            Deed::Stop {
                benefit: named,
                ground,
                ..
            } => {
                let stopped = named.is_none_or(|named| named == benefit);
                if !stopped && amount(old) == amount(new) {
                    continue;
                }
                (RowKind::Stop, ground.law(signed_on))
            }
            Deed::Adjust { .. } => {
                let of = new.or(old);
                let law = of.map(|spell| articles(law, &both.then, spell, month));
                (RowKind::Adjust, law.unwrap_or_default())
            }
        };
        rows.push(Row {
            person: both.now.id,
            benefit,
            kind,
            commune: both.now.commune_in(month),
            month,
            old: amount(old),
            new: amount(new),
            law,
            events: events.to_vec(),
        });
    }
}

/// The events of one row.
struct Telling<'a> {
    key: Uuid,
    person: i64,
    decision: &'a Decision,
    row: u64,
}

impl Telling<'_> {
    fn of(
        &self,
        entry: &Entry,
        known: &Known,
    ) -> Result<Vec<Submitted>, (&'static str, &'static str, &'static str)> {
        let mut told = Vec::new();
        match &entry.deed {
            Deed::Stop {
                benefit,
                last_month,
                ground,
            } => {
                let named = |award: &&(Benefit, Month, Option<Month>)| {
                    benefit.is_none_or(|named| named == award.0) && award.1 <= *last_month
                };
                for (benefit, _, rests) in known.awards.iter().filter(named) {
                    self.end(*benefit, *last_month, *rests, &ground.name, &mut told);
                }
                if told.is_empty() {
                    let why = "người này không hưởng chính sách này trong tháng đó";
                    return Err(("benefit", "not_enrolled", why));
                }
            }
            Deed::Adjust { fact, from } => self.begin(fact, *from, known, &mut told),
        }
        Ok(told)
    }

    fn tell(&self, effective: Date, kind: EventKind, told: &mut Vec<Submitted>) {
        let name = format!("row {} {}", self.row, told.len());
        let id = Uuid::new_v5(&self.key, name.as_bytes());
        told.push(Submitted {
            row: self.row,
            event: Event {
                event_id: EventId(id.as_u128()),
                source: SOURCE.to_owned(),
                person: format!("#{}", self.person),
                effective,
                kind,
            },
        });
    }

    /// Ends a benefit; one that rests is freed too, as with a decision about one person.
    fn end(
        &self,
        benefit: Benefit,
        last_month: Month,
        rests: Option<Month>,
        reason: &str,
        told: &mut Vec<Submitted>,
    ) {
        if let Some(since) = rests {
            let from = last_month.next().max(since);
            let pause = Pause {
                benefit: Some(benefit),
                from,
                reason: reason.to_owned(),
                decision: Some(self.decision.clone()),
            };
            self.tell(from.first_day(), EventKind::Resumed(pause), told);
        }
        let ended = EventKind::EnrolmentEnded {
            benefit,
            last_month,
            reason: reason.to_owned(),
            decision: Some(self.decision.clone()),
        };
        self.tell(last_month.first_day(), ended, told);
    }

    fn begin(&self, fact: &FactKind, from: Date, known: &Known, told: &mut Vec<Submitted>) {
        let before = from.checked_sub(1.day()).unwrap_or(from);
        let kind = registry::fact::code(fact);
        let open = known
            .facts
            .iter()
            .filter(|(_, own, since)| own == kind && *since < from);
        for (fact_id, ..) in open {
            let fact_id = fact_id.clone();
            self.tell(before, EventKind::FactEnded { fact_id }, told);
        }
        let fact_id = Uuid::new_v5(&self.key, format!("fact {}", self.row).as_bytes());
        let started = EventKind::FactStarted {
            fact_id: fact_id.to_string(),
            fact: fact.clone(),
            to: None,
        };
        self.tell(from, started, told);
    }
}
