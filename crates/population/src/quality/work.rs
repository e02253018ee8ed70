//! The work list of an area: each field of a living person's record that is to be looked at.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::actor::Role;
use kernel::area::{Area, Areas};
use kernel::personal_id::{IdState, masked};
use kernel::{Actor, Clock, Month, PartialDate, PersonId, Sex};
use registry::sight;
use serde::Serialize;
use sqlx::PgPool;

use super::WorkRefused;
use super::repair::{Fault, Record, Suggestion, suggestion};

/// Who decides.
pub const WORKERS: [Role; 1] = [Role::Officer];

/// Whose records.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Code of the area; empty or `VN` is the whole country.
    pub area: String,
    /// Only these people, if any are named.
    pub only: Vec<PersonId>,
    /// People to pass over.
    pub offset: i64,
    /// At most so many people.
    pub limit: i64,
}

/// A field to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// The number in the registry.
    pub person: PersonId,
    /// As declared.
    pub full_name: String,
    /// Commune, with what it lies in.
    pub commune: String,
    /// Which field.
    pub field: Fault,
    /// Our value; the last digits alone of a number for those who may not see it whole.
    pub ours: Option<String>,
    /// Their value, if anybody told one; likewise.
    pub theirs: Option<String>,
    /// What is wrong, in Vietnamese.
    pub why: &'static str,
    /// Who says so, with where it can be looked up: the proof of a repair.
    pub source: String,
    /// What it might be repaired to.
    pub suggestion: Option<Suggestion>,
    /// The list it was sent to the police on, while that has no answer.
    pub sent: Option<i64>,
}

/// The work list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    /// The fields, by commune, name and field.
    pub tasks: Vec<Task>,
    /// People on the list, those passed over too.
    pub people: i64,
}

/// Fields of people of an area that are to be looked at: what differs from the population database, what the
/// police of the commune answered otherwise, numbers that cannot be right, dates known better
/// elsewhere. What somebody kept with a reason is left out as long as our value stays.
///
/// # Errors
/// [`WorkRefused::Denied`].
pub async fn tasks(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    wanted: &People,
) -> Result<Tasks, WorkRefused> {
    access::require(actor, sight::READERS, &wanted.area)?;
    let month = Month::of(clock.today());
    let inside = sight::communes_of(actor, sight::READERS, &wanted.area, month);
    let only: Vec<i64> = wanted.only.iter().map(|id| id.0).collect();
    let practice = access::practice::is_practice(pool).await?;
    let rows = sqlx::query!(
        r#"with looked_at as (
               select p.person_id, fresh, c.theirs, c.request_code
               from person p cross join lateral (
                   select not exists (
                       select from event c
                       where c.person_id = p.person_id and c.kind = 'person_corrected'
                         and c.body ?| array['full_name', 'birth_date', 'sex', 'id_number']
                         and c.event_no > (
                             select max(e.event_no) from event e
                             where e.person_id = p.person_id and e.kind = 'identity_checked')
                       ) as fresh) f
                   left join lateral (
                   select c.theirs, c.request_code from population_check c
                   where fresh and c.person_id = p.person_id and c.outcome <> 'service_error'
                     and p.identity_check in ('verified', 'mismatch', 'not_found')
                   order by check_no desc limit 1) c on true
               where p.merged_into is null and p.death_date is null
                 and ($1::text[] is null or (p.area_code, p.area_valid_from) in
                      (select * from unnest($1::text[], $2::date[])))
                 and ($3::bigint[] = '{}' or p.person_id = any($3))
                 and ((fresh and p.identity_check in ('mismatch', 'not_found'))
                      or p.id_state <> 'plausible'
                      or (p.birth_precision <> 'd' and c.theirs ? 'birth_date')
                      or exists (
                          select from police_list_row r join police_answer a
                              using (list_no, row_no)
                          where r.person_id = p.person_id and a.answer = 'differs')))
           select p.person_id, p.full_name, p.birth_date as "birth_date: jiff_sqlx::Date",
                  p.birth_precision, p.sex, p.id_number, p.id_state,
                  case when fresh then p.identity_check else 'not_sent' end as "identity_check!",
                  p.identity_fields, p.area_code, p.area_valid_from as "since: jiff_sqlx::Date",
                  l.theirs as "theirs?: sqlx::types::Json<BTreeMap<String, String>>",
                  l.request_code as "request_code?",
                  g.list_no as "answered_list?", g.answer as "answer?",
                  g.theirs as "told?: sqlx::types::Json<BTreeMap<String, String>>",
                  s.list_no as "sent?", k.kept as "kept!", count(*) over () as "people!"
           from looked_at l join person p using (person_id)
                left join lateral (
                    select r.list_no, a.answer, a.theirs
                    from police_list_row r join police_answer a using (list_no, row_no)
                    where r.person_id = p.person_id order by a.list_no desc limit 1) g on true
                left join lateral (
                    select r.list_no from police_list_row r left join police_answer a
                        using (list_no, row_no)
                    where r.person_id = p.person_id and a.answer is null
                    order by r.list_no desc limit 1) s on true
                cross join lateral (
                    select coalesce(array_agg(field || '=' || coalesce(ours, '')), '{}') as kept
                    from quality_decision d
                    where d.person_id = p.person_id and d.decision = 'kept') k
           order by p.area_code, p.name_key, p.person_id offset $4 limit $5"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
        &only,
        wanted.offset,
        wanted.limit
    )
    .fetch_all(pool)
    .await?;
    let mut found = Tasks::default();
    for row in rows {
        found.people = row.people;
        let home = Areas::embedded().get(&row.area_code, row.since.to_jiff());
        let home =
            home.ok_or_else(|| WorkRefused::Inconsistent(format!("area {}", row.area_code)))?;
        let look = Look {
            id: PersonId(row.person_id),
            record: Record {
                full_name: row.full_name,
                birth: PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision),
                sex: row.sex.and_then(Sex::from_code),
                id_number: row.id_number,
            },
            state: IdState::from_code(&row.id_state).unwrap_or(IdState::Malformed),
            check: row.identity_check,
            differing: row.identity_fields,
            theirs: row.theirs.map(|it| it.0).unwrap_or_default(),
            request: row.request_code,
            told: row.told.map(|it| it.0).unwrap_or_default(),
            answered: row.answered_list.zip(row.answer),
            kept: row.kept,
            sent: row.sent,
            home,
        };
        let handler = sight::handles(actor, home);
        look.into_tasks(clock.today(), practice, handler, &mut found.tasks);
    }
    Ok(found)
}

