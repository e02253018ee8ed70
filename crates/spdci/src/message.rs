//! Requests as they come.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{Action, MOST_REQUESTS, Refusal};

/// Letters a transaction or reference id may have.
const LONGEST_ID: usize = 99;

/// What is asked, by the address it came to.
#[derive(Clone, Debug)]
pub enum Request {
    /// [`Action::Search`].
    Search(SearchRequest),
    /// [`Action::Enrolled`].
    Enrolled(EnrolledRequest),
    /// [`Action::Report`].
    Report(ReportRequest),
    /// [`Action::Subscribe`].
    Subscribe(SubscribeRequest),
    /// [`Action::Unsubscribe`].
    Unsubscribe(UnsubscribeRequest),
    /// [`Action::Status`].
    Status(StatusRequest),
}

/// `SearchRequest`.
#[derive(Clone, Debug, Deserialize)]
pub struct SearchRequest {
    /// The caller's name of the whole.
    pub transaction_id: String,
    /// Each search.
    pub search_request: Vec<SearchItem>,
}

/// One search.
#[derive(Clone, Debug, Deserialize)]
pub struct SearchItem {
    /// The caller's name of it.
    pub reference_id: String,
    /// When it was written.
    pub timestamp: Timestamp,
    /// What is sought.
    pub search_criteria: SearchCriteria,
}

/// What is sought, for what, and which page of it.
#[derive(Clone, Debug, Deserialize)]
pub struct SearchCriteria {
    /// Which registry is meant; the address says it already.
    #[serde(default)]
    pub reg_type: Option<String>,
    /// `idtype-value`, `expression`, `predicate`.
    pub query_type: String,
    /// By its type.
    pub query: Value,
    /// In which order; only ours is spoken.
    #[serde(default)]
    pub sort: Vec<Value>,
    /// Which page.
    #[serde(default)]
    pub pagination: Option<Pagination>,
    /// What the person agreed to.
    #[serde(default)]
    pub consent: Option<Value>,
    /// What the law allows.
    #[serde(default)]
    pub authorize: Option<Value>,
}

/// Which page, counted from 1.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Pagination {
    /// Records on it.
    pub page_size: u32,
    /// Its number.
    #[serde(default = "first")]
    pub page_number: u32,
}

const fn first() -> u32 {
    1
}

/// `EnrolledRequest`.
#[derive(Clone, Debug, Deserialize)]
pub struct EnrolledRequest {
    /// The caller's name of it.
    pub transaction_id: String,
    /// Who, in what.
    pub enrolled_criteria: EnrolledCriteria,
}

/// Who, in what.
#[derive(Clone, Debug, Deserialize)]
pub struct EnrolledCriteria {
    /// As in a search; an expression when left out.
    #[serde(default)]
    pub query_type: Option<String>,
    /// Attributes and what they are.
    pub query: Value,
}

/// `EnrollmentUpdatesRequest`.
#[derive(Clone, Debug, Deserialize)]
pub struct ReportRequest {
    /// The caller's name of the whole.
    pub transaction_id: String,
    /// Whom it is about.
    pub enrolled_updates: EnrolledUpdates,
}

/// Whom it is about, and what they receive.
#[derive(Clone, Debug, Deserialize)]
pub struct EnrolledUpdates {
    /// Each as the standard's `Beneficiary`; one of another shape spoils no other.
    pub beneficiaries: Vec<Value>,
}

/// `SubscribeRequest`.
#[derive(Clone, Debug, Deserialize)]
pub struct SubscribeRequest {
    /// The caller's name of the whole.
    pub transaction_id: String,
    /// Each subscription.
    pub subscribe_request: Vec<SubscribeItem>,
}

/// One subscription.
#[derive(Clone, Debug, Deserialize)]
pub struct SubscribeItem {
    /// The caller's name of it.
    pub reference_id: String,
    /// When it was written.
    pub timestamp: Timestamp,
    /// To what.
    pub subscribe_criteria: SubscribeCriteria,
}

/// To what, of whom, for what.
#[derive(Clone, Debug, Deserialize)]
pub struct SubscribeCriteria {
    /// Which registry is meant; the address says it already.
    #[serde(default)]
    pub reg_type: Option<String>,
    /// Which changes.
    pub reg_event_type: String,
    /// From when to when.
    #[serde(default)]
    pub frequency: Option<Frequency>,
    /// As `query_type`; worked out from the filter when left out.
    #[serde(default)]
    pub filter_type: Option<String>,
    /// Of whom.
    pub filter: Value,
    /// What the law allows.
    #[serde(default)]
    pub authorize: Option<Value>,
}

