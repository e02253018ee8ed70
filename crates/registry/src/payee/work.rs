//! Receivers of an area to be looked at again.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Bank, Clock, Month, PersonId};
use serde::Serialize;
use sqlx::{PgConnection, PgPool};

use super::concern::{Concern, Receiver};
use crate::event::{Channel, Holder, PayeeChoice};
use crate::sight;

/// A living person whose receiver should be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The number in the registry.
    pub id: PersonId,
    /// As declared.
    pub full_name: String,
    /// Commune as kept: code and first day.
    pub commune: (String, Date),
    /// The receiver.
    pub choice: Option<PayeeChoice>,
    /// Why, the gravest first.
    pub concerns: Vec<Concern>,
}

/// How many living people with a benefit have a concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Stable code.
    pub concern: &'static str,
    /// What users see.
    pub name: &'static str,
    /// People.
    pub people: u64,
}

/// Which part of a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Part {
    /// Only who has this concern.
    pub concern: Option<Concern>,
    /// People to pass over.
    pub offset: i64,
    /// At most so many; everybody when not said.
    pub limit: Option<i64>,
}

/// People of an area whose receivers should be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkList {
    /// How many have each concern, in the order of [`Concern::ALL`].
    pub counts: Vec<Count>,
    /// How many there are: with the concern asked for, or with any.
    pub people: i64,
    /// The part asked for, by commune and name.
    pub items: Vec<Item>,
}

/// Everybody of the area who draws a benefit and whose receiver gives a concern, by commune and
/// name, and how many there are of each concern. The database judges as [`Receiver::concerns`]
/// does, which names the concerns of those shown.
///
/// # Errors
/// Those of the database.
pub async fn work_list(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
    part: Part,
) -> sqlx::Result<WorkList> {
    let today = clock.today();
    let inside = sight::communes(actor, area, Month::of(today));
    let mut tx = pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let unknown = unknown_banks(&mut tx).await?;
    let rows = sqlx::query!(
        r#"with receiver as (
               select p.person_id, p.full_name, p.name_key, p.area_code, p.area_valid_from,
                      y.channel, y.holder, y.holder_name, y.provider, y.account_number,
                      y.authorised_until, y.name_differs,
                      y.channel in ('e_wallet', 'mobile_money') as wallet
               from person p left join payee y using (person_id)
               where p.merged_into is null and p.death_date is null
                 and ($1::text[] is null or (p.area_code, p.area_valid_from) in
                      (select * from unnest($1::text[], $2::date[])))
                 and exists (select from enrolment e
                             where e.person_id = p.person_id
                               and (e.to_month is null or e.to_month >= $3))),
           told as (
               select *, array_remove(array[
                   case when channel is null then 1 end,
                   case when channel = 'account' and (account_number is null or provider is null)
                        then 2 end,
                   case when provider = any($4) and (channel = 'account'
                             or not wallet and account_number is not null) then 3 end,
                   case when not wallet and account_number !~ '^[A-Za-z0-9]{6,19}$' then 4 end,
                   case when holder = 'authorised' and authorised_until < $5 then 5 end,
                   case when holder = 'authorised' and authorised_until between $5 and $6
                        then 6 end,
                   case when channel is not null and account_number is not null and exists (
                            select from payee o
                            where o.account_number = receiver.account_number
                              and o.provider is not distinct from receiver.provider
                              and o.person_id <> receiver.person_id
                              -- No join: before tables are analysed it would begin with everybody.
                              and (select q.death_date is null and q.merged_into is null
                                   from person q where q.person_id = o.person_id)) then 7 end,
                   case when channel is not null and name_differs then 8 end], null) as concerns
               from receiver),
           judged as materialized (select * from told where concerns <> '{}'),
           counted as (
               select array(select count(*) filter (where number = any(concerns))
                            from generate_series(1, 8) number left join judged on true
                            group by number order by number) as counts,
                      (select count(*) from judged
                       where $7::int is null or $7 = any(concerns)) as people)
           select counts as "counts!", people as "people!", person_id as "person_id?",
                  full_name as "full_name?", area_code as "area_code?",
                  area_valid_from as "area_valid_from?: jiff_sqlx::Date", channel as "channel?",
                  holder as "holder?", holder_name as "holder_name?", provider as "provider?",
                  account_number as "account_number?",
                  authorised_until as "authorised_until?: jiff_sqlx::Date",
                  7 = any(concerns) as "shared?"
           from counted left join lateral (
               select * from judged where $7::int is null or $7 = any(concerns)
               order by area_code, area_valid_from, name_key, person_id
               offset $8 limit $9) shown on true"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
        Month::of(today).yyyymm(),
        &unknown,
        today.to_sqlx() as _,
        super::concern::ahead(today).to_sqlx() as _,
        part.concern.map(number_of),
        part.offset,
        part.limit,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let first = rows.first();
    let people = first.map_or(0, |row| row.people);
    let counts = first.map_or(&[][..], |row| &row.counts);
    let count = |concern: Concern| Count {
        concern: concern.code(),
        name: concern.vietnamese(),
        people: counts
            .get(number_of(concern) as usize - 1)
            .map_or(0, |count| count.unsigned_abs()),
    };
    let counts = Concern::ALL.map(count).into();
    let items = rows.into_iter().filter_map(|row| {
        let parts = (row.channel.as_deref(), row.holder.as_deref());
        let choice = match parts {
            (Some(channel), Some(holder)) => {
                Channel::from_code(channel).zip(Holder::from_code(holder))
            }
            _ => None,
        };
        let choice = choice.map(|(channel, holder)| PayeeChoice {
            channel,
            holder,
            holder_name: row.holder_name,
            holder_id_number: None,
            provider: row.provider,
            account_number: row.account_number,
            authorised_until: row.authorised_until.map(|day| day.to_jiff()),
        });
        let full_name = row.full_name?;
        let receiver = Receiver {
            full_name: &full_name,
            choice: choice.as_ref(),
            shared: row.shared.unwrap_or(false),
        };
        let concerns = receiver.concerns(today);
        Some(Item {
            id: PersonId(row.person_id?),
            commune: (row.area_code?, row.area_valid_from?.to_jiff()),
            full_name,
            choice,
            concerns,
        })
    });
    Ok(WorkList {
        counts,
        people,
        items: items.collect(),
    })
}

