//! What is laid before whoever signs, and what a complaint led to.

use kernel::Month;
use registry::event::Decision;
use serde::{Deserialize, Serialize};

use crate::step::Outcome;

/// What a complaint led to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// It is right.
    Upheld,
    /// It is not.
    Dismissed,
}

impl Conclusion {
    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Conclusion::Upheld => "khiếu nại đúng",
            Conclusion::Dismissed => "khiếu nại không đúng",
        }
    }
}

/// What a decision should say. `by` is who proposed it on paper; in the system it is whoever records it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proposal {
    /// To be granted.
    Approved {
        /// First month paid; left out, the law says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Month>,
        /// Who proposed it on paper.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Not to be granted.
    Refused {
        /// The first condition that is not met.
        condition: String,
        /// The article that sets it.
        law: String,
        /// Who proposed it on paper.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
}

impl Proposal {
    /// Who proposed it on paper.
    pub fn by(&self) -> Option<&str> {
        match self {
            Proposal::Approved { by, .. } | Proposal::Refused { by, .. } => by.as_deref(),
        }
    }

    /// The proposal as a decision.
    pub fn decided(&self, decision: Decision) -> Outcome {
        match self.clone() {
            Proposal::Approved { from, .. } => Outcome::Approved { decision, from },
            Proposal::Refused { condition, law, .. } => Outcome::Refused {
                decision,
                condition,
                law,
            },
        }
    }

    /// Whether the decision says what was proposed; a first month left open may be given by it.
    pub fn is_kept_by(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Proposal::Approved { from: asked, .. }, Outcome::Approved { from, .. }) => {
                asked.is_none() || asked == from
            }
            (
                Proposal::Refused { condition, law, .. },
                Outcome::Refused {
                    condition: why,
                    law: article,
                    ..
                },
            ) => condition == why && law == article,
            _ => false,
        }
    }
}
