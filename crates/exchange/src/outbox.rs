//! What one-stop systems have to be told: offered until they have taken it, in the order of each
//! dossier.

use std::collections::BTreeMap;

use access::audit::Action;
use casework::form::{Answer, Answers};
use casework::{Status, Step};
use files::FileHash;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Clock};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{Refused, connection};

/// Who is told, and acknowledges: the one-stop system itself, or an officer who carries its file.
pub const TOLD: [Role; 2] = [Role::OneStop, Role::Officer];

/// So many failures make a dead letter: it is offered again once a person says so.
pub const MOST_FAILURES: i32 = 5;

/// A message to a one-stop system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offered {
    /// Where it stands among all messages: `after` of the next request.
    pub no: i64,
    /// Its id, to be acknowledged.
    pub id: Uuid,
    /// Code of the dossier.
    pub dossier: String,
    /// Number among our messages about the dossier, from 1.
    pub seq: i32,
    /// When the step happened, or the fields were corrected.
    pub at: Timestamp,
    /// National status of the dossier after it.
    pub status: Status,
    /// What the portal calls the status.
    pub status_name: &'static str,
    /// The step, with its own facts: a decision as data. Null where fields are told.
    pub step: Value,
    /// What this side has in fields of the form: null where nothing is answered. `None` where a step is
    /// told.
    pub fields: Option<BTreeMap<String, Option<Answer>>>,
    /// SHA-256 of the letter that goes with a decision, to be fetched as a file.
    pub letter: Option<FileHash>,
}

impl Offered {
    /// Whether it tells of a decision, which a letter goes with.
    pub fn is_decision(&self) -> bool {
        self.step["kind"] == "decided"
    }
}

/// Messages to a province's one-stop system that it has not taken, after a number, so many at most.
/// Nothing is offered while the connection does not tell, and nothing is lost by it. A dossier with
/// a dead letter waits behind it.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn offered(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    part: (i64, i64),
) -> Result<Vec<Offered>, Refused> {
    offered_of(pool, actor, clock, province, part, None).await
}

/// The same, of dossiers that begin here only, or of what follows in dossiers whose beginning is taken.
pub(crate) async fn offered_of(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    (after, limit): (i64, i64),
    beginnings: Option<bool>,
) -> Result<Vec<Offered>, Refused> {
    access::require(actor, &TOLD, province)?;
    if !connection::mode_on(pool, province, clock.today())
        .await?
        .tells()
    {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select outbox_no, message_id, d.code, o.seq,
                  coalesce(s.happened_at, o.written_at) as "at!: jiff_sqlx::Timestamp",
                  o.status, s.body as "body?: sqlx::types::Json<Step>", o.fields,
                  a.answers as "answers?: sqlx::types::Json<Answers>", l.file_hash as "letter?"
           from (select n.outbox_no from exchange_open n
                      join exchange_outbox w on w.outbox_no = n.outbox_no
                      left join dossier_step b on b.dossier_id = w.dossier_id and b.seq = w.step_seq
                 where n.province_code = $1 and n.outbox_no > $2
                   and not exists (select from exchange_open dead
                                   where dead.dossier_id = n.dossier_id and dead.seq <= n.seq
                                     and dead.failures >= $4)
                   and ($5::boolean is null or $5 = coalesce(b.kind = 'submitted', false))
                   and ($5::boolean is distinct from false or not exists (
                       select from exchange_open y
                            join exchange_outbox z on z.outbox_no = y.outbox_no
                            join dossier_step t on t.dossier_id = z.dossier_id and t.seq = z.step_seq
                       where y.dossier_id = n.dossier_id and y.seq < n.seq and t.kind = 'submitted'))
                 order by n.outbox_no limit $3) next
                join exchange_outbox o using (outbox_no)
                join dossier d using (dossier_id)
                left join dossier_step s on s.dossier_id = o.dossier_id and s.seq = o.step_seq
                left join dossier_answers a
                    on a.dossier_id = o.dossier_id and a.version = o.answers_version
                left join exchange_letter l using (outbox_no)
           order by outbox_no"#,
        province,
        after,
        limit,
        MOST_FAILURES,
        beginnings
    )
    .fetch_all(pool)
    .await?;
    let offered = |number: i16| Status::from_number(number);
    rows.into_iter()
        .map(|row| {
            let status = offered(row.status);
            let status = status.ok_or_else(|| Refused::Inconsistent(row.code.clone()))?;
            let step = serde_json::to_value(row.body.as_ref().map(|body| &body.0));
            let fields = row.fields.zip(row.answers).map(|(fields, answers)| {
                let value = |field: String| {
                    let answer = answers.0.get(&field).cloned();
                    (field, answer)
                };
                fields.into_iter().map(value).collect()
            });
            Ok(Offered {
                no: row.outbox_no,
                id: row.message_id,
                dossier: row.code,
                seq: row.seq,
                at: row.at.to_jiff(),
                status,
                status_name: status.vietnamese(),
                step: step.map_err(|error| Refused::Inconsistent(error.to_string()))?,
                fields,
                letter: row.letter.and_then(|hash| FileHash::from_bytes(&hash)),
            })
        })
        .collect()
}

