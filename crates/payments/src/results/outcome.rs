//! What became of what was ordered, summed up.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use kernel::area::{Area, Areas};
use kernel::{Actor, Month};
use serde::Serialize;

use super::kept::count_outcome;
use crate::{Office, Refused, Scope};

/// What became of everything a month's approved lists ordered in an area: always
/// `ordered = paid + failed + returned + not_collected + not_reported`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Đồng of payable lines.
    pub ordered: i64,
    /// Đồng whose last result is paid.
    pub paid: i64,
    /// Đồng whose last result is failed.
    pub failed: i64,
    /// Đồng whose last result is returned.
    pub returned: i64,
    /// Đồng whose last result is not collected.
    pub not_collected: i64,
    /// Đồng nobody has reported on.
    pub not_reported: i64,
}

impl Outcome {
    /// Counts đồng in by the last status reported of them.
    pub fn take(&mut self, status: Option<&str>, amount: i64) {
        self.ordered += amount;
        *match status {
            Some("paid") => &mut self.paid,
            Some("failed") => &mut self.failed,
            Some("returned") => &mut self.returned,
            Some("not_collected") => &mut self.not_collected,
            _ => &mut self.not_reported,
        } += amount;
    }

    /// Whether everything ordered is somewhere.
    pub const fn balances(&self) -> bool {
        self.ordered
            == self.paid + self.failed + self.returned + self.not_collected + self.not_reported
    }
}

impl std::ops::AddAssign for Outcome {
    fn add_assign(&mut self, other: Outcome) {
        self.ordered += other.ordered;
        self.paid += other.paid;
        self.failed += other.failed;
        self.returned += other.returned;
        self.not_collected += other.not_collected;
        self.not_reported += other.not_reported;
    }
}

/// Sums up what became of the approved lists of a month in an area.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn outcome(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Outcome, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, crate::show::READERS, &scope.area)?;
    let (codes, since) = scope.columns().unwrap_or_default();
    count_outcome(office, month).await?;
    let rows = sqlx::query!(
        r#"select status, sum(amount)::bigint as "amount!" from board_outcome
           where month = $1 and ($2 or (area_code, area_valid_from)
                                       in (select * from unnest($3::text[], $4::date[])))
           group by status"#,
        month.yyyymm(),
        scope.is_country(),
        &codes,
        &since as _
    )
    .fetch_all(office.pool)
    .await?;
    let mut outcome = Outcome::default();
    for row in rows {
        outcome.take(Some(&row.status), row.amount);
    }
    Ok(outcome)
}

/// What became of the lines of one provider, or of one area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Code of the provider or area; empty is not ordered yet.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Lines whose last result is not paid, or that have none.
    pub open_lines: i64,
    /// What became of them.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// An outcome, by provider and by area: both add up to the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// The whole.
    pub whole: Outcome,
    /// By provider, the largest first.
    pub by_provider: Vec<Part>,
    /// By the areas directly inside, in the order of their codes.
    pub by_area: Vec<Part>,
}

/// What became of the approved lists of a month in an area, by provider and by the areas
/// directly inside. A line belongs to the provider it was ordered from; one that was not ordered to whoever reported on it.
///
/// # Errors
/// As [`outcome`].
pub async fn outcome_parts(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Parts, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, crate::show::READERS, &scope.area)?;
    let (codes, since) = scope.columns().unwrap_or_default();
    count_outcome(office, month).await?;
    let rows = sqlx::query!(
        r#"select provider, p.name as "name?", area_code,
                  area_valid_from as "since: jiff_sqlx::Date", status,
                  lines::bigint as "lines!", amount
           from board_outcome left join provider p on p.code = provider
           where month = $1 and ($2 or (area_code, area_valid_from)
                                       in (select * from unnest($3::text[], $4::date[])))"#,
        month.yyyymm(),
        scope.is_country(),
        &codes,
        &since as _
    )
    .fetch_all(office.pool)
    .await?;
    let mut parts = Parts::default();
    let (mut providers, mut areas) = (BTreeMap::new(), BTreeMap::new());
    // A commune has several rows.
    let mut around: HashMap<(String, Date), Option<&Area>> = HashMap::new();
    for row in rows {
        let status = Some(row.status.as_str());
        parts.whole.take(status, row.amount);
        let commune = (row.area_code, row.since.to_jiff());
        let area = match around.get(&commune) {
            Some(area) => *area,
            None => {
                let area = part_of(&scope, &commune.0, commune.1);
                around.insert(commune.clone(), area);
                area
            }
        };
        let provider = row.name.as_deref().unwrap_or(&row.provider);
        let (code, name) = area.map_or((commune.0.as_str(), ""), |area| {
            (area.code, area.full_name.as_str())
        });
        for (rows, code, name) in [
            (&mut providers, row.provider.as_str(), provider),
            (&mut areas, code, name),
        ] {
            if !rows.contains_key(code) {
                rows.insert(code.to_owned(), Part::of(code.to_owned(), name.to_owned()));
            }
            if let Some(part) = rows.get_mut(code) {
                part.take(status, row.lines, row.amount);
            }
        }
    }
    parts.by_area = areas.into_values().collect();
    parts.by_provider = providers.into_values().collect();
    parts
        .by_provider
        .sort_by_key(|part| Reverse(part.outcome.ordered));
    Ok(parts)
}

/// The area directly inside the scope in which a commune lies; the commune of a scope without any.
pub(crate) fn part_of(scope: &Scope, code: &str, since: Date) -> Option<&'static Area> {
    let areas = Areas::embedded();
    let commune = areas.get(code, since)?;
    let path = areas.path(commune);
    let below = match scope.area.as_str() {
        "" => path.first(),
        around => {
            let at = path.iter().position(|area| area.code == around)?;
            path.get(at + 1)
        }
    };
    Some(below.copied().unwrap_or(commune))
}

impl Part {
    fn of(code: String, name: String) -> Part {
        Part {
            code,
            name,
            open_lines: 0,
            outcome: Outcome::default(),
        }
    }

    fn take(&mut self, status: Option<&str>, lines: i64, amount: i64) {
        self.outcome.take(status, amount);
        if status != Some("paid") {
            self.open_lines += lines;
        }
    }
}
