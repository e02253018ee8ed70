//! What can happen to a dossier, each with its own facts.

use jiff::civil::Date;
use kernel::{Month, PartialDate};
use law::Benefit;
use registry::event::Decision;
use registry::refusal::Fault;
use serde::{Deserialize, Serialize};

use crate::Channel;

pub use crate::proposal::{Conclusion, Proposal};

/// Longest name, and longest reason.
const NAME: usize = 200;
const WORDS: usize = 2_000;
/// Most papers of one dossier.
const PAPERS: usize = 100;

/// One thing that happened to a dossier.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// The citizen handed it in: the first step.
    Submitted(Box<Submission>),
    /// The office received it; deadlines run from the day after.
    Received {},
    /// The office did not accept it.
    NotAccepted {
        /// Why.
        reason: String,
    },
    /// Somebody works on it.
    TakenUp {
        /// Who: an officer's sign-in name or a desk.
        holder: String,
    },
    /// A stage of the regime is done; the next one begins.
    StageDone {
        /// Code of the stage.
        stage: String,
    },
    /// The citizen is asked for papers; deadlines rest.
    SupplementAsked {
        /// Which papers.
        papers: Vec<String>,
        /// Why.
        reason: String,
    },
    /// The papers came.
    Supplemented {
        /// What came.
        papers: Vec<Paper>,
    },
    /// An officer digitised what came without a file.
    CompletedByHand {
        /// Which papers.
        papers: Vec<String>,
    },
    /// The citizen asks for the dossier back.
    WithdrawalAsked {
        /// Why.
        reason: String,
    },
    /// Nothing more is done.
    Stopped {
        /// Why.
        reason: String,
    },
    /// It is decided.
    Decided(Outcome),
    /// The result is handed over.
    ResultReturned {},
    /// Somebody else holds it from now on.
    Assigned {
        /// Who: an officer's sign-in name.
        holder: String,
    },
    /// It hangs at the office for everybody to see (niêm yết công khai).
    Posted {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// Somebody objects to what is posted.
    Complained {
        /// What they say.
        reason: String,
    },
    /// The complaint is concluded.
    ComplaintConcluded {
        /// Whether it is right.
        outcome: Conclusion,
        /// What was found.
        reason: String,
    },
    /// An apology and a new day (phiếu xin lỗi và hẹn lại ngày trả kết quả).
    Extended {
        /// The new last day to decide.
        due_on: Date,
        /// Why it takes longer.
        reason: String,
    },
    /// What the decision should say, laid before whoever signs it.
    Proposed(Proposal),
    /// Whoever signs agrees with the proposal.
    Agreed {
        /// Who, when it was done on paper.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Whoever signs wants it looked at again.
    SentBack {
        /// Why.
        reason: String,
    },
}

/// What somebody applies for.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Code of the procedure.
    pub procedure: String,
    /// The applicant's commune, as coded on the day.
    pub area: String,
    /// How it was submitted.
    pub channel: Channel,
    /// Name of the applicant as declared.
    pub applicant: String,
    /// Exactly as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applicant_id_number: Option<String>,
    /// Birth date of the applicant as far as it is known and declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applicant_birth: Option<PartialDate>,
    /// The beneficiary as the registry knows them: `#number`, a source's key or `source/key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beneficiary: Option<String>,
    /// The benefit asked for anew: an approval enrols the beneficiary in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<Benefit>,
    /// The papers of the dossier.
    #[serde(default)]
    pub papers: Vec<Paper>,
}

/// A paper of a dossier.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// What it is.
    pub name: String,
    /// SHA-256 of the file, 64 hexadecimal digits; without one it is not digitised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A written decision about a dossier.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// Granted.
    Approved {
        /// Number, day, who signed.
        decision: Decision,
        /// First month paid; left out, the law says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Month>,
    },
    /// Not granted.
    Refused {
        /// Number, day, who signed.
        decision: Decision,
        /// The first condition that is not met.
        condition: String,
        /// The article that sets it.
        law: String,
    },
}

