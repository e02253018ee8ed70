//! The balance of a month as pages show it: worked out once, after the list is made or when it is
//! first looked at, and kept while the lists and what they are compared with stand.

use std::collections::BTreeMap;

use jiff_sqlx::ToSqlx;
use kernel::{Actor, Dong, Month, PersonId};
use law::Benefit;
use registry::copy::CopyWriter;
use serde::{Deserialize, Serialize};

use crate::changes::{Basis, CauseTotal, Change, Changes, Ground, Total, compare_all};
use crate::header::month_of;
use crate::listed::benefit_of;
use crate::show::READERS;
use crate::upcoming::look_ahead;
use crate::{Cause, Office, Refused, Scope};

/// A month against the one before, and what the next will change.
#[derive(Clone, Debug)]
pub struct Balance {
    /// Totals and causes.
    pub changes: Changes,
    /// What the month after changes by time and law alone, from what the list knew.
    pub upcoming: Vec<Ahead>,
    /// Its number; none when a list was made again while it was worked out.
    number: Option<i64>,
}

/// What next month changes, for one benefit and cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// Why.
    pub cause: Option<Cause>,
    /// Which benefit.
    pub benefit: Benefit,
    /// People.
    pub people: i64,
    /// More or less money, đồng.
    pub amount: Dong,
}

/// The balance of the month in the area. The first time after the lists changed it is worked out,
/// which reads everybody there.
///
/// # Errors
/// [`Refused::NoList`], [`Refused::UnknownArea`], [`Refused::Denied`], those of the database.
pub async fn balance(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Balance, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, READERS, &scope.area)?;
    let ground = Ground::of(office, &scope).await?;
    match find(office, &scope, &ground).await? {
        Some(found) => Ok(found),
        None => work_out(office, scope, &ground).await,
    }
}

/// Works out the balances of the newest month's lists that were made without one, so that the first
/// look has them, and says how many. Shows nothing to anybody and so asks for no role.
///
/// # Errors
/// Those of the database.
pub async fn prepare(office: &Office<'_>) -> Result<usize, Refused> {
    let waiting = sqlx::query!(
        "select month, area_code from payment_list list
         where month = (select max(month) from payment_list)
           and not exists (select from balance kept
                           where kept.month = list.month and kept.area_code = list.area_code
                             and list.list_id = any(kept.lists))
         order by made_at desc"
    )
    .fetch_all(office.pool)
    .await?;
    let mut prepared = 0;
    for list in waiting {
        let scope = Scope::of(&list.area_code, month_of(list.month)?)?;
        let ground = Ground::of(office, &scope).await?;
        prepared += usize::from(work_out(office, scope, &ground).await?.number.is_some());
    }
    Ok(prepared)
}

/// A page of the people behind a cause (`None`: unexplained), by person, and how many there are.
///
/// # Errors
/// Those of the database.
pub async fn behind(
    office: &Office<'_>,
    balance: &Balance,
    cause: Option<Cause>,
    (offset, limit): (i64, i64),
) -> Result<(Vec<Change>, i64), Refused> {
    let code = cause.map_or("", Cause::code);
    let count = sqlx::query_scalar!(
        r#"select coalesce(max(change_no), 0)::bigint as "count!" from balance_change
           where balance_no = $1 and cause = $2"#,
        balance.number,
        code
    )
    .fetch_one(office.pool)
    .await?;
    let rows = sqlx::query!(
        "select person_id, person_key, benefit, people, amount from balance_change
         where balance_no = $1 and cause = $2 and change_no > $3::bigint and change_no <= $3::bigint + $4::bigint
         order by change_no",
        balance.number,
        code,
        offset,
        limit
    )
    .fetch_all(office.pool)
    .await?;
    let changes = rows.into_iter().map(|row| {
        Ok(Change {
            person: row.person_key,
            cause,
            benefit: benefit_of(row.benefit)?,
            people: i64::from(row.people),
            amount: Dong(row.amount),
            person_id: PersonId(row.person_id),
        })
    });
    Ok((changes.collect::<Result<_, Refused>>()?, count))
}

/// The part of a balance that is kept as one value.
#[derive(Serialize, Deserialize)]
struct Body {
    against: Option<Month>,
    before: Total,
    now: Total,
    unexplained: Total,
    unexplained_people: i64,
    recovery: Total,
    causes: Vec<(Cause, i64, Total)>,
    upcoming: Vec<(Option<Cause>, i16, Total)>,
}

