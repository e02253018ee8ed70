//! What citizens do to their own dossier: answer what they were asked, add papers, ask for it back.

use access::citizen::Citizen;
use kernel::Clock;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Refused, filed};
use crate::Status;
use crate::apply::{Teller, apply_within};
use crate::attachment::{self, NewAttachment};
use crate::correct::{CorrectError, Correction, correct_within};
use crate::event::{Event, Submitted};
use crate::form::Form;
use crate::step::{Paper, Step};

/// Most scans of one dossier that citizens add.
const MOST: i64 = 60;

/// What a citizen does to their own dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Answers what the office asked for, with the answers corrected before ([`super::correct`]).
    Supplement {
        /// Scans of papers, stored already.
        scans: Vec<NewAttachment>,
        /// Papers asked for without a scan: what was corrected answers them.
        without: Vec<String>,
    },
    /// Asks for the dossier back.
    Withdraw {
        /// Why.
        reason: String,
    },
}

fn refused(code: &'static str, message: impl Into<String>) -> Refused {
    let message = message.into();
    Refused::Step { code, message }
}

/// Why answers are not corrected, with the first question that is wrong.
fn not_corrected(form: &Form, error: CorrectError) -> Refused {
    let told = match &error {
        CorrectError::Answers(faults) => faults.first().map_or_else(String::new, |fault| {
            let code = fault.field.split('.').next().unwrap_or_default();
            let label = form.field(code).map_or("tờ khai", |field| &field.label);
            format!("tờ khai, câu “{label}”: {}", fault.message)
        }),
        other => other.to_string(),
    };
    match error {
        CorrectError::Failed(error) => error.into(),
        other => refused(other.code(), told),
    }
}

/// Records what the citizen does, under an id of the form it was sent with.
///
/// # Errors
/// [`Refused::Step`] says why the dossier does not allow it; nothing was changed.
pub async fn act(
    pool: &PgPool,
    clock: &Clock,
    citizen: &Citizen,
    event_id: Uuid,
    act: Act,
) -> Result<(), Refused> {
    let mut tx = pool.begin().await?;
    let id = citizen.dossier();
    let dossier = sqlx::query_scalar!("select code from dossier where dossier_id = $1", id.0)
        .fetch_one(&mut *tx)
        .await?;
    let teller = Teller::Citizen { dossier: &dossier };
    let (step, scans) = match act {
        Act::Withdraw { reason } => (Step::WithdrawalAsked { reason }, Vec::new()),
        Act::Supplement { scans, without } => {
            let corrected = filed::take_corrected(&mut tx, clock, citizen).await?;
            if let Some(paper) = without.first().filter(|_| corrected.is_none()) {
                return Err(refused(
                    "paper_missing",
                    format!("chưa có tệp cho: {paper}"),
                ));
            }
            if !scans.is_empty() {
                attachment::check(&scans)?;
            }
            if let Some((form, seen, answers)) = corrected {
                let correction = Correction {
                    dossier: &dossier,
                    seen,
                    answers: &answers,
                    allows_gaps: false,
                    // The step follows, with the papers.
                    completes: false,
                    key: event_id,
                };
                let telling = (teller, citizen.actor(), clock);
                let corrected = correct_within(&mut tx, telling, &correction).await;
                corrected.map_err(|error| not_corrected(form, error))?;
            }
            let unseen = without.into_iter().map(|name| Paper { name, file: None });
            let papers = scans.iter().map(NewAttachment::as_paper).chain(unseen);
            let papers = papers.collect();
            (Step::Supplemented { papers }, scans)
        }
    };
    if let Err(fault) = step.check() {
        return Err(refused(fault.code, fault.message));
    }
    let event = Event {
        event_id,
        dossier: dossier.clone(),
        at: clock.now(),
        online: true,
        step,
    };
    let rows = [Submitted { row: 1, event }];
    if !scans.is_empty() {
        attachment::store(&mut tx, citizen.actor(), clock, id, &scans).await?;
    }
    let applied = apply_within(&mut tx, teller, citizen.actor(), clock, &rows).await?;
    if let Some(refusal) = applied.refused.into_iter().next() {
        return Err(refused(refusal.code, refusal.message));
    }
    tx.commit().await?;
    Ok(())
}

/// Adds scans to a dossier that is being worked on, of which nothing was asked. The dossier stands where
/// it stood. Recorded in the audit log.
///
/// # Errors
/// [`Refused::Step`] once it is decided or over, while papers are asked for (those are an answer), and
/// for too many; nothing was added.
pub async fn add_papers(
    pool: &PgPool,
    clock: &Clock,
    citizen: &Citizen,
    scans: &[NewAttachment],
) -> Result<(), Refused> {
    attachment::check(scans)?;
    let id = citizen.dossier();
    let mut tx = pool.begin().await?;
    // A decision waits for this, or comes first and is seen below.
    let dossier = sqlx::query_scalar!(
        "select code from dossier where dossier_id = $1 for update",
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    let now = sqlx::query!(
        r#"select (select status from dossier_step s where s.dossier_id = $1
                   order by seq desc limit 1) as "status!",
                  (select count(*) from attachment a
                   where a.dossier_id = $1 and recorded_by = $2) as "count!""#,
        id.0,
        citizen.actor().name
    )
    .fetch_one(&mut *tx)
    .await?;
    if !Status::from_number(now.status).is_some_and(may_add) {
        let message = "lúc này không thêm giấy tờ vào hồ sơ được";
        return Err(refused("not_now", message));
    }
    let adding = i64::try_from(scans.len()).unwrap_or(MOST);
    if now.count.saturating_add(adding) > MOST {
        let message = format!("mỗi hồ sơ gửi thêm nhiều nhất {MOST} tệp: mời mang đến xã");
        return Err(refused("file_count", message));
    }
    attachment::store(&mut tx, citizen.actor(), clock, id, scans).await?;
    let object = format!("dossier {dossier}");
    let hashes: Vec<String> = scans.iter().map(|it| it.file.hash.to_string()).collect();
    let detail = json!({ "files": hashes });
    let (at, who) = (clock.now(), citizen.actor());
    access::audit::record(
        &mut tx,
        at,
        who,
        access::audit::Action::CitizenAttach,
        &object,
        None,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Whether citizens add papers at a status without being asked.
const fn may_add(status: Status) -> bool {
    matches!(
        status,
        Status::Registered | Status::Received | Status::InProcess
    )
}

impl super::Standing {
    /// Whether papers may be added without being asked.
    pub const fn may_add_papers(&self) -> bool {
        may_add(self.status)
    }
}
