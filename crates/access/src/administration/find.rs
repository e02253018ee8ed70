//! Finding accounts.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use sqlx::PgConnection;

use super::ADMINISTRATOR;
use crate::permission::{codes_held, require};
use crate::user::UserError;

/// An account as administrators see it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Sign-in name.
    pub name: String,
    /// Name of the person.
    pub full_name: String,
    /// What stands beside the name on papers they sign.
    pub title: Option<String>,
    /// When it was shut, if it was.
    pub disabled_at: Option<Timestamp>,
    /// Until when failed tries lock it, if they do.
    pub locked_until: Option<Timestamp>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// Code of the provider it works for.
    pub provider: Option<String>,
    /// Its own roles with their days, past ones too.
    pub grants: Vec<DatedGrant>,
}

/// A role in an area for some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedGrant {
    /// The role.
    pub role: Role,
    /// Where; empty is the whole country.
    pub area_code: String,
    /// First day.
    pub from: Date,
    /// Last day, if it ends.
    pub to: Option<Date>,
}

/// Accounts found, and how many there are on all.
#[derive(Clone, Debug)]
pub struct Found {
    /// One page of them, by name.
    pub accounts: Vec<Account>,
    /// How many match.
    pub count: i64,
}

/// Every account with its roles, by name. For administrators of the country.
///
/// # Errors
/// See [`UserError`].
pub async fn all(
    db: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
) -> Result<Vec<Account>, UserError> {
    require(actor, ADMINISTRATOR, "")?;
    Ok(find(db, at, actor, "", (0, i64::MAX)).await?.accounts)
}

/// The accounts with a role in an area of the actor's, whose sign-in name or name of the person
/// contains a text (all, if it is empty): `offset` passed over, then `limit`.
///
/// # Errors
/// See [`UserError`].
pub async fn find(
    db: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    text: &str,
    (offset, limit): (i64, i64),
) -> Result<Found, UserError> {
    let held = codes_held(actor, ADMINISTRATOR);
    if held.as_ref().is_some_and(Vec::is_empty) {
        require(actor, ADMINISTRATOR, "")?;
    }
    let everywhere = held.is_none();
    let names = sqlx::query!(
        r#"select name, count(*) over () as "count!" from app_user
           where ($1 or exists (select from user_grant where user_name = name and area_code = any($2)))
             and (strpos(name, lower($3)) > 0 or strpos(lower(full_name), lower($3)) > 0)
           order by name offset $4 limit $5"#,
        everywhere,
        &held.unwrap_or_default(),
        text.trim(),
        offset,
        limit
    )
    .fetch_all(&mut *db)
    .await?;
    let count = names.first().map_or(0, |row| row.count);
    let names: Vec<String> = names.into_iter().map(|row| row.name).collect();
    let accounts = with_roles(db, at, &names).await?;
    Ok(Found { accounts, count })
}

/// One account with a role in an area of the actor's.
///
/// # Errors
/// [`UserError::NoSuchUser`], also for accounts of elsewhere.
pub async fn one(
    db: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<Account, UserError> {
    let held = codes_held(actor, ADMINISTRATOR);
    let none = || UserError::NoSuchUser(name.to_owned());
    let account = with_roles(db, at, &[name.to_owned()]).await?.pop();
    let account = account.ok_or_else(none)?;
    let seen = held.is_none_or(|held| {
        let mut grants = account.grants.iter();
        grants.any(|grant| held.contains(&grant.area_code))
    });
    if seen { Ok(account) } else { Err(none()) }
}

async fn with_roles(
    db: &mut PgConnection,
    at: Timestamp,
    names: &[String],
) -> sqlx::Result<Vec<Account>> {
    let rows = sqlx::query!(
        r#"select name, full_name, title, disabled_at as "disabled_at: jiff_sqlx::Timestamp",
                  case when locked_until > $2 then locked_until end
                    as "locked_until: jiff_sqlx::Timestamp",
                  exists(select from second_factor f
                         where f.user_name = name and confirmed_at is not null) as "factor!",
                  provider as "provider?", role as "role?", area_code as "area_code?",
                  from_date as "from_date?: jiff_sqlx::Date",
                  to_date as "to_date?: jiff_sqlx::Date"
           from app_user left join user_grant on user_grant.user_name = name
                left join provider_user on provider_user.user_name = name
           where name = any($1)
           order by name, role, area_code, from_date"#,
        names,
        at.to_sqlx() as _
    )
    .fetch_all(db)
    .await?;
    let mut accounts: Vec<Account> = Vec::new();
    for row in rows {
        if accounts
            .last()
            .is_none_or(|account| account.name != row.name)
        {
            accounts.push(Account {
                name: row.name,
                full_name: row.full_name,
                title: row.title,
                disabled_at: row.disabled_at.map(|at| at.to_jiff()),
                locked_until: row.locked_until.map(|at| at.to_jiff()),
                second_factor: row.factor,
                provider: row.provider,
                grants: Vec::new(),
            });
        }
        let role = row.role.as_deref().and_then(Role::from_code);
        if let (Some(account), Some(role), Some(area_code), Some(from)) =
            (accounts.last_mut(), role, row.area_code, row.from_date)
        {
            let to = row.to_date.map(|day| day.to_jiff());
            account.grants.push(DatedGrant {
                role,
                area_code,
                from: from.to_jiff(),
                to,
            });
        }
    }
    Ok(accounts)
}
