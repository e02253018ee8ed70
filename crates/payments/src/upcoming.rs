//! What next month will change by time and law alone, shown a month ahead.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::{Actor, Dong, Month, MonthSpan, PersonId};
use law::{Benefit, Spell};
use registry::roll::{Communes, Roll};
use serde::Serialize;

use crate::cause::Known;
use crate::difference::Terms;
use crate::news::News;
use crate::show::READERS;
use crate::{Cause, Office, Refused, Scope};

/// One person's benefit that next month pays differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Upcoming {
    /// The caller's key of the person.
    pub person: String,
    /// The number in the registry.
    #[serde(skip)]
    pub person_id: PersonId,
    /// As declared; for pages only.
    #[serde(skip)]
    pub full_name: String,
    /// Which benefit.
    pub benefit: Benefit,
    /// What the month owes, đồng.
    pub amount: Dong,
    /// What the next month will owe, đồng.
    pub next_amount: Dong,
    /// Why.
    pub cause: Option<Cause>,
}

/// How many people are named in one query.
const BATCH: usize = 2_000;

/// What changes from the month to the next if nothing else is recorded: ages, dates, law that
/// comes into force until then, and moves into the area or out of it that are known already.
/// Handed to `take` by person.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`], and the errors of `take`.
pub async fn upcoming<E: From<Refused>>(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    take: impl FnMut(Upcoming) -> Result<(), E>,
) -> Result<(), E> {
    let scope = Scope::of(area, month)?;
    access::require(actor, READERS, &scope.area).map_err(Refused::from)?;
    let known = office.known_now().await.map_err(Refused::from)?;
    look_ahead(office, &scope, known, office.clock.today(), take).await
}

/// The same with what was known at some time, and the law in force by a day or by the end of the
/// next month, whichever is later.
pub(crate) async fn look_ahead<E: From<Refused>>(
    office: &Office<'_>,
    scope: &Scope,
    known: registry::roll::Known,
    law_as_of: Date,
    mut take: impl FnMut(Upcoming) -> Result<(), E>,
) -> Result<(), E> {
    let month = scope.month;
    let next = month.next();
    let law = office.law.in_force(law_as_of.max(next.last_day()));
    let scope_next = Scope::of(&scope.area, next).ok();
    let communes = Communes::ever_of(&scope.area, &[month, next]);
    let mut cases = Roll::open(office.pool, &communes, month, known)
        .await
        .map_err(Refused::from)?;
    let mut spells = Vec::new();
    let mut found: Vec<Upcoming> = Vec::new();
    while let Some(case) = cases.next().await.map_err(Refused::from)? {
        let holds = |scope: &Scope, month| {
            let commune = case.commune_in(month);
            scope.holds(commune.code, commune.valid_from)
        };
        let here = holds(scope, month);
        let here_next = if case.moves_in(next) {
            scope_next.as_ref().is_some_and(|scope| holds(scope, next))
        } else {
            here
        };
        if !here && !here_next {
            continue;
        }
        let both = MonthSpan {
            from: month,
            to: next,
        };
        law.owed(&case.person, both, &mut spells);
        let known = Known {
            law: &law,
            person: &case.person,
            before: month,
            now: next,
            here_before: here,
            here_now: here_next,
            news: News::default(),
            elsewhere_before: false,
            paid_late: false,
            elsewhere_now: false,
        };
        let earlier = case.person.first_month();
        let paid_earlier = earlier.is_some_and(|from| from < month);
        for (benefit, before, after) in differing(&spells, (month, here), (next, here_next)) {
            let change = Upcoming {
                person: String::new(),
                person_id: case.id,
                full_name: String::new(),
                benefit,
                amount: before.map_or(Dong::ZERO, |terms| terms.amount),
                next_amount: after.map_or(Dong::ZERO, |terms| terms.amount),
                cause: cause(&known, benefit, before, after, paid_earlier),
            };
            found.push(change);
        }
        if found.len() >= BATCH {
            hand_over(office, &mut found, &mut take).await?;
        }
    }
    hand_over(office, &mut found, &mut take).await
}

/// Benefits whose two months differ; a month in which the person lives elsewhere pays nothing here.
fn differing(
    spells: &[Spell],
    month: (Month, bool),
    next: (Month, bool),
) -> Vec<(Benefit, Option<Terms>, Option<Terms>)> {
    let at = |benefit: Benefit, (month, here): (Month, bool)| {
        let mut of_benefit = spells.iter().filter(|spell| spell.benefit == benefit);
        let spell = of_benefit.find(|spell| here && spell.from <= month && month <= spell.to);
        spell.map(|spell| Terms {
            amount: spell.amount,
            coefficient: spell.coefficient,
            standard: spell.standard,
        })
    };
    let mut benefits: Vec<Benefit> = spells.iter().map(|spell| spell.benefit).collect();
    benefits.dedup();
    let pairs = benefits.into_iter();
    let pairs = pairs.map(|benefit| (benefit, at(benefit, month), at(benefit, next)));
    pairs
        .filter(|(benefit, before, after)| before != after && !benefit.is_one_off())
        .collect()
}

fn cause(
    known: &Known<'_>,
    benefit: Benefit,
    before: Option<Terms>,
    after: Option<Terms>,
    paid_earlier: bool,
) -> Option<Cause> {
    match (before, after) {
        (None, _) => known.of_beginning(benefit, paid_earlier),
        (_, None) => known.of_ending(benefit),
        (Some(before), Some(after)) if before.coefficient == after.coefficient => {
            Some(Cause::StandardChanged)
        }
        (Some(before), Some(after)) => known.of_change(benefit, before, after),
    }
}

async fn hand_over<E: From<Refused>>(
    office: &Office<'_>,
    found: &mut Vec<Upcoming>,
    take: &mut impl FnMut(Upcoming) -> Result<(), E>,
) -> Result<(), E> {
    let ids: Vec<i64> = found.iter().map(|change| change.person_id.0).collect();
    let mut known = names(office, &ids).await?;
    for change in found.drain(..) {
        let (person, full_name) = known.entry(change.person_id).or_default().clone();
        take(Upcoming {
            person,
            full_name,
            ..change
        })?;
    }
    Ok(())
}

/// Keys and names.
async fn names(
    office: &Office<'_>,
    people: &[i64],
) -> Result<HashMap<PersonId, (String, String)>, Refused> {
    let rows = sqlx::query!(
        "select person_id, person_key, full_name from person where person_id = any($1)",
        people
    )
    .fetch_all(office.pool)
    .await?;
    let known = rows.into_iter();
    Ok(known
        .map(|row| (PersonId(row.person_id), (row.person_key, row.full_name)))
        .collect())
}
