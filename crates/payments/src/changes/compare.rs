//! Which cause explains which part of a person's difference.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Dong, ListId, Month, PersonId};
use law::{Benefit, InForce};
use registry::roll::{self, Cut};

use super::Change;
use super::parts::{Pair, Part, regular};
use crate::cause::Known;
use crate::difference::Terms;
use crate::header::month_of;
use crate::listed::benefit_of;
use crate::news::{self, News};
use crate::{Cause, Header, LineKind, Office, Refused, Scope, header, opening};

/// What the comparison stands on.
pub(crate) struct Basis {
    /// The month compared with.
    pub(super) against: Option<Month>,
    /// The law the month's list was made with.
    law: Arc<InForce>,
    /// The last event the month compared with knew.
    after: i64,
    /// The last event the month knew.
    through: i64,
    /// Lists of the month that knew less, with the last event each knew.
    outdated: Vec<(ListId, i64)>,
    /// What the month knew, for reading people.
    pub(crate) known: roll::Known,
}

/// Which lists a comparison is of, and which earlier ones it may be against.
pub(crate) struct Ground {
    /// Lists of the month that share people with the area, drafts too.
    pub(crate) lists: Vec<Header>,
    /// Approved lists and openings of earlier months here.
    earlier: Vec<Earlier>,
}

struct Earlier {
    month: Month,
    known_through: i64,
    /// Its place in the order of approvals and openings.
    number: i64,
}

impl Ground {
    /// # Errors
    /// [`Refused::NoList`] when the month has no list here.
    pub(crate) async fn of(office: &Office<'_>, scope: &Scope) -> Result<Ground, Refused> {
        let lists = header::overlapping(office.pool, scope).await?;
        if lists.is_empty() {
            return Err(Refused::NoList {
                month: scope.month,
                area: scope.area.clone(),
            });
        }
        let mut earlier = Vec::new();
        for list in header::of_months(office.pool, Month::MIN, scope.month.previous()).await? {
            if let Some(number) = list.approval_no
                && list.scope()?.overlaps(scope)
            {
                earlier.push(Earlier {
                    month: list.month,
                    known_through: list.known_through,
                    number,
                });
            }
        }
        for opening in opening::all(office.pool).await? {
            if opening.month < scope.month && opening.scope()?.overlaps(scope) {
                earlier.push(Earlier {
                    month: opening.month,
                    known_through: opening.known_through,
                    number: opening.number,
                });
            }
        }
        Ok(Ground { lists, earlier })
    }

    /// The last approval or opening of earlier months here; 0 when there is none.
    pub(crate) fn stands_on(&self) -> i64 {
        let numbers = self.earlier.iter().map(|earlier| earlier.number);
        numbers.max().unwrap_or(0)
    }

    /// The numbers of the lists, in order.
    pub(crate) fn list_ids(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.lists.iter().map(|list| list.list_id.0).collect();
        ids.sort_unstable();
        ids
    }

    /// The last day by which the lists knew the law.
    pub(crate) fn law_as_of(&self) -> Date {
        let days = self.lists.iter().map(|list| list.law_as_of);
        days.max().unwrap_or(Date::MIN)
    }
}

impl Basis {
    pub(crate) async fn of(office: &Office<'_>, ground: &Ground) -> Result<Basis, Refused> {
        let earlier = &ground.earlier;
        let against = earlier.iter().map(|earlier| earlier.month).max();
        let of_against = earlier.iter().filter(|it| Some(it.month) == against);
        let through = ground.lists.iter().map(|list| list.known_through).max();
        let through = through.unwrap_or_default();
        let made_at = ground.lists.iter().map(|list| list.made_at).max();
        let cut = Cut {
            event_no: through,
            recorded_at: made_at.unwrap_or(Timestamp::MAX),
        };
        Ok(Basis {
            against,
            law: office.law.in_force(ground.law_as_of()),
            after: of_against.map(|it| it.known_through).min().unwrap_or(0),
            through,
            outdated: ground
                .lists
                .iter()
                .filter(|list| list.known_through < through)
                .map(|list| (list.list_id, list.known_through))
                .collect(),
            known: roll::Known::at(office.pool, cut).await?,
        })
    }
}

