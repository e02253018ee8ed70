//! What approved lists hold, month by month, in runs of equal months.

use std::collections::HashMap;

use kernel::{Coefficient, Dong, PersonId};
use law::Benefit;
use registry::copy::{CopyReader, CopyRow};
use registry::roll::{Case, Communes, Merged};
use sqlx::{PgConnection, PgPool};

use crate::header::month_of;
use crate::together::{continues, together};
use crate::{Header, ListedRun, Refused, Scope};

/// Adds the lines of a list being approved to what is listed.
///
/// One regular line that continues last month's run lengthens it; one that continues nothing is a
/// run of its own. Every other person and benefit is laid out month by month, the lines are added
/// to their months, and equal months are joined to runs again. Money carried over is not added:
/// it is already there.
///
/// What a line is to the runs is looked up line by line and kept beside it: of a list just written the
/// database knows no numbers yet, and joined with itself it would be gone through line times line.
///
/// # Errors
/// Those of the database.
pub(crate) async fn hold(tx: &mut PgConnection, list: &Header) -> Result<(), Refused> {
    sqlx::query!("set local work_mem = '64MB'")
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        r#"with lines as materialized (
               select person_id, benefit, kind, for_month, amount, coefficient, standard, line_no,
                      count(*) over of_benefit = 1 and kind = 1 as alone
               from list_line where list_month = $1 and list_id = $2 and kind <> 4
               window of_benefit as (partition by person_id, benefit)),
           seen as materialized (
               select lines.*,
                      alone and not exists (
                          select from listed held
                          where held.person_id = lines.person_id and held.benefit = lines.benefit
                            and held.from_month <= $1 and held.to_month >= $1) as plain,
                      (select run.from_month from listed run
                       where run.person_id = lines.person_id and run.benefit = lines.benefit
                         and run.to_month = $3 and not run.opening
                         and run.amount = lines.amount and run.coefficient = lines.coefficient
                         and run.standard = lines.standard) as continued
               from lines),
           lengthened as (
               update listed set to_month = $1
               from seen
               where seen.plain and listed.person_id = seen.person_id
                 and listed.benefit = seen.benefit and listed.from_month = seen.continued),
           taken_out as (
               delete from listed using (
                   select distinct person_id, benefit from seen where not plain) touched
               where listed.person_id = touched.person_id and listed.benefit = touched.benefit
               returning listed.*),
           parts as (
               select person_id, benefit, number, amount, coefficient, standard, opening,
                      0::smallint as line_no
               from taken_out, generate_series(
                   from_month / 100 * 12 + from_month % 100 - 1,
                   to_month / 100 * 12 + to_month % 100 - 1) as number
               union all
               select person_id, benefit, for_month / 100 * 12 + for_month % 100 - 1, amount,
                      coefficient, standard, false, line_no
               from seen where not plain),
           months as (
               select person_id, benefit, number, sum(amount)::bigint as amount,
                      (array_agg(coefficient order by line_no desc))[1] as coefficient,
                      (array_agg(standard order by line_no desc))[1] as standard,
                      bool_and(opening) as opening
               from parts group by person_id, benefit, number having sum(amount) <> 0),
           islands as (
               select *, number - row_number() over (
                   partition by person_id, benefit, amount, coefficient, standard, opening
                   order by number) as island
               from months)
           insert into listed (person_id, benefit, from_month, to_month, amount, coefficient,
                               standard, opening)
           select person_id, benefit, min(number) / 12 * 100 + min(number) % 12 + 1,
                  max(number) / 12 * 100 + max(number) % 12 + 1, amount, coefficient, standard,
                  opening
           from islands
           group by person_id, benefit, amount, coefficient, standard, opening, island
           union all
           select person_id, benefit, $1, $1, amount, coefficient, standard, false
           from seen where plain and continued is null"#,
        list.month.yyyymm(),
        list.list_id.0,
        list.month.previous().yyyymm()
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Runs on their way out of the database, person by person.
pub(crate) struct ListedRuns {
    rows: CopyReader<'static>,
    next: Option<(PersonId, ListedRun)>,
    /// What is listed for merged records, by the person they were merged into.
    given: HashMap<PersonId, Vec<ListedRun>>,
}

