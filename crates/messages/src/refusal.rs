//! Why something is not done.

use access::Denied;

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No role there.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not ten digits beginning with zero.
    #[error("số điện thoại cần 10 chữ số, bắt đầu bằng số 0")]
    PhoneMalformed,
    /// No address of e-mail.
    #[error("địa chỉ thư điện tử chưa đúng dạng")]
    EmailMalformed,
    /// The wished channel needs a number or an address.
    #[error("cách báo tin này cần số điện thoại hoặc địa chỉ thư điện tử")]
    ContactMissing,
    /// No such dossier.
    #[error("không có hồ sơ này")]
    UnknownDossier,
    /// No such message, or it is not one that failed.
    #[error("không có tin nào gửi không được với số này")]
    NotFailed,
    /// What is stored does not add up.
    #[error("dữ liệu đã lưu không nhất quán: {0}")]
    Inconsistent(String),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Denied(denied) => denied.code(),
            Refused::PhoneMalformed => "phone_malformed",
            Refused::EmailMalformed => "email_malformed",
            Refused::ContactMissing => "contact_missing",
            Refused::UnknownDossier => "unknown_dossier",
            Refused::NotFailed => "not_failed",
            Refused::Inconsistent(_) => "inconsistent",
            Refused::Database(_) => "database",
        }
    }
}
