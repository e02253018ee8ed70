//! Who was told of whom, when and for what: for the person concerned and whoever watches over it.

use access::audit::Action;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::area::Areas;
use kernel::{Clock, PersonId};
use serde::Serialize;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::Error;
use crate::answer::Work;
use crate::criteria::Criteria;

/// Who may look at it, where the person lives: a person may ask who was told of them (13/2023/NĐ-CP Điều 9),
/// and is answered by who leads the office; the auditor watches.
pub const READERS: &[Role] = &[Role::Leader, Role::Auditor];

/// People of one question or notice.
pub(crate) struct Entry {
    /// `search`, `enrolled`, `notify`, `report`.
    pub(crate) action: &'static str,
    pub(crate) purpose: String,
    pub(crate) consent: Option<String>,
    /// Whom something was told of.
    pub(crate) people: Vec<i64>,
    /// Whom it was asked about by number.
    pub(crate) asked: Vec<i64>,
}

/// The people a question names by number, whether they may be seen or not.
pub(crate) async fn named(tx: &mut PgConnection, criteria: &Criteria) -> sqlx::Result<Vec<i64>> {
    if criteria.id_numbers.is_none() && criteria.people.is_none() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar!(
        r#"select person_id from person where id_number = any($1::text[])
           union select person_id from person where person_id = any($2::bigint[])"#,
        criteria.id_numbers.as_deref() as Option<&[String]>,
        criteria.people.as_deref() as Option<&[i64]>
    )
    .fetch_all(tx)
    .await
    .map(|found| found.into_iter().flatten().collect())
}

/// Keeps them, in the transaction of the answer.
pub(crate) async fn keep(
    tx: &mut PgConnection,
    work: &Work<'_>,
    entries: &[Entry],
) -> sqlx::Result<()> {
    for entry in entries {
        let silent = entry.asked.iter().filter(|it| !entry.people.contains(it));
        let people: Vec<i64> = entry.people.iter().chain(silent).copied().collect();
        let told: Vec<bool> = (0..people.len())
            .map(|at| at < entry.people.len())
            .collect();
        sqlx::query!(
            "insert into spdci_told (person_id, at, caller, register, action, purpose, consent, told,
                 correlation_id)
             select person_id, $1, $2, $3, $4, $5, $6, told, $7
             from unnest($8::bigint[], $9::boolean[]) as about (person_id, told)",
            work.now.to_sqlx() as _,
            work.caller.name,
            work.register.code(),
            entry.action,
            entry.purpose,
            entry.consent,
            work.correlation_id,
            &people,
            &told
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// A question or notice about a person.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// When.
    pub at: Timestamp,
    /// Which registry, by its code.
    pub caller: String,
    /// Whose it is.
    pub full_name: String,
    /// `ibr` or `social`.
    pub register: String,
    /// `search`, `enrolled`, `notify`, `report`.
    pub action: String,
    /// Codes of purposes.
    pub purpose: String,
    /// The caller's name of what the person agreed to.
    pub consent: Option<String>,
    /// Whether something was told.
    pub told: bool,
}

/// What a programme of somebody else says it pays a person.
#[derive(Clone, Debug, Serialize)]
pub struct Reported {
    /// Which registry says so.
    pub caller: String,
    /// Whose it is.
    pub full_name: String,
    /// The programme, as that registry names it.
    pub programme: String,
    /// Its name.
    pub programme_name: Option<String>,
    /// `active`, `suspended`, `closed`.
    pub status: String,
    /// Since when enrolled.
    pub enrolled_on: Option<jiff::civil::Date>,
    /// When it was said.
    pub recorded_at: Timestamp,
}

/// Who asked about a person or was told of one, and what others say they pay.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trail {
    /// The latest first, one more than asked for when there are more.
    pub rows: Vec<Row>,
    /// The last of each programme.
    pub reported: Vec<Reported>,
}

/// Everything about one person and the records merged into theirs, or one page of it. That it was looked at is written down.
///
/// # Errors
/// [`Error::Denied`], [`Error::UnknownPerson`].
pub async fn of_person(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    person: PersonId,
    (limit, offset): (i64, i64),
) -> Result<Trail, Error> {
    let mut tx = pool.begin().await?;
    let home = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date" from person where person_id = $1"#,
        person.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let home = home.and_then(|row| Areas::embedded().get(&row.area_code, row.since.to_jiff()));
    let home = home.filter(|home| access::holds_in(actor, READERS, home));
    let home = home.ok_or(Error::UnknownPerson)?;
    let rows = sqlx::query!(
        r#"select t.at as "at: jiff_sqlx::Timestamp", t.caller, t.register, t.action, t.purpose, t.consent,
                  t.told, (select c.full_name from spdci_caller c where c.caller = t.caller
                           order by c.caller_no desc limit 1) as "full_name!"
           from spdci_told t
           where t.person_id = any(array(select $1::bigint union all
                                         select person_id from person where merged_into = $1))
           order by t.told_no desc limit $2 offset $3"#,
        person.0,
        limit,
        offset
    )
    .fetch_all(&mut *tx)
    .await?;
    let reported = sqlx::query!(
        r#"select distinct on (r.caller, r.programme) r.caller, r.programme, r.programme_name, r.status,
                  r.enrolled_on as "enrolled_on: jiff_sqlx::Date",
                  r.recorded_at as "recorded_at: jiff_sqlx::Timestamp",
                  (select c.full_name from spdci_caller c where c.caller = r.caller
                   order by c.caller_no desc limit 1) as "full_name!"
           from spdci_report r
           where r.person_id = any(array(select $1::bigint union all
                                         select person_id from person where merged_into = $1))
           order by r.caller, r.programme, r.report_no desc"#,
        person.0
    )
    .fetch_all(&mut *tx)
    .await?;
    let (object, area) = (format!("person {person}"), Some(home.code));
    let (now, detail) = (clock.now(), json!({"rows": rows.len()}));
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::SpdciTold,
        &object,
        area,
        detail,
    )
    .await?;
    tx.commit().await?;
    let rows = rows.into_iter().map(|row| Row {
        at: row.at.to_jiff(),
        caller: row.caller,
        full_name: row.full_name,
        register: row.register,
        action: row.action,
        purpose: row.purpose,
        consent: row.consent,
        told: row.told,
    });
    let reported = reported.into_iter().map(|row| Reported {
        caller: row.caller,
        full_name: row.full_name,
        programme: row.programme,
        programme_name: row.programme_name,
        status: row.status,
        enrolled_on: row.enrolled_on.map(jiff_sqlx::Date::to_jiff),
        recorded_at: row.recorded_at.to_jiff(),
    });
    Ok(Trail {
        rows: rows.collect(),
        reported: reported.collect(),
    })
}
