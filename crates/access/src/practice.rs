//! Practice databases: for training, samples and tests.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use sqlx::{PgConnection, PgExecutor};

use crate::user::{self, NewUser, UserError, Wanted};

/// The password of every sample sign-in. Documented: it opens practice databases only.
pub const PASSWORD: &str = "an-sinh-thuc-hanh";

/// A sample sign-in: name, full name, role.
pub const SIGN_INS: [(&str, &str, Role); 10] = [
    ("tiep.nhan", "Cán bộ một cửa luyện tập", Role::Clerk),
    ("can.bo", "Cán bộ luyện tập", Role::Officer),
    ("lanh.dao", "Lãnh đạo luyện tập", Role::Leader),
    ("van.thu", "Văn thư luyện tập", Role::Records),
    ("lap", "Người lập luyện tập", Role::ListMaker),
    ("duyet", "Người duyệt luyện tập", Role::Approver),
    ("xem", "Người xem luyện tập", Role::Reader),
    ("thanh.tra", "Thanh tra luyện tập", Role::Auditor),
    ("quan.tri", "Quản trị luyện tập", Role::Administrator),
    ("mot.cua", "Hệ thống một cửa luyện tập", Role::OneStop),
];

/// First day of their roles: before any day a practice clock is set to.
const ALWAYS: Date = date(2000, 1, 1);

/// Whether this is a practice database.
///
/// # Errors
/// Those of the database.
pub async fn is_practice(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists(select from practice) as "practice!""#)
        .fetch_one(db)
        .await
}

/// Makes the database a practice database from now on, if it is not one yet. Only for a new one:
/// a real database never becomes a practice database.
///
/// # Errors
/// Those of the database.
pub async fn begin(db: impl PgExecutor<'_>, at: Timestamp) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into practice (since) values ($1) on conflict do nothing",
        at.to_sqlx() as _
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes the sample sign-ins that do not exist yet, each with its role in the area (empty: the
/// whole country). Refused outside practice databases.
///
/// # Errors
/// [`UserError::NotPractice`] in a real database; otherwise as [`user::add`].
pub async fn make_sign_ins(
    tx: &mut PgConnection,
    at: Timestamp,
    area_code: &str,
) -> Result<(), UserError> {
    if !is_practice(&mut *tx).await? {
        return Err(UserError::NotPractice);
    }
    let actor = Actor::with_every_role("init");
    for (name, full_name, role) in SIGN_INS {
        if user::exists(&mut *tx, name).await? {
            continue;
        }
        let user = NewUser {
            name: name.to_owned(),
            full_name: full_name.to_owned(),
            password: PASSWORD.to_owned(),
            first: Wanted {
                role,
                area_code: area_code.to_owned(),
                provider: None,
            },
        };
        user::add_from(&mut *tx, at, &actor, user, ALWAYS).await?;
    }
    Ok(())
}
