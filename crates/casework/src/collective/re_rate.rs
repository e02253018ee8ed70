//! The amounts of a whole area, before and from a month on: everybody is streamed through the law.

use std::collections::VecDeque;
use std::sync::Arc;

use kernel::actor::Role;
use kernel::area::Areas;
use kernel::{Actor, Dong, Month, MonthSpan};
use law::{Benefit, InForce, Spell};
use registry::roll::{Case, Communes, Known, Roll};

use super::{CollectiveRefused, Row, RowKind, Scheme, Setting, Summary, Sums};

/// Everybody whose amount changes from the month before to the month, person by person, as the law in
/// force today owes it. Whoever begins or ends in that month is decided about otherwise and left out.
pub struct ReRating {
    law: Arc<InForce>,
    roll: Roll,
    scheme: Scheme,
    spells: Vec<Spell>,
    ahead: VecDeque<Row>,
    sums: Sums,
}

impl ReRating {
    /// Begins to read the people of the area, for an officer of it.
    ///
    /// # Errors
    /// [`CollectiveRefused`].
    pub async fn open(
        setting: &Setting<'_>,
        actor: &Actor,
        scheme: &Scheme,
    ) -> Result<ReRating, CollectiveRefused> {
        may_decide(actor, &scheme.area)?;
        ReRating::settled(setting, scheme).await
    }

    /// The same where the caller has asked whether the actor may.
    pub(super) async fn settled(
        setting: &Setting<'_>,
        scheme: &Scheme,
    ) -> Result<ReRating, CollectiveRefused> {
        known(&scheme.area, scheme.from)?;
        let communes = Communes::of(&scheme.area, scheme.from);
        Ok(ReRating {
            law: setting.law.in_force(setting.clock.today()),
            roll: Roll::open(setting.pool, &communes, scheme.from, Known::Now).await?,
            scheme: scheme.clone(),
            spells: Vec::new(),
            ahead: VecDeque::new(),
            sums: Sums::default(),
        })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next(&mut self) -> Result<Option<Row>, CollectiveRefused> {
        loop {
            if let Some(row) = self.ahead.pop_front() {
                self.sums.add(&row);
                return Ok(Some(row));
            }
            let Some(case) = self.roll.next().await? else {
                return Ok(None);
            };
            of_case(
                &self.law,
                case,
                &self.scheme,
                &mut self.spells,
                &mut self.ahead,
            );
        }
    }

    /// What the rows read so far come to.
    pub fn finish(self) -> Summary {
        self.sums.finish()
    }
}

/// Officers of an area decide about it.
pub(super) fn may_decide(actor: &Actor, area: &str) -> Result<(), CollectiveRefused> {
    Ok(access::require(actor, &[Role::Officer], area)?)
}

fn known(area: &str, month: Month) -> Result<(), CollectiveRefused> {
    let country = area.is_empty() || area == "VN";
    let inside = || !Areas::embedded().communes_under(area, month).is_empty();
    match country || inside() {
        true => Ok(()),
        false => Err(CollectiveRefused::UnknownArea(area.to_owned())),
    }
}

fn of_case(
    law: &InForce,
    case: &Case,
    scheme: &Scheme,
    spells: &mut Vec<Spell>,
    rows: &mut VecDeque<Row>,
) {
    let (before, month) = (scheme.from.previous(), scheme.from);
    let span = MonthSpan {
        from: before,
        to: month,
    };
    law.owed(&case.person, span, spells);
    let mut benefits: Vec<Benefit> = spells.iter().map(|spell| spell.benefit).collect();
    benefits.dedup();
    for benefit in benefits {
        let asked = scheme.benefit.is_none_or(|named| named == benefit);
        let (old, new) = (at(spells, benefit, before), at(spells, benefit, month));
        let (Some(old), Some(new)) = (old, new) else {
            continue;
        };
        if !asked || benefit.is_one_off() || old.amount == new.amount {
            continue;
        }
        rows.push_back(Row {
            person: case.id,
            benefit,
            kind: RowKind::ReRate,
            commune: case.commune,
            month,
            old: old.amount,
            new: new.amount,
            law: articles(law, case, new, month),
            events: Vec::new(),
        });
    }
}

/// What is owed for a benefit in a month.
pub(super) fn at(spells: &[Spell], benefit: Benefit, month: Month) -> Option<&Spell> {
    let of_month = |spell: &&Spell| spell.benefit == benefit && spell.months().contains(month);
    spells.iter().find(of_month)
}

/// The articles of an amount.
pub(super) fn articles(law: &InForce, case: &Case, spell: &Spell, month: Month) -> String {
    let province = Areas::embedded().province_code_of(case.commune_in(month));
    let (coefficient, standard) = (spell.coefficient, spell.standard);
    law.references(spell.benefit, coefficient, standard, month, Some(province))
        .join("; ")
}

/// Đồng of a spell, nothing where there is none.
pub(super) fn amount(spell: Option<&Spell>) -> Dong {
    spell.map_or(Dong::ZERO, |spell| spell.amount)
}
