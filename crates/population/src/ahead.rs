//! Before each month's list everybody due and not verified lately is checked without anybody asking: under the id of
//! an officer whom the settings name for it, about the people of that officer's areas.

use kernel::area::Areas;
use kernel::{Actor, Clock, Month};
use sqlx::PgPool;

use crate::batch::{Service, Tally, check};
use crate::due::{ASKERS, Wanted, people};
use crate::{DuePerson, Refused};

/// From this day of a month on it is the next month's list that is prepared.
const NEXT_FROM: i8 = 15;

/// The month whose list is prepared on a day.
pub fn month_prepared(clock: &Clock) -> Month {
    let today = clock.today();
    let month = Month::of(today);
    if today.day() < NEXT_FROM {
        month
    } else {
        month.next()
    }
}

/// What the requests are for.
pub fn purpose(month: Month) -> String {
    format!("Đối chiếu trước khi lập danh sách chi trả tháng {month}")
}

/// Asks about everybody of an area (empty: the country) due for the month's list, at most so many. Where the
/// settings name no officer nobody is asked about; an officer without a role there any more is passed over.
/// `progress` is told after each hand.
///
/// # Errors
/// [`Refused::NoOfficerId`] when the settings name an officer without an id at the service; those of the database.
pub async fn before_list(
    (pool, clock): (&PgPool, &Clock),
    service: &Service,
    (month, area): (Month, &str),
    limit: Option<i64>,
    mut progress: impl FnMut(&Tally) + Send,
) -> Result<Tally, Refused> {
    let settings = service.client().settings();
    let practice = access::practice::is_practice(pool).await?;
    let mut whole = Tally::default();
    for name in &settings.before_lists {
        let actor = match practice {
            true => Some(Actor::with_every_role(name)),
            false => access::user::actor(pool, clock.now(), name).await?,
        };
        let Some(actor) = actor else { continue };
        let mut due: Vec<DuePerson> = Vec::new();
        for place in places(&actor, area, clock) {
            let wanted = Wanted {
                area: place,
                month,
                lately_days: settings.lately_days,
                limit,
            };
            due.extend(people(pool, &actor, clock, &wanted).await?);
        }
        due.sort_unstable_by_key(|person| person.id.0);
        due.dedup();
        if let Some(limit) = limit {
            due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        if due.is_empty() {
            continue;
        }
        let reason = purpose(month);
        let tally = check((pool, clock), &actor, service, &due, &reason, |tally| {
            progress(tally)
        });
        whole.add(&tally.await?);
    }
    Ok(whole)
}

/// Where the officer may ask within the area.
fn places(actor: &Actor, area: &str, clock: &Clock) -> Vec<String> {
    let area = if area == "VN" { "" } else { area };
    if access::holds(actor, &ASKERS, area) {
        return vec![area.to_owned()];
    }
    let (areas, today) = (Areas::embedded(), clock.today());
    let own = actor.areas_of(&ASKERS).flatten();
    let inside = own.filter(|own| {
        let known = areas.on(&own.0, today);
        known.is_some_and(|known| area.is_empty() || areas.contains(area, known))
    });
    inside.map(|own| own.0.clone()).collect()
}
