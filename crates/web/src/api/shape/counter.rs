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
