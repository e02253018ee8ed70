//! What a board is asked.

use jiff_sqlx::Date;
use kernel::actor::Role;
use kernel::{Actor, Month};
use payments::header::{Header, overlapping};
use payments::{Office, Refused, Scope};
use serde::Serialize;

/// Who may read figures of an area.
const READERS: [Role; 4] = [Role::Officer, Role::ListMaker, Role::Approver, Role::Reader];

/// Figures of a month's list, in an area, row by row of something.
#[derive(Clone, Debug)]
pub struct Question {
    /// The month of the list.
    pub month: Month,
    /// Code of the area; empty or `VN` is the whole country.
    pub area: String,
    /// What a row is.
    pub by: By,
}

/// What a row of a board is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A benefit.
    Benefit,
    /// An area right below the one asked for.
    Area,
    /// A way of paying.
    Channel,
}

/// A list the figures come from.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Source {
    /// Code of the list's area; empty is the whole country.
    pub area: String,
    /// Whether it is approved; figures of a draft may still change.
    pub approved: bool,
    /// People with at least one line.
    pub people: i32,
    /// Đồng to pay.
    pub payable: kernel::Dong,
}

impl Question {
    /// Where, and from which lists; refuses whoever may not read the area.
    pub(crate) async fn sources(
        &self,
        office: &Office<'_>,
        actor: &Actor,
    ) -> Result<(Scope, Vec<Source>), Refused> {
        let scope = Scope::of(&self.area, self.month)?;
        access::require(actor, &READERS, &scope.area)?;
        let lists = overlapping(office.pool, &scope).await?;
        if lists.is_empty() {
            let (month, area) = (self.month, scope.area);
            return Err(Refused::NoList { month, area });
        }
        Ok((scope, lists.into_iter().map(Source::of).collect()))
    }
}

impl Source {
    fn of(list: Header) -> Source {
        Source {
            approved: list.is_approved(),
            area: list.area,
            people: list.people,
            payable: list.payable,
        }
    }
}

/// A scope as query parameters: everywhere, or codes and first days of its communes.
pub(crate) fn columns(scope: &Scope) -> (bool, Vec<String>, Vec<Date>) {
    match scope.columns() {
        None => (true, Vec::new(), Vec::new()),
        Some((codes, since)) => (false, codes, since),
    }
}
