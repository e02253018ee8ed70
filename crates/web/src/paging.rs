//! Tables come fifty rows at a time; which fifty is in the address.

use serde::Deserialize;

/// Rows on a page.
pub(crate) const ROWS: i64 = 50;

/// A page of a table: its number from 1, and how many rows there are on all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging {
    pub page: i64,
    pub count: i64,
}

impl Paging {
    /// Rows to pass over.
    pub(crate) const fn offset(page: i64) -> i64 {
        (page - 1) * ROWS
    }

    pub(crate) const fn first(self) -> i64 {
        if self.count == 0 {
            0
        } else {
            Paging::offset(self.page) + 1
        }
    }

    pub(crate) const fn last(self) -> i64 {
        let end = self.page * ROWS;
        if end < self.count { end } else { self.count }
    }

    pub(crate) const fn pages(self) -> i64 {
        (self.count + ROWS - 1) / ROWS
    }

    pub(crate) const fn has_more(self) -> bool {
        self.page * ROWS < self.count
    }
}

/// The rows of a page out of all of them.
pub(crate) fn cut<T>(rows: Vec<T>, page: i64) -> (Vec<T>, Paging) {
    let count = rows.len() as i64;
    let before = usize::try_from(Paging::offset(page)).unwrap_or(usize::MAX);
    let shown = rows.into_iter().skip(before).take(ROWS as usize);
    (shown.collect(), Paging { page, count })
}

/// The page asked for, from 1; nonsense is the first.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(from = "String")]
pub(crate) struct PageNumber(i64);

impl From<String> for PageNumber {
    fn from(text: String) -> PageNumber {
        PageNumber(text.trim().parse().unwrap_or(1))
    }
}

impl PageNumber {
    pub(crate) const fn get(self) -> i64 {
        if self.0 < 1 {
            1
        } else if self.0 > 100_000_000 {
            100_000_000
        } else {
            self.0
        }
    }
}
