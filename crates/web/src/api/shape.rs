//! The shapes of answers that other crates write, for the description of the interface. A test
//! compares them with real answers.

#![expect(
    dead_code,
    reason = "these types describe what is serialised elsewhere"
)]

mod counter;
mod dialects;
mod registries;
mod settling;

use utoipa::ToSchema;

pub(crate) use counter::*;
pub(crate) use dialects::*;
pub(crate) use registries::*;
pub(crate) use settling::*;

/// A page of people by name.
#[derive(ToSchema)]
pub(crate) struct Found {
    people: Vec<Hit>,
    /// Whether there are more after this page.
    more: bool,
}

/// A person as a row.
#[derive(ToSchema)]
pub(crate) struct Hit {
    /// Number in the registry.
    id: i64,
    /// The first caller's key.
    person: String,
    full_name: String,
    birth_date: String,
    sex: Option<String>,
    id_number: Option<String>,
    id_state: String,
    area: String,
    area_name: String,
    death_date: Option<String>,
    /// Codes of benefits that go on now.
    benefits: Vec<String>,
}

/// A month's list without its lines.
#[derive(ToSchema)]
pub(crate) struct Header {
    list_id: i64,
    month: String,
    /// Empty is the whole country.
    area: String,
    made_by: String,
    made_at: String,
    known_through: i64,
    based_on: i64,
    /// Last result of payment providers the list knew.
    results_through: i64,
    law_as_of: String,
    law_fingerprint: String,
    inputs_fingerprint: String,
    lines_fingerprint: String,
    people: i32,
    lines: i32,
    /// Đồng; all lines but recoveries.
    payable: i64,
    /// Đồng, zero or negative.
    recoverable: i64,
    approved_by: Option<String>,
    approved_at: Option<String>,
    approval_no: Option<i64>,
}

/// A line of a list.
#[derive(ToSchema)]
pub(crate) struct Line {
    person: String,
    benefit: String,
    for_month: String,
    list_month: String,
    /// regular, arrears, recovery, carried_over, one_off.
    kind: String,
    /// Đồng; negative exactly for a recovery.
    amount: i64,
    coefficient: String,
    standard: i64,
    channel: Option<String>,
    reason: Option<String>,
    law: Vec<String>,
    line: String,
}

/// People and đồng.
#[derive(ToSchema)]
pub(crate) struct Total {
    people: i64,
    amount: i64,
}

/// One cause and what it adds or takes away.
#[derive(ToSchema)]
pub(crate) struct CauseTotal {
    cause: String,
    label: String,
    touched: i64,
    people: i64,
    amount: i64,
}

/// One change of one person.
#[derive(ToSchema)]
pub(crate) struct Change {
    person: String,
    cause: Option<String>,
    benefit: String,
    people: i64,
    amount: i64,
}

/// Last month ± named causes = this month.
#[derive(ToSchema)]
pub(crate) struct Changes {
    month: String,
    area: String,
    against: Option<String>,
    before: Total,
    causes: Vec<CauseTotal>,
    now: Total,
    unexplained: Total,
    unexplained_people: i64,
    recovery: Total,
    changes: Vec<Change>,
}

/// Everything behind one person's month.
#[derive(ToSchema)]
pub(crate) struct Explanation {
    person: String,
    month: String,
    /// The record this one was merged into.
    merged_into: Option<String>,
    /// Commune whose list pays the month.
    commune: String,
    /// What the law owes: total, lines with articles, refusals.
    #[schema(value_type = Object)]
    owed: (),
    refusals: Vec<String>,
    #[schema(value_type = Vec<Object>)]
    facts: (),
    #[schema(value_type = Vec<Object>)]
    decisions: (),
    /// What approved lists and openings hold.
    #[schema(value_type = Vec<Object>)]
    held: (),
    /// Months in which owed and held differ.
    #[schema(value_type = Vec<Object>)]
    open: (),
    /// Lines of the month's own list.
    #[schema(value_type = Vec<Object>)]
    lines: (),
}

