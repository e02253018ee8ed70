//! Writes new dossiers and steps by COPY.

use std::collections::HashMap;

use kernel::actor::Role;
use kernel::name::{search_key, sort_key};
use registry::copy::CopyWriter;
use sqlx::PgConnection;
use uuid::Uuid;

use super::take::{Opened, Taken, Taking};
use super::{ApplyError, Setting, Teller};
use crate::{Course, Waiting};

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

/// Says of each event which dossier it follows from: its proof.
pub(super) async fn link(
    tx: &mut PgConnection,
    steps: &[Taken<'_>],
    told: &[registry::Submitted],
) -> Result<(), ApplyError> {
    let dossier = |row: u64| {
        let mut steps = steps.iter();
        let taken = steps.find(|taken| taken.submitted.row == row)?;
        Some(taken.submitted.event.dossier.clone())
    };
    let linked = told
        .iter()
        .filter_map(|event| Some((event.event.uuid(), dossier(event.row)?)));
    let (events, dossiers): (Vec<Uuid>, Vec<String>) = linked.unzip();
    if events.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into dossier_event (event_id, dossier_id)
         select event_id, d.dossier_id
         from unnest($1::uuid[], $2::text[]) as told (event_id, code) join dossier d using (code)",
        &events,
        &dossiers
    )
    .execute(tx)
    .await?;
    Ok(())
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
                     applicant_key, applicant_order, applicant_id_number, person_id, benefit, papers, papers_missing, recorded_by, \
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
        writer.put_str(&search_key(&submission.applicant));
        writer.put_str(&sort_key(&submission.applicant));
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
                     told_by, online, body, status, regime, stage, due_on, holder, desk, \
                     waiting, proposed_by, agreement, extended, missing, recorded_by, \
                     recorded_at) from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, statement).await?;
    let told_by = setting.teller.code();
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
        put_standing(&mut writer, &taken.course);
        writer.put_str(&setting.actor.name);
        writer.put_timestamp(setting.now);
    }
    writer.finish().await?;
    Ok(())
}

/// Where the dossier stands after a step.
fn put_standing(writer: &mut CopyWriter<'_>, course: &Course) {
    writer.put_i16(course.status().number());
    put_text(writer, course.regime().map(|regime| regime.code.as_str()));
    put_text(writer, course.stage().map(|stage| stage.code.as_str()));
    writer.put_opt(course.due_on(), |writer, day| writer.put_date(day));
    put_text(writer, course.holder());
    put_text(writer, course.desk().map(Role::code));
    put_text(writer, course.waiting().map(Waiting::code));
    put_text(writer, course.proposed_by());
    writer.put_bool(course.needs_agreement());
    writer.put_bool(course.extended());
    writer.put_i16(i16::try_from(course.missing()).unwrap_or(i16::MAX));
}

fn put_text(writer: &mut CopyWriter<'_>, text: Option<&str>) {
    writer.put_opt(text, |writer, text| writer.put_str(text));
}
