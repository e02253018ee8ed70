//! What messages say in the fields of forms, laid beside what this side has.

use casework::correct::{CorrectError, Correction, correct_within};
use casework::form::{self, Answer, Answers, Form};
use casework::{Step, Teller};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::Refused;
use crate::conflict;
use crate::gap::{self, Opening, person};
use crate::given::Given;
use crate::inbox::Whose;
use crate::message::Message;
use crate::owner::{Owner, Values, Verdict, rule, weigh};

/// Lays the fields of messages that were taken, with the numbers they are kept under, over what is here.
pub(crate) async fn taken(
    tx: &mut PgConnection,
    whose: Whose<'_>,
    taken: &[&(i64, Message)],
) -> Result<(), Refused> {
    let openings = taken.iter().filter_map(|(_, message)| Opening::of(message));
    let openings: Vec<Opening<'_>> = openings.collect();
    gap::open(tx, whose, &openings).await?;
    // Those of the same dossier further up have no outcome yet, and count as said.
    let run: Vec<i64> = taken.iter().map(|(number, _)| *number).collect();
    for (number, message) in taken {
        if let (Step::Supplemented { .. }, Some(given)) = (message.step(), &message.given) {
            merge(tx, whose, (*number, message, given), &run).await?;
        }
    }
    Ok(())
}

/// A dossier as both sides had it before a message.
struct Standing {
    id: i64,
    submitted: Date,
    area: String,
    version: i32,
    form: &'static Form,
    /// It lies before the leader, or waits for its number.
    laid: bool,
    /// What this side has.
    ours: Answers,
    /// What the other side had, as it said it or was told it.
    theirs: Answers,
}

/// A field that a message changed.
struct Field {
    code: String,
    before: Option<Answer>,
    ours: Option<Answer>,
    theirs: Option<Answer>,
    owner: Owner,
    verdict: Verdict,
}

async fn merge(
    tx: &mut PgConnection,
    whose: Whose<'_>,
    (number, message, given): (i64, &Message, &Given),
    run: &[i64],
) -> Result<(), Refused> {
    let (province, actor, clock) = whose;
    let dossier = message.event.dossier.as_str();
    let Some(standing) = standing(tx, province, message, run).await? else {
        return first(tx, whose, dossier, given).await;
    };
    let (form, today) = (standing.form, clock.today());
    let before = form.sound(&standing.theirs, today).0;
    let mut said = standing.theirs.clone();
    given.over(&mut said);
    said.set("area", &standing.area);
    let (after, faults) = form.sound(&said, today);
    let people = person::known(tx, [&standing.ours, &after].into_iter()).await?;
    let known = [&standing.ours, &after].into_iter().find_map(|answers| {
        let person = people.get(answers.text("id_number")?)?;
        person.is(answers).then_some(person)
    });
    let verified = known
        .map(|person| person.verified(form))
        .unwrap_or_default();
    let mut fields = fields(&standing, (&before, &after, &verified));
    if standing.laid {
        // What the leader looks at stays as it is: a person decides once it is sent back.
        let taken = fields.iter_mut();
        for field in taken.filter(|it| it.verdict == Verdict::Theirs) {
            field.verdict = Verdict::Asked;
        }
    }
    let mut merged = standing.ours.clone();
    let theirs = |field: &&Field| field.verdict == Verdict::Theirs;
    for field in fields.iter().filter(theirs) {
        merged.take(&field.code, &after);
    }
    if fields.iter().any(|field| field.verdict == Verdict::Theirs) {
        let correction = Correction {
            dossier,
            seen: standing.version,
            answers: &merged,
            allows_gaps: true,
            completes: false,
            key: message.event.event_id,
        };
        let telling = (Teller::OneStop { province }, actor, clock);
        match correct_within(tx, telling, &correction).await {
            Ok(_) | Err(CorrectError::NothingChanged) => {}
            // Together with what is here it makes no sound form: a person looks at both.
            Err(CorrectError::Answers(_)) => {
                let taken = fields.iter_mut();
                for field in taken.filter(|it| it.verdict == Verdict::Theirs) {
                    field.verdict = Verdict::Asked;
                }
            }
            Err(CorrectError::Failed(error)) => return Err(error.into()),
            Err(other) => return Err(Refused::Inconsistent(other.to_string())),
        }
    }
    record(tx, (number, standing.id), clock.now(), &fields).await?;
    // What stays here although they say otherwise, they have to know.
    let stays = fields.iter().filter(|it| it.verdict == Verdict::Ours);
    let stays: Vec<String> = stays.map(|it| it.code.clone()).collect();
    conflict::tell(tx, clock, standing.id, &stays).await?;
    let wrong = faults
        .into_iter()
        .filter(|fault| fault.code != "missing")
        .map(|fault| {
            let field = fault.field.split('.').next().unwrap_or_default();
            (field.to_owned(), fault.code.to_owned())
        });
    gap::add(tx, clock.now(), dossier, wrong.collect()).await
}

