//! Why something is not done.

use access::Denied;
use casework::apply::ApplyError;

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No role there.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No province has the code on the day.
    #[error("không có tỉnh với mã {0:?} vào ngày này")]
    UnknownProvince(String),
    /// The case is no letter and digit.
    #[error("trường hợp ghi bằng một chữ cái và một chữ số, ví dụ A1")]
    CaseMalformed,
    /// The connection of the province takes nothing in.
    #[error(
        "kết nối của tỉnh {0} hiện không nhận hồ sơ từ hệ thống một cửa; chưa có gì thay đổi, hãy gửi lại khi đã kết nối"
    )]
    NotConnected(String),
    /// No such message.
    #[error("không có thông điệp này")]
    UnknownMessage,
    /// No such dossier of the province.
    #[error("không có hồ sơ này")]
    UnknownDossier,
    /// The message was taken before.
    #[error("thông điệp này đã được bên kia nhận, không báo lỗi được nữa")]
    TakenAlready,
    /// A failure needs a reason.
    #[error("cần nêu lý do không nhận được")]
    ReasonMissing,
    /// No such file of the province.
    #[error("không có tệp này")]
    UnknownFile,
    /// The id of a key is not of the form.
    #[error("mã khóa gồm 1 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch nối, gạch dưới")]
    KeyMalformed,
    /// Another key has the id.
    #[error("tỉnh này đã có khóa mang mã này")]
    KeyKnown,
    /// No key with the id, or it was withdrawn before.
    #[error("không có khóa còn dùng mang mã này")]
    UnknownKey,
    /// A last day before the first.
    #[error("ngày cuối phải từ ngày đầu trở đi")]
    DaysReversed,
    /// An address or a client that does not belong to the dialect, or is none.
    #[error(
        "cách trao đổi ghi chưa đúng: địa chỉ nền tảng chỉ của pull và phải là https://…, mã client (INSTANCE/LỚP/MÃ/HỆ_THỐNG) đi với x_road và chỉ x_road"
    )]
    DialectMalformed,
    /// The province speaks another dialect today.
    #[error(
        "tỉnh {province} hiện trao đổi theo cách khác ({spoken}); chưa có gì thay đổi, hãy gửi theo cách đó"
    )]
    OtherDialect {
        /// Code of the province.
        province: String,
        /// What users see of the dialect it speaks.
        spoken: &'static str,
    },
    /// Requests have to be signed, and this one is not as it should be.
    #[error(transparent)]
    Signature(#[from] crate::BadSignature),
    /// No such field that both sides changed, or none the actor decides about.
    #[error("không có mục nào như vậy chờ quyết định")]
    UnknownConflict,
    /// Somebody decided it meanwhile, or both sides now say the same.
    #[error("mục này vừa được người khác quyết định, hoặc hai bên nay đã giống nhau: hãy xem lại")]
    DecidedMeanwhile,
    /// The answers cannot be corrected now, or not like this.
    #[error("{0}")]
    NotCorrected(String),
    /// Where a province lists its dossiers is no address it may be asked at.
    #[error("địa chỉ không đúng dạng: cần https, hoặc http trên chính máy này")]
    AddressMalformed,
    /// Nobody recorded where the province lists its dossiers.
    #[error("chưa ghi địa chỉ nơi hệ thống một cửa của tỉnh {0} liệt kê hồ sơ")]
    NoAddress(String),
    /// A list is not of the form.
    #[error("danh sách của tỉnh không đúng dạng: {0}")]
    ListMalformed(String),
    /// Others kept changing the same dossiers at the same time.
    #[error("nhiều người đang cập nhật cùng những hồ sơ này: hãy thử lại")]
    Busy,
    /// What is stored does not add up.
    #[error("dữ liệu đã lưu không nhất quán: {0}")]
    Inconsistent(String),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Denied(denied) => denied.code(),
            Refused::UnknownProvince(_) => "unknown_province",
            Refused::CaseMalformed => "case_malformed",
            Refused::NotConnected(_) => "not_connected",
            Refused::UnknownMessage => "unknown_message",
            Refused::UnknownDossier => "unknown_dossier",
            Refused::TakenAlready => "taken_already",
            Refused::ReasonMissing => "reason_missing",
            Refused::UnknownFile => "unknown_file",
            Refused::KeyMalformed => "key_malformed",
            Refused::KeyKnown => "key_known",
            Refused::UnknownKey => "unknown_key",
            Refused::DaysReversed => "days_reversed",
            Refused::DialectMalformed => "dialect_malformed",
            Refused::OtherDialect { .. } => "other_dialect",
            Refused::Signature(bad) => bad.code(),
            Refused::UnknownConflict => "unknown_conflict",
            Refused::DecidedMeanwhile => "decided_meanwhile",
            Refused::NotCorrected(_) => "not_corrected",
            Refused::AddressMalformed => "address_malformed",
            Refused::NoAddress(_) => "no_address",
            Refused::ListMalformed(_) => "list_malformed",
            Refused::Busy => "busy",
            Refused::Inconsistent(_) => "inconsistent",
            Refused::Database(_) => "database",
        }
    }
}

impl From<ApplyError> for Refused {
    fn from(error: ApplyError) -> Refused {
        match error {
            ApplyError::Database(error) => Refused::Database(error),
            ApplyError::Inconsistent(what) => Refused::Inconsistent(what),
            ApplyError::Busy => Refused::Busy,
        }
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Refused {
        ApplyError::from(error).into()
    }
}
