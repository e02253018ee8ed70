//! Recording what a provider reports: all of a file in one transaction, matched line by line.

mod beside;
pub(super) mod store;

use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};
use std::num::NonZero;

use access::audit::Action;
use futures_util::future::try_join;
use kernel::Actor;
use kernel::actor::Role;
use registry::Refusal;
use serde_json::json;
use sqlx::{PgConnection, Postgres, Transaction};
use tokio::sync::mpsc;

use self::beside::Beside;
use super::booking::Booking;
use super::queue::{self, Waiting};
use super::read::{self, Arrival, Form, Unreadable};
use super::state::{Decision, Last, LineState, Why};
use super::{Imported, Key, Reported, line_name};
use crate::proposal::Suggested;
use crate::{Office, Refused};

/// Results matched and written at once: with many fewer, whoever answers in no order has the whole
/// month read again and again.
const CHUNK: usize = 50_000;
/// Chunks read ahead of the database at most.
const CHUNKS_AHEAD: usize = 1;
/// Rows listed as refused at most; a file with more is another file.
const MAX_REFUSED: usize = 100_000;
/// Characters a provider's number of a result, or a reason, may have.
const MAX_TEXT: usize = 100;
/// Who brings and settles results.
pub(super) const ROLES: [Role; 2] = [Role::ListMaker, Role::Officer];

/// Records results of a provider in one transaction. The same result again changes nothing; what
/// cannot simply be believed is listed as refused and waits in the queue.
///
/// # Errors
/// [`Refused::Denied`] when the actor works with lists nowhere; those of the database.
pub async fn import(
    office: &Office<'_>,
    actor: &Actor,
    provider: &str,
    rows: &[(u64, Reported)],
) -> Result<Imported, Refused> {
    import_in_parts(office, actor, provider, (rows, NonZero::new(CHUNK))).await
}

/// As [`import`], as many results at once as said; all together if nothing is said. What comes of it
/// does not depend on that.
///
/// # Errors
/// As [`import`].
pub async fn import_in_parts(
    office: &Office<'_>,
    actor: &Actor,
    provider: &str,
    (rows, part): (&[(u64, Reported)], Option<NonZero<usize>>),
) -> Result<Imported, Refused> {
    let part = part.map_or(usize::MAX, NonZero::get);
    let record = async |care| {
        let mut recording = Recording::begin(office, actor, provider, (&ROLES, care)).await?;
        for chunk in rows.chunks(part) {
            let results = chunk.iter().map(|(row, reported)| Arrival::Result {
                row: *row,
                form: Form::Ndjson,
                reported: reported.clone(),
            });
            recording.take(results.collect()).await?;
        }
        recording.finish().await
    };
    match record(Care::OfDoubtful).await {
        Err(refused) if store::is_number_reused(&refused) => record(Care::OfAll).await,
        recorded => recorded,
    }
}

/// Records a provider's file, whatever its form, in one transaction and in bounded memory. Of a
/// file that cannot be read to its end nothing is recorded.
///
/// # Errors
/// [`Refused::Unreadable`], and those of [`import`].
pub async fn import_file(
    office: &Office<'_>,
    actor: &Actor,
    provider: &str,
    input: impl Read + Seek + Send + 'static,
) -> Result<Imported, Refused> {
    import_as(office, actor, provider, &ROLES, input).await
}

/// Records the file that a provider's own people bring, about lines ordered from it: every other line
/// is unknown to them, whatever it is.
///
/// # Errors
/// As [`import_file`].
pub(crate) async fn import_own_file(
    office: &Office<'_>,
    actor: &Actor,
    provider: &str,
    input: impl Read + Seek + Send + 'static,
) -> Result<Imported, Refused> {
    import_as(office, actor, provider, &[Role::Provider], input).await
}

async fn import_as(
    office: &Office<'_>,
    actor: &Actor,
    provider: &str,
    roles: &[Role],
    input: impl Read + Seek + Send + 'static,
) -> Result<Imported, Refused> {
    let recording = Recording::begin(office, actor, provider, (roles, Care::OfDoubtful)).await?;
    let (input, recorded) = read_into(recording, input).await?;
    match recorded {
        Err(refused) if store::is_number_reused(&refused) => {
            let recording = Recording::begin(office, actor, provider, (roles, Care::OfAll)).await?;
            read_into(recording, input).await?.1
        }
        recorded => recorded,
    }
}

