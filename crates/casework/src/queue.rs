//! The queue of work: dossiers that have not ended, those an officer has to see to first.

use access::Denied;
use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx};
use kernel::actor::Role;
use kernel::area::Areas;
use kernel::name::search_key;
use kernel::{Actor, Clock, Month};
use registry::sight::{READERS, communes_of};
use serde::Serialize;
use sqlx::PgPool;

use crate::regime::DESKS;
use crate::show::{Refused, channel_of, status_of};
use crate::{Channel, Status, Waiting};

/// Which part of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// What the actor holds, and what lies unassigned on a desk of theirs.
    #[default]
    Mine,
    /// Waiting to be received.
    Waiting,
    /// The last day has passed.
    Overdue,
    /// Sent back by the leader.
    Returned,
    /// Everything that has not ended.
    All,
    /// Proposals waiting for the leader.
    Agreement,
    /// Agreed, waiting for a number.
    Number,
}

impl Tab {
    /// Those of the queue's own page.
    pub const SHOWN: [Tab; 5] = [
        Tab::Mine,
        Tab::Waiting,
        Tab::Overdue,
        Tab::Returned,
        Tab::All,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Tab::Mine => "mine",
            Tab::Waiting => "waiting",
            Tab::Overdue => "overdue",
            Tab::Returned => "returned",
            Tab::All => "all",
            Tab::Agreement => "agreement",
            Tab::Number => "number",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Tab> {
        let mut all = Tab::SHOWN.into_iter().chain([Tab::Agreement, Tab::Number]);
        all.find(|tab| tab.code() == code)
    }
}

/// The order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The nearest last day first; without one, last.
    #[default]
    Due,
    /// The longest submitted first.
    Submitted,
    /// By the applicant's given name.
    Name,
}

impl Sort {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Sort::Due => "due",
            Sort::Submitted => "submitted",
            Sort::Name => "name",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Sort> {
        [Sort::Due, Sort::Submitted, Sort::Name]
            .into_iter()
            .find(|sort| sort.code() == code)
    }
}

/// Which dossiers of the queue. What is `None` or empty narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Code of the area; empty is wherever the actor may look.
    pub area: String,
    /// Which part.
    pub tab: Tab,
    /// Code of the procedure.
    pub procedure: Option<String>,
    /// Code of the stage.
    pub stage: Option<String>,
    /// Sign-in name of the holder.
    pub holder: Option<String>,
    /// Sent by a one-stop system, or keyed here.
    pub from_one_stop: Option<bool>,
    /// To be decided by this day.
    pub due_by: Option<Date>,
    /// The beginning of a code, or words of the applicant's name.
    pub text: String,
    /// The order.
    pub sort: Sort,
}

/// How many dossiers each part has, filtered alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// See [`Tab::Mine`].
    pub mine: i64,
    /// See [`Tab::Waiting`].
    pub waiting: i64,
    /// See [`Tab::Overdue`].
    pub overdue: i64,
    /// See [`Tab::Returned`].
    pub returned: i64,
    /// See [`Tab::All`].
    pub all: i64,
    /// See [`Tab::Agreement`].
    pub agreement: i64,
    /// See [`Tab::Number`].
    pub number: i64,
}

impl Counts {
    /// Of one part.
    pub const fn of(&self, tab: Tab) -> i64 {
        match tab {
            Tab::Mine => self.mine,
            Tab::Waiting => self.waiting,
            Tab::Overdue => self.overdue,
            Tab::Returned => self.returned,
            Tab::All => self.all,
            Tab::Agreement => self.agreement,
            Tab::Number => self.number,
        }
    }
}

