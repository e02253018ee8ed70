//! Whom a decision is about, and what the law gives them.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Clock, Month, PartialDate, PersonId};
use law::{Benefit, Law, Line};
use registry::person::{self, PersonError};
use registry::roll::{Communes, Known, Roll};
use sqlx::PgPool;

use super::Refused;
use crate::show::Dossier;
use crate::whose::Whose;
use crate::{answered, eligibility};

/// Somebody a decision is about.
pub(super) struct Granted {
    pub(super) name: String,
    pub(super) birth: PartialDate,
    pub(super) id_number: Option<String>,
    pub(super) died_on: Option<Date>,
    pub(super) benefit: Option<Benefit>,
    /// First month paid.
    pub(super) from: Month,
    /// What the law gives in the month of signing; `None` where it gives nothing or it is not known.
    pub(super) line: Option<Line>,
}

/// What a dossier asks for.
struct Asked {
    person: PersonId,
    benefit: Option<Benefit>,
    /// First month paid as decided.
    from: Option<Month>,
}

/// The beneficiary of a dossier; of somebody the registry does not know yet, as the answers say.
pub(super) async fn of_dossier(
    pool: &PgPool,
    law: &Law,
    (actor, clock): (&Actor, &Clock),
    dossier: &Dossier,
) -> Result<Vec<Granted>, Refused> {
    let Some(person) = dossier.person_id else {
        return declared(pool, law, clock, dossier).await;
    };
    let decided = dossier.steps.iter().find(|step| step.kind == "decided");
    let text = |field: &str| decided.and_then(|step| step.facts["decision"][field].as_str());
    let signed = text("date").and_then(|it| it.parse().ok());
    let from = decided.and_then(|step| step.facts["from"].as_str()?.parse().ok());
    let asked = Asked {
        person,
        benefit: match dossier.benefit {
            Some(benefit) => Some(benefit),
            None => running(pool, actor, clock, person).await?,
        },
        from,
    };
    people(pool, law, signed.unwrap_or_else(|| clock.today()), &[asked]).await
}

/// The monthly benefit a request without one is about, when the person has only one that goes on.
async fn running(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    person: PersonId,
) -> Result<Option<Benefit>, Refused> {
    let unreadable = |error: PersonError| Refused::Person(error.to_string());
    let who = match person::read(pool, actor, clock, person).await {
        // They live elsewhere by now; what is not known is left to be written by hand.
        Err(PersonError::Denied(_)) => return Ok(None),
        read => read.map_err(unreadable)?,
    };
    let month = Month::of(clock.today());
    let goes_on =
        |it: &&person::Enrolment| it.to.is_none_or(|to| month <= to) && !it.benefit.is_one_off();
    let mut running = who.enrolments.iter().filter(goes_on);
    Ok(match (running.next(), running.next()) {
        (Some(one), None) => Some(one.benefit),
        _ => None,
    })
}

/// Somebody new, by their answers.
async fn declared(
    pool: &PgPool,
    law: &Law,
    clock: &Clock,
    dossier: &Dossier,
) -> Result<Vec<Granted>, Refused> {
    let Some((form, answers)) = answered::filed(pool, &dossier.row.dossier).await? else {
        return Ok(Vec::new());
    };
    let day = clock.today();
    let person = eligibility::person_of(form, &answers, None, day);
    let (law, month) = (law.in_force(day), Month::of(day));
    let (birth, died_on) = (person.birth_date, person.death_date);
    let from = dossier.benefit.map(|it| law.start_month(it, day, &person));
    let from = from.unwrap_or(month);
    let line = dossier
        .benefit
        .and_then(|it| owed(&law, person, it, from, month));
    let name = answers.text("full_name").unwrap_or(&dossier.applicant);
    Ok(vec![Granted {
        name: name.to_owned(),
        birth,
        id_number: answers.text("id_number").map(str::to_owned),
        died_on,
        benefit: dossier.benefit,
        from,
        line,
    }])
}

