//! What is laid before the leader, and what waits for its number: dossiers with their proposals.

use std::collections::HashMap;

use jiff::Timestamp;
use kernel::{Actor, Clock, Month, PersonId};
use law::{Benefit, Law};
use registry::roll::{Communes, Known, Roll};
use registry::sight::HANDLERS;
use serde::Serialize;
use sqlx::PgPool;

use crate::apply::ApplyError;
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
    /// Code of the benefit asked for, unless it reveals an illness the reader may not know of.
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
        r#"select distinct on (d.dossier_id) d.code, d.benefit, d.person_id, d.area_code,
                  s.body as "body!: sqlx::types::Json<Step>", s.recorded_by,
                  s.happened_at as "at: jiff_sqlx::Timestamp"
           from dossier d join dossier_step s using (dossier_id)
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

/// What the law says of a benefit asked for, on the facts known now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the facts qualify for it this month.
    pub eligible: bool,
    /// The group of the decree, or the first condition that fails, in Vietnamese.
    pub why: String,
    /// The articles.
    pub law: Vec<String>,
}

/// What the law says of each dossier whose beneficiary and benefit the reader may know, by its code. The
/// people are read in one passing.
///
/// # Errors
/// [`ApplyError`] of reading the registry.
pub async fn verdicts(
    pool: &PgPool,
    clock: &Clock,
    law: &Law,
    laid: &[Laid],
) -> Result<HashMap<String, Verdict>, ApplyError> {
    let asked = laid.iter().filter_map(|laid| {
        let asked = laid.person_id.zip(laid.benefit)?;
        Some((asked.0, (laid.item.dossier.as_str(), asked.1)))
    });
    let mut of_person: HashMap<PersonId, Vec<(&str, Benefit)>> = HashMap::new();
    for (person, asked) in asked {
        of_person.entry(person).or_default().push(asked);
    }
    let mut verdicts = HashMap::with_capacity(laid.len());
    if of_person.is_empty() {
        return Ok(verdicts);
    }
    let people: Vec<PersonId> = of_person.keys().copied().collect();
    let (month, law) = (Month::of(clock.today()), law.in_force(clock.today()));
    let communes = Communes::of_people(&people);
    let mut roll = Roll::open(pool, &communes, month, Known::Now).await?;
    while let Some(case) = roll.next().await? {
        let Some(asked) = of_person.get(&case.id) else {
            continue;
        };
        let assessment = law.assess(&case.person, month);
        for (dossier, benefit) in asked {
            let found = assessment.eligible.iter().find(|it| it.benefit == *benefit);
            let failed = assessment
                .ineligible
                .iter()
                .find(|it| it.benefit == *benefit);
            let verdict = match (found, failed) {
                (Some(found), _) => Verdict {
                    eligible: true,
                    why: found.basis.clone(),
                    law: found.law.clone(),
                },
                (None, Some(failed)) => Verdict {
                    eligible: false,
                    why: failed.text.clone(),
                    law: failed.law.clone(),
                },
                (None, None) => continue,
            };
            verdicts.insert((*dossier).to_owned(), verdict);
        }
    }
    Ok(verdicts)
}
