//! What the police of a commune answered, out of the sheet they sent back.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::name::{compact_key, search_key, tidy};
use kernel::{Actor, Cell, Clock, Month, PartialDate, PersonId};
use payments::proposal::Reporter;
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use super::sheet::COLUMNS;
use super::{PoliceList, Row, person};
use crate::quality::WorkRefused;
use crate::quality::repair::{Fault, applied};
use crate::quality::work::{People, WORKERS, tasks};

/// What was answered of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Our record is right.
    Right,
    /// Their values of fields.
    Differs(BTreeMap<&'static str, String>),
    /// They know nobody like that.
    Unknown,
    /// The person died: to be looked into.
    Dead,
}

impl Answer {
    const fn code(&self) -> &'static str {
        match self {
            Answer::Right => "right",
            Answer::Differs(_) => "differs",
            Answer::Unknown => "unknown",
            Answer::Dead => "dead",
        }
    }
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// Row of the file.
    pub row: u64,
    /// The column.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// Why, in Vietnamese.
    pub message: String,
}

/// The sheet, row by row.
#[derive(Debug, Default)]
pub struct ReadAnswers {
    /// Which cell is which of our columns, once the heading was met.
    columns: Option<Vec<Option<usize>>>,
    answers: Vec<(u64, i64, Answer)>,
    refused: Vec<RefusedRow>,
    blank: u64,
}

impl ReadAnswers {
    /// Takes the next row that is not blank. What stands above the heading is passed over.
    pub fn take(&mut self, row: u64, cells: &[Cell<'_>]) {
        let Some(columns) = &self.columns else {
            self.columns = heading(cells);
            return;
        };
        let mut by_column = [const { String::new() }; COLUMNS.len()];
        for (column, cell) in columns.iter().zip(cells) {
            if let Some(column) = column {
                by_column[*column] = cell.shown().map(|text| tidy(&text)).unwrap_or_default();
            }
        }
        match answer(&by_column) {
            Ok(None) => self.blank += 1,
            Ok(Some((row_no, answer))) => self.answers.push((row, row_no, answer)),
            Err((column, code, message)) => self.refused.push(RefusedRow {
                row,
                field: COLUMNS[column].0.to_owned(),
                code,
                message: message.to_owned(),
            }),
        }
    }

    /// Whether the sheet had the heading of a list.
    pub const fn has_heading(&self) -> bool {
        self.columns.is_some()
    }
}

fn heading(cells: &[Cell<'_>]) -> Option<Vec<Option<usize>>> {
    let known: Vec<String> = COLUMNS.iter().map(|(name, _)| compact_key(name)).collect();
    let of = |cell: &Cell<'_>| {
        let text = compact_key(&cell.shown()?);
        known.iter().position(|name| *name == text)
    };
    let columns: Vec<Option<usize>> = cells.iter().map(of).collect();
    let has = |column: usize| columns.contains(&Some(column));
    (has(0) && has(6)).then_some(columns)
}

type Fault3 = (usize, &'static str, &'static str);

/// The answer of a row; nothing when none was filled in.
fn answer(cells: &[String; COLUMNS.len()]) -> Result<Option<(i64, Answer)>, Fault3> {
    let said = search_key(&cells[6]);
    let values = values(cells)?;
    let answer = match (said.as_str(), values.is_empty()) {
        ("", true) => return Ok(None),
        ("dung", true) => Answer::Right,
        ("khong co" | "khong thay", true) => Answer::Unknown,
        ("da mat" | "da chet", true) => Answer::Dead,
        ("khac" | "", false) => Answer::Differs(values),
        ("khac", true) => {
            return Err((
                6,
                "value_missing",
                "ghi là khác thì cần ghi giá trị đúng ở các cột sau",
            ));
        }
        (_, false) => {
            return Err((
                6,
                "contradiction",
                "có giá trị khác thì kết quả phải là: khác",
            ));
        }
        _ => {
            let why = "kết quả phải là: đúng, khác, không có hoặc đã mất";
            return Err((6, "unknown_value", why));
        }
    };
    let row_no = cells[0].parse();
    let row_no = row_no.map_err(|_| (0, "row_number", "số thứ tự không phải số"))?;
    Ok(Some((row_no, answer)))
}

fn values(cells: &[String; COLUMNS.len()]) -> Result<BTreeMap<&'static str, String>, Fault3> {
    let mut values = BTreeMap::new();
    if !cells[7].is_empty() {
        values.insert("full_name", cells[7].clone());
    }
    if !cells[8].is_empty() {
        let why = "ngày sinh phải là ngày có thật: dd/mm/yyyy, mm/yyyy hoặc yyyy";
        let birth = written_birth(&cells[8]).ok_or((8, "date", why))?;
        values.insert("birth_date", birth.to_string());
    }
    match search_key(&cells[9]).as_str() {
        "" if cells[9].is_empty() => {}
        "nam" => drop(values.insert("sex", "male".to_owned())),
        "nu" => drop(values.insert("sex", "female".to_owned())),
        _ => return Err((9, "unknown_value", "giới tính phải là nam hoặc nữ")),
    }
    if !cells[10].is_empty() {
        let number = &cells[10];
        if number.len() != 12 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err((10, "id_number", "số định danh phải đủ 12 chữ số"));
        }
        values.insert("id_number", number.clone());
    }
    Ok(values)
}

