//! Asking again about whoever was repaired, without anybody saying so: for the officer who accepted the
//! repair, under that officer's own id.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Clock, PersonId};
use sqlx::PgPool;

use crate::batch::{Service, Tally, check};
use crate::{DuePerson, Refused};

/// What the requests are for.
const PURPOSE: &str = "Đối chiếu lại sau khi sửa thông tin";
/// How long a person is left alone after an error of the service.
const REST: SignedDuration = SignedDuration::from_hours(1);
/// Repairs older than this are left to the check before the next list.
const LATELY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// People in one go.
const AT_ONCE: i64 = 200;

/// Asks about everybody repaired lately and not checked since. Officers without an id at the service, or without a
/// role there any more, are passed over: the check before the next list asks about these people.
///
/// # Errors
/// Those of the database.
pub async fn check_again(
    pool: &PgPool,
    clock: &Clock,
    service: &Service,
) -> Result<Tally, Refused> {
    let now = clock.now();
    let before = |span: SignedDuration| now.saturating_sub(span).unwrap_or(Timestamp::MIN);
    let rows = sqlx::query!(
        r#"select distinct on (d.person_id) d.person_id, d.decided_by, n.checks as "checks!"
           from quality_decision d
                join event c on c.person_id = d.person_id and c.event_id = d.event_id
                join person p on p.person_id = d.person_id
                cross join lateral (
                    select count(*) as checks, max(event_no) as last from event e
                    where e.person_id = d.person_id and e.kind = 'identity_checked') n
           where d.decision = 'accepted' and d.decided_at > $1
             and p.merged_into is null and p.death_date is null
             and c.event_no > coalesce(n.last, 0)
             and not exists (
                 select from population_check f
                 where f.person_id = d.person_id and f.outcome = 'service_error'
                   and f.checked_at > $2)
           order by d.person_id, d.decision_no desc limit $3"#,
        before(LATELY).to_sqlx() as _,
        before(REST).to_sqlx() as _,
        AT_ONCE
    )
    .fetch_all(pool)
    .await?;
    let mut by_officer: BTreeMap<String, Vec<DuePerson>> = BTreeMap::new();
    for row in rows {
        let person = DuePerson {
            id: PersonId(row.person_id),
            checks: row.checks,
        };
        by_officer.entry(row.decided_by).or_default().push(person);
    }
    let practice = access::practice::is_practice(pool).await?;
    let mut whole = Tally::default();
    for (name, people) in by_officer {
        let actor = match practice {
            true => Some(Actor::with_every_role(&name)),
            false => access::user::actor(pool, now, &name).await?,
        };
        let Some(actor) = actor else { continue };
        match check((pool, clock), &actor, service, &people, PURPOSE, |_| {}).await {
            Ok(tally) => whole.add(&tally),
            Err(Refused::NoOfficerId(_) | Refused::Denied(_)) => {}
            Err(refused) => return Err(refused),
        }
    }
    Ok(whole)
}
