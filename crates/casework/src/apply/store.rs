//! Writes new dossiers and steps by COPY.

use std::collections::HashMap;

use registry::copy::CopyWriter;
use sqlx::PgConnection;

use super::take::{Opened, Taken, Taking};
use super::{ApplyError, Setting, Teller};

pub(super) async fn write(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    taking: &Taking<'_>,
) -> Result<(), ApplyError> {
    let count = i32::try_from(taking.opened.len()).unwrap_or(i32::MAX);
    let numbers: Vec<i64> = sqlx::query_scalar!(
        r#"select nextval('dossier_id') as "id!" from generate_series(1, $1)"#,
        count
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut ids: HashMap<&str, i64> = taking.ids.clone();
    write_dossiers(tx, setting, &taking.opened, &numbers).await?;
    for (opened, id) in taking.opened.iter().zip(&numbers) {
        ids.insert(opened.submitted.event.dossier.as_str(), *id);
    }
    write_steps(tx, setting, &taking.steps, &ids).await
}

async fn write_dossiers(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    opened: &[Opened<'_>],
    numbers: &[i64],
) -> Result<(), ApplyError> {
    if opened.is_empty() {
        return Ok(());
    }
    let statement = "copy dossier (dossier_id, code, procedure_code, area_code, area_valid_from, \
                     province_code, channel, origin, submitted_on, applicant, \
                     applicant_id_number, person_id, benefit, papers, papers_missing, recorded_by, \
                     recorded_at) from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, statement).await?;
    let origin = match setting.teller {
        Teller::Office => "counter",
        Teller::OneStop { .. } => "one_stop",
        Teller::Citizen { .. } => "online",
    };
    let small = |count: usize| i16::try_from(count).unwrap_or(i16::MAX);
    for (opened, id) in opened.iter().zip(numbers) {
        let (event, submission) = (&opened.submitted.event, opened.submission);
        let province = kernel::area::Areas::embedded().province_of(opened.area);
        writer.row().await?;
        writer.put_i64(*id);
        writer.put_str(&event.dossier);
        writer.put_str(&submission.procedure);
        writer.put_str(opened.area.code);
        writer.put_date(opened.area.valid_from);
        writer.put_str(province.code);
        writer.put_i16(submission.channel.number());
        writer.put_str(origin);
        writer.put_date(event.day());
        writer.put_str(&submission.applicant);
        let id_number = submission.applicant_id_number.as_deref();
        writer.put_opt(id_number, |writer, text| writer.put_str(text));
        writer.put_opt(opened.person, |writer, person| writer.put_i64(person.0));
        let benefit = opened.person.and(submission.benefit);
        writer.put_opt(benefit, |writer, benefit| writer.put_i16(benefit.number()));
        writer.put_i16(small(submission.papers.len()));
        writer.put_i16(small(submission.papers_missing()));
        writer.put_str(&setting.actor.name);
        writer.put_timestamp(setting.now);
    }
    writer.finish().await?;
    Ok(())
}

async fn write_steps(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    steps: &[Taken<'_>],
    ids: &HashMap<&str, i64>,
) -> Result<(), ApplyError> {
    let statement = "copy dossier_step (dossier_id, seq, event_id, content, kind, happened_at, day, \
                     told_by, online, body, status, regime, stage, due_on, recorded_by, \
                     recorded_at) from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, statement).await?;
    let told_by = match setting.teller {
        Teller::Office => "office",
        Teller::OneStop { .. } => "one_stop",
        Teller::Citizen { .. } => "citizen",
    };
    for taken in steps {
        let event = &taken.submitted.event;
        let id = ids.get(event.dossier.as_str()).copied();
        let id = id.ok_or_else(|| ApplyError::Inconsistent(event.dossier.clone()))?;
        let body = serde_json::to_string(&event.step);
        let body = body.map_err(|error| ApplyError::Inconsistent(error.to_string()))?;
        writer.row().await?;
        writer.put_i64(id);
        writer.put_i32(taken.seq);
        writer.put_uuid(event.event_id);
        writer.put_bytes(&event.content());
        writer.put_str(event.step.code());
        writer.put_timestamp(event.at);
        writer.put_date(event.day());
        writer.put_str(told_by);
        writer.put_bool(event.online);
        writer.put_json(&body);
        writer.put_i16(taken.status.number());
        let regime = taken.regime.map(|regime| regime.code.as_str());
        writer.put_opt(regime, |writer, code| writer.put_str(code));
        writer.put_opt(taken.stage, |writer, code| writer.put_str(code));
        writer.put_opt(taken.due_on, |writer, day| writer.put_date(day));
        writer.put_str(&setting.actor.name);
        writer.put_timestamp(setting.now);
    }
    writer.finish().await?;
    Ok(())
}