/// The differences of the people of a batch, each with its cause.
pub(super) async fn explain(
    office: &Office<'_>,
    scope: &Scope,
    basis: &Basis,
    batch: Vec<Pair>,
) -> Result<Vec<Change>, Refused> {
    let ids: Vec<i64> = batch.iter().map(|pair| pair.person.0).collect();
    let news = news::of_people(office.pool, &ids, basis.after, basis.through).await?;
    let keys = crate::show::keys(office, &ids).await?;
    let before = basis.against.unwrap_or_else(|| scope.month.previous());
    let listed = listed(office, &ids, before, scope.month).await?;
    let on_a_list = on_a_list(office, &ids, scope.month).await?;
    let outdated = outdated(office, basis, &ids, scope.month).await?;
    let scope_before = Scope::of(&scope.area, before).ok();
    let mut all = Vec::new();
    for pair in &batch {
        let view = View {
            pair,
            before,
            now: scope.month,
            law: &basis.law,
            scope_before: scope_before.as_ref(),
            scope,
            news: news.get(&pair.person).copied().unwrap_or_default(),
            listed: &listed,
            on_a_list: on_a_list.contains(&pair.person),
            outdated: outdated.contains(&pair.person),
        };
        let key = keys.get(&pair.person).cloned().unwrap_or_default();
        all.extend(view.changes().into_iter().map(|found| Change {
            person: key.clone(),
            cause: found.cause,
            benefit: found.benefit,
            people: found.people,
            amount: found.amount,
            person_id: pair.person,
        }));
    }
    Ok(all)
}

/// What lists hold for a person and benefit.
#[derive(Clone, Copy)]
struct ListedOf {
    /// The first month of all.
    first: Month,
    /// The month compared with is among them.
    before: bool,
    /// The month explained is among them.
    now: bool,
}

async fn listed(
    office: &Office<'_>,
    people: &[i64],
    before: Month,
    now: Month,
) -> Result<HashMap<(PersonId, Benefit), ListedOf>, Refused> {
    let rows = sqlx::query!(
        r#"with record as (
               select person_id as record_id, person_id from unnest($1::bigint[]) as person_id
               union all
               select person_id, merged_into from person where merged_into = any($1))
           select record.person_id as "person_id!", benefit, min(from_month) as "first!",
                  bool_or($2 between from_month and to_month) as "before!",
                  bool_or($3 between from_month and to_month) as "now!"
           from record join listed on listed.person_id = record_id
           group by record.person_id, benefit"#,
        people,
        before.yyyymm(),
        now.yyyymm()
    )
    .fetch_all(office.pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let key = (PersonId(row.person_id), benefit_of(row.benefit)?);
            let listed = ListedOf {
                first: month_of(row.first)?,
                before: row.before,
                now: row.now,
            };
            Ok((key, listed))
        })
        .collect()
}

async fn on_a_list(
    office: &Office<'_>,
    people: &[i64],
    month: Month,
) -> Result<HashSet<PersonId>, Refused> {
    let found = sqlx::query_scalar!(
        r#"select person_id as "person_id!" from list_line
           where list_month = $1 and line_no = 1 and person_id = any($2)
           union
           select merged_into from person join list_line using (person_id)
           where merged_into = any($2) and list_month = $1 and line_no = 1"#,
        month.yyyymm(),
        people
    )
    .fetch_all(office.pool)
    .await?;
    Ok(found.into_iter().map(PersonId).collect())
}

/// People whose list of the month does not know the newest that is known of them.
async fn outdated(
    office: &Office<'_>,
    basis: &Basis,
    people: &[i64],
    month: Month,
) -> Result<HashSet<PersonId>, Refused> {
    let mut outdated = HashSet::new();
    for (list, known_through) in &basis.outdated {
        let on_it = sqlx::query_scalar!(
            "select person_id from list_line
             where list_month = $1 and line_no = 1 and list_id = $2 and person_id = any($3)",
            month.yyyymm(),
            list.0,
            people
        )
        .fetch_all(office.pool)
        .await?;
        if !on_it.is_empty() {
            let news = news::of_people(office.pool, &on_it, *known_through, basis.through).await?;
            outdated.extend(news.into_keys());
        }
    }
    Ok(outdated)
}

/// One person's two months and what is known of them.
struct View<'a> {
    pair: &'a Pair,
    before: Month,
    now: Month,
    law: &'a InForce,
    scope_before: Option<&'a Scope>,
    scope: &'a Scope,
    news: News,
    listed: &'a HashMap<(PersonId, Benefit), ListedOf>,
    /// On any list of the month, in the area or not.
    on_a_list: bool,
    /// Their list of the month does not know the newest.
    outdated: bool,
}

struct Found {
    cause: Option<Cause>,
    benefit: Benefit,
    people: i64,
    amount: Dong,
}

