//! What the law says of the benefit a dossier asks for, for whoever proposes, agrees or numbers: on the facts
//! known now, and where it came with a form on its answers.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::{Actor, Clock, Dong, Month, PersonId};
use law::{Benefit, FactKind, InForce, Law, Person};
use registry::person::PersonError;
use registry::roll::{Communes, Known, Roll};
use sqlx::PgPool;
use sqlx::types::Json;

use crate::apply::ApplyError;
use crate::eligibility::{self, Eligibility, person_of};
use crate::form::{self, Answers, Form};
use crate::laid::Laid;
use crate::{Dossier, answered};

/// What the law says of a benefit asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it would give, if it were decided today; `None` when a condition fails.
    pub gives: Option<Gives>,
    /// The first condition that fails, in Vietnamese; empty when none does.
    pub fails: String,
    /// The articles.
    pub law: Vec<String>,
}

/// What a benefit would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gives {
    /// Đồng a month (once, for what is paid once), were it the only benefit.
    pub amount: Dong,
    /// First month paid.
    pub from: Month,
    /// Whether it is paid beside what is awarded already.
    pub paid: bool,
}

impl Verdict {
    fn of(said: Eligibility, benefit: Benefit) -> Option<Verdict> {
        let found = said.entitled.into_iter().find(|it| it.benefit == benefit);
        let failing = said.failing.into_iter().find(|it| it.benefit == benefit);
        match (found, failing) {
            (Some(found), _) => Some(Verdict {
                gives: Some(Gives {
                    amount: found.amount,
                    from: found.from,
                    paid: found.paid,
                }),
                fails: String::new(),
                law: found.law,
            }),
            (None, Some(failing)) => Some(Verdict {
                gives: None,
                fails: failing.text,
                law: failing.law,
            }),
            (None, None) => None,
        }
    }
}

/// A form and its answers.
type Filed = (&'static Form, Answers);

/// What the law says of each dossier whose benefit the reader may know, by its code. People and answers are
/// read in one passing. Who cares for somebody else is left to [`of_dossier`], which looks at them too.
///
/// # Errors
/// [`ApplyError`] of reading the registry.
pub async fn of_laid(
    pool: &PgPool,
    clock: &Clock,
    law: &Law,
    laid: &[Laid],
) -> Result<HashMap<String, Verdict>, ApplyError> {
    let (day, codes) = (clock.today(), codes(laid));
    let mut answers = answers(pool, &codes).await?;
    let people = people(pool, day, laid).await?;
    let law = law.in_force(day);
    let verdicts = laid.iter().filter_map(|laid| {
        let code = &laid.item.dossier;
        let known = match laid.person_id {
            Some(id) => Some(people.get(&id)?),
            None => None,
        };
        let verdict = judge(&law, laid.benefit?, (answers.remove(code), known), day)?;
        Some((code.clone(), verdict))
    });
    Ok(verdicts.collect())
}

/// What the law says of one dossier, as [`of_laid`] would, and of whom somebody cares for; `None` when nothing
/// is asked of it that the reader may know. Looking at people is recorded in the audit log.
///
/// # Errors
/// [`PersonError`]; somebody who lives elsewhere by now is no error, and nothing is said.
pub async fn of_dossier(
    pool: &PgPool,
    (actor, clock): (&Actor, &Clock),
    law: &Law,
    dossier: &Dossier,
) -> Result<Option<Verdict>, PersonError> {
    let Some(benefit) = dossier.benefit else {
        return Ok(None);
    };
    let law = law.in_force(clock.today());
    let person = dossier.person_id;
    let said = match (answered::filed(pool, &dossier.row.dossier).await?, person) {
        (Some((form, answers)), known) => {
            eligibility::ask(pool, actor, clock, &law, (form, &answers, known)).await
        }
        (None, Some(known)) => {
            let asked = (known, &[benefit][..]);
            eligibility::of_known(pool, (actor, clock), &law, asked).await
        }
        (None, None) => return Ok(None),
    };
    match said {
        Ok(said) => Ok(Verdict::of(said, benefit)),
        Err(PersonError::Denied(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn judge(
    law: &InForce,
    benefit: Benefit,
    (filed, known): (Option<Filed>, Option<&Person>),
    day: Date,
) -> Option<Verdict> {
    let person = match (filed, known) {
        (Some((form, answers)), known) => {
            let person = person_of(form, &answers, known, day);
            let cares = |it: &law::Fact| matches!(it.kind, FactKind::CaresFor(_));
            if person.facts.iter().any(cares) {
                return None;
            }
            person
        }
        (None, Some(known)) => known.clone(),
        (None, None) => return None,
    };
    Verdict::of(
        eligibility::of_person(law, &person, &[benefit], day),
        benefit,
    )
}

fn codes(laid: &[Laid]) -> Vec<String> {
    laid.iter().map(|laid| laid.item.dossier.clone()).collect()
}

/// The answers of dossiers as they count now, by code.
async fn answers(pool: &PgPool, codes: &[String]) -> sqlx::Result<HashMap<String, Filed>> {
    let rows = sqlx::query!(
        r#"select distinct on (dossier_id) code, form, answers as "answers!: Json<Answers>"
           from dossier join dossier_answers using (dossier_id)
           where code = any($1) order by dossier_id, version desc"#,
        codes
    )
    .fetch_all(pool)
    .await?;
    let filed = |form: String, answers: Json<Answers>| Some((form::by_code(&form)?, answers.0));
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.code, filed(row.form, row.answers)?)))
        .collect())
}

/// The people the registry knows of, as the law sees them.
async fn people(
    pool: &PgPool,
    day: Date,
    laid: &[Laid],
) -> Result<HashMap<PersonId, Person>, ApplyError> {
    let people: Vec<PersonId> = laid.iter().filter_map(|laid| laid.person_id).collect();
    let mut found = HashMap::with_capacity(people.len());
    if people.is_empty() {
        return Ok(found);
    }
    let communes = Communes::of_people(&people);
    let mut roll = Roll::open(pool, &communes, Month::of(day), Known::Now).await?;
    while let Some(case) = roll.next().await? {
        found.insert(case.id, case.person.clone());
    }
    Ok(found)
}
