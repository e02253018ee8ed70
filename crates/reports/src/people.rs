//! The people behind a number of a board.

use access::audit::Action;
use kernel::area::Areas;
use kernel::{Actor, Dong, PersonId};
use law::Benefit;
use payments::{Channel, LineKind, Office, Refused};
use serde::Serialize;
use serde_json::json;

use crate::kept::DRAWS;
use crate::question::{By, Question};
use crate::reach::Reach;

/// Somebody with lines in a row of a board.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Behind {
    /// Internal number; the next page goes on after it.
    pub person_id: PersonId,
    /// The caller's own key.
    pub person: String,
    /// Name as declared.
    pub full_name: String,
    /// Commune of the list's month, with what it lies in.
    pub commune: String,
    /// Đồng to pay in the row.
    pub amount: Dong,
    /// Whether the row's people or households count this person; otherwise there is only money of
    /// other months.
    pub counted: bool,
}

/// The people of one row (a benefit's, area's or channel's code; none is the total), in order of
/// their internal number, so many after a given one. Recorded in the audit log.
///
/// # Errors
/// As the board itself; [`Refused::UnknownArea`] for an area of no such code.
pub async fn people(
    office: &Office<'_>,
    actor: &Actor,
    question: &Question,
    row: Option<&str>,
    after: Option<PersonId>,
    at_most: u16,
) -> Result<Vec<Behind>, Refused> {
    let (mut reach, _) = question.sources(office, actor).await?;
    let (mut benefit, mut channel, mut standard) = (None, None, None);
    match (question.by, row) {
        (_, None) => {}
        (By::Benefit, Some(code)) => {
            benefit = Some(Benefit::from_code(code).map_or(0, Benefit::number))
        }
        (By::Channel, Some(code)) => {
            channel = Some(payments::line::channel_number(Channel::from_code(code)))
        }
        // A row that is no amount has nobody.
        (By::Standard, Some(code)) => standard = Some(code.parse().unwrap_or(0)),
        (By::Area | By::FormerDistrict | By::FormerProvince, Some(code)) => {
            reach = part_of(actor, &reach, code)?
        }
    }
    let place = reach.columns();
    // The whole country and one commune of it ask for different ways through the lines.
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let found = sqlx::query!(
        // In the order of people everybody is found at once; of few communes all have to be read.
        r#"with page as (
               (select person_id from list_line line
                where $11::text[] is null and list_month = $1 and person_id > $2
                  and ($3 or (line.area_code, line.area_valid_from)
                             in (select * from unnest($4::text[], $5::date[])))
                  and ($6::smallint is null or benefit = $6)
                  and ($7::smallint is null or channel = $7)
                  and ($12::integer is null or standard = $12)
                group by person_id
                order by case when $3 then person_id else person_id + 0 end limit $8)
               union all
               (select person_id from placed_line line
                where former_code = any($11) and list_month = $1 and person_id > $2
                  and (line.area_code, line.area_valid_from)
                      in (select * from unnest($4::text[], $5::date[]))
                  and ($6::smallint is null or benefit = $6)
                  and ($7::smallint is null or channel = $7)
                  and ($12::integer is null or standard = $12)
                group by person_id order by person_id limit $8))
           select person_id as "person_id!", person_key, full_name,
                  line.area_code as "area_code!",
                  line.area_valid_from as "since!: jiff_sqlx::Date",
                  coalesce(sum(amount) filter (where kind <> $9), 0)::bigint as "amount!",
                  bool_or(kind = any($10)) as "counted!"
           from page join list_line line using (person_id) join person using (person_id)
           where list_month = $1
             and ($3 or (line.area_code, line.area_valid_from)
                        in (select * from unnest($4::text[], $5::date[])))
             and ($6::smallint is null or benefit = $6)
             and ($7::smallint is null or channel = $7)
             and ($12::integer is null or standard = $12)
           group by person_id, person_key, full_name, line.area_code, line.area_valid_from
           order by person_id limit $8"#,
        question.month.yyyymm(),
        after.map_or(0, |person| person.0),
        place.everywhere,
        &place.codes,
        &place.since as _,
        benefit,
        channel,
        i64::from(at_most),
        LineKind::Recovery.number(),
        &DRAWS[..],
        place.former as _,
        standard,
    )
    .fetch_all(&mut *tx)
    .await?;
    let detail = json!({"month": question.month, "row": row, "people": found.len()});
    let area = reach.code();
    let now = office.clock.now();
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::ReportPeople,
        "caseload",
        area,
        detail,
    )
    .await?;
    tx.commit().await?;
    let commune = |code: &str, since| {
        let areas = Areas::embedded();
        let area = areas.get(code, since);
        area.map_or(code.to_owned(), |area| areas.written_path(area))
    };
    Ok(found
        .into_iter()
        .map(|row| Behind {
            person_id: PersonId(row.person_id),
            person: row.person_key,
            full_name: row.full_name,
            commune: commune(&row.area_code, row.since.to_jiff()),
            amount: Dong(row.amount),
            counted: row.counted,
        })
        .collect())
}

/// An area below the one asked for; one outside would be read with roles that do not reach there.
fn part_of(actor: &Actor, whole: &Reach, code: &str) -> Result<Reach, Refused> {
    let part = Reach::of(actor, code, whole.scope.month)?;
    if part.former.is_some() || whole.scope.covers(&part.scope) {
        return Ok(part);
    }
    Err(Refused::UnknownArea {
        area: code.to_owned(),
        month: whole.scope.month,
    })
}
