//! Asking about many people: a few at a time, not faster than allowed, again with growing pauses when the
//! service fails. What is answered is recorded by the handful; a run that is killed is gone on with by the next,
//! which asks about those nothing is recorded of.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Actor, Clock};
use registry::ApplyError;
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use crate::compare::Outcome;
use crate::course::Course;
use crate::due::{ASKERS, DuePerson, subjects};
use crate::question::{Question, Reply};
use crate::store::{Asker, Checked, Sent, log_requests, record};
use crate::{Client, Refused};

/// People in one hand; what is known of them is recorded together.
const HAND: usize = 40;
/// How often recording is tried again that met others at the same people.
const BUSY: u32 = 5;

/// The service with its limits, shared by everybody who asks in this process.
#[derive(Clone)]
pub struct Service {
    client: Client,
    under_way: Arc<Semaphore>,
    /// When the next request may leave.
    next: Arc<Mutex<Instant>>,
}

impl Service {
    /// Of a client.
    pub fn new(client: Client) -> Service {
        let under_way = Arc::new(Semaphore::new(client.settings().at_once));
        let next = Arc::new(Mutex::new(Instant::now()));
        Service {
            client,
            under_way,
            next,
        }
    }

    /// How it is reached.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    async fn turn(&self) {
        let gap = Duration::from_secs(1) / self.client.settings().per_second.max(1);
        let mut next = self.next.lock().await;
        let mine = (*next).max(Instant::now());
        *next = mine + gap;
        drop(next);
        sleep_until(mine).await;
    }

    /// Asks all of them, within the limits; the answers in their order.
    async fn ask(
        &self,
        officer: &str,
        clock: &Clock,
        questions: Vec<(String, Question)>,
    ) -> Result<Vec<Reply>, Refused> {
        let tasks: Vec<_> = questions
            .into_iter()
            .map(|(code, question)| {
                let (service, officer, now) = (self.clone(), officer.to_owned(), clock.now());
                tokio::spawn(async move {
                    let permit = service.under_way.clone().acquire_owned().await;
                    service.turn().await;
                    let client = service.client.clone();
                    let asked = tokio::task::spawn_blocking(move || {
                        client.ask(&question, &code, &officer, now)
                    });
                    let reply = asked.await;
                    drop(permit);
                    reply
                })
            })
            .collect();
        let mut replies = Vec::with_capacity(tasks.len());
        for task in tasks {
            let reply = task.await.and_then(|reply| reply);
            replies.push(reply.map_err(|error| Refused::Inconsistent(error.to_string()))?);
        }
        Ok(replies)
    }
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// People asked about.
    pub people: u64,
    /// Requests that left.
    pub requests: u64,
    /// Everything agrees.
    pub verified: u64,
    /// Something differs.
    pub mismatch: u64,
    /// Nothing was found.
    pub no_data: u64,
    /// The service did not answer: nothing is recorded of the person.
    pub service_error: u64,
    /// Another run recorded a check meanwhile.
    pub elsewhere: u64,
    /// Deaths proposed now.
    pub deaths: u64,
    /// Not begun, because the service answered nobody any more.
    pub not_begun: u64,
}

impl Tally {
    /// Adds what another run came to.
    pub(crate) const fn add(&mut self, other: &Tally) {
        self.people += other.people;
        self.requests += other.requests;
        self.verified += other.verified;
        self.mismatch += other.mismatch;
        self.no_data += other.no_data;
        self.service_error += other.service_error;
        self.elsewhere += other.elsewhere;
        self.deaths += other.deaths;
        self.not_begun += other.not_begun;
    }
}

