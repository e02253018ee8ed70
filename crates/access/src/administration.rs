//! What administrators do: find accounts, look at one, take roles back, unlock, end sessions.
//!
//! An administrator of an area sees the accounts with a role in it, and changes those whose roles all
//! lie in it: whoever could reset the password of an account could act as it everywhere it may.

mod find;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::clock::vietnam_time;
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{Action, Changed};
use crate::permission::{self, require};
use crate::session::{self, Open};
use crate::user::{UserError, Wanted};
use crate::{audit, user};

pub use find::{Account, DatedGrant, Found, all, find, one};

const ADMINISTRATOR: &[Role] = &[Role::Administrator];

/// Refuses unless the actor administers every area in which the account holds a role or will hold
/// one; of an account without any, those it held. One without roles at all is the country's.
///
/// # Errors
/// [`UserError::Denied`], [`UserError::NoSuchUser`].
pub(crate) async fn require_over(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<(), UserError> {
    // Who administers nothing does not learn which names there are.
    if actor.areas_of(ADMINISTRATOR).next().is_none() {
        require(actor, ADMINISTRATOR, "")?;
    }
    if !user::exists(&mut *tx, name).await? {
        return Err(UserError::NoSuchUser(name.to_owned()));
    }
    let rows = sqlx::query!(
        r#"select area_code, bool_or(to_date is null or to_date >= $2) as "goes_on!"
           from user_grant where user_name = $1 group by area_code"#,
        name,
        vietnam_time(at).date().to_sqlx() as _
    )
    .fetch_all(tx)
    .await?;
    let any = rows.iter().any(|row| row.goes_on);
    let mut areas = rows.iter().filter(|row| row.goes_on || !any).peekable();
    if areas.peek().is_none() {
        require(actor, ADMINISTRATOR, "")?;
    }
    for row in areas {
        require(actor, ADMINISTRATOR, &row.area_code)?;
    }
    Ok(())
}

/// Whether the actor may change the account, by its roles as [`one`] gives them.
pub fn may_change(actor: &Actor, account: &Account, today: Date) -> bool {
    let goes_on = |grant: &&DatedGrant| grant.to.is_none_or(|to| to >= today);
    let any = account.grants.iter().any(|grant| goes_on(&grant));
    let mut areas = account
        .grants
        .iter()
        .filter(|grant| goes_on(grant) || !any)
        .peekable();
    match areas.peek() {
        None => permission::holds(actor, ADMINISTRATOR, ""),
        Some(_) => areas.all(|grant| permission::holds(actor, ADMINISTRATOR, &grant.area_code)),
    }
}

/// Refuses to take away the last administrator of the country; held until the transaction ends, so
/// that two cannot take each other away. The database refuses it too.
pub(crate) async fn refuse_last_administrator(
    tx: &mut PgConnection,
    name: &str,
) -> Result<(), UserError> {
    sqlx::query!("select pg_advisory_xact_lock(x'61646d696e'::bit(40)::bigint)")
        .execute(&mut *tx)
        .await?;
    let last = sqlx::query_scalar!(
        r#"with administrators as (
             select distinct name from user_grant join app_user on name = user_name
             where role = 'administrator' and area_code = '' and to_date is null
               and disabled_at is null)
           select count(*) = 1 and bool_and(name = $1) as "last!" from administrators"#,
        name
    )
    .fetch_one(tx)
    .await?;
    match last {
        true => Err(UserError::LastAdministrator(name.to_owned())),
        false => Ok(()),
    }
}

/// Takes a role back at once, in the area and all times from today on; what is lent from it ends too.
/// The account's sessions end, so that nothing half done goes on with it.
///
/// # Errors
/// [`UserError::NotHeld`], [`UserError::LastAdministrator`], [`UserError::Denied`].
pub async fn take_back(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
    wanted: &Wanted,
) -> Result<(), UserError> {
    let area = wanted.area_code.as_str();
    require(actor, ADMINISTRATOR, area)?;
    if wanted.role == Role::Administrator && area.is_empty() {
        refuse_last_administrator(&mut *tx, name).await?;
    }
    let today = vietnam_time(at).date();
    let yesterday = today.yesterday().unwrap_or(today);
    let ended = sqlx::query!(
        "update user_grant set to_date = greatest($4, from_date - 1)
         where user_name = $1 and role = $2 and area_code = $3
           and (to_date is null or to_date > $4)",
        name,
        wanted.role.code(),
        area,
        yesterday.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if ended.rows_affected() == 0 {
        return Err(UserError::NotHeld(name.to_owned()));
    }
    session::end_others(&mut *tx, name, "").await?;
    let changed = Changed::new().value("role", wanted.role.code(), None::<&str>);
    let detail = changed.with(json!({ "last_day": yesterday }));
    audit::record(
        tx,
        at,
        actor,
        Action::UserTakeBack,
        name,
        Some(area),
        detail,
    )
    .await?;
    Ok(())
}

/// Forgets failed tries and opens an account locked by them.
///
/// # Errors
/// See [`UserError`].
pub async fn unlock(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<(), UserError> {
    require_over(&mut *tx, at, actor, name).await?;
    let was = sqlx::query_scalar!(
        r#"select locked_until as "locked_until: jiff_sqlx::Timestamp"
           from app_user where name = $1 for update"#,
        name
    )
    .fetch_optional(&mut *tx)
    .await?
    .flatten();
    sqlx::query!(
        "update app_user set failed_tries = 0, locked_until = null where name = $1",
        name
    )
    .execute(&mut *tx)
    .await?;
    let was = was.map(|until| until.to_jiff());
    let changed = Changed::new().value("locked", was, None::<Timestamp>);
    let detail = changed.with(json!({}));
    audit::record(tx, at, actor, Action::UserUnlock, name, None, detail).await?;
    Ok(())
}

/// The open sessions of an account.
///
/// # Errors
/// See [`UserError`].
pub async fn sessions(
    db: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<Vec<Open>, UserError> {
    require_over(&mut *db, at, actor, name).await?;
    Ok(session::of(db, at, name, "").await?)
}

/// Ends every session of an account.
///
/// # Errors
/// See [`UserError`].
pub async fn end_sessions(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<(), UserError> {
    require_over(&mut *tx, at, actor, name).await?;
    let ended = session::end_others(&mut *tx, name, "").await?;
    let detail = json!({ "sessions": ended });
    audit::record(tx, at, actor, Action::UserSessionsEnd, name, None, detail).await?;
    Ok(())
}
