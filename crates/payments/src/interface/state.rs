//! How far each message of an order is: a fold of its steps and of the results of its lines.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Dong};
use serde::Serialize;
use sqlx::{PgConnection, PgPool};

use crate::order::{self, Order, OrderNo};
use crate::{Office, Refused};

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// To be sent.
    Waiting,
    /// It is, or was when the program ended, on its way.
    Sending,
    /// Nobody knows whether it was taken: it is sent again.
    Unanswered,
    /// The provider refused it: somebody has to look.
    Refused,
    /// Sent so often in vain that the program stopped.
    GivenUp,
    /// The provider has it; some lines are not reported.
    Taken,
    /// Every line is reported.
    Answered,
}

impl BatchState {
    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            BatchState::Waiting => "Chờ gửi",
            BatchState::Sending => "Đang gửi",
            BatchState::Unanswered => "Chưa có hồi âm, sẽ gửi lại",
            BatchState::Refused => "Bị từ chối",
            BatchState::GivenUp => "Đã dừng gửi",
            BatchState::Taken => "Đã nhận, chưa báo hết",
            BatchState::Answered => "Đã báo đủ",
        }
    }

    /// Whether the provider is known to have it.
    pub const fn is_taken(self) -> bool {
        matches!(self, BatchState::Taken | BatchState::Answered)
    }
}

/// What can happen to a message, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Again,
    Sending,
    Taken,
    Refused,
    Unanswered,
    GivenUp,
    Asked,
    Answered,
}

impl Step {
    const ALL: [Step; 8] = [
        Step::Again,
        Step::Sending,
        Step::Taken,
        Step::Refused,
        Step::Unanswered,
        Step::GivenUp,
        Step::Asked,
        Step::Answered,
    ];

    const fn code(self) -> &'static str {
        match self {
            Step::Again => "again",
            Step::Sending => "sending",
            Step::Taken => "taken",
            Step::Refused => "refused",
            Step::Unanswered => "unanswered",
            Step::GivenUp => "given_up",
            Step::Asked => "asked",
            Step::Answered => "answered",
        }
    }

    const fn state(self) -> BatchState {
        match self {
            Step::Again => BatchState::Waiting,
            Step::Sending => BatchState::Sending,
            Step::Unanswered => BatchState::Unanswered,
            Step::Refused => BatchState::Refused,
            Step::GivenUp => BatchState::GivenUp,
            Step::Taken | Step::Asked => BatchState::Taken,
            Step::Answered => BatchState::Answered,
        }
    }
}

/// A message of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
    /// Its number in the order, from 1.
    pub batch_no: i32,
    /// What the provider knows it by.
    pub message_id: String,
    /// Lines.
    pub lines: i32,
    /// Đồng.
    pub amount: Dong,
    /// Lines with a result.
    pub reported: i64,
    /// How far it is.
    pub state: BatchState,
    /// How often it was sent.
    pub sends: i32,
    /// How often the provider was asked for results.
    pub asks: i32,
    /// When something last happened.
    pub at: Option<Timestamp>,
    /// When the program goes on by itself.
    pub next_at: Option<Timestamp>,
    /// Why not, or the provider's name of what follows.
    pub code: Option<String>,
}

/// Messages of an order, by number; at most `count` after the first `offset`.
///
/// # Errors
/// [`Refused::NoOrder`], [`Refused::Denied`].
pub async fn batches(
    office: &Office<'_>,
    actor: &Actor,
    order_no: OrderNo,
    (offset, count): (i64, i64),
) -> Result<Vec<Batch>, Refused> {
    let order = order::find(office, actor, order_no).await?;
    of_order(office.pool, &order, (offset, count)).await
}

/// How many messages of an order there are, and how many the provider has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// All.
    pub messages: i64,
    /// Those the provider is known to have.
    pub taken: i64,
    /// Those with a result for every line.
    pub answered: i64,
    /// Those that somebody has to look at.
    pub stopped: i64,
}

/// Counts the messages of an order.
///
/// # Errors
/// [`Refused::NoOrder`], [`Refused::Denied`].
pub async fn tally(
    office: &Office<'_>,
    actor: &Actor,
    order_no: OrderNo,
) -> Result<Tally, Refused> {
    let order = order::find(office, actor, order_no).await?;
    let kinds = sqlx::query!(
        r#"select s.kind as "kind?"
           from order_batch left join batch_now s using (order_no, batch_no)
           where order_no = $1"#,
        order.order_no.0
    )
    .fetch_all(office.pool)
    .await?;
    let mut tally = Tally::default();
    for row in kinds {
        let state = state_of(row.kind.as_deref())?;
        tally.messages += 1;
        tally.taken += i64::from(state.is_taken());
        tally.answered += i64::from(state == BatchState::Answered);
        let stopped = matches!(state, BatchState::Refused | BatchState::GivenUp);
        tally.stopped += i64::from(stopped);
    }
    Ok(tally)
}

