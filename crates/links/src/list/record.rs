//! Holds a list against the registry and keeps what may be somebody we know.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufReader;
use std::path::Path;

use access::audit::Action;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx};
use kernel::area::Areas;
use kernel::{Actor, Clock, Month};
use registry::duplicates::{CERTAIN, Reason};
use registry::sight;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use tempfile::NamedTempFile;

use super::read::ReadRows;
use crate::{LinkRefused, Programme, WORKERS, options, reasons, register};

/// Where a list comes from and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bringing {
    /// Whose list.
    pub programme: Programme,
    /// Code of the area whose people it is held against; empty is the country.
    pub area: String,
    /// The office and the letter it came with.
    pub source: String,
    /// The day it speaks of.
    pub as_of: Date,
    /// What it is used for.
    pub purpose: String,
    /// Name of the file without path.
    pub file_name: String,
}

/// What bringing a list came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Brought {
    /// The number of the list.
    pub list_no: i64,
    /// Rows compared.
    pub rows: u32,
    /// People of the area they were compared with.
    pub people: u32,
    /// Pairs found.
    pub pairs: u64,
    /// Of these, pairs not known before.
    pub new_pairs: u64,
}

/// Refuses a list nobody may bring, before it is read.
///
/// # Errors
/// [`LinkRefused::NoSource`], [`LinkRefused::NotYet`], [`LinkRefused::UnknownArea`], [`LinkRefused::Denied`].
pub fn may_bring(actor: &Actor, clock: &Clock, bringing: &Bringing) -> Result<(), LinkRefused> {
    access::require(actor, &WORKERS, &bringing.area)?;
    let known = Areas::embedded().on(&bringing.area, clock.today());
    if !bringing.area.is_empty() && known.is_none() {
        return Err(LinkRefused::UnknownArea(bringing.area.clone()));
    }
    if bringing.source.trim().is_empty() || bringing.purpose.trim().is_empty() {
        return Err(LinkRefused::NoSource);
    }
    if bringing.as_of > clock.today() {
        return Err(LinkRefused::NotYet);
    }
    Ok(())
}

/// A row that may be somebody, as it is kept.
#[derive(Debug)]
struct Row {
    row_no: i32,
    print: String,
    full_name: String,
    birth: String,
    sex: Option<i16>,
    id_number: Option<String>,
    area: String,
    file_number: String,
    since: Option<Date>,
}

/// A pair as it is kept.
struct Kept {
    row_no: i32,
    person: i64,
    likely: i32,
    why: Vec<Reason>,
}

/// Compares the rows with everybody of the area and keeps the pairs, the rows they are of, and where the list
/// comes from. The same file again is the same list, compared again.
///
/// # Errors
/// Those of [`may_bring`], and of comparing.
pub async fn bring(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    bringing: &Bringing,
    read: ReadRows,
) -> Result<Brought, LinkRefused> {
    may_bring(actor, clock, bringing)?;
    let month = Month::of(clock.today());
    let inside = sight::communes_of(actor, &WORKERS, &bringing.area, month);
    let register = register::write(pool, inside.as_deref()).await?;
    let Some(file) = read.file else {
        return Err(LinkRefused::Inconsistent("rows read twice".to_owned()));
    };
    let comparing = tokio::task::spawn_blocking(move || compared(file, register));
    let (linked, pairs, rows) = comparing.await??;
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let list_no = header(&mut tx, (actor, now), bringing, &read.hash, read.rows).await?;
    keep_rows(&mut tx, list_no, &rows).await?;
    let new_pairs = keep_pairs(&mut tx, now, (list_no, bringing.programme), &rows, &pairs).await?;
    let brought = Brought {
        list_no,
        rows: linked.left,
        people: linked.right,
        pairs: pairs.len() as u64,
        new_pairs,
    };
    let detail = json!({
        "programme": bringing.programme.code(), "source": bringing.source.trim(),
        "as_of": bringing.as_of, "purpose": bringing.purpose.trim(), "rows": brought.rows,
        "pairs": brought.pairs, "new_pairs": new_pairs,
    });
    let place = Some(bringing.area.as_str()).filter(|area| !area.is_empty());
    let object = format!("programme list {list_no}");
    let action = Action::ProgrammeBring;
    access::audit::record(&mut tx, now, actor, action, &object, place, detail).await?;
    tx.commit().await?;
    Ok(brought)
}

type Compared = (matching::Linked, Vec<Kept>, Vec<Row>);