/// Records what a file says, and gives it back.
async fn read_into<R: Read + Seek + Send + 'static>(
    mut recording: Recording<'_>,
    mut input: R,
) -> Result<(R, Result<Imported, Refused>), Refused> {
    let (sender, mut chunks) = mpsc::channel(CHUNKS_AHEAD);
    let reading = tokio::task::spawn_blocking(move || {
        let read = read_ahead(&mut input, &sender);
        (input, read)
    });
    let mut taken = Ok(());
    while let (Ok(()), Some(chunk)) = (&taken, chunks.recv().await) {
        taken = recording.take(chunk).await;
    }
    // Whoever still reads is told that nobody listens.
    drop(chunks);
    let broken = |it: tokio::task::JoinError| Refused::Inconsistent(it.to_string());
    let (input, read) = reading.await.map_err(broken)?;
    let recorded = match (taken, read) {
        (Err(refused), _) => Err(refused),
        (Ok(()), Err(unreadable)) => Err(unreadable.into()),
        (Ok(()), Ok(())) => recording.finish().await,
    };
    Ok((input, recorded))
}

/// Reads the file to its end, handing over what it says in chunks.
fn read_ahead(
    input: impl Read + Seek,
    sender: &mpsc::Sender<Vec<Arrival>>,
) -> Result<(), Unreadable> {
    let mut chunk = Vec::with_capacity(CHUNK);
    let gone = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    read::read(input, &mut |arrival| {
        chunk.push(arrival);
        if chunk.len() == CHUNK {
            let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK));
            sender.blocking_send(full).map_err(|_| gone())?;
        }
        Ok(())
    })?;
    sender.blocking_send(chunk).map_err(|_| gone())?;
    Ok(())
}

/// A result whose line has the form of a name.
pub(super) struct Named {
    pub(super) row: u64,
    pub(super) form: Form,
    pub(super) key: Key,
    pub(super) reported: Reported,
}

/// Of which results it is looked up whether their number was used before. Of a line without a result
/// none was recorded under any number; should the number be another line's, the database refuses it,
/// and the whole is done again with more care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// Of those that are not plainly the first of their line.
    OfDoubtful,
    /// Of all.
    OfAll,
}

/// What was decided of a part and is not written yet: it is while the lines of the next are looked up.
#[derive(Default)]
struct Decided {
    fresh: Vec<Named>,
    waiting: Vec<Waiting>,
}

/// An import under way.
pub(crate) struct Recording<'o> {
    office: &'o Office<'o>,
    actor: &'o Actor,
    provider: &'o str,
    care: Care,
    /// Codes of communes the actor may bring results of; `None` is everywhere.
    held: Option<HashSet<String>>,
    /// Only lines that were ordered from the provider.
    own_only: bool,
    /// The area of what belongs to no line.
    home: String,
    /// Everything is recorded in it, or nothing.
    pub(crate) tx: Transaction<'static, Postgres>,
    /// What it came to so far; what is recorded and queued counts once written.
    pub(crate) imported: Imported,
    decided: Decided,
    beside: Beside,
    booking: Booking,
    suggested: Suggested,
}

