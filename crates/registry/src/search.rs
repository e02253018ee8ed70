//! Finding people by name without accents, by number or key, and by commune.

use jiff::civil::Date;
use jiff_sqlx::Date as SqlDate;
use kernel::area::Areas;
use kernel::name::search_key;
use kernel::{Actor, Clock, Month, PartialDate, PersonId, Sex};
use law::Benefit;
use serde::Serialize;
use sqlx::{PgConnection, PgPool};

use crate::sight::{self, Shown};

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Query<'a> {
    /// Words of a name in any order, the last may be begun only; an ID number; or a caller's key.
    /// Empty: everybody of the area.
    pub text: &'a str,
    /// Only people living there; empty is wherever the actor may look.
    pub area: &'a str,
    /// How many to pass over.
    pub skip: u32,
    /// How many to show at most.
    pub limit: u32,
}

/// A page of people by name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Found {
    /// The people of this page.
    pub people: Vec<Hit>,
    /// Whether there are more after this page.
    pub more: bool,
}

/// A person as a row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The number in the registry.
    pub id: PersonId,
    /// The first caller's key.
    pub person: String,
    /// As declared.
    pub full_name: String,
    /// As far as known.
    pub birth_date: PartialDate,
    /// If declared.
    pub sex: Option<Sex>,
    /// As received; only the last digits for those who may not see it whole.
    pub id_number: Option<String>,
    /// Stable code of the state of the ID number.
    pub id_state: String,
    /// Code of the commune lived in.
    pub area: String,
    /// Its name with kind.
    pub area_name: String,
    /// Day of death.
    pub death_date: Option<Date>,
    /// Benefits that go on now.
    pub benefits: Vec<Shown>,
}

/// Finds people where the actor may look.
///
/// # Errors
/// Those of the database.
pub async fn search(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    query: &Query<'_>,
) -> sqlx::Result<Found> {
    let month = Month::of(clock.today());
    let inside = sight::communes(actor, query.area, month);
    let text = query.text.trim();
    // The best way to find a rare name is the worst for a common one: every time anew.
    let mut tx = pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let numbered = by_number(&mut tx, text).await?;
    let named = if numbered.is_none() {
        by_name(text)
    } else {
        None
    };
    if numbered.is_none() && named.is_none() && !text.is_empty() {
        return Ok(Found::default());
    }
    let rows = sqlx::query_as!(
        Row,
        r#"select p.person_id, p.person_key, p.full_name,
                  p.birth_date as "birth_date: jiff_sqlx::Date", p.birth_precision, p.sex,
                  p.id_number, p.id_state, p.area_code,
                  p.area_valid_from as "area_valid_from: jiff_sqlx::Date",
                  p.death_date as "death_date: jiff_sqlx::Date",
                  array(select e.benefit from enrolment e
                        where e.person_id = p.person_id
                          and (e.to_month is null or e.to_month >= $3)
                        order by e.benefit) as "benefits!"
           from person p
           where p.merged_into is null
             and ($1::text is null or p.name_search @@ $1::text::tsquery)
             and ($2::bigint[] is null or p.person_id = any($2))
             and ($4::text[] is null or p.area_code = any($4))
             and ($4::text[] is null or (p.area_code, p.area_valid_from) in
                  (select * from unnest($4::text[], $5::date[])))
           order by p.name_key, p.person_id
           limit $6 offset $7"#,
        named,
        numbered.as_deref(),
        month.yyyymm(),
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
        i64::from(query.limit) + 1,
        i64::from(query.skip)
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let more = rows.len() > query.limit as usize;
    let shown = rows.into_iter().take(query.limit as usize);
    Ok(Found {
        people: shown.map(|row| row.hit(actor)).collect(),
        more,
    })
}

/// A row of the query.
struct Row {
    person_id: i64,
    person_key: String,
    full_name: String,
    birth_date: SqlDate,
    birth_precision: String,
    sex: Option<i16>,
    id_number: Option<String>,
    id_state: String,
    area_code: String,
    area_valid_from: SqlDate,
    death_date: Option<SqlDate>,
    benefits: Vec<i16>,
}

impl Row {
    fn hit(self, actor: &Actor) -> Hit {
        let home = Areas::embedded().get(&self.area_code, self.area_valid_from.to_jiff());
        let handler = home.is_some_and(|home| sight::handles(actor, home));
        let benefits = self.benefits.into_iter().filter_map(Benefit::from_number);
        let birth_day = self.birth_date.to_jiff();
        Hit {
            id: PersonId(self.person_id),
            person: self.person_key,
            full_name: self.full_name,
            birth_date: PartialDate::from_parts(birth_day, &self.birth_precision),
            sex: self.sex.and_then(Sex::from_code),
            id_number: sight::id_number(self.id_number, handler),
            id_state: self.id_state,
            area: self.area_code,
            area_name: home.map(|home| home.full_name.clone()).unwrap_or_default(),
            death_date: self.death_date.map(SqlDate::to_jiff),
            benefits: benefits
                .map(|benefit| Shown::to(benefit, handler))
                .collect(),
        }
    }
}

/// The words as a text-search query: all of them, the last as a beginning.
fn by_name(text: &str) -> Option<String> {
    let key = search_key(text);
    let words: Vec<&str> = key.split_whitespace().collect();
    let (last, before) = words.split_last()?;
    let mut query = String::with_capacity(key.len() + 8 * words.len());
    for word in before {
        query.push_str(&format!("'{word}' & "));
    }
    query.push_str(&format!("'{last}':*"));
    Some(query)
}

/// The people with this ID number or key; `None` when it is nobody's, or has no digit and so is
/// neither.
async fn by_number(tx: &mut PgConnection, text: &str) -> sqlx::Result<Option<Vec<i64>>> {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let people = sqlx::query_scalar!(
        r#"select person_id as "person_id!" from person where id_number = $1
           union select person_id from person_key where key = $1"#,
        text
    )
    .fetch_all(tx)
    .await?;
    Ok((!people.is_empty()).then_some(people))
}

#[cfg(test)]
mod tests {
    use super::by_name;

    #[test]
    fn words_become_a_query_without_syntax_of_their_own() {
        assert_eq!(
            by_name("Trần  Thị Â").as_deref(),
            Some("'tran' & 'thi' & 'a':*")
        );
        assert_eq!(
            by_name("a'b & !c | (d:*").as_deref(),
            Some("'ab' & 'c' & 'd':*")
        );
        assert_eq!(by_name(" -' "), None);
    }
}