/// The place of a concern among all, from 1: how the query names it.
const fn number_of(concern: Concern) -> i32 {
    concern as i32 + 1
}

/// What stands for a bank and is none of the list: each bank and wallet is looked at once.
async fn unknown_banks(tx: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let named = sqlx::query_scalar!(
        r#"with recursive named as (
               (select provider from payee where provider is not null order by provider limit 1)
               union all
               select (select provider from payee where provider > named.provider
                       order by provider limit 1)
               from named where named.provider is not null)
           select provider as "provider!" from named where provider is not null"#
    )
    .fetch_all(tx)
    .await?;
    let unknown = named.into_iter().filter(|name| Bank::find(name).is_none());
    Ok(unknown.collect())
}

/// What gives concern about one person's receiver, who was read with [`crate::person::read`].
///
/// # Errors
/// Those of the database.
pub async fn of_person(
    pool: &PgPool,
    clock: &Clock,
    who: &crate::person::Profile,
) -> sqlx::Result<Vec<Concern>> {
    let choice = who.payee.as_ref().map(|(_, choice)| choice);
    let number = choice.and_then(|choice| choice.account_number.as_deref());
    let shared = match number {
        None => false,
        Some(number) => {
            sqlx::query_scalar!(
                r#"select exists (
                       select from payee o join person q using (person_id)
                       where o.account_number = $1 and o.provider is not distinct from $2
                         and o.person_id <> $3
                         and q.death_date is null and q.merged_into is null) as "shared!""#,
                number,
                choice.and_then(|choice| choice.provider.as_deref()),
                who.id.0
            )
            .fetch_one(pool)
            .await?
        }
    };
    let receiver = Receiver {
        full_name: &who.full_name,
        choice,
        shared,
    };
    Ok(receiver.concerns(clock.today()))
}
