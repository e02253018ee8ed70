//! Lines of approved lists that no order holds, each with the reason.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Actor, Month};
use serde::Serialize;

use super::candidate::{Candidates, NotOrdered};
use super::make::{OpenSum, add, approved};
use crate::provider::route::Routes;
use crate::{Office, Refused, Scope, show};

/// A line that no order holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenLine {
    /// Name of the line.
    pub line: String,
    /// The caller's key of the person.
    pub person: String,
    /// The person's internal number.
    #[serde(skip)]
    pub person_id: kernel::PersonId,
    /// Đồng.
    pub amount: i64,
    /// Why it cannot be ordered; none: the next order takes it.
    pub reason: Option<NotOrdered>,
    /// Code and first day of the commune.
    #[serde(skip)]
    pub commune: (String, Date),
}

/// Hands every line to `take` that the approved lists of a month pay in an area and no order holds,
/// by person, then number, and sums them up. Judged as if ordered today.
///
/// # Errors
/// As [`super::make()`], and the errors of `take`.
pub async fn open<E: From<Refused>>(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    mut take: impl FnMut(OpenLine) -> Result<(), E>,
) -> Result<Waiting, E> {
    let scope = Scope::of(area, month)?;
    access::require(actor, show::READERS, &scope.area).map_err(Refused::from)?;
    let lists = approved(office, &scope).await?;
    let lists: Vec<_> = lists.iter().map(|list| list.list_id).collect();
    let routes = Routes::of(office, month).await?;
    let pay_on = month.first_day().max(office.clock.today());
    let mut candidates = Candidates::of(office.pool, month, &lists).await?;
    let (mut waiting, mut sums) = (Waiting::default(), BTreeMap::new());
    while let Some(candidate) = candidates.next().await? {
        if !scope.holds(&candidate.commune.0, candidate.commune.1) {
            continue;
        }
        let reason = candidate.judge(pay_on, &routes).err();
        match reason {
            Some(reason) => add(&mut sums, reason, candidate.amount),
            None => {
                waiting.ready_lines += 1;
                waiting.ready_amount += kernel::Dong(candidate.amount);
            }
        }
        take(OpenLine {
            line: show::line_name(month, candidate.person, candidate.line_no),
            reason,
            person: candidate.person_key.to_string(),
            person_id: candidate.person,
            amount: candidate.amount,
            commune: (candidate.commune.0.to_string(), candidate.commune.1),
        })?;
    }
    waiting.open = sums.into_values().collect();
    Ok(waiting)
}

/// What waits to be ordered in an area: what can be, and what cannot with the reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Lines the next order takes.
    pub ready_lines: u64,
    /// Đồng of them.
    pub ready_amount: kernel::Dong,
    /// Lines that cannot be ordered, by reason.
    pub open: Vec<OpenSum>,
}
