//! What results move in the ledger: money with a provider becomes paid, or waits to be given back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kernel::clock::vietnam_time;
use kernel::{Actor, Dong};
use sqlx::PgConnection;

use super::state::LineState;
use super::{Status, kept};
use crate::Refused;
use crate::header::month_of;
use crate::ledger::{Account, Entry, EntryKind, Place, Posting, post};

/// What the results of one provider move, by list month and commune. Lines that were never ordered
/// move nothing: the ledger knows of no money for them.
#[derive(Debug, Default)]
pub(super) struct Booking {
    /// Where any result came, also of lines the ledger knows nothing of.
    heard_of: BTreeSet<(i32, Place)>,
    moved: BTreeMap<(i32, Place), Moved>,
}

/// Đồng that came (above zero) or went.
#[derive(Clone, Copy, Debug, Default)]
struct Moved {
    with_provider: i64,
    paid: i64,
    returned: i64,
}

impl Moved {
    fn of(&mut self, status: Option<Status>) -> &mut i64 {
        match status {
            None => &mut self.with_provider,
            Some(Status::Paid) => &mut self.paid,
            Some(Status::Failed | Status::Returned | Status::NotCollected) => &mut self.returned,
        }
    }
}

impl Booking {
    /// A result of a line that stands as it does.
    pub(super) fn add(&mut self, list_month: i32, line: &LineState, status: Status) {
        self.heard_of.insert((list_month, line.place.clone()));
        if line.ordered_from.is_none() {
            return;
        }
        let moved = self
            .moved
            .entry((list_month, line.place.clone()))
            .or_default();
        *moved.of(line.last.map(|last| last.status)) -= line.amount;
        *moved.of(Some(status)) += line.amount;
    }

    /// Books an entry for each list month, and notes for boards where results came.
    pub(super) async fn book(
        self,
        tx: &mut PgConnection,
        (actor, now): (&Actor, Timestamp),
        provider: &str,
        area: &str,
    ) -> Result<(), Refused> {
        kept::note(tx, self.heard_of.into_iter()).await?;
        let mut months: BTreeMap<i32, Vec<Posting>> = BTreeMap::new();
        for ((month, place), moved) in self.moved {
            let postings = months.entry(month).or_default();
            for (account, amount) in [
                (Account::WithProvider, moved.with_provider),
                (Account::Paid, moved.paid),
                (Account::Returned, moved.returned),
            ] {
                postings.push(Posting {
                    account,
                    provider: Some(provider.to_owned()),
                    place: place.clone(),
                    amount: Dong(amount),
                });
            }
        }
        for (month, postings) in months {
            let entry = Entry {
                kind: EntryKind::Reported,
                memo: "",
                area,
                list_month: month_of(month)?,
                list: None,
                order: None,
                day: vietnam_time(now).date(),
                reverses: None,
                postings,
            };
            post(tx, now, actor, &entry).await?;
        }
        Ok(())
    }
}
