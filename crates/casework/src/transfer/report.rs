//! The old place tells of a move.

use access::audit::Action;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::area::{Area, Areas};
use kernel::{Actor, AreaCode, Clock, EventId, Month};
use registry::event::{EventKind, Pause};
use registry::person::{self, Profile};
use registry::{Event, Submitted};
use serde_json::json;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use super::{Notice, TransferRefused, is_complete, regime};
use crate::apply::{ApplyError, TRIES};
use crate::change::{hold_person, running};

/// Source of the events of moves.
pub(super) const SOURCE: &str = "chuyen-di";
/// Why payment rests, in the words of the event.
const WAITING: &str = "Chuyển nơi cư trú, chờ nơi đến tiếp nhận";

/// A move as told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported {
    /// Its number.
    pub transfer_no: i64,
    /// Last day for the new place to answer.
    pub due_on: Date,
}

/// Records that somebody moves: from the month after the last one paid here, payment rests until the
/// new place answers. An officer of the old place tells it. The same key again changes nothing.
///
/// # Errors
/// [`TransferRefused`]: nothing was recorded.
pub async fn report(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    key: Uuid,
    notice: &Notice,
) -> Result<Reported, TransferRefused> {
    if let Some(known) = known(pool, key, notice).await? {
        return Ok(known);
    }
    let who = person::read(pool, actor, clock, notice.person).await?;
    if !access::holds_in(actor, &[Role::Officer], who.commune) {
        access::require(actor, &[Role::Officer], who.commune.code)?;
    }
    let moving = Moving::of(&who, notice, key, clock)?;
    for _ in 0..TRIES {
        let mut tx = pool.begin().await?;
        match moving.record(&mut tx, actor, clock).await {
            Ok(reported) => {
                tx.commit().await?;
                return Ok(reported);
            }
            Err(TransferRefused::Failed(ApplyError::Busy)) => tx.rollback().await?,
            Err(refused) => return Err(refused),
        }
    }
    Err(ApplyError::Busy.into())
}

/// What a notice would do.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Whom it is about.
    pub who: Profile,
    /// The commune that pays now.
    pub from: &'static Area,
    /// The commune asked to pay on.
    pub to: &'static Area,
    /// Last day for it to answer.
    pub due_on: Date,
    /// The article.
    pub law: &'static str,
    /// What is recorded with the notice: payment rests.
    pub waiting: Vec<Event>,
    /// What it comes to once the new place has accepted: it pays on.
    pub accepted: Vec<Event>,
}

/// Works a notice out and says whether it could be recorded. Nothing is.
///
/// # Errors
/// [`TransferRefused`].
pub async fn plan(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    key: Uuid,
    notice: &Notice,
) -> Result<Planned, TransferRefused> {
    let who = person::read(pool, actor, clock, notice.person).await?;
    if !access::holds_in(actor, &[Role::Officer], who.commune) {
        access::require(actor, &[Role::Officer], who.commune.code)?;
    }
    let moving = Moving::of(&who, notice, key, clock)?;
    let tried = registry::try_out(pool, actor, clock, &moving.rows).await?;
    if let Some(refusal) = tried.refused.first() {
        return Err(refusal.into());
    }
    let day = notice.last_month.next().first_day();
    let moved = Event {
        event_id: EventId(Uuid::new_v5(&key, b"moved").as_u128()),
        source: SOURCE.to_owned(),
        person: format!("#{}", notice.person),
        effective: day,
        kind: EventKind::Moved {
            area: AreaCode(moving.to.code.to_owned()),
        },
    };
    let (from, to, due_on, law) = (moving.from, moving.to, moving.due_on, moving.law);
    let waiting = moving.rows.into_iter().map(|row| row.event).collect();
    Ok(Planned {
        who,
        from,
        to,
        due_on,
        law,
        waiting,
        accepted: vec![moved],
    })
}

/// A notice that makes sense.
struct Moving<'a> {
    key: Uuid,
    notice: &'a Notice,
    from: &'static Area,
    to: &'static Area,
    due_on: Date,
    law: &'static str,
    rows: Vec<Submitted>,
}

