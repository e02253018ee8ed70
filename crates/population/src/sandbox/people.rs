//! Whom the sandbox knows: people of a file, or those of a practice database as the population database would
//! know them, with the differences their records say there are.

use jiff::civil::Date;
use kernel::name::split;
use kernel::{Month, PartialDate, Sex};
use serde::Deserialize;
use sqlx::PgPool;

use super::Luck;
use crate::compare::{Citizen, Death};

/// How the people of a practice database differ who were not asked about yet. Percentages.
#[derive(Clone, Copy, Debug)]
pub struct Differences {
    /// Name, birth date or sex differ.
    pub mismatch: u8,
    /// Nobody has the number.
    pub unknown: u8,
    /// Recorded as dead.
    pub dead: u8,
    /// What makes it repeatable.
    pub seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id_number: Option<String>,
    #[serde(default)]
    old_card: Option<String>,
    full_name: String,
    #[serde(default)]
    birth_date: Option<PartialDate>,
    #[serde(default)]
    sex: Option<Sex>,
    /// Recorded as dead.
    #[serde(default)]
    dead: bool,
    /// When.
    #[serde(default)]
    died_on: Option<Date>,
}

/// Reads people from NDJSON: `id_number`, `old_card`, `full_name`, `birth_date`, `sex`, `dead`, `died_on`.
///
/// # Errors
/// The first line that is none.
pub fn read(text: &str) -> Result<Vec<Citizen>, usize> {
    let lines = (1_usize..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let it: Line = serde_json::from_str(line).map_err(|_| number)?;
            Ok(Citizen {
                number: it.id_number,
                old_card: it.old_card,
                full_name: it.full_name,
                birth: it.birth_date,
                sex: it.sex,
                death: (it.dead || it.died_on.is_some()).then_some(Death { day: it.died_on }),
            })
        })
        .collect()
}

/// The people of communes of a practice database. What a record says of an earlier check stays so: who was
/// verified agrees, who differed differs in the same fields, who was not found is unknown. Of the others some
/// differ by the seed. A number a clerk spoilt is right here.
///
/// # Errors
/// Those of the database.
pub async fn of_registry(
    pool: &PgPool,
    area: &str,
    month: Month,
    how: Differences,
) -> sqlx::Result<Vec<Citizen>> {
    let everywhere = area.is_empty() || area == "VN";
    let communes = kernel::area::Areas::embedded().communes_under(area, month);
    let codes: Vec<String> = communes
        .iter()
        .map(|(code, _)| (*code).to_owned())
        .collect();
    let rows = sqlx::query!(
        r#"select person_id, full_name, birth_date as "birth_date: jiff_sqlx::Date", birth_precision, sex,
                  id_number, id_state, identity_check, identity_fields
           from person
           where merged_into is null and ($1 or area_code = any($2)) order by person_id"#,
        everywhere,
        &codes
    )
    .fetch_all(pool)
    .await?;
    let citizens = rows.into_iter().filter_map(|row| {
        let mut luck = Luck::of(how.seed, &row.person_id.to_string(), 0);
        let sex = row.sex.and_then(Sex::from_code);
        let birth = PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision);
        let typed = row.id_number.unwrap_or_default();
        let (number, old_card) = match row.id_state.as_str() {
            "missing" | "malformed" => righted(&typed, sex, birth, row.person_id),
            _ => (typed, None),
        };
        let mut it = Citizen {
            number: Some(number),
            old_card,
            full_name: row.full_name,
            birth: Some(birth),
            sex,
            death: None,
        };
        let fields: Vec<&str> = match row.identity_check.as_str() {
            "verified" => Vec::new(),
            "not_found" => return None,
            "mismatch" => row.identity_fields.iter().map(String::as_str).collect(),
            _ if luck.hits(how.unknown) => return None,
            _ if luck.hits(how.mismatch) => vec![if luck.hits(50) {
                "full_name"
            } else {
                "birth_date"
            }],
            _ => Vec::new(),
        };
        for field in fields {
            differ(&mut it, field, &mut luck);
        }
        if luck.hits(how.dead) {
            it.death = Some(Death { day: None });
        }
        Some(it)
    });
    Ok(citizens.collect())
}

/// What a spoilt number should have been, and the old card if that is what was typed.
fn righted(
    typed: &str,
    sex: Option<Sex>,
    birth: PartialDate,
    person: i64,
) -> (String, Option<String>) {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let padded = format!("0{digits}");
    // Of no province, as every invented number.
    let century = (birth.year() - 1900) / 100 * 2 + i16::from(sex == Some(Sex::Female));
    let made = format!(
        "999{century}{:02}{:06}",
        birth.year().rem_euclid(100),
        person.rem_euclid(1_000_000)
    );
    match digits.len() {
        12 => (digits, None),
        // The sample's own spoiling: with the zero back it begins with 099.
        11 if padded.starts_with("099") => (padded, None),
        9 => (made, Some(digits)),
        _ => (made, None),
    }
}

fn differ(it: &mut Citizen, field: &str, luck: &mut Luck) {
    match field {
        "full_name" => {
            let parts = split(&it.full_name);
            it.full_name = match (parts.surname, luck.hits(50)) {
                ("", _) | (_, true) => remarked(&it.full_name),
                (surname, false) => format!("{} {} {surname}", parts.given, parts.middle)
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" "),
            };
        }
        "birth_date" => {
            if let Some(PartialDate::Day(day)) = it.birth {
                let swapped = Date::new(day.year(), day.day(), day.month());
                let swapped = swapped.ok().filter(|other| *other != day);
                let shifted = if day.day() > 1 { day.day() - 1 } else { 2 };
                let shifted = day.with().day(shifted).build().ok();
                it.birth = swapped.or(shifted).map(PartialDate::Day);
            } else if let Some(birth) = it.birth {
                it.birth = Some(PartialDate::Year(birth.year() + 1));
            }
        }
        "sex" => {
            it.sex = match it.sex {
                Some(Sex::Male) => Some(Sex::Female),
                _ => Some(Sex::Male),
            };
        }
        _ => {}
    }
}

/// The name with another mark on its last word.
fn remarked(name: &str) -> String {
    let key = kernel::name::search_key(split(name).given);
    let mut last: String = key.chars().take(1).flat_map(char::to_uppercase).collect();
    last.extend(key.chars().skip(1));
    let before = name.rsplit_once(' ').map_or("", |(before, _)| before);
    let plain = format!("{before} {last}").trim().to_owned();
    if plain == name {
        format!("{plain}h")
    } else {
        plain
    }
}
