//! What is known already of the people incoming dossiers are about: by the ID number that the registry
//! knows once, and only where the name is the same.

use std::collections::BTreeMap;

use casework::form::{Answers, Field, Form};
use casework::known;
use jiff::civil::Date;
use kernel::name::search_key;
use sqlx::PgConnection;

use crate::Refused;
use crate::owner::Source;

/// What the population database answers about.
const VERIFIED: [&str; 4] = [
    "person.full_name",
    "person.birth_date",
    "person.sex",
    "person.id_number",
];

/// Somebody the registry knows.
pub(crate) struct Known {
    name_key: String,
    /// By the source a field of a form names: `person.sex`.
    values: BTreeMap<&'static str, String>,
    /// Kind, variant and first day of what holds of them.
    facts: Vec<(String, Option<String>, Date)>,
    /// The population database verified who they are.
    verified: bool,
    /// Of which day its answer is.
    checked: Option<Date>,
}

impl Known {
    /// Whether the answers are about them: the number led here, the name must be theirs.
    pub(crate) fn is(&self, answers: &Answers) -> bool {
        let name = answers.text("full_name");
        name.is_some_and(|name| search_key(name) == self.name_key)
    }

    /// Whether a source knows the field.
    pub(crate) fn is_of(&self, source: Source, field: &Field) -> bool {
        let identity = field
            .from
            .as_deref()
            .is_some_and(|it| VERIFIED.contains(&it));
        match source {
            Source::Registry => true,
            Source::Population => self.verified && identity,
        }
    }

    /// The day a source says it of.
    pub(crate) fn as_of(&self, source: Source) -> Option<Date> {
        self.checked.filter(|_| source == Source::Population)
    }

    /// What they are known to answer.
    pub(crate) fn answers(&self, form: &Form) -> Answers {
        let mut answers = Answers::default();
        for field in form.fields() {
            let value = field.from.as_deref().and_then(|from| self.values.get(from));
            if let Some(value) = value {
                answers.set(&field.code, value);
            }
        }
        for (kind, variant, since) in &self.facts {
            known::of_variant(form, (kind, variant.as_deref()), *since, &mut answers);
        }
        answers
    }

    /// What the population database says, where it verified it.
    pub(crate) fn verified(&self, form: &Form) -> Answers {
        let mut answers = Answers::default();
        if self.verified {
            for field in form.fields() {
                let from = field.from.as_deref().filter(|it| VERIFIED.contains(it));
                if let Some(value) = from.and_then(|from| self.values.get(from)) {
                    answers.set(&field.code, value);
                }
            }
        }
        answers
    }
}

/// The people with the ID numbers of answers, by number.
pub(crate) async fn known(
    tx: &mut PgConnection,
    answers: impl Iterator<Item = &Answers>,
) -> Result<BTreeMap<String, Known>, Refused> {
    let numbers: Vec<String> = answers
        .filter_map(|it| it.text("id_number").map(str::to_owned))
        .collect();
    let rows = sqlx::query!(
        r#"select p.person_id, p.id_number as "id_number!", full_name, name_key,
                  birth_date as "birth_date: jiff_sqlx::Date", birth_precision, sex, ethnicity, phone,
                  identity_check = 'verified' as "verified!",
                  (select max(effective) from event e
                   where e.person_id = p.person_id and kind = 'identity_checked')
                      as "checked: jiff_sqlx::Date"
           from person p
           where p.id_number = any($1) and merged_into is null
             and not exists (select from person other
                             where other.id_number = p.id_number and other.merged_into is null
                               and other.person_id <> p.person_id)"#,
        &numbers
    )
    .fetch_all(&mut *tx)
    .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.person_id).collect();
    let facts = sqlx::query!(
        r#"select person_id, kind, variant, from_date as "since: jiff_sqlx::Date" from fact
           where person_id = any($1) and to_date is null and kind in ('poverty', 'disability')
           order by person_id, fact_no"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    let mut people = BTreeMap::new();
    for row in rows {
        let birth = row.birth_date.to_jiff();
        let birth = match row.birth_precision.as_str() {
            "y" => birth.strftime("%Y").to_string(),
            "m" => birth.strftime("%Y-%m").to_string(),
            _ => birth.to_string(),
        };
        let sex = row.sex.map(|sex| if sex == 1 { "male" } else { "female" });
        let values = [
            ("person.full_name", Some(row.full_name)),
            ("person.birth_date", Some(birth)),
            ("person.sex", sex.map(str::to_owned)),
            ("person.ethnicity", row.ethnicity),
            ("person.id_number", Some(row.id_number.clone())),
            ("person.phone", row.phone),
        ];
        let values = values.into_iter();
        let own = facts.iter().filter(|fact| fact.person_id == row.person_id);
        let known = Known {
            name_key: row.name_key,
            values: values.filter_map(|(from, it)| Some((from, it?))).collect(),
            facts: own
                .map(|it| (it.kind.clone(), it.variant.clone(), it.since.to_jiff()))
                .collect(),
            verified: row.verified,
            checked: row.checked.map(|day| day.to_jiff()),
        };
        people.insert(row.id_number, known);
    }
    Ok(people)
}