/// The form of a dossier that came without one.
async fn first(
    tx: &mut PgConnection,
    whose: Whose<'_>,
    dossier: &str,
    given: &Given,
) -> Result<(), Refused> {
    let Some(form) = given.form() else {
        return Ok(());
    };
    let row = sqlx::query!(
        r#"select procedure_code, area_code, submitted_on as "submitted_on: jiff_sqlx::Date",
                  applicant, applicant_id_number
           from dossier where code = $1"#,
        dossier
    )
    .fetch_one(&mut *tx)
    .await?;
    if !form.procedures.contains(&row.procedure_code) {
        return gap::add(
            tx,
            whose.2.now(),
            dossier,
            vec![("form".to_owned(), "unknown_form".to_owned())],
        )
        .await;
    }
    let opening = Opening {
        dossier,
        form,
        given,
        area: &row.area_code,
        submitted: row.submitted_on.to_jiff(),
        applicant: (&row.applicant, row.applicant_id_number.as_deref()),
    };
    gap::open(tx, whose, &[opening]).await
}

/// The fields in which the message says something else than the other side had.
fn fields(
    standing: &Standing,
    (before, after, verified): (&Answers, &Answers, &Answers),
) -> Vec<Field> {
    let mut fields = Vec::new();
    for field in standing.form.fields() {
        let code = field.code.as_str();
        let (was, theirs) = (before.get(code), after.get(code));
        if was == theirs {
            continue;
        }
        let owner = rule(code, standing.submitted).map_or(Owner::Applicant, |rule| rule.owner);
        let ours = standing.ours.get(code);
        let values = Values {
            before: was,
            ours,
            theirs,
            verified: verified.get(code),
        };
        fields.push(Field {
            code: code.to_owned(),
            verdict: weigh(owner, values),
            before: was.cloned(),
            ours: ours.cloned(),
            theirs: theirs.cloned(),
            owner,
        });
    }
    fields
}

