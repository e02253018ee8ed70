//! The month and area a board is of, as its address says.

use kernel::area::Area;
use kernel::{Actor, Month};
use payments::header;
use reports::{ByArea, Division};

use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::READERS;
use crate::page::months::read_month;

/// Month and area of a board, when the actor reads there.
pub(crate) struct Place {
    pub month: Month,
    /// `VN` is the whole country.
    pub code: String,
    pub name: String,
    pub handler: bool,
    /// What a row of a board by area is.
    pub division: Division,
    /// The area, when it is one of before the mergers.
    pub former: Option<&'static Area>,
}

impl Place {
    pub(super) async fn of(
        server: &Server,
        actor: &Actor,
        (month, code): (&str, &str),
    ) -> Result<Place, Failure> {
        let today = Month::of(server.clock.today());
        let month = match read_month(month.trim()) {
            Some(month) => month,
            None => newest(server, actor, today).await?,
        };
        let code = match code {
            "" => area::offered(actor, READERS, month)
                .first()
                .map_or_else(|| "VN".to_owned(), |choice| choice.code.clone()),
            code => code.to_owned(),
        };
        if let Some((known, era)) = code.split_once('@') {
            let former = reports::former_area(known, era).ok_or_else(Failure::not_found)?;
            return Ok(Place {
                name: format!("{} (trước khi sắp xếp)", former.full_name),
                // Who handles the people of each part of it is not worked out here.
                handler: access::holds(actor, registry::sight::HANDLERS, "VN"),
                division: Division::Below,
                former: Some(former),
                month,
                code,
            });
        }
        if code != "VN" && area::of_month(&code, month).is_none() {
            return Err(Failure::not_found());
        }
        access::require(actor, READERS, &code)?;
        Ok(Place {
            name: area::name(&code, month),
            handler: access::holds(actor, registry::sight::HANDLERS, &code),
            division: Division::Below,
            former: None,
            month,
            code,
        })
    }

    /// With rows of today's areas or of those of before the mergers.
    pub(super) fn divided(mut self, by: &str) -> Place {
        self.division = match by {
            _ if self.former.is_some() => Division::Below,
            "huyen-cu" => Division::FormerDistrict,
            "tinh-cu" => Division::FormerProvince,
            _ => Division::Below,
        };
        self
    }

    /// Month and area as a query.
    pub(crate) fn query(&self) -> String {
        let divided = match self.division {
            Division::Below => "",
            Division::FormerDistrict => "&chia=huyen-cu",
            Division::FormerProvince => "&chia=tinh-cu",
        };
        format!("{}{divided}", self.undivided())
    }

    /// The same with rows of today's areas.
    pub(super) fn undivided(&self) -> String {
        format!("thang={}&dia-ban={}", self.month, encode(&self.code))
    }

    pub(crate) fn crumbs(&self) -> Vec<Choice> {
        match self.former {
            None => area::crumbs(&self.code, self.month),
            Some(former) => area::former_crumbs(former),
        }
    }

    pub(super) fn by_area(&self) -> ByArea {
        ByArea {
            month: self.month,
            area: self.code.clone(),
            division: self.division,
        }
    }
}

/// The newest month with a list the actor may read, of the last two years; this month without one.
async fn newest(server: &Server, actor: &Actor, today: Month) -> Result<Month, Failure> {
    let lists = header::of_months(&server.pool, today.plus(-23), today.next()).await?;
    let readable = lists
        .iter()
        .rfind(|list| access::holds(actor, READERS, &list.area));
    let below = lists.last().filter(|_| readable.is_none());
    Ok(readable.or(below).map_or(today, |list| list.month))
}