/// Compares, then reads again those rows that are somebody's.
fn compared(file: NamedTempFile, register: NamedTempFile) -> Result<Compared, LinkRefused> {
    let mut pairs = Vec::new();
    let take = |found: matching::Found| {
        let ids = found.left_id.parse().ok().zip(found.right_id.parse().ok());
        if let Some((row_no, person)) = ids {
            pairs.push(Kept {
                row_no,
                person,
                likely: i32::try_from(found.likely).unwrap_or(CERTAIN),
                why: reasons(&found.reasons),
            });
        }
    };
    let linked = matching::pairs(file.path(), Some(register.path()), &options(false), take)?;
    let wanted: HashSet<i32> = pairs.iter().map(|pair| pair.row_no).collect();
    let rows = rows(file.path(), &wanted)?;
    // A row that stands twice in the list is one row, and with one person one pair.
    let prints: HashMap<i32, &str> = rows.iter().map(|row| (row.row_no, &*row.print)).collect();
    let mut seen = HashSet::new();
    pairs.retain(|pair| {
        let print = prints.get(&pair.row_no).copied().unwrap_or_default();
        seen.insert((print.to_owned(), pair.person))
    });
    Ok((linked, pairs, rows))
}

fn rows(path: &Path, wanted: &HashSet<i32>) -> Result<Vec<Row>, LinkRefused> {
    let mut reader = csv::Reader::from_reader(BufReader::new(std::fs::File::open(path)?));
    let mut rows = Vec::with_capacity(wanted.len());
    for record in reader.records() {
        let record = record?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let row_no: Option<i32> = cell(0).parse().ok();
        let Some(row_no) = row_no.filter(|row_no| wanted.contains(row_no)) else {
            continue;
        };
        let [full_name, birth, sex, id_number] = [cell(1), cell(2), cell(3), cell(5)];
        let [area, file_number, since] = [cell(8), cell(9), cell(10)];
        let mut print = Sha256::new();
        for part in [full_name, birth, sex, id_number, file_number] {
            print.update(part.as_bytes());
            print.update([0x1f]);
        }
        rows.push(Row {
            row_no,
            print: hex::encode(&print.finalize()[..16]),
            full_name: full_name.to_owned(),
            birth: birth.to_owned(),
            sex: sex.parse().ok(),
            id_number: Some(id_number.to_owned()).filter(|number| !number.is_empty()),
            area: area.to_owned(),
            file_number: file_number.to_owned(),
            since: since.parse().ok(),
        });
    }
    Ok(rows)
}

