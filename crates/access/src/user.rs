//! Local accounts and their dated roles.

mod refusal;

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::clock::vietnam_time;
use serde_json::json;
use sqlx::{PgConnection, PgExecutor};

use crate::audit::{Action, Changed};
use crate::permission::require;
use crate::{administration, audit, password, practice, provider, secret, session};

pub use refusal::UserError;

/// How long a password set by somebody else opens before its owner has changed it.
pub const GIVEN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A role to be given.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which.
    pub role: Role,
    /// Where; empty is the whole country.
    pub area_code: String,
    /// Code of the provider, exactly for [`Role::Provider`].
    pub provider: Option<String>,
}

/// An account to be made, with its first role.
#[derive(Clone)]
pub struct NewUser {
    /// Sign-in name.
    pub name: String,
    /// Name of the person.
    pub full_name: String,
    /// The password, hashed before it is stored.
    pub password: String,
    /// First role.
    pub first: Wanted,
}

/// A random password of 17 characters, easy to read aloud.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn generate_password() -> Result<String, UserError> {
    let random = secret::make()?;
    Ok(format!(
        "{}-{}-{}",
        &random[..5],
        &random[5..10],
        &random[10..15]
    ))
}

/// Checks a password somebody sets for themselves or another and hashes it. The documented one of
/// practice databases is checked by nothing there.
pub(crate) async fn accept_password(
    db: &mut PgConnection,
    password: String,
    owner: (&str, &str),
) -> Result<String, UserError> {
    if !is_sample(&mut *db, &password).await? {
        let places = places_of(&mut *db, owner.0).await?;
        let mut about = vec![owner.0, owner.1];
        about.extend(places.iter().map(String::as_str));
        password::check(&password, &about)?;
    }
    password::hash_in_background(password).await
}

/// Whether it is the documented password of a practice database, in one.
async fn is_sample(db: &mut PgConnection, password: &str) -> sqlx::Result<bool> {
    Ok(password == practice::PASSWORD && practice::is_practice(db).await?)
}

/// Names of the areas an account has a role in.
async fn places_of(db: &mut PgConnection, name: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select distinct area.name from user_grant join area on area.code = area_code
         where user_name = $1",
        name
    )
    .fetch_all(db)
    .await
}

/// Whether an account has the name.
///
/// # Errors
/// Those of the database.
pub async fn exists(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from app_user where name = $1) as "exists!""#,
        name
    )
    .fetch_one(db)
    .await
}

/// Those of the names that an account which is not shut has.
///
/// # Errors
/// Those of the database.
pub async fn known(db: impl PgExecutor<'_>, names: Vec<String>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select name from app_user where name = any($1) and disabled_at is null",
        &names
    )
    .fetch_all(db)
    .await
}

/// Longest title.
pub const LONGEST_TITLE: usize = 100;