/// Everything known of a person on the list.
struct Look {
    id: PersonId,
    record: Record,
    state: IdState,
    check: String,
    differing: Vec<String>,
    theirs: BTreeMap<String, String>,
    request: Option<String>,
    /// What the police told last.
    told: BTreeMap<String, String>,
    answered: Option<(i64, String)>,
    kept: Vec<String>,
    sent: Option<i64>,
    home: &'static Area,
}

impl Look {
    fn into_tasks(self, today: Date, practice: bool, handler: bool, tasks: &mut Vec<Task>) {
        for field in Fault::ALL {
            let ours = self.ours(field);
            let kept = format!("{}={}", field.code(), ours.as_deref().unwrap_or_default());
            let Some(why) = self.why(field) else { continue };
            if self.kept.contains(&kept) {
                continue;
            }
            let (theirs, source) = self.theirs(field);
            let mut suggestion =
                suggestion(&self.record, field, theirs.as_deref(), today, practice);
            let shown = |value: Option<String>| match field {
                Fault::IdNumber if !handler => value.map(|number| masked(&number)),
                _ => value,
            };
            if let Some(made) = &mut suggestion
                && field == Fault::IdNumber
                && !handler
            {
                made.value = masked(&made.value);
            }
            tasks.push(Task {
                person: self.id,
                full_name: self.record.full_name.clone(),
                commune: Areas::embedded().written_path(self.home),
                field,
                ours: shown(ours),
                theirs: shown(theirs),
                why,
                source,
                suggestion,
                sent: self.sent,
            });
        }
    }

    fn ours(&self, field: Fault) -> Option<String> {
        match field {
            Fault::FullName => Some(self.record.full_name.clone()),
            Fault::BirthDate => Some(self.record.birth.to_string()),
            Fault::Sex => self.record.sex.map(|sex| {
                match sex {
                    Sex::Male => "male",
                    Sex::Female => "female",
                }
                .to_owned()
            }),
            Fault::IdNumber => self.record.id_number.clone(),
        }
    }

    /// Why the field is on the list; `None` when it is not.
    fn why(&self, field: Fault) -> Option<&'static str> {
        let told = self.told.get(field.code());
        if told.is_some() && told != self.ours(field).as_ref() {
            return Some("công an xã trả lời khác");
        }
        if self.check == "mismatch" && self.differing.iter().any(|it| it == field.code()) {
            return Some("lệch với dữ liệu dân cư");
        }
        match (field, self.state) {
            (Fault::IdNumber, IdState::Missing)
            | (Fault::IdNumber, IdState::Malformed)
            | (Fault::IdNumber, IdState::UnknownProvince)
            | (Fault::IdNumber, IdState::HeldByAnother)
            | (Fault::Sex, IdState::ContradictsSex)
            | (Fault::BirthDate, IdState::ContradictsBirthYear) => {
                return Some(self.state.vietnamese());
            }
            _ => {}
        }
        if field == Fault::IdNumber && self.check == "not_found" {
            return Some("dữ liệu dân cư không tìm thấy");
        }
        let better = self.theirs.contains_key(field.code()) && self.record.birth.is_assumed();
        (field == Fault::BirthDate && better).then_some("dân cư có ngày sinh đầy đủ")
    }

    /// Their value and who told it: the police of the commune before the population database.
    fn theirs(&self, field: Fault) -> (Option<String>, String) {
        if let (Some(told), Some((list, _))) = (self.told.get(field.code()), &self.answered)
            && Some(told) != self.ours(field).as_ref()
        {
            return (
                Some(told.clone()),
                format!("Công an xã, danh sách số {list}"),
            );
        }
        match (self.theirs.get(field.code()), &self.request) {
            (Some(value), Some(code)) => (
                Some(value.clone()),
                format!("Dữ liệu dân cư, yêu cầu {code}"),
            ),
            (None, Some(code)) if self.check != "not_sent" => {
                (None, format!("Dữ liệu dân cư, yêu cầu {code}"))
            }
            _ => (None, "Chính bản ghi".to_owned()),
        }
    }
}