/// What became of acknowledgements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// Recorded now.
    pub recorded: u64,
    /// Taken before: nothing changed.
    pub already: u64,
}

/// Records what a one-stop system answered to messages: taken (`None`), or failed and why. Taken
/// again changes nothing. All in one transaction.
///
/// # Errors
/// [`Refused::UnknownMessage`], [`Refused::TakenAlready`] for a failure of what was taken,
/// [`Refused::ReasonMissing`], [`Refused::Denied`].
pub async fn acknowledge(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    answers: &[(Uuid, Option<String>)],
) -> Result<Acknowledged, Refused> {
    access::require(actor, &TOLD, province)?;
    let blank = |why: &Option<String>| why.as_deref().is_some_and(|why| why.trim().is_empty());
    if answers.iter().any(|(_, why)| blank(why)) {
        return Err(Refused::ReasonMissing);
    }
    let ids: Vec<Uuid> = answers.iter().map(|(id, _)| *id).collect();
    let mut tx = pool.begin().await?;
    let found = sqlx::query!(
        r#"select outbox_no, message_id,
                  exists (select from exchange_delivery d
                          where d.outbox_no = o.outbox_no and outcome = 'taken') as "taken!"
           from exchange_outbox o where province_code = $1 and message_id = any($2)
           order by outbox_no for update"#,
        province,
        &ids
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut acknowledged = Acknowledged::default();
    let (mut numbers, mut outcomes, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for (id, why) in answers {
        let message = found.iter().find(|message| message.message_id == *id);
        let message = message.ok_or(Refused::UnknownMessage)?;
        match (message.taken, why) {
            (true, None) => acknowledged.already += 1,
            (true, Some(_)) => return Err(Refused::TakenAlready),
            (false, why) => {
                numbers.push(message.outbox_no);
                outcomes.push(if why.is_some() { "failed" } else { "taken" }.to_owned());
                reasons.push(why.clone());
            }
        }
    }
    if numbers.is_empty() {
        return Ok(acknowledged);
    }
    let now = clock.now();
    let added = sqlx::query!(
        "insert into exchange_delivery (outbox_no, outcome, reason, recorded_by, at)
         select given.*, $4, $5 from unnest($1::bigint[], $2::text[], $3::text[]) as given
         on conflict do nothing",
        &numbers,
        &outcomes,
        &reasons as _,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    acknowledged.recorded = added.rows_affected();
    acknowledged.already += numbers.len() as u64 - acknowledged.recorded;
    let detail = json!({"messages": answers.len(), "recorded": acknowledged.recorded});
    let (action, place) = (Action::ExchangeAcknowledge, Some(province));
    access::audit::record(&mut tx, now, actor, action, "messages", place, detail).await?;
    tx.commit().await?;
    Ok(acknowledged)
}

/// Has the dead letters of a province sent anew. Returns how many.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn send_again(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
) -> Result<u64, Refused> {
    access::require(actor, &[Role::Officer], province)?;
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let sent = sqlx::query!(
        "insert into exchange_delivery (outbox_no, outcome, recorded_by, at)
         select outbox_no, 'again', $2, $3 from exchange_open
         where province_code = $1 and failures >= $4",
        province,
        actor.name,
        now.to_sqlx() as _,
        MOST_FAILURES
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    let (action, place) = (Action::ExchangeSendAgain, Some(province));
    let detail = json!({ "messages": sent });
    access::audit::record(&mut tx, now, actor, action, "messages", place, detail).await?;
    tx.commit().await?;
    Ok(sent)
}
