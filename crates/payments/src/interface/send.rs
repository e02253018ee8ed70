//! Sending messages, and asking what became of them.
//!
//! Before anything leaves the house a step says so, so that whatever ends the program it is known
//! that the message may be out. Sent again it is the same message.

use access::audit::Action;
use g2p::SigningKey;
use g2p::client::{self, Posted};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use kernel::actor::{Grant, Role};
use serde_json::json;

use super::batch::{self, Cut};
use super::message::Writing;
use super::state::{self, Batch, BatchState, NewStep, Step};
use super::{InterfaceRefused, Link, link};
use crate::order::{self, Order, OrderNo};
use crate::provider::contract::Handover;
use crate::provider::{self, Provider};
use crate::{Office, Refused, show};

/// How long a message is left alone that may be on its way.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(2);
/// After the first failure; then twice as long each time.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// At most, between two sendings.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// So often a message is sent before the program stops by itself.
const MOST_SENDS: i32 = 12;
/// After the provider took a message; then twice as long each time.
const FIRST_QUESTION: SignedDuration = SignedDuration::from_mins(10);
/// At most, between two questions.
const LONGEST_QUESTION: SignedDuration = SignedDuration::from_hours(6);
/// So often a provider is asked before the program stops by itself.
const MOST_QUESTIONS: i32 = 60;
/// So many without an answer one after the other, and the order waits for the next round: a provider
/// that is not there does not hold up the others.
const MOST_IN_VAIN: u32 = 5;
/// Messages of an order looked at in one go: more than any order has.
const ALL: (i64, i64) = (0, i64::MAX);