/// Who somebody is on papers they sign: the name of the person and, where the account has one, the
/// title (chức vụ) after a comma: `Nguyễn Văn A, Phó Chủ tịch`. `None` of no account.
///
/// # Errors
/// Those of the database.
pub async fn written(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<Option<String>> {
    let mut written = all_written(db, &[name.to_owned()]).await?;
    Ok(written.remove(name))
}

/// The same of many accounts, by their sign-in names.
///
/// # Errors
/// Those of the database.
pub async fn all_written(
    db: impl PgExecutor<'_>,
    names: &[String],
) -> sqlx::Result<HashMap<String, String>> {
    let found = sqlx::query!(
        "select name, full_name, title from app_user where name = any($1)",
        names
    )
    .fetch_all(db)
    .await?;
    let written = found.into_iter().map(|row| match row.title {
        Some(title) => (row.name, format!("{}, {title}", row.full_name)),
        None => (row.name, row.full_name),
    });
    Ok(written.collect())
}

/// Sets the title (chức vụ) that stands beside an account's name on papers; an empty one takes it away.
/// For whoever administers the account.
///
/// # Errors
/// See [`UserError`].
pub async fn set_title(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
    title: &str,
) -> Result<(), UserError> {
    administration::require_over(&mut *tx, at, actor, name).await?;
    let title = title.trim();
    if title.chars().count() > LONGEST_TITLE || title.chars().any(char::is_control) {
        return Err(UserError::Title);
    }
    let before = sqlx::query_scalar!(
        "update app_user set title = nullif($2, '')
         from (select name, title from app_user where name = $1 for update) before
         where app_user.name = before.name
         returning before.title",
        name,
        title
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(before) = before else {
        return Err(UserError::NoSuchUser(name.to_owned()));
    };
    let title = (!title.is_empty()).then_some(title);
    let changed = Changed::new().value("title", before, title);
    let detail = changed.with(json!({}));
    audit::record(tx, at, actor, Action::UserTitle, name, None, detail).await?;
    Ok(())
}

/// Whether there is any account yet.
///
/// # Errors
/// Those of the database.
pub async fn any(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists(select from app_user) as "any!""#)
        .fetch_one(db)
        .await
}

/// Makes an account. Only an administrator of the area may; the very first account of a database
/// may be made by anybody who has the command line, and must be an administrator of the country.
/// Whoever gets the account changes the password when they first sign in, within [`GIVEN_FOR`].
///
/// # Errors
/// See [`UserError`].
pub async fn add(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    user: NewUser,
) -> Result<(), UserError> {
    let from = vietnam_time(at).date();
    add_from(tx, at, actor, user, from).await
}

/// As [`add`], with the first day of the role.
pub(crate) async fn add_from(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    user: NewUser,
    from: Date,
) -> Result<(), UserError> {
    let first = !any(&mut *tx).await?;
    let wanted = &user.first;
    let founds = first && wanted.role == Role::Administrator && wanted.area_code.is_empty();
    if !founds {
        require(actor, &[Role::Administrator], &wanted.area_code)?;
    }
    if !is_name(&user.name) {
        return Err(UserError::BadName(user.name));
    }
    check_area(&mut *tx, &wanted.area_code).await?;
    let own = founds || is_sample(&mut *tx, &user.password).await?;
    let owner = (user.name.as_str(), user.full_name.as_str());
    let hash = accept_password(&mut *tx, user.password, owner).await?;
    let added = sqlx::query!(
        "insert into app_user (name, full_name, password_hash, created_at, password_given_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
        user.name,
        user.full_name,
        hash,
        at.to_sqlx() as _,
        (!own).then(|| at.to_sqlx()) as _
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Err(UserError::NameTaken(user.name));
    }
    insert_grant(&mut *tx, &user.name, wanted, (from, None)).await?;
    let nothing = None::<&str>;
    let changed = Changed::new()
        .value("full_name", nothing, &user.full_name)
        .value("role", nothing, wanted.role.code())
        .value("provider", nothing, &wanted.provider)
        .hidden("password");
    let detail = changed.with(json!({ "role": wanted.role.code() }));
    let area = Some(wanted.area_code.as_str());
    audit::record(tx, at, actor, Action::UserAdd, &user.name, area, detail).await?;
    Ok(())
}

/// Gives an account another role from today on.
///
/// # Errors
/// See [`UserError`].
pub async fn grant(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
    wanted: &Wanted,
) -> Result<(), UserError> {
    let from = vietnam_time(at).date();
    grant_for(tx, at, actor, name, wanted, (from, None)).await
}

/// Gives an account another role for some days; without a last day until it is taken back. Several
/// roles at a time, and one role at several times, are all well.
///
/// # Errors
/// See [`UserError`].
pub async fn grant_for(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
    wanted: &Wanted,
    (from, to): (Date, Option<Date>),
) -> Result<(), UserError> {
    let area_code = wanted.area_code.as_str();
    require(actor, &[Role::Administrator], area_code)?;
    let today = vietnam_time(at).date();
    if to.is_some_and(|to| to < from || to < today) {
        return Err(UserError::BadDays);
    }
    if !exists(&mut *tx, name).await? {
        return Err(UserError::NoSuchUser(name.to_owned()));
    }
    check_area(&mut *tx, area_code).await?;
    insert_grant(&mut *tx, name, wanted, (from, to)).await?;
    let changed = Changed::new()
        .value("role", None::<&str>, wanted.role.code())
        .value("provider", None::<&str>, &wanted.provider);
    let detail = changed.with(json!({ "from": from, "to": to }));
    audit::record(
        tx,
        at,
        actor,
        Action::UserGrant,
        name,
        Some(area_code),
        detail,
    )
    .await?;
    Ok(())
}

async fn insert_grant(
    tx: &mut PgConnection,
    name: &str,
    wanted: &Wanted,
    (from, to): (Date, Option<Date>),
) -> Result<(), UserError> {
    provider::bind(&mut *tx, name, wanted).await?;
    // Held without end already: nothing to add. From the same day on: the later order counts.
    sqlx::query!(
        "insert into user_grant (user_name, role, area_code, from_date, to_date)
         select $1, $2, $3, $4, $5
         where not exists (select from user_grant where user_name = $1 and role = $2
                           and area_code = $3 and from_date <= $4
                           and (to_date is null or to_date >= $5))
         on conflict (user_name, role, area_code, from_date) do update set to_date = $5",
        name,
        wanted.role.code(),
        wanted.area_code,
        from.to_sqlx() as _,
        to.map(|to| to.to_sqlx()) as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives an account a new password and unlocks it; its sessions end, and its owner changes the password
/// when they next sign in, within [`GIVEN_FOR`]. For whoever administers the
/// account; one's own is changed with the old one ([`crate::account::change_password`]), or here by
/// the command line.
///
/// # Errors
/// See [`UserError`].
pub async fn set_password(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
    password: String,
) -> Result<(), UserError> {
    if actor.name != name {
        administration::require_over(&mut *tx, at, actor, name).await?;
    }
    let own = actor.name == name || is_sample(&mut *tx, &password).await?;
    let full_name = sqlx::query_scalar!("select full_name from app_user where name = $1", name)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| UserError::NoSuchUser(name.to_owned()))?;
    let hash = accept_password(&mut *tx, password, (name, &full_name)).await?;
    let changed = sqlx::query!(
        "update app_user set password_hash = $2, failed_tries = 0, locked_until = null,
                             password_given_at = $3
         where name = $1",
        name,
        hash,
        (!own).then(|| at.to_sqlx()) as _
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() == 0 {
        return Err(UserError::NoSuchUser(name.to_owned()));
    }
    session::end_others(&mut *tx, name, "").await?;
    let detail = Changed::new().hidden("password").with(json!({}));
    audit::record(tx, at, actor, Action::UserPassword, name, None, detail).await?;
    Ok(())
}

/// Shuts an account: its sessions and tokens stop at once, its history stays.
///
/// # Errors
/// See [`UserError`].
pub async fn disable(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<(), UserError> {
    administration::require_over(&mut *tx, at, actor, name).await?;
    administration::refuse_last_administrator(&mut *tx, name).await?;
    let shut = sqlx::query!(
        "update app_user set disabled_at = coalesce(disabled_at, $2) where name = $1",
        name,
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if shut.rows_affected() == 0 {
        return Err(UserError::NoSuchUser(name.to_owned()));
    }
    session::end_others(&mut *tx, name, "").await?;
    sqlx::query!(
        "update api_token set revoked_at = $2 where user_name = $1 and revoked_at is null",
        name,
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let changed = Changed::new().value("disabled", false, true);
    let detail = changed.with(json!({}));
    audit::record(tx, at, actor, Action::UserDisable, name, None, detail).await?;
    Ok(())
}

/// The actor behind a sign-in name with the roles of the day, own and lent; `None` for unknown or
/// shut accounts.
///
/// # Errors
/// Those of the database.
pub async fn actor(
    db: impl PgExecutor<'_>,
    at: Timestamp,
    name: &str,
) -> sqlx::Result<Option<Actor>> {
    let row = sqlx::query!(
        r#"select name, roles_held(name, $2) as "grants!"
           from app_user where name = $1 and disabled_at is null"#,
        name,
        at.to_sqlx() as _
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| actor_of(row.name, &row.grants)))
}

/// From `role@area` texts; an empty area is the whole country, an unknown role gives nothing.
pub(crate) fn actor_of(name: String, grants: &[String]) -> Actor {
    let grants = grants.iter().filter_map(|grant| {
        let (role, area) = grant.split_once('@')?;
        let role = Role::from_code(role)?;
        let area = (!area.is_empty()).then(|| area.into());
        Some(kernel::actor::Grant { role, area })
    });
    Actor::new(name, grants.collect())
}

fn is_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
    (2..=40).contains(&name.len()) && name.bytes().all(allowed)
}

pub(crate) async fn check_area(db: impl PgExecutor<'_>, area_code: &str) -> Result<(), UserError> {
    let known = sqlx::query_scalar!(
        r#"select $1 = '' or exists(select from area where code = $1) as "known!""#,
        area_code
    )
    .fetch_one(db)
    .await?;
    if known {
        Ok(())
    } else {
        Err(UserError::NoSuchArea(area_code.to_owned()))
    }
}