async fn header(
    tx: &mut PgConnection,
    (actor, now): (&Actor, Timestamp),
    bringing: &Bringing,
    hash: &[u8; 32],
    rows: u64,
) -> Result<i64, LinkRefused> {
    let known = sqlx::query_scalar!(
        "select list_no from programme_list
         where file_hash = $1 and programme = $2 and area_code = $3 and as_of = $4 order by 1 limit 1",
        &hash[..],
        bringing.programme.code(),
        bringing.area,
        bringing.as_of.to_sqlx() as _
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(list_no) = known {
        return Ok(list_no);
    }
    let list_no = sqlx::query_scalar!(
        "insert into programme_list (programme, area_code, source, as_of, purpose, file_name, file_hash,
             rows, brought_by, brought_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning list_no",
        bringing.programme.code(),
        bringing.area,
        bringing.source.trim(),
        bringing.as_of.to_sqlx() as _,
        bringing.purpose.trim(),
        bringing.file_name,
        &hash[..],
        i32::try_from(rows).unwrap_or(i32::MAX),
        actor.name,
        now.to_sqlx() as _
    )
    .fetch_one(&mut *tx)
    .await?;
    Ok(list_no)
}

async fn keep_rows(tx: &mut PgConnection, list_no: i64, rows: &[Row]) -> Result<(), LinkRefused> {
    let numbers: Vec<i32> = rows.iter().map(|row| row.row_no).collect();
    let texts = |of: fn(&Row) -> &str| -> Vec<String> {
        rows.iter().map(|row| of(row).to_owned()).collect()
    };
    let sexes: Vec<Option<i16>> = rows.iter().map(|row| row.sex).collect();
    let id_numbers: Vec<Option<String>> = rows.iter().map(|row| row.id_number.clone()).collect();
    let since: Vec<Option<SqlDate>> = rows
        .iter()
        .map(|row| row.since.map(ToSqlx::to_sqlx))
        .collect();
    sqlx::query!(
        "insert into programme_row (list_no, row_no, print, full_name, birth, sex, id_number, area,
             file_number, since)
         select $1, it.*
         from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[],
                     $8::text[], $9::text[], $10::date[]) as it
         on conflict do nothing",
        list_no,
        &numbers,
        &texts(|row| &row.print),
        &texts(|row| &row.full_name),
        &texts(|row| &row.birth),
        &sexes as _,
        &id_numbers as _,
        &texts(|row| &row.area),
        &texts(|row| &row.file_number),
        &since as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Returns how many pairs were not known before.
async fn keep_pairs(
    tx: &mut PgConnection,
    now: Timestamp,
    (list_no, programme): (i64, Programme),
    rows: &[Row],
    pairs: &[Kept],
) -> Result<u64, LinkRefused> {
    let prints: BTreeMap<i32, &str> = rows.iter().map(|row| (row.row_no, &*row.print)).collect();
    let numbers: Vec<i32> = pairs.iter().map(|pair| pair.row_no).collect();
    let of_rows: Option<Vec<String>> = pairs
        .iter()
        .map(|pair| prints.get(&pair.row_no).map(|print| (*print).to_owned()))
        .collect();
    let of_rows = of_rows.ok_or_else(|| LinkRefused::Inconsistent("row of a pair".to_owned()))?;
    let people: Vec<i64> = pairs.iter().map(|pair| pair.person).collect();
    let likely: Vec<i32> = pairs.iter().map(|pair| pair.likely).collect();
    let why: Vec<Value> = pairs.iter().map(|pair| json!(pair.why)).collect();
    let written = sqlx::query_scalar!(
        r#"insert into programme_pair (programme, print, person_id, list_no, row_no, likely, why, found_at)
           select $1, print, person, $2, row_no, likely, why, $3::timestamptz
           from unnest($4::int[], $5::text[], $6::bigint[], $7::int[], $8::jsonb[])
               as it(row_no, print, person, likely, why)
           on conflict (programme, print, person_id) do update
               set list_no = excluded.list_no, row_no = excluded.row_no, likely = excluded.likely,
                   why = excluded.why, found_at = excluded.found_at
           returning (xmax = 0) as "new!""#,
        programme.code(),
        list_no,
        now.to_sqlx() as _,
        &numbers,
        &of_rows,
        &people,
        &likely,
        &why
    )
    .fetch_all(tx)
    .await?;
    if written.len() != pairs.len() {
        return Err(LinkRefused::Inconsistent("programme_pair".to_owned()));
    }
    Ok(written.into_iter().filter(|new| *new).count() as u64)
}

/// A list somebody brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Its number.
    pub list_no: i64,
    /// Whose.
    pub programme: Programme,
    /// Code of the area whose people it was held against; empty is the country.
    pub area: String,
    /// The office and the letter.
    pub source: String,
    /// The day it speaks of.
    pub as_of: Date,
    /// What it is used for.
    pub purpose: String,
    /// Name of the file.
    pub file_name: String,
    /// Its rows.
    pub rows: i32,
    /// Of these, kept because they may be somebody of the registry.
    pub kept: i64,
    /// Who brought it.
    pub brought_by: String,
    /// When.
    pub brought_at: Timestamp,
}

/// The lists held against people of an area or one around it, the newest first; at most 200.
///
/// # Errors
/// [`LinkRefused::Denied`].
pub async fn lists(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> Result<Vec<Head>, LinkRefused> {
    let area = if area == "VN" { "" } else { area };
    access::require(actor, sight::READERS, area)?;
    let areas = Areas::embedded();
    let around: Vec<String> = match areas.on(area, clock.today()) {
        Some(at) => areas.path(at).iter().map(|it| it.code.to_owned()).collect(),
        None => Vec::new(),
    };
    let rows = sqlx::query!(
        r#"select list_no, programme, area_code, source, as_of as "as_of: jiff_sqlx::Date", purpose,
                  file_name, rows, brought_by, brought_at as "brought_at: jiff_sqlx::Timestamp",
                  (select count(*) from programme_row r where r.list_no = l.list_no) as "kept!"
           from programme_list l
           where $1 = '' or area_code = '' or area_code = any($2)
           order by list_no desc limit 200"#,
        area,
        &around
    )
    .fetch_all(pool)
    .await?;
    let heads = rows.into_iter().map(|row| {
        let programme = Programme::from_code(&row.programme);
        Ok(Head {
            list_no: row.list_no,
            programme: programme.ok_or(LinkRefused::Inconsistent(row.programme))?,
            area: row.area_code,
            source: row.source,
            as_of: row.as_of.to_jiff(),
            purpose: row.purpose,
            file_name: row.file_name,
            rows: row.rows,
            kept: row.kept,
            brought_by: row.brought_by,
            brought_at: row.brought_at.to_jiff(),
        })
    });
    heads.collect()
}
