//! What the law says to answers at once: for which benefits they qualify together with what is
//! known, from which month, how much, and otherwise the first condition that fails, with its
//! article.

use jiff::civil::Date;
use kernel::area::Areas;
use kernel::{Actor, Clock, Coefficient, Dong, Month, PersonId, Sex};
use law::{Benefit, Enrolment, Fact, FactKind, InForce, Person};
use registry::person::{self, Lookup, PersonError, Profile};
use registry::search;
use serde::Serialize;
use sqlx::PgPool;

use crate::form::{Answers, Form, Kind};
use crate::stated::stated;

/// The law's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Eligibility {
    /// The month it is about.
    pub month: Month,
    /// Benefits the facts qualify for, in the order of the law's table.
    pub entitled: Vec<Entitled>,
    /// The others the form asks for, each with its first failing condition.
    pub failing: Vec<Failing>,
    /// Questions that must be answered and are not, as users see them.
    pub unanswered: Vec<String>,
}

/// A benefit the facts qualify for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entitled {
    /// Which.
    pub benefit: Benefit,
    /// First month paid, if it were decided today.
    pub from: Month,
    /// Coefficient of the month.
    pub coefficient: Coefficient,
    /// Đồng a month (once, for what is paid once), were it the only benefit.
    pub amount: Dong,
    /// Whether it is paid beside what is awarded already; not when another benefit is higher.
    pub paid: bool,
    /// The articles.
    pub law: Vec<String>,
}

/// A benefit the facts do not qualify for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failing {
    /// Which.
    pub benefit: Benefit,
    /// Stable code of the condition.
    pub condition: law::RefusalCode,
    /// The condition in words.
    pub text: String,
    /// The articles.
    pub law: Vec<String>,
}

/// Asks the law about a form's answers, together with what the registry knows of the beneficiary and
/// of people they care for. Looking at them is recorded in the audit log.
///
/// # Errors
/// [`PersonError`] when the beneficiary may not be looked at.
pub async fn ask(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    law: &InForce,
    (form, answers, known): (&Form, &Answers, Option<PersonId>),
) -> Result<Eligibility, PersonError> {
    let day = clock.today();
    let known = match known {
        Some(id) => Some(as_known(&person::read(pool, actor, clock, id).await?)),
        None => None,
    };
    let mut person = person_of(form, answers, known.as_ref(), day);
    look_at_cared_for(pool, (actor, clock), &mut person).await?;
    Ok(Eligibility {
        unanswered: unanswered(form, answers),
        ..of_person(law, &person, &form.benefits, day)
    })
}

/// Asks the law about somebody as the registry knows them, and about people they care for, of some benefits. Looking at them is
/// recorded in the audit log.
///
/// # Errors
/// [`PersonError`] when they may not be looked at.
pub(crate) async fn of_known(
    pool: &PgPool,
    (actor, clock): (&Actor, &Clock),
    law: &InForce,
    (known, asked): (PersonId, &[Benefit]),
) -> Result<Eligibility, PersonError> {
    let mut person = as_known(&person::read(pool, actor, clock, known).await?);
    look_at_cared_for(pool, (actor, clock), &mut person).await?;
    Ok(of_person(law, &person, asked, clock.today()))
}

/// What the registry knows of the people somebody cares for.
async fn look_at_cared_for(
    pool: &PgPool,
    (actor, clock): (&Actor, &Clock),
    person: &mut Person,
) -> Result<(), PersonError> {
    for fact in &mut person.facts {
        if let FactKind::CaresFor(cared) = &mut fact.kind
            && let Some(found) = cared_for(pool, actor, clock, &cared.person).await?
        {
            cared.birth_date = Some(found.birth_date);
            cared.death_date = found.death_date;
            cared.facts = found.facts.into_iter().map(|(_, fact)| fact).collect();
        }
    }
    Ok(())
}

/// The one person an ID number or the registry's own `#number` means, as far as the actor may look.
async fn cared_for(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    named: &str,
) -> Result<Option<Profile>, PersonError> {
    let id = match person::find(pool, named).await? {
        Lookup::One(id) => Some(id),
        _ => {
            let query = search::Query {
                text: named,
                limit: 2,
                ..search::Query::default()
            };
            let found = search::search(pool, actor, clock, &query).await?;
            match &found.people[..] {
                [one] => Some(one.id),
                _ => None,
            }
        }
    };
    match id {
        Some(id) => match person::read(pool, actor, clock, id).await {
            Err(PersonError::Denied(_)) => Ok(None),
            read => read.map(Some),
        },
        None => Ok(None),
    }
}

