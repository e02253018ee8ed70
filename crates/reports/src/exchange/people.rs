//! What the exchange of a month cost people: asked again, typed again, and how long they waited.

use std::collections::BTreeMap;

use ::exchange::practice;
use casework::deadline::working_days;
use jiff_sqlx::ToSqlx;
use payments::{Office, Refused};

use super::{Counts, Gathered};
use crate::reach::{Division, Reach, Sums};

/// Adds up what was asked and typed again, commune by commune. Returns, for each row of the board, the working
/// days from submission to decision of each dossier decided in the month.
pub(super) async fn gather(
    office: &Office<'_>,
    reach: &Reach,
    sums: &mut Sums<Gathered>,
) -> Result<BTreeMap<String, Vec<u16>>, Refused> {
    let (scope, columns) = (&reach.scope, reach.columns());
    let found = sqlx::query!(
        r#"select area_code as "area_code!", area_valid_from as "since!: jiff_sqlx::Date",
                  submitted_on as "submitted_on!: jiff_sqlx::Date",
                  decided_on as "decided_on: jiff_sqlx::Date", count(*) as "dossiers!",
                  sum(asked_again) as "asked_again!", sum(keyed_twice) as "keyed_twice!"
           from exchange_fields_of_month($1, $2)
           where $3 or (area_code, area_valid_from)
                       in (select * from unnest($4::text[], $5::date[]))
           group by area_code, area_valid_from, submitted_on, decided_on"#,
        scope.month.first_day().to_sqlx() as _,
        scope.month.last_day().to_sqlx() as _,
        columns.everywhere,
        &columns.codes,
        &columns.since as _
    )
    .fetch_all(office.pool)
    .await?;
    let mut days: BTreeMap<String, Vec<u16>> = BTreeMap::new();
    for row in found {
        let gathered = Gathered {
            counts: Counts {
                asked_again: row.asked_again,
                keyed_twice: row.keyed_twice,
                ..Counts::default()
            },
            communes_online: 0,
        };
        let commune = (&*row.area_code, row.since.to_jiff());
        sums.add(reach, Division::Below, commune, "", gathered)?;
        if let Some(decided) = row.decided_on {
            let took = working_days(row.submitted_on.to_jiff(), decided.to_jiff(), &[]);
            let (code, ..) = reach.row(Division::Below, commune, "")?;
            let alike = usize::try_from(row.dossiers).unwrap_or_default();
            let own = days.entry(code).or_default();
            own.extend(std::iter::repeat_n(took, alike));
        }
    }
    Ok(days)
}

/// Adds up what was keyed although a one-stop system had sent it, commune by commune.
pub(super) async fn repeats(
    office: &Office<'_>,
    reach: &Reach,
    sums: &mut Sums<Gathered>,
) -> Result<(), Refused> {
    let (scope, columns) = (&reach.scope, reach.columns());
    let last = scope.month.last_day();
    let found = sqlx::query!(
        r#"select area_code as "area_code!", area_valid_from as "since!: jiff_sqlx::Date",
                  count(*) as "dossiers!"
           from repeats_of_month($1, $2, $3)
           where $4 or (area_code, area_valid_from)
                       in (select * from unnest($5::text[], $6::date[]))
           group by area_code, area_valid_from"#,
        scope.month.first_day().to_sqlx() as _,
        last.to_sqlx() as _,
        practice::on(last).repeat_days,
        columns.everywhere,
        &columns.codes,
        &columns.since as _
    )
    .fetch_all(office.pool)
    .await?;
    for row in found {
        let counts = Counts {
            repeated: row.dossiers,
            ..Counts::default()
        };
        let gathered = Gathered {
            counts,
            communes_online: 0,
        };
        let commune = (&*row.area_code, row.since.to_jiff());
        sums.add(reach, Division::Below, commune, "", gathered)?;
    }
    Ok(())
}

/// The days that half, and nine in ten, took at most.
pub(super) fn shares(mut took: Vec<u16>) -> (Option<u16>, Option<u16>) {
    took.sort_unstable();
    let most = |tenths: usize| {
        let rank = (took.len() * tenths).div_ceil(10);
        took.get(rank.checked_sub(1)?).copied()
    };
    (most(5), most(9))
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn half_and_nine_in_ten_took_at_most() {
        assert_eq!(shares(Vec::new()), (None, None));
        assert_eq!(shares(vec![7]), (Some(7), Some(7)));
        assert_eq!(shares((1..=10).rev().collect()), (Some(5), Some(9)));
        assert_eq!(shares(vec![1, 1, 1, 30]), (Some(1), Some(30)));
    }
}
