//! Two ways to the people of a group: through communes, or through all names in order.

use kernel::area::Areas;
use kernel::{Month, PersonId};
use payments::Channel;
use payments::line::channel_number;
use registry::event::Holder;
use sqlx::PgConnection;

use super::way::Communes;
use super::{Group, Member, Part};
use crate::kept::DRAWS;

/// A row of either query.
struct Found {
    person_id: i64,
    person_key: String,
    full_name: String,
    area_code: String,
    since: jiff_sqlx::Date,
    channel: Option<String>,
    holder: Option<String>,
    differs: Vec<String>,
}

impl Found {
    fn member(self) -> Member {
        let (areas, since) = (Areas::embedded(), self.since.to_jiff());
        let area = areas.get(&self.area_code, since);
        Member {
            person_id: PersonId(self.person_id),
            person: self.person_key,
            full_name: self.full_name,
            commune: area.map_or(self.area_code, |area| areas.written_path(area)),
            channel: self.channel.as_deref().and_then(Channel::from_code),
            holder: self.holder.as_deref().and_then(Holder::from_code),
            differs: self.differs,
        }
    }
}

/// Everybody of the communes is looked at, and those of the group put in order.
pub(super) async fn in_communes(
    tx: &mut PgConnection,
    month: Month,
    communes: &Communes,
    group: Group,
    part: Part,
) -> sqlx::Result<Vec<Member>> {
    let found = sqlx::query_as!(
        Found,
        r#"with beneficiary as (
               select person_id, area_code, area_valid_from, bool_or(channel = $5) as by_account
               from list_line
               where list_month = $1 and kind = any($4)
                 and (area_code, area_valid_from) in (select * from unnest($2::text[], $3::date[]))
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
               when 'pending' then state = 'pending'
               when 'verified' then state = 'verified'
               when 'doubtful_id' then id_state not in ('plausible', 'missing', 'malformed')
               when 'missing_sex' then sex is null
               when 'missing_ethnicity' then ethnicity is null
               when 'missing_phone' then phone is null
               when 'partial_birth_date' then birth_precision <> 'd'
               when 'missing_channel' then channel is null
               else false end
           order by case when $7 then area_code end, name_key, person_id
           offset $8 limit $9"#,
        month.yyyymm(),
        &communes.codes,
        &communes.since as _,
        &DRAWS[..],
        channel_number(Some(Channel::Account)),
        group.code(),
        part.by_commune,
        part.offset,
        part.limit,
    )
    .fetch_all(tx)
    .await?;
    Ok(found.into_iter().map(Found::member).collect())
}

/// People are looked at in the order of their names until there are enough: all over the country,
/// where putting everybody in order would take seconds. Conditions are on the tables' own columns,
/// so that the indexes of rare groups are found.
pub(super) async fn by_name(
    tx: &mut PgConnection,
    month: Month,
    group: Group,
    part: Part,
) -> sqlx::Result<Vec<Member>> {
    let found = sqlx::query_as!(
        Found,
        r#"select p.person_id, person_key, full_name, b.area_code as "area_code!",
                  b.area_valid_from as "since!: jiff_sqlx::Date", y.channel as "channel?",
                  holder as "holder?",
                  case when identity_check = 'mismatch' and id_state not in ('missing', 'malformed')
                       then identity_fields else '{}' end as "differs!"
           from person p
               join lateral (
                   select area_code, area_valid_from, bool_or(channel = $3) as by_account
                   from list_line l
                   where list_month = $1 and l.person_id = p.person_id and kind = any($2)
                   group by area_code, area_valid_from) b on true
               left join payee y on y.person_id = p.person_id
               left join lateral (
                   select y.holder as account
                   where y.channel not in ('e_wallet', 'mobile_money')
                     and y.account_number is not null) a on true
           where case $4
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
               when 'missing_id' then id_state = 'missing'
               when 'malformed_id' then id_state = 'malformed'
               when 'not_found' then
                   identity_check = 'not_found' and id_state not in ('missing', 'malformed')
               when 'mismatch' then
                   identity_check = 'mismatch' and id_state not in ('missing', 'malformed')
               when 'pending' then identity_check not in ('verified', 'mismatch', 'not_found')
                   and id_state not in ('missing', 'malformed')
               when 'verified' then
                   identity_check = 'verified' and id_state not in ('missing', 'malformed')
               when 'doubtful_id' then id_state not in ('plausible', 'missing', 'malformed')
               when 'missing_sex' then sex is null
               when 'missing_ethnicity' then ethnicity is null
               when 'missing_phone' then phone is null
               when 'partial_birth_date' then birth_precision <> 'd'
               when 'missing_channel' then y.channel is null
               else false end
           order by name_key, p.person_id
           offset $5 limit $6"#,
        month.yyyymm(),
        &DRAWS[..],
        channel_number(Some(Channel::Account)),
        group.code(),
        part.offset,
        part.limit,
    )
    .fetch_all(tx)
    .await?;
    Ok(found.into_iter().map(Found::member).collect())
}
