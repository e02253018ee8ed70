//! Decisions for many that are laid before the leader, as pages show them.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::area::{Area, Areas};
use kernel::{Actor, Dong, Month};
use law::Benefit;
use registry::sight::{READERS, Shown, handles};
use sqlx::PgPool;
use sqlx::types::Json;
use uuid::Uuid;

use super::find::Whose;
use super::list::{Entry, work};
use super::propose::unsigned;
use super::re_rate::ReRating;
use super::show::month_of;
use super::{CollectiveRefused, ReadList, Row, Scheme, Setting, ShownRow, Summary, names};
use crate::apply::ApplyError;
use crate::register::GIVERS;

/// Where a proposal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// For the leader.
    Waiting,
    /// For the records office.
    Agreed {
        /// The leader.
        by: String,
    },
    /// Back with the officer.
    Returned {
        /// The leader.
        by: String,
        /// Why.
        reason: String,
    },
    /// When it was to be numbered the data was no longer what was agreed with: to be looked at anew.
    Changed,
    /// Decided.
    Numbered {
        /// Number of the decision here.
        collective_no: i64,
        /// Who numbered it.
        by: String,
    },
}

/// A decision for many laid before the leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// Its number here.
    pub proposal_no: i64,
    /// `re_rate` or `list`.
    pub kind: String,
    /// Code of the area whose leader agrees.
    pub area: String,
    /// The one benefit that is re-rated.
    pub benefit: Option<Benefit>,
    /// First month of the new amounts; of a list the earliest.
    pub month: Month,
    /// People it concerns.
    pub people: i64,
    /// Đồng a month before.
    pub old_total: Dong,
    /// Đồng a month from then on.
    pub new_total: Dong,
    /// Who proposed.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Where it stands.
    pub state: State,
}

/// A proposal with what it is made of.
pub(super) struct Proposal {
    pub(super) laid: Laid,
    pub(super) key: Uuid,
    pub(super) fingerprint: Vec<u8>,
    pub(super) of: Of,
}

/// What was proposed.
pub(super) enum Of {
    ReRating(Scheme),
    List(ReadList),
}

/// Which proposals are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those a leader may answer.
    Agreement,
    /// Those the records office may number.
    Number,
    /// Of readers: all that are not decided.
    Open,
}

impl Wanted {
    const fn roles(self) -> &'static [Role] {
        match self {
            Wanted::Agreement => &[Role::Leader],
            Wanted::Number => GIVERS,
            Wanted::Open => READERS,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Wanted::Agreement => "waiting",
            Wanted::Number => "agreed",
            Wanted::Open => "open",
        }
    }
}

/// Proposals of areas in which the actor holds the right, and within an area when one is named; newest
/// first. Of those that ended without a decision the ones of the last ninety days.
///
/// # Errors
/// [`CollectiveRefused::Failed`].
pub async fn laid(
    setting: &Setting<'_>,
    actor: &Actor,
    wanted: Wanted,
    within: &str,
) -> Result<Vec<Laid>, CollectiveRefused> {
    let since = setting.clock.now() - jiff::SignedDuration::from_hours(90 * 24);
    let rows = sqlx::query!(
        r#"select p.proposal_no, p.kind, area_code, benefit, month, people, old_total, new_total,
                  proposed_by, proposed_at as "proposed_at: jiff_sqlx::Timestamp",
                  f.kind as "first?", f.reason as "reason?", f.answered_by as "leader?",
                  s.kind as "second?", s.collective_no as "collective_no?", s.answered_by as "records?"
           from collective_proposal p
           left join collective_answer f on f.proposal_no = p.proposal_no and f.turn = 1
           left join collective_answer s on s.proposal_no = p.proposal_no and s.turn = 2
           where case $1 when 'waiting' then f.kind is null
                         when 'agreed' then f.kind = 'agreed' and s.kind is null
                         else s.kind is distinct from 'numbered'
                              and (f.kind is null or (f.kind = 'agreed' and s.kind is null)
                                   or proposed_at > $2) end
           order by p.proposal_no desc"#,
        wanted.code(),
        since.to_sqlx() as _
    )
    .fetch_all(setting.pool)
    .await?;
    let (areas, today) = (Areas::embedded(), setting.clock.today());
    let mut found = Vec::new();
    for row in rows {
        let inside = |area: &Area| areas.contains(within, area);
        let near = within.is_empty() || areas.on(&row.area_code, today).is_some_and(inside);
        if !near || !access::holds(actor, wanted.roles(), &row.area_code) {
            continue;
        }
        found.push(Laid {
            proposal_no: row.proposal_no,
            kind: row.kind,
            area: row.area_code,
            benefit: row.benefit.and_then(Benefit::from_number),
            month: month_of(row.month)?,
            people: row.people,
            old_total: Dong(row.old_total),
            new_total: Dong(row.new_total),
            proposed_by: row.proposed_by,
            proposed_at: row.proposed_at.to_jiff(),
            state: state(
                (row.first, row.leader, row.reason),
                (row.second, row.records, row.collective_no),
            ),
        });
    }
    Ok(found)
}

type First = (Option<String>, Option<String>, Option<String>);
type Second = (Option<String>, Option<String>, Option<i64>);