/// Somebody as the law sees them by what the registry knows.
fn as_known(known: &Profile) -> Person {
    Person {
        birth_date: known.birth_date,
        death_date: known.death_date,
        sex: known.sex,
        provinces: vec![(
            Month::MIN,
            Areas::embedded().province_code_of(known.commune),
        )],
        difficult_area: false,
        enrolments: known
            .enrolments
            .iter()
            .map(|award| Enrolment {
                benefit: award.benefit,
                from: award.from,
                to: award.to,
                suspended: award.suspended.clone(),
            })
            .collect(),
        facts: known.facts.iter().map(|(_, fact)| fact.clone()).collect(),
    }
}

/// The beneficiary as the law sees them: what is known, and what the answers state besides.
pub(crate) fn person_of(
    form: &Form,
    answers: &Answers,
    known: Option<&Person>,
    day: Date,
) -> Person {
    let stated = stated(form, answers, day).unwrap_or_default();
    let mut facts = known.map_or_else(Vec::new, |known| known.facts.clone());
    for fact in facts.iter_mut().filter(|fact| fact.to.is_none()) {
        fact.to = stated.last_day(&fact.kind, fact.from, day);
    }
    let mut unused = facts.clone();
    for fact in stated.facts {
        // What is known and answered again counts once.
        match unused
            .iter()
            .position(|known| same(&known.kind, &fact.kind))
        {
            Some(at) => drop(unused.swap_remove(at)),
            None => facts.push(Fact {
                from: fact.from,
                to: fact.to,
                kind: fact.kind,
            }),
        }
    }
    let areas = Areas::embedded();
    let area = answers.text("area").and_then(|code| areas.on(code, day));
    let sex = match answers.text("sex") {
        Some("female") => Some(Sex::Female),
        Some("male") => Some(Sex::Male),
        _ => known.and_then(|known| known.sex),
    };
    let birth = answers.partial_day("birth_date");
    let birth = birth.or_else(|| Some(known?.birth_date));
    Person {
        birth_date: birth.unwrap_or(kernel::PartialDate::Day(day)),
        death_date: stated.death.or_else(|| known?.death_date),
        sex,
        provinces: match area {
            Some(area) => vec![(Month::MIN, areas.province_code_of(area))],
            None => known.map_or_else(Vec::new, |known| known.provinces.clone()),
        },
        difficult_area: stated.difficult_area,
        enrolments: known.map_or_else(Vec::new, |known| known.enrolments.clone()),
        facts,
    }
}

fn same(known: &FactKind, stated: &FactKind) -> bool {
    match (known, stated) {
        (
            FactKind::Child {
                birth_date: one, ..
            },
            FactKind::Child {
                birth_date: other, ..
            },
        ) => one == other,
        (FactKind::CaresFor(_), FactKind::CaresFor(_)) => false,
        (known, stated) => {
            registry::fact::code(known) == registry::fact::code(stated)
                && registry::fact::variant(known) == registry::fact::variant(stated)
        }
    }
}

/// What the law says of a person to a decision on the day, of the benefits asked about.
pub(crate) fn of_person(
    law: &InForce,
    person: &Person,
    asked: &[Benefit],
    day: Date,
) -> Eligibility {
    let month = match person.death_date {
        // Grants at a death belong to its month.
        Some(death) if asked.iter().all(|it| it.is_one_off()) => Month::of(death),
        _ => Month::of(day),
    };
    let assessment = law.assess(person, month);
    let entitled = assessment.eligible.into_iter().filter_map(|eligible| {
        let benefit = eligible.benefit;
        let from = law.start_month(benefit, day, person).min(month);
        let new = Enrolment {
            benefit,
            from,
            to: None,
            suspended: Vec::new(),
        };
        let mut alone = person.clone();
        alone.enrolments = vec![new.clone()];
        let line = law.explain(&alone, month).lines.into_iter().next()?;
        let mut beside = person.clone();
        beside.enrolments.push(new);
        let paid = law.explain(&beside, month).lines;
        let mut articles = eligible.law;
        articles.extend(line.law);
        articles.dedup();
        Some(Entitled {
            benefit,
            from: law.start_month(benefit, day, person),
            coefficient: line.coefficient,
            amount: line.amount,
            paid: paid.iter().any(|paid| paid.benefit == line.benefit),
            law: articles,
        })
    });
    let failing = assessment.ineligible.into_iter();
    Eligibility {
        month,
        entitled: entitled.collect(),
        failing: failing
            .filter(|failing| asked.contains(&failing.benefit))
            .map(|failing| Failing {
                benefit: failing.benefit,
                condition: failing.condition,
                text: failing.text,
                law: failing.law,
            })
            .collect(),
        unanswered: Vec::new(),
    }
}

fn unanswered(form: &Form, answers: &Answers) -> Vec<String> {
    let missing = form.fields().filter(|field| {
        let answered = match field.kind {
            Kind::Group { .. } => !answers.rows(&field.code).is_empty(),
            _ => answers.text(&field.code).is_some(),
        };
        field.required && field.is_shown(answers) && !answered
    });
    missing.map(|field| field.label.clone()).collect()
}
