//! What the audit log says of recorded events: whom they touched, where, and for one person what was
//! known before and after. Of many the log says how many; each event itself is kept for good.

use access::audit::Changed;
use jiff::civil::Date;
use kernel::area::{Area, Areas};
use serde_json::json;

use super::intake::Intake;
use super::{ApplyError, Setting};
use crate::event::Event;
use crate::fact;
use crate::timeline::{self, Award, PersonState, StatedFact};

/// What is said besides how many there were.
pub(super) struct Told {
    /// The commune of everybody touched, or their province; none when they live apart.
    pub(super) area: Option<String>,
    /// Of one person, what was known before and is known now.
    pub(super) changed: Changed,
}

/// What to say of the people touched, each as all their events say now.
///
/// # Errors
/// [`ApplyError::Inconsistent`].
pub(super) fn told<'s, 'e: 's>(
    setting: &Setting<'_>,
    intake: &Intake<'_>,
    now: impl Iterator<Item = &'s PersonState<'e>>,
) -> Result<Told, ApplyError> {
    let (mut homes, mut changed) = (Homes::default(), Changed::new());
    let mut only = intake.people.iter().filter(|_| intake.people.len() == 1);
    let before: Option<(&i64, Vec<&Event>)> = only
        .next()
        .map(|(number, person)| (number, person.stored.iter().collect()));
    for person in now {
        homes.add(person, setting.areas);
        if let Some((number, stored)) = &before {
            let was = timeline::fold(stored, setting.areas);
            let was = was.map_err(|contradiction| ApplyError::Inconsistent {
                person: **number,
                what: contradiction.fault.message,
            })?;
            changed = difference(was.as_ref(), person);
        }
    }
    Ok(Told {
        area: homes.common(),
        changed,
    })
}

/// Where the people touched live, as far as one area holds them all.
#[derive(Default)]
struct Homes {
    any: bool,
    commune: Option<&'static str>,
    province: Option<&'static str>,
}

impl Homes {
    fn add(&mut self, person: &PersonState<'_>, areas: &'static Areas) {
        let Some((_, home)) = person.residences.last() else {
            return;
        };
        let commune = Some(home.code);
        let province = areas.path(home).first().map(|area: &&Area| area.code);
        if !self.any {
            (self.any, self.commune, self.province) = (true, commune, province);
            return;
        }
        self.commune = self.commune.filter(|it| Some(*it) == commune);
        self.province = self.province.filter(|it| Some(*it) == province);
    }

    fn common(self) -> Option<String> {
        self.commune.or(self.province).map(str::to_owned)
    }
}

/// What is known of somebody, in the fields the log shows.
fn difference(old: Option<&PersonState<'_>>, new: &PersonState<'_>) -> Changed {
    let who = |it: &PersonState<'_>| {
        let id = it.identity;
        json!({ "full_name": id.full_name, "birth_date": id.birth_date, "sex": id.sex,
            "ethnicity": id.ethnicity, "household": id.household_id })
    };
    let (was, is) = (old.map(who).unwrap_or_default(), who(new));
    let mut changed = Changed::new();
    for field in ["full_name", "birth_date", "sex", "ethnicity", "household"] {
        changed = changed.value(field, &was[field], &is[field]);
    }
    let home = |it: &PersonState<'_>| it.residences.last().map(|(_, area)| area.code);
    let changed = changed
        .masked(
            "id_number",
            old.and_then(|it| it.identity.id_number),
            new.identity.id_number,
        )
        .masked(
            "phone",
            old.and_then(|it| it.identity.phone),
            new.identity.phone,
        )
        .value("commune", old.and_then(home), home(new))
        .value("death_date", old.and_then(|it| it.death), new.death)
        .value(
            "merged_into",
            old.and_then(|it| it.merged_into),
            new.merged_into,
        )
        .value("facts", old.map(facts), facts(new))
        .value("benefits", old.map(awards), awards(new))
        .value(
            "wants_account",
            old.and_then(|it| it.wants_account),
            new.wants_account,
        );
    let changed = payee(changed, old, new);
    if old.is_some_and(|old| infection(old) != infection(new)) {
        return changed.hidden("health");
    }
    changed
}

fn payee(changed: Changed, old: Option<&PersonState<'_>>, new: &PersonState<'_>) -> Changed {
    let (was, is) = (
        old.and_then(|it| it.payee).map(|(_, choice)| choice),
        new.payee.map(|(_, choice)| choice),
    );
    changed
        .value(
            "channel",
            was.map(|it| it.channel.code()),
            is.map(|it| it.channel.code()),
        )
        .value(
            "payee",
            was.map(|it| it.holder_name.as_deref().unwrap_or(it.holder.code())),
            is.map(|it| it.holder_name.as_deref().unwrap_or(it.holder.code())),
        )
        .masked(
            "payee_id_number",
            was.and_then(|it| it.holder_id_number.as_deref()),
            is.and_then(|it| it.holder_id_number.as_deref()),
        )
        .value(
            "bank",
            was.and_then(|it| it.provider.as_deref()),
            is.and_then(|it| it.provider.as_deref()),
        )
        .masked(
            "account",
            was.and_then(|it| it.account_number.as_deref()),
            is.and_then(|it| it.account_number.as_deref()),
        )
}

/// Facts besides an infection.
fn facts(person: &PersonState<'_>) -> Vec<String> {
    let shown = person
        .facts
        .iter()
        .filter(|it| *it.kind != law::FactKind::Hiv);
    let words = |it: &StatedFact<'_>| {
        let what = match fact::variant(it.kind) {
            Some(variant) => format!("{} {variant}", fact::code(it.kind)),
            None => fact::code(it.kind).to_owned(),
        };
        format!("{what} {}–{}", it.from, end(it.to))
    };
    shown.map(words).collect()
}

/// Benefits besides those that reveal an infection.
fn awards(person: &PersonState<'_>) -> Vec<String> {
    let shown = person.awards.iter().filter(|it| !it.benefit.reveals_hiv());
    let words = |it: &Award<'_>| {
        let to = it.to.map_or_else(String::new, |to| to.to_string());
        let rests = match it.suspended.last() {
            Some(rest) => format!(" (tạm dừng từ {})", rest.from),
            None => String::new(),
        };
        format!("{} {}–{to}{rests}", it.benefit.code(), it.from)
    };
    shown.map(words).collect()
}

fn end(to: Option<Date>) -> String {
    to.map_or_else(String::new, |to| to.to_string())
}

/// What tells of an infection, to be compared only.
fn infection<'s, 'e>(person: &'s PersonState<'e>) -> (Vec<&'s StatedFact<'e>>, Vec<&'s Award<'e>>) {
    (
        person
            .facts
            .iter()
            .filter(|it| *it.kind == law::FactKind::Hiv)
            .collect(),
        person
            .awards
            .iter()
            .filter(|it| it.benefit.reveals_hiv())
            .collect(),
    )
}