impl View<'_> {
    fn changes(&self) -> Vec<Found> {
        let mut found = self.of_regular();
        let mut sums: BTreeMap<(Cause, Benefit), Dong> = BTreeMap::new();
        for part in &self.pair.before {
            if let Some((before, _)) = causes_of(part.kind) {
                *sums.entry((before, part.benefit)).or_default() += -part.terms.amount;
            }
        }
        for part in &self.pair.now {
            if let Some((_, now)) = causes_of(part.kind) {
                *sums.entry((now, part.benefit)).or_default() += part.terms.amount;
            }
        }
        found.extend(sums.into_iter().map(|((cause, benefit), amount)| Found {
            cause: Some(cause),
            benefit,
            people: 0,
            amount,
        }));
        self.count_person(&mut found);
        found
    }

    /// A person who comes or goes does so by the monthly benefit that weighs most, or else by the
    /// other part that does.
    fn count_person(&self, found: &mut [Found]) {
        let paid = |parts: &[Part]| parts.iter().any(|part| part.kind != LineKind::Recovery);
        let people = i64::from(paid(&self.pair.now)) - i64::from(paid(&self.pair.before));
        let monthly = |part: &Found| part.cause.is_none_or(|cause| cause < Cause::ArrearsNow);
        let weightiest = found
            .iter_mut()
            .max_by_key(|part| (monthly(part), part.amount.0 * people));
        if let (true, Some(part)) = (people != 0, weightiest) {
            part.people = people;
        }
    }

    fn of_regular(&self) -> Vec<Found> {
        let (before, now) = (regular(&self.pair.before), regular(&self.pair.now));
        let mut found = Vec::new();
        for (benefit, terms) in &before {
            if !now.contains_key(benefit) {
                found.push(self.found(*benefit, -terms.amount, self.of_ending(*benefit)));
            }
        }
        let replaced = found.iter().find_map(|ended| {
            ended
                .cause
                .filter(|cause| matches!(cause, Cause::LawChanged | Cause::LowerThanHighest))
        });
        for (benefit, terms) in &now {
            match before.get(benefit) {
                None => {
                    let cause = replaced.or_else(|| self.of_beginning(*benefit));
                    found.push(self.found(*benefit, terms.amount, cause));
                }
                Some(held) if held.amount != terms.amount => {
                    let cause = self.of_change(*benefit, *held, *terms);
                    found.push(self.found(*benefit, terms.amount - held.amount, cause));
                }
                Some(_) => {}
            }
        }
        found
    }

    fn found(&self, benefit: Benefit, amount: Dong, cause: Option<Cause>) -> Found {
        Found {
            cause: cause.or(self.outdated.then_some(Cause::OutdatedList)),
            benefit,
            people: 0,
            amount,
        }
    }

    fn known(&self, benefit: Benefit) -> Option<Known<'_>> {
        let case = self.pair.case.as_ref()?;
        let here = |scope: Option<&Scope>, month: Month| {
            let commune = case.commune_in(month);
            scope.is_some_and(|scope| scope.holds(commune.code, commune.valid_from))
        };
        let listed = self.listed.get(&(self.pair.person, benefit));
        let paid_late = self
            .pair
            .now
            .iter()
            .any(|part| part.benefit == benefit && part.for_month == self.before);
        Some(Known {
            law: self.law,
            person: &case.person,
            before: self.before,
            now: self.now,
            here_before: here(self.scope_before, self.before),
            here_now: here(Some(self.scope), self.now),
            news: self.news,
            elsewhere_before: listed.is_some_and(|listed| listed.before) && !paid_late,
            paid_late,
            elsewhere_now: self.on_a_list || listed.is_some_and(|listed| listed.now),
        })
    }

    fn of_beginning(&self, benefit: Benefit) -> Option<Cause> {
        let this_list = self.pair.now.iter().filter(|part| part.benefit == benefit);
        let first_now = this_list
            .map(|part| part.for_month)
            .min()
            .unwrap_or(self.now);
        let listed = self.listed.get(&(self.pair.person, benefit));
        let paid_earlier = listed.is_some_and(|listed| listed.first < first_now);
        self.known(benefit)?.of_beginning(benefit, paid_earlier)
    }

    fn of_ending(&self, benefit: Benefit) -> Option<Cause> {
        match self.known(benefit) {
            Some(_) if self.is_merged() => Some(Cause::Merged),
            Some(known) => known.of_ending(benefit),
            // Not among those who live here now.
            None if self.news.corrected => Some(Cause::Correction),
            None => Some(Cause::MovedOut),
        }
    }

    /// The record was merged into another, which is paid from now on.
    fn is_merged(&self) -> bool {
        let case = self.pair.case.as_ref();
        case.is_some_and(|case| case.merged_into.is_some())
    }

    fn of_change(&self, benefit: Benefit, before: Terms, now: Terms) -> Option<Cause> {
        if before.coefficient == now.coefficient {
            return if before.standard != now.standard {
                Some(Cause::StandardChanged)
            } else if self.news.merged {
                Some(Cause::Merged)
            } else {
                self.news.corrected.then_some(Cause::Correction)
            };
        }
        self.known(benefit)?.of_change(benefit, before, now)
    }
}

/// What parts other than regular ones are called, of the month before and of this one.
const fn causes_of(kind: LineKind) -> Option<(Cause, Cause)> {
    match kind {
        LineKind::Regular | LineKind::Recovery => None,
        LineKind::Arrears => Some((Cause::ArrearsBefore, Cause::ArrearsNow)),
        LineKind::OneOff => Some((Cause::OneOffBefore, Cause::OneOffNow)),
        LineKind::CarriedOver => Some((Cause::CarriedOverBefore, Cause::CarriedOverNow)),
    }
}