/// What became of money, đồng: ordered is the sum of the others.
#[derive(ToSchema)]
pub(crate) struct MoneyOutcome {
    ordered: i64,
    paid: i64,
    failed: i64,
    returned: i64,
    not_collected: i64,
    not_reported: i64,
}

/// The same of one provider or commune.
#[derive(ToSchema)]
pub(crate) struct MoneyPart {
    /// Empty is not ordered yet.
    code: String,
    name: String,
    /// Lines that are not paid.
    open_lines: i64,
    ordered: i64,
    paid: i64,
    failed: i64,
    returned: i64,
    not_collected: i64,
    not_reported: i64,
}

/// What became of a month's approved lists.
#[derive(ToSchema)]
pub(crate) struct MoneyParts {
    whole: MoneyOutcome,
    by_provider: Vec<MoneyPart>,
    by_area: Vec<MoneyPart>,
}

/// What was ordered, and what could not be.
#[derive(ToSchema)]
pub(crate) struct Ordered {
    orders: Vec<Order>,
    open: Vec<OpenSum>,
}

/// Lines that stay open for one reason.
#[derive(ToSchema)]
pub(crate) struct OpenSum {
    reason: String,
    lines: u64,
    /// Đồng.
    amount: i64,
}

/// An order to a provider, without its lines.
#[derive(ToSchema)]
pub(crate) struct Order {
    order_no: i64,
    list_id: i64,
    list_month: String,
    provider: String,
    provider_name: String,
    /// bank, wallet, post.
    kind: String,
    contract_no: i64,
    /// file, interface, paper.
    handover: String,
    /// Empty is the whole country.
    area: String,
    pay_on: String,
    made_by: String,
    made_at: String,
    lines: i32,
    people: i32,
    /// Đồng.
    amount: i64,
    /// SHA-256 of the lines.
    fingerprint: String,
    sent: Vec<Sent>,
}

/// A message of an order handed over by interface.
#[derive(ToSchema)]
pub(crate) struct Batch {
    /// From 1.
    batch_no: i32,
    message_id: String,
    lines: i32,
    /// Đồng.
    amount: i64,
    /// Lines with a result.
    reported: i64,
    /// waiting, sending, unanswered, refused, given_up, taken, answered.
    state: String,
    sends: i32,
    asks: i32,
    at: Option<String>,
    /// When the server goes on by itself.
    next_at: Option<String>,
    code: Option<String>,
}

/// What is said at once to a message of a provider.
#[derive(ToSchema)]
pub(crate) struct G2pAnswer {
    message: G2pSaid,
}

/// Whether a message was taken.
#[derive(ToSchema)]
pub(crate) struct G2pSaid {
    /// ACK or ERR.
    ack_status: String,
    timestamp: String,
    error: Option<G2pError>,
    correlation_id: String,
}

/// Why a message was not taken.
#[derive(ToSchema)]
pub(crate) struct G2pError {
    code: String,
    message: String,
}

/// Why a message was not looked at.
#[derive(ToSchema)]
pub(crate) struct SpdciErrors {
    errors: Vec<G2pError>,
}

/// Why no token was given (RFC 6749).
#[derive(ToSchema)]
pub(crate) struct OAuthError {
    error: String,
}

/// One time an order was handed over.
#[derive(ToSchema)]
pub(crate) struct Sent {
    by: String,
    at: String,
    /// file, interface, paper.
    how: String,
    file_name: String,
    file_sha256: String,
    note: Option<String>,
}

/// What an account of the ledger holds.
#[derive(ToSchema)]
pub(crate) struct Balance {
    list_month: String,
    /// budget, owed, recovery, treasury, with_provider, paid, returned, fee.
    account: String,
    provider: Option<String>,
    /// Đồng; above zero is a debit.
    amount: i64,
}

