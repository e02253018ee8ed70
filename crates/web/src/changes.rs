//! What changed from last month, kept while the lists it is about stand: working it out reads
//! everybody in the area.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Actor, Dong, ListId, Month};
use law::Benefit;
use payments::changes::{Change, Changes};
use payments::{Cause, Header, Refused};

use crate::Server;
use crate::failure::Failure;
use crate::page::month::Place;

/// The balance, every single change behind it, and what next month will change.
pub(crate) struct View {
    pub changes: Changes,
    pub people: Vec<Change>,
    pub upcoming: Vec<Ahead>,
}

/// What next month changes by time and law alone, for one benefit and cause.
pub(crate) struct Ahead {
    pub benefit: Benefit,
    pub cause: Option<Cause>,
    pub people: i64,
    pub amount: Dong,
}

/// Which lists a view is about. A list made again has another number; what an approval or opening
/// changes underneath makes the draft be made again.
type Key = (Month, String, Vec<(ListId, Option<i64>)>);

/// The views last looked at.
#[derive(Default)]
pub(crate) struct Views(Mutex<Vec<(Key, Arc<View>)>>);

/// Views kept; one of a province of 86,504 people takes about ten megabytes.
const KEPT: usize = 4;

/// The changes of the area, from memory when the lists still stand as they did.
pub(crate) async fn view(
    server: &Server,
    actor: &Actor,
    place: &Place,
    lists: &[Header],
) -> Result<Arc<View>, Failure> {
    access::require(actor, crate::frame::READERS, &place.code)?;
    let stand = lists
        .iter()
        .map(|list| (list.list_id, list.approval_no))
        .collect();
    let key: Key = (place.month, place.code.clone(), stand);
    if let Some(view) = server.views.find(&key) {
        return Ok(view);
    }
    let mut people = Vec::new();
    let changes = payments::changes(
        &server.office(),
        actor,
        place.month,
        &place.code,
        |change| {
            people.push(change);
            Ok::<_, Refused>(())
        },
    )
    .await?;
    let upcoming = ahead(server, actor, place).await?;
    let view = Arc::new(View {
        changes,
        people,
        upcoming,
    });
    server.views.keep(key, view.clone());
    Ok(view)
}

async fn ahead(server: &Server, actor: &Actor, place: &Place) -> Result<Vec<Ahead>, Failure> {
    let mut found: BTreeMap<(Option<Cause>, Benefit), (i64, Dong)> = BTreeMap::new();
    payments::upcoming(&server.office(), actor, place.month, &place.code, |one| {
        let sums = found.entry((one.cause, one.benefit)).or_default();
        sums.0 += 1;
        sums.1 += one.next_amount - one.amount;
        Ok::<_, Refused>(())
    })
    .await?;
    let ahead = |((cause, benefit), (people, amount))| Ahead {
        benefit,
        cause,
        people,
        amount,
    };
    Ok(found.into_iter().map(ahead).collect())
}

impl Views {
    fn find(&self, key: &Key) -> Option<Arc<View>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(other, _)| other == key)?;
        let found = kept.remove(at);
        let view = found.1.clone();
        kept.push(found);
        Some(view)
    }

    fn keep(&self, key: Key, view: Arc<View>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(other, _)| *other != key);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((key, view));
    }
}
