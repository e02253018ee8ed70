//! Whether an actor may do something in an area.

use kernel::actor::{Actor, Role};
use kernel::area::{Area, Areas};

/// The actor has none of the roles that may do this in the area.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("người dùng {who} không có quyền làm việc này {place}: cần vai trò {needed}", place = place(.area))]
pub struct Denied {
    /// Sign-in name of the actor.
    pub who: String,
    /// The roles any of which would do, as users see them.
    pub needed: String,
    /// The area asked for; empty is the whole country.
    pub area: String,
}

impl Denied {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        "denied"
    }
}

fn place(area: &str) -> String {
    match area {
        "" => "trên cả nước".to_owned(),
        code if code
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"@-".contains(&it)) =>
        {
            format!("tại địa bàn {code}")
        }
        _ => "tại một địa bàn không có trong danh mục".to_owned(),
    }
}

/// Refuses unless the actor holds one of the roles in the area or in one that contains it.
/// An empty `area_code` or `VN` is the whole country.
///
/// # Errors
/// [`Denied`] says who lacks which roles where.
pub fn require(actor: &Actor, roles: &[Role], area_code: &str) -> Result<(), Denied> {
    if holds(actor, roles, area_code) {
        return Ok(());
    }
    let needed: Vec<&str> = roles.iter().map(|role| role.vietnamese()).collect();
    Err(Denied {
        who: actor.name.clone(),
        needed: needed.join(", "),
        area: if area_code == "VN" { "" } else { area_code }.to_owned(),
    })
}

/// Whether the actor holds one of the roles in the area or in one that contains it. A code that
/// named several areas in time must lie there in every era, so that none is reached by a code
/// that was issued anew. A code of no area is reached only by roles in the whole country.
pub fn holds(actor: &Actor, roles: &[Role], area_code: &str) -> bool {
    let areas = Areas::embedded();
    actor.areas_of(roles).any(|held| {
        let Some(held) = held else { return true };
        let mut eras = eras(areas, area_code).peekable();
        eras.peek().is_some() && eras.all(|area| areas.contains(&held.0, area))
    })
}

/// As [`holds`], for one area of one era, as stored with people.
pub fn holds_in(actor: &Actor, roles: &[Role], area: &Area) -> bool {
    let areas = Areas::embedded();
    actor
        .areas_of(roles)
        .any(|held| held.is_none_or(|held| areas.contains(&held.0, area)))
}

/// Every area that ever had the code.
fn eras<'a>(areas: &'a Areas, code: &'a str) -> impl Iterator<Item = &'a Area> {
    let first = areas.all().partition_point(|area| area.code < code);
    areas.all()[first..]
        .iter()
        .take_while(move |area| area.code == code)
}

/// Codes of every area of every era in which the actor holds one of the roles, for a query;
/// `None` is everywhere.
pub fn codes_held(actor: &Actor, roles: &[Role]) -> Option<Vec<String>> {
    let held: Option<Vec<_>> = actor.areas_of(roles).collect();
    let held = held?;
    let areas = Areas::embedded();
    let inside = |area: &&Area| held.iter().any(|outer| areas.contains(&outer.0, area));
    let mut codes: Vec<String> = areas
        .all()
        .iter()
        .filter(inside)
        .map(|area| area.code.to_owned())
        .collect();
    codes.dedup();
    Some(codes)
}
