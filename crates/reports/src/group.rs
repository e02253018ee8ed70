//! The people behind a figure of the boards of accounts and of identity.

use access::audit::Action;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, PersonId};
use payments::line::channel_number;
use payments::{Channel, Office, Refused};
use registry::event::Holder;
use serde::Serialize;
use serde_json::json;

use crate::counted::groups;
use crate::kept::DRAWS;
use crate::question::ByArea;
use crate::reach::Reach;

groups! {
    /// Beneficiaries that a figure counts.
    pub enum Group {
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
        /// Of these, in the name.
        MismatchFullName = "mismatch_full_name" / "Lệch họ tên",
        /// Of these, in the birth date.
        MismatchBirthDate = "mismatch_birth_date" / "Lệch ngày sinh",
        /// Of these, in the sex.
        MismatchSex = "mismatch_sex" / "Lệch giới tính",
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
}

/// Areas with more beneficiaries show people by commune only: names of a province have to be put in
/// order anew each time.
const BY_NAME_UP_TO: i64 = 10_000;

/// In which order, and which part.
#[derive(Clone, Copy, Debug, Default)]
pub struct Part {
    /// By name alone, in an area that is not too large; otherwise by commune, then name.
    pub by_name: bool,
    /// People to pass over.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// People of a group, part of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Members {
    /// In the order they are in.
    pub people: Vec<Member>,
    /// Whether that is by name alone.
    pub by_name: bool,
    /// Whether the area is small enough for it.
    pub may_be_by_name: bool,
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
/// Communes in which nobody is counted are passed over, and by commune those of pages before, so
/// that a page costs about the same wherever it is.
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn members(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
    group: Group,
    part: Part,
) -> Result<Members, Refused> {
    let (reach, _) = of.question().sources(office, actor).await?;
    let communes = communes(office, &reach, group).await?;
    let beneficiaries: i64 = communes.iter().map(|it| it.beneficiaries).sum();
    let may_be_by_name = beneficiaries <= BY_NAME_UP_TO;
    let part = Part {
        by_name: part.by_name && may_be_by_name,
        ..part
    };
    let (communes, offset) = needed(communes, part);
    let (codes, since): (Vec<String>, Vec<jiff_sqlx::Date>) = communes
        .into_iter()
        .map(|it| (it.code, it.since.to_sqlx()))
        .unzip();
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let found = sqlx::query!(
        r#"with beneficiary as (
               select person_id, area_code, area_valid_from, bool_or(channel = $5) as by_account
               from list_line
               where list_month = $1 and kind = any($4)
                 and (area_code, area_valid_from) in (select * from unnest($2::text[], $3::date[]))
                 and ($10::text[] is null
                      or person_id in (select person_id from placed_line
                                       where list_month = $1 and former_code = any($10)
                                         and (area_code, area_valid_from)
                                             in (select * from unnest($2::text[], $3::date[]))))
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
           where case $6
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
               when 'mismatch_full_name' then state = 'mismatch' and 'full_name' = any(identity_fields)
               when 'mismatch_birth_date' then state = 'mismatch' and 'birth_date' = any(identity_fields)
               when 'mismatch_sex' then state = 'mismatch' and 'sex' = any(identity_fields)
               when 'pending' then state = 'pending'
               when 'verified' then state = 'verified'
               when 'doubtful_id' then id_state not in ('plausible', 'missing', 'malformed')
               when 'missing_sex' then sex is null
               when 'missing_ethnicity' then ethnicity is null
               when 'missing_phone' then phone is null
               when 'partial_birth_date' then birth_precision <> 'd'
               when 'missing_channel' then channel is null
               else false end
           order by case when not $7 then area_code end, case when not $7 then area_valid_from end,
                    name_key, person_id
           offset $8 limit $9"#,
        reach.scope.month.yyyymm(),
        &codes,
        &since as _,
        &DRAWS[..],
        channel_number(Some(Channel::Account)),
        group.code(),
        part.by_name,
        offset,
        part.limit,
        reach.former as _,
    )
    .fetch_all(&mut *tx)
    .await?;
    let detail = json!({"month": of.month, "group": group.code(), "people": found.len()});
    let area = reach.code();
    let (now, action) = (office.clock.now(), Action::ReportPeople);
    access::audit::record(&mut tx, now, actor, action, group.code(), area, detail).await?;
    tx.commit().await?;
    let areas = Areas::embedded();
    let commune = |code: &str, since| {
        let area = areas.get(code, since);
        area.map_or(code.to_owned(), |area| areas.written_path(area))
    };
    let people = found.into_iter().map(|row| Member {
        person_id: PersonId(row.person_id),
        person: row.person_key,
        full_name: row.full_name,
        commune: commune(&row.area_code, row.since.to_jiff()),
        channel: row.channel.as_deref().and_then(Channel::from_code),
        holder: row.holder.as_deref().and_then(Holder::from_code),
        differs: row.differs,
    });
    Ok(Members {
        people: people.collect(),
        by_name: part.by_name,
        may_be_by_name,
    })
}

/// A commune of the month's lists, and how many of its people are in a group.
struct Commune {
    code: String,
    since: Date,
    beneficiaries: i64,
    members: i64,
}

/// The communes of the area, in order of code.
async fn communes(
    office: &Office<'_>,
    reach: &Reach,
    group: Group,
) -> Result<Vec<Commune>, Refused> {
    let place = reach.columns();
    let rows = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date",
                  sum(beneficiaries)::bigint as "beneficiaries!",
                  sum(case $6
                      when 'beneficiaries' then beneficiaries
                      when 'with_account' then with_account
                      when 'own_account' then own_account
                      when 'guardian_account' then guardian_account
                      when 'authorised_account' then authorised_account
                      when 'wants_account' then wants_account
                      when 'wants_without' then wants_without
                      when 'paid_by_account' then paid_by_account
                      when 'gap' then gap
                      when 'without_account' then beneficiaries - with_account
                      when 'missing_id' then missing_id
                      when 'malformed_id' then malformed_id
                      when 'not_found' then not_found
                      when 'mismatch' then mismatch
                      when 'mismatch_full_name' then mismatch_full_name
                      when 'mismatch_birth_date' then mismatch_birth_date
                      when 'mismatch_sex' then mismatch_sex
                      when 'pending' then pending
                      when 'verified' then verified
                      when 'doubtful_id' then doubtful_id
                      when 'missing_sex' then missing_sex
                      when 'missing_ethnicity' then missing_ethnicity
                      when 'missing_phone' then missing_phone
                      when 'partial_birth_date' then partial_birth_date
                      when 'missing_channel' then missing_channel
                      else 0 end)::bigint as "members!"
           from board_people
           where month = $1 and ($2 or (area_code, area_valid_from)
                                       in (select * from unnest($3::text[], $4::date[])))
             and ($5::text[] is null or former_code = any($5))
           group by area_code, area_valid_from order by area_code, area_valid_from"#,
        reach.scope.month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        place.former as _,
        group.code(),
    )
    .fetch_all(office.pool)
    .await?;
    let commune = rows.into_iter().map(|row| Commune {
        code: row.area_code,
        since: row.since.to_jiff(),
        beneficiaries: row.beneficiaries,
        members: row.members,
    });
    Ok(commune.collect())
}

/// The communes a part is in, and how many of their people come before it.
fn needed(communes: Vec<Commune>, part: Part) -> (Vec<Commune>, i64) {
    let counted = communes.into_iter().filter(|commune| commune.members > 0);
    if part.by_name {
        return (counted.collect(), part.offset);
    }
    let (mut offset, mut wanted) = (part.offset, part.limit);
    let mut needed = Vec::new();
    for commune in counted {
        if needed.is_empty() && offset >= commune.members {
            offset -= commune.members;
            continue;
        }
        let before = if needed.is_empty() { offset } else { 0 };
        wanted -= commune.members - before;
        needed.push(commune);
        if wanted <= 0 {
            break;
        }
    }
    (needed, offset)
}
