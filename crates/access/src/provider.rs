//! People of providers: each account works for one provider, for good, and for nobody else.

use kernel::actor::Role;
use sqlx::{PgConnection, PgExecutor};

use crate::user::{UserError, Wanted};

/// Code of the provider an account works for; `None` for those of the State's offices.
///
/// # Errors
/// Those of the database.
pub async fn of(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select provider from provider_user where user_name = $1",
        name
    )
    .fetch_optional(db)
    .await
}

/// Binds an account to the provider of the role it is given, once; refuses a role of the other side.
pub(crate) async fn bind(
    tx: &mut PgConnection,
    name: &str,
    wanted: &Wanted,
) -> Result<(), UserError> {
    let bound = of(&mut *tx, name).await?;
    let other_side = || UserError::OtherSide(name.to_owned());
    let provider = match (wanted.role, &wanted.provider) {
        (Role::Provider, Some(provider)) => provider,
        (Role::Provider, None) | (_, Some(_)) => return Err(UserError::ProviderMismatch),
        (_, None) if bound.is_some() => return Err(other_side()),
        (_, None) => return Ok(()),
    };
    match bound {
        Some(bound) if bound == *provider => return Ok(()),
        Some(_) => return Err(other_side()),
        None => {}
    }
    let held = sqlx::query_scalar!(
        r#"select exists(select from user_grant where user_name = $1) as "held!""#,
        name
    )
    .fetch_one(&mut *tx)
    .await?;
    if held {
        return Err(other_side());
    }
    let added = sqlx::query!(
        "insert into provider_user (user_name, provider)
         select $1, code from provider where code = $2",
        name,
        provider
    )
    .execute(tx)
    .await?;
    match added.rows_affected() {
        1 => Ok(()),
        _ => Err(UserError::NoSuchProvider(provider.clone())),
    }
}