impl<'o> Recording<'o> {
    pub(crate) async fn begin(
        office: &'o Office<'o>,
        actor: &'o Actor,
        provider: &'o str,
        (roles, care): (&[Role], Care),
    ) -> Result<Recording<'o>, Refused> {
        let held = access::codes_held(actor, roles);
        if held.as_ref().is_some_and(Vec::is_empty) {
            access::require(actor, roles, "")?;
        }
        let home = actor.areas_of(roles).next().flatten();
        let mut tx = office.pool.begin().await?;
        lock_for_recording(&mut tx, provider).await?;
        // A plan is made for the people of each chunk, not once for any.
        sqlx::raw_sql("set local plan_cache_mode = force_custom_plan")
            .execute(&mut *tx)
            .await?;
        Ok(Recording {
            office,
            actor,
            provider,
            care,
            held: held.map(|codes| codes.into_iter().collect()),
            own_only: roles == [Role::Provider],
            home: home.map(|area| area.0.clone()).unwrap_or_default(),
            tx,
            imported: Imported::default(),
            decided: Decided::default(),
            beside: Beside::default(),
            booking: Booking::default(),
            suggested: Suggested::default(),
        })
    }

    /// Decides what becomes of results, and writes what was decided before.
    pub(crate) async fn take(&mut self, arrivals: Vec<Arrival>) -> Result<(), Refused> {
        let results = self.sort(arrivals);
        let mut lines = self.look_up(&results).await?;
        let doubtful = self.doubtful(&results, &lines);
        let mut claims = store::claims(&mut self.tx, self.provider, &doubtful).await?;
        for result in results {
            let decision = self.decide(&result, &lines, &claims);
            match decision {
                Decision::Again => self.imported.already += 1,
                Decision::Record => {
                    if let Some(line) = lines.get_mut(&result.key) {
                        self.booking.add(result.key.0, line, result.reported.status);
                        line.last = Some(Last {
                            status: result.reported.status,
                            day: result.reported.date,
                            form: result.form,
                        });
                    }
                    let reason = result.reported.reason.as_deref();
                    let (month, person, _) = result.key;
                    self.suggested
                        .add(person, month, result.reported.status, reason);
                    let id = result.reported.result_id.clone();
                    claims.insert(id, store::content(result.key, &result.reported));
                    self.decided.fresh.push(result);
                }
                Decision::Wait(why) => {
                    let line = lines.get(&result.key);
                    let refusal = Refusal::new(result.row, why.field(), why.code(), why.sentence());
                    self.imported.refused.push(refusal);
                    self.decided.waiting.push(Waiting {
                        why,
                        area: line.map(|line| line.place.area.clone()),
                        key: line.is_some().then_some(result.key),
                        form: result.form,
                        reported: result.reported,
                    });
                }
            }
        }
        if self.imported.refused.len() > MAX_REFUSED {
            return Err(Unreadable::TooManyRefused { limit: MAX_REFUSED }.into());
        }
        Ok(())
    }

    /// The lines meant, as they stand after all parts before. Lines of which none of those spoke are
    /// read while the last of them is written.
    async fn look_up(&mut self, results: &[Named]) -> Result<HashMap<Key, LineState>, Refused> {
        let keys = || results.iter().map(|it| it.key);
        let is_untouched = self.beside.is_untouched(keys());
        if !is_untouched || (self.decided.fresh.is_empty() && self.decided.waiting.is_empty()) {
            self.write().await?;
            return store::lines(&mut self.tx, keys()).await;
        }
        let mut beside = self.beside.connection(self.office.pool).await?;
        let reading = store::lines(&mut beside, keys());
        let (lines, ()) = try_join(reading, self.write()).await?;
        self.beside.give_back(beside);
        Ok(lines)
    }

    /// Writes what was decided.
    pub(crate) async fn write(&mut self) -> Result<(), Refused> {
        let Decided { fresh, mut waiting } = std::mem::take(&mut self.decided);
        let who = (self.actor, self.office.clock.now());
        self.imported.recorded += store::record(&mut self.tx, who, self.provider, &fresh).await?;
        store::place(&mut self.tx, &mut waiting, &self.home).await?;
        self.imported.queued += queue::add(&mut self.tx, who, self.provider, &waiting).await?;
        Ok(())
    }

    /// Counts what is no result, and refuses what cannot be one.
    fn sort(&mut self, arrivals: Vec<Arrival>) -> Vec<Named> {
        let mut results = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            match arrival {
                Arrival::NotFinal => self.imported.not_final += 1,
                Arrival::Unrelated => self.imported.unrelated += 1,
                Arrival::Refused(refusal) => self.imported.refused.push(refusal),
                Arrival::Result {
                    row,
                    form,
                    reported,
                } => match named(row, &reported) {
                    Ok(key) => results.push(Named {
                        row,
                        form,
                        key,
                        reported,
                    }),
                    Err(refusal) => self.imported.refused.push(refusal),
                },
            }
        }
        results
    }

    /// Numbers that may have been used before.
    fn doubtful<'r>(&self, results: &'r [Named], lines: &HashMap<Key, LineState>) -> Vec<&'r str> {
        let (mut met, none) = (HashSet::new(), HashMap::new());
        let doubtful = results.iter().filter(|result| {
            let is_first = met.insert(result.key)
                && (lines.get(&result.key)).is_some_and(|line| line.last.is_none())
                && self.decide(result, lines, &none) == Decision::Record;
            self.care == Care::OfAll || !is_first
        });
        doubtful.map(|it| it.reported.result_id.as_str()).collect()
    }

    fn decide(
        &self,
        result: &Named,
        lines: &HashMap<Key, LineState>,
        claims: &HashMap<String, store::Content>,
    ) -> Decision {
        let reported = &result.reported;
        let line = lines.get(&result.key);
        let own = |line: &LineState| line.ordered_from.as_deref() == Some(self.provider);
        let seen = |line: &&LineState| {
            let held = self.held.as_ref();
            held.is_none_or(|held| held.contains(&line.place.area)) && (!self.own_only || own(line))
        };
        match claims.get(&reported.result_id) {
            Some(before) if *before == store::content(result.key, reported) => {
                return Decision::Again;
            }
            Some(_) if result.form.is_numbered_by_us() => {}
            Some(_) => return Decision::Wait(Why::ResultIdReused),
            None => {}
        }
        let Some(line) = line.filter(seen) else {
            return Decision::Wait(Why::UnknownLine);
        };
        let decision = line.decide(self.provider, result.form, reported);
        if decision == Decision::Record && claims.contains_key(&reported.result_id) {
            return Decision::Wait(Why::ResultIdReused);
        }
        decision
    }

    pub(crate) async fn finish(mut self) -> Result<Imported, Refused> {
        self.write().await?;
        self.imported.refused.sort_by_key(|refusal| refusal.row);
        let who = (self.actor, self.office.clock.now());
        let suggested = std::mem::take(&mut self.suggested);
        suggested.propose(&mut self.tx, who).await?;
        let booking = std::mem::take(&mut self.booking);
        booking
            .book(&mut self.tx, who, self.provider, &self.home)
            .await?;
        let imported = &self.imported;
        let detail = json!({ "recorded": imported.recorded, "queued": imported.queued,
            "refused": imported.refused.len() });
        let (now, action) = (self.office.clock.now(), Action::ResultsImport);
        access::audit::record(
            &mut self.tx,
            now,
            self.actor,
            action,
            self.provider,
            None,
            detail,
        )
        .await?;
        self.tx.commit().await?;
        Ok(self.imported)
    }
}