/// A dossier handed in at a one-stop system.
#[derive(ToSchema)]
pub(crate) struct DossierMessage {
    /// Id of the message: a UUID. The same one again changes nothing.
    id: String,
    /// Code of the dossier.
    dossier: String,
    /// Number among the messages about the dossier, from 1.
    seq: i32,
    /// When it was handed in.
    at: String,
    /// Code of the procedure.
    procedure: String,
    /// Code of the applicant's commune.
    area: String,
    /// `direct`, `online` or `post`.
    channel: String,
    applicant: String,
    applicant_id_number: Option<String>,
    /// Birth date as far as it is known: `1950`, `1950-03` or `1950-03-02`.
    applicant_birth: Option<String>,
    /// The beneficiary as the registry knows them.
    beneficiary: Option<String>,
    /// The benefit asked for; needs the beneficiary.
    benefit: Option<String>,
    /// None is as good as an empty list.
    #[schema(required = false)]
    papers: Vec<PaperOfDossier>,
    /// The form as answered.
    form: Option<FormOfDossier>,
}

/// The form of a dossier, as the one-stop system has its answers. What is missing is named in the answer,
/// filled in where it is known, and only the rest is asked back.
#[derive(ToSchema)]
pub(crate) struct FormOfDossier {
    /// Code of the form; left out, the one for the procedure, benefit and day.
    code: Option<String>,
    /// The benefit asked for.
    benefit: Option<String>,
    /// Answers by field: a text, the rows of a group, or null to take an answer back. What is not named
    /// stays as it was.
    #[schema(value_type = Object)]
    answers: (),
}

/// A paper of a dossier.
#[derive(ToSchema)]
pub(crate) struct PaperOfDossier {
    name: String,
    /// SHA-256 of the file; without one the paper is not digitised.
    file: Option<String>,
}

/// Papers that were asked for.
#[derive(ToSchema)]
pub(crate) struct SupplementMessage {
    id: String,
    seq: i32,
    at: String,
    /// What came of what was asked for. Left out, or empty, with `form`: a correction nobody asked for, which
    /// leaves a supplement that is awaited awaited.
    papers: Option<Vec<PaperOfDossier>>,
    /// What was corrected in the form.
    form: Option<FormOfDossier>,
}

/// A dossier asked back.
#[derive(ToSchema)]
pub(crate) struct WithdrawalMessage {
    id: String,
    seq: i32,
    at: String,
    reason: String,
}

/// Where a dossier stands.
#[derive(ToSchema)]
pub(crate) struct DossierStanding {
    dossier: String,
    /// National status, 1 to 10.
    status: i16,
    status_name: String,
    /// Last day to decide.
    due_on: Option<String>,
    /// Outcome and written decision, once there is one.
    #[schema(value_type = Option<Object>)]
    decision: Option<String>,
    /// The last of its messages that has an answer.
    last_seq: i32,
    /// Messages held back until an earlier one comes.
    held: i64,
    /// SHA-256 of files its messages name that have not come.
    missing_files: Vec<String>,
}

/// A message to a one-stop system.
#[derive(ToSchema)]
pub(crate) struct OfferedMessage {
    /// `after` of the next request.
    no: i64,
    /// To be acknowledged.
    id: String,
    dossier: String,
    /// Number among our messages about the dossier, from 1.
    seq: i32,
    at: String,
    /// National status after the step, 1 to 10.
    status: i16,
    status_name: String,
    /// The step with its own facts; null where fields are told.
    #[schema(value_type = Option<Object>, required)]
    step: String,
    /// What the office has in fields of the form: it corrected them, or decided whose value counts; null where
    /// a step is told.
    #[schema(value_type = Option<Object>, required)]
    fields: Option<String>,
    /// SHA-256 of the letter that goes with a decision, to be fetched as a file.
    letter: Option<String>,
}

/// What became of an acknowledgement.
#[derive(ToSchema)]
pub(crate) struct AcknowledgedMessages {
    /// Recorded now.
    recorded: u64,
    /// Taken before.
    already: u64,
}
