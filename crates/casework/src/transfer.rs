//! Beneficiaries who go to live where another office pays. The old place decides to stop after a month
//! and sends the papers; payment rests until the new place accepts, which pays on from the month after
//! at its own rate, or refuses, and then the old place pays on. No month is lost and none is paid
//! twice: whoever's list comes next pays what the law owes and no list holds.

mod answer;
pub mod regime;
mod report;
mod show;

use jiff::civil::Date;
use kernel::{Month, PersonId};
use registry::event::Decision;

use crate::apply::ApplyError;

pub use answer::{Answer, answer};
pub use report::{Planned, Reported, plan, report};
pub use show::{Direction, Filter, Mover, Page, State, Told, list, mover, one, vietnamese};

/// What the old place tells of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who moves.
    pub person: PersonId,
    /// Code of the new commune, as coded on the first day of the month after the last.
    pub to: String,
    /// Day of the request.
    pub asked_on: Date,
    /// Last month paid at the old place.
    pub last_month: Month,
    /// The decision to stop paying there.
    pub decision: Decision,
    /// What is sent with it.
    pub papers: Vec<String>,
}

/// Why a transfer is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum TransferRefused {
    /// Nobody has the number, or the actor may not see them.
    #[error(transparent)]
    Person(#[from] registry::person::PersonError),
    /// The actor is no officer of the place that has to act.
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// The record was merged, or the person died.
    #[error("hồ sơ này đã gộp vào hồ sơ khác hoặc người này đã mất")]
    NotLiving,
    /// Number or signer is missing, or the day is to come.
    #[error("quyết định cần số, ngày ký (không sau hôm nay) và người ký")]
    Decision,
    /// Requests come before they are worked on.
    #[error("ngày đề nghị không được sau hôm nay")]
    Asked,
    /// No commune has the code then.
    #[error("không có xã mang mã {code} vào ngày {day}")]
    UnknownArea {
        /// The code.
        code: String,
        /// The day it was looked for.
        day: Date,
    },
    /// One office pays at both places.
    #[error("hai nơi cùng một địa bàn chi trả: dùng báo biến động, đổi nơi ở trong địa bàn")]
    SamePayer,
    /// The person lives where they live only since a later month.
    #[error("người này ở nơi hiện tại từ {0}: tháng cuối không được trước đó")]
    BeforeTheLastMove(Date),
    /// Nothing is paid.
    #[error("người này không có chế độ nào đang hưởng để chuyển")]
    NoBenefit,
    /// A transfer waits already.
    #[error("đã có thông báo chuyển đi của người này đang chờ nơi đến trả lời")]
    Waiting,
    /// A list holds a later month.
    #[error("danh sách đã duyệt có trả sau tháng {0}: tháng cuối phải là tháng đã trả sau cùng")]
    PaidLater(Month),
    /// No such number.
    #[error("không có thông báo chuyển số {0}")]
    Unknown(i64),
    /// It has its answer.
    #[error("thông báo chuyển số {0} đã có trả lời")]
    Answered(i64),
    /// Nothing said why.
    #[error("cần ghi lý do")]
    NoReason,
    /// The key was used for something else.
    #[error("khóa của biểu mẫu đã dùng cho việc khác, hãy tải lại trang")]
    KeyReused,
    /// The calendar of holidays ends before the deadline.
    #[error("lịch ngày làm việc chưa có đến hạn trả lời")]
    CalendarEnds,
    /// The registry does not take it.
    #[error("{message}")]
    Event {
        /// The registry's code.
        code: &'static str,
        /// Its sentence.
        message: String,
    },
    /// The database failed or does not add up.
    #[error(transparent)]
    Failed(#[from] ApplyError),
}

impl TransferRefused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            TransferRefused::Person(error) => error.code(),
            TransferRefused::Denied(denied) => denied.code(),
            TransferRefused::NotLiving => "not_living",
            TransferRefused::Decision => "decision_incomplete",
            TransferRefused::Asked => "in_the_future",
            TransferRefused::UnknownArea { .. } => "unknown_area",
            TransferRefused::SamePayer => "same_payer",
            TransferRefused::BeforeTheLastMove(_) => "before_the_last_move",
            TransferRefused::NoBenefit => "no_benefit",
            TransferRefused::Waiting => "transfer_waiting",
            TransferRefused::PaidLater(_) => "paid_later",
            TransferRefused::Unknown(_) => "unknown_transfer",
            TransferRefused::Answered(_) => "answered_already",
            TransferRefused::NoReason => "reason_missing",
            TransferRefused::KeyReused => "key_reused",
            TransferRefused::CalendarEnds => "calendar_ends",
            TransferRefused::Event { code, .. } => code,
            TransferRefused::Failed(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for TransferRefused {
    fn from(error: sqlx::Error) -> TransferRefused {
        TransferRefused::Failed(error.into())
    }
}

impl From<registry::ApplyError> for TransferRefused {
    fn from(error: registry::ApplyError) -> TransferRefused {
        TransferRefused::Failed(error.into())
    }
}

impl From<&registry::Refusal> for TransferRefused {
    fn from(refusal: &registry::Refusal) -> TransferRefused {
        TransferRefused::Event {
            code: refusal.code,
            message: refusal.message.clone(),
        }
    }
}

/// Whether a decision says number, signer and a day that has come.
fn is_complete(decision: &Decision, today: Date) -> bool {
    let signer = decision.signed_by.as_deref().unwrap_or_default();
    !decision.number.trim().is_empty() && !signer.trim().is_empty() && decision.date <= today
}
