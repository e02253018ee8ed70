//! Roles lent to a colleague for an absence.
//!
//! Whoever acts with a lent role counts under both names: where two people are needed, neither of the
//! two is the second for the other ([`share_a_name`]; the database holds to it by itself).

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::clock::vietnam_time;
use serde_json::json;
use sqlx::{PgConnection, PgExecutor};

use crate::audit::{Action, Changed};
use crate::user::{self, UserError};
use crate::{administration, audit, permission};

/// A role to be lent.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Sign-in name of who holds it.
    pub delegator: String,
    /// Sign-in name of who is to act.
    pub delegate: String,
    /// Which role.
    pub role: Role,
    /// Where: an area of the role held, or one inside it; empty is the whole country.
    pub area_code: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// A role lent.
#[derive(Clone, Debug)]
pub struct Delegation {
    /// Its number.
    pub delegation_no: i64,
    /// What was lent by whom to whom.
    pub lent: Wanted,
    /// Sign-in name of who recorded it.
    pub made_by: String,
    /// When it was ended early, if it was.
    pub ended_at: Option<Timestamp>,
}

/// Roles that are given, not lent: of administrators, and of programs.
const NOT_LENT: [Role; 2] = [Role::Administrator, Role::OneStop];

/// Lends a role for some days, from one grant that covers all of them. The holder may, or whoever
/// administers the holder's account.
///
/// # Errors
/// [`UserError::NotHeld`] when no grant of the holder's own covers the area and the days,
/// [`UserError::NotToThem`], [`UserError::NotLent`], [`UserError::BadDays`], [`UserError::Denied`].
pub async fn lend(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    wanted: &Wanted,
) -> Result<i64, UserError> {
    if actor.name != wanted.delegator {
        administration::require_over(&mut *tx, at, actor, &wanted.delegator).await?;
    }
    if NOT_LENT.contains(&wanted.role) {
        return Err(UserError::NotLent(wanted.role.vietnamese()));
    }
    if wanted.to < wanted.from || wanted.from < vietnam_time(at).date() {
        return Err(UserError::BadDays);
    }
    user::check_area(&mut *tx, &wanted.area_code).await?;
    refuse_other_side(&mut *tx, wanted).await?;
    let grant = covering_grant(&mut *tx, wanted).await?;
    let (grant_area, grant_from) = grant.ok_or(UserError::NotHeld(wanted.delegator.clone()))?;
    let delegation_no = sqlx::query_scalar!(
        "insert into delegation (delegator, role, grant_area, grant_from, delegate, area_code,
                                 from_date, to_date, made_by, made_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning delegation_no",
        wanted.delegator,
        wanted.role.code(),
        grant_area,
        grant_from.to_sqlx() as _,
        wanted.delegate,
        wanted.area_code,
        wanted.from.to_sqlx() as _,
        wanted.to.to_sqlx() as _,
        actor.name,
        at.to_sqlx() as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let nothing = None::<&str>;
    let changed = Changed::new()
        .value("delegate", nothing, &wanted.delegate)
        .value("role", nothing, wanted.role.code())
        .value("from", nothing, wanted.from)
        .value("until", nothing, wanted.to);
    let detail = changed.with(json!({ "delegation": delegation_no }));
    let (object, area) = (&wanted.delegator, Some(wanted.area_code.as_str()));
    audit::record(tx, at, actor, Action::UserDelegate, object, area, detail).await?;
    Ok(delegation_no)
}

/// Ends a delegation at once. The holder, the one it was lent to, or whoever administers the holder's
/// account may.
///
/// # Errors
/// [`UserError::NoSuchDelegation`], [`UserError::Denied`].
pub async fn end(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    delegation_no: i64,
) -> Result<(), UserError> {
    let none = || UserError::NoSuchDelegation(delegation_no);
    let held = sqlx::query!(
        r#"select delegator, delegate, area_code, role, to_date as "to_date: jiff_sqlx::Date"
         from delegation
         where delegation_no = $1 and ended_at is null for update"#,
        delegation_no
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(none)?;
    if actor.name != held.delegator && actor.name != held.delegate {
        administration::require_over(&mut *tx, at, actor, &held.delegator).await?;
    }
    let ended = sqlx::query!(
        "update delegation set ended_by = $2, ended_at = $3
         where delegation_no = $1 and ended_at is null",
        delegation_no,
        actor.name,
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if ended.rows_affected() != 1 {
        return Err(none());
    }
    let changed = Changed::new()
        .value("delegate", &held.delegate, None::<&str>)
        .value("role", &held.role, None::<&str>)
        .value("until", held.to_date.to_jiff(), at);
    let detail = changed.with(json!({ "delegation": delegation_no }));
    let (object, area) = (&held.delegator, Some(held.area_code.as_str()));
    audit::record(tx, at, actor, Action::UserDelegateEnd, object, area, detail).await?;
    Ok(())
}

/// Delegations from or to an account that hold or will hold, by first day. For the account itself and
/// for whoever administers it.
///
/// # Errors
/// See [`UserError`].
pub async fn of(
    db: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<Vec<Delegation>, UserError> {
    if actor.name != name {
        administration::require_over(&mut *db, at, actor, name).await?;
    }
    let rows = sqlx::query!(
        r#"select delegation_no, delegator, delegate, role, area_code,
                  from_date as "from: jiff_sqlx::Date", to_date as "to: jiff_sqlx::Date", made_by,
                  ended_at as "ended_at: jiff_sqlx::Timestamp"
           from delegation
           where (delegator = $1 or delegate = $1) and to_date >= $2 and ended_at is null
           order by from_date, delegation_no"#,
        name,
        vietnam_time(at).date().to_sqlx() as _
    )
    .fetch_all(db)
    .await?;
    let held = rows.into_iter().filter_map(|row| {
        Some(Delegation {
            delegation_no: row.delegation_no,
            lent: Wanted {
                delegator: row.delegator,
                delegate: row.delegate,
                role: Role::from_code(&row.role)?,
                area_code: row.area_code,
                from: row.from.to_jiff(),
                to: row.to.to_jiff(),
            },
            made_by: row.made_by,
            ended_at: row.ended_at.map(|at| at.to_jiff()),
        })
    });
    Ok(held.collect())
}

/// Somebody who did something, in one of some roles, at a time.
#[derive(Clone, Copy, Debug)]
pub struct Doer<'a> {
    /// Sign-in name.
    pub name: &'a str,
    /// The roles any of which allowed it.
    pub roles: &'a [Role],
    /// When.
    pub at: Timestamp,
}

/// Whether two who did something are one person, or one stood in for the other, or both for a third:
/// the name somebody counts under is their own and that of everybody who had lent them one of the
/// roles at the time.
///
/// # Errors
/// Those of the database.
pub async fn share_a_name(
    db: impl PgExecutor<'_>,
    one: Doer<'_>,
    other: Doer<'_>,
) -> sqlx::Result<bool> {
    let codes = |doer: Doer<'_>| -> Vec<String> {
        let roles = doer.roles.iter();
        roles.map(|role| role.code().to_owned()).collect()
    };
    sqlx::query_scalar!(
        r#"select names_of($1, $2, $3) && names_of($4, $5, $6) as "share!""#,
        one.name,
        &codes(one),
        one.at.to_sqlx() as _,
        other.name,
        &codes(other),
        other.at.to_sqlx() as _
    )
    .fetch_one(db)
    .await
}

/// What is lent to somebody at a moment.
pub(crate) struct Lent(Vec<LentRole>);

struct LentRole {
    delegator: String,
    area: String,
    /// Where they hold the role themselves.
    own: Vec<String>,
}

impl Lent {
    /// To an account.
    pub(crate) async fn to(db: &mut PgConnection, at: Timestamp, name: &str) -> sqlx::Result<Lent> {
        let lent = sqlx::query!(
            r#"select d.delegator as "delegator!", d.role as "role!", d.area_code as "area_code!",
                      array(select area_code from user_grant g
                            where g.user_name = $2 and g.role = d.role
                              and g.from_date <= day_in_vietnam($1)
                              and (g.to_date is null or g.to_date >= day_in_vietnam($1))) as "own!"
               from delegations_at($1) d where d.delegate = $2 order by d.delegator"#,
            at.to_sqlx() as _,
            name
        )
        .fetch_all(db)
        .await?;
        let role = lent.into_iter().map(|row| LentRole {
            delegator: row.delegator,
            area: row.area_code,
            own: row.own,
        });
        Ok(Lent(role.collect()))
    }

    /// Whom somebody who acts in an area, or anywhere, stands in for: names of those who lent a role
    /// there that the account does not hold itself.
    pub(crate) fn by_whom(&self, area: Option<&str>) -> Vec<String> {
        let within = |outer: &str| match area {
            None => true,
            Some(area) => holds_all_of(outer, area),
        };
        let lent = self.0.iter();
        let lent = lent.filter(|it| within(&it.area) && !it.own.iter().any(|own| within(own)));
        let mut names: Vec<String> = lent.map(|it| it.delegator.clone()).collect();
        names.dedup();
        names
    }
}

/// The grant of the holder's own that covers the area and the days: area and first day of it.
async fn covering_grant(
    tx: &mut PgConnection,
    wanted: &Wanted,
) -> Result<Option<(String, Date)>, UserError> {
    let rows = sqlx::query!(
        r#"select area_code, from_date as "from: jiff_sqlx::Date"
           from user_grant join app_user on name = user_name
           where user_name = $1 and role = $2 and from_date <= $3
             and (to_date is null or to_date >= $4) and disabled_at is null
           order by area_code, from_date for share of user_grant"#,
        wanted.delegator,
        wanted.role.code(),
        wanted.from.to_sqlx() as _,
        wanted.to.to_sqlx() as _
    )
    .fetch_all(tx)
    .await?;
    let mut grants = rows.into_iter();
    let covering = grants.find(|row| holds_all_of(&row.area_code, &wanted.area_code));
    Ok(covering.map(|row| (row.area_code, row.from.to_jiff())))
}

/// Whether an area is another or contains it in every era.
fn holds_all_of(outer: &str, inner: &str) -> bool {
    if outer.is_empty() {
        return true;
    }
    let holder = Actor::new(
        String::new(),
        vec![kernel::actor::Grant {
            role: Role::Reader,
            area: Some(outer.into()),
        }],
    );
    permission::holds(&holder, &[Role::Reader], inner)
}

/// Both open, not the same, and both of the offices or both of one provider.
async fn refuse_other_side(tx: &mut PgConnection, wanted: &Wanted) -> Result<(), UserError> {
    let same_side = sqlx::query_scalar!(
        r#"select $1 <> $2
                  and (select provider from provider_user where user_name = $1)
                      is not distinct from (select provider from provider_user where user_name = $2)
                  and exists (select from app_user where name = $2 and disabled_at is null)
                  as "same_side!""#,
        wanted.delegator,
        wanted.delegate
    )
    .fetch_one(tx)
    .await?;
    match same_side {
        true => Ok(()),
        false => Err(UserError::NotToThem(wanted.delegate.clone())),
    }
}
