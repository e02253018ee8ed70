//! What each person was paid in the two months, side by side.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use kernel::{Dong, Month, PersonId};
use law::Benefit;
use registry::roll::{Case, Communes, Roll};

use super::Sums;
use super::compare::Basis;
use crate::difference::Terms;
use crate::header::month_of;
use crate::listed::{benefit_of, coefficient_of};
use crate::{LineKind, Office, Refused, Scope};

/// How many people with differences are looked at together.
const BATCH: usize = 2_000;

/// One line of one of the months; of an opening, a regular one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) person: PersonId,
    pub(super) benefit: Benefit,
    pub(super) kind: LineKind,
    pub(super) for_month: Month,
    pub(super) terms: Terms,
}

/// A person whose two months are not the same.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) person: PersonId,
    pub(super) before: Vec<Part>,
    pub(super) now: Vec<Part>,
    /// What is known of the person, if the lines alone do not tell and they live here.
    pub(super) case: Option<Case>,
}

type Parts<'a> = BoxStream<'a, Result<Part, Refused>>;

/// Both months, person by person.
pub(super) struct Pairs<'a> {
    before: Parts<'a>,
    now: Parts<'a>,
    next_before: Option<Part>,
    next_now: Option<Part>,
    roll: Roll,
    /// The next person of the roll, when already read.
    ahead: Option<Case>,
}

impl<'a> Pairs<'a> {
    pub(super) async fn begin(
        office: &Office<'a>,
        scope: &Scope,
        basis: &Basis,
    ) -> Result<Pairs<'a>, Refused> {
        let before = match basis.against {
            None => Box::pin(futures_util::stream::empty()),
            Some(month) => before(office, &Scope::of(&scope.area, month)?),
        };
        let mut pairs = Pairs {
            before,
            now: now(office, scope),
            next_before: None,
            next_now: None,
            roll: Roll::open(
                office.pool,
                &Communes::of(&scope.area, scope.month),
                scope.month,
                basis.known,
            )
            .await?,
            ahead: None,
        };
        pairs.next_before = pairs.before.try_next().await?;
        pairs.next_now = pairs.now.try_next().await?;
        Ok(pairs)
    }

    /// The next people with differences; everybody who passes is counted.
    pub(super) async fn next_batch(&mut self, sums: &mut Sums) -> Result<Vec<Pair>, Refused> {
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            let people = [&self.next_before, &self.next_now];
            let Some(person) = people.into_iter().flatten().map(|part| part.person).min() else {
                break;
            };
            let mut pair = Pair {
                person,
                before: Vec::new(),
                now: Vec::new(),
                case: None,
            };
            while let Some(part) = self.next_before.filter(|part| part.person == person) {
                pair.before.push(part);
                self.next_before = self.before.try_next().await?;
            }
            while let Some(part) = self.next_now.filter(|part| part.person == person) {
                pair.now.push(part);
                self.next_now = self.now.try_next().await?;
            }
            count(&pair, sums);
            if pair.is_same() {
                continue;
            }
            if pair.asks_more() {
                pair.case = self.case_of(person).await?;
            }
            batch.push(pair);
        }
        Ok(batch)
    }

    /// The person, if they live here in the month; people are asked for in ascending order.
    async fn case_of(&mut self, person: PersonId) -> Result<Option<Case>, Refused> {
        if let Some(ahead) = &self.ahead {
            if ahead.id > person {
                return Ok(None);
            }
            let ahead = self.ahead.take();
            if let Some(case) = ahead.filter(|case| case.id == person) {
                return Ok(Some(case));
            }
        }
        while let Some(case) = self.roll.next().await? {
            if case.id == person {
                return Ok(Some(case.clone()));
            }
            if case.id > person {
                self.ahead = Some(case.clone());
                return Ok(None);
            }
        }
        Ok(None)
    }
}

impl Pair {
    /// One regular line, the same in both months: nearly everybody.
    fn is_same(&self) -> bool {
        let regular = |parts: &[Part]| match parts {
            [only] if only.kind == LineKind::Regular => Some((only.benefit, only.terms)),
            _ => None,
        };
        let before = regular(&self.before);
        before.is_some() && before == regular(&self.now)
    }