/// How a dossier stood on both sides before the message; `None` where it has no form yet.
async fn standing(
    tx: &mut PgConnection,
    province: &str,
    message: &Message,
    run: &[i64],
) -> Result<Option<Standing>, Refused> {
    let dossier = message.event.dossier.as_str();
    let versions = sqlx::query!(
        r#"select d.dossier_id, d.area_code, d.submitted_on as "submitted_on: jiff_sqlx::Date", version,
                  form, answers as "answers!: Json<Answers>",
                  coalesce(s.waiting in ('agreement', 'number'), false) as "laid!"
           from dossier d join dossier_answers using (dossier_id) join dossier_state s using (dossier_id)
           where d.code = $1 order by version"#,
        dossier
    )
    .fetch_all(&mut *tx)
    .await?;
    let Some(last) = versions.last() else {
        return Ok(None);
    };
    let form = form::by_code(&last.form);
    let form = form.ok_or_else(|| Refused::Inconsistent(last.form.clone()))?;
    let said = sqlx::query!(
        r#"select seq, sent_at as "at: jiff_sqlx::Timestamp", form as "given!: Json<Given>"
           from exchange_inbox i left join exchange_inbox_outcome o using (inbox_no)
           where province_code = $1 and dossier_code = $2 and seq < $3 and form is not null
             and (o.inbox_no is not null and o.code is null or i.inbox_no = any($4))
           order by seq"#,
        province,
        dossier,
        message.seq,
        run
    )
    .fetch_all(&mut *tx)
    .await?;
    let heard = sqlx::query!(
        r#"select answers_version as "version!", fields as "fields!",
                  t.at as "at: jiff_sqlx::Timestamp"
           from exchange_outbox o join exchange_delivery t using (outbox_no)
           where o.dossier_id = $1 and fields is not null and outcome = 'taken'
           order by t.at, o.seq"#,
        last.dossier_id
    )
    .fetch_all(&mut *tx)
    .await?;
    let filled = sqlx::query!(
        r#"select field, answer as "answer!: Json<Answer>" from exchange_gap
           where dossier_id = $1 and source is not null"#,
        last.dossier_id
    )
    .fetch_all(tx)
    .await?;
    // As it came, with what was filled in for them.
    let mut theirs = versions[0].answers.0.clone();
    for row in filled {
        theirs.put(&row.field, Some(row.answer.0));
    }
    let mut told: Vec<Told<'_>> = said
        .iter()
        .skip(1)
        .map(|row| (row.at.to_jiff(), Laid::Said(&row.given.0)))
        .collect();
    told.extend(heard.iter().filter_map(|row| {
        let version = versions.iter().find(|it| it.version == row.version)?;
        let at = row.at.to_jiff();
        (at <= message.event.at).then_some((at, Laid::Heard(&version.answers.0, &row.fields)))
    }));
    told.sort_by_key(|(at, _)| *at);
    for (_, laid) in told {
        match laid {
            Laid::Said(given) => given.over(&mut theirs),
            Laid::Heard(answers, fields) => {
                for field in fields {
                    theirs.take(field, answers);
                }
            }
        }
    }
    theirs.set("area", &last.area_code);
    Ok(Some(Standing {
        id: last.dossier_id,
        submitted: last.submitted_on.to_jiff(),
        area: last.area_code.clone(),
        version: last.version,
        form,
        laid: last.laid,
        ours: last.answers.0.clone(),
        theirs,
    }))
}

/// What changed the other side's answers: what they said, or what they took of ours.
enum Laid<'a> {
    Said(&'a Given),
    Heard(&'a Answers, &'a [String]),
}

type Told<'a> = (Timestamp, Laid<'a>);

async fn record(
    tx: &mut PgConnection,
    (number, dossier): (i64, i64),
    at: Timestamp,
    fields: &[Field],
) -> Result<(), Refused> {
    let codes: Vec<String> = fields.iter().map(|it| it.code.clone()).collect();
    let owners: Vec<String> = fields.iter().map(|it| it.owner.code().to_owned()).collect();
    let verdicts = fields.iter().map(|it| it.verdict.code().to_owned());
    let verdicts: Vec<String> = verdicts.collect();
    let part = |of: fn(&Field) -> Option<&Answer>| -> Vec<Option<Json<&Answer>>> {
        fields.iter().map(|it| of(it).map(Json)).collect()
    };
    let before = part(|it| it.before.as_ref());
    let (ours, theirs) = (part(|it| it.ours.as_ref()), part(|it| it.theirs.as_ref()));
    let added = sqlx::query!(
        "insert into exchange_field (inbox_no, dossier_id, field, before, ours, theirs, owner,
                                     verdict, at)
         select $1, $2, given.*, $9
         from unnest($3::text[], $4::jsonb[], $5::jsonb[], $6::jsonb[], $7::text[], $8::text[]) as given",
        number,
        dossier,
        &codes,
        &before as _,
        &ours as _,
        &theirs as _,
        &owners,
        &verdicts,
        at.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    match added.rows_affected() == fields.len() as u64 {
        true => Ok(()),
        false => Err(Refused::Inconsistent("fields".to_owned())),
    }
}
