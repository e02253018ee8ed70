//! Other registries that ask ours: SPDCI beneficiary registry (IBR) and social registry 1.0.0.
//!
//! A caller is registered as data ([`caller`]): which fields it sees, where, for which purposes, with which
//! keys. A message is taken when its token, its signature in either dialect and its header hold
//! (`receive`), and each message once. What is found (`find`) is cut down to what the caller may see
//! (`record`); benefits that reveal an infection are not there for anybody. What is asked for later is worked
//! out and told in the background ([`task`]).

mod answer;
pub mod caller;
mod criteria;
pub mod dead;
mod find;
pub mod jwk;
pub mod jws;
pub mod message;
mod receive;
mod record;
mod refusal;
mod report;
mod subscription;
pub mod task;
pub mod token;
pub mod told;

use g2p::SigningKey;
use kernel::Clock;
use sqlx::PgPool;

pub use answer::{Reply, accept, at_once};
pub use caller::{Caller, NewCaller};
pub use receive::Incoming;
pub use refusal::{Error, Refusal};

/// What we call ourselves in messages.
pub const OUR_ID: &str = "an-sinh";
/// Before the sender in a signature string.
pub const NAMESPACE: &str = "spdci";
/// Requests in a message at most.
pub const MOST_REQUESTS: usize = 20;
/// Records on a page at most.
pub const LARGEST_PAGE: u32 = 100;
/// Records a search may leaf through at most.
pub const MOST_RECORDS: u32 = 10_000;

/// What everything here works with.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The database.
    pub pool: &'a PgPool,
    /// The time.
    pub clock: &'a Clock,
    /// What our answers and tokens are signed with.
    pub key: &'a SigningKey,
}

/// Which of the two registries is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// People who receive, with what they are enrolled in.
    Beneficiary,
    /// People known, without what they are enrolled in.
    Social,
}

impl Register {
    /// Stable code, also in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Register::Beneficiary => "ibr",
            Register::Social => "social",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Register> {
        [Register::Beneficiary, Register::Social]
            .into_iter()
            .find(|register| register.code() == code)
    }

    /// Whether a message that names a registry means this one; one that names none does.
    pub(crate) fn is_meant(self, named: Option<&str>) -> bool {
        let last = |text: &str| text.rsplit(':').next().unwrap_or("").to_ascii_lowercase();
        named.is_none_or(|named| last(named) == last(self.kind()))
    }

    /// As messages name it (`reg_type`).
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Register::Beneficiary => "ns:org:RegistryType:IBR",
            Register::Social => "ns:org:RegistryType:Social",
        }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Who is there.
    Search,
    /// Whether one person is enrolled.
    Enrolled,
    /// What another programme pays whom.
    Report,
    /// To be told of changes.
    Subscribe,
    /// No longer.
    Unsubscribe,
    /// How far a request is.
    Status,
}

impl Action {
    /// As it stands in the header of a request.
    pub const fn code(self) -> &'static str {
        match self {
            Action::Search | Action::Enrolled => "search",
            Action::Report => "notify",
            Action::Subscribe => "subscribe",
            Action::Unsubscribe => "unsubscribe",
            Action::Status => "txn-status",
        }
    }

    /// As it stands in the header of the answer.
    pub(crate) const fn answered(self) -> &'static str {
        match self {
            Action::Search | Action::Enrolled => "on-search",
            Action::Report => "on-notify",
            Action::Subscribe => "on-subscribe",
            Action::Unsubscribe => "on-unsubscribe",
            Action::Status => "txn-on-status",
        }
    }

    /// Where the answer is told, after the caller's address; nowhere for what is answered at once only.
    pub(crate) const fn callback(self) -> Option<&'static str> {
        match self {
            Action::Search => Some("/registry/on-search"),
            Action::Subscribe => Some("/registry/on-subscribe"),
            Action::Unsubscribe => Some("/registry/on-unsubscribe"),
            Action::Status => Some("/registry/txn/on-status"),
            Action::Enrolled | Action::Report => None,
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Action> {
        let all = [
            Action::Search,
            Action::Subscribe,
            Action::Unsubscribe,
            Action::Status,
        ];
        all.into_iter().find(|action| action.code() == code)
    }
}
