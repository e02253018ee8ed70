//! Why something is not done.

use access::Denied;
use registry::ApplyError;

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No role there.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The settings name no id of the officer at the service.
    #[error("người dùng {0} chưa có mã cán bộ của dịch vụ dân cư trong cài đặt (mục officers)")]
    NoOfficerId(String),
    /// Nothing said what for.
    #[error("cần ghi mục đích tra cứu, tối đa 200 ký tự")]
    Purpose,
    /// Settings that cannot be used.
    #[error("cài đặt dịch vụ dân cư sai: {0}")]
    Settings(&'static str),
    /// No commune lies in the area then.
    #[error("không có địa bàn {0}")]
    UnknownArea(String),
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

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Denied(denied) => denied.code(),
            Refused::NoOfficerId(_) => "no_officer_id",
            Refused::Purpose => "purpose_missing",
            Refused::Settings(_) => "settings_wrong",
            Refused::UnknownArea(_) => "unknown_area",
            Refused::Inconsistent(_) => "inconsistent",
            Refused::Apply(error) => error.code(),
            Refused::Payments(_) => "payments",
            Refused::Database(_) => "database",
        }
    }
}
