//! A person decides what a pair with another programme is. A link changes nothing of the person: what follows for
//! the law is proposed, with the list and its row as proof.

use access::audit::Action;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Clock, Month, PersonId};
use payments::proposal;
use serde_json::json;
use sqlx::PgPool;

use crate::{LinkRefused, Programme, WORKERS};

/// What a pair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// One person in both.
    Link,
    /// Two people.
    Dismiss,
    /// Linked by mistake: open again.
    Part,
}

impl Decision {
    /// Stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Decision::Link => "linked",
            Decision::Dismiss => "dismissed",
            Decision::Part => "parted",
        }
    }
}

/// Which pair, as it was seen.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// Whose list.
    pub programme: Programme,
    /// The mark of the row.
    pub print: &'a str,
    /// The person of the registry.
    pub person: PersonId,
    /// How often it had been decided when it was looked at; `None` does not mind.
    pub turn: Option<i16>,
}

/// Decides a pair. Of two who decide at once the second is told. Returns the number of the proposal that follows,
/// if one does.
///
/// # Errors
/// [`LinkRefused`].
pub async fn decide(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    of: Of<'_>,
    decision: Decision,
    reason: &str,
) -> Result<Option<i64>, LinkRefused> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(LinkRefused::NoReason);
    }
    let mut tx = pool.begin().await?;
    let pair = sqlx::query!(
        r#"select s.list_no as "list_no!", s.row_no as "row_no!", s.turn as "turn!", s.state,
                  p.area_code, p.area_valid_from as "since: jiff_sqlx::Date",
                  identity_print(p.full_name, p.birth_date, p.birth_precision, p.sex, p.id_number)
                      as "person_print!",
                  l.source, l.as_of as "as_of: jiff_sqlx::Date",
                  r.since as "drawn_since: jiff_sqlx::Date"
           from programme_standing s join person p using (person_id)
               join programme_row r on r.list_no = s.list_no and r.row_no = s.row_no
               join programme_list l on l.list_no = r.list_no
           where s.programme = $1 and s.print = $2 and s.person_id = $3"#,
        of.programme.code(),
        of.print,
        of.person.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(LinkRefused::UnknownPair)?;
    let home = Areas::embedded().get(&pair.area_code, pair.since.to_jiff());
    if !home.is_some_and(|home| access::holds_in(actor, &WORKERS, home)) {
        access::require(actor, &WORKERS, &pair.area_code)?;
    }
    if of.turn.is_some_and(|seen| seen != pair.turn) {
        return Err(LinkRefused::Meanwhile);
    }
    let fits = matches!(
        (pair.state.as_deref(), decision),
        (Some("linked"), Decision::Part)
            | (Some("open"), Decision::Link | Decision::Dismiss)
            | (Some("dismissed"), Decision::Link)
    );
    if !fits {
        return Err(LinkRefused::OtherState);
    }
    let now = clock.now();
    let proposed = if decision == Decision::Link && of.programme.is_pension() {
        let drawn = proposal::Drawn {
            person: of.person,
            area: &pair.area_code,
            since: pair.drawn_since.unwrap_or(pair.as_of).to_jiff(),
            proof: &format!(
                "{}: {}, danh sách số {}, dòng {}",
                of.programme.vietnamese(),
                pair.source,
                pair.list_no,
                pair.row_no
            ),
        };
        proposal::pension_drawn(&mut tx, (actor, now), Month::of(clock.today()), &drawn).await?
    } else {
        None
    };
    let written = sqlx::query!(
        "insert into programme_decision (programme, print, person_id, turn, decision, person_print,
             list_no, row_no, proposal_no, reason, decided_by, decided_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing",
        of.programme.code(),
        of.print,
        of.person.0,
        pair.turn + 1,
        decision.code(),
        pair.person_print,
        pair.list_no,
        pair.row_no,
        proposed,
        reason,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() != 1 {
        return Err(LinkRefused::Meanwhile);
    }
    let detail = json!({
        "programme": of.programme.code(), "list": pair.list_no, "row": pair.row_no,
        "decision": decision.code(), "reason": reason, "proposal": proposed,
    });
    let object = format!("person {}", of.person);
    let (action, place) = (Action::ProgrammeDecide, Some(pair.area_code.as_str()));
    access::audit::record(&mut tx, now, actor, action, &object, place, detail).await?;
    tx.commit().await?;
    Ok(proposed)
}
