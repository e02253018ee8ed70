//! People at a glance: what a row of a table shows of somebody the reader may see.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::{PartialDate, PersonId};
use sqlx::PgExecutor;

/// What identifies a person to an officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// The first caller's key.
    pub key: String,
    /// As declared.
    pub full_name: String,
    /// As far as known.
    pub birth: PartialDate,
    /// Exactly as received.
    pub id_number: Option<String>,
}

/// Those of the numbers that are people. Whether they may be seen is settled by whoever found the
/// numbers.
///
/// # Errors
/// Those of the database.
pub async fn of_people(
    db: impl PgExecutor<'_>,
    people: &[PersonId],
) -> sqlx::Result<HashMap<PersonId, Glance>> {
    let ids: Vec<i64> = people.iter().map(|person| person.0).collect();
    let rows = sqlx::query!(
        r#"select person_id, person_key, full_name, birth_date as "birth_date: jiff_sqlx::Date",
                  birth_precision, id_number
           from person where person_id = any($1)"#,
        &ids
    )
    .fetch_all(db)
    .await?;
    let people = rows.into_iter().map(|row| {
        let day: Date = row.birth_date.to_jiff();
        let glance = Glance {
            key: row.person_key,
            full_name: row.full_name,
            birth: PartialDate::from_parts(day, &row.birth_precision),
            id_number: row.id_number,
        };
        (PersonId(row.person_id), glance)
    });
    Ok(people.collect())
}
