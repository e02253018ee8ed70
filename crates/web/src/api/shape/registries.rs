//! Messages of SPDCI 1.0.0 as we take and give them. Names and meaning are the standard's; what stands here is
//! as much of it as is spoken.

mod subscribing;

use utoipa::ToSchema;

pub(crate) use subscribing::*;

/// A message: header and message, signed together.
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident: $header:ty, $message:ty;)*) => {
        $($(#[$doc])*
        #[derive(ToSchema)]
        pub(crate) struct $name {
            /// Chuỗi chữ ký; bỏ trống khi ký ở tiêu đề HTTP Signature.
            signature: Option<String>,
            header: $header,
            message: $message,
        })*
    };
}

messages! {
    /// `search`.
    SpdciSearch: SpdciHeader, SpdciSearchRequest;
    /// `on-search`.
    SpdciOnSearch: SpdciAnswerHeader, SpdciSearchResponse;
    /// `search` at `enrolled`.
    SpdciEnrolled: SpdciHeader, SpdciEnrolledRequest;
    /// What `enrolled` answers.
    SpdciOnEnrolled: SpdciAnswerHeader, SpdciEnrolledResponse;
    /// `notify` at `enrollment/updates`.
    SpdciUpdates: SpdciNoticeHeader, SpdciUpdatesRequest;
    /// What `enrollment/updates` answers.
    SpdciOnUpdates: SpdciAnswerHeader, SpdciUpdatesResponse;
    /// `subscribe`.
    SpdciSubscribe: SpdciHeader, SpdciSubscribeRequest;
    /// `on-subscribe`, to the caller's own address.
    SpdciOnSubscribe: SpdciAnswerHeader, SpdciSubscribeResponse;
    /// `unsubscribe`.
    SpdciUnsubscribe: SpdciHeader, SpdciUnsubscribeRequest;
    /// `on-unsubscribe`, to the caller's own address.
    SpdciOnUnsubscribe: SpdciAnswerHeader, SpdciUnsubscribeResponse;
    /// `notify`, to the caller's own address.
    SpdciNotify: SpdciAnswerHeader, SpdciNotifyRequest;
    /// `txn-status`.
    SpdciStatus: SpdciHeader, SpdciStatusRequest;
    /// `txn-on-status`.
    SpdciOnStatus: SpdciAnswerHeader, SpdciStatusResponse;
}

/// Header of a request.
#[derive(ToSchema)]
pub(crate) struct SpdciHeader {
    /// 1.0.0; the same when left out.
    version: Option<String>,
    /// The sender's name of the message, used once.
    message_id: String,
    #[schema(format = DateTime)]
    message_ts: String,
    /// search, subscribe, unsubscribe, txn-status: as the address says.
    action: String,
    /// As registered.
    sender_id: String,
    /// The registered address, or one below it.
    sender_uri: Option<String>,
    /// an-sinh.
    receiver_id: Option<String>,
    /// Requests in the message.
    total_count: u32,
    /// Always false.
    is_msg_encrypted: Option<bool>,
    #[schema(value_type = Option<Object>)]
    meta: Option<()>,
}

/// Header of a message about updates.
#[derive(ToSchema)]
pub(crate) struct SpdciNoticeHeader {
    version: Option<String>,
    message_id: String,
    #[schema(format = DateTime)]
    message_ts: String,
    /// notify.
    action: String,
    #[schema(inline)]
    status: Option<Progress>,
    status_reason_code: Option<String>,
    status_reason_message: Option<String>,
    total_count: Option<u32>,
    completed_count: Option<u32>,
    sender_id: String,
    receiver_id: Option<String>,
    is_msg_encrypted: Option<bool>,
    #[schema(value_type = Option<Object>)]
    meta: Option<()>,
}

/// Header of an answer or notice.
#[derive(ToSchema)]
pub(crate) struct SpdciAnswerHeader {
    version: String,
    message_id: String,
    #[schema(format = DateTime)]
    message_ts: String,
    action: String,
    #[schema(inline)]
    status: Progress,
    status_reason_code: Option<String>,
    status_reason_message: Option<String>,
    total_count: Option<u32>,
    completed_count: Option<u32>,
    /// an-sinh.
    sender_id: String,
    receiver_id: Option<String>,
    is_msg_encrypted: Option<bool>,
}

