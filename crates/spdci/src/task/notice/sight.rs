//! What of a change a subscriber may see.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx};
use kernel::Month;
use kernel::area::Areas;
use law::Benefit;
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::Register;
use crate::caller::Caller;
use crate::criteria::Criteria;
use crate::find::{self, Person, Places};
use crate::record::Field;
use crate::subscription::event_type;

/// Something that happened to somebody.
pub(super) struct Change {
    pub(super) person_id: i64,
    pub(super) event_no: i64,
    kind: String,
    /// What it takes back, for a cancellation.
    cancels: Option<String>,
    benefit: Option<String>,
    effective: Date,
    /// Where a move that was taken back had led.
    area: Option<String>,
}

/// How somebody is seen once it happened.
pub(super) enum Sight {
    /// As a search would find them.
    Whole(Person),
    /// No longer: they moved to where the subscriber may not look.
    Left,
    /// Their record was merged into another; which, if it may be seen.
    Merged(Option<i64>),
}

impl Change {
    /// The events, by person and number.
    pub(super) async fn read(
        tx: &mut PgConnection,
        wanted: &[(i64, i64)],
    ) -> sqlx::Result<Vec<Change>> {
        let (people, events): (Vec<i64>, Vec<i64>) = wanted.iter().copied().unzip();
        let rows = sqlx::query!(
            r#"select e.person_id, e.event_no, e.kind, t.kind as "cancels?",
                      coalesce(t.body, e.body)->>'benefit' as benefit,
                      coalesce(t.effective, e.effective) as "effective!: jiff_sqlx::Date",
                      t.body->>'area' as area
               from unnest($1::bigint[], $2::bigint[]) as wanted (person_id, event_no)
               join event e using (person_id, event_no)
               left join event t on e.kind = 'event_cancelled' and t.person_id = e.person_id
                   and t.event_id = (e.body->>'cancels')::uuid
               order by e.event_no"#,
            &people,
            &events
        )
        .fetch_all(tx)
        .await?;
        let changes = rows.into_iter().map(|row| Change {
            person_id: row.person_id,
            event_no: row.event_no,
            kind: row.kind,
            cancels: row.cancels,
            benefit: row.benefit,
            effective: row.effective.to_jiff(),
            area: row.area,
        });
        Ok(changes.collect())
    }

    /// Whether it is about a benefit nobody is told of.
    pub(super) fn is_hidden(&self) -> bool {
        let benefit = self.benefit.as_deref().and_then(Benefit::from_code);
        benefit.is_some_and(Benefit::reveals_hiv)
    }

    pub(super) fn event_type(&self, register: Register) -> Option<&'static str> {
        event_type(register, &self.kind, self.cancels.as_deref())
    }

    fn what(&self) -> &str {
        self.cancels.as_deref().unwrap_or(&self.kind)
    }

    /// Whose news it is: what a merged record receives, and a death told of it, are those of the kept one.
    fn subject(&self, merged: &HashMap<i64, i64>) -> i64 {
        match self.what() {
            "enrolled" | "enrolment_ended" | "suspended" | "resumed" | "died" => {
                *merged.get(&self.person_id).unwrap_or(&self.person_id)
            }
            _ => self.person_id,
        }
    }

    /// The field it is about, if it is about one that not every caller sees.
    fn field(&self) -> Option<Field> {
        match self.what() {
            "enrolled" | "enrolment_ended" | "suspended" | "resumed" => Some(Field::Programme),
            "died" => Some(Field::DeathDate),
            "moved" => Some(Field::Area),
            _ => None,
        }
    }

    /// What happened, in as many words as the caller may hear.
    pub(super) fn about(&self, caller: &Caller) -> Value {
        if self.field().is_some_and(|field| !caller.sees(field)) {
            return json!({"event": "changed"});
        }
        match &self.cancels {
            Some(cancels) => json!({"event": "cancelled", "cancels": cancels}),
            None => json!({"event": self.kind}),
        }
    }
}

/// How each change is seen, by the number of its event; what is not seen is not there.
pub(super) async fn of(
    tx: &mut PgConnection,
    (caller, register): (&Caller, Register),
    criteria: &Criteria,
    changes: &[&Change],
    month: Month,
) -> sqlx::Result<HashMap<i64, Sight>> {
    let people: Vec<i64> = changes.iter().map(|change| change.person_id).collect();
    let who = (caller, register);
    let merged = sqlx::query!(
        r#"select person_id, merged_into as "into!" from person
           where person_id = any($1) and merged_into is not null"#,
        &people
    )
    .fetch_all(&mut *tx)
    .await?;
    let merged: HashMap<i64, i64> = merged.iter().map(|row| (row.person_id, row.into)).collect();
    let subjects: Vec<i64> = changes.iter().map(|it| it.subject(&merged)).collect();
    let one = narrowed(criteria, &subjects);
    let found = find::page(tx, who, &one, (u32::MAX, 0), month).await?;
    let found: HashMap<i64, Person> = found
        .people
        .into_iter()
        .map(|person| (person.person_id, person))
        .collect();
    let moved = |change: &&&Change| {
        change.what() == "moved"
            && !found.contains_key(&change.person_id)
            && !merged.contains_key(&change.person_id)
    };
    let moves: Vec<&Change> = changes.iter().filter(moved).copied().collect();
    let left = left(tx, who, criteria, &moves, month).await?;
    let dropped: Vec<&Change> = changes
        .iter()
        .filter(|it| it.kind == "merged" && merged.contains_key(&it.person_id))
        .copied()
        .collect();
    let dropped = survivors(tx, who, criteria, (&dropped, &merged), month).await?;
    let sight = |change: &&Change| {
        let id = change.person_id;
        let nothing_new = change.what() == "moved" && !caller.sees(Field::Area);
        let sight = match found.get(&change.subject(&merged)) {
            Some(_) if nothing_new => return None,
            // Taken back meanwhile.
            Some(_) if change.kind == "merged" => return None,
            Some(person) => Sight::Whole(person.clone()),
            None if left.contains(&change.event_no) => Sight::Left,
            None if change.kind == "merged" => Sight::Merged(*dropped.get(&id)?),
            None => return None,
        };
        Some((change.event_no, sight))
    };
    Ok(changes.iter().filter_map(sight).collect())
}

