//! Making a month's list: read everybody once, work out the difference, write the lines.

use std::collections::HashSet;

use access::audit::Action;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, ListId, Month, PersonId};
use registry::copy::CopyWriter;
use registry::roll::{Communes, Cut, Known, Roll};
use serde_json::json;
use sqlx::PgConnection;

use crate::approve::refuse_after_later_month;
use crate::carried::{Through, Uncollected};
use crate::fingerprint::Inputs;
use crate::listed::ListedRuns;
use crate::news::Newspaper;
use crate::office::{hold_events, hold_results, last_approval, lock_for_making, not_too_far};
use crate::partition::Target;
use crate::reckoning::Reckoner;
use crate::store::{Recipient, Tally, append};
use crate::{Header, ListedRun, Office, Refused, Scope, header};

/// What making a list came to.
#[derive(Clone, Debug)]
pub struct Made {
    /// The draft.
    pub header: Header,
    /// People of the area who are already on another list of the month and were left out.
    pub left_out: u64,
    /// Earlier months of the area whose lists are not approved: their money comes as arrears.
    pub not_approved: Vec<Month>,
}

/// Makes the draft of a month and area, or makes it again. One transaction: killed at any point,
/// the database holds the old draft or the new one.
///
/// While it runs no events are recorded and nothing is approved. Earlier months that are not
/// approved are not refused: what they would have paid comes as arrears.
///
/// # Errors
/// [`Refused::AlreadyApproved`], [`Refused::LaterMonthApproved`], [`Refused::UnknownArea`],
/// [`Refused::TooFarAhead`], [`Refused::Denied`].
pub async fn make(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Made, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, &[Role::ListMaker], &scope.area)?;
    not_too_far(month, office.clock)?;
    let mut tx = office.pool.begin().await?;
    lock_for_making(&mut tx, month).await?;
    let same_month = header::overlapping(&mut *tx, &scope).await?;
    refuse_approved(&scope, &same_month)?;
    refuse_after_later_month(&mut tx, &scope).await?;
    let draft = same_month.iter().find(|list| list.area == scope.area);
    let known_through = hold_events(&mut tx).await?;
    let now = office.clock.now();
    let based_on = last_approval(&mut tx).await?;
    let results_through = hold_results(&mut tx).await?;
    let list = new_list_id(&mut tx).await?;
    let elsewhere = on_other_lists(&mut tx, month, draft.map(|draft| draft.list_id)).await?;
    let target = Target::prepare(&mut tx, month, list, draft.map(|draft| draft.list_id)).await?;
    let news = Newspaper::since_last_approval(&mut tx, &scope, based_on, known_through).await?;
    let cut = Cut {
        event_no: known_through,
        recorded_at: now,
    };
    let loading = Loading {
        office,
        scope: &scope,
        list,
        known: Known::at(&mut *tx, cut).await?,
        news: &news,
        through: Through {
            results: results_through,
            approvals: based_on,
        },
        elsewhere: &elsewhere,
    };
    let written = loading.write(&mut tx, &target).await?;
    target.put_in_place(&mut tx).await?;
    if let Some(draft) = draft {
        remove(&mut tx, draft).await?;
    }
    let head = Head {
        list,
        known_through,
        based_on,
        results_through,
        now,
    };
    insert(office, actor, &mut tx, &scope, &head, &written).await?;
    write_left_out(&mut tx, list, &written.left_out).await?;
    let made = Made {
        header: header::find(&mut *tx, month, &scope.area)
            .await?
            .ok_or_else(|| Refused::Inconsistent("the list just made is gone".to_owned()))?,
        left_out: written.left_out.len() as u64,
        not_approved: not_approved(&mut tx, &scope).await?,
    };
    let detail = json!({ "month": month, "people": made.header.people,
        "payable": made.header.payable, "left_out": made.left_out });
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::ListMake,
        &list.to_string(),
        Some(&scope.area),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(made)
}

/// Refuses when the area's own list of the month, or one around it, is approved.
fn refuse_approved(scope: &Scope, same_month: &[Header]) -> Result<(), Refused> {
    for list in same_month.iter().filter(|list| list.is_approved()) {
        if list.scope()?.covers(scope) {
            return Err(Refused::AlreadyApproved {
                month: list.month,
                area: list.area.clone(),
            });
        }
    }
    Ok(())
}

async fn new_list_id(tx: &mut PgConnection) -> sqlx::Result<ListId> {
    sqlx::query_scalar!(r#"select nextval('list_id') as "id!""#)
        .fetch_one(tx)
        .await
        .map(ListId)
}

/// People with lines on other lists of the month, under any of their records.
async fn on_other_lists(
    tx: &mut PgConnection,
    month: Month,
    draft: Option<ListId>,
) -> sqlx::Result<HashSet<PersonId>> {
    let people = sqlx::query_scalar!(
        r#"with there as (
               select person_id from list_line
               where list_month = $1 and line_no = 1 and list_id is distinct from $2)
           select person_id as "person_id!" from there
           union
           select merged_into from person join there using (person_id)
           where merged_into is not null"#,
        month.yyyymm(),
        draft.map(|draft| draft.0)
    )
    .fetch_all(tx)
    .await?;
    Ok(people.into_iter().map(PersonId).collect())
}

