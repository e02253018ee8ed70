//! Shapes of what becomes of the money: the queue, closings, contracts, movements.

use utoipa::ToSchema;

/// A result that waits for a person, or waited.
#[derive(ToSchema)]
pub(crate) struct Waiting {
    queue_no: i64,
    provider: String,
    /// The provider's own number.
    result_id: String,
    /// As the provider wrote it.
    line: String,
    /// paid, failed, returned, not_collected.
    status: String,
    date: String,
    reason: Option<String>,
    /// Đồng, the provider says.
    amount: i64,
    /// Đồng of the line, when it is known.
    line_amount: Option<i64>,
    /// Why it waits.
    why: String,
    message: String,
    /// Whether it may be recorded after all.
    recordable: bool,
    area: String,
    recorded_by: String,
    recorded_at: String,
    /// record, dismiss.
    decision: Option<String>,
    decision_reason: Option<String>,
    resolved_by: Option<String>,
}

/// What results suggest about a person.
#[derive(ToSchema)]
pub(crate) struct Proposal {
    proposal_no: i64,
    /// suspend, death, pension.
    kind: String,
    /// Number in the registry.
    person: i64,
    month: String,
    area: String,
    proposed_at: String,
    /// results, population, police, programme.
    source: String,
    /// Where it can be looked up, if not in the results.
    proof: Option<String>,
    /// The day from which what is proposed would hold, if known.
    since: Option<String>,
    /// accept, reject.
    decision: Option<String>,
    reason: Option<String>,
    decided_by: Option<String>,
}

/// A page of lines behind a figure.
#[derive(ToSchema)]
pub(crate) struct ToldLines {
    lines: Vec<ToldLine>,
    /// On all pages.
    count: i64,
    /// Đồng on all pages.
    amount: i64,
}

/// A line and what became of it.
#[derive(ToSchema)]
pub(crate) struct ToldLine {
    line: String,
    area: String,
    /// Empty is not ordered yet.
    provider: String,
    amount: i64,
    /// paid, failed, returned, not_collected; null is not reported.
    status: Option<String>,
    reason: Option<String>,
    date: Option<String>,
}

/// A closed month.
#[derive(ToSchema)]
pub(crate) struct Closure {
    closure_no: i64,
    month: String,
    /// Empty is the whole country.
    area: String,
    closed_by: String,
    closed_at: String,
    ordered: i64,
    paid: i64,
    failed: i64,
    returned: i64,
    not_collected: i64,
    not_reported: i64,
    /// SHA-256 of every line with what became of it.
    fingerprint: String,
    unlock_asked_by: Vec<String>,
    /// Why, as each of them said.
    unlock_reasons: Vec<String>,
    is_unlocked: bool,
}

/// One reason why a month is not closed.
#[derive(ToSchema)]
pub(crate) struct Obstacle {
    code: String,
    provider: Option<String>,
    count: i64,
    /// Đồng.
    amount: i64,
    message: String,
}

/// Where a month stands.
#[derive(ToSchema)]
pub(crate) struct MonthStatus {
    closures: Vec<Closure>,
    obstacles: Vec<Obstacle>,
}

/// Who pays.
#[derive(ToSchema)]
pub(crate) struct Provider {
    /// Small letters, digits, - and _.
    code: String,
    name: String,
    /// bank, wallet, post.
    kind: String,
    bank_code: Option<String>,
    account_number: Option<String>,
}

/// A recorded contract.
#[derive(ToSchema)]
pub(crate) struct Contract {
    contract_no: i64,
    recorded_by: String,
    /// Channels for which it holds in the month asked for.
    holds_for: Vec<String>,
    provider: String,
    area: String,
    bank: Option<String>,
    channels: Vec<String>,
    from: String,
    to: Option<String>,
    fee_basis_points: i32,
    list_before_day: i16,
    report_before_day: i16,
    settlement_months: i16,
    handover: String,
    signed_number: Option<String>,
}

/// Money moved once.
#[derive(ToSchema)]
pub(crate) struct Movement {
    entry: i64,
    /// drawn, transferred, given_back, fee_paid, taken_back.
    kind: String,
    area: String,
    provider: Option<String>,
    /// Đồng.
    amount: i64,
    day: String,
    paper: String,
    by: String,
    at: String,
    /// The entry that this one takes back.
    reverses: Option<i64>,
    taken_back_by: Option<i64>,
}

/// A page of movements.
#[derive(ToSchema)]
pub(crate) struct Movements {
    movements: Vec<Movement>,
    /// On all pages.
    count: i64,
}

/// What the accounts hold of one area.
#[derive(ToSchema)]
pub(crate) struct AreaBalance {
    area: String,
    name: String,
    /// Đồng by account.
    #[schema(value_type = Object)]
    accounts: (),
}

/// What is settled with one provider, đồng.
#[derive(ToSchema)]
pub(crate) struct Statement {
    provider: String,
    transferred: i64,
    paid: i64,
    fee: i64,
    fee_due: i64,
    given_back: i64,
    to_give_back: i64,
    unaccounted: i64,
}
