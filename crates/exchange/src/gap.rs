//! What an incoming dossier lacks: named at once, filled in from what is known already where the rule of
//! the field allows, and only the rest asked back.

pub(crate) mod person;

use std::collections::{BTreeMap, HashMap};

use casework::answered::{self, NewAnswers};
use casework::form::{Answer, Answers, Form};
use casework::{Step, Teller};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use serde::Serialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use crate::given::Given;
use crate::message::Message;
use crate::owner::{Source, rule};
use crate::{Refused, inbox::Whose, outbox::TOLD};
use person::Known;

/// A dossier whose form comes for the first time.
pub(crate) struct Opening<'a> {
    pub(crate) dossier: &'a str,
    pub(crate) form: &'static Form,
    pub(crate) given: &'a Given,
    /// Code of its commune.
    pub(crate) area: &'a str,
    /// Day of submission.
    pub(crate) submitted: Date,
    /// The applicant, with their ID number.
    pub(crate) applicant: (&'a str, Option<&'a str>),
}

impl<'a> Opening<'a> {
    /// Of a message by which a dossier with a form is submitted.
    pub(crate) fn of(message: &'a Message) -> Option<Opening<'a>> {
        let given = message.given.as_ref()?;
        let Step::Submitted(submission) = message.step() else {
            return None;
        };
        Some(Opening {
            dossier: &message.event.dossier,
            form: given.form()?,
            given,
            area: &submission.area,
            submitted: message.event.day(),
            applicant: (
                &submission.applicant,
                submission.applicant_id_number.as_deref(),
            ),
        })
    }

    /// The answers as they came; what the dossier says of its applicant and commune is among them.
    fn answers(&self) -> Answers {
        let mut answers = Answers::default();
        self.given.over(&mut answers);
        answers.set("area", self.area);
        let itself = matches!(answers.text("declared_by"), None | Some("itself"));
        if itself && self.form.field("organiser_name").is_none() {
            let (name, number) = self.applicant;
            if answers.text("full_name").is_none() {
                answers.set("full_name", name);
            }
            if let (Some(number), None) = (number, answers.text("id_number")) {
                answers.set("id_number", number);
            }
        }
        answers
    }
}

/// A field that was missing, or wrong.
struct Gap<'a> {
    dossier: &'a str,
    field: String,
    code: String,
    filled: Option<(Source, Answer, Option<Date>)>,
}

