//! Why a step cannot follow.

use jiff::civil::Date;

use crate::Status;

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
    /// The stage is not posted, or posting would reveal an infection.
    #[error("bước này không niêm yết công khai")]
    NeverPosted,
    /// It does not hang long enough, or not in the time of the dossier.
    #[error("niêm yết ít nhất {days} ngày làm việc, từ ngày của bước này hoặc trước đó")]
    PostingDays {
        /// Working days at least.
        days: u16,
    },
    /// The stage ends after the last day of posting.
    #[error("còn niêm yết đến hết ngày {}", written(.until))]
    StillPosted {
        /// Last day of posting.
        until: Date,
    },
    /// The regime has it posted first.
    #[error("chưa niêm yết công khai nên chưa xong bước này")]
    NotPosted,
    /// A complaint waits for its conclusion.
    #[error("còn khiếu nại chưa kết luận")]
    ComplaintOpen,
    /// Nothing is complained about.
    #[error("không có khiếu nại nào đang chờ kết luận")]
    NoComplaint,
    /// The dossier has no last day that could be moved.
    #[error("hồ sơ không có hạn giải quyết nên không hẹn lại được")]
    NoDueDay,
    /// The new day is not a working day after the last one and today.
    #[error("ngày hẹn lại phải là ngày làm việc, sau hạn cũ và không ở quá khứ")]
    ExtendedDay,
    /// A proposal waits for the leader.
    #[error("đề xuất đang chờ lãnh đạo: cần đồng ý hoặc trả lại trước")]
    ProposalWaits,
    /// Nothing is proposed.
    #[error("chưa có đề xuất nào đang chờ lãnh đạo")]
    NoProposal,
    /// Nobody agrees with their own proposal.
    #[error("người đề xuất không được tự đồng ý")]
    OwnProposal,
    /// The regime asks for an agreed proposal.
    #[error("lãnh đạo chưa đồng ý nên chưa thể quyết định")]
    NotAgreed,
    /// The decision says something else than what was agreed.
    #[error("quyết định khác với đề xuất lãnh đạo đã đồng ý")]
    OtherThanAgreed,
}

/// `06/06/2024`.
fn written(day: &Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
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
            Unlawful::NeverPosted => "never_posted",
            Unlawful::PostingDays { .. } => "posting_days",
            Unlawful::StillPosted { .. } => "still_posted",
            Unlawful::NotPosted => "not_posted",
            Unlawful::ComplaintOpen => "complaint_open",
            Unlawful::NoComplaint => "no_complaint",
            Unlawful::NoDueDay => "no_due_day",
            Unlawful::ExtendedDay => "extended_day",
            Unlawful::ProposalWaits => "proposal_waits",
            Unlawful::NoProposal => "no_proposal",
            Unlawful::OwnProposal => "own_proposal",
            Unlawful::NotAgreed => "not_agreed",
            Unlawful::OtherThanAgreed => "other_than_agreed",
        }
    }
}
