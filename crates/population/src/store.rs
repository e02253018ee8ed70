//! What is written: requests before they leave, answers after, what came of each person.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Clock, EventId, Month};
use payments::proposal::Reporter;
use registry::event::{CheckResult, EventKind, IdentityCheck};
use registry::{Event, Submitted, apply_within};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::Refused;
use crate::compare::{Outcome, Subject, Theirs};
use crate::question::{Question, Reply};

/// Where events of checks are from.
pub(crate) const SOURCE: &str = "dan-cu";

/// Who asks, under which id of theirs, and what for.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub actor: &'a Actor,
    pub officer: &'a str,
    pub purpose: &'a str,
}

/// A question under way.
pub(crate) struct Sent<'a> {
    pub code: String,
    pub about: &'a Subject,
    pub question: Question,
}

/// A check that is over.
pub(crate) struct Checked<'a> {
    pub about: &'a Subject,
    /// Code of its last request.
    pub code: &'a str,
    pub outcome: &'a Outcome,
    pub theirs: &'a Theirs,
    pub dead: bool,
}

/// Writes the log of what is about to leave. Returns the numbers of the requests in their order.
pub(crate) async fn log_requests(
    pool: &PgPool,
    asker: Asker<'_>,
    now: Timestamp,
    sent: &[Sent<'_>],
) -> Result<Vec<i64>, Refused> {
    let codes: Vec<String> = sent.iter().map(|it| it.code.clone()).collect();
    let text = |of: fn(&Sent<'_>) -> String| -> Vec<String> { sent.iter().map(of).collect() };
    let services = text(|it| it.question.service().to_owned());
    let areas = text(|it| it.about.home.code.to_owned());
    let fields = text(|it| it.question.fields().join(","));
    let people: Vec<i64> = sent.iter().map(|it| it.about.id.0).collect();
    let since: Vec<jiff_sqlx::Date> = sent
        .iter()
        .map(|it| it.about.home.valid_from.to_sqlx())
        .collect();
    let written = sqlx::query!(
        r#"insert into population_request (request_code, service, person_id, area_code,
               area_valid_from, asked_by, officer, purpose, fields, asked_at)
           select code, service, person, area, since, $1, $2, $3, string_to_array(fields, ','), $4
           from unnest($5::text[], $6::text[], $7::bigint[], $8::text[], $9::date[], $10::text[])
                with ordinality as it(code, service, person, area, since, fields, turn)
           order by turn
           returning request_no, request_code"#,
        asker.actor.name,
        asker.officer,
        asker.purpose,
        now.to_sqlx() as _,
        &codes,
        &services,
        &people,
        &areas,
        &since as _,
        &fields
    )
    .fetch_all(pool)
    .await?;
    let number = |code: &String| {
        let row = written.iter().find(|row| row.request_code == *code);
        row.map(|row| row.request_no)
            .ok_or_else(|| Refused::Inconsistent(format!("request {code}")))
    };
    codes.iter().map(number).collect()
}

/// Writes what came back, and of the people whose check is over with it: the event, what is proposed
/// and the check, all or nothing. Returns how many of the checks another run was quicker with, and
/// how many deaths are proposed now.
pub(crate) async fn record(
    tx: &mut PgConnection,
    asker: Asker<'_>,
    clock: &Clock,
    (numbers, replies): (&[i64], &[Reply]),
    checks: &[Checked<'_>],
) -> Result<(u64, u64), Refused> {
    let now = clock.now();
    let (mut kinds, mut errors) = (Vec::new(), Vec::new());
    for reply in replies {
        let (kind, error) = match reply {
            Reply::Found(_) | Reply::Exists => ("found", None),
            Reply::Nothing => ("nothing", None),
            Reply::Failed(code) => ("service_error", Some((*code).to_owned())),
        };
        kinds.push(kind.to_owned());
        errors.push(error);
    }
    sqlx::query!(
        "insert into population_answer (request_no, answer, code, answered_at)
         select no, answer, code, $4
         from unnest($1::bigint[], $2::text[], $3::text[]) as it(no, answer, code)",
        numbers,
        &kinds,
        &errors as _,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let events: Vec<Submitted> = (1..)
        .zip(checks)
        .filter_map(|(row, it)| event(it, asker, clock).map(|event| Submitted { row, event }))
        .collect();
    let applied = apply_within(&mut *tx, asker.actor, clock, &events).await?;
    let refused = |row: usize| applied.refused.iter().any(|it| it.row == row as u64 + 1);
    let stands: Vec<&Checked<'_>> = checks
        .iter()
        .enumerate()
        .filter(|(row, _)| !refused(*row))
        .map(|(_, it)| it)
        .collect();
    write_checks(&mut *tx, asker, now, &stands).await?;
    let month = Month::of(clock.today());
    let dead = stands.iter().filter(|it| it.dead);
    let dead: Vec<_> = dead.map(|it| (it.about.id, it.about.home.code)).collect();
    let heard = (month, Reporter::Population);
    let proposed =
        payments::proposal::deaths_reported(tx, (asker.actor, now), heard, &dead).await?;
    Ok(((checks.len() - stands.len()) as u64, proposed))
}

async fn write_checks(
    tx: &mut PgConnection,
    asker: Asker<'_>,
    now: Timestamp,
    checks: &[&Checked<'_>],
) -> Result<(), Refused> {
    if checks.is_empty() {
        return Ok(());
    }
    let text = |of: fn(&Checked<'_>) -> String| -> Vec<String> {
        checks.iter().map(|it| of(it)).collect()
    };
    let people: Vec<i64> = checks.iter().map(|it| it.about.id.0).collect();
    let areas = text(|it| it.about.home.code.to_owned());
    let since: Vec<jiff_sqlx::Date> = checks
        .iter()
        .map(|it| it.about.home.valid_from.to_sqlx())
        .collect();
    let outcomes = text(|it| it.outcome.code().to_owned());
    let fields = text(|it| differing(it.outcome).join(","));
    let theirs: Vec<serde_json::Value> = checks
        .iter()
        .map(|it| serde_json::json!(it.theirs))
        .collect();
    let codes = text(|it| it.code.to_owned());
    let events: Vec<Option<Uuid>> = checks
        .iter()
        .map(|it| result(it.outcome).map(|_| event_id(it.about)))
        .collect();
    let written = sqlx::query!(
        "insert into population_check (person_id, area_code, area_valid_from, outcome, fields, theirs,
             request_code, event_id, checked_by, checked_at)
         select person, area, since, outcome, string_to_array(fields, ','), theirs, code, event, $1, $2
         from unnest($3::bigint[], $4::text[], $5::date[], $6::text[], $7::text[], $8::jsonb[],
                     $9::text[], $10::uuid[])
              as it(person, area, since, outcome, fields, theirs, code, event)",
        asker.actor.name,
        now.to_sqlx() as _,
        &people,
        &areas,
        &since as _,
        &outcomes,
        &fields,
        &theirs,
        &codes,
        &events as _
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() != checks.len() as u64 {
        return Err(Refused::Inconsistent("checks not written".to_owned()));
    }
    Ok(())
}

fn differing(outcome: &Outcome) -> Vec<&'static str> {
    match outcome {
        Outcome::Mismatch { fields } => fields.clone(),
        _ => Vec::new(),
    }
}

/// As the registry knows it; an error of the service is no event.
const fn result(outcome: &Outcome) -> Option<CheckResult> {
    match outcome {
        Outcome::Verified => Some(CheckResult::Verified),
        Outcome::Mismatch { .. } => Some(CheckResult::Mismatch),
        Outcome::NoData => Some(CheckResult::NotFound),
        Outcome::ServiceError { .. } => None,
    }
}

/// The person's next check has one id, whoever makes it: of two runs at once one is recorded.
fn event_id(subject: &Subject) -> Uuid {
    let name = format!(
        "population check {} of person {}",
        subject.checks + 1,
        subject.id
    );
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

fn event(it: &Checked<'_>, asker: Asker<'_>, clock: &Clock) -> Option<Event> {
    let check = IdentityCheck {
        result: result(it.outcome)?,
        fields: differing(it.outcome)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        request_code: Some(it.code.to_owned()),
        checked_by: Some(asker.actor.name.clone()),
    };
    Some(Event {
        event_id: EventId(event_id(it.about).as_u128()),
        source: SOURCE.to_owned(),
        person: format!("#{}", it.about.id),
        effective: clock.today(),
        kind: EventKind::IdentityChecked(Box::new(check)),
    })
}