/// Asks about people and records what comes of it. `seen` is told after each handful how the run stands.
///
/// # Errors
/// [`Refused::Denied`], [`Refused::NoOfficerId`], [`Refused::Purpose`]; what was recorded before an error stays.
pub async fn check(
    (pool, clock): (&PgPool, &Clock),
    actor: &Actor,
    service: &Service,
    people: &[DuePerson],
    purpose: &str,
    mut seen: impl FnMut(&Tally),
) -> Result<Tally, Refused> {
    let purpose = purpose.trim();
    if purpose.is_empty() || purpose.chars().count() > 200 {
        return Err(Refused::Purpose);
    }
    let officer = service.client.settings().officer(&actor.name)?;
    let asker = Asker {
        actor,
        officer,
        purpose,
    };
    let mut tally = Tally::default();
    if people.is_empty() {
        return Ok(tally);
    }
    note_begin(pool, clock, asker, people.len()).await?;
    for (turn, hand) in people.chunks(HAND).enumerate() {
        let before = tally;
        let all = subjects(pool, hand).await?;
        if let Some(other) = all
            .iter()
            .find(|it| !access::holds_in(actor, &ASKERS, it.home))
        {
            access::require(actor, &ASKERS, other.home.code)?;
        }
        let (tries, number_alone) = {
            let it = service.client.settings();
            (it.tries, it.number_alone)
        };
        let courses = all
            .into_iter()
            .map(|it| Course::new(it, tries, number_alone));
        go(pool, clock, asker, service, courses.collect(), &mut tally).await?;
        seen(&tally);
        let asked = tally.people - before.people;
        if asked > 0 && tally.service_error - before.service_error == asked {
            tally.not_begun = people.len().saturating_sub((turn + 1) * HAND) as u64;
            break;
        }
    }
    Ok(tally)
}

async fn note_begin(
    pool: &PgPool,
    clock: &Clock,
    asker: Asker<'_>,
    people: usize,
) -> Result<(), Refused> {
    let mut tx = pool.begin().await?;
    let detail = json!({ "people": people, "purpose": asker.purpose });
    let action = access::audit::Action::PopulationCheck;
    access::audit::record(
        &mut tx,
        clock.now(),
        asker.actor,
        action,
        "population",
        None,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// A handful to the end.
async fn go(
    pool: &PgPool,
    clock: &Clock,
    asker: Asker<'_>,
    service: &Service,
    mut courses: Vec<Course>,
    tally: &mut Tally,
) -> Result<(), Refused> {
    tally.people += courses.len() as u64;
    loop {
        let open: Vec<usize> = (0..courses.len())
            .filter(|at| courses[*at].outcome().is_none())
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        let failed = open.iter().map(|at| courses[*at].failed()).max();
        if let Some(failed @ 1..) = failed {
            sleep(service.client.settings().pause(failed)).await;
        }
        let sent: Vec<Sent<'_>> = open
            .iter()
            .filter_map(|at| {
                Some(Sent {
                    code: Uuid::new_v4().simple().to_string(),
                    about: &courses[*at].subject,
                    question: courses[*at].next()?,
                })
            })
            .collect();
        let numbers = log_requests(pool, asker, clock.now(), &sent).await?;
        let questions = sent.into_iter().map(|it| (it.code, it.question));
        let questions: Vec<_> = questions.collect();
        let codes: Vec<String> = questions.iter().map(|(code, _)| code.clone()).collect();
        let replies = service.ask(asker.officer, clock, questions).await?;
        tally.requests += replies.len() as u64;
        for (at, reply) in open.iter().zip(&replies) {
            courses[*at].take(reply);
        }
        let over: Vec<Checked<'_>> = open
            .iter()
            .zip(&codes)
            .filter_map(|(at, code)| {
                let course = &courses[*at];
                let (outcome, theirs) = course.outcome()?;
                Some(Checked {
                    about: &course.subject,
                    code,
                    outcome,
                    theirs,
                    dead: course.dead,
                })
            })
            .collect();
        let (elsewhere, deaths) = keep(pool, asker, clock, (&numbers, &replies), &over).await?;
        tally.elsewhere += elsewhere;
        tally.deaths += deaths;
        for it in &over {
            *match it.outcome {
                Outcome::Verified => &mut tally.verified,
                Outcome::Mismatch { .. } => &mut tally.mismatch,
                Outcome::NoData => &mut tally.no_data,
                Outcome::ServiceError { .. } => &mut tally.service_error,
            } += 1;
        }
    }
}

/// Records, again when others were at the same people.
async fn keep(
    pool: &PgPool,
    asker: Asker<'_>,
    clock: &Clock,
    answers: (&[i64], &[Reply]),
    over: &[Checked<'_>],
) -> Result<(u64, u64), Refused> {
    let mut tried = 0;
    loop {
        let mut tx = pool.begin().await?;
        match record(&mut tx, asker, clock, answers, over).await {
            Ok(kept) => {
                tx.commit().await?;
                return Ok(kept);
            }
            Err(Refused::Apply(ApplyError::Busy)) if tried < BUSY => {
                tx.rollback().await?;
                tried += 1;
            }
            Err(refused) => return Err(refused),
        }
    }
}
