//! Receivers of an area to be looked at again.

use futures_util::TryStreamExt;
use jiff::civil::Date;
use kernel::{Actor, Clock, Month, PersonId};
use serde::Serialize;
use sqlx::PgPool;

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

/// Everybody of the area who draws a benefit and whose receiver gives a concern, by commune and
/// name, and how many there are of each concern.
///
/// # Errors
/// Those of the database.
pub async fn work_list(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> sqlx::Result<Vec<Item>> {
    let today = clock.today();
    let inside = sight::communes(actor, area, Month::of(today));
    let mut rows = sqlx::query!(
        r#"select p.person_id, p.full_name, p.area_code,
                  p.area_valid_from as "area_valid_from: jiff_sqlx::Date",
                  y.channel as "channel?", y.holder as "holder?", y.holder_name as "holder_name?",
                  y.provider as "provider?", y.account_number as "account_number?",
                  y.authorised_until as "authorised_until?: jiff_sqlx::Date",
                  coalesce(y.account_number is not null and exists (
                      select from payee o join person q using (person_id)
                      where o.account_number = y.account_number
                        and o.provider is not distinct from y.provider
                        and o.person_id <> y.person_id
                        and q.death_date is null and q.merged_into is null), false) as "shared!"
           from person p left join payee y using (person_id)
           where p.merged_into is null and p.death_date is null
             and ($1::text[] is null or (p.area_code, p.area_valid_from) in
                  (select * from unnest($1::text[], $2::date[])))
             and exists (select from enrolment e
                         where e.person_id = p.person_id
                           and (e.to_month is null or e.to_month >= $3))
           order by p.area_code, p.name_key, p.person_id"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
        Month::of(today).yyyymm(),
    )
    .fetch(pool);
    let mut found = Vec::new();
    while let Some(row) = rows.try_next().await? {
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
        let receiver = Receiver {
            full_name: &row.full_name,
            choice: choice.as_ref(),
            shared: row.shared,
        };
        let concerns = receiver.concerns(today);
        if !concerns.is_empty() {
            found.push(Item {
                id: PersonId(row.person_id),
                full_name: row.full_name,
                commune: (row.area_code, row.area_valid_from.to_jiff()),
                choice,
                concerns,
            });
        }
    }
    Ok(found)
}

/// How many items have each concern, in the order of [`Concern::ALL`].
pub fn counts(items: &[Item]) -> Vec<Count> {
    let count = |concern: Concern| {
        let with = items.iter().filter(|item| item.concerns.contains(&concern));
        Count {
            concern: concern.code(),
            name: concern.vietnamese(),
            people: with.count() as u64,
        }
    };
    Concern::ALL.map(count).into()
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