/// One import or decision of a provider's results at a time, and none while results are held.
pub(super) async fn lock_for_recording(
    tx: &mut PgConnection,
    provider: &str,
) -> Result<(), Refused> {
    sqlx::query!(
        "select pg_advisory_xact_lock($1, hashtext($2))",
        RESULTS_OF_PROVIDER,
        provider
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("lock table payment_result in row exclusive mode")
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Advisory lock, with the provider.
const RESULTS_OF_PROVIDER: i32 = 0x7265_7375;

/// The line a result is about, if it can be a result at all.
fn named(row: u64, reported: &Reported) -> Result<Key, Refusal> {
    let is_text = |text: &str| {
        !text.trim().is_empty()
            && text.chars().count() <= MAX_TEXT
            && !text.chars().any(char::is_control)
    };
    if !is_text(&reported.result_id) {
        let why = "mã kết quả trống, quá dài hoặc có ký tự lạ";
        return Err(Refusal::new(row, "result_id", "malformed", why));
    }
    if reported
        .reason
        .as_deref()
        .is_some_and(|it| !it.is_empty() && !is_text(it))
    {
        let why = "lý do quá dài hoặc có ký tự lạ";
        return Err(Refusal::new(row, "reason", "malformed", why));
    }
    if reported.amount <= 0 {
        let why = "số tiền phải lớn hơn 0";
        return Err(Refusal::new(row, "amount", "amount_not_positive", why));
    }
    line_name(&reported.line).ok_or_else(|| {
        let why = "mã dòng phải có dạng 2024-05-123-1";
        Refusal::new(row, "line", "malformed", why)
    })
}
