//! What became of the money a month's approved lists ordered.

use kernel::{Actor, Month};
use payments::results::{Outcome, outcome};
use payments::{Office, Refused};
use serde::Serialize;

use crate::question::{By, Question, Source};

/// The board of a month and area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settlement {
    /// Always `settlement`.
    pub report: &'static str,
    /// The month of the lists.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// The lists of the month; only the approved ones order anything.
    pub lists: Vec<Source>,
    /// `ordered = paid + failed + returned + not_collected + not_reported`.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The board: what providers have reported of the lines of approved lists.
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn settlement(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Settlement, Refused> {
    let question = Question {
        month,
        area: area.to_owned(),
        by: By::Area,
    };
    let (scope, lists) = question.sources(office, actor).await?;
    Ok(Settlement {
        report: "settlement",
        month,
        outcome: outcome(office, actor, month, &scope.area).await?,
        area: scope.area,
        lists,
    })
}
