//! Lists for the police of a commune: whom they are asked to look at, as a sheet to fill in, and what they
//! answered. What they answer changes nobody: it is the value a repair suggests, or the reason to keep ours.

mod answers;
mod sheet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Clock, Month, PartialDate, PersonId, Sex};
use registry::sight;
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use super::WorkRefused;
use super::repair::{Fault, Record};
use super::work::{People, WORKERS, tasks};

pub use answers::{Answer, Answered, ReadAnswers, RefusedRow, bring};
pub use sheet::{paper, workbook};

/// People on one list at most.
const LARGEST: i64 = 2_000;

/// A list, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoliceList {
    /// Its number.
    pub list_no: i64,
    /// Code of the commune.
    pub area: String,
    /// Its name with what it lies in.
    pub commune: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who made it.
    pub made_by: String,
    /// Rows answered.
    pub answered: usize,
    /// The people.
    pub rows: Vec<Row>,
}

/// A person on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Counted from 1.
    pub row_no: i32,
    /// The number in the registry.
    pub person: i64,
    /// What is recorded now.
    #[serde(skip)]
    pub record: Record,
    /// What they are asked about.
    pub fields: Vec<Fault>,
    /// What was answered, if it was.
    pub answer: Option<String>,
}

/// Makes a list of everybody of a commune with something to look at that no unanswered list asks about.
///
/// # Errors
/// [`WorkRefused::NoCommune`], [`WorkRefused::NobodyToSend`], [`WorkRefused::Denied`].
pub async fn send(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> Result<PoliceList, WorkRefused> {
    access::require(actor, &WORKERS, area)?;
    let commune = Areas::embedded().on(area, clock.today());
    let commune = commune.filter(|it| it.lowest);
    let commune = commune.ok_or_else(|| WorkRefused::NoCommune(area.to_owned()))?;
    let wanted = People {
        area: area.to_owned(),
        only: Vec::new(),
        offset: 0,
        limit: LARGEST,
    };
    let found = tasks(pool, actor, clock, &wanted).await?;
    let mut people: Vec<(i64, Vec<&str>)> = Vec::new();
    for task in found.tasks.iter().filter(|task| task.sent.is_none()) {
        match people.last_mut() {
            Some((person, fields)) if *person == task.person.0 => fields.push(task.field.code()),
            _ => people.push((task.person.0, vec![task.field.code()])),
        }
    }
    if people.is_empty() {
        return Err(WorkRefused::NobodyToSend);
    }
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let list_no = sqlx::query_scalar!(
        "insert into police_list (area_code, area_valid_from, made_by, made_at)
         values ($1, $2, $3, $4) returning list_no",
        commune.code,
        commune.valid_from.to_sqlx() as _,
        actor.name,
        now.to_sqlx() as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let numbers: Vec<i64> = people.iter().map(|(person, _)| *person).collect();
    let fields: Vec<String> = people.iter().map(|(_, fields)| fields.join(",")).collect();
    sqlx::query!(
        "insert into police_list_row (list_no, row_no, person_id, fields)
         select $1, turn, person, string_to_array(fields, ',')
         from unnest($2::bigint[], $3::text[]) with ordinality as it(person, fields, turn)",
        list_no,
        &numbers,
        &fields
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({ "people": people.len() });
    let object = format!("police list {list_no}");
    let place = Some(commune.code);
    access::audit::record(
        &mut tx,
        now,
        actor,
        access::audit::Action::QualitySend,
        &object,
        place,
        detail,
    )
    .await?;
    tx.commit().await?;
    read(pool, actor, clock, list_no).await
}

/// A list with what is recorded of its people now. The look is in the audit log: the sheet leaves the house.
///
/// # Errors
/// [`WorkRefused::UnknownList`], [`WorkRefused::Denied`].
pub async fn read(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    list_no: i64,
) -> Result<PoliceList, WorkRefused> {
    let mut tx = pool.begin().await?;
    let head = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date", made_by,
                  made_at as "made_at: jiff_sqlx::Timestamp"
           from police_list where list_no = $1"#,
        list_no
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(WorkRefused::UnknownList(list_no))?;
    let commune = Areas::embedded().get(&head.area_code, head.since.to_jiff());
    let commune =
        commune.ok_or_else(|| WorkRefused::Inconsistent(format!("police list {list_no}")))?;
    if !access::holds_in(actor, sight::HANDLERS, commune) {
        access::require(actor, sight::HANDLERS, commune.code)?;
    }
    let rows = sqlx::query!(
        r#"select r.row_no, r.person_id, r.fields, p.full_name,
                  p.birth_date as "birth_date: jiff_sqlx::Date", p.birth_precision, p.sex, p.id_number,
                  a.answer as "answer?"
           from police_list_row r join person p using (person_id)
                left join police_answer a using (list_no, row_no)
           where list_no = $1 order by row_no"#,
        list_no
    )
    .fetch_all(&mut *tx)
    .await?;
    let object = format!("police list {list_no}");
    let place = Some(commune.code);
    let (now, detail) = (clock.now(), json!({ "people": rows.len() }));
    access::audit::record(
        &mut tx,
        now,
        actor,
        access::audit::Action::QualityList,
        &object,
        place,
        detail,
    )
    .await?;
    tx.commit().await?;
    let rows: Vec<Row> = rows
        .into_iter()
        .map(|row| Row {
            row_no: row.row_no,
            person: row.person_id,
            record: Record {
                full_name: row.full_name,
                birth: PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision),
                sex: row.sex.and_then(Sex::from_code),
                id_number: row.id_number,
            },
            fields: row
                .fields
                .iter()
                .filter_map(|it| Fault::from_code(it))
                .collect(),
            answer: row.answer,
        })
        .collect();
    Ok(PoliceList {
        list_no,
        area: head.area_code,
        commune: Areas::embedded().written_path(commune),
        made_at: head.made_at.to_jiff(),
        made_by: head.made_by,
        answered: rows.iter().filter(|row| row.answer.is_some()).count(),
        rows,
    })
}

/// A list among others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Its number.
    pub list_no: i64,
    /// Code of the commune.
    pub area: String,
    /// Its name with what it lies in.
    pub commune: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who made it.
    pub made_by: String,
    /// People on it.
    pub people: i64,
    /// Of these, answered.
    pub answered: i64,
}

/// The lists of an area, the newest first.
///
/// # Errors
/// [`WorkRefused::Denied`].
pub async fn lists(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> Result<Vec<Head>, WorkRefused> {
    access::require(actor, sight::READERS, area)?;
    let month = Month::of(clock.today());
    let inside = sight::communes_of(actor, sight::READERS, area, month);
    let rows = sqlx::query!(
        r#"select list_no, area_code, area_valid_from as "since: jiff_sqlx::Date", made_by, made_at as "made_at: jiff_sqlx::Timestamp",
                  count(*) as "people!", count(a.answer) as "answered!"
           from police_list l join police_list_row using (list_no)
                left join police_answer a using (list_no, row_no)
           where ($1::text[] is null or (area_code, area_valid_from) in
                  (select * from unnest($1::text[], $2::date[])))
           group by list_no order by list_no desc limit 200"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _
    )
    .fetch_all(pool)
    .await?;
    let areas = Areas::embedded();
    let rows = rows.into_iter().map(|row| {
        let commune = areas.get(&row.area_code, row.since.to_jiff());
        Head {
            list_no: row.list_no,
            commune: commune.map_or_else(String::new, |area| areas.written_path(area)),
            area: row.area_code,
            made_at: row.made_at.to_jiff(),
            made_by: row.made_by,
            people: row.people,
            answered: row.answered,
        }
    });
    Ok(rows.collect())
}

/// Whom a row is about, by its number.
fn person(list: &PoliceList, row_no: i64) -> Option<(PersonId, &Row)> {
    let row = list
        .rows
        .iter()
        .find(|row| i64::from(row.row_no) == row_no)?;
    Some((PersonId(row.person), row))
}