impl Outcome {
    /// The written decision.
    pub const fn decision(&self) -> &Decision {
        match self {
            Outcome::Approved { decision, .. } | Outcome::Refused { decision, .. } => decision,
        }
    }
}

impl Submission {
    /// Papers without a file.
    pub fn papers_missing(&self) -> usize {
        let missing = |paper: &&Paper| paper.file.is_none();
        self.papers.iter().filter(missing).count()
    }
}

impl Step {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Step::Submitted(_) => "submitted",
            Step::Received {} => "received",
            Step::NotAccepted { .. } => "not_accepted",
            Step::TakenUp { .. } => "taken_up",
            Step::StageDone { .. } => "stage_done",
            Step::SupplementAsked { .. } => "supplement_asked",
            Step::Supplemented { .. } => "supplemented",
            Step::CompletedByHand { .. } => "completed_by_hand",
            Step::WithdrawalAsked { .. } => "withdrawal_asked",
            Step::Stopped { .. } => "stopped",
            Step::Decided(_) => "decided",
            Step::ResultReturned {} => "result_returned",
            Step::Assigned { .. } => "assigned",
            Step::Posted { .. } => "posted",
            Step::Complained { .. } => "complained",
            Step::ComplaintConcluded { .. } => "complaint_concluded",
            Step::Extended { .. } => "extended",
            Step::Proposed(_) => "proposed",
            Step::Agreed { .. } => "agreed",
            Step::SentBack { .. } => "sent_back",
        }
    }

    /// What users see.
    pub const fn vietnamese(&self) -> &'static str {
        match self {
            Step::Submitted(_) => "Nộp hồ sơ",
            Step::Received {} => "Tiếp nhận",
            Step::NotAccepted { .. } => "Không tiếp nhận",
            Step::TakenUp { .. } => "Nhận xử lý",
            Step::StageDone { .. } => "Xong một bước",
            Step::SupplementAsked { .. } => "Yêu cầu bổ sung",
            Step::Supplemented { .. } => "Đã bổ sung",
            Step::CompletedByHand { .. } => "Số hóa bổ sung bằng tay",
            Step::WithdrawalAsked { .. } => "Xin rút hồ sơ",
            Step::Stopped { .. } => "Dừng xử lý",
            Step::Decided(Outcome::Approved { .. }) => "Quyết định hưởng",
            Step::Decided(Outcome::Refused { .. }) => "Quyết định không hưởng",
            Step::ResultReturned {} => "Trả kết quả",
            Step::Assigned { .. } => "Giao người xử lý",
            Step::Posted { .. } => "Niêm yết công khai",
            Step::Complained { .. } => "Có khiếu nại",
            Step::ComplaintConcluded { .. } => "Kết luận khiếu nại",
            Step::Extended { .. } => "Xin lỗi và hẹn lại",
            Step::Proposed(Proposal::Approved { .. }) => "Đề xuất hưởng",
            Step::Proposed(Proposal::Refused { .. }) => "Đề xuất không hưởng",
            Step::Agreed { .. } => "Lãnh đạo đồng ý",
            Step::SentBack { .. } => "Lãnh đạo trả lại",
        }
    }

    /// Whether it is the work that comes before a proposal, and so waits while one is looked at.
    pub const fn is_work(&self) -> bool {
        matches!(
            self,
            Step::TakenUp { .. }
                | Step::StageDone { .. }
                | Step::SupplementAsked { .. }
                | Step::Posted { .. }
                | Step::Complained { .. }
                | Step::Proposed(_)
        )
    }

    /// Whether the citizen's side does it: what a one-stop system may tell.
    pub const fn is_citizens(&self) -> bool {
        matches!(
            self,
            Step::Submitted(_) | Step::Supplemented { .. } | Step::WithdrawalAsked { .. }
        )
    }

    /// Whether it is a decision that leaves its number to the number book.
    pub fn wants_number(&self) -> bool {
        matches!(self, Step::Decided(outcome) if outcome.decision().number.is_empty())
    }

    /// Gives a decision its number.
    pub(crate) fn put_number(&mut self, written: &str) {
        if let Step::Decided(
            Outcome::Approved { decision, .. } | Outcome::Refused { decision, .. },
        ) = self
        {
            written.clone_into(&mut decision.number);
        }
    }

    /// Whether what was asked for is this step as it was recorded: a number that was left to the book
    /// may be any.
    pub(crate) fn answers(&self, asked: &Step) -> bool {
        if !asked.wants_number() {
            return self == asked;
        }
        let mut recorded = self.clone();
        recorded.put_number("");
        recorded == *asked
    }

    /// Refuses words that are missing or too long, before anything is looked up.
    ///
    /// # Errors
    /// The first field at fault.
    pub fn check(&self) -> Result<(), Fault> {
        match self {
            Step::Submitted(submission) => submission.check(),
            Step::NotAccepted { reason }
            | Step::WithdrawalAsked { reason }
            | Step::Complained { reason }
            | Step::ComplaintConcluded { reason, .. }
            | Step::Extended { reason, .. }
            | Step::SentBack { reason }
            | Step::Stopped { reason } => text("reason", reason, WORDS),
            Step::TakenUp { holder } | Step::Assigned { holder } => text("holder", holder, NAME),
            Step::SupplementAsked { papers, reason } => {
                names(papers)?;
                text("reason", reason, WORDS)
            }
            Step::Supplemented { papers } => all_sound(papers),
            Step::CompletedByHand { papers } => names(papers),
            Step::Decided(outcome) => check_outcome(outcome),
            Step::Proposed(Proposal::Refused { condition, law, .. }) => reasoned(condition, law),
            Step::Received {}
            | Step::StageDone { .. }
            | Step::Posted { .. }
            | Step::Proposed(Proposal::Approved { .. })
            | Step::Agreed { .. }
            | Step::ResultReturned {} => Ok(()),
        }
    }
}

