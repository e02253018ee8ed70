//! Whom the rows of a list mean, and what runs for them: a query for each kind, however long the list.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::actor::Role;
use kernel::area::{Area, Areas};
use kernel::name::search_key;
use kernel::{Actor, Month};
use law::Benefit;
use sqlx::PgPool;

use super::list::Entry;

/// Whose people a list may name.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// Those of whom the actor keeps records.
    Officer(&'a Actor),
    /// Everybody of the area: who may decide about it was asked otherwise.
    Area(&'a str),
}

impl Whose<'_> {
    fn has(self, home: &Area) -> bool {
        match self {
            Whose::Officer(actor) => access::holds_in(actor, &[Role::Officer], home),
            Whose::Area(area) => Areas::embedded().contains(area, home),
        }
    }
}

/// Somebody a row may mean.
pub(super) struct Known {
    name_key: String,
    /// Whether the list may name the person, and they live.
    open: Result<(), (&'static str, &'static str)>,
    /// Monthly awards that go on: benefit, first month, and since when payment rests.
    pub(super) awards: Vec<(Benefit, Month, Option<Month>)>,
    /// Open facts: the caller's key, kind, first day.
    pub(super) facts: Vec<(String, String, Date)>,
}

/// Whom keys and numbers lead to.
pub(super) struct Found {
    by_key: HashMap<String, Vec<i64>>,
    by_id_number: HashMap<String, i64>,
    pub(super) people: HashMap<i64, Known>,
}

/// Field, code, sentence.
type Fault = (&'static str, &'static str, &'static str);

const NOBODY: &str = "không có người này trong sổ ở địa bàn của bạn";

fn by_number(key: &str) -> Option<i64> {
    key.strip_prefix('#')?.parse().ok()
}

impl Found {
    pub(super) async fn of(
        pool: &PgPool,
        whose: Whose<'_>,
        entries: &[Entry],
    ) -> sqlx::Result<Found> {
        let keys: Vec<String> = entries
            .iter()
            .filter_map(|it| it.person_key.clone())
            .collect();
        let numbers: Vec<String> = entries
            .iter()
            .filter_map(|it| it.id_number.clone())
            .collect();
        let rows = sqlx::query!(
            "select distinct key, person_id from person_key where key = any($1) order by person_id",
            &keys
        )
        .fetch_all(pool)
        .await?;
        let mut by_key: HashMap<String, Vec<i64>> = HashMap::new();
        for row in rows {
            by_key.entry(row.key).or_default().push(row.person_id);
        }
        let rows = sqlx::query!(
            "select id_number, person_id from id_number_claim where id_number = any($1)",
            &numbers
        )
        .fetch_all(pool)
        .await?;
        let by_id_number: HashMap<String, i64> = rows
            .into_iter()
            .map(|row| (row.id_number, row.person_id))
            .collect();
        let mut people: Vec<i64> = keys.iter().filter_map(|key| by_number(key)).collect();
        people.extend(by_key.values().flatten());
        people.extend(by_id_number.values());
        Ok(Found {
            people: known(pool, whose, &people).await?,
            by_key,
            by_id_number,
        })
    }

    /// The one person the key, the number and the name mean.
    pub(super) fn person_of(&self, entry: &Entry) -> Result<i64, Fault> {
        let by_key = match &entry.person_key {
            None => None,
            Some(key) => match (by_number(key), self.by_key.get(key).map(Vec::as_slice)) {
                (Some(person), _) => Some(person),
                (None, Some([person])) => Some(*person),
                (None, Some([_, ..])) => {
                    let why = "mã này chỉ nhiều người khác nhau: ghi # và số hồ sơ";
                    return Err(("person", "several_people", why));
                }
                _ => return Err(("person", "unknown_person", NOBODY)),
            },
        };
        let number = entry.id_number.as_ref();
        let by_id_number = number.and_then(|number| self.by_id_number.get(number).copied());
        if let (Some(one), Some(other)) = (by_key, by_id_number)
            && one != other
        {
            let why = "mã và số định danh là của hai người khác nhau";
            return Err(("id_number", "other_person", why));
        }
        let person = by_key.or(by_id_number);
        let known = person.and_then(|person| Some((person, self.people.get(&person)?)));
        let Some((person, known)) = known else {
            return Err(("person", "unknown_person", NOBODY));
        };
        if let Err((code, why)) = known.open {
            return Err(("person", code, why));
        }
        if known.name_key != entry.name_key {
            let why = "họ và tên khác với người mang mã hoặc số định danh này";
            return Err(("full_name", "name_differs", why));
        }
        Ok(person)
    }
}

async fn known(
    pool: &PgPool,
    whose: Whose<'_>,
    people: &[i64],
) -> sqlx::Result<HashMap<i64, Known>> {
    let rows = sqlx::query!(
        r#"select person_id, full_name, area_code,
                  area_valid_from as "area_valid_from: jiff_sqlx::Date",
                  death_date is not null as "dead!", merged_into is not null as "merged!"
           from person where person_id = any($1)"#,
        people
    )
    .fetch_all(pool)
    .await?;
    let areas = Areas::embedded();
    let mut known: HashMap<i64, Known> = HashMap::with_capacity(rows.len());
    for row in rows {
        let home = areas.get(&row.area_code, row.area_valid_from.to_jiff());
        let kept = home.is_some_and(|home| whose.has(home));
        let open = match (kept, row.dead, row.merged) {
            (false, ..) => Err(("unknown_person", NOBODY)),
            (_, true, _) => Err(("dead", "người này đã mất")),
            (.., true) => Err(("merged", "hồ sơ này đã gộp vào hồ sơ khác")),
            _ => Ok(()),
        };
        let person = Known {
            name_key: search_key(&row.full_name),
            open,
            awards: Vec::new(),
            facts: Vec::new(),
        };
        known.insert(row.person_id, person);
    }
    awards(pool, people, &mut known).await?;
    facts(pool, people, &mut known).await?;
    Ok(known)
}

async fn awards(
    pool: &PgPool,
    people: &[i64],
    known: &mut HashMap<i64, Known>,
) -> sqlx::Result<()> {
    let rows = sqlx::query!(
        "select person_id, benefit, from_month, suspended from enrolment
         where person_id = any($1) and to_month is null order by person_id, benefit",
        people
    )
    .fetch_all(pool)
    .await?;
    for row in rows {
        let benefit = Benefit::from_number(row.benefit).filter(|benefit| !benefit.is_one_off());
        let from = Month::from_yyyymm(row.from_month).ok();
        let (Some(benefit), Some(from)) = (benefit, from) else {
            continue;
        };
        let last = row.suspended.chunks_exact(2).last();
        let open = last.filter(|rest| rest[1] == Month::MAX.yyyymm());
        let rests = open.and_then(|rest| Month::from_yyyymm(rest[0]).ok());
        if let Some(person) = known.get_mut(&row.person_id) {
            person.awards.push((benefit, from, rests));
        }
    }
    Ok(())
}

async fn facts(pool: &PgPool, people: &[i64], known: &mut HashMap<i64, Known>) -> sqlx::Result<()> {
    let rows = sqlx::query!(
        r#"select person_id, fact_id, kind, from_date as "from_date: jiff_sqlx::Date" from fact
           where person_id = any($1) and to_date is null and kind in ('disability', 'poverty')
           order by person_id, fact_no"#,
        people
    )
    .fetch_all(pool)
    .await?;
    for row in rows {
        if let Some(person) = known.get_mut(&row.person_id) {
            person
                .facts
                .push((row.fact_id, row.kind, row.from_date.to_jiff()));
        }
    }
    Ok(())
}