impl<'a> Moving<'a> {
    fn of(
        who: &Profile,
        notice: &'a Notice,
        key: Uuid,
        clock: &Clock,
    ) -> Result<Moving<'a>, TransferRefused> {
        let today = clock.today();
        if who.merged_into.is_some() || who.death_date.is_some() {
            return Err(TransferRefused::NotLiving);
        }
        if !is_complete(&notice.decision, today) {
            return Err(TransferRefused::Decision);
        }
        if notice.asked_on > today {
            return Err(TransferRefused::Asked);
        }
        let first = notice.last_month.next();
        let day = first.first_day();
        let to = Areas::embedded()
            .on(&notice.to, day)
            .filter(|area| area.lowest);
        let to = to.ok_or_else(|| TransferRefused::UnknownArea {
            code: notice.to.clone(),
            day,
        })?;
        let from = paying(who, notice.last_month);
        if regime::same_payer(from, to, day) {
            return Err(TransferRefused::SamePayer);
        }
        if let Some((since, _)) = who.residences.get(1..).and_then(|moves| moves.last())
            && *since > day
        {
            return Err(TransferRefused::BeforeTheLastMove(*since));
        }
        let regime = regime::on(notice.asked_on);
        let due_on = regime.last_day(regime::Place::New, today);
        let rows = resting(who, notice, key, first);
        if rows.is_empty() {
            return Err(TransferRefused::NoBenefit);
        }
        Ok(Moving {
            key,
            notice,
            from,
            to,
            due_on: due_on.ok_or(TransferRefused::CalendarEnds)?,
            law: &regime.law,
            rows,
        })
    }

    async fn record(
        &self,
        tx: &mut PgConnection,
        actor: &Actor,
        clock: &Clock,
    ) -> Result<Reported, TransferRefused> {
        let person = self.notice.person;
        hold_person(tx, person.0).await?;
        if let Some(known) = known(&mut *tx, self.key, self.notice).await? {
            return Ok(known);
        }
        let waits = sqlx::query_scalar!(
            r#"select exists (select from transfer t left join transfer_answer a using (transfer_no)
                              where t.person_id = $1 and a.transfer_no is null) as "waits!""#,
            person.0
        )
        .fetch_one(&mut *tx)
        .await?;
        if waits {
            return Err(TransferRefused::Waiting);
        }
        let applied = registry::apply_within(tx, actor, clock, &self.rows).await?;
        if let Some(refusal) = applied.refused.first() {
            return Err(refusal.into());
        }
        let transfer_no = self.insert(tx, actor, clock).await?;
        let detail = json!({ "transfer": transfer_no, "to": self.to.code,
            "last_month": self.notice.last_month });
        let (object, area) = (format!("person {person}"), Some(self.from.code));
        let now = clock.now();
        access::audit::record(
            tx,
            now,
            actor,
            Action::TransferReport,
            &object,
            area,
            detail,
        )
        .await?;
        Ok(Reported {
            transfer_no,
            due_on: self.due_on,
        })
    }

    async fn insert(
        &self,
        tx: &mut PgConnection,
        actor: &Actor,
        clock: &Clock,
    ) -> Result<i64, TransferRefused> {
        let notice = self.notice;
        let events: Vec<Uuid> = self.rows.iter().map(|row| row.event.uuid()).collect();
        let decision = &notice.decision;
        sqlx::query_scalar!(
            "insert into transfer (key, person_id, seq, from_code, from_valid_from, to_code,
                 to_valid_from, asked_on, last_month, number, signed_on, signed_by, papers, law,
                 due_on, events, reported_by, reported_at)
             select $1, $2, coalesce(max(seq), 0) + 1, $3, $4::date, $5, $6::date, $7::date, $8, $9,
                    $10::date, $11, $12::text[], $13, $14::date, $15::uuid[], $16, $17::timestamptz
             from transfer where person_id = $2
             returning transfer_no",
            self.key,
            notice.person.0,
            self.from.code,
            self.from.valid_from.to_sqlx() as _,
            self.to.code,
            self.to.valid_from.to_sqlx() as _,
            notice.asked_on.to_sqlx() as _,
            notice.last_month.yyyymm(),
            decision.number.trim(),
            decision.date.to_sqlx() as _,
            decision.signed_by.as_deref().unwrap_or_default().trim(),
            &notice.papers,
            self.law,
            self.due_on.to_sqlx() as _,
            &events,
            actor.name,
            clock.now().to_sqlx() as _
        )
        .fetch_one(tx)
        .await
        .map_err(|error| self.refusal(error))
    }

    /// What the database holds against it, in words.
    fn refusal(&self, error: sqlx::Error) -> TransferRefused {
        let rule = error
            .as_database_error()
            .and_then(|error| error.constraint());
        match rule {
            Some("transfer_one_at_a_time") => TransferRefused::Waiting,
            Some("transfer_after_listed") => TransferRefused::PaidLater(self.notice.last_month),
            _ => error.into(),
        }
    }
}

/// The move told under the key before.
async fn known(
    db: impl PgExecutor<'_>,
    key: Uuid,
    notice: &Notice,
) -> Result<Option<Reported>, TransferRefused> {
    let found = sqlx::query!(
        r#"select transfer_no, person_id, due_on as "due_on: jiff_sqlx::Date" from transfer
           where key = $1"#,
        key
    )
    .fetch_optional(db)
    .await?;
    match found {
        None => Ok(None),
        Some(found) if found.person_id != notice.person.0 => Err(TransferRefused::KeyReused),
        Some(found) => Ok(Some(Reported {
            transfer_no: found.transfer_no,
            due_on: found.due_on.to_jiff(),
        })),
    }
}

/// The commune whose list pays the person in a month, as it is then.
fn paying(who: &Profile, month: Month) -> &'static Area {
    let counts = |(since, _): &&(Date, &Area)| registry::timeline::counts_from(*since) <= month;
    let lived = who.residences.iter().rev().find(counts);
    let lived = lived
        .or(who.residences.first())
        .map_or(who.commune, |(_, area)| *area);
    let now = Areas::embedded().resolve(lived.code, lived.valid_from, month);
    now.map_or(lived, |now| now.area)
}

/// Payment of whatever runs rests from the month on.
fn resting(who: &Profile, notice: &Notice, key: Uuid, from: Month) -> Vec<Submitted> {
    let mut benefits: Vec<_> = running(who, from).map(|award| award.benefit).collect();
    benefits.dedup();
    let rest = |(row, benefit): (u64, law::Benefit)| {
        let id = Uuid::new_v5(&key, benefit.code().as_bytes());
        let pause = Pause {
            benefit: Some(benefit),
            from,
            reason: WAITING.to_owned(),
            decision: Some(notice.decision.clone()),
        };
        Submitted {
            row,
            event: Event {
                event_id: EventId(id.as_u128()),
                source: SOURCE.to_owned(),
                person: format!("#{}", notice.person),
                effective: from.first_day(),
                kind: EventKind::Suspended(pause),
            },
        }
    };
    (1..).zip(benefits).map(rest).collect()
}