/// Cuts an order into messages, or, if it was, has those sent again that the program stopped
/// sending. The server sends them; [`hand_over`] does so at once.
///
/// # Errors
/// [`Refused::NoOrder`], [`InterfaceRefused::NotByInterface`], [`InterfaceRefused::NoLink`],
/// [`Refused::Denied`].
pub async fn begin(
    office: &Office<'_>,
    actor: &Actor,
    order_no: OrderNo,
) -> Result<Order, Refused> {
    let order = order::find(office, actor, order_no).await?;
    access::require(actor, &[Role::ListMaker], &order.area)?;
    if order.handover != Handover::Interface {
        return Err(InterfaceRefused::NotByInterface { order_no }.into());
    }
    batch::cut(office, actor, &order).await?;
    let batches = state::of_order(office.pool, &order, ALL).await?;
    let (now, mut sent_again) = (office.clock.now(), Vec::new());
    let mut tx = office.pool.begin().await?;
    for batch in batches {
        if matches!(batch.state, BatchState::Refused | BatchState::GivenUp) {
            let again = NewStep {
                order: order_no,
                batch_no: batch.batch_no,
                step: Step::Again,
                attempt: batch.sends,
                at: now,
                next_at: Some(now),
                code: None,
                by: &actor.name,
            };
            if again.keep(&mut tx).await? {
                sent_again.push(batch.batch_no);
            }
        }
    }
    if !sent_again.is_empty() {
        let detail = json!({ "how": Handover::Interface, "messages_again": sent_again });
        let (object, area) = (order_no.to_string(), Some(order.area.as_str()));
        access::audit::record(
            &mut tx,
            now,
            actor,
            Action::OrderSend,
            &object,
            area,
            detail,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(order)
}

/// Hands an order over now: sends what the provider is not known to have, asks for what it has not
/// reported, whatever pause there should be. How far each message is then.
///
/// # Errors
/// As [`begin`]; [`InterfaceRefused::WrittenOtherwise`].
pub async fn hand_over(
    office: &Office<'_>,
    actor: &Actor,
    key: &SigningKey,
    order_no: OrderNo,
) -> Result<Vec<Batch>, Refused> {
    let order = begin(office, actor, order_no).await?;
    let sending = Sending::of(office, key, &order, &actor.name).await?;
    sending.work(|_| true).await?;
    state::of_order(office.pool, &order, ALL).await
}

/// Asks the provider about every line of an order again, also those it reported: money may have come
/// back and the news of it been lost. How many messages were asked about.
///
/// # Errors
/// [`Refused::NoOrder`], [`InterfaceRefused::NoLink`], [`Refused::Denied`].
pub async fn ask_again(
    office: &Office<'_>,
    actor: &Actor,
    key: &SigningKey,
    order_no: OrderNo,
) -> Result<u64, Refused> {
    let order = order::find(office, actor, order_no).await?;
    access::require(actor, &[Role::ListMaker], &order.area)?;
    let sending = Sending::of(office, key, &order, &actor.name).await?;
    let mut asked = 0;
    for batch in state::of_order(office.pool, &order, ALL).await? {
        let mut cuts = sending.cuts.iter();
        let cut = cuts.find(|cut| cut.batch_no == batch.batch_no);
        if let Some(cut) = cut.filter(|_| batch.state.is_taken()) {
            let lines = sending.lines(cut, true).await?;
            asked += u64::from(sending.ask(cut, &batch, lines).await?);
        }
    }
    Ok(asked)
}

/// Goes on with everything that is due by the clock: for the server, and for whoever calls it from
/// a timer. How many messages were sent or asked about.
///
/// # Errors
/// Those of the database; one order that cannot be sent does not hold up the others.
pub async fn go_on(office: &Office<'_>, key: &SigningKey) -> Result<u64, Refused> {
    let actor = Actor::new(
        "an-sinh",
        vec![Grant {
            role: Role::ListMaker,
            area: None,
        }],
    );
    let now = office.clock.now();
    let due = sqlx::query_scalar!(
        r#"select distinct order_no
           from order_batch b left join batch_now s using (order_no, batch_no)
           where s.kind is null or s.next_at <= $1 order by order_no"#,
        now.to_sqlx() as _
    )
    .fetch_all(office.pool)
    .await?;
    let mut done = 0;
    let is_due = |batch: &Batch| match batch.state {
        BatchState::Waiting => batch.next_at.is_none_or(|at| at <= now),
        _ => batch.next_at.is_some_and(|at| at <= now),
    };
    for order_no in due {
        let order = order::find(office, &actor, OrderNo(order_no)).await?;
        let sending = Sending::of(office, key, &order, &actor.name).await?;
        match sending.work(is_due).await {
            Ok(count) => done += count,
            Err(Refused::Interface(refused)) => {
                tracing::warn!(code = refused.code(), order_no, "an order cannot be sent");
            }
            Err(other) => return Err(other),
        }
    }
    Ok(done)
}

/// An order whose messages are being sent.
struct Sending<'a> {
    office: &'a Office<'a>,
    key: &'a SigningKey,
    order: &'a Order,
    provider: Provider,
    by: &'a str,
    cuts: Vec<Cut>,
}

impl<'a> Sending<'a> {
    async fn of(
        office: &'a Office<'a>,
        key: &'a SigningKey,
        order: &'a Order,
        by: &'a str,
    ) -> Result<Sending<'a>, Refused> {
        Ok(Sending {
            office,
            key,
            order,
            provider: provider::find(office.pool, &order.provider).await?,
            by,
            cuts: batch::cuts(office, order).await?,
        })
    }

    /// Sends or asks about every message that is wanted and not done.
    async fn work(&self, wanted: impl Fn(&Batch) -> bool) -> Result<u64, Refused> {
        let (mut done, mut in_vain) = (0, 0);
        for batch in state::of_order(self.office.pool, self.order, ALL).await? {
            if in_vain == MOST_IN_VAIN {
                break;
            }
            let cut = self.cuts.iter().find(|cut| cut.batch_no == batch.batch_no);
            let Some(cut) = cut.filter(|_| wanted(&batch)) else {
                continue;
            };
            let answered = match batch.state {
                BatchState::Answered => continue,
                BatchState::Taken => self.ask_for_the_rest(cut, &batch).await?,
                _ => self.send(cut, &batch).await?,
            };
            in_vain = if answered { 0 } else { in_vain + 1 };
            done += 1;
        }
        Ok(done)
    }

    /// Whether there was an answer.
    async fn send(&self, cut: &Cut, batch: &Batch) -> Result<bool, Refused> {
        let link = link::numbered(self.office.pool, cut.link_no).await?;
        let written = batch::write(self.office, self.order, (&self.provider, &link), cut).await?;
        let attempt = batch.sends + 1;
        let now = self.office.clock.now();
        let on_its_way = after(now, ON_ITS_WAY);
        if !self
            .note(cut, (Step::Sending, attempt), Some(on_its_way), None)
            .await?
        {
            return Ok(true);
        }
        let parts = (written.header.as_str(), written.message.as_str());
        let body = g2p::seal(self.key, &link.our_id, parts, now);
        let posted = post(format!("{}/disburse", link.url), body).await?;
        let now = self.office.clock.now();
        let (step, next_at, code) = match &posted {
            Posted::Taken { correlation_id } => {
                let ask = after(now, FIRST_QUESTION);
                (Step::Taken, Some(ask), correlation_id.as_str())
            }
            Posted::Refused { code } => (Step::Refused, None, code.as_str()),
            Posted::Unanswered { code } if attempt % MOST_SENDS == 0 => {
                (Step::GivenUp, None, *code)
            }
            Posted::Unanswered { code } => {
                let pause = doubled(FIRST_PAUSE, (attempt - 1) % MOST_SENDS, LONGEST_PAUSE);
                (Step::Unanswered, Some(after(now, pause)), *code)
            }
        };
        self.note(cut, (step, attempt), next_at, Some(code)).await?;
        Ok(!matches!(posted, Posted::Unanswered { .. }))
    }

    /// Asks what became of the lines nobody has reported. Whether there was an answer.
    async fn ask_for_the_rest(&self, cut: &Cut, batch: &Batch) -> Result<bool, Refused> {
        let references = self.lines(cut, false).await?;
        if references.is_empty() {
            let mut db = self.office.pool.acquire().await?;
            let who = (self.office.clock.now(), self.by);
            state::note_answered(&mut db, self.order, who).await?;
            return Ok(true);
        }
        self.ask(cut, batch, references).await
    }

    /// Asks what became of some lines. Whether there was an answer.
    async fn ask(
        &self,
        cut: &Cut,
        batch: &Batch,
        references: Vec<String>,
    ) -> Result<bool, Refused> {
        // What is called now, not what was called when the message was cut.
        let link = link::present(self.office.pool, &self.provider.code)
            .await?
            .link;
        let now = self.office.clock.now();
        let written = self.writing(&link).question(references, now)?;
        let parts = (written.header.as_str(), written.message.as_str());
        let body = g2p::seal(self.key, &link.our_id, parts, now);
        let posted = post(format!("{}/disburse/txn/status", link.url), body).await?;
        let code = match &posted {
            Posted::Taken { .. } => None,
            Posted::Refused { code } => Some(code.as_str()),
            Posted::Unanswered { code } => Some(*code),
        };
        let attempt = batch.asks + 1;
        let pause = doubled(FIRST_QUESTION, attempt.min(20), LONGEST_QUESTION);
        let next_at = (attempt < MOST_QUESTIONS).then(|| after(now, pause));
        self.note(cut, (Step::Asked, attempt), next_at, code)
            .await?;
        Ok(!matches!(posted, Posted::Unanswered { .. }))
    }

    fn writing<'w>(&'w self, link: &'w Link) -> Writing<'w> {
        Writing {
            order: self.order,
            provider: &self.provider,
            link,
        }
    }

    /// The names of the lines of a message: all, or those nobody has reported.
    async fn lines(&self, cut: &Cut, all: bool) -> Result<Vec<String>, Refused> {
        let month = self.order.list_month;
        let rows = sqlx::query!(
            "select person_id, line_no from order_line l
             where order_no = $1 and list_month = $2
               and (person_id, line_no) >= ($3, $4) and (person_id, line_no) <= ($5, $6)
               and ($7 or not exists (select from payment_result r
                                      where r.person_id = l.person_id and r.list_month = $2
                                        and r.line_no = l.line_no))
             order by person_id, line_no",
            self.order.order_no.0,
            month.yyyymm(),
            cut.first.0,
            cut.first.1,
            cut.last.0,
            cut.last.1,
            all
        )
        .fetch_all(self.office.pool)
        .await?;
        let names = rows
            .into_iter()
            .map(|row| show::line_name(month, kernel::PersonId(row.person_id), row.line_no));
        Ok(names.collect())
    }

    async fn note(
        &self,
        cut: &Cut,
        (step, attempt): (Step, i32),
        next_at: Option<Timestamp>,
        code: Option<&str>,
    ) -> Result<bool, Refused> {
        let mut db = self.office.pool.acquire().await?;
        let step = NewStep {
            order: self.order.order_no,
            batch_no: cut.batch_no,
            step,
            attempt,
            at: self.office.clock.now(),
            next_at,
            code,
            by: self.by,
        };
        step.keep(&mut db).await
    }
}

async fn post(url: String, body: Vec<u8>) -> Result<Posted, Refused> {
    let posted = tokio::task::spawn_blocking(move || client::post(&url, &body)).await;
    posted.map_err(|broken| Refused::Inconsistent(broken.to_string()))
}

fn after(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(now)
}

/// A pause doubled so many times, at most the longest.
fn doubled(first: SignedDuration, times: i32, longest: SignedDuration) -> SignedDuration {
    let factor = 1_i64 << times.clamp(0, 30);
    let seconds = first.as_secs().saturating_mul(factor);
    SignedDuration::from_secs(seconds.min(longest.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pause = |times| doubled(FIRST_PAUSE, times, LONGEST_PAUSE).as_secs();
        assert_eq!([pause(0), pause(1), pause(6)], [30, 60, 1920]);
        assert_eq!([pause(7), pause(11), pause(1000)], [3600; 3]);
    }
}
