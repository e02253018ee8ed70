//! Money of approved lists that did not reach the person and is offered again.

use std::collections::HashMap;

use kernel::{Dong, Month, PersonId};
use law::Spell;
use sqlx::PgConnection;

use crate::header::month_of;
use crate::listed::{benefit_of, coefficient_of};
use crate::{Line, LineKind, Reason, Refused};

/// Lines whose last result is failed, returned or not collected, and which no approved list has
/// carried yet, by person.
#[derive(Debug, Default)]
pub(crate) struct Uncollected(HashMap<PersonId, Vec<Line>>);

impl Uncollected {
    /// As known through a result and an approval, for the list of a month.
    pub(crate) async fn known(
        tx: &mut PgConnection,
        month: Month,
        results_through: i64,
        based_on: i64,
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
                       and again.carries_month = l.list_month
                       and again.carries_line_no = l.line_no and sealed.approval_no <= $3)
               order by l.person_id, l.list_month, l.line_no"#,
            month.yyyymm(),
            results_through,
            based_on
        )
        .fetch_all(tx)
        .await?;
        let mut found: HashMap<PersonId, Vec<Line>> = HashMap::new();
        for row in rows {
            found
                .entry(PersonId(row.person_id))
                .or_default()
                .push(Line {
                    benefit: benefit_of(row.benefit)?,
                    kind: LineKind::CarriedOver,
                    for_month: month_of(row.for_month)?,
                    amount: Dong(row.amount),
                    coefficient: coefficient_of(row.coefficient),
                    standard: Dong(i64::from(row.standard)),
                    reason: Some(reason(&row.status)),
                    carries: Some((month_of(row.list_month)?, row.line_no)),
                });
        }
        Ok(Uncollected(found))
    }

    /// What is offered again to a person. Money for a month that is no longer owed is not: it is
    /// owed back, and has come back.
    pub(crate) fn of<'a>(
        &'a self,
        person: PersonId,
        owed: &'a [Spell],
    ) -> impl Iterator<Item = Line> + 'a {
        let lines = self.0.get(&person).into_iter().flatten();
        let still_owed = |line: &&Line| {
            owed.iter().any(|spell| {
                spell.benefit == line.benefit && spell.months().contains(line.for_month)
            })
        };
        lines.filter(still_owed).copied()
    }

    /// Whether nobody has anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn reason(status: &str) -> Reason {
    match status {
        "failed" => Reason::PaymentFailed,
        "returned" => Reason::PaymentReturned,
        _ => Reason::NotCollected,
    }
}
