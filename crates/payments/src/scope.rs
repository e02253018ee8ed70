//! The area a list is of, in a month.

use std::collections::HashSet;

use jiff::civil::Date;
use kernel::Month;
use kernel::area::{Area, Areas};

use crate::Refused;

/// An area in a month: the communes of every era that lie in it then.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The area's code; empty is the whole country.
    pub area: String,
    /// The month.
    pub month: Month,
    /// Code and first day of every commune inside; `None` is everywhere.
    communes: Option<HashSet<(&'static str, Date)>>,
}

impl Scope {
    /// The area with the code in the month; empty or `VN` is the whole country.
    ///
    /// # Errors
    /// [`Refused::UnknownArea`] when no area has the code in that month.
    pub fn of(area: &str, month: Month) -> Result<Scope, Refused> {
        if area.is_empty() || area == "VN" {
            return Ok(Scope {
                area: String::new(),
                month,
                communes: None,
            });
        }
        let areas = Areas::embedded();
        let communes = areas.communes_under(area, month);
        if areas.on(area, month.first_day()).is_none() && communes.is_empty() {
            return Err(Refused::UnknownArea {
                area: area.to_owned(),
                month,
            });
        }
        Ok(Scope {
            area: area.to_owned(),
            month,
            communes: Some(communes.into_iter().collect()),
        })
    }

    /// Every commune in which people of a district or province of before the mergers may be paid in
    /// the month, with people of others among them; for figures only. `name` is how it was asked for.
    pub fn of_former(era: &'static Area, name: &str, month: Month) -> Scope {
        let areas = Areas::embedded();
        let day = month.first_day();
        let inside = |area: &&Area| area.lowest && areas.path(area).contains(&era);
        let mut communes = HashSet::new();
        for area in areas.all().iter().filter(inside) {
            communes.insert((area.code, area.valid_from));
            let made_of_it = areas.successors(area).filter(|new| new.valid_from <= day);
            communes.extend(made_of_it.map(|new| (new.code, new.valid_from)));
        }
        // Who is registered under a commune of today already counts where the former one lay.
        let early = |area: &&Area| {
            let former = areas.former_district(area).map(|it| areas.path(it));
            area.lowest && area.valid_from > day && former.is_some_and(|path| path.contains(&era))
        };
        communes.extend(
            areas
                .all()
                .iter()
                .filter(early)
                .map(|area| (area.code, area.valid_from)),
        );
        Scope {
            area: name.to_owned(),
            month,
            communes: Some(communes),
        }
    }

    /// Whether the scope is the whole country.
    pub const fn is_country(&self) -> bool {
        self.communes.is_none()
    }

    /// Whether a commune lies inside.
    pub fn holds(&self, code: &str, valid_from: Date) -> bool {
        self.communes
            .as_ref()
            .is_none_or(|inside| inside.contains(&(code, valid_from)))
    }

    /// Whether any commune lies in both.
    pub fn overlaps(&self, other: &Scope) -> bool {
        match (&self.communes, &other.communes) {
            (Some(mine), Some(theirs)) => !mine.is_disjoint(theirs),
            _ => true,
        }
    }

    /// Whether every commune of the other lies in this one.
    pub fn covers(&self, other: &Scope) -> bool {
        match (&self.communes, &other.communes) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(theirs)) => theirs.is_subset(mine),
        }
    }

    /// A condition on a column of person numbers: whoever ever lived here. Codes and days come
    /// from the table of areas built into the program, so they may be written into a statement.
    pub(crate) fn condition(&self, column: &str) -> String {
        let Some(inside) = &self.communes else {
            return "true".to_owned();
        };
        let pairs: Vec<String> = inside
            .iter()
            .map(|(code, from)| format!("('{code}', date '{from}')"))
            .collect();
        if pairs.is_empty() {
            return "false".to_owned();
        }
        format!(
            "{column} in (select person_id from residence
                          where (area_code, area_valid_from) in ({}))",
            pairs.join(",")
        )
    }

    /// Codes and first days of the communes inside, for a query; `None` is everywhere.
    pub fn columns(&self) -> Option<(Vec<String>, Vec<jiff_sqlx::Date>)> {
        use jiff_sqlx::ToSqlx;
        let inside = self.communes.as_ref()?;
        Some(
            inside
                .iter()
                .map(|(code, from)| ((*code).to_owned(), from.to_sqlx()))
                .unzip(),
        )
    }
}
