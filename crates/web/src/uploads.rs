//! Files that were read on trial and wait for "apply": one for each user, on disk, until the
//! server stops.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use registry::import::Imported;
use tempfile::NamedTempFile;
use uuid::Uuid;

/// What an uploaded sheet is a list of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// People and what is decided for them.
    People,
    /// Accounts a provider opened.
    Payees {
        /// As the officer named it.
        provider: String,
    },
    /// People of another programme.
    Programme(links::list::Bringing),
    /// People one decision stops or adjusts; recorded from its own page.
    Decision,
}

/// A file and what reading it on trial gave.
pub(crate) struct Upload {
    /// In the address of its page.
    pub ticket: String,
    /// Name without path, as the browser gave it.
    pub name: String,
    /// Area it is for; empty is the whole country.
    pub area: String,
    /// What it is a list of.
    pub content: Content,
    pub file: NamedTempFile,
    pub trial: Imported,
    /// What applying it gave.
    pub applied: Mutex<Option<Arc<Imported>>>,
}

impl Upload {
    pub(crate) fn ticket() -> String {
        Uuid::new_v4().simple().to_string()
    }

    pub(crate) fn applied(&self) -> Option<Arc<Imported>> {
        self.applied
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn note_applied(&self, imported: Imported) {
        let mut applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        *applied = Some(Arc::new(imported));
    }
}

/// The last upload of each user.
#[derive(Default)]
pub(crate) struct Uploads(Mutex<HashMap<String, Arc<Upload>>>);

impl Uploads {
    /// Keeps an upload in place of the user's earlier one.
    pub(crate) fn keep(&self, user: &str, upload: Upload) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(user.to_owned(), Arc::new(upload));
    }

    /// The user's upload with the ticket.
    pub(crate) fn find(&self, user: &str, ticket: &str) -> Option<Arc<Upload>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(user)
            .filter(|upload| upload.ticket == ticket)
            .cloned()
    }
}
