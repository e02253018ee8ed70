//! A proposal on its way to the decision.

use crate::course::Unlawful;
use crate::step::{Outcome, Proposal};

/// A proposal laid before the leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proposed {
    pub(super) proposal: Proposal,
    /// Who proposed it; `None` when that was on paper and is not told.
    pub(super) by: Option<String>,
    /// Who agreed; `Some(None)` when that was on paper and is not told.
    pub(super) agreed: Option<Option<String>>,
}

impl Proposed {
    /// Takes the leader's agreement.
    pub(super) fn agree(&mut self, by: Option<String>) {
        self.agreed = Some(by);
    }

    /// Whether somebody may agree.
    pub(super) fn may_agree(&self, by: Option<&str>) -> Result<(), Unlawful> {
        if self.agreed.is_some() {
            return Err(Unlawful::NoProposal);
        }
        match (self.by.as_deref(), by) {
            (Some(proposer), Some(leader)) if proposer == leader => Err(Unlawful::OwnProposal),
            _ => Ok(()),
        }
    }

    /// Whether the decision is the one agreed to.
    pub(super) fn may_decide(&self, outcome: &Outcome) -> Result<(), Unlawful> {
        if self.agreed.is_none() {
            return Err(Unlawful::NotAgreed);
        }
        match self.proposal.is_kept_by(outcome) {
            true => Ok(()),
            false => Err(Unlawful::OtherThanAgreed),
        }
    }
}
