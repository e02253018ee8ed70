//! Which way to the people of a group is short, by the figures kept of each commune.

use kernel::Month;
use payments::Scope;
use sqlx::PgConnection;

use super::{Group, Part};
use crate::question::columns;

/// How to find the people.
pub(super) enum Way {
    /// There are none.
    Nobody,
    /// Through all names of the country.
    ByName,
    /// Through these communes, this part of what is found there.
    Communes(Communes, Part),
}

/// Communes as query parameters.
#[derive(Default)]
pub(super) struct Communes {
    pub(super) codes: Vec<String>,
    pub(super) since: Vec<jiff_sqlx::Date>,
}

/// The communes of the scope that have anybody of the group; of the order by commune only those on
/// the part asked for.
pub(super) async fn of(
    tx: &mut PgConnection,
    scope: &Scope,
    group: Group,
    part: Part,
) -> sqlx::Result<Way> {
    if scope.is_country() && !part.by_commune && is_frequent(tx, scope.month, group, part).await? {
        return Ok(Way::ByName);
    }
    let (everywhere, codes, since) = columns(scope);
    let rows = sqlx::query!(
        r#"with figure as (
               select area_code, area_valid_from,
                      board_figure(b, $5) as people
               from board_people b
               where month = $1 and ($2 or (area_code, area_valid_from)
                                           in (select * from unnest($3::text[], $4::date[])))),
           placed as (
               select area_code, area_valid_from,
                      (sum(people) over (order by area_code))::bigint as through,
                      (sum(people) over (partition by area_code))::bigint as here
               from figure where people > 0)
           select area_code, area_valid_from as "since: jiff_sqlx::Date",
                  through - here as "before!"
           from placed
           where not $6 or (through > $7 and through - here < $7 + $8)
           order by area_code"#,
        scope.month.yyyymm(),
        everywhere,
        &codes,
        &since as _,
        group.code(),
        part.by_commune,
        part.offset,
        part.limit,
    )
    .fetch_all(tx)
    .await?;
    let Some(first) = rows.first() else {
        return Ok(Way::Nobody);
    };
    let passed_over = if part.by_commune { first.before } else { 0 };
    let part = Part {
        offset: part.offset - passed_over,
        ..part
    };
    let mut communes = Communes::default();
    for row in rows {
        communes.codes.push(row.area_code);
        communes.since.push(row.since);
    }
    Ok(Way::Communes(communes, part))
}

/// Whether fewer people are looked at by going through all names until enough are found than by
/// going through the communes that have any.
async fn is_frequent(
    tx: &mut PgConnection,
    month: Month,
    group: Group,
    part: Part,
) -> sqlx::Result<bool> {
    let sums = sqlx::query!(
        r#"with figure as (
               select beneficiaries,
                      board_figure(b, $2) as people
               from board_people b where month = $1)
           select coalesce(sum(people), 0)::bigint as "people!",
                  coalesce(sum(beneficiaries), 0)::bigint as "everybody!",
                  coalesce(sum(beneficiaries) filter (where people > 0), 0)::bigint as "near!"
           from figure"#,
        month.yyyymm(),
        group.code(),
    )
    .fetch_one(tx)
    .await?;
    let wanted = (part.offset + part.limit).min(sums.people);
    let passed = match group.has_index() {
        true => wanted,
        false => wanted.saturating_mul(sums.everybody) / sums.people.max(1),
    };
    Ok(passed < sums.near)
}

impl Group {
    /// Whether an index leads from one of the group to the next in the order of names.
    const fn has_index(self) -> bool {
        matches!(
            self,
            Group::MissingId
                | Group::MalformedId
                | Group::NotFound
                | Group::Mismatch
                | Group::DoubtfulId
                | Group::MissingSex
                | Group::MissingEthnicity
        )
    }
}
