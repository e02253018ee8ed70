//! What results suggest: a suspension of whoever did not collect three months in a row
//! (20/2021/NĐ-CP Điều 34, 35), a death a provider met with. Both are proposed only; a person
//! accepts, and then an ordinary event follows, or rejects.

mod decide;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Month, PersonId};
use serde::Serialize;
use sqlx::PgConnection;

use crate::header::month_of;
use crate::results::{Status, reason};
use crate::{Office, Refused, Scope};

pub use decide::{Decision, ProposalRefused, decide, fulfilled};

/// What is proposed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// Suspend all benefits: nobody came for the money three months in a row.
    Suspend,
    /// Record a death. What was paid for months after it is then found to be recovered.
    Death,
    /// Record that a pension or monthly social insurance is drawn: another programme's list says so.
    Pension,
}

impl ProposalKind {
    /// Stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            ProposalKind::Suspend => "suspend",
            ProposalKind::Death => "death",
            ProposalKind::Pension => "pension",
        }
    }

    fn read(code: &str) -> Result<ProposalKind, Refused> {
        [
            ProposalKind::Suspend,
            ProposalKind::Death,
            ProposalKind::Pension,
        ]
        .into_iter()
        .find(|kind| kind.code() == code)
        .ok_or_else(|| Refused::Inconsistent(format!("proposal {code}")))
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            ProposalKind::Suspend => "Ba tháng liền không nhận: đề xuất tạm dừng",
            ProposalKind::Death => "Đơn vị chi trả báo đã mất: đề xuất xác minh",
            ProposalKind::Pension => {
                "Danh sách chương trình khác ghi đang hưởng lương hưu, bảo hiểm xã hội: đề xuất ghi nhận"
            }
        }
    }
}

impl Proposal {
    /// What users see: what is proposed and who says so.
    pub fn vietnamese(&self) -> &'static str {
        match (self.kind, self.source.as_str()) {
            (ProposalKind::Death, "population") => {
                "Cơ sở dữ liệu dân cư ghi đã mất: đề xuất xác minh"
            }
            (ProposalKind::Death, "police") => "Công an xã báo đã mất: đề xuất xác minh",
            (kind, _) => kind.vietnamese(),
        }
    }
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Its number.
    pub proposal_no: i64,
    /// What is proposed.
    pub kind: ProposalKind,
    /// Number of the person in the registry.
    pub person: i64,
    /// The last month not collected, or the one whose payment met a death.
    pub month: Month,
    /// Code of the commune.
    pub area: String,
    /// When it was proposed.
    pub proposed_at: Timestamp,
    /// Who says so: `results`, `population`, `police`, `programme`.
    pub source: String,
    /// Where it can be looked up, if it is not in the results.
    pub proof: Option<String>,
    /// The day from which what is proposed would hold, if that is known.
    pub since: Option<Date>,
    /// `accept` or `reject`, once decided.
    pub decision: Option<String>,
    /// Why it was decided so.
    pub reason: Option<String>,
    /// Who decided.
    pub decided_by: Option<String>,
}

/// Proposals about people of an area in a month, the oldest first; with `decided` also those decided.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn proposals(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    decided: bool,
) -> Result<Vec<Proposal>, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, crate::show::READERS, &scope.area)?;
    let codes: Vec<String> = scope.columns().map(|(codes, _)| codes).unwrap_or_default();
    let rows = sqlx::query!(
        r#"select p.proposal_no, kind, person_id, list_month, area_code, source, proof,
                  since as "since: jiff_sqlx::Date",
                  proposed_at as "proposed_at: jiff_sqlx::Timestamp", decision as "decision?",
                  reason as "reason?", decided_by as "decided_by?"
           from proposal p left join proposal_decision using (proposal_no)
           where list_month <= $1 and ($2 or area_code = any($3)) and ($4 or decision is null)
           order by p.proposal_no"#,
        month.yyyymm(),
        scope.is_country(),
        &codes,
        decided
    )
    .fetch_all(office.pool)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.push(Proposal {
            proposal_no: row.proposal_no,
            kind: ProposalKind::read(&row.kind)?,
            person: row.person_id,
            month: month_of(row.list_month)?,
            area: row.area_code,
            proposed_at: row.proposed_at.to_jiff(),
            source: row.source,
            proof: row.proof,
            since: row.since.map(|since| since.to_jiff()),
            decision: row.decision,
            reason: row.reason,
            decided_by: row.decided_by,
        });
    }
    Ok(found)
}