async fn find(
    office: &Office<'_>,
    scope: &Scope,
    ground: &Ground,
) -> Result<Option<Balance>, Refused> {
    let row = sqlx::query!(
        "select balance_no, body from balance
         where month = $1 and area_code = $2 and lists = $3 and stands_on = $4
         order by balance_no desc limit 1",
        scope.month.yyyymm(),
        scope.area,
        &ground.list_ids(),
        ground.stands_on()
    )
    .fetch_optional(office.pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    // What an earlier program kept in another shape is worked out again.
    let Ok(body) = serde_json::from_value::<Body>(row.body) else {
        return Ok(None);
    };
    let cause = |(cause, touched, change): (Cause, i64, Total)| CauseTotal {
        cause,
        label: cause.vietnamese(),
        touched,
        change,
    };
    let mut upcoming = Vec::with_capacity(body.upcoming.len());
    for (cause, benefit, total) in body.upcoming {
        upcoming.push(Ahead {
            cause,
            benefit: benefit_of(benefit)?,
            people: total.people,
            amount: total.amount,
        });
    }
    Ok(Some(Balance {
        changes: Changes {
            month: scope.month,
            area: scope.area.clone(),
            against: body.against,
            before: body.before,
            causes: body.causes.into_iter().map(cause).collect(),
            now: body.now,
            unexplained: body.unexplained,
            unexplained_people: body.unexplained_people,
            recovery: body.recovery,
        },
        upcoming,
        number: Some(row.balance_no),
    }))
}

async fn work_out(office: &Office<'_>, scope: Scope, ground: &Ground) -> Result<Balance, Refused> {
    let basis = Basis::of(office, ground).await?;
    let mut people = Vec::new();
    let changes = compare_all(office, &scope, &basis, |change| {
        people.push(change);
        Ok::<_, Refused>(())
    })
    .await?;
    let mut sums: BTreeMap<(Option<Cause>, Benefit), Total> = BTreeMap::new();
    look_ahead(office, &scope, basis.known, ground.law_as_of(), |one| {
        let sum = sums.entry((one.cause, one.benefit)).or_default();
        sum.people += 1;
        sum.amount += one.next_amount - one.amount;
        Ok::<_, Refused>(())
    })
    .await?;
    let upcoming = sums.into_iter().map(|((cause, benefit), sum)| Ahead {
        cause,
        benefit,
        people: sum.people,
        amount: sum.amount,
    });
    let mut balance = Balance {
        changes,
        upcoming: upcoming.collect(),
        number: None,
    };
    let still = Ground::of(office, &scope).await?;
    if still.list_ids() == ground.list_ids() && still.stands_on() == ground.stands_on() {
        balance.number = Some(keep(office, &balance, ground, people).await?);
    }
    Ok(balance)
}

impl Body {
    fn of(balance: &Balance) -> Body {
        let Changes {
            against,
            before,
            now,
            unexplained,
            unexplained_people,
            recovery,
            ..
        } = balance.changes;
        let causes = balance.changes.causes.iter();
        let upcoming = balance.upcoming.iter().map(|ahead| {
            let total = Total {
                people: ahead.people,
                amount: ahead.amount,
            };
            (ahead.cause, ahead.benefit.number(), total)
        });
        Body {
            against,
            before,
            now,
            unexplained,
            unexplained_people,
            recovery,
            causes: causes.map(|it| (it.cause, it.touched, it.change)).collect(),
            upcoming: upcoming.collect(),
        }
    }
}

/// Keeps a balance in place of the area's earlier ones and of those about lists that are gone.
async fn keep(
    office: &Office<'_>,
    balance: &Balance,
    ground: &Ground,
    mut people: Vec<Change>,
) -> Result<i64, Refused> {
    let Changes {
        month, ref area, ..
    } = balance.changes;
    let body = serde_json::to_value(Body::of(balance))
        .map_err(|error| Refused::Inconsistent(error.to_string()))?;
    let mut tx = office.pool.begin().await?;
    sqlx::query!(
        "delete from balance b
         where month = $1
           and (area_code = $2
                or exists (select from unnest(b.lists) as gone
                           where gone not in (select list_id from payment_list where month = $1)))",
        month.yyyymm(),
        area
    )
    .execute(&mut *tx)
    .await?;
    let number = sqlx::query_scalar!(
        "insert into balance (month, area_code, lists, stands_on, worked_out_at, body)
         values ($1, $2, $3, $4, $5, $6) returning balance_no",
        month.yyyymm(),
        area,
        &ground.list_ids(),
        ground.stands_on(),
        office.clock.now().to_sqlx() as _,
        body
    )
    .fetch_one(&mut *tx)
    .await?;
    // Among equal causes the order of people stays.
    people.sort_by_key(|change| change.cause);
    let statement = "copy balance_change (balance_no, cause, change_no, person_id, person_key, \
        benefit, people, amount) from stdin (format binary)";
    let mut rows = CopyWriter::begin(&mut tx, statement).await?;
    for of_cause in people.chunk_by(|one, other| one.cause == other.cause) {
        for (number_in_cause, change) in (1..).zip(of_cause) {
            rows.row().await?;
            rows.put_i64(number);
            rows.put_str(change.cause.map_or("", Cause::code));
            rows.put_i32(number_in_cause);
            rows.put_i64(change.person_id.0);
            rows.put_str(&change.person);
            rows.put_i16(change.benefit.number());
            rows.put_i16(i16::try_from(change.people).unwrap_or_default());
            rows.put_i64(change.amount.0);
        }
    }
    rows.finish().await?;
    tx.commit().await?;
    Ok(number)
}
