//! Forms and applications as the interface writes them.

use utoipa::ToSchema;

/// An official form.
#[derive(ToSchema)]
pub(crate) struct OfficialForm {
    code: String,
    /// As printed.
    number: String,
    name: String,
    /// First day of submission.
    from: String,
    /// Last day; `null` while it holds.
    to: Option<String>,
    procedures: Vec<String>,
    benefits: Vec<String>,
    law: String,
    /// Not compared with the gazette yet.
    verify: bool,
    submitted_by: Vec<String>,
    /// Papers to be shown, not filed.
    papers: Vec<String>,
    /// Each with code, title and its fields.
    #[schema(value_type = Vec<Object>)]
    sections: Vec<String>,
}

/// An application with its answers.
#[derive(ToSchema)]
pub(crate) struct NewDossier {
    procedure: String,
    /// Code of the form.
    form: String,
    benefit: Option<String>,
    /// Number of the beneficiary in the registry.
    person: Option<i64>,
    /// `direct`, `online` or `post`.
    channel: Option<String>,
    #[schema(value_type = Option<Vec<Object>>)]
    papers: Option<Vec<String>>,
    /// Received at once.
    received: Option<bool>,
    /// Answers by field; rows of groups as lists.
    #[schema(value_type = Object)]
    answers: String,
}

/// A dossier just submitted.
#[derive(ToSchema)]
pub(crate) struct SubmittedDossier {
    /// Its code.
    dossier: String,
}

/// Corrected answers.
#[derive(ToSchema)]
pub(crate) struct NewAnswers {
    /// The version that was looked at.
    seen: i32,
    /// All answers by field; rows of groups as lists.
    #[schema(value_type = Object)]
    answers: String,
    /// Whether the supplement is complete with it.
    completes: Option<bool>,
}

/// A new version of answers.
#[derive(ToSchema)]
pub(crate) struct NewVersion {
    /// From 1.
    version: i32,
    /// Each with `field`, `label`, `old`, `new`.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<String>,
}

/// Scans to be added.
#[derive(ToSchema)]
pub(crate) struct SentPapers {
    /// What they are.
    paper: String,
    /// Number of the scan it takes the place of.
    replaces: Option<String>,
    /// PDF, JPEG or PNG.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<String>,
}

/// Papers after scans were added.
#[derive(ToSchema)]
pub(crate) struct PapersNow {
    #[schema(value_type = Vec<Object>)]
    attachments: Vec<String>,
    /// Papers still without a file.
    missing: Vec<String>,
}

/// A signature.
#[derive(ToSchema)]
pub(crate) struct SentSignature {
    /// `recorded` or `uploaded`.
    way: String,
    /// Of a signed file: who signed.
    signed_by: Option<String>,
    /// Of a signed file: when, `05/06/2024`.
    signed_on: Option<String>,
    /// The signed PDF.
    #[schema(value_type = Option<String>, format = Binary)]
    file: Option<String>,
}

/// What was signed.
#[derive(ToSchema)]
pub(crate) struct SignedFile {
    /// SHA-256 of exactly what was signed.
    file: String,
}

/// A move as foreseen: the next list while it waits and once it is accepted.
#[derive(ToSchema)]
pub(crate) struct ForeseenMove {
    /// Last day for the new place to answer.
    due_on: String,
    law: String,
    /// `month`, `commune`, `new_commune`, and the lines `now` and `then`.
    #[schema(value_type = Object)]
    waiting: String,
    #[schema(value_type = Object)]
    accepted: String,
}

/// A move as told.
#[derive(ToSchema)]
pub(crate) struct MoveTold {
    transfer_no: i64,
    /// Last day for the new place to answer.
    due_on: String,
}

/// An answer to a move.
#[derive(ToSchema)]
pub(crate) struct MoveAnswer {
    /// `accept` (with decision), `refuse` or `withdraw` (with reason).
    answer: String,
    /// `number`, `date`, `signed_by`.
    #[schema(value_type = Option<Object>)]
    decision: Option<String>,
    reason: Option<String>,
}

/// What was answered.
#[derive(ToSchema)]
pub(crate) struct MoveAnswered {
    transfer_no: i64,
    /// `accepted`, `refused`, `withdrawn`.
    answer: String,
}