/// From when to when; changes are told as they come, however often.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Frequency {
    /// From then on.
    pub start_time: Timestamp,
    /// Until then.
    pub end_time: Timestamp,
}

/// `UnSubscribeRequest`.
#[derive(Clone, Debug, Deserialize)]
pub struct UnsubscribeRequest {
    /// The caller's name of it.
    pub transaction_id: String,
    /// Our names of subscriptions.
    pub subscription_codes: Vec<String>,
}

/// `TxnStatusRequest`.
#[derive(Clone, Debug, Deserialize)]
pub struct StatusRequest {
    /// The caller's name of this question.
    pub transaction_id: String,
    /// About what.
    pub txnstatus_request: StatusAsked,
}

/// About what.
#[derive(Clone, Debug, Deserialize)]
pub struct StatusAsked {
    /// The caller's name of it.
    pub reference_id: String,
    /// `search` or `subscribe`.
    pub txn_type: String,
    /// `transaction_id`, `reference_id_list`, `correlation_id`.
    pub attribute_type: String,
    /// One, or a list of them.
    pub attribute_value: Value,
}

impl Request {
    /// Reads a message.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::TooLarge`].
    pub fn read(action: Action, text: &str) -> Result<Request, Refusal> {
        let bad = |_| Refusal::Malformed;
        let request = match action {
            Action::Search => Request::Search(serde_json::from_str(text).map_err(bad)?),
            Action::Enrolled => Request::Enrolled(serde_json::from_str(text).map_err(bad)?),
            Action::Report => Request::Report(serde_json::from_str(text).map_err(bad)?),
            Action::Subscribe => Request::Subscribe(serde_json::from_str(text).map_err(bad)?),
            Action::Unsubscribe => Request::Unsubscribe(serde_json::from_str(text).map_err(bad)?),
            Action::Status => Request::Status(serde_json::from_str(text).map_err(bad)?),
        };
        if let Request::Status(it) = &request {
            let asked = &it.txnstatus_request;
            let known = ["search", "subscribe", "receipt"].contains(&asked.txn_type.as_str())
                && ["transaction_id", "reference_id_list", "correlation_id"]
                    .contains(&asked.attribute_type.as_str());
            if !known {
                return Err(Refusal::Malformed);
            }
        }
        let count = request.count();
        if count > MOST_REQUESTS {
            return Err(Refusal::TooLarge);
        }
        let named = |id: &str| {
            (1..=LONGEST_ID).contains(&id.chars().count()) && !id.chars().any(char::is_control)
        };
        let refs = request.refs();
        if count == 0 || !named(request.transaction_id()) || !refs.iter().all(|id| named(id)) {
            return Err(Refusal::Malformed);
        }
        Ok(request)
    }

    /// How many requests are in it.
    pub fn count(&self) -> usize {
        match self {
            Request::Search(it) => it.search_request.len(),
            Request::Report(it) => it.enrolled_updates.beneficiaries.len(),
            Request::Subscribe(it) => it.subscribe_request.len(),
            Request::Unsubscribe(it) => it.subscription_codes.len(),
            Request::Enrolled(_) | Request::Status(_) => 1,
        }
    }

    /// The caller's name of the whole.
    pub fn transaction_id(&self) -> &str {
        match self {
            Request::Search(it) => &it.transaction_id,
            Request::Enrolled(it) => &it.transaction_id,
            Request::Report(it) => &it.transaction_id,
            Request::Subscribe(it) => &it.transaction_id,
            Request::Unsubscribe(it) => &it.transaction_id,
            Request::Status(it) => &it.transaction_id,
        }
    }

    /// The caller's names of what is in it.
    pub fn refs(&self) -> Vec<String> {
        match self {
            Request::Search(it) => {
                let refs = it.search_request.iter();
                refs.map(|item| item.reference_id.clone()).collect()
            }
            Request::Subscribe(it) => {
                let refs = it.subscribe_request.iter();
                refs.map(|item| item.reference_id.clone()).collect()
            }
            Request::Enrolled(it) => vec![it.transaction_id.clone()],
            Request::Report(it) => {
                let count = it.enrolled_updates.beneficiaries.len();
                (1..=count).map(|at| at.to_string()).collect()
            }
            Request::Unsubscribe(it) => it.subscription_codes.clone(),
            Request::Status(it) => vec![it.txnstatus_request.reference_id.clone()],
        }
    }
}