/// Everybody in the commune whose dossier was approved by the same decision as this one.
pub(super) async fn of_decision(
    pool: &PgPool,
    law: &Law,
    dossier: &Dossier,
    whose: &Whose,
) -> Result<Vec<Granted>, Refused> {
    let decided = dossier.steps.iter().find(|step| step.kind == "decided");
    let decision = decided.map(|step| &step.facts["decision"]);
    let text = |field: &str| decision.and_then(|it| it[field].as_str());
    let (Some(number), Some(date)) = (text("number"), text("date")) else {
        return Err(Refused::NothingToSay);
    };
    let signed: Date = date.parse().map_err(|_| Refused::NothingToSay)?;
    let rows = sqlx::query!(
        r#"select about.person_id as "person_id!", about.benefit, body ->> 'from' as from_month
           from dossier_step s join dossier d using (dossier_id) join dossier_about about using (dossier_id)
           where s.kind = 'decided' and body -> 'decision' ->> 'number' = $1
             and body -> 'decision' ->> 'date' = $2 and body ->> 'outcome' = 'approved'
             and area_code = $3 and area_valid_from = $4 and about.person_id is not null
           order by d.code"#,
        number,
        date,
        whose.area.code,
        whose.area.valid_from.to_sqlx() as _
    )
    .fetch_all(pool)
    .await?;
    let asked = rows.into_iter().map(|row| Asked {
        person: PersonId(row.person_id),
        benefit: row.benefit.and_then(Benefit::from_number),
        from: row.from_month.and_then(|month| month.parse().ok()),
    });
    let granted = people(pool, law, signed, &asked.collect::<Vec<_>>()).await?;
    match granted.is_empty() {
        true => Err(Refused::NothingToSay),
        false => Ok(granted),
    }
}

async fn people(
    pool: &PgPool,
    law: &Law,
    signed: Date,
    asked: &[Asked],
) -> Result<Vec<Granted>, Refused> {
    let ids: Vec<PersonId> = asked.iter().map(|it| it.person).collect();
    let numbers: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select person_id, full_name, id_number from person where person_id = any($1)",
        &numbers
    )
    .fetch_all(pool)
    .await?;
    let month = Month::of(signed);
    let unreadable = |error: registry::ApplyError| Refused::Person(error.to_string());
    let communes = Communes::of_people(&ids);
    let roll = Roll::open(pool, &communes, month, Known::Now).await;
    let mut roll = roll.map_err(unreadable)?;
    let mut cases = std::collections::HashMap::new();
    while let Some(case) = roll.next().await.map_err(unreadable)? {
        cases.insert(case.id, case.person.clone());
    }
    let law = law.in_force(signed);
    let granted = asked.iter().filter_map(|asked| {
        let row = rows.iter().find(|row| row.person_id == asked.person.0)?;
        let person = cases.get(&asked.person)?.clone();
        let (birth, died_on) = (person.birth_date, person.death_date);
        let start = |benefit| law.start_month(benefit, signed, &person);
        let from = asked
            .from
            .or_else(|| asked.benefit.map(start))
            .unwrap_or(month);
        let line = asked
            .benefit
            .and_then(|it| owed(&law, person, it, from, month));
        Some(Granted {
            name: row.full_name.clone(),
            birth,
            id_number: row.id_number.clone(),
            died_on,
            benefit: asked.benefit,
            from,
            line,
        })
    });
    Ok(granted.collect())
}

/// What the law gives in a month with the benefit decided; what is paid once, in the month of death.
fn owed(
    law: &::law::InForce,
    mut person: ::law::Person,
    benefit: Benefit,
    from: Month,
    month: Month,
) -> Option<Line> {
    let month = match person.death_date {
        Some(day) if benefit.is_one_off() => Month::of(day),
        _ => month.max(from),
    };
    if !person.enrolments.iter().any(|it| it.benefit == benefit) {
        person.enrolments.push(::law::Enrolment {
            benefit,
            from: from.min(month),
            to: None,
            suspended: Vec::new(),
        });
    }
    let lines = law.explain(&person, month).lines;
    lines.into_iter().find(|line| line.benefit == benefit)
}