/// Moves that led away from where the caller may look.
async fn left(
    tx: &mut PgConnection,
    (caller, register): (&Caller, Register),
    criteria: &Criteria,
    moves: &[&Change],
    month: Month,
) -> sqlx::Result<HashSet<i64>> {
    let Some(inside) = find::places(caller, criteria, month).filter(|_| !moves.is_empty()) else {
        return Ok(HashSet::new());
    };
    let people: Vec<i64> = moves.iter().map(|change| change.person_id).collect();
    let days: Vec<SqlDate> = moves.iter().map(|it| it.effective.to_sqlx()).collect();
    let before = sqlx::query!(
        r#"select m.person_id as "person_id!", r.area_code, r.area_valid_from as "since: jiff_sqlx::Date"
           from unnest($1::bigint[], $2::date[]) as m (person_id, effective)
           cross join lateral (select area_code, area_valid_from from residence r
                               where r.person_id = m.person_id and r.from_date < m.effective
                               order by from_date desc limit 1) r"#,
        &people,
        &days as &[SqlDate]
    )
    .fetch_all(&mut *tx)
    .await?;
    let lived = |change: &Change| match &change.area {
        Some(wrong) => {
            let area = Areas::embedded().on(wrong, change.effective);
            area.is_some_and(|area| holds(&inside, area.code, area.valid_from))
        }
        None => before.iter().any(|row| {
            row.person_id == change.person_id && holds(&inside, &row.area_code, row.since.to_jiff())
        }),
    };
    let moves: Vec<&&Change> = moves.iter().filter(|change| lived(change)).collect();
    let people: Vec<i64> = moves.iter().map(|change| change.person_id).collect();
    let one = narrowed(criteria, &people);
    let everywhere = (None, register, false);
    let found = find::page_in(tx, everywhere, &one, (u32::MAX, 0), month).await?;
    let fits = |id: i64| found.people.iter().any(|person| person.person_id == id);
    let moves = moves.iter().filter(|change| fits(change.person_id));
    Ok(moves.map(|change| change.event_no).collect())
}

fn holds((codes, since): &Places, code: &str, from: Date) -> bool {
    let mut places = codes.iter().zip(since);
    places.any(|(known, since)| known == code && since.to_jiff() == from)
}

/// The record each dropped one went into, by the dropped one; `None` where it may not be seen. Who was never
/// seen, or receives nothing that may be told of, is not there.
async fn survivors(
    tx: &mut PgConnection,
    (caller, register): (&Caller, Register),
    criteria: &Criteria,
    (dropped, merged): (&[&Change], &HashMap<i64, i64>),
    month: Month,
) -> sqlx::Result<HashMap<i64, Option<i64>>> {
    if dropped.is_empty() {
        return Ok(HashMap::new());
    }
    let people: Vec<i64> = dropped.iter().map(|change| change.person_id).collect();
    let mut own = narrowed(criteria, &people);
    (own.benefits, own.active) = (None, None);
    let here = (
        find::places(caller, criteria, month),
        Register::Social,
        true,
    );
    let whole = (u32::MAX, 0);
    let own = find::page_in(tx, here, &own, whole, month).await?;
    let into: Vec<i64> = own.people.iter().map(|it| merged[&it.person_id]).collect();
    let kept = Criteria {
        people: Some(into),
        benefits: criteria.benefits.clone(),
        active: criteria.active,
        ..Criteria::default()
    };
    let everywhere = find::page_in(tx, (None, register, false), &kept, whole, month).await?;
    let seen = find::page(tx, (caller, register), &kept, whole, month).await?;
    let is_in = |people: &[Person], id| people.iter().any(|person| person.person_id == id);
    let told = own.people.iter().filter_map(|person| {
        let into = merged[&person.person_id];
        let there = is_in(&everywhere.people, into);
        there.then(|| (person.person_id, is_in(&seen.people, into).then_some(into)))
    });
    Ok(told.collect())
}

/// The criteria for some people only.
pub(super) fn narrowed(criteria: &Criteria, people: &[i64]) -> Criteria {
    let mut criteria = criteria.clone();
    let wanted = criteria.people.take();
    let people = people.iter().copied();
    criteria.people = Some(match wanted {
        Some(wanted) => people.filter(|it| wanted.contains(it)).collect(),
        None => people.collect(),
    });
    criteria
}
