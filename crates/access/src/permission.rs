//! Whether an actor may do something in an area.

use kernel::actor::{Actor, Role};

/// The actor has none of the roles that may do this in the area.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{who} không có quyền làm việc này {place}: cần vai trò {needed}", place = place(.area))]
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
        code => format!("tại địa bàn {code}"),
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

/// Whether the actor holds one of the roles in the area or in one that contains it.
pub fn holds(actor: &Actor, roles: &[Role], area_code: &str) -> bool {
    actor.areas_of(roles).any(|area| match area {
        None => true,
        Some(held) => held.0 == area_code,
    })
}
