//! Life after the first decision: a beneficiary is adjusted, suspended, resumed, stopped, dies, moves
//! nearby. Each is a written decision that becomes ordinary events of the registry, so that the next
//! list pays or takes back what follows; no amount is ever typed.

mod events;
mod funeral;
mod ground;
mod plan;
mod record;
mod show;
mod undo;

use jiff::civil::Date;
use kernel::{Month, PersonId};
use law::{Benefit, FactKind};
use registry::event::Decision;

use crate::apply::ApplyError;

pub(crate) use events::{SOURCE, running};
pub use ground::{Ground, grounds};
pub use plan::{Plan, plan};
pub(crate) use record::hold_person;
pub use record::{Recorded, record};
pub use show::{Told, of_person};
pub use undo::{Mistake, Undone, can_be_undone, undo, undoing};

/// What is decided about somebody, with the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whom.
    pub person: PersonId,
    /// What.
    pub change: Change,
    /// Code of the ground in `reference/changes.toml`.
    pub ground: String,
    /// Number, day, who signed; the signer must be named.
    pub decision: Decision,
    /// The officer's own words; may be empty.
    pub note: String,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// What is true of the person changes, and the level follows.
    Adjust(Facts),
    /// Payment rests.
    Suspend {
        /// One benefit, or every one.
        benefit: Option<Benefit>,
        /// First month not paid.
        from: Month,
    },
    /// Payment that rested goes on; what was found decides how.
    Resume {
        /// One benefit, or every one that rests.
        benefit: Option<Benefit>,
        /// What the new look found.
        found: Found,
    },
    /// A benefit ends.
    Stop {
        /// One benefit, or every one.
        benefit: Option<Benefit>,
        /// Last month paid: that of the event, as payment stops the month after it.
        last_month: Month,
    },
    /// The person died: the month of death is the last one paid, and the funeral dossier is opened.
    Death {
        /// The day.
        day: Date,
        /// Who sees to the funeral and applies for its grant.
        organiser: String,
    },
    /// The person lives elsewhere in the area that pays: only the place of payment changes.
    MoveInside {
        /// Code of the commune on the day.
        area: String,
        /// First day there.
        day: Date,
    },
}

/// What begins and what ends to be true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What becomes true. A grade of disability or a list of poverty takes the place of the one
    /// before, which ends the day earlier.
    pub begin: Vec<NewFact>,
    /// What ends: the caller's key of the fact, and its last day.
    pub end: Vec<(String, Date)>,
}

/// A fact that becomes true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFact {
    /// What.
    pub fact: FactKind,
    /// First day.
    pub from: Date,
    /// Last day, when known.
    pub to: Option<Date>,
}

/// What looking again found of somebody whose payment rests (335/2026/NĐ-CP Điều 9 khoản 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// All is as before: due again from the month it was suspended.
    Unchanged,
    /// The conditions are no longer met: ended from the month it was suspended.
    NotEligible,
    /// They are met differently: due again, at the level that follows.
    Changed(Facts),
}

impl Change {
    /// Stable code, as stored.
    pub const fn code(&self) -> &'static str {
        match self {
            Change::Adjust(_) => "adjust",
            Change::Suspend { .. } => "suspend",
            Change::Resume { .. } => "resume",
            Change::Stop { .. } => "stop",
            Change::Death { .. } => "death",
            Change::MoveInside { .. } => "move_inside",
        }
    }
}

/// What users see of a kind of change, by its code.
pub fn vietnamese(code: &str) -> &'static str {
    match code {
        "adjust" => "Điều chỉnh",
        "suspend" => "Tạm dừng",
        "resume" => "Xử lý sau tạm dừng",
        "stop" => "Thôi hưởng",
        "death" => "Qua đời",
        _ => "Đổi nơi ở trong địa bàn",
    }
}

/// Why a change is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum ChangeRefused {
    /// Nobody has the number, or the actor may not see them.
    #[error(transparent)]
    Person(#[from] registry::person::PersonError),
    /// The actor is no officer where the person lives.
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// The record was merged into another.
    #[error("hồ sơ này đã gộp vào hồ sơ số {0}: hãy ghi vào hồ sơ được giữ")]
    Merged(PersonId),
    /// The ground is not in the list for this change.
    #[error("chưa chọn lý do, hoặc lý do không dùng cho việc này")]
    Ground,
    /// Number or signer is missing, or the day is to come.
    #[error("quyết định cần số, ngày ký (không sau hôm nay) và người ký")]
    Decision,
    /// Nothing is said to change.
    #[error("chưa nêu điều gì thay đổi")]
    Nothing,
    /// No benefit rests, or none runs, to which the change could be done.
    #[error("người này không có chế độ nào {0} để làm việc này")]
    NoBenefit(&'static str),
    /// The person who sees to the funeral is not named.
    #[error("cần họ và tên người lo mai táng để mở hồ sơ mai táng phí")]
    NoOrganiser,
    /// The commune is paid by another office.
    #[error("nơi mới do địa bàn khác chi trả: hãy lập thông báo chuyển đi")]
    OtherArea,
    /// The registry does not take it.
    #[error("{message}")]
    Event {
        /// The registry's code.
        code: &'static str,
        /// Its field.
        field: String,
        /// Its sentence.
        message: String,
    },
    /// Somebody recorded something about the person since it was looked at.
    #[error("người khác vừa ghi thêm về người này; hãy xem lại kết quả rồi xác nhận")]
    ChangedSince,
    /// The key was used for something else.
    #[error("khóa của biểu mẫu đã dùng cho việc khác, hãy tải lại trang")]
    KeyReused,
    /// There is nothing of the kind to undo.
    #[error("không có việc này để đính chính, hoặc đã đính chính rồi")]
    NothingToUndo,
    /// Nothing said why.
    #[error("cần ghi lý do")]
    NoReason,
    /// The database failed or does not add up.
    #[error(transparent)]
    Failed(#[from] ApplyError),
}

impl ChangeRefused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            ChangeRefused::Person(error) => error.code(),
            ChangeRefused::Denied(denied) => denied.code(),
            ChangeRefused::Merged(_) => "merged",
            ChangeRefused::Ground => "ground_unknown",
            ChangeRefused::Decision => "decision_incomplete",
            ChangeRefused::Nothing => "nothing_changes",
            ChangeRefused::NoBenefit(_) => "no_benefit",
            ChangeRefused::NoOrganiser => "organiser_missing",
            ChangeRefused::OtherArea => "other_area",
            ChangeRefused::Event { code, .. } => code,
            ChangeRefused::ChangedSince => "changed_since",
            ChangeRefused::KeyReused => "key_reused",
            ChangeRefused::NothingToUndo => "nothing_to_undo",
            ChangeRefused::NoReason => "reason_missing",
            ChangeRefused::Failed(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for ChangeRefused {
    fn from(error: sqlx::Error) -> ChangeRefused {
        ChangeRefused::Failed(error.into())
    }
}

impl From<registry::ApplyError> for ChangeRefused {
    fn from(error: registry::ApplyError) -> ChangeRefused {
        ChangeRefused::Failed(error.into())
    }
}

impl From<&registry::Refusal> for ChangeRefused {
    fn from(refusal: &registry::Refusal) -> ChangeRefused {
        ChangeRefused::Event {
            code: refusal.code,
            field: refusal.field.to_string(),
            message: refusal.message.clone(),
        }
    }
}
