//! Taking steps here and now: what can be done with a dossier, and doing it with one or with many through
//! the same checks.

use std::collections::{HashMap, HashSet};

use access::holds_in;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::area::{Area, Areas};
use kernel::clock::vietnam_time;
use kernel::{Actor, Clock};
use registry::event::Decision;
use registry::refusal::Fault;
use registry::sight::READERS;
use registry::{Applied, Refusal};
use sqlx::PgPool;
use uuid::Uuid;

use crate::apply::{self, ApplyError, rights};
use crate::event::Submitted;
use crate::show::Refused;
use crate::step::{Conclusion, Outcome, Proposal};
use crate::{Course, Event, Manner, Step};

/// A step somebody wants to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Code of the dossier.
    pub dossier: String,
    /// Number of the last step they have seen: after another one they are told to look again.
    pub seen: i32,
    /// What to do.
    pub step: Step,
}

/// Where a dossier stands, for whoever wants to act on it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// All that follows from its steps.
    pub course: Course,
    /// Number of the last step.
    pub last: i32,
    /// The applicant's commune.
    pub commune: &'static Area,
    /// Name and title of whoever agreed to the proposal, as decisions bear them.
    pub signer: Option<String>,
}

/// Takes steps now, in the system. The same key again changes nothing. What cannot be done is refused
/// row by row, rows counted from 1 in the order asked; the rest is done, all in one transaction.
///
/// # Errors
/// [`ApplyError`]: nothing was done.
pub async fn act(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    key: Uuid,
    asks: &[Ask],
) -> Result<Applied, ApplyError> {
    run(pool, actor, clock, (key, asks), true).await
}

/// What [`act`] would do, and refuse; nothing is changed.
///
/// # Errors
/// [`ApplyError`].
pub async fn preview(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    key: Uuid,
    asks: &[Ask],
) -> Result<Applied, ApplyError> {
    run(pool, actor, clock, (key, asks), false).await
}

async fn run(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    (key, asks): (Uuid, &[Ask]),
    keep: bool,
) -> Result<Applied, ApplyError> {
    let at = clock.now();
    let unknown = unknown_holders(pool, asks).await?;
    let row = |(row, ask): (u64, &Ask)| match &ask.step {
        Step::Assigned { holder } if unknown.contains(holder) => Err(Refusal::new(
            row,
            "holder",
            "no_such_user",
            "không có người dùng với tên đăng nhập này",
        )),
        step => match checked(step) {
            Err(fault) => Err(fault.in_row(row, None)),
            Ok(()) => Ok(Submitted {
                row,
                event: Event {
                    event_id: Uuid::new_v5(&key, ask.dossier.as_bytes()),
                    dossier: ask.dossier.clone(),
                    at,
                    online: true,
                    step: step.clone(),
                },
            }),
        },
    };
    let (mut rows, mut refused) = (Vec::with_capacity(asks.len()), Vec::new());
    for asked in (1..).zip(asks).map(row) {
        match asked {
            Ok(row) => rows.push(row),
            Err(refusal) => refused.push(refusal),
        }
    }
    let seen = asks.iter().map(|ask| (ask.dossier.as_str(), ask.seen));
    let seen: HashMap<&str, i32> = seen.collect();
    let mut applied = apply::apply_seen(pool, actor, clock, &rows, (&seen, keep)).await?;
    applied.refused.extend(refused);
    Ok(applied)
}

/// Whether the words of a step can be; a decision may leave its number to the book.
fn checked(step: &Step) -> Result<(), Fault> {
    let mut step = step.clone();
    if step.wants_number() {
        step.put_number("…");
    }
    step.check()
}

/// The holders to be assigned who are no users.
async fn unknown_holders(pool: &PgPool, asks: &[Ask]) -> sqlx::Result<HashSet<String>> {
    let holders = asks.iter().filter_map(|ask| match &ask.step {
        Step::Assigned { holder } => Some(holder.clone()),
        _ => None,
    });
    let mut unknown: HashSet<String> = holders.collect();
    let known = access::user::known(pool, unknown.iter().cloned().collect()).await?;
    for name in known {
        unknown.remove(&name);
    }
    Ok(unknown)
}

/// The number of the last step of each dossier, in the order asked; 0 of one that is not there. For whoever
/// acts on dossiers as they stand.
///
/// # Errors
/// Those of the database, and [`Refused::Denied`] for whoever looks at dossiers nowhere.
pub async fn seen(pool: &PgPool, actor: &Actor, codes: &[String]) -> Result<Vec<i32>, Refused> {
    if actor.areas_of(READERS).next().is_none() {
        access::require(actor, READERS, "")?;
    }
    let last = sqlx::query_scalar!(
        r#"select coalesce(last_seq, 0) as "last!"
           from unnest($1::text[]) with ordinality as asked (code, at)
                left join dossier_state s using (code) order by at"#,
        codes
    )
    .fetch_all(pool)
    .await?;
    Ok(last)
}

