//! A list worked out again from the events, the law and the earlier lists it stood on.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use jiff::civil::Date;
use kernel::{Actor, Dong, ListId, Month, PersonId};
use registry::roll::{Communes, Cut, Known, Roll};
use serde::Serialize;

use crate::carried::{Through, Uncollected};
use crate::fingerprint::Inputs;
use crate::header::month_of;
use crate::line::channel_of;
use crate::listed::{ListedRuns, benefit_of, coefficient_of};
use crate::news::Newspaper;
use crate::reckoning::Reckoner;
use crate::show::{READERS, line_name};
use crate::store::{Recipient, Tally};
use crate::{Carries, Channel, Header, Line, LineKind, Office, Reason, Refused, Scope, header};

/// How many differences are named.
const NAMED: usize = 20;

/// What working a list out again came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The list as stored.
    pub header: Header,
    /// The law data is what the list was made with.
    pub same_law: bool,
    /// People and earlier lists are what the list was made from.
    pub same_inputs: bool,
    /// The stored lines are those the list was sealed with.
    pub untouched: bool,
    /// The lines worked out again are the stored ones.
    pub same_lines: bool,
    /// The first differing lines by name: month, person, number.
    pub differing: Vec<String>,
}

impl Verdict {
    /// Whether everything is the same.
    pub const fn holds(&self) -> bool {
        self.same_law && self.same_inputs && self.untouched && self.same_lines
    }
}

/// Works the list of a month and area out again: people from the events known then, what was
/// listed from the lists approved by then, with the law in force on its day.
///
/// # Errors
/// [`Refused::NoList`], [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn verify(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Verdict, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, READERS, &scope.area)?;
    let header = header::find(office.pool, month, &scope.area)
        .await?
        .ok_or_else(|| Refused::NoList {
            month,
            area: scope.area.clone(),
        })?;
    let again = work_out_again(office, &scope, &header).await?;
    Ok(Verdict {
        same_law: office.law.fingerprint()[..] == header.law_fingerprint,
        same_inputs: again.inputs.fingerprint() == header.inputs_fingerprint,
        untouched: again.stored.fingerprint() == header.lines_fingerprint,
        same_lines: again.differing.is_empty()
            && again.lines.fingerprint() == header.lines_fingerprint,
        differing: again.differing,
        header,
    })
}

#[derive(Default)]
struct Again {
    inputs: Inputs,
    lines: Tally,
    stored: Tally,
    differing: Vec<String>,
}

async fn work_out_again(
    office: &Office<'_>,
    scope: &Scope,
    header: &Header,
) -> Result<Again, Refused> {
    let (pool, month) = (office.pool, scope.month);
    let law = office.law.in_force(header.law_as_of);
    let mut conn = pool.acquire().await?;
    let (based_on, known) = (header.based_on, header.known_through);
    let news = Newspaper::since_last_approval(&mut conn, scope, based_on, known).await?;
    let left_out = left_out(office, header.list_id).await?;
    let communes = Communes::of(&scope.area, month);
    let cut = Cut {
        event_no: known,
        recorded_at: header.made_at,
    };
    let mut cases = Roll::open(pool, &communes, month, Known::Through(cut)).await?;
    let merged = cases.merged();
    let mut runs = ListedRuns::after(pool, &communes, merged, based_on).await?;
    let mut stored = Stored::begin(office, header).await?;
    let since = Through {
        results: header.results_through,
        approvals: based_on,
    };
    let uncollected = Uncollected::known(&mut conn, month, since, merged).await?;
    let mut reckoner = Reckoner::new(&law, month, &uncollected);
    let mut again = Again::default();
    let mut listed = Vec::new();
    while let Some(case) = cases.next().await? {
        runs.of(case, &mut listed).await?;
        if left_out.contains(&case.id) {
            again.inputs.leave_out(case.id);
            continue;
        }
        again.inputs.add(case.id, &case.person, &listed);
        let lines = reckoner.lines(case.id, &case.person, &listed, || news.of(case.id));
        let to = Recipient::of(case);
        again.lines.add(&to, lines);
        stored.before(case.id, &mut again).await?;
        stored.compare(&to, lines, &mut again).await?;
    }
    stored.before(PersonId(i64::MAX), &mut again).await?;
    Ok(again)
}

