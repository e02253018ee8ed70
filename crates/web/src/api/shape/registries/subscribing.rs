//! Subscriptions, what is told by them, and how far something is.

use utoipa::ToSchema;

use super::*;

#[derive(ToSchema)]
pub(crate) struct SpdciSubscribeRequest {
    transaction_id: String,
    subscribe_request: Vec<SpdciSubscribeItem>,
}

#[derive(ToSchema)]
struct SpdciSubscribeItem {
    reference_id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    subscribe_criteria: SpdciSubscribeCriteria,
    locale: Option<String>,
}

#[derive(ToSchema)]
struct SpdciSubscribeCriteria {
    version: Option<String>,
    reg_type: Option<String>,
    /// ibr: enrollement, enrollement_status_change; social: REGISTER, UPDATE. Also after a prefix and a colon.
    reg_event_type: String,
    frequency: Option<SpdciFrequency>,
    filter_type: Option<String>,
    /// Of whom, as a query.
    filter: serde_json::Value,
    notify_record_type: Option<String>,
    /// What the law allows; needed.
    authorize: Option<SpdciConsent>,
}

/// From when to when; changes are told as they come.
#[derive(ToSchema)]
struct SpdciFrequency {
    #[schema(format = DateTime)]
    start_time: String,
    #[schema(format = DateTime)]
    end_time: String,
    frequency: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct SpdciSubscribeResponse {
    transaction_id: String,
    correlation_id: String,
    subscribe_response: Vec<SpdciSubscribed>,
}

#[derive(ToSchema)]
struct SpdciSubscribed {
    reference_id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    #[schema(inline)]
    status: Progress,
    status_reason_code: Option<String>,
    subscriptions: Option<Vec<SpdciSubscription>>,
}

#[derive(ToSchema)]
struct SpdciSubscription {
    version: String,
    /// For `unsubscribe`.
    code: String,
    /// subscribe.
    status: String,
    #[schema(format = DateTime)]
    timestamp: String,
    reg_type: String,
    reg_event_type: String,
}

#[derive(ToSchema)]
pub(crate) struct SpdciUnsubscribeRequest {
    transaction_id: String,
    #[schema(format = DateTime)]
    timestamp: Option<String>,
    subscription_codes: Vec<String>,
}

#[derive(ToSchema)]
pub(crate) struct SpdciUnsubscribeResponse {
    transaction_id: String,
    correlation_id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    #[schema(inline)]
    status: Progress,
    status_reason_code: Option<String>,
    subscription_status: Vec<SpdciEnded>,
}

#[derive(ToSchema)]
struct SpdciEnded {
    code: String,
    /// unsubscribe.
    status: String,
}

#[derive(ToSchema)]
pub(crate) struct SpdciNotifyRequest {
    transaction_id: String,
    notify_event: Vec<SpdciNotice>,
}

#[derive(ToSchema)]
struct SpdciNotice {
    reference_id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    data: SpdciNoticeData,
}

#[derive(ToSchema)]
struct SpdciNoticeData {
    version: String,
    reg_type: String,
    /// Left out for UPDATE, for which the standard has no word.
    reg_event_type: Option<String>,
    reg_record_type: String,
    reg_records: SpdciRecord,
}

#[derive(ToSchema)]
pub(crate) struct SpdciStatusRequest {
    transaction_id: String,
    txnstatus_request: SpdciStatusAsked,
}

#[derive(ToSchema)]
struct SpdciStatusAsked {
    reference_id: String,
    /// search, subscribe, receipt (enrollment/updates).
    txn_type: String,
    /// transaction_id, reference_id_list, correlation_id.
    attribute_type: String,
    /// One, or a list of them.
    attribute_value: serde_json::Value,
    locale: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct SpdciStatusResponse {
    transaction_id: String,
    correlation_id: String,
    txnstatus_response: SpdciStatusSaid,
}

#[derive(ToSchema)]
struct SpdciStatusSaid {
    txn_type: String,
    /// Each reference with its status, never again what was found.
    txn_status: SpdciSearchResponse,
}

/// What only comes to callers: no operation of ours names these.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(SpdciOnSubscribe, SpdciOnUnsubscribe, SpdciNotify)))]
pub(crate) struct Callbacks;