fn state((first, leader, reason): First, (second, records, decision): Second) -> State {
    let by = leader.unwrap_or_default();
    match (first.as_deref(), second.as_deref(), decision) {
        (_, Some("numbered"), Some(collective_no)) => State::Numbered {
            collective_no,
            by: records.unwrap_or_default(),
        },
        (_, Some(_), _) => State::Changed,
        (Some("agreed"), ..) => State::Agreed { by },
        (Some(_), ..) => State::Returned {
            by,
            reason: reason.unwrap_or_default(),
        },
        (None, ..) => State::Waiting,
    }
}

/// A proposal; the caller asks whether the actor may.
pub(super) async fn proposal(pool: &PgPool, number: i64) -> Result<Proposal, CollectiveRefused> {
    let row = sqlx::query!(
        r#"select key, p.kind, area_code, benefit, month, list as "list: Json<Vec<Entry>>",
                  fingerprint, people, old_total, new_total, proposed_by,
                  proposed_at as "proposed_at: jiff_sqlx::Timestamp",
                  f.kind as "first?", f.reason as "reason?", f.answered_by as "leader?",
                  s.kind as "second?", s.collective_no as "collective_no?", s.answered_by as "records?"
           from collective_proposal p
           left join collective_answer f on f.proposal_no = p.proposal_no and f.turn = 1
           left join collective_answer s on s.proposal_no = p.proposal_no and s.turn = 2
           where p.proposal_no = $1"#,
        number
    )
    .fetch_optional(pool)
    .await?;
    let row = row.ok_or(CollectiveRefused::Unknown(number))?;
    let (month, benefit) = (
        month_of(row.month)?,
        row.benefit.and_then(Benefit::from_number),
    );
    let of = match row.list {
        Some(Json(entries)) => Of::List(ReadList {
            rows: entries.len() as u64,
            entries,
            refused: Vec::new(),
        }),
        None => Of::ReRating(Scheme {
            area: row.area_code.clone(),
            benefit,
            from: month,
        }),
    };
    let laid = Laid {
        proposal_no: number,
        kind: row.kind,
        area: row.area_code,
        benefit,
        month,
        people: row.people,
        old_total: Dong(row.old_total),
        new_total: Dong(row.new_total),
        proposed_by: row.proposed_by,
        proposed_at: row.proposed_at.to_jiff(),
        state: state(
            (row.first, row.leader, row.reason),
            (row.second, row.records, row.collective_no),
        ),
    };
    Ok(Proposal {
        laid,
        key: row.key,
        fingerprint: row.fingerprint,
        of,
    })
}

/// A proposal with some of its rows as they would be now, how many there are, and whether they still are
/// what was proposed.
///
/// # Errors
/// [`CollectiveRefused::Unknown`] also for whoever may not look at people of its area.
pub async fn laid_rows(
    setting: &Setting<'_>,
    actor: &Actor,
    number: i64,
    (offset, limit): (i64, i64),
) -> Result<(Laid, Vec<ShownRow>, i64, bool), CollectiveRefused> {
    let found = proposal(setting.pool, number).await?;
    if !access::holds(actor, READERS, &found.laid.area) {
        return Err(CollectiveRefused::Unknown(number));
    }
    let part = offset..offset.saturating_add(limit);
    let mut rows = Vec::new();
    let summary: Summary = match &found.of {
        Of::ReRating(scheme) => {
            let (mut rating, mut at) = (ReRating::settled(setting, scheme).await?, 0);
            while let Some(row) = rating.next().await? {
                if part.contains(&at) {
                    rows.push(row);
                }
                at += 1;
            }
            rating.finish()
        }
        Of::List(list) => {
            let (unsigned, whose) = (unsigned(setting), Whose::Area(&found.laid.area));
            let worked = work(setting, actor, whose, list, &unsigned, Uuid::nil()).await?;
            let skip = usize::try_from(offset).unwrap_or(usize::MAX);
            let take = usize::try_from(limit).unwrap_or(0);
            rows.extend(worked.rows.into_iter().skip(skip).take(take));
            worked.summary
        }
    };
    let same = summary.refused.is_empty() && summary.fingerprint[..] == found.fingerprint[..];
    let shown = shown(setting.pool, actor, rows).await?;
    Ok((found.laid, shown, summary.rows, same))
}

async fn shown(
    pool: &PgPool,
    actor: &Actor,
    rows: Vec<Row>,
) -> Result<Vec<ShownRow>, CollectiveRefused> {
    let people: Vec<_> = rows.iter().map(|row| row.person).collect();
    let names = names(pool, &people).await?;
    let shown = rows.into_iter().map(|row| {
        let benefit = Shown::to(row.benefit, handles(actor, row.commune));
        let full_name = names.get(&row.person).cloned();
        Ok(ShownRow {
            person: row.person,
            full_name: full_name.ok_or_else(|| {
                ApplyError::Inconsistent(format!("no name of person {}", row.person))
            })?,
            commune: (row.commune.code.to_owned(), row.commune.valid_from),
            old: row.old,
            new: row.new,
            law: match benefit {
                Shown::Hidden => String::new(),
                Shown::Benefit(_) => row.law,
            },
            benefit,
        })
    });
    shown.collect()
}