/// A dossier of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its code.
    pub dossier: String,
    /// Name of the applicant.
    pub applicant: String,
    /// Code of the procedure.
    pub procedure: String,
    /// The commune, as printed.
    pub commune: String,
    /// How it was submitted.
    pub channel: Channel,
    /// Whether a one-stop system sent it.
    pub from_one_stop: bool,
    /// Day of submission.
    pub submitted_on: Date,
    /// National status.
    pub status: Status,
    /// Code of the regime.
    pub regime: Option<String>,
    /// Code of the stage.
    pub stage: Option<String>,
    /// Last day to decide.
    pub due_on: Option<Date>,
    /// Whether it has passed.
    pub overdue: bool,
    /// Whether a new day was appointed once.
    pub extended: bool,
    /// Who holds it; `None` is the desk.
    pub holder: Option<String>,
    /// The desk it lies on while nobody is assigned.
    pub desk: String,
    /// What it waits for between a proposal and its decision.
    pub waiting: Option<String>,
    /// Papers without a file.
    pub missing: i16,
    /// Number of the last step.
    pub last_step: i32,
}

impl Item {
    /// What it waits for, or where it stands, as users see it.
    pub fn stage_name(&self) -> &str {
        let waiting = self.waiting.as_deref().and_then(Waiting::from_code);
        if let Some(waiting) = waiting {
            return waiting.vietnamese();
        }
        let regime = self.regime.as_deref().and_then(crate::regime::named);
        let stages = regime.map_or(&[][..], |regime| regime.stages.as_slice());
        let stage = stages
            .iter()
            .find(|stage| Some(&stage.code) == self.stage.as_ref());
        let working = matches!(self.status, Status::Received | Status::InProcess);
        let stage = stage.filter(|_| working);
        stage.map_or(self.status.vietnamese(), |stage| &stage.name)
    }

    /// Who holds it, as users see it.
    pub fn holder_name(&self) -> &str {
        match &self.holder {
            Some(holder) => holder,
            None => Role::from_code(&self.desk).map_or("", Role::vietnamese),
        }
    }
}

/// Where an actor looks, and which desks there are theirs, as columns of a query.
struct Sight {
    codes: Option<Vec<String>>,
    since: Vec<SqlDate>,
    /// Desks of the actor wherever they look.
    desks: Vec<String>,
    /// Desks of the actor in some of the communes: desk, code, first day.
    some: (Vec<String>, Vec<String>, Vec<SqlDate>),
}

impl Sight {
    fn of(actor: &Actor, area: &str, month: Month) -> Result<Sight, Denied> {
        match area {
            "" if actor.areas_of(READERS).next().is_some() => {}
            area => access::require(actor, READERS, area)?,
        }
        let scope = communes_of(actor, READERS, area, month);
        let (mut desks, mut some) = (Vec::new(), (Vec::new(), Vec::new(), Vec::new()));
        for desk in DESKS {
            if actor.areas_of(&[desk]).next().is_none() {
                continue;
            }
            let own = communes_of(actor, &[desk], area, month);
            let same = match (&own, &scope) {
                (None, _) => true,
                (Some(own), Some(scope)) => own.codes.len() == scope.codes.len(),
                (Some(_), None) => false,
            };
            match own.filter(|_| !same) {
                None => desks.push(desk.code().to_owned()),
                Some(own) => {
                    some.0
                        .extend(own.codes.iter().map(|_| desk.code().to_owned()));
                    some.1.extend(own.codes.iter().cloned());
                    some.2.extend(own.since.iter().copied());
                }
            }
        }
        Ok(Sight {
            codes: scope.as_ref().map(|scope| scope.codes.clone()),
            since: scope.map(|scope| scope.since.clone()).unwrap_or_default(),
            desks,
            some,
        })
    }
}

/// What is looked for, as the query wants it: the beginning of a code, and a part of a name.
fn words(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    (!text.is_empty()).then(|| (text.to_lowercase(), search_key(text)))
}

