//! A month's list against the one before: every difference with its cause, so that last month and
//! the causes make this month exactly.

mod compare;
mod parts;

use std::collections::BTreeMap;

use kernel::{Actor, Dong, Month, PersonId};
use law::Benefit;
use serde::{Deserialize, Serialize};

use crate::show::READERS;
use crate::{Cause, Office, Refused, Scope};

pub(crate) use compare::{Basis, Ground};

/// People and đồng.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// People with something to pay; in a cause, more (or fewer) people.
    pub people: i64,
    /// Đồng; in a cause, more (or less) money.
    pub amount: Dong,
}

impl Total {
    fn add(&mut self, people: i64, amount: Dong) {
        self.people += people;
        self.amount += amount;
    }
}

/// One cause with all it explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CauseTotal {
    /// Which.
    pub cause: Cause,
    /// How it is called on paper.
    pub label: &'static str,
    /// People it touches, whether they come, go or stay.
    pub touched: i64,
    /// What it adds or takes away.
    #[serde(flatten)]
    pub change: Total,
}

/// The balance of two months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The month explained.
    pub month: Month,
    /// The area; empty is the whole country.
    pub area: String,
    /// The month compared with: the last one before with an approved list or an opening here.
    pub against: Option<Month>,
    /// What that month paid, recoveries apart.
    pub before: Total,
    /// The named causes, in the order of a paper.
    pub causes: Vec<CauseTotal>,
    /// What this month pays, recoveries apart.
    pub now: Total,
    /// This month, less last month, less every named cause. Anything but zero needs looking into.
    pub unexplained: Total,
    /// People for some of whose difference no cause was found.
    pub unexplained_people: i64,
    /// Booked beside the list, not part of the balance: money people owe back.
    pub recovery: Total,
}

impl Changes {
    /// Whether last month and the named causes make this month, and nobody is left over.
    pub fn balances(&self) -> bool {
        self.unexplained == Total::default() && self.unexplained_people == 0
    }
}

/// One person's part in a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The caller's key of the person.
    pub person: String,
    /// What changed it; none when nothing known explains it.
    pub cause: Option<Cause>,
    /// Which benefit.
    pub benefit: Benefit,
    /// 1 when the person comes onto the list by this, −1 when they leave it.
    pub people: i64,
    /// More or less money, đồng.
    pub amount: Dong,
    /// The person's internal number.
    #[serde(skip)]
    pub person_id: PersonId,
}

/// Compares and hands every person's differences to `take`, by person.
///
/// # Errors
/// [`Refused::NoList`] when the month has no list here, [`Refused::UnknownArea`],
/// [`Refused::Denied`], and the errors of `take`.
pub async fn changes<E: From<Refused>>(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    take: impl FnMut(Change) -> Result<(), E>,
) -> Result<Changes, E> {
    let scope = Scope::of(area, month)?;
    access::require(actor, READERS, &scope.area).map_err(Refused::from)?;
    let ground = Ground::of(office, &scope).await?;
    let basis = Basis::of(office, &ground).await?;
    compare_all(office, &scope, &basis, take).await
}

/// Everybody's differences on a basis, handed to `take` by person.
pub(crate) async fn compare_all<E: From<Refused>>(
    office: &Office<'_>,
    scope: &Scope,
    basis: &Basis,
    mut take: impl FnMut(Change) -> Result<(), E>,
) -> Result<Changes, E> {
    let mut sums = Sums::default();
    let mut pairs = parts::Pairs::begin(office, scope, basis).await?;
    loop {
        let batch = pairs.next_batch(&mut sums).await?;
        if batch.is_empty() {
            break;
        }
        for change in compare::explain(office, scope, basis, batch).await? {
            sums.note(&change);
            take(change)?;
        }
    }
    Ok(sums.into_changes(scope.clone(), basis.against))
}

/// Sums while the people pass.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) before: Total,
    pub(crate) now: Total,
    pub(crate) recovery: Total,
    causes: BTreeMap<Cause, (Option<PersonId>, CauseTotal)>,
    unexplained: Option<PersonId>,
    unexplained_people: i64,
}

impl Sums {
    fn note(&mut self, change: &Change) {
        let Some(cause) = change.cause else {
            if self.unexplained != Some(change.person_id) {
                self.unexplained = Some(change.person_id);
                self.unexplained_people += 1;
            }
            return;
        };
        let fresh = || {
            let total = CauseTotal {
                cause,
                label: cause.vietnamese(),
                touched: 0,
                change: Total::default(),
            };
            (None, total)
        };
        let (last, total) = self.causes.entry(cause).or_insert_with(fresh);
        if *last != Some(change.person_id) {
            *last = Some(change.person_id);
            total.touched += 1;
        }
        total.change.add(change.people, change.amount);
    }

    fn into_changes(self, scope: Scope, against: Option<Month>) -> Changes {
        let causes: Vec<CauseTotal> = self.causes.into_values().map(|(_, total)| total).collect();
        let named = causes.iter().map(|total| total.change);
        let explained = named.fold(Total::default(), |mut sum, change| {
            sum.add(change.people, change.amount);
            sum
        });
        Changes {
            month: scope.month,
            area: scope.area,
            against,
            before: self.before,
            now: self.now,
            unexplained: Total {
                people: self.now.people - self.before.people - explained.people,
                amount: self.now.amount - self.before.amount - explained.amount,
            },
            causes,
            unexplained_people: self.unexplained_people,
            recovery: self.recovery,
        }
    }
}
