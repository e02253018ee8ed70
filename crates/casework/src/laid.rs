//! What is laid before the leader, and what waits for its number: dossiers with their proposals.

use std::collections::HashMap;

use jiff::Timestamp;
use kernel::{Actor, Clock, PersonId};
use law::Benefit;
use registry::sight::HANDLERS;
use serde::Serialize;
use sqlx::PgPool;

use crate::queue::{self, Item, Wanted};
use crate::show::Refused;
use crate::step::{Proposal, Step};

/// A dossier whose proposal waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Laid {
    /// As in the queue.
    #[serde(flatten)]
    pub item: Item,
    /// What is proposed.
    pub proposal: Proposal,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// The benefit asked for, unless it reveals an illness the reader may not know of.
    #[serde(skip)]
    pub benefit: Option<Benefit>,
    /// The beneficiary, when the registry knows them.
    pub person_id: Option<PersonId>,
}

/// Dossiers of a part of the queue that have a proposal: so many after so many.
///
/// # Errors
/// As [`queue::items`].
pub async fn laid(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    wanted: &Wanted,
    part: (i64, i64),
) -> Result<Vec<Laid>, Refused> {
    let items = queue::items(pool, actor, clock, wanted, part).await?;
    let codes: Vec<String> = items.iter().map(|item| item.dossier.clone()).collect();
    let rows = sqlx::query!(
        r#"select distinct on (d.dossier_id) d.code, about.benefit, about.person_id, d.area_code,
                  s.body as "body!: sqlx::types::Json<Step>", s.recorded_by,
                  s.happened_at as "at: jiff_sqlx::Timestamp"
           from dossier d join dossier_about about using (dossier_id)
                join dossier_step s using (dossier_id)
           where d.code = any($1) and s.kind = 'proposed'
           order by d.dossier_id, s.seq desc"#,
        &codes
    )
    .fetch_all(pool)
    .await?;
    let mut found: HashMap<String, _> = HashMap::with_capacity(rows.len());
    for row in rows {
        found.insert(row.code.clone(), row);
    }
    let laid = items.into_iter().filter_map(|item| {
        let row = found.remove(&item.dossier)?;
        let Step::Proposed(proposal) = row.body.0 else {
            return None;
        };
        let handler = access::holds(actor, HANDLERS, &row.area_code);
        let benefit = row.benefit.and_then(Benefit::from_number);
        Some(Laid {
            proposed_by: proposal.by().unwrap_or(&row.recorded_by).to_owned(),
            proposed_at: row.at.to_jiff(),
            benefit: benefit.filter(|benefit| handler || !benefit.reveals_hiv()),
            person_id: row.person_id.map(PersonId),
            proposal,
            item,
        })
    });
    Ok(laid.collect())
}
