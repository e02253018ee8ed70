//! The people behind a figure of the boards of accounts and of identity.

mod find;
mod way;

use kernel::{Actor, PersonId};
use payments::{Channel, Office, Refused};
use registry::event::Holder;
use serde::Serialize;
use serde_json::json;

use crate::question::ByArea;
use way::Way;

macro_rules! groups {
    ($($(#[$doc:meta])* $variant:ident = $code:literal / $name:literal,)*) => {
        /// Beneficiaries that a figure counts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Group { $($(#[$doc])* $variant,)* }

        impl Group {
            /// Every group.
            pub const ALL: &[Group] = &[$(Group::$variant),*];

            /// Stable code: the name of the figure.
            pub const fn code(self) -> &'static str {
                match self { $(Group::$variant => $code,)* }
            }

            /// What users see.
            pub const fn vietnamese(self) -> &'static str {
                match self { $(Group::$variant => $name,)* }
            }
        }
    };
}

groups! {
    /// Everybody paid for the month.
    Beneficiaries = "beneficiaries" / "Đang hưởng",
    /// With an account, whoever holds it.
    WithAccount = "with_account" / "Có tài khoản",
    /// Whose account is their own.
    OwnAccount = "own_account" / "Tài khoản chính chủ",
    /// Whose account a guardian holds.
    GuardianAccount = "guardian_account" / "Tài khoản người giám hộ",
    /// Whose account somebody authorised holds.
    AuthorisedAccount = "authorised_account" / "Tài khoản người được ủy quyền",
    /// Who wish an account.
    WantsAccount = "wants_account" / "Muốn nhận qua tài khoản",
    /// Who wish an account and have none.
    WantsWithout = "wants_without" / "Muốn nhận qua tài khoản, chưa có tài khoản",
    /// Whom the list pays into an account.
    PaidByAccount = "paid_by_account" / "Chi qua tài khoản",
    /// With an account and not paid into one.
    Gap = "gap" / "Có tài khoản, chưa chi qua tài khoản",
    /// Without any account.
    WithoutAccount = "without_account" / "Chưa có tài khoản",
    /// Without ID number.
    MissingId = "missing_id" / "Thiếu số định danh",
    /// With an ID number that is not twelve digits.
    MalformedId = "malformed_id" / "Số định danh không đủ 12 số",
    /// Whom the population database does not know.
    NotFound = "not_found" / "Không tìm thấy trong CSDL dân cư",
    /// Whom the population database knows otherwise.
    Mismatch = "mismatch" / "Lệch thông tin với CSDL dân cư",
    /// Not asked yet.
    Pending = "pending" / "Chờ đối chiếu",
    /// Whom the population database knows so.
    Verified = "verified" / "Đã khớp",
    /// With a number that contradicts something.
    DoubtfulId = "doubtful_id" / "Số định danh đáng ngờ",
    /// Without sex.
    MissingSex = "missing_sex" / "Thiếu giới tính",
    /// Without ethnicity.
    MissingEthnicity = "missing_ethnicity" / "Thiếu dân tộc",
    /// Without telephone.
    MissingPhone = "missing_phone" / "Thiếu số điện thoại",
    /// With a birth date known in part.
    PartialBirthDate = "partial_birth_date" / "Ngày sinh chưa đủ",
    /// Without a way of receiving.
    MissingChannel = "missing_channel" / "Chưa có hình thức nhận",
}

impl Group {
    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Group> {
        Group::ALL.iter().copied().find(|it| it.code() == code)
    }
}

/// In which order, and which part.
#[derive(Clone, Copy, Debug, Default)]
pub struct Part {
    /// By commune, then name; otherwise by name alone.
    pub by_commune: bool,
    /// People to pass over.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// Somebody in a group.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Member {
    /// Internal number.
    pub person_id: PersonId,
    /// The caller's own key.
    pub person: String,
    /// Name as declared.
    pub full_name: String,
    /// Commune of the list's month, with what it lies in.
    pub commune: String,
    /// How the money is received now, if that is known.
    pub channel: Option<Channel>,
    /// Whose name receives it.
    pub holder: Option<Holder>,
    /// Fields in which the population database differs.
    pub differs: Vec<String>,
}

/// The people of a group in the month and area. Recorded in the audit log.
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn members(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
    group: Group,
    part: Part,
) -> Result<Vec<Member>, Refused> {
    let (scope, _) = of.question().sources(office, actor).await?;
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let found = match way::of(&mut tx, &scope, group, part).await? {
        Way::Nobody => Vec::new(),
        Way::ByName => find::by_name(&mut tx, scope.month, group, part).await?,
        Way::Communes(communes, part) => {
            find::in_communes(&mut tx, scope.month, &communes, group, part).await?
        }
    };
    let detail = json!({"month": scope.month, "group": group.code(), "people": found.len()});
    let area = (!scope.is_country()).then_some(scope.area.as_str());
    let (now, action) = (office.clock.now(), "report.people");
    access::audit::record(&mut tx, now, actor, action, group.code(), area, detail).await?;
    tx.commit().await?;
    Ok(found)
}
