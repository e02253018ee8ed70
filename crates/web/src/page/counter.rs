//! Applications at the counter: what for and for whom, the questions section by section, what the
//! law says, everything once more, submitted.

pub(crate) mod begin;
pub(crate) mod form;
pub(crate) mod question;
pub(crate) mod questions;
pub(crate) mod review;

use access::session::SignedIn;
use axum::http::StatusCode;
use casework::draft::{self, Draft, DraftError, Owner};
use casework::form::{self as forms, Form};
use casework::submit::SubmitError;
use kernel::actor::Role;
use registry::refusal::Fault;
use uuid::Uuid;

use crate::Server;
use crate::failure::{Failure, sentence};

/// Who sits at a counter.
pub(crate) const ROLES: &[Role] = &[Role::Clerk, Role::Officer];

/// A draft of the signed-in user, with its form.
async fn draft_of(
    server: &Server,
    who: &SignedIn,
    id: Uuid,
) -> Result<(Draft, &'static Form), Failure> {
    let owner = Owner::Officer(&who.actor);
    let draft = draft::find(&server.pool, &server.clock, owner, id).await?;
    let form = forms::by_code(&draft.subject.form).ok_or_else(Failure::not_found)?;
    Ok((draft, form))
}

/// Faults as a page shows them: the field's place on it, and the sentence.
pub(super) fn told(faults: &[Fault]) -> Vec<(String, String)> {
    let told = |fault: &Fault| (question::place(&fault.field), sentence(&fault.message));
    faults.iter().map(told).collect()
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Failure {
        match error {
            DraftError::Unknown => Failure::not_found(),
            DraftError::Database(error) => error.into(),
            refused => Failure::refused(refused.code(), sentence(&refused.to_string())),
        }
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Failure {
        let code = error.code();
        match error {
            SubmitError::Refused(refusal) if code == "denied" => {
                Failure::new(StatusCode::FORBIDDEN, code, sentence(&refusal.message))
            }
            SubmitError::Draft(error) => error.into(),
            SubmitError::Failed(error) => Failure::internal(&error),
            SubmitError::Answers(faults) => {
                let errors = faults.iter().map(|fault| {
                    serde_json::json!({"field": fault.field, "code": fault.code,
                                       "message": sentence(&fault.message)})
                });
                let message = "Tờ khai có mục chưa đúng";
                Failure::refused(code, message).with_errors(errors.collect())
            }
            refused => Failure::refused(code, sentence(&refused.to_string())),
        }
    }
}
