//! The board of exchange: how areas are connected with one-stop systems, what came and went in the
//! month, what one-way connections cost, and where applications are decided online.

mod behind;
mod connected;
mod decided;
mod people;

use std::collections::BTreeMap;
use std::ops::AddAssign;

use ::exchange::Mode;
use jiff_sqlx::ToSqlx;
use kernel::area::{Area, Areas};
use kernel::{Actor, Month};
use payments::{Office, Refused, Scope};
use serde::Serialize;

use crate::question::{AreaRow, ByArea, percent};
use crate::reach::{Division, Reach, Sums};

pub use behind::{DossierBehind, Group, dossiers};
use connected::Connected;
pub use connected::Connections;
pub use decided::{DecidedInMonth, decided_by_month};

/// Counts of dossiers, each once.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Counts {
    /// Submitted in the month.
    pub dossiers: i64,
    /// Of these, sent by a one-stop system.
    pub dossiers_in: i64,
    /// Of these, with papers that came without a file.
    pub incomplete: i64,
    /// Of these, digitised by an officer.
    pub completed_by_hand: i64,
    /// The one-stop system has taken a message about a step of the month.
    pub dossiers_out: i64,
    /// Processed in both systems: sent by a one-stop system, and a step of the month was not carried
    /// back.
    pub processed_twice: i64,
    /// With a message of the month on its way or held back.
    pub waiting: i64,
    /// With a message of the month that was refused or failed.
    pub failed: i64,
    /// Decided in the month.
    pub decided: i64,
    /// Of these, in the system itself.
    pub decided_online: i64,
    /// Fields and papers applicants of a one-stop system were asked for again.
    pub asked_again: i64,
    /// Fields officers typed that had been sent or were in the registry.
    pub keyed_twice: i64,
    /// Handed in at a counter although a one-stop system had sent one about the same person and procedure.
    pub repeated: i64,
}

/// A row.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Figures {
    /// What the connection of the area's province does; `None` for several provinces.
    pub mode: Option<Mode>,
    /// Label of its official case.
    pub official_case: Option<String>,
    /// Communes of the month.
    pub communes: i64,
    /// Communes in which an application of the month was decided online.
    pub communes_online: i64,
    /// What happened.
    #[serde(flatten)]
    pub counts: Counts,
    /// Of the decided, in percent.
    pub decided_online_percent: String,
    /// Working days from submission to decision that half of the decided took at most; `None` without any.
    pub days_median: Option<u16>,
    /// That nine in ten took at most.
    pub days_p90: Option<u16>,
}

/// The board.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ExchangeBoard {
    /// `exchange`.
    pub report: &'static str,
    /// The month.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// How its provinces are connected.
    pub connections: Connections,
    /// Rows in which an application was decided online in the month.
    pub areas_online: usize,
    /// Rows.
    pub areas_total: usize,
    /// By area right below, in order of code.
    pub rows: Vec<AreaRow<Figures>>,
    /// All of it.
    pub total: Figures,
}

/// What a row gathers before it is shown.
#[derive(Clone, Copy, Default)]
struct Gathered {
    counts: Counts,
    communes_online: i64,
}

/// The board of a month and area.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn exchange(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
) -> Result<ExchangeBoard, Refused> {
    let reach = reach(actor, of)?;
    let scope = &reach.scope;
    let connected = Connected::of_month(office, of.month).await?;
    let mut sums = Sums::<Gathered>::new();
    gather(office, &reach, &mut sums).await?;
    let mut days = people::gather(office, &reach, &mut sums).await?;
    people::repeats(office, &reach, &mut sums).await?;
    let all_days = days.values().flatten().copied().collect();
    let (found, total) = sums.finish(|_, gathered| gathered);
    let mut rows: BTreeMap<String, (String, Gathered)> = below(scope)
        .into_iter()
        .map(|area| {
            (
                area.code.to_owned(),
                (area.full_name.clone(), Gathered::default()),
            )
        })
        .collect();
    for row in found {
        rows.insert(row.area, (row.name, row.figures));
    }
    let communes = communes(scope);
    let rows: Vec<AreaRow<Figures>> = rows
        .into_iter()
        .map(|(area, (name, gathered))| {
            let (mode, official_case) = connected.of(&area, of.month);
            let communes = communes.get(area.as_str()).copied().unwrap_or_default();
            let took = days.remove(&area).unwrap_or_default();
            let figures = gathered.shown(Some(mode), official_case, (communes, took));
            AreaRow {
                area,
                name,
                figures,
            }
        })
        .collect();
    let online = |row: &&AreaRow<Figures>| row.figures.counts.decided_online > 0;
    let all_communes = communes.values().sum();
    Ok(ExchangeBoard {
        report: "exchange",
        month: of.month,
        connections: connected.of_scope(scope),
        areas_online: rows.iter().filter(online).count(),
        areas_total: rows.len(),
        rows,
        total: total.shown(None, None, (all_communes, all_days)),
        area: reach.scope.area,
    })
}

/// Where to look: dossiers are counted in areas as the month has them, in none of before the mergers.
fn reach(actor: &Actor, of: &ByArea) -> Result<Reach, Refused> {
    let reach = Reach::of(actor, &of.area, of.month)?;
    match (&reach.former, of.division) {
        (None, Division::Below) => Ok(reach),
        _ => Err(Refused::UnknownArea {
            area: of.area.clone(),
            month: of.month,
        }),
    }
}