    /// Whether the lines alone do not tell: a benefit comes or goes, or its coefficient changes.
    fn asks_more(&self) -> bool {
        let (before, now) = (regular(&self.before), regular(&self.now));
        let other = |of: &BTreeMap<Benefit, Terms>, benefit: &Benefit, terms: &Terms| {
            of.get(benefit)
                .is_none_or(|found| found.coefficient != terms.coefficient)
        };
        before
            .iter()
            .any(|(benefit, terms)| other(&now, benefit, terms))
            || now
                .iter()
                .any(|(benefit, terms)| other(&before, benefit, terms))
    }
}

/// What is paid every month, by benefit.
pub(super) fn regular(parts: &[Part]) -> BTreeMap<Benefit, Terms> {
    let regular = parts.iter().filter(|part| part.kind == LineKind::Regular);
    regular.map(|part| (part.benefit, part.terms)).collect()
}

/// Counts a person into the totals of both months.
fn count(pair: &Pair, sums: &mut Sums) {
    let paid = |parts: &[Part]| {
        let payable = parts.iter().filter(|part| part.kind != LineKind::Recovery);
        let amounts: Vec<Dong> = payable.map(|part| part.terms.amount).collect();
        (i64::from(!amounts.is_empty()), amounts.into_iter().sum())
    };
    let (people, amount) = paid(&pair.before);
    sums.before.add(people, amount);
    let (people, amount) = paid(&pair.now);
    sums.now.add(people, amount);
    let owed_back = pair
        .now
        .iter()
        .filter(|part| part.kind == LineKind::Recovery);
    let owed_back: Vec<Dong> = owed_back.map(|part| part.terms.amount).collect();
    let people = i64::from(!owed_back.is_empty());
    sums.recovery.add(people, owed_back.into_iter().sum());
}

/// A part as stored.
struct Stored {
    person_id: i64,
    benefit: i16,
    kind: i16,
    for_month: i32,
    amount: i64,
    coefficient: i16,
    standard: i32,
}

impl Stored {
    fn part(self) -> Result<Part, Refused> {
        Ok(Part {
            person: PersonId(self.person_id),
            benefit: benefit_of(self.benefit)?,
            kind: LineKind::from_number(self.kind)
                .ok_or_else(|| Refused::Inconsistent(format!("no kind {}", self.kind)))?,
            for_month: month_of(self.for_month)?,
            terms: Terms {
                amount: Dong(self.amount),
                coefficient: coefficient_of(self.coefficient),
                standard: Dong(i64::from(self.standard)),
            },
        })
    }
}

/// Lines of the month in the area, of drafts too.
fn now<'a>(office: &Office<'a>, scope: &Scope) -> Parts<'a> {
    let (codes, since) = scope.columns().unwrap_or_default();
    let rows = sqlx::query_as!(
        Stored,
        "select person_id, benefit, kind, for_month, amount, coefficient, standard
         from list_line
         where list_month = $1
           and ($2 or (area_code, area_valid_from)
                      in (select * from unnest($3::text[], $4::date[])))
         order by person_id, line_no",
        scope.month.yyyymm(),
        scope.is_country(),
        &codes,
        &since as _
    )
    .fetch(office.pool);
    Box::pin(rows.map_err(Refused::from).and_then(async |row| row.part()))
}

/// Lines of approved lists of the month in the area, and what openings of the month took over.
fn before<'a>(office: &Office<'a>, scope: &Scope) -> Parts<'a> {
    let (codes, since) = scope.columns().unwrap_or_default();
    let rows = sqlx::query_as!(
        Stored,
        r#"select person_id as "person_id!", benefit as "benefit!", kind as "kind!",
                  for_month as "for_month!", amount as "amount!", coefficient as "coefficient!",
                  standard as "standard!"
           from (
               select person_id, benefit, kind, for_month, amount, coefficient, standard,
                      list_line.area_code, area_valid_from
               from list_line join payment_list using (list_id)
               where list_month = $1 and approved_at is not null
               union all
               select person_id, benefit, 1::smallint, $1, opening_run.amount, coefficient,
                      standard, opening_run.area_code, area_valid_from
               from opening_run join opening using (opening_no)
               where month = $1 and from_month <= $1 and to_month >= $1) paid
           where $2 or (area_code, area_valid_from)
                       in (select * from unnest($3::text[], $4::date[]))
           order by person_id"#,
        scope.month.yyyymm(),
        scope.is_country(),
        &codes,
        &since as _
    )
    .fetch(office.pool);
    Box::pin(rows.map_err(Refused::from).and_then(async |row| row.part()))
}
