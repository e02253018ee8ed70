//! What is recorded of the dossiers, steps and people a file names: a query for each kind.

use std::collections::HashMap;

use kernel::PersonId;
use kernel::area::{Area, Areas};
use law::Benefit;
use sqlx::PgConnection;
use uuid::Uuid;

use super::ApplyError;
use crate::event::Submitted;
use crate::local::{self, Rule};
use crate::step::Step;
use crate::{Course, Manner};

/// A dossier as recorded. Its row stays locked until the transaction ends.
pub(super) struct Recorded {
    pub(super) id: i64,
    pub(super) area: (String, jiff::civil::Date),
    pub(super) province: String,
    pub(super) of_one_stop: bool,
    /// Beneficiary and benefit an approval enrols.
    pub(super) asks: Option<(PersonId, Benefit)>,
    pub(super) course: Course,
    /// Number of the last step.
    pub(super) last: i32,
}

/// What is recorded.
#[derive(Default)]
pub(super) struct Known {
    /// What localities decided about stages.
    pub(super) rules: Vec<Rule>,
    pub(super) dossiers: HashMap<String, Recorded>,
    /// Steps by their id: what they are, and the content they came with.
    pub(super) events: HashMap<Uuid, (Step, Vec<u8>)>,
    /// Whom the file's words for beneficiaries mean.
    pub(super) people: HashMap<String, Vec<i64>>,
}

impl Known {
    pub(super) async fn of(tx: &mut PgConnection, rows: &[Submitted]) -> Result<Known, ApplyError> {
        // First the locks: what is read after them is what others have left.
        let rules = local::every(&mut *tx).await?;
        let codes = rows.iter().map(|row| row.event.dossier.clone()).collect();
        let dossiers = dossiers(tx, codes, &rules).await?;
        Ok(Known {
            rules,
            dossiers,
            events: events(tx, rows).await?,
            people: people(tx, rows).await?,
        })
    }
}

async fn events(
    tx: &mut PgConnection,
    rows: &[Submitted],
) -> Result<HashMap<Uuid, (Step, Vec<u8>)>, ApplyError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.event.event_id).collect();
    let found = sqlx::query!(
        r#"select event_id, content, body as "body!: sqlx::types::Json<Step>"
           from dossier_step where event_id = any($1)"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| (row.event_id, (row.body.0, row.content)))
        .collect())
}

async fn people(
    tx: &mut PgConnection,
    rows: &[Submitted],
) -> Result<HashMap<String, Vec<i64>>, ApplyError> {
    let named = rows.iter().filter_map(|row| match &row.event.step {
        Step::Submitted(submission) => submission.beneficiary.clone(),
        _ => None,
    });
    let mut named: Vec<String> = named.collect();
    named.sort_unstable();
    named.dedup();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let numbers = named
        .iter()
        .filter_map(|name| name.strip_prefix('#')?.parse().ok());
    let numbers: Vec<i64> = numbers.collect();
    // Sources and keys may hold slashes themselves.
    let endings = named.iter().flat_map(|name| {
        name.match_indices('/')
            .map(|(at, _)| name[at + 1..].to_owned())
    });
    let endings: Vec<String> = endings.collect();
    let found = sqlx::query!(
        r#"select '#' || person_id as "named!", person_id as "person_id!" from person
           where person_id = any($1)
           union all
           select key, person_id from person_key where key = any($2)
           union all
           select source || '/' || key, person_id from person_key
           where key = any($3) and source || '/' || key = any($2)"#,
        &numbers,
        &named,
        &endings
    )
    .fetch_all(tx)
    .await?;
    let mut people: HashMap<String, Vec<i64>> = HashMap::new();
    for row in found {
        let meant = people.entry(row.named).or_default();
        if !meant.contains(&row.person_id) {
            meant.push(row.person_id);
        }
    }
    Ok(people)
}

/// One dossier, to be looked at.
pub(super) async fn one(
    tx: &mut PgConnection,
    code: &str,
) -> Result<HashMap<String, Recorded>, ApplyError> {
    let rules = local::every(&mut *tx).await?;
    dossiers(tx, vec![code.to_owned()], &rules).await
}

async fn dossiers(
    tx: &mut PgConnection,
    codes: Vec<String>,
    rules: &[Rule],
) -> Result<HashMap<String, Recorded>, ApplyError> {
    // Locked in one order everywhere: of two who act on a dossier at once the second waits, and is
    // then told what the first did.
    let found = sqlx::query!(
        r#"select dossier_id, code, area_code,
                  area_valid_from as "since: jiff_sqlx::Date", province_code,
                  origin = 'one_stop' as "of_one_stop!", person_id, benefit
           from dossier where code = any($1) order by dossier_id for update"#,
        &codes
    )
    .fetch_all(&mut *tx)
    .await?;
    let homes: HashMap<i64, &'static Area> = found
        .iter()
        .filter_map(|row| {
            let area = Areas::embedded().get(&row.area_code, row.since.to_jiff());
            Some((row.dossier_id, area?))
        })
        .collect();
    let ids: Vec<i64> = found.iter().map(|row| row.dossier_id).collect();
    let mut courses = courses(tx, &ids, &homes, rules).await?;
    let mut dossiers = HashMap::with_capacity(found.len());
    for row in found {
        let course = courses.remove(&row.dossier_id);
        let (course, last) = course.ok_or_else(|| broken(row.dossier_id))?;
        let asks = row
            .person_id
            .map(PersonId)
            .zip(row.benefit.and_then(Benefit::from_number));
        let recorded = Recorded {
            id: row.dossier_id,
            area: (row.area_code, row.since.to_jiff()),
            province: row.province_code,
            of_one_stop: row.of_one_stop,
            asks,
            course,
            last,
        };
        dossiers.insert(row.code, recorded);
    }
    Ok(dossiers)
}

/// The courses of dossiers, each with the number of its last step, folded from their steps.
async fn courses(
    tx: &mut PgConnection,
    ids: &[i64],
    homes: &HashMap<i64, &'static Area>,
    rules: &[Rule],
) -> Result<HashMap<i64, (Course, i32)>, ApplyError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let steps = sqlx::query!(
        r#"select dossier_id, seq, happened_at as "at: jiff_sqlx::Timestamp", online, recorded_by,
                  body as "body!: sqlx::types::Json<Step>"
           from dossier_step where dossier_id = any($1) order by dossier_id, seq"#,
        ids
    )
    .fetch_all(tx)
    .await?;
    let mut courses: HashMap<i64, (Course, i32)> = HashMap::with_capacity(ids.len());
    for row in steps {
        let (id, at) = (row.dossier_id, row.at.to_jiff());
        match (&row.body.0, courses.get_mut(&id)) {
            (Step::Submitted(submission), None) => {
                let home = homes.get(&id).copied();
                let rules = home.map(|home| local::of_commune(rules, home));
                let course = Course::begin(submission, at).under(rules.unwrap_or_default());
                courses.insert(id, (course, row.seq));
            }
            (step, Some((course, last))) => {
                let manner = Manner {
                    online: row.online,
                    recorded_by: &row.recorded_by,
                };
                course.follow(step, at, manner).map_err(|_| broken(id))?;
                *last = row.seq;
            }
            (_, None) => return Err(broken(id)),
        }
    }
    Ok(courses)
}

fn broken(dossier: i64) -> ApplyError {
    ApplyError::Inconsistent(format!("hồ sơ số {dossier}"))
}