/// How many dossiers each part of the queue has.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read in the area.
pub async fn counts(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    wanted: &Wanted,
) -> Result<Counts, Refused> {
    let today = clock.today();
    let sight = Sight::of(actor, &wanted.area, Month::of(today))?;
    let (code, name) = words(&wanted.text).unzip();
    let mut tx = planned_anew(pool).await?;
    let counts = sqlx::query_as!(
        Counts,
        r#"select count(*) filter (where holder = $10 or holder is null and (desk = any($12)
                      or (desk, area_code, area_valid_from) in
                         (select * from unnest($13::text[], $14::text[], $15::date[])))) as "mine!",
                  count(*) filter (where status = 1) as "waiting!",
                  count(*) filter (where due_on < $11) as "overdue!",
                  count(*) filter (where waiting = 'repair') as "returned!",
                  count(*) as "all!",
                  count(*) filter (where waiting = 'agreement') as "agreement!",
                  count(*) filter (where waiting = 'number') as "number!"
           from dossier_queue($1, $2, $3, $4, $5, $6, $7, $8, $9)"#,
        sight.codes.as_deref() as _,
        &sight.since as _,
        wanted.procedure,
        wanted.stage,
        wanted.holder,
        wanted.from_one_stop,
        wanted.due_by.map(|day| day.to_sqlx()) as _,
        code,
        name,
        actor.name,
        today.to_sqlx() as _,
        &sight.desks,
        &sight.some.0,
        &sight.some.1,
        &sight.some.2 as _
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(counts)
}

/// So many dossiers of a part of the queue, after so many.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read in the area.
pub async fn items(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    wanted: &Wanted,
    (skip, limit): (i64, i64),
) -> Result<Vec<Item>, Refused> {
    let today = clock.today();
    let sight = Sight::of(actor, &wanted.area, Month::of(today))?;
    let (code, name) = words(&wanted.text).unzip();
    let mut tx = planned_anew(pool).await?;
    let rows = sqlx::query!(
        r#"select code as "code!", applicant as "applicant!", procedure_code as "procedure!",
                  area_code as "area!", area_valid_from as "since!: jiff_sqlx::Date",
                  channel as "channel!", of_one_stop as "of_one_stop!",
                  submitted_on as "submitted_on!: jiff_sqlx::Date", status as "status!", regime,
                  stage, due_on as "due_on: jiff_sqlx::Date", holder, desk as "desk!", waiting,
                  extended as "extended!", missing as "missing!", last_seq as "last_seq!"
           from dossier_queue($1, $2, $3, $4, $5, $6, $7, $8, $9)
           where case $16::text
                 when 'mine' then holder = $10 or holder is null and (desk = any($12)
                      or (desk, area_code, area_valid_from) in
                         (select * from unnest($13::text[], $14::text[], $15::date[])))
                 when 'waiting' then status = 1
                 when 'overdue' then due_on < $11
                 when 'returned' then waiting = 'repair'
                 when 'agreement' then waiting = 'agreement'
                 when 'number' then waiting = 'number'
                 else true end
           order by case when $17::text = 'due' then due_on end,
                    case when $17::text = 'name' then applicant_order end,
                    submitted_on, dossier_id
           limit $19 offset $18"#,
        sight.codes.as_deref() as _,
        &sight.since as _,
        wanted.procedure,
        wanted.stage,
        wanted.holder,
        wanted.from_one_stop,
        wanted.due_by.map(|day| day.to_sqlx()) as _,
        code,
        name,
        actor.name,
        today.to_sqlx() as _,
        &sight.desks,
        &sight.some.0,
        &sight.some.1,
        &sight.some.2 as _,
        wanted.tab.code(),
        wanted.sort.code(),
        skip,
        limit
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let areas = Areas::embedded();
    rows.into_iter()
        .map(|row| {
            let due_on = row.due_on.map(|day| day.to_jiff());
            let commune = areas.get(&row.area, row.since.to_jiff());
            Ok(Item {
                dossier: row.code,
                applicant: row.applicant,
                procedure: row.procedure,
                commune: commune.map_or(row.area, |area| area.full_name.clone()),
                channel: channel_of(row.channel)?,
                from_one_stop: row.of_one_stop,
                submitted_on: row.submitted_on.to_jiff(),
                status: status_of(row.status)?,
                regime: row.regime,
                stage: row.stage,
                due_on,
                overdue: due_on.is_some_and(|day| day < today),
                extended: row.extended,
                holder: row.holder,
                desk: row.desk,
                waiting: row.waiting,
                missing: row.missing,
                last_step: row.last_seq,
            })
        })
        .collect()
}

/// The best way to find a few is the worst for many: planned for what is asked.
async fn planned_anew(pool: &PgPool) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Postgres>> {
    pool.begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await
}