/// The decisions on what the leader agreed with, of many dossiers, signed on a day; their numbers are left
/// to the number book. Of a dossier that does not wait for its number there is none. Who may decide is
/// asked by [`act`].
///
/// # Errors
/// Those of the database.
pub async fn decisions(
    pool: &PgPool,
    codes: &[String],
    date: Date,
) -> sqlx::Result<HashMap<String, Outcome>> {
    let rows = sqlx::query!(
        r#"select d.code, p.body as "proposed!: sqlx::types::Json<Step>",
                  case when a.online then a.recorded_by else a.body ->> 'by' end as agreed_by
           from dossier d join dossier_state using (dossier_id)
                join lateral (select seq, body from dossier_step s
                              where s.dossier_id = d.dossier_id and kind = 'proposed'
                              order by seq desc limit 1) p on true
                join lateral (select online, recorded_by, body from dossier_step s
                              where s.dossier_id = d.dossier_id and kind = 'agreed' and s.seq > p.seq
                              order by seq desc limit 1) a on true
           where d.code = any($1) and waiting = 'number'"#,
        codes
    )
    .fetch_all(pool)
    .await?;
    let names: Vec<String> = rows
        .iter()
        .filter_map(|row| row.agreed_by.clone())
        .collect();
    let written = access::user::all_written(pool, &names).await?;
    let decided = rows.into_iter().filter_map(|row| {
        let Step::Proposed(proposal) = row.proposed.0 else {
            return None;
        };
        let signed_by = row
            .agreed_by
            .map(|name| written.get(&name).cloned().unwrap_or(name));
        let decision = Decision {
            number: String::new(),
            date,
            signed_by,
        };
        Some((row.code, proposal.decided(decision)))
    });
    Ok(decided.collect())
}

/// Where the dossier stands.
///
/// # Errors
/// [`Refused::Unknown`] also for whoever may not look at dossiers of its commune.
pub async fn standing(pool: &PgPool, actor: &Actor, code: &str) -> Result<Standing, Refused> {
    let mut db = pool.acquire().await?;
    let unknown = || Refused::Unknown(code.to_owned());
    let found = apply::recorded(&mut db, code).await;
    let found = found.map_err(|error| Refused::Inconsistent(error.to_string()))?;
    let (home, course, last) = found.ok_or_else(unknown)?;
    let commune = Areas::embedded().get(&home.0, home.1).ok_or_else(unknown)?;
    let signer = match course.agreed_by() {
        // Who agreed on paper is written as they are called.
        Some(name) => access::user::written(&mut *db, name)
            .await?
            .or(Some(name.to_owned())),
        None => None,
    };
    match holds_in(actor, READERS, commune) {
        true => Ok(Standing {
            course,
            last,
            commune,
            signer,
        }),
        false => Err(unknown()),
    }
}

impl Standing {
    /// Codes of the steps the actor may take now, in the order of the work.
    pub fn choices(&self, actor: &Actor, now: Timestamp) -> Vec<&'static str> {
        let may = |step: &Step| holds_in(actor, rights::roles(step, true), self.commune);
        let manner = Manner {
            online: true,
            recorded_by: &actor.name,
        };
        let lawful = |step: &Step| {
            self.course.demands(step).is_ok()
                && self.course.clone().follow(step, now, manner).is_ok()
        };
        let steps = self.examples(vietnam_time(now).date());
        let chosen = steps.iter().filter(|step| may(step) && lawful(step));
        chosen.map(Step::code).collect()
    }

    /// One step of each kind an office takes, as it would be lawful if any of the kind is.
    fn examples(&self, today: Date) -> Vec<Step> {
        let words = || "…".to_owned();
        let stage = self.course.stage();
        let decision = Decision {
            number: words(),
            date: today,
            signed_by: None,
        };
        let proposed = self.course.proposal();
        let mut steps = vec![
            Step::Received {},
            Step::NotAccepted { reason: words() },
            Step::TakenUp { holder: words() },
            Step::Assigned { holder: words() },
            Step::Complained { reason: words() },
            Step::ComplaintConcluded {
                outcome: Conclusion::Dismissed,
                reason: words(),
            },
            Step::StageDone {
                stage: stage.map(|stage| stage.code.clone()).unwrap_or_default(),
            },
            Step::SupplementAsked {
                papers: vec![words()],
                reason: words(),
            },
            Step::Supplemented { papers: Vec::new() },
            Step::CompletedByHand {
                papers: vec![words()],
            },
            Step::Proposed(Proposal::Refused {
                condition: words(),
                law: words(),
                by: None,
            }),
            Step::Agreed { by: None },
            Step::SentBack { reason: words() },
            Step::WithdrawalAsked { reason: words() },
            Step::Stopped { reason: words() },
            Step::ResultReturned {},
        ];
        if let Some(proposal) = proposed {
            let outcome = proposal.decided(decision);
            steps.push(Step::Decided(outcome));
        }
        if let Some(to) = self.posting_until(today) {
            steps.insert(4, Step::Posted { from: today, to });
        }
        if let Some(due_on) = self.next_due(today) {
            let reason = words();
            steps.push(Step::Extended { due_on, reason });
        }
        steps
    }

    /// The earliest last day of a posting that begins today.
    pub fn posting_until(&self, today: Date) -> Option<Date> {
        let days = self.course.stage()?.posting?;
        let free = !kernel::holiday::is_working_day(today);
        crate::deadline::last_day(today, days.saturating_sub(u16::from(!free)), &[])
    }

    /// The earliest day that could be appointed anew.
    pub fn next_due(&self, today: Date) -> Option<Date> {
        crate::deadline::last_day(self.course.due_on()?.max(today), 1, &[])
    }

    /// The decision on what the leader agreed with, as the records office numbers it; with an empty
    /// number [`act`] gives it the next one of the number book.
    pub fn decided(&self, number: &str, date: Date) -> Option<Outcome> {
        let signed_by = self.signer.clone();
        Some(self.course.proposal()?.decided(Decision {
            number: number.to_owned(),
            date,
            signed_by,
        }))
    }
}
