//! The amounts of a whole area, before and from a month on: everybody is streamed through the law.

use kernel::actor::Role;
use kernel::area::Areas;
use kernel::{Actor, Dong, Month, MonthSpan};
use law::{Benefit, InForce, Spell};
use registry::roll::{Case, Communes, Known, Roll};

use super::{CollectiveRefused, Row, RowKind, Scheme, Setting, Summary, Sums};

/// Hands everybody whose amount changes from the month before to the month to `take`, person by
/// person, as the law in force today owes it. Whoever begins or ends in that month is decided about
/// otherwise and left out.
///
/// # Errors
/// [`CollectiveRefused`], and those of `take`.
pub async fn re_rate<E: From<CollectiveRefused>>(
    setting: &Setting<'_>,
    actor: &Actor,
    scheme: &Scheme,
    mut take: impl AsyncFnMut(&Row) -> Result<(), E>,
) -> Result<Summary, E> {
    may_decide(actor, &scheme.area).map_err(E::from)?;
    let month = scheme.from;
    let communes = Communes::of(&scheme.area, month);
    let known = known(&scheme.area, month);
    known.map_err(E::from)?;
    let law = setting.law.in_force(setting.clock.today());
    let failed = |error: registry::ApplyError| E::from(CollectiveRefused::from(error));
    let mut roll = Roll::open(setting.pool, &communes, month, Known::Now).await.map_err(failed)?;
    let mut sums = Sums::default();
    let mut spells = Vec::new();
    let mut rows = Vec::new();
    while let Some(case) = roll.next().await.map_err(failed)? {
        of_case(&law, case, scheme, &mut spells, &mut rows);
        for row in rows.drain(..) {
            sums.add(&row);
            take(&row).await?;
        }
    }
    Ok(sums.finish())
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
    rows: &mut Vec<Row>,
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
        rows.push(Row {
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
    law.references(spell.benefit, coefficient, standard, month, Some(province)).join("; ")
}

/// Đồng of a spell, nothing where there is none.
pub(super) fn amount(spell: Option<&Spell>) -> Dong {
    spell.map_or(Dong::ZERO, |spell| spell.amount)
}
