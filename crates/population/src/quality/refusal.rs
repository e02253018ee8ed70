//! Why work on records is not done.

use access::Denied;
use registry::ApplyError;

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum WorkRefused {
    /// No role there.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such field of such a person is on the work list.
    #[error("trường này của đối tượng không còn trong danh sách việc")]
    NotOnList,
    /// There is nothing to accept.
    #[error("chưa có giá trị gợi ý để nhận: hãy sửa ở trang đính chính hoặc gửi công an xã")]
    NoSuggestion,
    /// What was shown is not what is suggested now.
    #[error("dữ liệu vừa thay đổi: hãy xem lại rồi quyết định")]
    Changed,
    /// Nothing said why.
    #[error("cần ghi lý do, tối đa 500 ký tự")]
    Reason,
    /// The registry does not take the correction.
    #[error("sổ đối tượng không nhận: {0}")]
    Event(String),
    /// The area is no commune.
    #[error("danh sách gửi công an lập cho từng xã: {0} không phải mã xã")]
    NoCommune(String),
    /// Nobody is left to ask the police about.
    #[error("xã này không còn ai cần gửi công an xã")]
    NobodyToSend,
    /// No such list.
    #[error("không có danh sách số {0}")]
    UnknownList(i64),
    /// What is stored does not add up.
    #[error("dữ liệu đã lưu không nhất quán: {0}")]
    Inconsistent(String),
    /// The registry did not take it.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// A proposal was not taken.
    #[error(transparent)]
    Payments(#[from] payments::Refused),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl WorkRefused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            WorkRefused::Denied(denied) => denied.code(),
            WorkRefused::NotOnList => "not_on_list",
            WorkRefused::NoSuggestion => "no_suggestion",
            WorkRefused::Changed => "changed",
            WorkRefused::Reason => "reason_missing",
            WorkRefused::Event(_) => "event_refused",
            WorkRefused::NoCommune(_) => "no_commune",
            WorkRefused::NobodyToSend => "nobody_to_send",
            WorkRefused::UnknownList(_) => "unknown_list",
            WorkRefused::Inconsistent(_) => "inconsistent",
            WorkRefused::Apply(error) => error.code(),
            WorkRefused::Payments(_) => "payments",
            WorkRefused::Database(_) => "database",
        }
    }
}
