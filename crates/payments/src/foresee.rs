//! What the next list of a person would hold, as things are and with something more recorded: shown
//! before a decision is recorded. Nothing is written.

use kernel::{Actor, Month, PersonId};
use law::InForce;
use registry::Event;
use registry::roll::{Case, imagine};

use crate::carried::Uncollected;
use crate::explain::listed;
use crate::header;
use crate::news::News;
use crate::reckoning::Reckoner;
use crate::show::READERS;
use crate::{Line, ListedRun, Office, Refused, Scope};

/// The next list of one person, twice. Money that an earlier list could not deliver and the next one
/// offers again is in neither: a decision does not change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// The month of the list.
    pub month: Month,
    /// Code of the commune whose list pays, as things are.
    pub commune: String,
    /// The same with what is to be recorded.
    pub new_commune: String,
    /// Lines as things are.
    pub now: Vec<Line>,
    /// Lines with what is to be recorded.
    pub then: Vec<Line>,
}

/// What further events of a person, who is named in them by number, would do to the next list: that of
/// this month, or of the month after the last one approved.
///
/// # Errors
/// [`Refused::UnknownPerson`], [`Refused::Denied`] unless the actor may read in the person's
/// commune; a failure when the events contradict what is known.
pub async fn foresee(
    office: &Office<'_>,
    actor: &Actor,
    person: PersonId,
    events: &[Event],
) -> Result<Foreseen, Refused> {
    let today = Month::of(office.clock.today());
    let unknown = || Refused::UnknownPerson {
        person: format!("#{person}"),
    };
    let imagined = imagine(office.pool, office.clock, today, events).await?;
    let both = imagined.into_iter().find(|both| both.now.id == person);
    let both = both.ok_or_else(unknown)?;
    if !access::holds_in(actor, READERS, both.now.commune) {
        access::require(actor, READERS, both.now.commune.code)?;
    }
    let month = next_list(office, &both.now, today).await?;
    let records = records(office, person).await?;
    let listed = listed(office, &records).await?;
    let law = office.law.in_force(office.clock.today());
    let mut news = News::default();
    events.iter().for_each(|event| news.add(event.kind.code()));
    Ok(Foreseen {
        month,
        commune: both.now.commune_in(month).code.to_owned(),
        new_commune: both.then.commune_in(month).code.to_owned(),
        now: lines(&law, month, &both.now, &listed, News::default()),
        then: lines(&law, month, &both.then, &listed, news),
    })
}

fn lines(law: &InForce, month: Month, case: &Case, listed: &[ListedRun], news: News) -> Vec<Line> {
    let nothing = Uncollected::default();
    let mut reckoner = Reckoner::new(law, month, &nothing);
    reckoner
        .lines(case.id, &case.person, listed, || news)
        .to_vec()
}

/// The month after the last approved list of the person's commune, and not before this month.
async fn next_list(office: &Office<'_>, case: &Case, today: Month) -> Result<Month, Refused> {
    let mut next = today;
    for list in header::of_months(office.pool, today, today.plus(2)).await? {
        let commune = case.commune_in(list.month);
        let here = Scope::of(&list.area, list.month)?.holds(commune.code, commune.valid_from);
        if list.is_approved() && here {
            next = next.max(list.month.next());
        }
    }
    Ok(next)
}

/// The person's own record and those merged into it.
async fn records(office: &Office<'_>, person: PersonId) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select person_id from person where person_id = $1 or merged_into = $1"#,
        person.0
    )
    .fetch_all(office.pool)
    .await
}