/// People whom another list of the month had when this one was made.
async fn left_out(office: &Office<'_>, list: ListId) -> Result<HashSet<PersonId>, Refused> {
    let people = sqlx::query_scalar!(
        "select person_id from list_left_out where list_id = $1",
        list.0
    )
    .fetch_all(office.pool)
    .await?;
    Ok(people.into_iter().map(PersonId).collect())
}

/// One stored line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredLine {
    person: PersonId,
    line_no: i16,
    line: Line,
    channel: Option<Channel>,
    area: String,
    area_valid_from: Date,
}

/// The stored lines, person by person.
struct Stored<'a> {
    month: Month,
    rows: BoxStream<'a, Result<StoredLine, Refused>>,
    next: Option<StoredLine>,
}

impl<'a> Stored<'a> {
    async fn begin(office: &Office<'a>, header: &Header) -> Result<Stored<'a>, Refused> {
        let mut stored = Stored {
            month: header.month,
            rows: stored_lines(office, header.month, header.list_id),
            next: None,
        };
        stored.next = stored.rows.try_next().await?;
        Ok(stored)
    }

    /// Lines of people who come before: stored, but not worked out again.
    async fn before(&mut self, person: PersonId, again: &mut Again) -> Result<(), Refused> {
        while let Some(line) = self.next.take_if(|line| line.person < person) {
            again.stored.add(&recipient(&line), &[line.line]);
            self.name(line.person, line.line_no, again);
            self.next = self.rows.try_next().await?;
        }
        Ok(())
    }

    /// Lines of one person against those worked out again.
    async fn compare(
        &mut self,
        to: &Recipient<'_>,
        lines: &[Line],
        again: &mut Again,
    ) -> Result<(), Refused> {
        let mut stored: Vec<StoredLine> = Vec::new();
        while let Some(line) = self.next.take_if(|line| line.person == to.person) {
            stored.push(line);
            self.next = self.rows.try_next().await?;
        }
        if let Some(first) = stored.first() {
            let own: Vec<Line> = stored.iter().map(|stored| stored.line).collect();
            again.stored.add(&recipient(first), &own);
        }
        for at in 0..stored.len().max(lines.len()) {
            let same = match (stored.get(at), lines.get(at)) {
                (Some(stored), Some(line)) => {
                    stored.line == *line
                        && stored.channel == to.channel
                        && stored.area == to.area
                        && stored.area_valid_from == to.area_valid_from
                }
                _ => false,
            };
            if !same {
                self.name(to.person, at as i16 + 1, again);
            }
        }
        Ok(())
    }

    fn name(&self, person: PersonId, line_no: i16, again: &mut Again) {
        if again.differing.len() < NAMED {
            again.differing.push(line_name(self.month, person, line_no));
        }
    }
}

fn recipient(line: &StoredLine) -> Recipient<'_> {
    Recipient {
        person: line.person,
        area: &line.area,
        area_valid_from: line.area_valid_from,
        channel: line.channel,
    }
}

fn stored_lines<'a>(
    office: &Office<'a>,
    month: Month,
    list: ListId,
) -> BoxStream<'a, Result<StoredLine, Refused>> {
    let rows = sqlx::query!(
        r#"select person_id, line_no, benefit, kind, for_month, amount, coefficient, standard,
                  channel, reason, area_code, area_valid_from as "area_valid_from: jiff_sqlx::Date",
                  carries_month, carries_line_no, carries_person_id
           from list_line where list_month = $1 and list_id = $2 order by person_id, line_no"#,
        month.yyyymm(),
        list.0
    )
    .fetch(office.pool);
    Box::pin(rows.map_err(Refused::from).and_then(async |row| {
        let carries = match (row.carries_month, row.carries_line_no) {
            (Some(month), Some(line_no)) => Some(Carries {
                month: month_of(month)?,
                line_no,
                record: row.carries_person_id.map(PersonId),
            }),
            _ => None,
        };
        Ok(StoredLine {
            person: PersonId(row.person_id),
            line_no: row.line_no,
            line: Line {
                benefit: benefit_of(row.benefit)?,
                kind: LineKind::from_number(row.kind)
                    .ok_or_else(|| Refused::Inconsistent(format!("no kind {}", row.kind)))?,
                for_month: month_of(row.for_month)?,
                amount: Dong(row.amount),
                coefficient: coefficient_of(row.coefficient),
                standard: Dong(i64::from(row.standard)),
                reason: Reason::from_number(row.reason),
                carries,
            },
            channel: channel_of(row.channel),
            area: row.area_code,
            area_valid_from: row.area_valid_from.to_jiff(),
        })
    }))
}