/// How far something is.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum Progress {
    Rcvd,
    Pdng,
    Succ,
    Rjct,
}

/// What a message that cannot be taken is answered at once: the header says why, or the errors do.
#[derive(ToSchema)]
pub(crate) struct SpdciRefused {
    header: Option<SpdciAnswerHeader>,
    errors: Option<Vec<super::G2pError>>,
}

#[derive(ToSchema)]
pub(crate) struct SpdciSearchRequest {
    transaction_id: String,
    /// At most 20.
    search_request: Vec<SpdciSearchItem>,
}

#[derive(ToSchema)]
struct SpdciSearchItem {
    reference_id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    search_criteria: SpdciCriteria,
    locale: Option<String>,
}

#[derive(ToSchema)]
struct SpdciCriteria {
    version: Option<String>,
    reg_type: Option<String>,
    reg_record_type: Option<String>,
    /// idtype-value, predicate, expression.
    query_type: String,
    /// By its type: an object, or a list of predicates.
    query: serde_json::Value,
    /// Empty: only our order is spoken.
    #[schema(value_type = Option<Vec<Object>>)]
    sort: Option<Vec<String>>,
    pagination: Option<SpdciAskedPage>,
    /// What the person agreed to; needed.
    consent: Option<SpdciConsent>,
    /// What the law allows.
    authorize: Option<SpdciConsent>,
}

#[derive(ToSchema)]
struct SpdciAskedPage {
    /// 1 to 100.
    page_size: u32,
    page_number: Option<u32>,
}

/// A consent or an authorisation.
#[derive(ToSchema)]
struct SpdciConsent {
    #[schema(rename = "@context")]
    context: Option<String>,
    #[schema(rename = "@type")]
    kind: Option<String>,
    /// The caller's name of it.
    id: Option<String>,
    /// When it was given.
    #[schema(format = DateTime)]
    ts: String,
    purpose: SpdciPurpose,
}

