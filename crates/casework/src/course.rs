//! The course of a dossier: which steps are lawful, and what follows from those taken.

mod proposed;
mod reception;
mod standing;
mod unlawful;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::clock::vietnam_time;
use kernel::holiday::is_working_day;

use crate::Submission;
use crate::deadline::{last_day, working_days};
use crate::local::Rule;
use crate::step::{Outcome, Proposal, Step};
use proposed::Proposed;
use reception::Reception;

pub use standing::Waiting;
pub use unlawful::Unlawful;

/// Where a dossier stands after its steps so far. Pure: the same steps give the same course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    procedure: String,
    /// Whether its benefit reveals an infection: never posted (20/2021/NĐ-CP Điều 8 khoản 1 điểm b).
    hidden: bool,
    /// What the locality has decided about stages, the strongest rule last.
    rules: Vec<Rule>,
    at: At,
    reception: Option<Reception>,
    holder: Option<String>,
    /// First and last day it hangs, of the stage it is in.
    posted: Option<(Date, Date)>,
    /// Day of the open complaint.
    complaint: Option<Date>,
    proposed: Option<Proposed>,
    sent_back: bool,
    extended: bool,
    /// Papers still without a file.
    missing: usize,
    last: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Registered,
    Received,
    InProcess,
    /// Papers are awaited since a day.
    Awaiting(Date),
    WithdrawalAsked,
    NotAccepted,
    Stopped,
    Decided,
    Returned,
}

/// How a step was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner<'a> {
    /// In the system; otherwise on paper and entered afterwards.
    pub online: bool,
    /// Sign-in name of whoever recorded it.
    pub recorded_by: &'a str,
}

impl Manner<'_> {
    /// Who did it, when that is known: of what was done on paper, the words of the step count.
    fn who(self, on_paper: Option<&str>) -> Option<String> {
        let who = if self.online {
            Some(self.recorded_by)
        } else {
            on_paper
        };
        who.map(str::to_owned)
    }
}

impl Course {
    /// After the first step.
    pub fn begin(submission: &Submission, at: Timestamp) -> Course {
        Course {
            procedure: submission.procedure.clone(),
            hidden: submission
                .benefit
                .is_some_and(|benefit| benefit.reveals_hiv()),
            rules: Vec::new(),
            at: At::Registered,
            reception: None,
            holder: None,
            posted: None,
            complaint: None,
            proposed: None,
            sent_back: false,
            extended: false,
            missing: submission.papers_missing(),
            last: at,
        }
    }

    /// The same under the locality's own rules, the strongest last. They count from the reception on.
    #[must_use]
    pub fn under(mut self, rules: Vec<Rule>) -> Course {
        self.rules = rules;
        self
    }

    /// After one more step, which happened at the time.
    ///
    /// # Errors
    /// [`Unlawful`]: the course is as it was.
    pub fn follow(
        &mut self,
        step: &Step,
        at: Timestamp,
        manner: Manner<'_>,
    ) -> Result<(), Unlawful> {
        if at < self.last {
            return Err(Unlawful::BeforeTheLast);
        }
        let day = vietnam_time(at).date();
        let next = self.lead(step, day, manner)?;
        if let (At::Awaiting(asked), Some(reception)) = (self.at, &mut self.reception)
            && !matches!(step, Step::Assigned { .. })
        {
            reception.rests.push((asked, day));
        }
        self.take(step, day, manner);
        (self.at, self.last) = (next, at);
        if self.status().is_final() {
            self.holder = None;
        }
        Ok(())
    }

