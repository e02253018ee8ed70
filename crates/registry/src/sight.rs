//! What of people an actor may see.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx};
use kernel::actor::{Actor, Role};
use kernel::area::{Area, Areas};
use kernel::personal_id::masked;
use kernel::{AreaCode, Month};
use law::Benefit;
use serde::{Serialize, Serializer};

/// Who may look at people at all.
pub const READERS: &[Role] = &[
    Role::Clerk,
    Role::Officer,
    Role::Leader,
    Role::Records,
    Role::ListMaker,
    Role::Approver,
    Role::Reader,
    Role::Auditor,
];
/// Who works with people's papers and so sees whole ID numbers and what reveals an illness.
pub const HANDLERS: &[Role] = &[
    Role::Clerk,
    Role::Officer,
    Role::Leader,
    Role::Records,
    Role::ListMaker,
    Role::Approver,
];

/// A benefit as an actor may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// This one.
    Benefit(Benefit),
    /// One that reveals an infection (20/2021/NĐ-CP Điều 8 khoản 1 điểm b).
    Hidden,
}

impl Shown {
    /// As somebody sees it who works with papers of the place, or who does not.
    pub fn to(benefit: Benefit, handler: bool) -> Shown {
        if benefit.reveals_hiv() && !handler {
            Shown::Hidden
        } else {
            Shown::Benefit(benefit)
        }
    }

    /// Stable code; `hidden` for a hidden one.
    pub const fn code(self) -> &'static str {
        match self {
            Shown::Benefit(benefit) => benefit.code(),
            Shown::Hidden => "hidden",
        }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Whether the actor may see the whole ID number and the illness of somebody living there.
pub fn handles(actor: &Actor, home: &Area) -> bool {
    access::holds_in(actor, HANDLERS, home)
}

/// The ID number whole, or its last four digits.
pub(crate) fn id_number(number: Option<String>, handler: bool) -> Option<String> {
    number.map(|number| if handler { number } else { masked(&number) })
}

/// Communes as two columns for a query: code and first day.
#[derive(Debug, Default)]
pub struct Columns {
    /// Codes.
    pub codes: Vec<String>,
    /// First days, in the same order.
    pub since: Vec<SqlDate>,
}

impl Columns {
    fn of<'a>(areas: impl Iterator<Item = &'a Area>) -> Columns {
        let (codes, since) = areas
            .map(|area| (area.code.to_owned(), area.valid_from.to_sqlx()))
            .unzip();
        Columns { codes, since }
    }

    /// The same as pairs to look up.
    pub(crate) fn set(&self) -> HashSet<(&str, Date)> {
        let codes = self.codes.iter().map(String::as_str);
        let since = self.since.iter().map(|since| since.to_jiff());
        codes.zip(since).collect()
    }
}

/// The communes of `area` in the month (all when it is empty) in which the actor may look at
/// people; `None` is everywhere.
pub(crate) fn communes(actor: &Actor, area: &str, month: Month) -> Option<Arc<Columns>> {
    communes_of(actor, READERS, area, month)
}

/// The same of any roles.
pub fn communes_of(
    actor: &Actor,
    roles: &[Role],
    area: &str,
    month: Month,
) -> Option<Arc<Columns>> {
    type Key = (Option<Vec<AreaCode>>, String, Month);
    static FOUND: Mutex<Option<HashMap<Key, Arc<Columns>>>> = Mutex::new(None);
    // More keys than offices ask for in a day; then it starts anew.
    const MOST: usize = 4096;
    let held: Option<Vec<AreaCode>> = actor.areas_of(roles).map(|area| area.cloned()).collect();
    let country = area.is_empty() || area == "VN";
    if held.is_none() && country {
        return None;
    }
    let key = (held, area.to_owned(), month);
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let found = found.get_or_insert_default();
    if found.len() > MOST {
        found.clear();
    }
    let columns = found.entry(key).or_insert_with(|| {
        let areas = Areas::embedded();
        let seen = |home: &&Area| {
            home.lowest
                && (country || areas.contains_in(area, home.code, home.valid_from, month))
                && access::holds_in(actor, roles, home)
        };
        Arc::new(Columns::of(areas.all().iter().filter(seen)))
    });
    Some(Arc::clone(columns))
}