/// Who else than providers reports deaths.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reporter {
    /// The national population database.
    Population,
    /// The police of a commune.
    Police,
}

/// Proposes deaths that are reported, in the caller's transaction: of whom no death is known and none is
/// being looked into. The month is the one in which it was heard. Returns how many.
///
/// # Errors
/// Those of the database.
pub async fn deaths_reported(
    tx: &mut PgConnection,
    (actor, now): (&Actor, Timestamp),
    (month, reporter): (Month, Reporter),
    people: &[(PersonId, &str)],
) -> Result<u64, Refused> {
    if people.is_empty() {
        return Ok(0);
    }
    let source = match reporter {
        Reporter::Population => "population",
        Reporter::Police => "police",
    };
    let (people, areas): (Vec<i64>, Vec<String>) = people
        .iter()
        .map(|(person, area)| (person.0, (*area).to_owned()))
        .unzip();
    let proposed = sqlx::query!(
        "insert into proposal (kind, person_id, list_month, area_code, proposed_by, proposed_at,
             source)
         select 'death', person_id, $1, area, $2, $3::timestamptz, $4
         from unnest($5::bigint[], $6::text[]) as told(person_id, area) join person p using (person_id)
         where p.death_date is null and not exists (
             select from proposal open
                 left join proposal_decision d on d.proposal_no = open.proposal_no
             where open.person_id = told.person_id and open.kind = 'death'
               and d.proposal_no is null)
         on conflict (kind, person_id, list_month) do nothing",
        month.yyyymm(),
        actor.name,
        now.to_sqlx() as _,
        source,
        &people,
        &areas
    )
    .execute(tx)
    .await?;
    Ok(proposed.rows_affected())
}

/// Somebody who draws a pension or monthly social insurance, a list of another programme says.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    /// The person of the registry.
    pub person: PersonId,
    /// Code of the commune.
    pub area: &'a str,
    /// The day from which it is drawn.
    pub since: Date,
    /// The list and the row.
    pub proof: &'a str,
}

/// Proposes in the caller's transaction to record a pension, unless one is known or being looked into. Returns
/// the number of the proposal.
///
/// # Errors
/// Those of the database.
pub async fn pension_drawn(
    tx: &mut PgConnection,
    (actor, now): (&Actor, Timestamp),
    month: Month,
    drawn: &Drawn<'_>,
) -> Result<Option<i64>, Refused> {
    let proposed = sqlx::query_scalar!(
        "insert into proposal (kind, person_id, list_month, area_code, proposed_by, proposed_at,
             source, proof, since)
         select 'pension', $1, $2, $3, $4, $5::timestamptz, 'programme', $6, $7::date
         where not exists (
                 select from fact where person_id = $1 and kind = 'pension' and to_date is null)
             and not exists (
                 select from proposal open
                     left join proposal_decision d on d.proposal_no = open.proposal_no
                 where open.person_id = $1 and open.kind = 'pension' and d.proposal_no is null)
         on conflict (kind, person_id, list_month) do nothing
         returning proposal_no",
        drawn.person.0,
        month.yyyymm(),
        drawn.area,
        actor.name,
        now.to_sqlx() as _,
        drawn.proof,
        drawn.since.to_sqlx() as _
    )
    .fetch_optional(tx)
    .await?;
    Ok(proposed)
}

/// Whom recorded results may suggest something about.
#[derive(Debug, Default)]
pub(crate) struct Suggested {
    /// Person and list month of lines not collected.
    not_collected: Vec<(i64, i32)>,
    /// Person and list month of lines that met a death.
    deceased: Vec<(i64, i32)>,
}