    /// What a lawful step changes besides the status.
    fn take(&mut self, step: &Step, day: Date, manner: Manner<'_>) {
        match step {
            Step::Received {} => {
                let reception = Reception::of(&self.procedure, day, &self.rules);
                self.holder = reception.local_holder();
                self.reception = Some(reception);
            }
            Step::CompletedByHand { papers } => {
                self.missing = self.missing.saturating_sub(papers.len());
            }
            Step::StageDone { .. } => {
                if let Some(reception) = &mut self.reception {
                    reception.at += 1;
                    self.holder = reception.local_holder();
                }
                self.posted = None;
            }
            Step::TakenUp { holder } | Step::Assigned { holder } => {
                self.holder = Some(holder.clone());
            }
            Step::Posted { from, to } => self.posted = Some((*from, *to)),
            Step::Complained { .. } => self.complaint = Some(day),
            Step::ComplaintConcluded { .. } => {
                if let (Some(since), Some(reception)) = (self.complaint.take(), &mut self.reception)
                {
                    reception.rests.push((since, day));
                }
            }
            Step::Extended { due_on, .. } => {
                if let Some(reception) = &mut self.reception
                    && let Some(due) = reception.due_on()
                {
                    reception.extend(due, *due_on);
                }
                self.extended = true;
            }
            Step::Proposed(proposal) => {
                let by = manner.who(proposal.by());
                let proposal = proposal.clone();
                self.proposed = Some(Proposed {
                    proposal,
                    by,
                    agreed: None,
                });
                (self.holder, self.sent_back) = (None, false);
            }
            Step::Agreed { by } => {
                if let Some(proposed) = &mut self.proposed {
                    proposed.agree(manner.who(by.as_deref()));
                }
                self.holder = None;
            }
            Step::SentBack { .. } => {
                self.holder = self.proposed.take().and_then(|proposed| proposed.by);
                self.sent_back = true;
            }
            Step::Decided(_) => (self.holder, self.sent_back) = (None, false),
            _ => {}
        }
    }

    /// Where the step leads from here.
    fn lead(&self, step: &Step, day: Date, manner: Manner<'_>) -> Result<At, Unlawful> {
        use At::{Awaiting, Decided, InProcess, Received, Registered, Returned, WithdrawalAsked};
        let worked_on = matches!(self.at, Received | InProcess);
        if worked_on && self.proposed.is_some() && step.is_work() {
            return Err(Unlawful::ProposalWaits);
        }
        let lead = match (step, self.at) {
            (Step::Submitted(_), _) => return Err(Unlawful::SubmittedAlready),
            (Step::Received {}, Registered) => Received,
            (Step::NotAccepted { .. }, Registered) => At::NotAccepted,
            (Step::TakenUp { .. }, Received | InProcess) => InProcess,
            (Step::Assigned { .. }, at) if !self.status().is_final() => at,
            (Step::StageDone { stage }, Received | InProcess) => {
                self.may_end_stage(stage, day)?;
                InProcess
            }
            (Step::SupplementAsked { .. }, Registered | Received | InProcess) => Awaiting(day),
            (Step::Supplemented { .. }, Awaiting(_)) if self.reception.is_none() => Registered,
            (Step::Supplemented { .. }, Awaiting(_)) => InProcess,
            (Step::CompletedByHand { .. }, Registered | Received | InProcess) => {
                if self.missing == 0 {
                    return Err(Unlawful::NothingMissing);
                }
                self.at
            }
            (Step::WithdrawalAsked { .. }, Registered | Received | InProcess | Awaiting(_)) => {
                WithdrawalAsked
            }
            (Step::Stopped { .. }, Received | InProcess | Awaiting(_) | WithdrawalAsked) => {
                At::Stopped
            }
            (Step::Posted { from, to }, Received | InProcess) => {
                self.may_post(*from, *to, day)?;
                InProcess
            }
            (Step::Complained { .. }, Received | InProcess) => {
                self.may_complain()?;
                InProcess
            }
            (Step::ComplaintConcluded { .. }, Received | InProcess) => {
                self.complaint.ok_or(Unlawful::NoComplaint)?;
                InProcess
            }
            (Step::Extended { due_on, .. }, Received | InProcess) => {
                self.may_extend(*due_on, day)?;
                self.at
            }
            (Step::Proposed(proposal), Received | InProcess) => {
                self.may_propose(proposal)?;
                InProcess
            }
            (Step::Agreed { by }, Received | InProcess) => {
                let proposed = self.proposed.as_ref().ok_or(Unlawful::NoProposal)?;
                proposed.may_agree(manner.who(by.as_deref()).as_deref())?;
                InProcess
            }
            (Step::SentBack { .. }, Received | InProcess) => {
                self.proposed.as_ref().ok_or(Unlawful::NoProposal)?;
                InProcess
            }
            (Step::Decided(outcome), Received | InProcess) => {
                self.may_decide(outcome, day, manner)?;
                Decided
            }
            (Step::ResultReturned {}, Decided) => Returned,
            _ => {
                return Err(Unlawful::NotNow {
                    status: self.status(),
                    step: step.vietnamese(),
                });
            }
        };
        Ok(lead)
    }

