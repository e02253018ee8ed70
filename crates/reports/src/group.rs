//! The people behind a figure of the boards of accounts and of identity.

use kernel::area::Areas;
use kernel::{Actor, PersonId};
use payments::line::channel_number;
use payments::{Channel, Office, Refused};
use registry::event::Holder;
use serde::Serialize;
use serde_json::json;

use crate::kept::DRAWS;
use crate::question::{ByArea, columns};

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
    let (everywhere, codes, since) = columns(&scope);
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let found = sqlx::query!(
        r#"with beneficiary as (
               select person_id, area_code, area_valid_from, bool_or(channel = $6) as by_account
               from list_line
               where list_month = $1 and kind = any($5)
                 and ($2 or (area_code, area_valid_from)
                            in (select * from unnest($3::text[], $4::date[])))
               group by person_id, area_code, area_valid_from),
           known as (
               select b.area_code, b.area_valid_from, by_account, p.person_id, p.person_key,
                      p.full_name, p.name_key, p.id_state, p.identity_fields, p.sex, p.ethnicity,
                      p.phone, p.birth_precision, y.channel, y.holder, y.wants_account,
                      case when y.channel not in ('e_wallet', 'mobile_money')
                            and y.account_number is not null then y.holder end as account,
                      case when p.id_state in ('missing', 'malformed') then p.id_state
                           when p.identity_check in ('verified', 'mismatch', 'not_found')
                               then p.identity_check
                           else 'pending' end as state
               from beneficiary b join person p using (person_id)
                    left join payee y using (person_id))
           select person_id, person_key, full_name, area_code,
                  area_valid_from as "since: jiff_sqlx::Date", channel as "channel?",
                  holder as "holder?",
                  case when state = 'mismatch' then identity_fields else '{}' end as "differs!"
           from known
           where case $7
               when 'beneficiaries' then true
               when 'with_account' then account is not null
               when 'own_account' then account = 'self'
               when 'guardian_account' then account = 'guardian'
               when 'authorised_account' then account = 'authorised'
               when 'wants_account' then wants_account
               when 'wants_without' then wants_account and account is null
               when 'paid_by_account' then by_account
               when 'gap' then account is not null and not by_account
               when 'without_account' then account is null
               when 'missing_id' then state = 'missing'
               when 'malformed_id' then state = 'malformed'
               when 'not_found' then state = 'not_found'
               when 'mismatch' then state = 'mismatch'
               when 'pending' then state = 'pending'
               when 'verified' then state = 'verified'
               when 'doubtful_id' then id_state not in ('plausible', 'missing', 'malformed')
               when 'missing_sex' then sex is null
               when 'missing_ethnicity' then ethnicity is null
               when 'missing_phone' then phone is null
               when 'partial_birth_date' then birth_precision <> 'd'
               when 'missing_channel' then channel is null
               else false end
           order by case when $8 then area_code end, name_key, person_id
           offset $9 limit $10"#,
        scope.month.yyyymm(),
        everywhere,
        &codes,
        &since as _,
        &DRAWS[..],
        channel_number(Some(Channel::Account)),
        group.code(),
        part.by_commune,
        part.offset,
        part.limit,
    )
    .fetch_all(&mut *tx)
    .await?;
    let detail = json!({"month": scope.month, "group": group.code(), "people": found.len()});
    let area = (!scope.is_country()).then_some(scope.area.as_str());
    let (now, action) = (office.clock.now(), "report.people");
    access::audit::record(&mut tx, now, actor, action, group.code(), area, detail).await?;
    tx.commit().await?;
    let areas = Areas::embedded();
    let commune = |code: &str, since| {
        let area = areas.get(code, since);
        area.map_or(code.to_owned(), |area| areas.written_path(area))
    };
    Ok(found
        .into_iter()
        .map(|row| Member {
            person_id: PersonId(row.person_id),
            person: row.person_key,
            full_name: row.full_name,
            commune: commune(&row.area_code, row.since.to_jiff()),
            channel: row.channel.as_deref().and_then(Channel::from_code),
            holder: row.holder.as_deref().and_then(Holder::from_code),
            differs: row.differs,
        })
        .collect())
}