impl Suggested {
    /// A result that is recorded.
    pub(crate) fn add(&mut self, person: i64, list_month: i32, status: Status, why: Option<&str>) {
        if status == Status::NotCollected {
            self.not_collected.push((person, list_month));
        }
        if why == Some(reason::DECEASED) {
            self.deceased.push((person, list_month));
        }
    }

    /// Proposes what follows from all that is recorded by now.
    pub(crate) async fn propose(
        self,
        tx: &mut PgConnection,
        (actor, now): (&Actor, Timestamp),
    ) -> Result<(), Refused> {
        self.suspensions(tx, (actor, now)).await?;
        let (people, months): (Vec<i64>, Vec<i32>) = self.deceased.into_iter().unzip();
        if people.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "insert into proposal (kind, person_id, list_month, area_code, proposed_by, proposed_at)
             select distinct on (person_id) 'death', person_id, list_month, l.area_code, $1,
                    $2::timestamptz
             from unnest($3::bigint[], $4::int[]) as met(person_id, list_month)
                 join list_line l using (person_id, list_month)
                 join person p using (person_id)
             where p.death_date is null and not exists (
                 select from proposal open
                     left join proposal_decision d on d.proposal_no = open.proposal_no
                 where open.person_id = met.person_id and open.kind = 'death'
                   and d.proposal_no is null)
             order by person_id, list_month
             on conflict (kind, person_id, list_month) do nothing",
            actor.name,
            now.to_sqlx() as _,
            &people,
            &months
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Three list months in a row whose own payment was not collected, the last result says. Results
    /// come in any order, so the month told of may be any of the three.
    async fn suspensions(
        &self,
        tx: &mut PgConnection,
        (actor, now): (&Actor, Timestamp),
    ) -> Result<(), Refused> {
        let (mut people, mut lasts, mut seconds, mut firsts) = (vec![], vec![], vec![], vec![]);
        for (person, told) in &self.not_collected {
            for later in 0..3 {
                let last = month_of(*told)?.plus(later);
                people.push(*person);
                lasts.push(last.yyyymm());
                seconds.push(last.plus(-1).yyyymm());
                firsts.push(last.plus(-2).yyyymm());
            }
        }
        if people.is_empty() {
            return Ok(());
        }
        let mut months = [&lasts[..], &seconds, &firsts].concat();
        months.sort_unstable();
        months.dedup();
        sqlx::query!(
            "with uncollected as (
                 select l.person_id, l.list_month, l.area_code
                 from list_line l join payment_list using (list_id), lateral (
                     select status from payment_result r
                     where r.person_id = l.person_id and r.list_month = l.list_month
                       and r.line_no = l.line_no
                     order by result_no desc limit 1) last
                 where l.person_id = any($3) and l.list_month = any($7) and kind = 1
                   and approved_at is not null
                   and status = 'not_collected')
             insert into proposal (kind, person_id, list_month, area_code, proposed_by, proposed_at)
             select distinct on (t.person_id, t.last) 'suspend', t.person_id, t.last, l.area_code,
                    $1, $2::timestamptz
             from unnest($3::bigint[], $4::int[], $5::int[], $6::int[])
                      as t(person_id, last, second, first)
                 join uncollected l on l.person_id = t.person_id and l.list_month = t.last
                 join uncollected m on m.person_id = t.person_id and m.list_month = t.second
                 join uncollected n on n.person_id = t.person_id and n.list_month = t.first
             where not exists (
                 select from proposal open
                     left join proposal_decision d on d.proposal_no = open.proposal_no
                 where open.person_id = t.person_id and open.kind = 'suspend'
                   and d.proposal_no is null)
             order by t.person_id, t.last
             on conflict (kind, person_id, list_month) do nothing",
            actor.name,
            now.to_sqlx() as _,
            &people,
            &lasts,
            &seconds,
            &firsts,
            &months
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}
