//! What people search for is kept here, not in addresses: names and ID numbers must not get into
//! histories and logs of proxies. The address only carries a ticket.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

/// Searches remembered, the oldest forgotten first.
const KEPT: usize = 2_000;

struct Search {
    ticket: String,
    user: String,
    text: String,
}

/// The searches of everybody signed in, until the server stops.
#[derive(Default)]
pub(crate) struct Searches(Mutex<VecDeque<Search>>);

impl Searches {
    /// Remembers what a user looks for; returns the ticket.
    pub(crate) fn keep(&self, user: &str, text: &str) -> String {
        let ticket = Uuid::new_v4().simple().to_string();
        let search = Search {
            ticket: ticket.clone(),
            user: user.to_owned(),
            text: text.to_owned(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(search);
        ticket
    }

    /// What the ticket stands for, if the same user asks.
    pub(crate) fn find(&self, user: &str, ticket: &str) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().rev().find(|search| search.ticket == ticket)?;
        (found.user == user).then(|| found.text.clone())
    }
}
