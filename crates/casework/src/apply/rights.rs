//! Who takes which step.

use kernel::actor::Role;

use crate::Step;

/// The roles any of which may record the step. What is done in the system is done by whose work it is;
/// what was done on paper an officer may enter for everybody.
pub(crate) const fn roles(step: &Step, online: bool) -> &'static [Role] {
    use Role::{Clerk, Leader, Officer, Records};
    match (step, online) {
        // In a small commune whoever works on dossiers also sits at the counter.
        (Step::Submitted(_) | Step::Received {}, true) => &[Clerk, Officer],
        (
            Step::NotAccepted { .. } | Step::WithdrawalAsked { .. } | Step::ResultReturned {},
            true,
        ) => &[Clerk],
        (
            Step::SupplementAsked { .. }
            | Step::Supplemented { .. }
            | Step::CompletedByHand { .. }
            | Step::Complained { .. }
            | Step::Extended { .. },
            true,
        ) => &[Clerk, Officer],
        (
            Step::TakenUp { .. }
            | Step::StageDone { .. }
            | Step::Posted { .. }
            | Step::ComplaintConcluded { .. }
            | Step::Proposed(_)
            | Step::Stopped { .. },
            true,
        ) => &[Officer],
        (Step::Assigned { .. }, _) => &[Clerk, Officer, Leader],
        (Step::Agreed { .. } | Step::SentBack { .. }, true) => &[Leader],
        (Step::Decided(_), true) => &[Records],
        (
            Step::Submitted(_)
            | Step::Received {}
            | Step::NotAccepted { .. }
            | Step::WithdrawalAsked { .. }
            | Step::ResultReturned {}
            | Step::SupplementAsked { .. }
            | Step::Supplemented { .. }
            | Step::CompletedByHand { .. }
            | Step::Complained { .. }
            | Step::Extended { .. },
            false,
        ) => &[Officer, Clerk],
        (Step::Agreed { .. } | Step::SentBack { .. }, false) => &[Officer, Leader],
        (Step::Decided(_), false) => &[Officer, Records],
        (_, false) => &[Officer],
    }
}
