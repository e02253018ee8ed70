//! People who fit, where the caller may look.

use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx};
use kernel::actor::Role;
use kernel::sex::Sex;
use kernel::{Month, PartialDate};
use law::Benefit;
use registry::sight::communes_of;
use sqlx::PgConnection;

use crate::caller::Caller;
use crate::criteria::Criteria;
use crate::{MOST_RECORDS, Register};

/// A suspension without an end.
const OPEN: i32 = 999_812;

/// A person found.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) person_id: i64,
    pub(crate) full_name: String,
    pub(crate) birth_date: PartialDate,
    pub(crate) sex: Option<Sex>,
    pub(crate) id_number: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) area_code: String,
    pub(crate) area_valid_from: Date,
    pub(crate) death_date: Option<Date>,
    pub(crate) disability: Option<String>,
    pub(crate) enrolments: Vec<Enrolment>,
}

/// A benefit of a person.
#[derive(Clone, Debug)]
pub(crate) struct Enrolment {
    pub(crate) benefit: i16,
    pub(crate) from_month: i32,
    pub(crate) to_month: Option<i32>,
    suspended: Vec<i32>,
}

impl Enrolment {
    /// `active`, `suspended` or `closed` in a month.
    pub(crate) fn status(&self, month: Month) -> &'static str {
        let month = month.yyyymm();
        let rests = |pair: &[i32]| pair[0] <= month && (pair[1] == OPEN || pair[1] >= month);
        if self.to_month.is_some_and(|last| last < month) {
            "closed"
        } else if self.suspended.chunks_exact(2).any(rests) {
            "suspended"
        } else {
            "active"
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// The page asked for.
    pub(crate) people: Vec<Person>,
    /// How many there are on all pages; one more than [`MOST_RECORDS`] where there are more.
    pub(crate) total: i64,
}

/// Numbers of the benefits nobody is told of.
pub(crate) fn hidden() -> Vec<i16> {
    let all = Benefit::ALL.iter().filter(|benefit| benefit.reveals_hiv());
    all.map(|benefit| benefit.number()).collect()
}

/// Communes: their codes and first days.
pub(crate) type Places = (Vec<String>, Vec<SqlDate>);

/// Where a caller may look, or asked to; `None` is everywhere.
pub(crate) fn places(caller: &Caller, criteria: &Criteria, month: Month) -> Option<Places> {
    let actor = caller.actor();
    let roles = [Role::Reader];
    let columns: Vec<_> = match &criteria.areas {
        None => vec![communes_of(&actor, &roles, "", month)],
        Some(areas) => areas
            .iter()
            .map(|area| communes_of(&actor, &roles, area, month))
            .collect(),
    };
    // One that is everywhere makes the others needless.
    let columns = columns.into_iter().collect::<Option<Vec<_>>>()?;
    let codes = columns.iter().flat_map(|it| it.codes.iter().cloned());
    let since = columns.iter().flat_map(|it| it.since.iter().copied());
    Some((codes.collect(), since.collect()))
}

/// Finds a page of people. A beneficiary is who has a benefit that may be told of.
pub(crate) async fn page(
    tx: &mut PgConnection,
    (caller, register): (&Caller, Register),
    criteria: &Criteria,
    part: (u32, u32),
    month: Month,
) -> sqlx::Result<Found> {
    let inside = places(caller, criteria, month);
    page_in(tx, (inside, register, false), criteria, part, month).await
}

/// The same in some places; records that were merged into others are found only when asked for, without
/// what they receive, which is with the others.
pub(crate) async fn page_in(
    tx: &mut PgConnection,
    (inside, register, merged): (Option<Places>, Register, bool),
    criteria: &Criteria,
    (size, skip): (u32, u32),
    month: Month,
) -> sqlx::Result<Found> {
    let (codes, since) = inside.unzip();
    let hidden = hidden();
    let rows = sqlx::query!(
        r#"select p.person_id as "person_id!", p.full_name as "full_name!",
                  p.birth_date as "birth_date!: jiff_sqlx::Date",
                  p.birth_precision as "birth_precision!", p.sex, p.id_number, p.phone,
                  p.area_code as "area_code!", p.area_valid_from as "area_valid_from!: jiff_sqlx::Date",
                  p.death_date as "death_date: jiff_sqlx::Date",
                  (select f.variant from fact f
                   where f.person_id = p.person_id and f.kind = 'disability' and f.to_date is null
                   order by f.from_date desc limit 1) as disability,
                  count(*) over () as "total!"
           from (select p.*
           from person p
           where (p.merged_into is not null) = $15
             and ($1::text[] is null or p.id_number = any($1))
             and ($2::bigint[] is null or p.person_id = any($2))
             and ($3::text is null or p.name_key = $3)
             and ($4::date is null or p.birth_date >= $4)
             and ($5::date is null or p.birth_date <= $5)
             and ($6::text[] is null or (p.area_code, p.area_valid_from) in
                  (select * from unnest($6::text[], $7::date[])))
             and ($8 or exists (
                 select from enrolment e
                 where e.person_id = p.person_id and e.benefit <> all($9::smallint[])
                   and ($10::smallint[] is null or e.benefit = any($10))
                   and ($11::boolean is null
                        or (e.to_month is null or e.to_month >= $12) = $11)))
           order by p.person_id limit $16) p
           order by p.person_id limit $13 offset $14"#,
        criteria.id_numbers.as_deref() as Option<&[String]>,
        criteria.people.as_deref() as Option<&[i64]>,
        criteria.name_key,
        criteria.born_from.map(ToSqlx::to_sqlx) as _,
        criteria.born_to.map(ToSqlx::to_sqlx) as _,
        codes.as_deref() as Option<&[String]>,
        since.as_deref() as Option<&[SqlDate]>,
        register == Register::Social,
        &hidden,
        criteria.benefits.as_deref() as Option<&[i16]>,
        criteria.active,
        month.yyyymm(),
        i64::from(size),
        i64::from(skip),
        merged,
        // Who may leaf through so many is told that there are more, not how many: nobody counts a country.
        i64::from(MOST_RECORDS) + 1
    )
    .fetch_all(&mut *tx)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut people: Vec<Person> = rows
        .into_iter()
        .map(|row| Person {
            person_id: row.person_id,
            full_name: row.full_name,
            birth_date: PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision),
            sex: row.sex.and_then(Sex::from_code),
            id_number: row.id_number,
            phone: row.phone,
            area_code: row.area_code,
            area_valid_from: row.area_valid_from.to_jiff(),
            death_date: row.death_date.map(SqlDate::to_jiff),
            disability: row.disability,
            enrolments: Vec::new(),
        })
        .collect();
    let ids: Vec<i64> = people.iter().map(|person| person.person_id).collect();
    let enrolled = sqlx::query!(
        "select person_id, benefit, from_month, to_month, suspended from enrolment
         where person_id = any($1) and benefit <> all($2::smallint[])
         order by person_id, benefit, enrolment_no",
        &ids,
        &hidden
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in enrolled {
        // Both are in the order of people.
        if let Ok(at) = ids.binary_search(&row.person_id) {
            people[at].enrolments.push(Enrolment {
                benefit: row.benefit,
                from_month: row.from_month,
                to_month: row.to_month,
                suspended: row.suspended,
            });
        }
    }
    Ok(Found { people, total })
}