/// Keeps the answers of dossiers that come with a form, filled in where it may be, and what they lacked.
pub(crate) async fn open(
    tx: &mut PgConnection,
    (province, actor, clock): Whose<'_>,
    openings: &[Opening<'_>],
) -> Result<(), Refused> {
    if openings.is_empty() {
        return Ok(());
    }
    let today = clock.today();
    let came: Vec<Answers> = openings
        .iter()
        .map(|it| it.form.sound(&it.answers(), today).0)
        .collect();
    let people = person::known(tx, came.iter()).await?;
    let (mut kept, mut gaps) = (Vec::new(), Vec::new());
    for (opening, came) in openings.iter().zip(came) {
        let person = came.text("id_number").and_then(|number| people.get(number));
        let person = person.filter(|person| person.is(&came));
        let (_, faults) = opening.form.sound(&opening.answers(), today);
        let mut lacking: BTreeMap<String, String> = BTreeMap::new();
        for fault in faults {
            let field = fault.field.split('.').next().unwrap_or_default();
            let code = fault.code.to_owned();
            lacking.entry(field.to_owned()).or_insert(code);
        }
        let (answers, filled) = fill(opening, came, person, today);
        let mut found = lacking.into_iter().collect::<Vec<_>>();
        let unasked = |(field, _): &(&String, _)| !found.iter().any(|(named, _)| named == *field);
        let more: Vec<String> = filled
            .iter()
            .filter(unasked)
            .map(|(field, _)| field.clone())
            .collect();
        found.extend(more.into_iter().map(|field| (field, "missing".to_owned())));
        gaps.extend(found.into_iter().map(|(field, code)| Gap {
            dossier: opening.dossier,
            filled: filled.get(&field).cloned(),
            field,
            code,
        }));
        kept.push(answers);
    }
    let new: Vec<NewAnswers<'_>> = openings
        .iter()
        .zip(&kept)
        .map(|(opening, answers)| NewAnswers {
            dossier: opening.dossier,
            form: opening.form,
            benefit: opening.given.benefit,
            answers,
        })
        .collect();
    let teller = Teller::OneStop { province };
    answered::keep_all(tx, (teller, actor, clock), &new).await?;
    record(tx, clock.now(), &gaps).await
}

type Filled = BTreeMap<String, (Source, Answer, Option<Date>)>;

/// Fills in what is known of the person, in the order of the form: what is filled in may ask for more.
fn fill(
    opening: &Opening<'_>,
    came: Answers,
    person: Option<&Known>,
    today: Date,
) -> (Answers, Filled) {
    let (mut answers, mut filled) = (came, Filled::new());
    let Some(person) = person else {
        return (answers, filled);
    };
    let known = person.answers(opening.form);
    for field in opening.form.fields() {
        let code = field.code.as_str();
        let rule = rule(code, opening.submitted);
        let (Some(rule), Some(answer)) = (rule, known.get(code)) else {
            continue;
        };
        if answers.get(code).is_some() || !field.is_shown(&answers) {
            continue;
        }
        let mut sources = rule.fill.iter();
        let source = sources.find(|source| person.is_of(**source, field));
        let Some(source) = source else { continue };
        let mut with = answers.clone();
        with.put(code, Some(answer.clone()));
        let (with, _) = opening.form.sound(&with, today);
        // What the registry writes otherwise than the form asks for is no answer.
        if let Some(kept) = with.get(code) {
            let as_of = person.as_of(*source);
            filled.insert(code.to_owned(), (*source, kept.clone(), as_of));
            answers = with;
        }
    }
    (answers, filled)
}

async fn record(tx: &mut PgConnection, at: Timestamp, gaps: &[Gap<'_>]) -> Result<(), Refused> {
    let dossiers: Vec<String> = gaps.iter().map(|gap| gap.dossier.to_owned()).collect();
    let fields: Vec<String> = gaps.iter().map(|gap| gap.field.clone()).collect();
    let codes: Vec<String> = gaps.iter().map(|gap| gap.code.clone()).collect();
    let filled = || gaps.iter().map(|gap| gap.filled.as_ref());
    let sources = filled().map(|it| it.map(|(source, ..)| source.code().to_owned()));
    let sources: Vec<Option<String>> = sources.collect();
    let answers = filled().map(|it| it.map(|(_, answer, _)| Json(answer)));
    let answers: Vec<Option<Json<&Answer>>> = answers.collect();
    let days = filled().map(|it| it.and_then(|(_, _, day)| day.map(|day| day.to_sqlx())));
    let days: Vec<Option<jiff_sqlx::Date>> = days.collect();
    sqlx::query!(
        "insert into exchange_gap (dossier_id, field, code, source, answer, as_of, at)
         select dossier_id, field, given.code, source, answer, as_of, $7
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::date[])
                  as given (dossier, field, code, source, answer, as_of)
              join dossier d on d.code = given.dossier
         on conflict do nothing",
        &dossiers,
        &fields,
        &codes,
        &sources as _,
        &answers as _,
        &days as _,
        at.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps what was wrong in a later message, beside what the dossier lacked before.
pub(crate) async fn add(
    tx: &mut PgConnection,
    at: Timestamp,
    dossier: &str,
    wrong: Vec<(String, String)>,
) -> Result<(), Refused> {
    let gaps: Vec<Gap<'_>> = wrong
        .into_iter()
        .map(|(field, code)| Gap {
            dossier,
            field,
            code,
            filled: None,
        })
        .collect();
    match gaps.is_empty() {
        true => Ok(()),
        false => record(tx, at, &gaps).await,
    }
}

/// A field a dossier came without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lacked {
    /// Code of the field.
    pub field: String,
    /// What users see above it.
    pub label: String,
    /// `missing`, or what was wrong with what was sent.
    pub code: String,
    /// Where it was filled in from; `None` when it was not.
    pub source: Option<Source>,
    /// The day the source says it of.
    pub as_of: Option<Date>,
}

/// What a dossier's form came without.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gaps {
    /// What is still to be answered, and so asked back.
    pub asked: Vec<Lacked>,
    /// What was filled in, and from where.
    pub filled: Vec<Lacked>,
}

/// What a dossier of the province came without and what of it is still open, for the one-stop system.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn told(
    pool: &PgPool,
    actor: &Actor,
    (province, today): (&str, Date),
    dossier: &str,
) -> Result<Gaps, Refused> {
    let mut db = pool.acquire().await?;
    let which = (province, today);
    let mut gaps = told_of(&mut db, actor, which, &[dossier.to_owned()]).await?;
    Ok(gaps.remove(dossier).unwrap_or_default())
}