impl ListedRuns {
    /// What is listed now.
    pub(crate) async fn now(
        pool: &PgPool,
        scope: &Scope,
        merged: &Merged,
    ) -> Result<ListedRuns, Refused> {
        let everybody = scope.condition("person_id");
        let statement = |people: &str| {
            format!(
                "copy (select person_id, benefit, from_month, to_month, amount, coefficient,
                              standard, opening
                       from listed where {people} order by person_id, benefit, from_month)
                 to stdout (format binary)"
            )
        };
        ListedRuns::begin(pool, &everybody, merged, statement).await
    }

    /// What was listed after an approval and before the next, worked out again from the lines of
    /// the lists approved by then and from openings. Read for everybody ever said to live in the
    /// communes: that they did may have been cancelled since.
    pub(crate) async fn after(
        pool: &PgPool,
        communes: &Communes,
        merged: &Merged,
        approval: i64,
    ) -> Result<ListedRuns, Refused> {
        // The number goes into the text because COPY takes no parameters.
        let everybody = communes.condition_in_events();
        let statement = |people: &str| {
            format!(
            "copy (
                 with parts as (
                     select person_id, benefit, for_month / 100 * 12 + for_month % 100 - 1 as number,
                            amount, coefficient, standard, false as opening, approval_no, line_no
                     from list_line join payment_list using (list_id)
                     where approval_no <= {approval} and kind <> 4 and {people}
                     union all
                     select person_id, benefit, number, amount, coefficient, standard, true,
                            opening_no, 0
                     from opening_run, generate_series(
                         from_month / 100 * 12 + from_month % 100 - 1,
                         to_month / 100 * 12 + to_month % 100 - 1) as number
                     where opening_no <= {approval} and {people}),
                 months as (
                     select person_id, benefit, number, sum(amount)::bigint as amount,
                            (array_agg(coefficient order by approval_no desc, line_no desc))[1]
                                as coefficient,
                            (array_agg(standard order by approval_no desc, line_no desc))[1]
                                as standard,
                            bool_and(opening) as opening
                     from parts group by person_id, benefit, number having sum(amount) <> 0)
                 select person_id, benefit, number / 12 * 100 + number % 12 + 1,
                        number / 12 * 100 + number % 12 + 1, amount, coefficient, standard, opening
                 from months order by person_id, benefit, number)
             to stdout (format binary)"
            )
        };
        ListedRuns::begin(pool, &everybody, merged, statement).await
    }

    async fn begin(
        pool: &PgPool,
        everybody: &str,
        merged: &Merged,
        statement: impl Fn(&str) -> String,
    ) -> Result<ListedRuns, Refused> {
        let given = given(pool, merged, &statement).await?;
        let rows = CopyReader::of_pool(pool, &statement(everybody)).await?;
        let mut runs = ListedRuns {
            rows,
            next: None,
            given,
        };
        runs.advance().await?;
        Ok(runs)
    }

    /// Replaces `found` by the runs of a person, equal months next to each other joined: of all
    /// their records together, and none for a merged record. People are asked for in ascending
    /// order.
    pub(crate) async fn of(
        &mut self,
        case: &Case,
        found: &mut Vec<ListedRun>,
    ) -> Result<(), Refused> {
        let person = case.id;
        found.clear();
        while let Some((of, run)) = self.next {
            if of > person {
                break;
            }
            if of == person {
                match found.last_mut() {
                    Some(last) if continues(last, &run) => last.to = run.to,
                    _ => found.push(run),
                }
            }
            self.advance().await?;
        }
        if case.merged_into.is_some() {
            found.clear();
        } else if let Some(given) = self.given.get(&person) {
            found.extend_from_slice(given);
            *found = together(found);
        }
        Ok(())
    }

    async fn advance(&mut self) -> Result<(), Refused> {
        self.next = match self.rows.next().await? {
            None => None,
            Some(mut row) => Some((PersonId(row.i64()?), read_run(&mut row)?)),
        };
        Ok(())
    }
}

/// What is listed for merged records.
async fn given(
    pool: &PgPool,
    merged: &Merged,
    statement: impl Fn(&str) -> String,
) -> Result<HashMap<PersonId, Vec<ListedRun>>, Refused> {
    let mut given: HashMap<PersonId, Vec<ListedRun>> = HashMap::new();
    if merged.is_empty() {
        return Ok(given);
    }
    let records: Vec<String> = merged.keys().map(PersonId::to_string).collect();
    let these = format!("person_id in ({})", records.join(","));
    let mut rows = CopyReader::of_pool(pool, &statement(&these)).await?;
    while let Some(mut row) = rows.next().await? {
        let record = PersonId(row.i64()?);
        if let Some(kept) = merged.get(&record) {
            given.entry(*kept).or_default().push(read_run(&mut row)?);
        }
    }
    Ok(given)
}

fn read_run(row: &mut CopyRow) -> Result<ListedRun, Refused> {
    Ok(ListedRun {
        benefit: benefit_of(row.i16()?)?,
        from: month_of(row.i32()?)?,
        to: month_of(row.i32()?)?,
        amount: Dong(row.i64()?),
        coefficient: coefficient_of(row.i16()?),
        standard: Dong(i64::from(row.i32()?)),
        opening: row.opt_bool()?.unwrap_or_default(),
    })
}

/// A benefit as the database keeps it.
pub(crate) fn benefit_of(number: i16) -> Result<Benefit, Refused> {
    Benefit::from_number(number)
        .ok_or_else(|| Refused::Inconsistent(format!("no benefit has the number {number}")))
}

/// A coefficient as the database keeps it, in tenths.
pub(crate) fn coefficient_of(tenths: i16) -> Coefficient {
    Coefficient::from_tenths(u16::try_from(tenths).unwrap_or_default())
}
