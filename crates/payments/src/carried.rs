//! Money of approved lists that did not reach the person and is offered again.

use std::collections::{BTreeSet, HashMap};

use kernel::{Dong, Month, PersonId};
use law::{Benefit, Spell};
use registry::roll::Merged;
use sqlx::PgConnection;

use crate::header::month_of;
use crate::listed::{benefit_of, coefficient_of};
use crate::{Carries, Difference, Line, LineKind, Reason, Refused};

/// Up to where results and approvals count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Through {
    /// The last result.
    pub(crate) results: i64,
    /// The last approval.
    pub(crate) approvals: i64,
}

/// Lines whose last result is failed, returned or not collected, and which no approved list has
/// carried yet, by person.
#[derive(Debug, Default)]
pub(crate) struct Uncollected {
    lines: HashMap<PersonId, Vec<Line>>,
    /// People of several records: what approved lists took back from them for each month.
    taken_back: HashMap<PersonId, HashMap<(Benefit, Month), Dong>>,
}

impl Uncollected {
    /// For the list of a month. What did not reach a merged record is offered to the person it was
    /// merged into.
    pub(crate) async fn known(
        tx: &mut PgConnection,
        month: Month,
        through: Through,
        merged: &Merged,
    ) -> Result<Uncollected, Refused> {
        let rows = sqlx::query!(
            r#"with last as (
                   select distinct on (person_id, list_month, line_no)
                          person_id, list_month, line_no, status
                   from payment_result where result_no <= $2
                   order by person_id, list_month, line_no, result_no desc)
               select l.person_id, l.list_month, l.line_no, status, benefit, for_month, l.amount,
                      coefficient, standard
               from last join list_line l using (person_id, list_month, line_no)
                   join payment_list using (list_id)
               where status <> 'paid' and l.list_month < $1 and approval_no <= $3
                 and not exists (
                     select from list_line again join payment_list sealed using (list_id)
                     where again.person_id = l.person_id and again.kind = 4
                       and again.carries_person_id is null
                       and again.carries_month = l.list_month
                       and again.carries_line_no = l.line_no and sealed.approval_no <= $3)
                 and not exists (
                     select from list_line again join payment_list sealed using (list_id)
                     where again.carries_person_id = l.person_id
                       and again.carries_month = l.list_month
                       and again.carries_line_no = l.line_no and sealed.approval_no <= $3)
               order by l.person_id, l.list_month, l.line_no"#,
            month.yyyymm(),
            through.results,
            through.approvals
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut found = Uncollected::default();
        for row in rows {
            let record = PersonId(row.person_id);
            let kept = merged.get(&record).copied();
            let lines = found.lines.entry(kept.unwrap_or(record)).or_default();
            lines.push(Line {
                benefit: benefit_of(row.benefit)?,
                kind: LineKind::CarriedOver,
                for_month: month_of(row.for_month)?,
                amount: Dong(row.amount),
                coefficient: coefficient_of(row.coefficient),
                standard: Dong(i64::from(row.standard)),
                reason: Some(reason(&row.status)),
                carries: Some(Carries {
                    month: month_of(row.list_month)?,
                    line_no: row.line_no,
                    record: kept.is_some().then_some(record),
                }),
            });
        }
        found.take_back(tx, through, merged).await?;
        Ok(found)
    }

    /// Reads what was taken back from people of several records who have something uncollected.
    async fn take_back(
        &mut self,
        tx: &mut PgConnection,
        through: Through,
        merged: &Merged,
    ) -> Result<(), Refused> {
        let kept = merged.values().filter(|kept| self.lines.contains_key(kept));
        let kept: BTreeSet<PersonId> = kept.copied().collect();
        if kept.is_empty() {
            return Ok(());
        }
        let given = merged.iter().filter(|(_, into)| kept.contains(into));
        let mut records: Vec<i64> = given.map(|(record, _)| record.0).collect();
        records.extend(kept.iter().map(|person| person.0));
        let rows = sqlx::query!(
            r#"select person_id, benefit, for_month, sum(-list_line.amount)::bigint as "amount!"
               from list_line join payment_list using (list_id)
               where kind = 3 and person_id = any($1) and approval_no <= $2
               group by person_id, benefit, for_month"#,
            &records,
            through.approvals
        )
        .fetch_all(tx)
        .await?;
        self.taken_back = kept.into_iter().map(|it| (it, HashMap::new())).collect();
        for row in rows {
            let record = PersonId(row.person_id);
            let person = merged.get(&record).copied().unwrap_or(record);
            let months = self.taken_back.entry(person).or_default();
            let month = (benefit_of(row.benefit)?, month_of(row.for_month)?);
            *months.entry(month).or_default() += Dong(row.amount);
        }
        Ok(())
    }

    /// What is offered again to a person. Money for a month that is no longer owed is not: it is
    /// owed back, and has come back. Nor is, of a month paid under two records of one person, the
    /// payment that was taken back, or is by this list (`found`).
    pub(crate) fn of(&self, person: PersonId, owed: &[Spell], found: &[Difference]) -> Vec<Line> {
        let Some(lines) = self.lines.get(&person) else {
            return Vec::new();
        };
        let mut back = self.taken_back.get(&person).cloned();
        for difference in found.iter().filter(|found| found.amount() < Dong::ZERO) {
            if let Some(back) = &mut back {
                let month = (difference.benefit, difference.for_month);
                *back.entry(month).or_default() += Dong::ZERO - difference.amount();
            }
        }
        let mut offered = Vec::new();
        for line in lines {
            let of_month = back
                .as_mut()
                .and_then(|back| back.get_mut(&(line.benefit, line.for_month)));
            if let Some(left) = of_month.filter(|left| **left >= line.amount) {
                *left = *left - line.amount;
            } else if is_owed(owed, line) {
                offered.push(*line);
            }
        }
        offered
    }

    /// Whether nobody has anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

fn is_owed(owed: &[Spell], line: &Line) -> bool {
    owed.iter()
        .any(|spell| spell.benefit == line.benefit && spell.months().contains(line.for_month))
}

fn reason(status: &str) -> Reason {
    match status {
        "failed" => Reason::PaymentFailed,
        "returned" => Reason::PaymentReturned,
        _ => Reason::NotCollected,
    }
}