/// What writing the lines came to.
struct Written {
    tally: Tally,
    inputs: Vec<u8>,
    left_out: Vec<PersonId>,
}

/// Everything the lines are worked out from.
struct Loading<'a> {
    office: &'a Office<'a>,
    scope: &'a Scope,
    list: ListId,
    known: Known,
    news: &'a Newspaper,
    through: Through,
    elsewhere: &'a HashSet<PersonId>,
}

impl Loading<'_> {
    async fn write(&self, tx: &mut PgConnection, target: &Target) -> Result<Written, Refused> {
        let (pool, month) = (self.office.pool, self.scope.month);
        let in_force = self.office.law.in_force(self.office.clock.today());
        let communes = Communes::of(&self.scope.area, month);
        let mut cases = Roll::open(pool, &communes, month, self.known).await?;
        let merged = cases.merged();
        let mut runs = ListedRuns::now(pool, self.scope, merged).await?;
        let uncollected = Uncollected::known(&mut *tx, month, self.through, merged).await?;
        let mut rows = CopyWriter::begin(tx, &target.copy_statement()).await?;
        let mut reckoner = Reckoner::new(&in_force, month, &uncollected);
        let (mut inputs, mut tally) = (Inputs::default(), Tally::default());
        let mut listed: Vec<ListedRun> = Vec::new();
        let mut left_out = Vec::new();
        while let Some(case) = cases.next().await? {
            runs.of(case, &mut listed).await?;
            if self.elsewhere.contains(&case.id) {
                inputs.leave_out(case.id);
                left_out.push(case.id);
                continue;
            }
            inputs.add(case.id, &case.person, &listed);
            let lines = reckoner.lines(case.id, &case.person, &listed, || self.news.of(case.id));
            let to = Recipient::of(case);
            tally.add(&to, lines);
            append(&mut rows, self.list, month, &to, lines).await?;
        }
        rows.finish().await?;
        Ok(Written {
            tally,
            inputs: inputs.fingerprint(),
            left_out,
        })
    }
}

async fn write_left_out(
    tx: &mut PgConnection,
    list: ListId,
    people: &[PersonId],
) -> Result<(), Refused> {
    let statement = "copy list_left_out (list_id, person_id) from stdin (format binary)";
    let mut rows = CopyWriter::begin(tx, statement).await?;
    for person in people {
        rows.row().await?;
        rows.put_i64(list.0);
        rows.put_i64(person.0);
    }
    rows.finish().await?;
    Ok(())
}

async fn remove(tx: &mut PgConnection, draft: &Header) -> Result<(), Refused> {
    let removed = sqlx::query!(
        "delete from payment_list where list_id = $1 and approved_at is null",
        draft.list_id.0
    )
    .execute(tx)
    .await?;
    match removed.rows_affected() {
        1 => Ok(()),
        other => Err(Refused::Inconsistent(format!("{other} drafts replaced"))),
    }
}

/// What the list knew.
struct Head {
    list: ListId,
    known_through: i64,
    based_on: i64,
    results_through: i64,
    now: Timestamp,
}

async fn insert(
    office: &Office<'_>,
    actor: &Actor,
    tx: &mut PgConnection,
    scope: &Scope,
    head: &Head,
    written: &Written,
) -> Result<(), Refused> {
    let tally = &written.tally;
    let law_fingerprint = &office.law.fingerprint()[..];
    sqlx::query!(
        "insert into payment_list (list_id, month, area_code, made_by, made_at, known_through,
             based_on, law_as_of, law_fingerprint, inputs_fingerprint, lines_fingerprint, people,
             lines, payable, recoverable, results_through)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        head.list.0,
        scope.month.yyyymm(),
        scope.area,
        actor.name,
        head.now.to_sqlx() as _,
        head.known_through,
        head.based_on,
        office.clock.today().to_sqlx() as _,
        law_fingerprint,
        written.inputs,
        tally.fingerprint(),
        tally.people,
        tally.lines,
        tally.payable.0,
        tally.recoverable.0,
        head.results_through
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Months before this one with a draft of the area that nobody approved.
async fn not_approved(tx: &mut PgConnection, scope: &Scope) -> Result<Vec<Month>, Refused> {
    let mut months = Vec::new();
    for list in header::of_months(tx, Month::MIN, scope.month.previous()).await? {
        if !list.is_approved() && list.scope()?.overlaps(scope) && !months.contains(&list.month) {
            months.push(list.month);
        }
    }
    Ok(months)
}
