//! What a one-stop system corrects in a form while nothing was asked: a supplement without papers. It is no step
//! of the dossier, as what this side corrects is none: status, stage and deadline stay, and a supplement that is
//! awaited is awaited on. And what is told late.

use casework::event::Submitted;
use casework::{ApplyError, Status, Step, Unlawful, Untold, apply_untold};
use kernel::EventId;
use registry::refusal::Fault;
use registry::{Applied, Refusal};
use serde_json::{Map, Value};
use sqlx::PgConnection;

use crate::inbox::Whose;

/// Whether the fields of a message, without its form, are those of a correction.
pub(crate) fn is_said(fields: &Map<String, Value>) -> bool {
    let none = |papers: &Value| papers.is_null() || papers == &Value::Array(Vec::new());
    fields.get("kind").and_then(Value::as_str) == Some("supplemented")
        && fields.get("papers").is_none_or(none)
        && fields.keys().all(|name| name == "kind" || name == "papers")
}

/// Whether it is one.
pub(crate) fn is(step: &Step) -> bool {
    matches!(step, Step::Supplemented { papers } if papers.is_empty())
}

/// Makes steps of what is told, and looks which corrections may be: their fields are laid over the form afterwards
/// ([`crate::field`]).
///
/// # Errors
/// As [`apply_untold`].
pub(crate) async fn apply(
    tx: &mut PgConnection,
    (province, actor, clock): Whose<'_>,
    rows: &[Submitted],
) -> Result<(Applied, Untold), ApplyError> {
    let (corrections, mut steps): (Vec<_>, Vec<_>) =
        rows.iter().cloned().partition(|row| is(&row.event.step));
    let (mut applied, mut untold) = (Applied::default(), Untold::default());
    if !steps.is_empty() {
        told_late(tx, &mut steps).await?;
        (applied, untold) = apply_untold(tx, province, actor, clock, &steps).await?;
    }
    if corrections.is_empty() {
        return Ok((applied, untold));
    }
    let refused = refused(tx, province, &corrections).await?;
    applied.applied += (corrections.len() - refused.len()) as u64;
    applied.refused.extend(refused);
    Ok((applied, untold))
}

/// What citizens did before a step that this side took meanwhile, and is told of only now, counts from that step on:
/// a province that was away must not have lost what its citizens asked. The message keeps its own time.
async fn told_late(tx: &mut PgConnection, steps: &mut [Submitted]) -> Result<(), ApplyError> {
    let goes_on = |row: &&Submitted| !matches!(row.event.step, Step::Submitted(_));
    let codes: Vec<String> = steps
        .iter()
        .filter(goes_on)
        .map(|row| row.event.dossier.clone())
        .collect();
    if codes.is_empty() {
        return Ok(());
    }
    let last = sqlx::query!(
        r#"select s.code, last_at as "at: jiff_sqlx::Timestamp"
           from dossier d join dossier_state s using (dossier_id)
           where d.code = any($1) order by d.dossier_id for update of d"#,
        &codes
    )
    .fetch_all(tx)
    .await?;
    for row in steps {
        let known = last.iter().find(|it| it.code == row.event.dossier);
        if let (Some(known), false) = (known, matches!(row.event.step, Step::Submitted(_))) {
            row.event.at = row.event.at.max(known.at.to_jiff());
        }
    }
    Ok(())
}

/// Corrections of dossiers that are not theirs, or not open. The rows of the others stay locked, so that nobody
/// corrects them meanwhile.
async fn refused(
    tx: &mut PgConnection,
    province: &str,
    corrections: &[Submitted],
) -> Result<Vec<Refusal>, ApplyError> {
    let codes: Vec<String> = corrections
        .iter()
        .map(|row| row.event.dossier.clone())
        .collect();
    let known = sqlx::query!(
        r#"select d.code, d.province_code, d.origin = 'one_stop' as "theirs!", s.status
           from dossier d join dossier_state s using (dossier_id)
           where d.code = any($1) order by d.dossier_id for update of d"#,
        &codes
    )
    .fetch_all(tx)
    .await?;
    let mut refused = Vec::new();
    for row in corrections {
        let dossier = known.iter().find(|it| it.code == row.event.dossier);
        let fault = match dossier {
            None => Some(("unknown_dossier", "chưa có hồ sơ với mã này".to_owned())),
            Some(it) if it.province_code != province => Some((
                "other_province",
                "hồ sơ của tỉnh khác, không phải của hệ thống một cửa này".to_owned(),
            )),
            Some(it) if !it.theirs => Some((
                "not_of_one_stop",
                "hồ sơ này không do hệ thống một cửa gửi đến".to_owned(),
            )),
            Some(it) => {
                let status = Status::from_number(it.status);
                let status = status.ok_or_else(|| ApplyError::Inconsistent(it.code.clone()))?;
                let step = "Sửa tờ khai";
                let why = Unlawful::NotNow { status, step };
                (!status.is_open()).then(|| (why.code(), why.to_string()))
            }
        };
        if let Some((code, message)) = fault {
            let id = EventId(row.event.event_id.as_u128());
            refused.push(Fault::new("dossier", code, message).in_row(row.row, Some(id)));
        }
    }
    Ok(refused)
}