fn written_birth(text: &str) -> Option<PartialDate> {
    if let Ok(birth) = text.parse() {
        return Some(birth);
    }
    let parts: Vec<&str> = text.split('/').collect();
    match parts[..] {
        [day, month, year] => {
            let (day, month, year) = (day.parse().ok()?, month.parse().ok()?, year.parse().ok()?);
            Date::new(year, month, day).ok().map(PartialDate::Day)
        }
        [month, year] => {
            Month::new(year.parse().ok()?, month.parse().ok()?).map(PartialDate::Month)
        }
        _ => None,
    }
}

/// What bringing answers came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// Rows answered now.
    pub answered: u64,
    /// Of these: our record is right, and is kept.
    pub right: u64,
    /// Of these: their values are to be looked at.
    pub differs: u64,
    /// Of these: nobody known.
    pub unknown: u64,
    /// Of these: dead, they say.
    pub dead: u64,
    /// Deaths proposed now.
    pub deaths: u64,
    /// Rows nothing was filled in.
    pub blank: u64,
    /// Rows that were not taken.
    pub refused: Vec<RefusedRow>,
}

/// Takes the answers to a list: all rows that can be taken, in one transaction. A row answered before is refused.
///
/// # Errors
/// [`WorkRefused`].
pub async fn bring(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    list: &PoliceList,
    read: ReadAnswers,
) -> Result<Answered, WorkRefused> {
    access::require(actor, &WORKERS, &list.area)?;
    let mut done = Answered {
        blank: read.blank,
        refused: read.refused,
        ..Answered::default()
    };
    let mut taken: Vec<(u64, PersonId, &Row, Answer)> = Vec::new();
    for (at, row_no, answer) in read.answers {
        let mut refuse = |code, message: &str| {
            let (field, message) = (COLUMNS[0].0.to_owned(), message.to_owned());
            done.refused.push(RefusedRow {
                row: at,
                field,
                code,
                message,
            });
        };
        let Some((id, row)) = person(list, row_no) else {
            refuse("unknown_row", "danh sách không có số thứ tự này");
            continue;
        };
        if row.answer.is_some() || taken.iter().any(|(_, known, ..)| *known == id) {
            refuse("answered_already", "dòng này đã có trả lời");
            continue;
        }
        if let Answer::Differs(values) = &answer
            && !values
                .iter()
                .all(|(field, value)| is_value(row, field, value, clock.today()))
        {
            refuse(
                "impossible_value",
                "giá trị đúng không thể có: ngày trong tương lai?",
            );
            continue;
        }
        taken.push((at, id, row, answer));
    }
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let rows: Vec<i32> = taken.iter().map(|(_, _, row, _)| row.row_no).collect();
    let codes: Vec<String> = taken.iter().map(|(.., it)| it.code().to_owned()).collect();
    let theirs: Vec<serde_json::Value> = taken
        .iter()
        .map(|(.., answer)| match answer {
            Answer::Differs(values) => json!(values),
            _ => json!({}),
        })
        .collect();
    let written = sqlx::query!(
        "insert into police_answer (list_no, row_no, answer, theirs, brought_by, brought_at)
         select $1, row_no, answer, theirs, $2, $3
         from unnest($4::int[], $5::text[], $6::jsonb[]) as it(row_no, answer, theirs)
         on conflict do nothing",
        list.list_no,
        actor.name,
        now.to_sqlx() as _,
        &rows,
        &codes,
        &theirs
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() != taken.len() as u64 {
        return Err(WorkRefused::Changed);
    }
    let of = |code: &'static str| taken.iter().filter(move |(.., it)| it.code() == code);
    let dead: Vec<(PersonId, &str)> = of("dead").map(|(_, id, ..)| (*id, &*list.area)).collect();
    let heard = (Month::of(clock.today()), Reporter::Police);
    done.deaths = payments::proposal::deaths_reported(&mut tx, (actor, now), heard, &dead).await?;
    let right: Vec<PersonId> = of("right").map(|(_, id, ..)| *id).collect();
    done.answered = taken.len() as u64;
    done.right = right.len() as u64;
    done.dead = dead.len() as u64;
    done.differs = of("differs").count() as u64;
    done.unknown = of("unknown").count() as u64;
    keep_right(pool, &mut tx, (actor, clock), list, right).await?;
    let detail = json!({ "answered": done.answered, "refused": done.refused.len() });
    let object = format!("police list {}", list.list_no);
    let place = Some(list.area.as_str());
    access::audit::record(
        &mut tx,
        now,
        actor,
        access::audit::Action::QualityAnswers,
        &object,
        place,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(done)
}

fn is_value(row: &Row, field: &str, value: &str, today: Date) -> bool {
    let field = Fault::from_code(field);
    let after = field.and_then(|field| applied(&row.record, field, value));
    after.is_some_and(|after| after.birth.assumed_day() <= today)
}

/// Where the police say our record is right, the fields asked about are kept.
async fn keep_right(
    pool: &PgPool,
    tx: &mut sqlx::PgConnection,
    (actor, clock): (&Actor, &Clock),
    list: &PoliceList,
    right: Vec<PersonId>,
) -> Result<(), WorkRefused> {
    if right.is_empty() {
        return Ok(());
    }
    let wanted = People {
        area: list.area.clone(),
        limit: right.len() as i64,
        only: right,
        offset: 0,
    };
    let all = tasks(pool, actor, clock, &wanted).await?.tasks;
    let asked = |person: i64, field| {
        let row = list.rows.iter().find(|row| row.person == person);
        row.is_some_and(|row| row.fields.contains(&field))
    };
    let kept: Vec<_> = all
        .iter()
        .filter(|it| asked(it.person.0, it.field))
        .collect();
    let people: Vec<i64> = kept.iter().map(|it| it.person.0).collect();
    let fields: Vec<String> = kept.iter().map(|it| it.field.code().to_owned()).collect();
    let ours: Vec<Option<String>> = kept.iter().map(|it| it.ours.clone()).collect();
    let source = format!("Công an xã, danh sách số {}", list.list_no);
    let now = clock.now();
    let written = sqlx::query!(
        "insert into quality_decision (person_id, field, turn, decision, ours, source, reason,
             decided_by, decided_at)
         select person, field, 1 + coalesce((
                    select max(turn) from quality_decision d
                    where d.person_id = it.person and d.field = it.field), 0),
                'kept', ours, $1, 'Công an xã xác nhận đúng', $2, $3
         from unnest($4::bigint[], $5::text[], $6::text[]) as it(person, field, ours)",
        source,
        actor.name,
        now.to_sqlx() as _,
        &people,
        &fields,
        &ours as _
    )
    .execute(tx)
    .await?;
    if written.rows_affected() != kept.len() as u64 {
        return Err(WorkRefused::Changed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Answer, COLUMNS, answer, written_birth};

    fn row(
        said: &str,
        name: &str,
        birth: &str,
        sex: &str,
        number: &str,
    ) -> [String; COLUMNS.len()] {
        let mut cells = [const { String::new() }; COLUMNS.len()];
        cells[0] = "7".to_owned();
        for (at, value) in (6..).zip([said, name, birth, sex, number]) {
            cells[at] = value.to_owned();
        }
        cells
    }

    #[test]
    fn answers_are_read_or_refused_by_column() {
        let read = |cells| answer(&cells).map(|it| it.map(|(_, answer)| answer));
        assert_eq!(read(row("", "", "", "", "")), Ok(None));
        assert_eq!(read(row("Đúng", "", "", "", "")), Ok(Some(Answer::Right)));
        assert_eq!(read(row("đã mất", "", "", "", "")), Ok(Some(Answer::Dead)));
        assert_eq!(
            read(row("Không có", "", "", "", "")),
            Ok(Some(Answer::Unknown))
        );
        let differs = read(row("khác", "", "05/03/1950", "Nữ", "051150000001"));
        let Ok(Some(Answer::Differs(values))) = differs else {
            panic!("{differs:?}");
        };
        assert_eq!(values["birth_date"], "1950-03-05");
        assert_eq!(values["sex"], "female");
        for (cells, column) in [
            (row("khác", "", "", "", ""), 6),
            (row("đúng", "Lê Thị", "", "", ""), 6),
            (row("chịu", "", "", "", ""), 6),
            (row("khác", "", "30/02/1950", "", ""), 8),
            (row("khác", "", "", "?", ""), 9),
            (row("khác", "", "", "", "05115000000"), 10),
        ] {
            assert_eq!(read(cells).expect_err("refused").0, column);
        }
        assert_eq!(
            written_birth("03/1950").map(|it| it.to_string()),
            Some("1950-03".to_owned())
        );
    }
}
