//! An approved list in the ledger: what it owes, commune by commune.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::clock::vietnam_time;
use kernel::{Actor, Dong, Month};
use sqlx::PgConnection;

use super::{Account, Entry, EntryKind, Place, Posting, post};
use crate::header::month_of;
use crate::{Header, Refused};

/// Books what a list being approved owes. What it carries over is owed by its month from now on
/// and no longer by the month it comes from.
///
/// # Errors
/// Those of the database.
pub(crate) async fn book(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    list: &Header,
) -> Result<(), Refused> {
    let day = vietnam_time(at).date();
    let postings = owed(&mut *tx, list).await?;
    post(
        tx,
        at,
        actor,
        &entry(list, EntryKind::ListApproved, list.month, day, postings),
    )
    .await?;
    for (month, postings) in carried(&mut *tx, list).await? {
        let entry = entry(list, EntryKind::CarriedOver, month, day, postings);
        post(tx, at, actor, &entry).await?;
    }
    Ok(())
}

fn entry(
    list: &Header,
    kind: EntryKind,
    month: Month,
    day: Date,
    postings: Vec<Posting>,
) -> Entry<'_> {
    Entry {
        kind,
        memo: "",
        area: &list.area,
        list_month: month,
        list: Some(list.list_id),
        order: None,
        day,
        reverses: None,
        postings,
    }
}

fn posting(account: Account, place: &Place, amount: i64) -> Posting {
    Posting {
        account,
        provider: None,
        place: place.clone(),
        amount: Dong(amount),
    }
}

async fn owed(tx: &mut PgConnection, list: &Header) -> Result<Vec<Posting>, Refused> {
    let communes = sqlx::query!(
        r#"select area_code, area_valid_from as "area_valid_from: jiff_sqlx::Date",
                  coalesce(sum(amount) filter (where kind <> 3), 0)::bigint as "owed!",
                  coalesce(sum(amount) filter (where kind = 3), 0)::bigint as "recovery!"
           from list_line where list_month = $1 and list_id = $2
           group by area_code, area_valid_from order by area_code, area_valid_from"#,
        list.month.yyyymm(),
        list.list_id.0
    )
    .fetch_all(tx)
    .await?;
    let parts = communes.into_iter().flat_map(|row| {
        let place = Place {
            area: row.area_code,
            valid_from: row.area_valid_from.to_jiff(),
        };
        [
            posting(Account::Owed, &place, -row.owed),
            posting(Account::Recovery, &place, -row.recovery),
            posting(Account::Budget, &place, row.owed + row.recovery),
        ]
    });
    Ok(parts.collect())
}

/// By the month the money comes from.
async fn carried(
    tx: &mut PgConnection,
    list: &Header,
) -> Result<Vec<(Month, Vec<Posting>)>, Refused> {
    let rows = sqlx::query!(
        r#"select origin.list_month, origin.area_code,
                  origin.area_valid_from as "area_valid_from: jiff_sqlx::Date",
                  sum(line.amount)::bigint as "amount!"
           from list_line line join list_line origin
               on origin.list_month = line.carries_month
              and origin.person_id = coalesce(line.carries_person_id, line.person_id)
              and origin.line_no = line.carries_line_no
           where line.list_month = $1 and line.list_id = $2 and line.kind = 4
           group by origin.list_month, origin.area_code, origin.area_valid_from
           order by origin.list_month, origin.area_code, origin.area_valid_from"#,
        list.month.yyyymm(),
        list.list_id.0
    )
    .fetch_all(tx)
    .await?;
    let mut months: Vec<(Month, Vec<Posting>)> = Vec::new();
    for row in rows {
        let month = month_of(row.list_month)?;
        let place = Place {
            area: row.area_code,
            valid_from: row.area_valid_from.to_jiff(),
        };
        let both = [
            posting(Account::Owed, &place, row.amount),
            posting(Account::Budget, &place, -row.amount),
        ];
        match months.last_mut() {
            Some((last, postings)) if *last == month => postings.extend(both),
            _ => months.push((month, both.into())),
        }
    }
    Ok(months)
}