/// Adds up what happened, commune by commune; messages about dossiers that never came to be are
/// their province's.
async fn gather(
    office: &Office<'_>,
    reach: &Reach,
    sums: &mut Sums<Gathered>,
) -> Result<(), Refused> {
    let (scope, columns) = (&reach.scope, reach.columns());
    let (first, last) = (scope.month.first_day(), scope.month.last_day());
    let found = sqlx::query!(
        r#"select area_code as "area_code!", area_valid_from as "since!: jiff_sqlx::Date",
                  count(*) filter (where dossiers) as "dossiers!",
                  count(*) filter (where dossiers_in) as "dossiers_in!",
                  count(*) filter (where incomplete) as "incomplete!",
                  count(*) filter (where completed_by_hand) as "completed_by_hand!",
                  count(*) filter (where dossiers_out) as "dossiers_out!",
                  count(*) filter (where processed_twice) as "processed_twice!",
                  count(*) filter (where waiting) as "waiting!",
                  count(*) filter (where failed) as "failed!",
                  count(*) filter (where decided) as "decided!",
                  count(*) filter (where decided_online) as "decided_online!"
           from exchange_of_month($1, $2)
           where $3 or (area_code, area_valid_from)
                       in (select * from unnest($4::text[], $5::date[]))
           group by area_code, area_valid_from"#,
        first.to_sqlx() as _,
        last.to_sqlx() as _,
        columns.everywhere,
        &columns.codes,
        &columns.since as _
    )
    .fetch_all(office.pool)
    .await?;
    for row in found {
        let counts = Counts {
            dossiers: row.dossiers,
            dossiers_in: row.dossiers_in,
            incomplete: row.incomplete,
            completed_by_hand: row.completed_by_hand,
            dossiers_out: row.dossiers_out,
            processed_twice: row.processed_twice,
            waiting: row.waiting,
            failed: row.failed,
            decided: row.decided,
            decided_online: row.decided_online,
            ..Counts::default()
        };
        let communes_online = i64::from(counts.decided_online > 0);
        let gathered = Gathered {
            counts,
            communes_online,
        };
        let commune = (&*row.area_code, row.since.to_jiff());
        sums.add(reach, Division::Below, commune, "", gathered)?;
    }
    let unplaced = sqlx::query!(
        r#"select province_code,
                  count(distinct dossier_code) filter (where o.inbox_no is null) as "waiting!",
                  count(distinct dossier_code) filter (where o.code is not null) as "failed!"
           from exchange_inbox i left join exchange_inbox_outcome o using (inbox_no)
           where day between $1 and $2 and ($3 or province_code = $4)
             and not exists (select from dossier d where d.code = i.dossier_code
                               and d.province_code = i.province_code)
           group by province_code"#,
        first.to_sqlx() as _,
        last.to_sqlx() as _,
        columns.everywhere,
        scope.area
    )
    .fetch_all(office.pool)
    .await?;
    for row in unplaced {
        let gathered = Gathered {
            counts: Counts {
                waiting: row.waiting,
                failed: row.failed,
                ..Counts::default()
            },
            communes_online: 0,
        };
        if let Some(province) = Areas::embedded().on(&row.province_code, last) {
            let place = (province.code, province.valid_from);
            sums.add(reach, Division::Below, place, "", gathered)?;
        }
    }
    Ok(())
}

/// The areas right below in the month; a commune is its own.
fn below(scope: &Scope) -> Vec<&'static Area> {
    let (areas, day) = (Areas::embedded(), scope.month.first_day());
    let mut below = areas.children(&scope.area, day);
    if below.is_empty() {
        below.extend(areas.on(&scope.area, day));
    }
    below
}

/// How many communes of the month lie in each row.
fn communes(scope: &Scope) -> BTreeMap<&'static str, i64> {
    let (areas, day) = (Areas::embedded(), scope.month.first_day());
    let mut communes = BTreeMap::new();
    let here = areas
        .all()
        .iter()
        .filter(|area| area.lowest && area.exists_on(day));
    for commune in here.filter(|area| scope.holds(area.code, area.valid_from)) {
        let path = areas.path(commune);
        let at = path.iter().position(|area| area.code == scope.area);
        let row = match at {
            Some(at) => path.get(at + 1).or(path.last()),
            None => path.first(),
        };
        if let Some(row) = row {
            *communes.entry(row.code).or_default() += 1;
        }
    }
    communes
}

impl Gathered {
    fn shown(
        self,
        mode: Option<Mode>,
        official_case: Option<String>,
        (communes, took): (i64, Vec<u16>),
    ) -> Figures {
        let (days_median, days_p90) = people::shares(took);
        Figures {
            days_median,
            days_p90,
            mode,
            official_case,
            communes,
            communes_online: self.communes_online,
            decided_online_percent: percent(self.counts.decided_online, self.counts.decided),
            counts: self.counts,
        }
    }
}

impl AddAssign for Gathered {
    fn add_assign(&mut self, other: Gathered) {
        self.communes_online += other.communes_online;
        let (sum, more) = (&mut self.counts, other.counts);
        sum.dossiers += more.dossiers;
        sum.dossiers_in += more.dossiers_in;
        sum.incomplete += more.incomplete;
        sum.completed_by_hand += more.completed_by_hand;
        sum.dossiers_out += more.dossiers_out;
        sum.processed_twice += more.processed_twice;
        sum.waiting += more.waiting;
        sum.failed += more.failed;
        sum.decided += more.decided;
        sum.decided_online += more.decided_online;
        sum.asked_again += more.asked_again;
        sum.keyed_twice += more.keyed_twice;
        sum.repeated += more.repeated;
    }
}
