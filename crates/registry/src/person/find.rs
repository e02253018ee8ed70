//! Whom a caller means by a key.

use kernel::PersonId;
use sqlx::PgExecutor;

/// What a key leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// One person.
    One(PersonId),
    /// Nobody.
    Nobody,
    /// Several sources use the key for different people: name the source too.
    Several(Vec<String>),
}

/// Finds a person by `#number`, by the key of a source as `source/key`, or by a key alone.
///
/// # Errors
/// Those of the database.
pub async fn find(db: impl PgExecutor<'_>, text: &str) -> sqlx::Result<Lookup> {
    let number: Option<i64> = text
        .strip_prefix('#')
        .and_then(|number| number.parse().ok());
    let rows = sqlx::query!(
        r#"select person_id as "person_id!", null as source from person where person_id = $2
           union all
           select person_id, source from person_key
           where key = $1 or source || '/' || key = $1 and key = any($3)"#,
        text,
        number,
        &endings(text) as &[&str]
    )
    .fetch_all(db)
    .await?;
    let mut people: Vec<i64> = rows.iter().map(|row| row.person_id).collect();
    people.sort_unstable();
    people.dedup();
    Ok(match people[..] {
        [] => Lookup::Nobody,
        [one] => Lookup::One(PersonId(one)),
        _ => Lookup::Several(rows.into_iter().filter_map(|row| row.source).collect()),
    })
}

/// Every part after a slash: sources and keys may hold slashes themselves.
fn endings(text: &str) -> Vec<&str> {
    text.match_indices('/')
        .map(|(at, _)| &text[at + 1..])
        .collect()
}
