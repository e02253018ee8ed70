//! What is done in the background: notices made of what happened, answers and notices told to callers.
//! Several servers may do it at once.

mod notice;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use g2p::client::{Posted, post_checked};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde_json::Value;

use crate::answer::{self, Work, Worked};
use crate::caller;
use crate::message::Request;
use crate::receive::Dialect;
use crate::{Action, Desk, Error, Register};

/// Tasks of a caller taken up at a time.
const AT_ONCE: i64 = 50;
/// Callers told at a time: each takes a connection now and then.
const CALLERS: usize = 6;
/// How long a task is left to who took it up; longer than a caller is waited for.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// After this what is left of a caller's tasks is put back: well before somebody else may take it up.
const TURN: Duration = Duration::from_secs(120);
/// Minutes until the next try, after each one; after the last it is given up.
const PAUSES: [i64; 9] = [1, 5, 15, 60, 180, 360, 720, 1440, 1440];

/// What is kept of a message that may no longer be told: it is no dead letter.
pub(crate) const NOTHING: &str = "nothing_to_tell";
/// How long a question is kept that could not be answered.
const QUESTIONS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Messages that callers took.
    pub told: u32,
    /// Messages to be tried again.
    pub again: u32,
    /// Messages given up.
    pub given_up: u32,
}

impl Round {
    fn and(self, other: Round) -> Round {
        Round {
            told: self.told + other.told,
            again: self.again + other.again,
            given_up: self.given_up + other.given_up,
        }
    }
}

/// A task taken up.
struct Task {
    task_no: i64,
    message_no: Option<i64>,
    subscription: Option<String>,
    caller: String,
    register: String,
    dialect: String,
    action: String,
    transaction_id: String,
    correlation_id: String,
    person_id: Option<i64>,
    event_no: Option<i64>,
    request: Option<String>,
    attempts: i32,
}

/// One round: everything that is due, once. Cut off anywhere it goes on in a later round.
///
/// # Errors
/// Those of the database.
pub async fn round(desk: &Desk<'_>) -> Result<Round, Error> {
    notice::make(desk).await?;
    forget(desk).await?;
    let mut by_caller = BTreeMap::<String, Vec<Task>>::new();
    for task in take_up(desk).await? {
        let tasks = by_caller.entry(task.caller.clone()).or_default();
        tasks.push(task);
    }
    let turns = by_caller.into_values().map(|tasks| turn(desk, tasks));
    let turns = stream::iter(turns).buffer_unordered(CALLERS);
    turns
        .try_fold(Round::default(), async |all, one| Ok(all.and(one)))
        .await
}

/// Questions given up are not kept for ever: they name people.
async fn forget(desk: &Desk<'_>) -> Result<(), Error> {
    let now = desk.clock.now();
    let until = now.saturating_sub(QUESTIONS).unwrap_or(Timestamp::MIN);
    sqlx::query!(
        "update spdci_task set request = null
         where state = 'given_up' and request is not null and made_at <= $1",
        until.to_sqlx() as _
    )
    .execute(desk.pool)
    .await?;
    Ok(())
}

/// Tells one caller what is due, while it answers: who does not keeps nobody else waiting.
async fn turn(desk: &Desk<'_>, tasks: Vec<Task>) -> Result<Round, Error> {
    let (begun, mut round) = (Instant::now(), Round::default());
    let mut tasks = tasks.into_iter();
    while let Some(task) = tasks.next() {
        let posted = match tell(desk, &task).await {
            // What cannot be worked out today holds nothing else up.
            Err(Error::Database(error)) if is_of_data(&error) => {
                Posted::Unanswered { code: "failed" }
            }
            told => told?,
        };
        let away = matches!(
            posted,
            Posted::Unanswered {
                code: "timed_out" | "not_reached" | "not_trusted"
            }
        );
        settle(desk, &task, posted, &mut round).await?;
        if away || begun.elapsed() > TURN {
            put_back(desk, &tasks.collect::<Vec<_>>(), away).await?;
            break;
        }
    }
    Ok(round)
}

/// Whether the database refused what it was given (class 22), not that it was asked.
fn is_of_data(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|it| it.code());
    code.is_some_and(|code| code.starts_with("22"))
}

/// Tasks that were not tried after all: soon again, and later when the caller is away.
async fn put_back(desk: &Desk<'_>, tasks: &[Task], away: bool) -> Result<(), Error> {
    let now = desk.clock.now();
    let pause = SignedDuration::from_mins(if away { PAUSES[0] } else { 0 });
    let (numbers, attempts): (Vec<i64>, Vec<i32>) = tasks
        .iter()
        .map(|task| (task.task_no, task.attempts))
        .unzip();
    sqlx::query!(
        "update spdci_task t set attempts = t.attempts - 1, next_at = $3
         from unnest($1::bigint[], $2::integer[]) as mine (task_no, attempts)
         where t.task_no = mine.task_no and t.attempts = mine.attempts and t.state = 'waiting'",
        &numbers,
        &attempts,
        later(now, pause).to_sqlx() as _
    )
    .execute(desk.pool)
    .await?;
    Ok(())
}

