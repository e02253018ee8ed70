//! Pairs come twenty at a time: they are read side by side, not as rows.

/// Pairs on a page.
pub(crate) const SHOWN: i64 = 20;

/// A page of pairs: its number from 1, how many pairs there are on all, and the address of the first page.
pub(crate) struct PairPages {
    pub number: i64,
    pub count: i64,
    /// Ends before the number.
    pub address: String,
}

impl PairPages {
    /// Pairs to pass over before a page.
    pub(crate) const fn offset(number: i64) -> i64 {
        (number - 1) * SHOWN
    }

    /// Pairs on the pages before.
    pub(crate) const fn before(&self) -> i64 {
        PairPages::offset(self.number)
    }

    pub(crate) const fn has_more(&self) -> bool {
        self.number * SHOWN < self.count
    }

    /// The address of a page.
    pub(crate) fn to(&self, number: &i64) -> String {
        format!("{}&trang={number}", self.address)
    }
}
