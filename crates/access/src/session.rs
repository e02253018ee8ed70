//! Sessions of signed-in browsers. The cookie holds a random secret, the database its hash.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use kernel::clock::vietnam_time;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::audit::Action;
use crate::sign_in::{FirstStep, SignInError};
use crate::user::actor_of;
use crate::{audit, secret};
use kernel::Origin;

/// A session ends after so long without a request.
pub const IDLE: SignedDuration = SignedDuration::from_mins(60);
/// A session ends so long after sign-in whatever happens.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);
/// How stale `seen_at` may grow before a request writes it again.
const SEEN_STEP: SignedDuration = SignedDuration::from_secs(60);

/// A session just opened.
pub struct Session {
    /// The secret for the cookie; never stored.
    pub token: String,
    /// Sign-in name.
    pub name: String,
}

/// Who is behind a session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// With the roles of today, own and lent.
    pub actor: Actor,
    /// Name of the person, for the page header.
    pub full_name: String,
    /// Somebody else set the password they came in with: nothing else before they change it.
    pub owes_password: bool,
    /// A role of theirs needs a second step and they have set none up: nothing else before that.
    pub owes_second_factor: bool,
}

/// How a session was opened beyond the first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecondStep {
    Code,
    Recovery,
    /// The provider of identities vouches for it.
    Provider,
}

impl SecondStep {
    const fn code(self) -> &'static str {
        match self {
            SecondStep::Code => "code",
            SecondStep::Recovery => "recovery",
            SecondStep::Provider => "provider",
        }
    }
}

/// A session as its owner and administrators see it.
#[derive(Clone, Debug)]
pub struct Open {
    /// Its number; no secret.
    pub session_no: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// Network, without its last part; empty when unknown.
    pub came_from: String,
    /// Kind of browser and machine.
    pub browser: String,
    /// Whether it is the one that asks.
    pub this: bool,
}

pub(crate) async fn open(
    tx: &mut PgConnection,
    at: Timestamp,
    name: &str,
    origin: &Origin,
    (first_step, second_step): (FirstStep, Option<SecondStep>),
) -> Result<String, SignInError> {
    let token = secret::make()?;
    let expires = at.saturating_add(ABSOLUTE).unwrap_or(at);
    sqlx::query!(
        "delete from session where expires_at < $1",
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into session (token_hash, user_name, created_at, seen_at, expires_at,
                              came_from, browser, second_step, first_step)
         values ($1, $2, $3, $3, $4, $5, $6, $7, $8)",
        secret::hash(&token),
        name,
        at.to_sqlx() as _,
        expires.to_sqlx() as _,
        origin.roughly(),
        origin.browser(),
        second_step.map(SecondStep::code),
        first_step.code()
    )
    .execute(&mut *tx)
    .await?;
    Ok(token)
}

/// Who is behind the cookie; `None` when it is unknown or has expired, or the account is shut.
///
/// # Errors
/// Those of the database.
pub async fn actor_by_session(
    pool: &PgPool,
    at: Timestamp,
    token: &str,
) -> sqlx::Result<Option<SignedIn>> {
    let idle_since = at.saturating_sub(IDLE).unwrap_or(at);
    let hash = secret::hash(token);
    let row = sqlx::query!(
        r#"select name, full_name, seen_at as "seen_at: jiff_sqlx::Timestamp", second_step,
                  password_given_at is not null and first_step = 'password' as "owes_password!",
                  roles_held(name, $2) as "grants!",
                  array(select distinct on (role) case when required then role end
                        from second_factor_rule where from_date <= $4
                        order by role, from_date desc, rule_no desc) as "required!: Vec<Option<String>>"
           from session join app_user on name = user_name
           where token_hash = $1 and expires_at > $2 and seen_at > $3 and disabled_at is null"#,
        hash,
        at.to_sqlx() as _,
        idle_since.to_sqlx() as _,
        vietnam_time(at).date().to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if at.duration_since(row.seen_at.to_jiff()) > SEEN_STEP {
        sqlx::query!(
            "update session set seen_at = greatest(seen_at, $2) where token_hash = $1",
            hash,
            at.to_sqlx() as _
        )
        .execute(pool)
        .await?;
    }
    let actor = actor_of(row.name, &row.grants);
    let needs = |grant: &kernel::actor::Grant| {
        let mut required = row.required.iter().flatten();
        required.any(|role| role == grant.role.code())
    };
    Ok(Some(SignedIn {
        owes_second_factor: row.second_step.is_none() && actor.grants.iter().any(needs),
        actor,
        full_name: row.full_name,
        owes_password: row.owes_password,
    }))
}

/// Ends the session of the cookie, if there is one.
///
/// # Errors
/// Those of the database.
pub async fn close(pool: &PgPool, at: Timestamp, actor: &Actor, token: &str) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "delete from session where token_hash = $1",
        secret::hash(token)
    )
    .execute(&mut *tx)
    .await?;
    audit::record(
        &mut tx,
        at,
        actor,
        Action::SignOut,
        &actor.name,
        None,
        json!({}),
    )
    .await?;
    tx.commit().await
}

/// The open sessions of an account, last used first. `token` is that of the one who asks; empty for
/// an administrator, who has asked [`crate::administration`] first.
pub(crate) async fn of(
    db: &mut PgConnection,
    at: Timestamp,
    name: &str,
    token: &str,
) -> sqlx::Result<Vec<Open>> {
    let idle_since = at.saturating_sub(IDLE).unwrap_or(at);
    let rows = sqlx::query!(
        r#"select session_no, created_at as "created_at: jiff_sqlx::Timestamp",
                  seen_at as "seen_at: jiff_sqlx::Timestamp", came_from, browser,
                  token_hash = $2 as "this!"
           from session where user_name = $1 and expires_at > $3 and seen_at > $4
           order by seen_at desc, session_no desc"#,
        name,
        secret::hash(token),
        at.to_sqlx() as _,
        idle_since.to_sqlx() as _
    )
    .fetch_all(db)
    .await?;
    let open = rows.into_iter().map(|row| Open {
        session_no: row.session_no,
        created_at: row.created_at.to_jiff(),
        seen_at: row.seen_at.to_jiff(),
        came_from: row.came_from,
        browser: row.browser,
        this: row.this,
    });
    Ok(open.collect())
}

/// Ends every session of an account but the one of the token, and steps begun; how many sessions.
pub(crate) async fn end_others(
    tx: &mut PgConnection,
    name: &str,
    token: &str,
) -> sqlx::Result<u64> {
    sqlx::query!("delete from sign_in_step where user_name = $1", name)
        .execute(&mut *tx)
        .await?;
    let ended = sqlx::query!(
        "delete from session where user_name = $1 and token_hash <> $2",
        name,
        secret::hash(token)
    )
    .execute(tx)
    .await?;
    Ok(ended.rows_affected())
}

/// Ends the session a browser had before it signed in again, if it had one.
///
/// # Errors
/// Those of the database.
pub async fn replaced(pool: &PgPool, token: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from session where token_hash = $1",
        secret::hash(token)
    )
    .execute(pool)
    .await?;
    Ok(())
}
