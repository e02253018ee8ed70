//! Which roles need a second factor, from which day.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use kernel::actor::Role;
use serde_json::json;
use sqlx::{PgConnection, PgExecutor};

use crate::audit::{Action, Changed};
use crate::user::UserError;
use crate::{audit, permission};

/// From a day on, a role needs a second factor or does so no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The role.
    pub role: Role,
    /// First day.
    pub from: Date,
    /// Whether it needs one.
    pub required: bool,
    /// Sign-in name of who set it.
    pub set_by: String,
}

/// Sets from which day a role needs a second factor, or needs none. Whoever holds the role and has
/// none can do nothing but set one up from then on. For administrators of the country.
///
/// # Errors
/// See [`UserError`].
pub async fn require(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    role: Role,
    from: Date,
    required: bool,
) -> Result<(), UserError> {
    permission::require(actor, &[Role::Administrator], "")?;
    let was = sqlx::query_scalar!(
        "select required from second_factor_rule where role = $1 and from_date <= $2
         order by from_date desc, rule_no desc limit 1",
        role.code(),
        from.to_sqlx() as _
    )
    .fetch_optional(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into second_factor_rule (role, from_date, required, set_by, set_at)
         values ($1, $2, $3, $4, $5)",
        role.code(),
        from.to_sqlx() as _,
        required,
        actor.name,
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let was = was.unwrap_or(false);
    let changed = Changed::new().value("required", was, required);
    let detail = changed.with(json!({ "from": from }));
    let action = Action::UserSecondFactorRule;
    audit::record(tx, at, actor, action, role.code(), None, detail).await?;
    Ok(())
}

/// Every rule, by role and day.
///
/// # Errors
/// Those of the database.
pub async fn rules(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Rule>> {
    let rows = sqlx::query!(
        r#"select role, from_date as "from: jiff_sqlx::Date", required, set_by
           from second_factor_rule order by role, from_date, rule_no"#
    )
    .fetch_all(db)
    .await?;
    let rules = rows.into_iter().filter_map(|row| {
        Some(Rule {
            role: Role::from_code(&row.role)?,
            from: row.from.to_jiff(),
            required: row.required,
            set_by: row.set_by,
        })
    });
    Ok(rules.collect())
}