    fn may_end_stage(&self, stage: &str, day: Date) -> Result<(), Unlawful> {
        let (current, is_last) = match self.stage() {
            Some(current) => (current.code.as_str(), self.stages_left().is_empty()),
            None => ("decided", true),
        };
        if current != stage || is_last {
            let expected = current.to_owned();
            return Err(Unlawful::OtherStage { expected });
        }
        match (self.complaint, self.posted) {
            (Some(_), _) => Err(Unlawful::ComplaintOpen),
            (None, Some((_, until))) if day <= until => Err(Unlawful::StillPosted { until }),
            _ => Ok(()),
        }
    }

    fn may_post(&self, from: Date, to: Date, day: Date) -> Result<(), Unlawful> {
        let stage = self.stage().filter(|_| !self.hidden);
        let days = stage.and_then(|stage| stage.posting);
        let days = days.ok_or(Unlawful::NeverPosted)?;
        if self.complaint.is_some() {
            return Err(Unlawful::ComplaintOpen);
        }
        let received = self.reception.as_ref().map(|reception| reception.day);
        let in_time = received.is_some_and(|received| received <= from) && from <= day;
        // A year bounds the counting; nothing hangs that long.
        let far = to.duration_since(from).as_hours() > 24 * 366;
        let hangs = u16::from(is_working_day(from));
        if !in_time || far || to < from || hangs + working_days(from, to, &[]) < days {
            return Err(Unlawful::PostingDays { days });
        }
        Ok(())
    }

    fn may_complain(&self) -> Result<(), Unlawful> {
        match (self.posted, self.complaint) {
            (Some(_), None) => Ok(()),
            (_, Some(_)) => Err(Unlawful::ComplaintOpen),
            (None, None) => Err(Unlawful::NotPosted),
        }
    }

    fn may_extend(&self, to: Date, day: Date) -> Result<(), Unlawful> {
        let reception = self.reception.as_ref().ok_or(Unlawful::NoDueDay)?;
        let due = reception.due_on().ok_or(Unlawful::NoDueDay)?;
        let far = to.duration_since(day).as_hours() > 24 * 366;
        match self.complaint {
            Some(_) => Err(Unlawful::ComplaintOpen),
            None if to <= due || to < day || far || !is_working_day(to) => {
                Err(Unlawful::ExtendedDay)
            }
            None => Ok(()),
        }
    }

    fn may_propose(&self, proposal: &Proposal) -> Result<(), Unlawful> {
        if self.complaint.is_some() {
            return Err(Unlawful::ComplaintOpen);
        }
        match (proposal, self.unfinished()) {
            (Proposal::Approved { .. }, Some(stage)) => Err(Unlawful::StagesLeft(stage)),
            _ => Ok(()),
        }
    }

    fn may_decide(&self, outcome: &Outcome, day: Date, manner: Manner<'_>) -> Result<(), Unlawful> {
        let signed = outcome.decision().date;
        let received = self.reception.as_ref().map(|reception| reception.day);
        if signed > day || received.is_some_and(|received| signed < received) {
            return Err(Unlawful::DecisionDay);
        }
        if self.complaint.is_some() {
            return Err(Unlawful::ComplaintOpen);
        }
        if let (Outcome::Approved { .. }, Some(stage)) = (outcome, self.unfinished()) {
            return Err(Unlawful::StagesLeft(stage));
        }
        match &self.proposed {
            Some(proposed) => proposed.may_decide(outcome),
            None if manner.online && self.needs_agreement() => Err(Unlawful::NotAgreed),
            None => Ok(()),
        }
    }

    /// Name of the stage it is in, unless that is the last one.
    fn unfinished(&self) -> Option<String> {
        let stage = self.stage().filter(|_| !self.stages_left().is_empty())?;
        Some(stage.name.clone())
    }

    /// What is asked on top of a step that is taken here and now, not told of: a stage with posting
    /// ends after it was posted.
    ///
    /// # Errors
    /// [`Unlawful::NotPosted`].
    pub fn demands(&self, step: &Step) -> Result<(), Unlawful> {
        let posting = self.stage().and_then(|stage| stage.posting);
        let open = posting.is_some() && self.posted.is_none() && !self.hidden;
        match step {
            Step::StageDone { .. } if open => Err(Unlawful::NotPosted),
            _ => Ok(()),
        }
    }

    /// Last day to conclude a complaint made on the day.
    fn complaint_due(&self, since: Date) -> Option<Date> {
        last_day(since, self.stage()?.complaint?, &[])
    }
}
