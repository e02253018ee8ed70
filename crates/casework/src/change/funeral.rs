//! The funeral dossier that a death opens.

use jiff::civil::Date;
use kernel::{Actor, Clock};
use law::Benefit;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{ChangeRefused, Plan, ground};
use crate::step::{Paper, Step, Submission};
use crate::{Channel, Event, Submitted, Teller, apply_within};

/// What a death says of its funeral dossier.
pub(super) struct Opening<'a> {
    pub(super) key: Uuid,
    pub(super) change_no: i64,
    pub(super) day: Date,
    pub(super) organiser: &'a str,
}

/// Opens the dossier and receives it: whoever brings the death certificate applies with it. `None` for
/// people who drew nothing monthly, to whom the law gives no grant by this way.
pub(super) async fn open(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    plan: &Plan,
    opening: &Opening<'_>,
) -> Result<Option<String>, ChangeRefused> {
    let drawn = plan.drawn();
    if drawn.iter().all(|benefit| benefit.is_one_off()) {
        return Ok(None);
    }
    let Some(funeral) = ground::funeral(&drawn, opening.day) else {
        return Ok(None);
    };
    let code = format!(
        "MTP-{}-{}",
        clock.today().strftime("%y%m%d"),
        opening.change_no
    );
    let paper = |name: &String| Paper {
        name: name.clone(),
        file: None,
    };
    let submission = Submission {
        procedure: funeral.procedure.clone(),
        area: plan.who.commune.code.to_owned(),
        channel: Channel::Direct,
        applicant: opening.organiser.trim().to_owned(),
        applicant_id_number: None,
        applicant_birth: None,
        beneficiary: Some(format!("#{}", plan.who.id)),
        benefit: Some(Benefit::Funeral),
        papers: funeral.papers.iter().map(paper).collect(),
    };
    let steps = [Step::Submitted(Box::new(submission)), Step::Received {}];
    let rows: Vec<Submitted> = (1_u64..)
        .zip(steps)
        .map(|(row, step)| Submitted {
            row,
            event: Event {
                event_id: Uuid::new_v5(&opening.key, format!("funeral {row}").as_bytes()),
                dossier: code.clone(),
                at: clock.now(),
                online: false,
                step,
            },
        })
        .collect();
    for row in &rows {
        row.event
            .step
            .check()
            .map_err(|fault| ChangeRefused::Event {
                code: fault.code,
                field: "organiser".to_owned(),
                message: fault.message,
            })?;
    }
    let applied = apply_within(tx, Teller::Office, actor, clock, &rows).await?;
    match applied.refused.first() {
        Some(refusal) => Err(refusal.into()),
        None => Ok(Some(code)),
    }
}
