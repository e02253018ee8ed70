//! Pairs of a person of the registry and a row of another programme's list, side by side.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::area::Areas;
use kernel::personal_id::masked;
use kernel::{Actor, Clock, Month, PartialDate, PersonId, Sex};
use registry::duplicates::Reason;
use registry::sight;
use serde::Serialize;
use sqlx::PgPool;
use sqlx::types::Json;

use crate::{LinkRefused, PairState, Programme};

/// Which pairs.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The person lives in this area; empty or `VN` is wherever the actor may look.
    pub area: String,
    /// Of this programme only.
    pub programme: Option<Programme>,
    /// How they stand.
    pub state: PairState,
    /// Pairs to pass over.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// A pair as somebody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Whose list.
    pub programme: Programme,
    /// The mark of the row, the same in every list that has it.
    pub print: String,
    /// How often it was decided: whoever decides names it.
    pub turn: i16,
    /// How it stands.
    pub state: PairState,
    /// How likely they are one person, in millionths.
    pub likely: i32,
    /// What each field says.
    pub why: Vec<Reason>,
    /// The person of the registry.
    pub person: Ours,
    /// The row.
    pub row: Theirs,
    /// The last decision, while it holds.
    pub decided: Option<Decided>,
}

/// What the registry says. No benefit and no illness is shown with a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ours {
    /// The number.
    pub id: PersonId,
    /// As declared.
    pub full_name: String,
    /// As far as known.
    pub birth_date: PartialDate,
    /// If declared.
    pub sex: Option<Sex>,
    /// Only the last digits for those who may not see it whole.
    pub id_number: Option<String>,
    /// Commune, with what it lies in.
    pub commune: String,
}

/// What the list says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Theirs {
    /// Number of the list.
    pub list_no: i64,
    /// Row of the file.
    pub row_no: i32,
    /// The office and the letter.
    pub source: String,
    /// The day it speaks of.
    pub as_of: Date,
    /// As written.
    pub full_name: String,
    /// As far as known.
    pub birth: String,
    /// If written.
    pub sex: Option<Sex>,
    /// Only the last digits for those who may not see it whole.
    pub id_number: Option<String>,
    /// Commune as written.
    pub area: String,
    /// The number the programme knows the person by.
    pub file_number: String,
    /// Drawn from.
    pub since: Option<Date>,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// What follows for the law, as a proposal.
    pub proposal: Option<i64>,
}

/// Pairs in the order of how likely they are, and how many there are in all.
///
/// # Errors
/// [`LinkRefused::Denied`].
pub async fn pairs(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    wanted: &Wanted,
) -> Result<(Vec<Pair>, i64), LinkRefused> {
    if !wanted.area.is_empty() {
        access::require(actor, sight::READERS, &wanted.area)?;
    }
    let month = Month::of(clock.today());
    let inside = sight::communes_of(actor, sight::READERS, &wanted.area, month);
    let rows = sqlx::query!(
        r#"select s.programme as "programme!", s.print as "print!", s.turn as "turn!",
                  s.likely as "likely!", s.why as "why!: Json<Vec<Reason>>", s.person_id as "person_id!",
                  s.decided_by, s.decided_at as "decided_at: jiff_sqlx::Timestamp", s.reason, s.proposal_no,
                  p.full_name as our_name, p.birth_date as "birth_date: jiff_sqlx::Date",
                  p.birth_precision, p.sex as our_sex, p.id_number as our_number, p.area_code,
                  p.area_valid_from as "area_valid_from: jiff_sqlx::Date",
                  r.list_no, r.row_no, r.full_name, r.birth, r.sex, r.id_number, r.area, r.file_number,
                  r.since as "since: jiff_sqlx::Date", l.source, l.as_of as "as_of: jiff_sqlx::Date",
                  count(*) over () as "count!"
           from programme_standing s join person p using (person_id)
               join programme_row r on r.list_no = s.list_no and r.row_no = s.row_no
               join programme_list l on l.list_no = r.list_no
           where s.state = $1 and ($2::text is null or s.programme = $2)
             and ($3::text[] is null or (p.area_code, p.area_valid_from) in
                  (select * from unnest($3::text[], $4::date[])))
           order by s.likely desc, s.name_key, s.person_id, s.print offset $5 limit $6"#,
        wanted.state.code(),
        wanted.programme.map(Programme::code),
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
        wanted.offset,
        wanted.limit
    )
    .fetch_all(pool)
    .await?;
    let count = rows.first().map_or(0, |row| row.count);
    let areas = Areas::embedded();
    let pairs = rows.into_iter().map(|row| {
        let home = areas.get(&row.area_code, row.area_valid_from.to_jiff());
        let handler = home.is_some_and(|home| sight::handles(actor, home));
        let number = |number: Option<String>| match handler {
            true => number,
            false => number.map(|number| masked(&number)),
        };
        let programme = Programme::from_code(&row.programme);
        let decided = row.decided_by.zip(row.decided_at).zip(row.reason);
        Ok(Pair {
            programme: programme.ok_or(LinkRefused::Inconsistent(row.programme))?,
            print: row.print,
            turn: row.turn,
            state: wanted.state,
            likely: row.likely,
            why: row.why.0,
            person: Ours {
                id: PersonId(row.person_id),
                full_name: row.our_name,
                birth_date: PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision),
                sex: row.our_sex.and_then(Sex::from_code),
                id_number: number(row.our_number),
                commune: home.map_or_else(String::new, |home| areas.written_path(home)),
            },
            row: Theirs {
                list_no: row.list_no,
                row_no: row.row_no,
                source: row.source,
                as_of: row.as_of.to_jiff(),
                full_name: row.full_name,
                birth: row.birth,
                sex: row.sex.and_then(Sex::from_code),
                id_number: number(row.id_number),
                area: row.area,
                file_number: row.file_number,
                since: row.since.map(|day| day.to_jiff()),
            },
            decided: decided.map(|((by, at), reason)| Decided {
                by,
                at: at.to_jiff(),
                reason,
                proposal: row.proposal_no,
            }),
        })
    });
    let pairs: Result<Vec<Pair>, LinkRefused> = pairs.collect();
    Ok((pairs?, count))
}
