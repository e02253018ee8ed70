//! Why a message is not taken, in the codes of the standard.

use g2p::BadSignature;

/// Why a message was not taken: nothing of it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No token, or one that does not hold.
    #[error("cần mã truy cập còn hiệu lực: Authorization: Bearer …")]
    Unauthorized,
    /// Nobody can say who sent it.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// Nobody registered, or no longer.
    #[error("bên gửi chưa đăng ký hoặc đăng ký không còn hiệu lực")]
    Sender,
    /// Registered, but not for this.
    #[error("đăng ký không cho việc này")]
    Forbidden,
    /// Asks for answers elsewhere than registered, or registered no address.
    #[error("sender_uri không thuộc địa chỉ đã đăng ký")]
    SenderUri,
    /// Meant for somebody else.
    #[error("receiver_id không phải của ta")]
    Receiver,
    /// Encrypted, which is not agreed.
    #[error("không nhận thông điệp mã hóa")]
    Encrypted,
    /// Not of the shape.
    #[error("thông điệp không đúng mẫu")]
    Malformed,
    /// Another version of the protocol.
    #[error("chỉ nhận phiên bản 1.0.0")]
    Version,
    /// Older than an hour, or from the future.
    #[error("message_ts lệch giờ quá mức cho phép")]
    Clock,
    /// A message came under this id already.
    #[error("message_id đã dùng")]
    Duplicate,
    /// The header names another action than the address.
    #[error("action khác với địa chỉ gửi đến")]
    Action,
    /// total_count differs from what is in the message.
    #[error("total_count không khớp số yêu cầu")]
    Count,
    /// Too many requests in one message.
    #[error("quá nhiều yêu cầu trong một thông điệp")]
    TooLarge,
    /// Too many messages in a minute.
    #[error("quá nhiều thông điệp trong một phút")]
    TooMany,
}

impl Refusal {
    /// Stable code, as kept: the standard's.
    pub const fn code(self) -> &'static str {
        match self {
            Refusal::Unauthorized => "err.request.unauthorized",
            Refusal::Signature(BadSignature::Missing) => "err.signature.missing",
            Refusal::Signature(_) => "err.signature.invalid",
            Refusal::Sender => "err.sender_id.invalid",
            Refusal::Forbidden => "err.request.forbidden",
            Refusal::SenderUri => "err.sender_uri.invalid",
            Refusal::Receiver => "err.receiver_id.invalid",
            Refusal::Encrypted => "err.encryption.invalid",
            Refusal::Malformed => "err.request.bad",
            Refusal::Version => "err.version.not_supported",
            Refusal::Clock => "rjct.message_ts.invalid",
            Refusal::Duplicate => "rjct.message_id.duplicate",
            Refusal::Action => "rjct.action.invalid",
            Refusal::Count => "rjct.total_count.invalid",
            Refusal::TooLarge => "rjct.total_count.limit_exceeded",
            Refusal::TooMany => "err.request.too_many_requests",
        }
    }

    /// Status of the HTTP answer.
    pub const fn status(self) -> u16 {
        match self {
            Refusal::Unauthorized | Refusal::Signature(_) => 401,
            Refusal::Sender | Refusal::Forbidden => 403,
            Refusal::TooMany => 429,
            _ => 400,
        }
    }
}

/// What goes wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A message that is not taken.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Not the actor's to do.
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// Data of a registration that cannot be.
    #[error("đăng ký chưa đúng: {0}")]
    NotACaller(String),
    /// Nobody of that name.
    #[error("không có bên {0} còn hiệu lực")]
    UnknownCaller(String),
    /// Nobody of that number where the actor may look.
    #[error("không có người này trong địa bàn của bạn")]
    UnknownPerson,
    /// The machine's source of chance.
    #[error("không có nguồn ngẫu nhiên")]
    NoRandomness,
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Error {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Error::Refused(refusal) => refusal.code(),
            Error::Denied(_) => "denied",
            Error::NotACaller(_) => "not_a_caller",
            Error::UnknownCaller(_) => "unknown_caller",
            Error::UnknownPerson => "unknown_person",
            Error::NoRandomness => "no_randomness",
            Error::Database(_) => "database",
        }
    }
}