fn state_of(kind: Option<&str>) -> Result<BatchState, Refused> {
    let Some(kind) = kind else {
        return Ok(BatchState::Waiting);
    };
    let step = Step::ALL.into_iter().find(|step| step.code() == kind);
    let unknown = || Refused::Inconsistent(format!("no step {kind}"));
    Ok(step.ok_or_else(unknown)?.state())
}

pub(super) async fn of_order(
    pool: &PgPool,
    order: &Order,
    (offset, count): (i64, i64),
) -> Result<Vec<Batch>, Refused> {
    let rows = sqlx::query!(
        r#"select b.batch_no, b.message_id, b.lines, b.amount, s.kind as "kind?",
                  s.at as "at?: jiff_sqlx::Timestamp", s.next_at as "next_at?: jiff_sqlx::Timestamp",
                  s.code as "code?",
                  (select count(*) from batch_step n
                   where n.order_no = b.order_no and n.batch_no = b.batch_no
                     and n.kind = 'sending')::int as "sends!",
                  (select count(*) from batch_step n
                   where n.order_no = b.order_no and n.batch_no = b.batch_no
                     and n.kind = 'asked')::int as "asks!",
                  (select count(*) from order_line l
                   where l.order_no = b.order_no and l.list_month = $2
                     and (l.person_id, l.line_no) >= (b.first_person, b.first_line)
                     and (l.person_id, l.line_no) <= (b.last_person, b.last_line)
                     and exists (select from payment_result r
                                 where r.person_id = l.person_id and r.list_month = $2
                                   and r.line_no = l.line_no)) as "reported!"
           from order_batch b left join batch_now s using (order_no, batch_no)
           where b.order_no = $1 order by b.batch_no offset $3 limit $4"#,
        order.order_no.0,
        order.list_month.yyyymm(),
        offset,
        count
    )
    .fetch_all(pool)
    .await?;
    let batches = rows.into_iter().map(|row| {
        Ok(Batch {
            batch_no: row.batch_no,
            message_id: row.message_id,
            lines: row.lines,
            amount: Dong(row.amount),
            reported: row.reported,
            state: state_of(row.kind.as_deref())?,
            sends: row.sends,
            asks: row.asks,
            at: row.at.map(|at| at.to_jiff()),
            next_at: row.next_at.map(|at| at.to_jiff()),
            code: row.code,
        })
    });
    batches.collect()
}

/// What happens to a message now.
pub(super) struct NewStep<'a> {
    pub(super) order: OrderNo,
    pub(super) batch_no: i32,
    pub(super) step: Step,
    /// Which time, from 1.
    pub(super) attempt: i32,
    pub(super) at: Timestamp,
    pub(super) next_at: Option<Timestamp>,
    pub(super) code: Option<&'a str>,
    pub(super) by: &'a str,
}

impl NewStep<'_> {
    /// Keeps it; `false` when somebody else was first with the same attempt.
    pub(super) async fn keep(&self, db: &mut PgConnection) -> Result<bool, Refused> {
        let kept = sqlx::query!(
            "insert into batch_step (order_no, batch_no, kind, attempt, at, next_at, code, taken_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (order_no, batch_no, kind, attempt) do nothing",
            self.order.0,
            self.batch_no,
            self.step.code(),
            self.attempt,
            self.at.to_sqlx() as _,
            self.next_at.map(ToSqlx::to_sqlx) as _,
            self.code,
            self.by
        )
        .execute(db)
        .await?;
        Ok(kept.rows_affected() == 1)
    }
}

/// Notes the messages of an order all of whose lines are reported by now.
pub(super) async fn note_answered(
    tx: &mut PgConnection,
    order: &Order,
    (at, by): (Timestamp, &str),
) -> Result<(), Refused> {
    sqlx::query!(
        "insert into batch_step (order_no, batch_no, kind, attempt, at, taken_by)
         select b.order_no, b.batch_no, 'answered', 0, $3, $4 from order_batch b
         where b.order_no = $1
           and not exists (select from batch_step s
                           where s.order_no = b.order_no and s.batch_no = b.batch_no
                             and s.kind = 'answered')
           and b.lines = (select count(*) from order_line l
                   where l.order_no = b.order_no and l.list_month = $2
                     and (l.person_id, l.line_no) >= (b.first_person, b.first_line)
                     and (l.person_id, l.line_no) <= (b.last_person, b.last_line)
                     and exists (select from payment_result r
                                 where r.person_id = l.person_id and r.list_month = $2
                                   and r.line_no = l.line_no))
         on conflict (order_no, batch_no, kind, attempt) do nothing",
        order.order_no.0,
        order.list_month.yyyymm(),
        at.to_sqlx() as _,
        by
    )
    .execute(tx)
    .await?;
    Ok(())
}