/// The same of several dossiers, by their codes; those without a form are left out.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn told_of(
    db: &mut PgConnection,
    actor: &Actor,
    (province, today): (&str, Date),
    dossiers: &[String],
) -> Result<HashMap<String, Gaps>, Refused> {
    access::require(actor, &TOLD, province)?;
    gaps(db, Some(province), today, dossiers).await
}

/// The same for somebody who has been shown the dossier, which the audit log has ([`casework::dossier`]).
///
/// # Errors
/// Those of the database.
pub async fn of_dossier(pool: &PgPool, today: Date, dossier: &str) -> Result<Gaps, Refused> {
    let mut db = pool.acquire().await?;
    let mut gaps = gaps(&mut db, None, today, &[dossier.to_owned()]).await?;
    Ok(gaps.remove(dossier).unwrap_or_default())
}

async fn gaps(
    db: &mut PgConnection,
    province: Option<&str>,
    today: Date,
    dossiers: &[String],
) -> Result<HashMap<String, Gaps>, Refused> {
    let filed = sqlx::query!(
        r#"select distinct on (d.dossier_id) d.dossier_id, d.code, form, answers as "answers!: Json<Answers>"
           from dossier d join dossier_answers using (dossier_id)
           where d.code = any($1) and d.origin = 'one_stop' and ($2::text is null or d.province_code = $2)
           order by d.dossier_id, version desc"#,
        dossiers,
        province
    )
    .fetch_all(&mut *db)
    .await?;
    let numbers: Vec<i64> = filed.iter().map(|filed| filed.dossier_id).collect();
    let rows = match numbers.is_empty() {
        true => return Ok(HashMap::new()),
        false => recorded(db, &numbers).await?,
    };
    let mut gaps = HashMap::with_capacity(filed.len());
    for filed in filed {
        let form = casework::form::by_code(&filed.form);
        let form = form.ok_or_else(|| Refused::Inconsistent(filed.form.clone()))?;
        let rows: Vec<&Recorded> = rows
            .iter()
            .filter(|row| row.dossier_id == filed.dossier_id)
            .collect();
        gaps.insert(filed.code, of_form(form, &filed.answers.0, &rows, today));
    }
    Ok(gaps)
}

/// A gap as it is kept.
struct Recorded {
    dossier_id: i64,
    field: String,
    code: String,
    source: Option<String>,
    answer: Option<Json<Answer>>,
    as_of: Option<jiff_sqlx::Date>,
}

async fn recorded(db: &mut PgConnection, dossiers: &[i64]) -> sqlx::Result<Vec<Recorded>> {
    sqlx::query_as!(
        Recorded,
        r#"select dossier_id, field, code, source, answer as "answer: Json<Answer>",
                  as_of as "as_of: jiff_sqlx::Date"
           from exchange_gap where dossier_id = any($1)"#,
        dossiers
    )
    .fetch_all(db)
    .await
}

/// What is still to be answered, and what was filled in and counts.
fn of_form(form: &Form, answers: &Answers, rows: &[&Recorded], today: Date) -> Gaps {
    let lacking = form.lacking(answers, today);
    let mut gaps = Gaps::default();
    for field in form.fields() {
        let row = rows.iter().find(|row| row.field == field.code);
        let lacked = |code: &str, source, as_of| Lacked {
            field: field.code.clone(),
            label: field.label.clone(),
            code: code.to_owned(),
            source,
            as_of,
        };
        if lacking.iter().any(|it| it.code == field.code) {
            let code = row.map_or("missing", |row| row.code.as_str());
            gaps.asked.push(lacked(code, None, None));
        } else if let Some(row) = row
            && let Some(source) = row.source.as_deref().and_then(Source::from_code)
            && row.answer.as_ref().map(|it| &it.0) == answers.get(&field.code)
        {
            let as_of = row.as_of.map(|day| day.to_jiff());
            gaps.filled.push(lacked(&row.code, Some(source), as_of));
        }
    }
    gaps
}
