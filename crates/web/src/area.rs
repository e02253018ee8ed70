//! Areas as pages offer and name them.

use jiff::civil::Date;
use kernel::Actor;
use kernel::Month;
use kernel::actor::Role;
use kernel::area::{Area, Areas};

/// An area to choose or to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// `VN` is the whole country.
    pub code: String,
    /// As printed.
    pub name: String,
    /// Inside the one above it.
    pub inner: bool,
}

/// The whole country as a code in addresses.
const COUNTRY: &str = "VN";

/// The areas in which the actor holds a role, each followed by the areas directly inside.
pub(crate) fn offered(actor: &Actor, roles: &[Role], month: Month) -> Vec<Choice> {
    let areas = Areas::embedded();
    let day = month.first_day();
    let mut offered: Vec<Choice> = Vec::new();
    for held in actor.areas_of(roles) {
        let code = held.map_or(COUNTRY, |code| code.0.as_str());
        let outer = Choice {
            code: code.to_owned(),
            name: name(code, month),
            inner: false,
        };
        let inner = areas.children(code, day).into_iter().map(|area| Choice {
            code: area.code.to_owned(),
            name: area.full_name.clone(),
            inner: true,
        });
        for choice in std::iter::once(outer).chain(inner) {
            if offered.iter().all(|other| other.code != choice.code) {
                offered.push(choice);
            }
        }
    }
    offered
}

/// The area of the month with the code, or the last that had it.
pub(crate) fn of_month(code: &str, month: Month) -> Option<&'static Area> {
    let areas = Areas::embedded();
    areas
        .on(code, month.first_day())
        .or_else(|| areas.latest(code))
}

/// Its name as printed; the code itself when no area has it.
pub(crate) fn name(code: &str, month: Month) -> String {
    match code {
        "" | COUNTRY => "Cả nước".to_owned(),
        code => {
            of_month(code, month).map_or_else(|| code.to_owned(), |area| area.full_name.clone())
        }
    }
}

/// From the province down to the area; each with the code to go there.
pub(crate) fn crumbs(code: &str, month: Month) -> Vec<Choice> {
    let Some(area) = of_month(code, month) else {
        return vec![Choice {
            code: COUNTRY.to_owned(),
            name: name("", month),
            inner: false,
        }];
    };
    let path = Areas::embedded().path(area).into_iter();
    let step = |area: &Area| Choice {
        code: area.code.to_owned(),
        name: area.full_name.clone(),
        inner: false,
    };
    path.map(step).collect()
}

/// From the province down to an area of before the mergers; each with the code to go there.
pub(crate) fn former_crumbs(area: &Area) -> Vec<Choice> {
    let step = |area: &Area| Choice {
        code: reports::former_code(area).unwrap_or_else(|| area.code.to_owned()),
        name: format!("{} (trước khi sắp xếp)", area.full_name),
        inner: false,
    };
    Areas::embedded().path(area).into_iter().map(step).collect()
}

/// The areas directly inside.
pub(crate) fn inside(code: &str, month: Month) -> Vec<Choice> {
    let inside = Areas::embedded()
        .children(code, month.first_day())
        .into_iter();
    let step = |area: &Area| Choice {
        code: area.code.to_owned(),
        name: area.full_name.clone(),
        inner: true,
    };
    inside.map(step).collect()
}

/// The commune a stored pair names, as printed.
pub(crate) fn commune_name((code, valid_from): &(String, Date)) -> String {
    let commune = Areas::embedded().get(code, *valid_from);
    commune.map_or_else(|| code.clone(), |area| area.full_name.clone())
}

/// The area that had the code last, as printed.
pub(crate) fn latest_name(code: &str) -> String {
    let area = Areas::embedded().latest(code);
    area.map_or_else(|| code.to_owned(), |area| area.full_name.clone())
}
