//! What localities decide about the stages of dossiers: who holds one, and in how many days it is done,
//! never more than the law gives. Dated; a dossier keeps the rules of its day of reception.

use access::Denied;
use access::audit::{Action, Changed};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::area::{Area, Areas};
use kernel::{Actor, Clock};
use serde::Serialize;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::regime;

/// Who decides about stages in an area.
pub const DECIDERS: &[Role] = &[Role::Leader];

/// One rule of a locality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Code of the commune or province.
    pub area: String,
    /// Code of the regime.
    pub regime: String,
    /// Code of its stage.
    pub stage: String,
    /// For dossiers received from this day on.
    pub from: Date,
    /// Working days; `None` are those of the law.
    pub days: Option<u16>,
    /// Sign-in name of who holds it; `None` is the desk the regime names.
    pub holder: Option<String>,
}

/// A rule that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No leader there.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No commune or province has the code.
    #[error("không có địa bàn mã {0:?}")]
    UnknownArea(String),
    /// No regime has such a stage.
    #[error("không có bước {0} trong quy định này")]
    UnknownStage(String),
    /// Longer than the law.
    #[error("thời hạn từ 1 đến {most} ngày làm việc: địa phương chỉ được rút ngắn so với luật")]
    TooLong {
        /// Working days by the law.
        most: u16,
    },
    /// The day has begun.
    #[error("chỉ áp dụng cho hồ sơ tiếp nhận từ ngày mai trở đi")]
    TooEarly,
    /// No such account.
    #[error("không có người dùng {0}")]
    UnknownHolder(String),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Denied(denied) => denied.code(),
            Refused::UnknownArea(_) => "unknown_area",
            Refused::UnknownStage(_) => "unknown_stage",
            Refused::TooLong { .. } => "longer_than_the_law",
            Refused::TooEarly => "too_early",
            Refused::UnknownHolder(_) => "no_such_user",
            Refused::Database(_) => "database",
        }
    }
}

/// The rule for a stage of dossiers received on the day, of rules of which the strongest is the last.
pub fn on<'a>(rules: &'a [Rule], regime: &str, stage: &str, day: Date) -> Option<&'a Rule> {
    let of = |rule: &&Rule| rule.regime == regime && rule.stage == stage && rule.from <= day;
    rules.iter().rev().find(of)
}

/// The rules that hold in a commune, of all: the smaller area after the larger one, then by day.
pub(crate) fn of_commune(all: &[Rule], commune: &Area) -> Vec<Rule> {
    let areas = Areas::embedded();
    let depth = |code: &str| {
        let path = areas.path(commune);
        path.iter().position(|area| area.code == code)
    };
    let inside = all.iter().filter_map(|rule| {
        let depth = depth(&rule.area)?;
        Some((depth, rule))
    });
    let mut inside: Vec<(usize, &Rule)> = inside.collect();
    inside.sort_by_key(|(depth, rule)| (*depth, rule.from));
    inside.into_iter().map(|(_, rule)| rule.clone()).collect()
}

/// Every rule, in the order recorded.
pub(crate) async fn every(db: &mut PgConnection) -> sqlx::Result<Vec<Rule>> {
    let rows = sqlx::query!(
        r#"select area_code, regime, stage, from_day as "from: jiff_sqlx::Date", days, holder
           from local_stage order by rule_no"#
    )
    .fetch_all(db)
    .await?;
    let rule = rows.into_iter().map(|row| Rule {
        area: row.area_code,
        regime: row.regime,
        stage: row.stage,
        from: row.from.to_jiff(),
        days: row.days.and_then(|days| u16::try_from(days).ok()),
        holder: row.holder,
    });
    Ok(rule.collect())
}

/// The rules recorded for an area itself, in the order recorded.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read there.
pub async fn of_area(pool: &PgPool, actor: &Actor, area: &str) -> Result<Vec<Rule>, Refused> {
    access::require(actor, registry::sight::READERS, area)?;
    let mut db = pool.acquire().await?;
    let mut rules = every(&mut db).await?;
    rules.retain(|rule| rule.area == area);
    Ok(rules)
}

/// Records a rule. Recorded in the audit log.
///
/// # Errors
/// [`Refused`]: nothing is recorded.
pub async fn set(pool: &PgPool, actor: &Actor, clock: &Clock, rule: &Rule) -> Result<(), Refused> {
    access::require(actor, DECIDERS, &rule.area)?;
    let area = Areas::embedded().latest(&rule.area);
    area.ok_or_else(|| Refused::UnknownArea(rule.area.clone()))?;
    let stages = regime::named(&rule.regime).map_or(&[][..], |regime| regime.stages.as_slice());
    let stage = stages.iter().find(|stage| stage.code == rule.stage);
    let stage = stage.ok_or_else(|| Refused::UnknownStage(rule.stage.clone()))?;
    let most = stage.days;
    if rule.days.is_some_and(|days| days == 0 || days > most) {
        return Err(Refused::TooLong { most });
    }
    if rule.from <= clock.today() {
        return Err(Refused::TooEarly);
    }
    let (mut tx, now) = (pool.begin().await?, clock.now());
    if let Some(holder) = &rule.holder
        && !access::user::exists(&mut *tx, holder).await?
    {
        return Err(Refused::UnknownHolder(holder.clone()));
    }
    let was = every(&mut tx).await?;
    let was = was.iter().rfind(|it| {
        it.area == rule.area
            && it.regime == rule.regime
            && it.stage == rule.stage
            && it.from <= rule.from
    });
    let changed = Changed::new()
        .value("days", was.map(|it| it.days), Some(rule.days))
        .value("holder", was.map(|it| &it.holder), Some(&rule.holder));
    let days = rule.days.and_then(|days| i16::try_from(days).ok());
    sqlx::query!(
        "insert into local_stage (area_code, regime, stage, from_day, days, holder, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        rule.area,
        rule.regime,
        rule.stage,
        rule.from.to_sqlx() as _,
        days,
        rule.holder,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let object = format!("stage {} {}", rule.regime, rule.stage);
    let detail = changed.with(json!({ "from": rule.from }));
    let (action, place) = (Action::DossierLocalStage, Some(rule.area.as_str()));
    access::audit::record(&mut tx, now, actor, action, &object, place, detail).await?;
    tx.commit().await?;
    Ok(())
}
