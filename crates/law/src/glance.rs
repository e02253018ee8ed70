//! A month being judged, and how long the judgement lasts.

use kernel::Month;

/// Every question about time goes through a glance: it answers for one month and remembers the
/// first later month in which any answer given may change. Up to that month nothing needs to be
/// asked again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance {
    month: Month,
    until: Month,
}

impl Glance {
    pub(crate) fn at(month: Month) -> Glance {
        Glance {
            month,
            until: Month::MAX,
        }
    }

    /// The last month for which all answers so far hold.
    pub(crate) fn last(&self) -> Month {
        if self.until == Month::MAX {
            Month::MAX
        } else {
            self.until.previous()
        }
    }

    /// Whether the month is `from` or later.
    pub(crate) fn reached(&mut self, from: Month) -> bool {
        let reached = self.month >= from;
        if !reached {
            self.until = self.until.min(from);
        }
        reached
    }

    /// Whether the month is `last` or earlier.
    pub(crate) fn within(&mut self, last: Month) -> bool {
        let within = self.month <= last;
        if within {
            self.until = self.until.min(last.next());
        }
        within
    }

    /// Whether the month lies in a run of months that may have no end.
    pub(crate) fn holds(&mut self, from: Month, to: Option<Month>) -> bool {
        self.reached(from) && to.is_none_or(|to| self.within(to))
    }

    /// Whether it is exactly this month.
    pub(crate) fn is(&mut self, month: Month) -> bool {
        self.holds(month, Some(month))
    }
}
