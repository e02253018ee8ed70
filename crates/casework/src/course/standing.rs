//! What follows from the steps taken: status, stage, holder, deadline.

use jiff::civil::Date;
use kernel::actor::Role;

use super::{At, Course};
use crate::Status;
use crate::regime::{Regime, Stage};
use crate::step::Proposal;

/// What a dossier waits for on its way from a proposal to a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// For the leader to agree.
    Agreement,
    /// For the records office to number it.
    Number,
    /// Sent back: for another proposal.
    Repair,
}

impl Waiting {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Waiting::Agreement => "agreement",
            Waiting::Number => "number",
            Waiting::Repair => "repair",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Waiting> {
        [Waiting::Agreement, Waiting::Number, Waiting::Repair]
            .into_iter()
            .find(|waiting| waiting.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Waiting::Agreement => "Chờ lãnh đạo",
            Waiting::Number => "Chờ vào sổ",
            Waiting::Repair => "Lãnh đạo trả lại",
        }
    }
}

impl Course {
    /// The national status.
    pub const fn status(&self) -> Status {
        match self.at {
            At::Registered => Status::Registered,
            At::Received => Status::Received,
            At::InProcess => Status::InProcess,
            At::Awaiting(_) => Status::SupplementAsked,
            At::WithdrawalAsked => Status::WithdrawalAsked,
            At::NotAccepted => Status::NotAccepted,
            At::Stopped => Status::Stopped,
            At::Decided => Status::Processed,
            At::Returned => Status::ResultReturned,
        }
    }

    /// The law of the day of reception; `None` before it, or where none is known.
    pub fn regime(&self) -> Option<&'static Regime> {
        self.reception.as_ref()?.regime
    }

    /// The stage of the regime it is in, while it is worked on.
    pub fn stage(&self) -> Option<&'static Stage> {
        let open = self.status().is_open();
        self.reception.as_ref()?.stage().filter(|_| open)
    }

    /// Stages after the current one.
    pub(super) fn stages_left(&self) -> &'static [Stage] {
        let reception = self.reception.as_ref();
        reception.map_or(&[], |reception| reception.stages_left())
    }

    /// The last day to decide, or while a complaint is open to conclude it; `None` before reception,
    /// while papers are awaited, after the end, and where no limit is known.
    pub fn due_on(&self) -> Option<Date> {
        let reception = self.reception.as_ref()?;
        if !matches!(self.at, At::Received | At::InProcess) {
            return None;
        }
        match self.complaint {
            Some(since) => self.complaint_due(since),
            None => reception.due_on(),
        }
    }

    /// The last day to decide as appointed at the reception, whatever apologies came later; `None` before
    /// reception and where no limit is known.
    pub fn appointed_on(&self) -> Option<Date> {
        self.reception.as_ref()?.appointed_on()
    }

    /// The last day of the stage it is in, by the law or the shorter time of the locality.
    pub fn stage_due_on(&self) -> Option<Date> {
        let running = matches!(self.at, At::Received | At::InProcess);
        let running = running && self.complaint.is_none();
        self.reception.as_ref().filter(|_| running)?.stage_due_on()
    }

    /// Who holds it: `None` is the [`desk`](Course::desk).
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }

    /// The desk it lies on while nobody is assigned; `None` after its end.
    pub fn desk(&self) -> Option<Role> {
        match self.at {
            At::NotAccepted | At::Stopped | At::Returned => None,
            At::Registered | At::Awaiting(_) | At::Decided => Some(Role::Clerk),
            At::WithdrawalAsked => Some(Role::Officer),
            At::Received | At::InProcess => Some(match self.waiting() {
                Some(Waiting::Agreement) => Role::Leader,
                Some(Waiting::Number) => Role::Records,
                _ => self.stage().map_or(Role::Officer, |stage| stage.role),
            }),
        }
    }

    /// What it waits for between a proposal and the decision.
    pub fn waiting(&self) -> Option<Waiting> {
        if !matches!(self.at, At::Received | At::InProcess) {
            return None;
        }
        match &self.proposed {
            Some(proposed) if proposed.agreed.is_some() => Some(Waiting::Number),
            Some(_) => Some(Waiting::Agreement),
            None => self.sent_back.then_some(Waiting::Repair),
        }
    }

    /// The proposal that waits for the leader or for its number.
    pub fn proposal(&self) -> Option<&Proposal> {
        let proposed = self.proposed.as_ref()?;
        self.waiting().map(|_| &proposed.proposal)
    }

    /// Who proposed it, when that is known.
    pub fn proposed_by(&self) -> Option<&str> {
        self.proposed.as_ref()?.by.as_deref()
    }

    /// Who agreed, when that is known.
    pub fn agreed_by(&self) -> Option<&str> {
        self.proposed.as_ref()?.agreed.as_ref()?.as_deref()
    }

    /// Whether a decision made in the system needs a proposal the leader agreed with.
    pub fn needs_agreement(&self) -> bool {
        self.regime().is_some_and(|regime| regime.agreement)
    }

    /// First and last day it hangs in public, in the stage it is in.
    pub const fn posted(&self) -> Option<(Date, Date)> {
        self.posted
    }

    /// Since when a complaint waits for its conclusion.
    pub const fn complaint(&self) -> Option<Date> {
        self.complaint
    }

    /// Whether a new day was appointed once.
    pub const fn extended(&self) -> bool {
        self.extended
    }

    /// Papers still without a file.
    pub const fn missing(&self) -> usize {
        self.missing
    }
}
