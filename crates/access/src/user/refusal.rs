//! Why an account could not be made or changed.

use super::LONGEST_TITLE;
use crate::password;
use crate::permission::Denied;
use crate::secret;

/// Why an account could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The actor is no administrator there.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The sign-in name has other characters than allowed.
    #[error(
        "tên đăng nhập {0:?} không đúng: dùng 2–40 chữ thường không dấu, chữ số, dấu chấm, gạch nối"
    )]
    BadName(String),
    /// The sign-in name is taken.
    #[error("tên đăng nhập {0} đã có người dùng")]
    NameTaken(String),
    /// No such account.
    #[error("không có người dùng {0}")]
    NoSuchUser(String),
    /// The password is too short.
    #[error("mật khẩu quá ngắn: cần ít nhất {} ký tự", password::SHORTEST)]
    ShortPassword,
    /// A title is a line at most.
    #[error("chức vụ dài quá {LONGEST_TITLE} chữ, hoặc không phải một dòng chữ")]
    Title,
    /// The password is longer than anything typed.
    #[error("mật khẩu quá dài: nhiều nhất {} ký tự", password::LONGEST)]
    LongPassword,
    /// Everybody tries this password.
    #[error("mật khẩu này nhiều người dùng nên dễ bị dò ra: hãy chọn một câu của riêng mình")]
    CommonPassword,
    /// The password is made of words of the place or of its owner.
    #[error(
        "mật khẩu chỉ gồm tên, đơn vị hoặc từ thường gặp của cơ quan nên dễ đoán: hãy thêm từ khác"
    )]
    GuessablePassword,
    /// The new password is the old one.
    #[error("mật khẩu mới trùng mật khẩu hiện tại: hãy chọn mật khẩu khác")]
    SamePassword,
    /// No area has the code.
    #[error("không có địa bàn nào mang mã {0:?}")]
    NoSuchArea(String),
    /// No provider has the code.
    #[error("không có đơn vị chi trả mã {0:?}")]
    NoSuchProvider(String),
    /// The role of providers goes with a provider, and no other role does.
    #[error(
        "vai trò của người ở đơn vị chi trả cần mã đơn vị (--provider), vai trò khác thì không"
    )]
    ProviderMismatch,
    /// Somebody of a provider holds no role of an office, nor works for another provider.
    #[error(
        "người dùng {0} không nhận vai trò này được: người của một đơn vị chi trả chỉ làm việc cho đơn vị đó và không giữ vai trò khác"
    )]
    OtherSide(String),
    /// What takes somebody else.
    #[error("việc này phải do người quản trị khác làm, không tự làm cho tài khoản của mình")]
    NotOneself,
    /// The present password is another.
    #[error("mật khẩu hiện tại không đúng; sau nhiều lần sai, tài khoản tạm khóa 15 phút")]
    WrongPassword,
    /// Nobody could let others in any more.
    #[error("{0} là quản trị cả nước cuối cùng: hãy cấp vai trò này cho người khác trước")]
    LastAdministrator(String),
    /// The account does not hold the role.
    #[error("người dùng {0} không giữ vai trò này trong những ngày đó")]
    NotHeld(String),
    /// The last day lies before the first.
    #[error("ngày cuối không được trước ngày đầu hoặc đã qua")]
    BadDays,
    /// Roles are lent between two accounts of one side.
    #[error(
        "không ủy quyền được cho {0}: phải là người khác, đang hoạt động, cùng phía (cơ quan, hoặc cùng đơn vị chi trả)"
    )]
    NotToThem(String),
    /// The role is not lent.
    #[error("vai trò {0} không ủy quyền được: hãy cấp vai trò cho người thay")]
    NotLent(&'static str),
    /// No such delegation, or it has ended.
    #[error("không có ủy quyền số {0} đang còn hiệu lực")]
    NoSuchDelegation(i64),
    /// No such token, or it no longer works.
    #[error("không có mã truy cập này hoặc mã đã hết hiệu lực")]
    NoSuchToken,
    /// The account of the provider of identities is bound already.
    #[error("tài khoản của nhà cung cấp định danh này đã gắn với một người dùng")]
    IdentityTaken,
    /// What names an account at a provider of identities is empty or too long.
    #[error("địa chỉ nhà cung cấp và mã người dùng ở đó cần có 1 đến 250 ký tự")]
    BadIdentity,
    /// Sample sign-ins are for practice databases.
    #[error("tài khoản luyện tập chỉ tạo được trong cơ sở dữ liệu luyện tập")]
    NotPractice,
    /// Hashing failed.
    #[error("không tạo được mã băm mật khẩu: {0}")]
    Hash(String),
    /// No random bytes.
    #[error(transparent)]
    NoRandomness(#[from] secret::NoRandomness),
    /// The database failed.
    #[error("lỗi cơ sở dữ liệu: {0}")]
    Database(#[from] sqlx::Error),
}

impl UserError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            UserError::Denied(_) => "denied",
            UserError::BadName(_) => "bad_user_name",
            UserError::NameTaken(_) => "user_name_taken",
            UserError::NoSuchUser(_) => "no_such_user",
            UserError::ShortPassword => "short_password",
            UserError::Title => "title",
            UserError::LongPassword => "long_password",
            UserError::CommonPassword => "common_password",
            UserError::GuessablePassword => "guessable_password",
            UserError::SamePassword => "same_password",
            UserError::NoSuchArea(_) => "no_such_area",
            UserError::NoSuchProvider(_) => "no_such_provider",
            UserError::ProviderMismatch => "provider_mismatch",
            UserError::OtherSide(_) => "other_side",
            UserError::NotOneself => "not_oneself",
            UserError::WrongPassword => "wrong_password",
            UserError::LastAdministrator(_) => "last_administrator",
            UserError::NotHeld(_) => "role_not_held",
            UserError::BadDays => "bad_days",
            UserError::NotToThem(_) => "not_to_them",
            UserError::NotLent(_) => "role_not_lent",
            UserError::NoSuchDelegation(_) => "no_such_delegation",
            UserError::NoSuchToken => "no_such_token",
            UserError::IdentityTaken => "identity_taken",
            UserError::BadIdentity => "bad_identity",
            UserError::NotPractice => "not_practice",
            UserError::Hash(_) | UserError::NoRandomness(_) | UserError::Database(_) => "internal",
        }
    }
}
