//! The course of a dossier: which steps are lawful, and what follows from those taken.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::clock::vietnam_time;

use crate::deadline::{Rest, last_day};
use crate::regime::{self, Regime, Stage};
use crate::step::{Outcome, Step};
use crate::{Status, Submission};

/// Where a dossier stands after its steps so far. Pure: the same steps give the same course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    procedure: String,
    at: At,
    reception: Option<Reception>,
    /// Papers still without a file.
    missing: usize,
    last: Timestamp,
}

/// The reception fixes the law and begins the deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reception {
    day: Date,
    regime: Option<&'static Regime>,
    stage: usize,
    rests: Vec<Rest>,
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

/// A step that cannot follow. The dossier stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlawful {
    /// A dossier is submitted once, and first.
    #[error("hồ sơ đã nộp rồi, không nộp lại")]
    SubmittedAlready,
    /// The status does not allow the step.
    #[error("hồ sơ đang ở trạng thái “{}” nên không thể: {step}", .status.vietnamese())]
    NotNow {
        /// Where the dossier stands.
        status: Status,
        /// The step as users see it.
        step: &'static str,
    },
    /// Another stage comes first.
    #[error("bước phải xong tiếp theo là {expected}")]
    OtherStage {
        /// Code of the stage the dossier is in; of the last one, only the decision ends it.
        expected: String,
    },
    /// An approval needs every stage done.
    #[error("chưa xong bước {0} nên chưa thể quyết định hưởng")]
    StagesLeft(String),
    /// Nothing is missing.
    #[error("hồ sơ không thiếu giấy tờ nào cần số hóa")]
    NothingMissing,
    /// Steps come in the order they happened.
    #[error("thời điểm sớm hơn bước trước của hồ sơ")]
    BeforeTheLast,
    /// The decision is not of the time of the dossier.
    #[error("ngày ký quyết định phải từ ngày nộp hồ sơ đến ngày của bước này")]
    DecisionDay,
}

impl Unlawful {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Unlawful::SubmittedAlready => "submitted_already",
            Unlawful::NotNow { .. } => "step_not_now",
            Unlawful::OtherStage { .. } => "other_stage_first",
            Unlawful::StagesLeft(_) => "stages_left",
            Unlawful::NothingMissing => "nothing_missing",
            Unlawful::BeforeTheLast => "before_the_last_step",
            Unlawful::DecisionDay => "decision_day",
        }
    }
}

impl Course {
    /// After the first step.
    pub fn begin(submission: &Submission, at: Timestamp) -> Course {
        Course {
            procedure: submission.procedure.clone(),
            at: At::Registered,
            reception: None,
            missing: submission.papers_missing(),
            last: at,
        }
    }

    /// After one more step, which happened at the time.
    ///
    /// # Errors
    /// [`Unlawful`]: the course is as it was.
    pub fn follow(&mut self, step: &Step, at: Timestamp) -> Result<(), Unlawful> {
        if at < self.last {
            return Err(Unlawful::BeforeTheLast);
        }
        let day = vietnam_time(at).date();
        let next = self.lead(step, day)?;
        if let At::Awaiting(asked) = self.at
            && let Some(reception) = &mut self.reception
        {
            reception.rests.push((asked, day));
        }
        match step {
            Step::Received {} => self.reception = Some(Reception::of(&self.procedure, day)),
            Step::CompletedByHand { papers } => {
                self.missing = self.missing.saturating_sub(papers.len());
            }
            Step::StageDone { .. } => {
                if let Some(reception) = &mut self.reception {
                    reception.stage += 1;
                }
            }
            _ => {}
        }
        (self.at, self.last) = (next, at);
        Ok(())
    }

    /// Where the step leads from here.
    fn lead(&self, step: &Step, day: Date) -> Result<At, Unlawful> {
        use At::{Awaiting, Decided, InProcess, Received, Registered, Returned, WithdrawalAsked};
        let lead = match (step, self.at) {
            (Step::Submitted(_), _) => return Err(Unlawful::SubmittedAlready),
            (Step::Received {}, Registered) => Received,
            (Step::NotAccepted { .. }, Registered) => At::NotAccepted,
            (Step::TakenUp { .. }, Received | InProcess) => InProcess,
            (Step::StageDone { stage }, Received | InProcess) => {
                self.is_next(stage)?;
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
            (Step::Decided(outcome), Received | InProcess) => {
                self.may_decide(outcome, day)?;
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

    fn is_next(&self, stage: &str) -> Result<(), Unlawful> {
        let (current, is_last) = match self.stage() {
            Some(current) => (current.code.as_str(), self.stages_left().is_empty()),
            None => ("decided", true),
        };
        if current == stage && !is_last {
            return Ok(());
        }
        let expected = current.to_owned();
        Err(Unlawful::OtherStage { expected })
    }

    /// Stages after the current one.
    fn stages_left(&self) -> &'static [Stage] {
        let left = self.reception.as_ref().and_then(|reception| {
            let regime = reception.regime?;
            regime.stages.get(reception.stage + 1..)
        });
        left.unwrap_or_default()
    }

    fn may_decide(&self, outcome: &Outcome, day: Date) -> Result<(), Unlawful> {
        let signed = outcome.decision().date;
        let received = self.reception.as_ref().map(|reception| reception.day);
        if signed > day || received.is_some_and(|received| signed < received) {
            return Err(Unlawful::DecisionDay);
        }
        let current = self.stage().filter(|_| !self.stages_left().is_empty());
        match (outcome, current) {
            (Outcome::Approved { .. }, Some(stage)) => {
                Err(Unlawful::StagesLeft(stage.name.clone()))
            }
            _ => Ok(()),
        }
    }

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
        let reception = self.reception.as_ref()?;
        let open = self.status().is_open();
        let stage = reception.regime?.stages.get(reception.stage);
        stage.filter(|_| open)
    }

    /// The last day to decide; `None` before reception, while nothing can be done, after the end, and
    /// where no limit is known.
    pub fn due_on(&self) -> Option<Date> {
        let reception = self.reception.as_ref()?;
        let running = matches!(self.at, At::Received | At::InProcess);
        let regime = reception.regime.filter(|_| running)?;
        last_day(reception.day, regime.days(), &reception.rests)
    }
}

impl Reception {
    fn of(procedure: &str, day: Date) -> Reception {
        Reception {
            day,
            regime: regime::on(procedure, day),
            stage: 0,
            rests: Vec::new(),
        }
    }
}