#[derive(ToSchema)]
struct SpdciPurpose {
    /// One of the registered purposes.
    code: String,
    text: Option<String>,
    ref_uri: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct SpdciSearchResponse {
    transaction_id: String,
    correlation_id: String,
    search_response: Vec<SpdciFound>,
}

#[derive(ToSchema)]
struct SpdciFound {
    reference_id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    #[schema(inline)]
    status: Progress,
    status_reason_code: Option<String>,
    status_reason_message: Option<String>,
    data: Option<SpdciRecords>,
    pagination: Option<SpdciPage>,
}

#[derive(ToSchema)]
struct SpdciRecords {
    version: String,
    /// ns:org:RegistryType:IBR or ns:org:RegistryType:Social.
    reg_type: String,
    /// Beneficiary or Member.
    reg_record_type: String,
    reg_records: Vec<SpdciRecord>,
}

#[derive(ToSchema)]
struct SpdciPage {
    page_size: u32,
    page_number: u32,
    total_count: i64,
}

/// A person: in the beneficiary registry a `Beneficiary` with a member, in the social one the member itself.
/// Only the fields the caller was given are there.
#[derive(ToSchema)]
struct SpdciRecord {
    #[schema(rename = "@context", value_type = Option<Object>)]
    context: Option<()>,
    #[schema(rename = "@type")]
    kind: String,
    assistance_unit: Option<String>,
    member: Option<SpdciMember>,
    member_identifier: Option<String>,
    demographic_info: Option<SpdciDemographic>,
    is_disabled: Option<bool>,
    disability_info: Option<Vec<SpdciDisability>>,
    additional_attributes: Option<Vec<SpdciChange>>,
}

#[derive(ToSchema)]
struct SpdciMember {
    #[schema(rename = "@type")]
    kind: String,
    /// Our number of the person.
    member_identifier: String,
    demographic_info: Option<SpdciDemographic>,
    is_disabled: Option<bool>,
    disability_info: Option<Vec<SpdciDisability>>,
    programme_identifier: Option<Vec<SpdciProgramme>>,
    additional_attributes: Option<Vec<SpdciChange>>,
}

/// In notices: what happened.
#[derive(ToSchema)]
struct SpdciChange {
    /// person_registered, enrolled, enrolment_ended, suspended, resumed, died, moved, merged, cancelled, left
    /// (no longer yours to see), changed (of something you do not see).
    event: String,
    /// What was taken back, with `cancelled`.
    cancels: Option<String>,
    /// The record that is kept, with `merged`, if it is yours to see.
    merged_into: Option<String>,
    /// With `merged_into`: your subscription by number goes on for the record that is kept.
    followed: Option<bool>,
    /// Records you subscribed to by number, for which the one told of goes on since they were merged into it.
    instead_of: Option<Vec<String>>,
}

#[derive(ToSchema)]
struct SpdciDemographic {
    #[schema(rename = "@type")]
    kind: String,
    name: Option<SpdciName>,
    /// As far as known: 1950, 1950-03 or 1950-03-17.
    birth_date: Option<String>,
    /// female or male.
    sex: Option<String>,
    identifier: Option<Vec<SpdciIdentifier>>,
    phone_number: Option<Vec<String>>,
    death_date: Option<String>,
    address: Option<SpdciAddress>,
}

#[derive(ToSchema)]
struct SpdciName {
    #[schema(rename = "@type")]
    kind: String,
    surname: String,
    second_name: String,
    given_name: String,
}

#[derive(ToSchema)]
struct SpdciIdentifier {
    #[schema(rename = "@type")]
    kind: Option<String>,
    /// UIN.
    identifier_type: Option<String>,
    identifier_value: String,
}

#[derive(ToSchema)]
struct SpdciAddress {
    #[schema(rename = "@type")]
    kind: String,
    /// Code of the commune, as in /.well-known/locations.json.
    location_code: String,
    locality: String,
}

#[derive(ToSchema)]
struct SpdciDisability {
    #[schema(rename = "@type")]
    kind: String,
    disability_severity: String,
}

#[derive(ToSchema)]
struct SpdciProgramme {
    #[schema(rename = "@type")]
    kind: String,
    programme: SpdciProgrammeName,
    enrolment_date: String,
    /// active, suspended, closed.
    enrolment_status: String,
    /// The last month paid, once closed.
    last_month: Option<String>,
}

#[derive(ToSchema)]
struct SpdciProgrammeName {
    #[schema(rename = "@type")]
    kind: Option<String>,
    programme_identifier: String,
    programme_name: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct SpdciEnrolledRequest {
    transaction_id: String,
    enrolled_criteria: SpdciEnrolledCriteria,
}

#[derive(ToSchema)]
struct SpdciEnrolledCriteria {
    query_type: Option<String>,
    response_entity: Option<String>,
    /// Attributes and what they are; the ID number or our number is needed.
    query: serde_json::Value,
}

#[derive(ToSchema)]
pub(crate) struct SpdciEnrolledResponse {
    transaction_id: String,
    correlation_id: String,
    enrolled_response: Vec<SpdciIsEnrolled>,
}

#[derive(ToSchema)]
struct SpdciIsEnrolled {
    reference_id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    #[schema(inline)]
    status: Progress,
    status_reason_message: Option<String>,
    /// yes or no.
    enrolled_status: String,
}

#[derive(ToSchema)]
pub(crate) struct SpdciUpdatesRequest {
    transaction_id: String,
    enrolled_updates: SpdciBeneficiaries,
}

#[derive(ToSchema)]
struct SpdciBeneficiaries {
    /// At most 20, each the standard's `Beneficiary`: `member.demographic_info.identifier[].identifier_value` (or
    /// `member.member_identifier`, our number) and `member.programme_identifier`, one or a list of `programme`
    /// {`programme_identifier`, `programme_name`}, `enrolment_status` (active, suspended, closed),
    /// `enrolment_date`, `status_change_date`, `benefits.benefit_type`.
    #[schema(value_type = Vec<Object>)]
    beneficiaries: Vec<()>,
}

#[derive(ToSchema)]
pub(crate) struct SpdciUpdatesResponse {
    transaction_id: String,
    correlation_id: String,
    enrolled_response: Vec<SpdciUpdated>,
}

#[derive(ToSchema)]
struct SpdciUpdated {
    /// Place in the message, from 1.
    reference_id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    #[schema(inline)]
    status: Progress,
    status_reason_message: Option<String>,
}