impl Submission {
    fn check(&self) -> Result<(), Fault> {
        text("applicant", &self.applicant, NAME)?;
        if self.benefit.is_some() && self.beneficiary.is_none() {
            let message = "có benefit thì phải có beneficiary";
            return Err(Fault::new("beneficiary", "beneficiary_missing", message));
        }
        match self.papers.is_empty() {
            true => Ok(()),
            false => all_sound(&self.papers),
        }
    }
}

fn check_outcome(outcome: &Outcome) -> Result<(), Fault> {
    text("decision", &outcome.decision().number, NAME)?;
    match outcome {
        Outcome::Approved { .. } => Ok(()),
        Outcome::Refused { condition, law, .. } => reasoned(condition, law),
    }
}

/// Why something is not granted.
fn reasoned(condition: &str, law: &str) -> Result<(), Fault> {
    text("condition", condition, WORDS)?;
    text("law", law, NAME)
}

fn text(field: &'static str, words: &str, most: usize) -> Result<(), Fault> {
    if words.trim().is_empty() {
        return Err(Fault::new(field, "missing", "không được để trống"));
    }
    if words.chars().count() > most {
        let message = format!("dài quá {most} chữ");
        return Err(Fault::new(field, "too_long", message));
    }
    Ok(())
}

fn count(papers: usize) -> Result<(), Fault> {
    if (1..=PAPERS).contains(&papers) {
        return Ok(());
    }
    let message = format!("cần từ 1 đến {PAPERS} giấy tờ");
    Err(Fault::new("papers", "paper_count", message))
}

fn names(papers: &[String]) -> Result<(), Fault> {
    count(papers.len())?;
    papers
        .iter()
        .try_for_each(|paper| text("papers", paper, NAME))
}

fn all_sound(papers: &[Paper]) -> Result<(), Fault> {
    count(papers.len())?;
    papers.iter().try_for_each(|paper| {
        text("papers", &paper.name, NAME)?;
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match &paper.file {
            Some(file) if file.len() != 64 || !file.bytes().all(digit) => Err(Fault::new(
                "papers",
                "not_a_hash",
                "file là SHA-256, 64 chữ số thập lục phân viết thường",
            )),
            _ => Ok(()),
        }
    })
}