/// Of every caller those longest due.
async fn take_up(desk: &Desk<'_>) -> Result<Vec<Task>, Error> {
    let now = desk.clock.now();
    let mut tasks = sqlx::query_as!(
        Task,
        "update spdci_task set attempts = attempts + 1, next_at = $2
         where task_no in (
             select due.task_no from (select distinct caller from spdci_caller) c
             cross join lateral (
                 select task_no from spdci_task t where t.caller = c.caller and next_at <= $1
                 order by next_at, task_no limit $3 for update skip locked) due)
         returning task_no, message_no, subscription, caller, register, dialect, action, transaction_id,
             correlation_id, person_id, event_no, request, attempts",
        now.to_sqlx() as _,
        later(now, LEASE).to_sqlx() as _,
        AT_ONCE
    )
    .fetch_all(desk.pool)
    .await?;
    tasks.sort_unstable_by_key(|task| task.task_no);
    Ok(tasks)
}

/// Works a message out as things are now and posts it to the registered address.
async fn tell(desk: &Desk<'_>, task: &Task) -> Result<Posted, Error> {
    let now = desk.clock.now();
    let refused = |code: &str| {
        Ok(Posted::Refused {
            code: code.to_owned(),
        })
    };
    let Some(caller) = caller::present(desk.pool, &task.caller, now).await? else {
        return refused("no_caller");
    };
    let (Some(url), Some(register)) = (&caller.callback_url, Register::from_code(&task.register))
    else {
        return refused("no_address");
    };
    let work = Work {
        desk: *desk,
        caller: &caller,
        register,
        dialect: Dialect::from_code(&task.dialect),
        correlation_id: &task.correlation_id,
        now,
    };
    let Some((worked, action, path)) = worked(task, &work).await? else {
        return refused(NOTHING);
    };
    let (body, signature) = answer::sealed(&work, action, &worked);
    let url = format!("{url}{path}");
    let posting = tokio::task::spawn_blocking(move || {
        let theirs = |signature: Option<&str>, body: &[u8]| caller.answered(signature, body);
        post_checked(&url, &body, signature.as_deref(), theirs)
    });
    Ok(posting
        .await
        .unwrap_or(Posted::Unanswered { code: "cut_off" }))
}

type Message = (Worked, &'static str, &'static str);

async fn worked(task: &Task, work: &Work<'_>) -> Result<Option<Message>, Error> {
    let mut tx = work.desk.pool.begin().await?;
    let message = match (&task.subscription, &task.request, task.message_no) {
        (Some(code), ..) => {
            let about = (task.person_id.unwrap_or(0), task.event_no.unwrap_or(0));
            let worked = notice::tell(&mut tx, work, code, about).await?;
            if let Some(worked) = &worked {
                answer::record(&mut tx, work, &task.transaction_id, worked).await?;
            }
            worked.map(|worked| (worked, "notify", "/registry/notify"))
        }
        (None, Some(text), Some(message_no)) => {
            let action = Action::from_code(&task.action);
            let request = action.and_then(|it| Some((it, Request::read(it, text).ok()?)));
            match request {
                Some((action, request)) => {
                    let worked = answer::work(&mut tx, work, &request, message_no).await?;
                    let path = action.callback();
                    path.map(|path| (worked, action.answered(), path))
                }
                None => None,
            }
        }
        _ => None,
    };
    tx.commit().await?;
    Ok(message)
}

async fn settle(
    desk: &Desk<'_>,
    task: &Task,
    posted: Posted,
    round: &mut Round,
) -> Result<(), Error> {
    let now = desk.clock.now();
    let tried = usize::try_from(task.attempts).unwrap_or(usize::MAX);
    let pause = PAUSES.get(tried.saturating_sub(1));
    let (state, code, next) = match (posted, pause) {
        (Posted::Taken { .. }, _) => ("told", None, None),
        (Posted::Refused { code }, _) => ("given_up", Some(code), None),
        (Posted::Unanswered { code }, None) => ("given_up", Some(code.to_owned()), None),
        (Posted::Unanswered { code }, Some(pause)) => {
            let next = later(now, SignedDuration::from_mins(*pause));
            ("waiting", Some(code.to_owned()), Some(next))
        }
    };
    let count = match state {
        "told" => &mut round.told,
        "waiting" => &mut round.again,
        _ => &mut round.given_up,
    };
    *count += 1;
    // Who took it up meanwhile, after our time was over, says what came of it.
    sqlx::query!(
        "update spdci_task set state = $2, code = $3, next_at = $4,
             request = case when $2 <> 'told' then request end
         where task_no = $1 and attempts = $5 and state = 'waiting'",
        task.task_no,
        state,
        code,
        next.map(ToSqlx::to_sqlx) as _,
        task.attempts
    )
    .execute(desk.pool)
    .await?;
    Ok(())
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(now)
}

/// A stored subscription's criteria.
fn criteria_of(stored: Value) -> Option<crate::criteria::Criteria> {
    serde_json::from_value(stored).ok()
}
