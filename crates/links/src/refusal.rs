//! Why nothing was done.

/// Nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum LinkRefused {
    /// Nothing says where the list is from or what for.
    #[error("cần ghi nguồn và mục đích của danh sách")]
    NoSource,
    /// The list speaks of a day to come.
    #[error("danh sách không thể là của một ngày chưa đến")]
    NotYet,
    /// No area has the code.
    #[error("không có địa bàn mang mã {0}")]
    UnknownArea(String),
    /// The list has no heading.
    #[error(transparent)]
    Form(#[from] registry::import::FormError),
    /// No such pair.
    #[error("không có cặp này")]
    UnknownPair,
    /// Nothing says why.
    #[error("cần ghi lý do")]
    NoReason,
    /// Somebody decided since the pair was shown.
    #[error("người khác vừa quyết định cặp này; hãy xem lại")]
    Meanwhile,
    /// What is not linked cannot be parted, and what is linked is parted first.
    #[error("cặp này đang ở trạng thái khác; hãy xem lại")]
    OtherState,
    /// Not the actor's people.
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// Comparing failed.
    #[error("không so được: {0}")]
    Matching(#[from] matching::Failure),
    /// A file on the way cannot be written or read.
    #[error("không ghi được tệp tạm: {0}")]
    Io(#[from] std::io::Error),
    /// A row on the way cannot be written or read.
    #[error("không ghi được tệp tạm: {0}")]
    Csv(#[from] csv::Error),
    /// Comparing was broken off.
    #[error("việc so khớp bị ngắt: {0}")]
    Broken(#[from] tokio::task::JoinError),
    /// What is proposed cannot be.
    #[error(transparent)]
    Payments(#[from] payments::Refused),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
    /// What is stored does not add up.
    #[error("dữ liệu đã lưu không nhất quán: {0}")]
    Inconsistent(String),
}

impl LinkRefused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            LinkRefused::NoSource => "source_missing",
            LinkRefused::NotYet => "in_future",
            LinkRefused::UnknownArea(_) => "unknown_area",
            LinkRefused::Form(error) => error.code(),
            LinkRefused::UnknownPair => "unknown_pair",
            LinkRefused::NoReason => "reason_missing",
            LinkRefused::Meanwhile => "decided_meanwhile",
            LinkRefused::OtherState => "other_state",
            LinkRefused::Denied(denied) => denied.code(),
            LinkRefused::Matching(failure) => failure.code(),
            LinkRefused::Io(_) | LinkRefused::Csv(_) => "unwritable",
            LinkRefused::Broken(_) => "broken_off",
            LinkRefused::Payments(refused) => refused.code(),
            LinkRefused::Database(_) => "database",
            LinkRefused::Inconsistent(_) => "inconsistent",
        }
    }
}
