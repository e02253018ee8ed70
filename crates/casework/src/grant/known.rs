//! What the registry knows of the people whom approvals and their answers name.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff_sqlx::Date as SqlDate;
use kernel::area::{Area, Areas};
use kernel::{PartialDate, Sex};
use law::FactKind;
use registry::event::Correction;
use registry::refusal::Fault;
use sqlx::PgConnection;

use super::{Approval, Filed};
use crate::apply::ApplyError;

/// People by number and by ID number.
#[derive(Default)]
pub(super) struct Registered {
    people: HashMap<i64, Known>,
    by_id_number: HashMap<String, Vec<i64>>,
}

/// Somebody the registry knows.
pub(super) struct Known {
    full_name: String,
    birth_date: PartialDate,
    sex: Option<Sex>,
    ethnicity: Option<String>,
    id_number: Option<String>,
    phone: Option<String>,
    /// The commune lived in now.
    pub(super) home: &'static Area,
    /// Whether the death is recorded.
    pub(super) dead: bool,
    /// Facts that hold on the day the oldest of the dossiers was submitted, or later.
    pub(super) facts: Vec<Open>,
}

/// A fact that is known, in the registry's codes.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) fact_id: String,
    pub(super) from: Date,
    pub(super) to: Option<Date>,
    pub(super) what: What,
}

/// What a fact says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct What {
    pub(super) kind: String,
    pub(super) variant: Option<String>,
    born: Option<Date>,
    cared: Option<i64>,
}

impl What {
    pub(super) fn of(kind: &FactKind, cared: Option<i64>) -> What {
        let born = match kind {
            FactKind::Child { birth_date, .. } => birth_date.map(PartialDate::assumed_day),
            _ => None,
        };
        What {
            kind: registry::fact::code(kind).to_owned(),
            variant: registry::fact::variant(kind).map(str::to_owned),
            born,
            cared,
        }
    }
}

impl Registered {
    /// The people approvals and answers name, in three queries however many they are.
    pub(super) async fn of(
        tx: &mut PgConnection,
        approvals: &[Approval<'_>],
        filed: &HashMap<String, Filed>,
    ) -> Result<Registered, ApplyError> {
        let numbers = filed.values().flat_map(|one| {
            let own = one.answers.text("id_number").into_iter();
            own.chain(one.stated.cared()).map(str::to_owned)
        });
        let numbers: Vec<String> = numbers.collect();
        let named = approvals.iter().filter_map(|it| Some(it.person?.0));
        let filed_for = filed.values().filter_map(|one| Some(one.person?.0));
        let named: Vec<i64> = named.chain(filed_for).collect();
        let mut registered = people(tx, &numbers, &named).await?;
        facts(tx, &mut registered).await?;
        Ok(registered)
    }

    pub(super) fn holders(&self, number: &str) -> &[i64] {
        self.by_id_number.get(number).map_or(&[], Vec::as_slice)
    }

    pub(super) fn person(&self, number: i64) -> Option<&Known> {
        self.people.get(&number)
    }

    /// Names somebody cared for by their number in the registry instead of their ID number.
    pub(super) fn resolve(&self, kind: &mut FactKind) -> Result<Option<i64>, Fault> {
        let FactKind::CaresFor(cared) = kind else {
            return Ok(None);
        };
        match self.holders(&cared.person) {
            [one] => {
                cared.person = format!("#{one}");
                Ok(Some(*one))
            }
            _ => {
                let message = "người được chăm sóc chưa có trong sổ, hoặc trùng số định danh";
                Err(Fault::new(
                    "cared_id_number",
                    "unknown_cared_person",
                    message,
                ))
            }
        }
    }
}

impl Known {
    /// What answers say of who somebody is that the registry knows otherwise. What they do not
    /// answer stays as it is.
    pub(super) fn corrected(&self, filed: &Filed) -> Option<Correction> {
        let answers = &filed.answers;
        let text = |code: &str, known: Option<&str>| {
            let said = answers.text(code)?;
            (Some(said) != known).then(|| Some(said.to_owned()))
        };
        let sex = match answers.text("sex") {
            Some("female") => Some(Sex::Female),
            Some("male") => Some(Sex::Male),
            _ => None,
        };
        let birth = answers.partial_day("birth_date");
        let correction = Correction {
            full_name: text("full_name", Some(&self.full_name)).flatten(),
            birth_date: birth.filter(|said| *said != self.birth_date),
            sex: sex.filter(|_| sex != self.sex).map(Some),
            ethnicity: text("ethnicity", self.ethnicity.as_deref()),
            id_number: text("id_number", self.id_number.as_deref()),
            phone: text("phone", self.phone.as_deref()),
            ..Correction::default()
        };
        (correction != Correction::default()).then_some(correction)
    }
}

async fn people(
    tx: &mut PgConnection,
    numbers: &[String],
    named: &[i64],
) -> Result<Registered, ApplyError> {
    let rows = sqlx::query!(
        r#"select person_id, full_name, birth_date as "birth_date: SqlDate", birth_precision, sex,
                  ethnicity, id_number, phone, area_code,
                  area_valid_from as "since: SqlDate", death_date is not null as "dead!"
           from person
           where merged_into is null and (id_number = any($1) or person_id = any($2))
           order by person_id"#,
        numbers,
        named
    )
    .fetch_all(tx)
    .await?;
    let mut registered = Registered::default();
    for row in rows {
        let home = Areas::embedded().get(&row.area_code, row.since.to_jiff());
        let broken = || ApplyError::Inconsistent(format!("người số {}", row.person_id));
        let known = Known {
            full_name: row.full_name,
            birth_date: PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision),
            sex: match row.sex {
                Some(1) => Some(Sex::Male),
                Some(_) => Some(Sex::Female),
                None => None,
            },
            ethnicity: row.ethnicity,
            id_number: row.id_number.clone(),
            phone: row.phone,
            home: home.ok_or_else(broken)?,
            dead: row.dead,
            facts: Vec::new(),
        };
        registered.people.insert(row.person_id, known);
        if let Some(number) = row.id_number {
            let holders = registered.by_id_number.entry(number).or_default();
            holders.push(row.person_id);
        }
    }
    Ok(registered)
}

/// Facts that have not ended; of grades and lists, of which one holds at a time, all.
async fn facts(tx: &mut PgConnection, registered: &mut Registered) -> Result<(), ApplyError> {
    let ids: Vec<i64> = registered.people.keys().copied().collect();
    let one_at_a_time: Vec<String> = crate::stated::ONE_AT_A_TIME
        .iter()
        .map(|kind| (*kind).to_owned())
        .collect();
    let rows = sqlx::query!(
        r#"select person_id, fact_id, kind, variant, from_date as "from: SqlDate",
                  to_date as "to: SqlDate", birth_date as "born: SqlDate", cared_person_id
           from fact where person_id = any($1) and (to_date is null or kind = any($2))
           order by person_id, from_date, fact_id"#,
        &ids,
        &one_at_a_time
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        let open = Open {
            fact_id: row.fact_id,
            from: row.from.to_jiff(),
            to: row.to.map(|day| day.to_jiff()),
            what: What {
                kind: row.kind,
                variant: row.variant,
                born: row.born.map(|day| day.to_jiff()),
                cared: row.cared_person_id,
            },
        };
        if let Some(known) = registered.people.get_mut(&row.person_id) {
            known.facts.push(open);
        }
    }
    Ok(())
}
