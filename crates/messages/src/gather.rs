//! What is to be told of dossiers: every step of the last days that sends a message and has none yet.
//!
//! Nothing is kept of how far the last run came. A step is told of once because its message names it
//! as the cause, so that steps recorded late, in any order, by whatever way are neither missed nor
//! told twice.

use access::audit::Action;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::clock::vietnam_time;
use kernel::{Actor, Clock};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::outbox::{NewMessage, write};
use crate::send::SENDERS;
use crate::template::{FIRST_PAID, Facts, SUBMITTED_ONLINE, fill};
use crate::{Channel, Refused, channel, template};

/// Most messages written in one transaction.
const AT_ONCE: i64 = 1_000;
/// Days after an approval in which the first money is still told of.
const PAID_WITHIN_DAYS: i32 = 180;

/// Writes the messages that are due for steps of dossiers and for the first money after an approval.
/// Returns how many.
///
/// # Errors
/// [`Refused::Denied`]; of the messages not yet written nothing is lost.
pub async fn gather(pool: &PgPool, actor: &Actor, clock: &Clock) -> Result<u64, Refused> {
    access::require(actor, &SENDERS, "")?;
    let now = clock.now();
    let today = clock.today();
    let since = days_before(today, channel::rules().told_within_days);
    let mut written = 0;
    loop {
        let mut tx = pool.begin().await?;
        let mut due = steps(&mut tx, since).await?;
        due.extend(first_paid(&mut tx, since, days_before(today, PAID_WITHIN_DAYS)).await?);
        let messages: Vec<NewMessage> = due.iter().filter_map(Due::message).collect();
        let new = write(&mut tx, now, &actor.name, &messages).await?;
        if new == 0 {
            return Ok(written);
        }
        let detail = json!({ "messages": new });
        access::audit::record(
            &mut tx,
            now,
            actor,
            Action::MessagesWrite,
            "messages",
            None,
            detail,
        )
        .await?;
        tx.commit().await?;
        written += new;
    }
}

/// Something to be told of.
struct Due {
    cause: Uuid,
    kind: String,
    dossier: String,
    area: (String, Date),
    day: Date,
    due_on: Option<Date>,
    wish: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}

impl Due {
    fn message(&self) -> Option<NewMessage> {
        let areas = Areas::embedded();
        let area = areas.get(&self.area.0, self.area.1);
        let facts = Facts {
            dossier: &self.dossier,
            commune: area.map_or("xã", |area| &area.full_name),
            day: self.day,
            due_on: self.due_on,
        };
        let (template, body) = fill(&self.kind, &facts)?;
        Some(NewMessage {
            cause: self.cause,
            template: template.code.clone(),
            thread: self.dossier.clone(),
            area: self.area.clone(),
            subject: template.subject.clone(),
            body,
            wish: self.wish.as_deref().and_then(Channel::from_code),
            phone: self.phone.clone(),
            email: self.email.clone(),
        })
    }
}

fn days_before(day: Date, days: i32) -> Date {
    day.checked_sub(days.days()).unwrap_or(day)
}

async fn steps(tx: &mut PgConnection, since: Date) -> Result<Vec<Due>, Refused> {
    let kinds: Vec<String> = template::all().iter().map(|it| it.step.clone()).collect();
    let found = sqlx::query!(
        r#"select s.event_id,
                  case when s.kind = 'submitted' then $4 else s.kind end as "kind!", d.code, d.area_code, d.area_valid_from as "since: jiff_sqlx::Date",
                  s.happened_at as "at: jiff_sqlx::Timestamp", s.due_on as "due_on: jiff_sqlx::Date",
                  c.channel as "wish?", coalesce(c.phone, p.phone) as phone, c.email
           from dossier_step s join dossier d using (dossier_id)
                left join person p on p.person_id = d.person_id
                left join lateral (select channel, phone, email from message_contact m
                                   where m.dossier_id = d.dossier_id
                                   order by contact_no desc limit 1) c on true
           where s.day >= $1
             and (s.kind = any($2) or s.kind = 'submitted' and s.told_by = 'citizen')
             and not exists (select from message where cause = s.event_id)
           order by s.recorded_at, s.dossier_id, s.seq limit $3"#,
        since.to_sqlx() as _,
        &kinds,
        AT_ONCE,
        SUBMITTED_ONLINE
    )
    .fetch_all(tx)
    .await?;
    let steps = found.into_iter().map(|row| Due {
        cause: row.event_id,
        kind: row.kind,
        dossier: row.code,
        area: (row.area_code, row.since.to_jiff()),
        day: day_of(row.at.to_jiff()),
        due_on: row.due_on.map(|day| day.to_jiff()),
        wish: row.wish,
        phone: row.phone,
        email: row.email,
    });
    Ok(steps.collect())
}

/// Approvals of which the first money was paid since a day, to the beneficiary the dossier named or the one
/// its approval registered. The message is caused by the approval,
/// apart from the message about the decision itself.
async fn first_paid(
    tx: &mut PgConnection,
    since: Date,
    decided_since: Date,
) -> Result<Vec<Due>, Refused> {
    let found = sqlx::query!(
        r#"select s.event_id, d.code, d.area_code, d.area_valid_from as "since: jiff_sqlx::Date",
                  paid.day as "day!: jiff_sqlx::Date",
                  c.channel as "wish?", coalesce(c.phone, p.phone) as phone, c.email
           from dossier_step s join dossier d using (dossier_id)
                left join lateral (select benefit from dossier_answers a
                                   where a.dossier_id = d.dossier_id
                                   order by version desc limit 1) a on true
                join person p on p.person_id = coalesce(d.person_id,
                    (select person_id from person_key k where k.key = d.code and k.source = 'dossier'))
                cross join lateral
                    (select min(r.happened_on) as day
                     from payment_result r join list_line l using (person_id, list_month, line_no)
                     where r.person_id = p.person_id and l.benefit = coalesce(d.benefit, a.benefit)
                       and r.status = 'paid'
                       and r.happened_on >= s.day) paid
                left join lateral (select channel, phone, email from message_contact m
                                   where m.dossier_id = d.dossier_id
                                   order by contact_no desc limit 1) c on true
           where s.kind = 'decided' and s.day >= $2 and s.body->>'outcome' = 'approved'
             and paid.day >= $1
             and not exists (select from message m
                             where m.thread = d.code and m.template = $3)
           order by s.dossier_id limit $4"#,
        since.to_sqlx() as _,
        decided_since.to_sqlx() as _,
        PAID,
        AT_ONCE
    )
    .fetch_all(tx)
    .await?;
    let paid = found.into_iter().map(|row| Due {
        cause: Uuid::new_v5(&row.event_id, FIRST_PAID.as_bytes()),
        kind: FIRST_PAID.to_owned(),
        dossier: row.code,
        area: (row.area_code, row.since.to_jiff()),
        day: row.day.to_jiff(),
        due_on: None,
        wish: row.wish,
        phone: row.phone,
        email: row.email,
    });
    Ok(paid.collect())
}

/// Code of the template of the first money.
const PAID: &str = "paid";

fn day_of(at: Timestamp) -> Date {
    vietnam_time(at).date()
}
