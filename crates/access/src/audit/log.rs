//! Reading the audit log.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use serde::Serialize;
use serde_json::Value;
use sqlx::{PgConnection, PgPool};

use super::action::{Action, Group};
use crate::permission::codes_held;

/// Who reads the log.
pub const AUDITORS: &[Role] = &[Role::Auditor];

/// One entry as readers see it.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its place in the chain.
    pub entry_no: i64,
    /// When.
    pub at: Timestamp,
    /// Sign-in name of who did it.
    pub actor: String,
    /// Stable code.
    pub action: String,
    /// What it was done to, by id.
    pub object: String,
    /// Area, if one.
    pub area: Option<String>,
    /// From where: `system`, `command_line`, `request` or an address; older entries have none.
    pub origin: Option<String>,
    /// More, as data; `changed` holds old and new values.
    pub detail: Value,
}

impl Entry {
    /// What was done, as users see it; an action this program does not know by its code.
    pub fn action_name(&self) -> &str {
        match Action::from_code(&self.action) {
            Some(action) => action.vietnamese(),
            None => &self.action,
        }
    }

    /// Whom the actor stood in for; empty for who acted for themselves.
    pub fn on_behalf_of(&self) -> String {
        let names = self.detail["on_behalf_of"].as_array();
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        names.collect::<Vec<_>>().join(", ")
    }
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only of this actor.
    pub actor: Option<String>,
    /// Only actions of this group.
    pub group: Option<Group>,
    /// Only this action.
    pub action: Option<Action>,
    /// Only done to this object.
    pub object: Option<String>,
    /// Only of this area and what lies in it, by code.
    pub area: Option<String>,
    /// Only from this origin, as [`kernel::Origin`] is written.
    pub origin: Option<String>,
    /// Only from this day on, by the clock of Viet Nam.
    pub since: Option<Date>,
    /// Only up to this day.
    pub until: Option<Date>,
    /// Only those after this one in the order they are shown: the next page.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: i64,
}

/// The newest entries the actor may read: those of the areas where they are an auditor; auditors of
/// the country also see those that concern no area.
///
/// # Errors
/// Those of the database.
pub async fn read(pool: &PgPool, actor: &Actor, wanted: &Wanted) -> sqlx::Result<Vec<Entry>> {
    // A plan for every filter at once would walk the whole log.
    let mut tx = pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let entries = read_in(&mut tx, actor, wanted).await?;
    tx.commit().await?;
    Ok(entries)
}

pub(super) async fn read_in(
    tx: &mut PgConnection,
    actor: &Actor,
    wanted: &Wanted,
) -> sqlx::Result<Vec<Entry>> {
    let codes = within(codes_held(actor, AUDITORS), wanted.area.as_deref());
    let after = match wanted.before {
        None => None,
        Some(entry_no) => {
            let at = sqlx::query_scalar!(
                r#"select at as "at: jiff_sqlx::Timestamp" from audit_entry where entry_no = $1"#,
                entry_no
            )
            .fetch_optional(&mut *tx)
            .await?;
            at.map(|at| (at, entry_no))
        }
    };
    let (after_at, after_no) = after.unzip();
    let actions: Option<Vec<String>> = match (wanted.action, wanted.group) {
        (Some(action), _) => Some(vec![action.code().to_owned()]),
        (None, Some(group)) => Some(group.codes()),
        (None, None) => None,
    };
    let rows = sqlx::query!(
        r#"select entry_no, at as "at: jiff_sqlx::Timestamp", actor, action, object, area_code,
                  origin, detail
           from audit_entry
           where ($1::text[] is null or area_code = any($1))
             and ($2::text is null or actor = $2)
             and ($3::text[] is null or action = any($3))
             and ($4::text is null or object = $4)
             and ($5::text is null or origin = $5)
             and ($6::timestamptz is null or at >= $6)
             and ($7::timestamptz is null or at < $7)
             and ($8::timestamptz is null or (at, entry_no) < ($8, $9))
           order by at desc, entry_no desc limit $10"#,
        codes.as_deref(),
        wanted.actor,
        actions.as_deref(),
        wanted.object,
        wanted.origin,
        wanted.since.map(|day| midnight(day).to_sqlx()) as _,
        wanted
            .until
            .map(|day| midnight(day.saturating_add(jiff::Span::new().days(1))).to_sqlx())
            as _,
        after_at as _,
        after_no,
        wanted.limit
    )
    .fetch_all(tx)
    .await?;
    let entries = rows.into_iter().map(|row| Entry {
        entry_no: row.entry_no,
        at: row.at.to_jiff(),
        actor: row.actor,
        action: row.action,
        object: row.object,
        area: row.area_code,
        origin: row.origin,
        detail: row.detail,
    });
    Ok(entries.collect())
}

/// Codes of the areas that are both held and wanted; `None` is everywhere.
fn within(held: Option<Vec<String>>, wanted: Option<&str>) -> Option<Vec<String>> {
    let Some(wanted) = wanted else { return held };
    let grant = kernel::actor::Grant {
        role: Role::Auditor,
        area: Some(wanted.into()),
    };
    let inside = codes_held(&Actor::new("", vec![grant]), AUDITORS).unwrap_or_default();
    Some(match held {
        None => inside,
        Some(held) => {
            let both = inside
                .into_iter()
                .filter(|code| held.binary_search(code).is_ok());
            both.collect()
        }
    })
}

/// The first moment of a day in Viet Nam.
fn midnight(day: Date) -> Timestamp {
    let zone = TimeZone::fixed(Offset::constant(7));
    zone.to_timestamp(day.at(0, 0, 0, 0))
        .unwrap_or(Timestamp::MAX)
}
