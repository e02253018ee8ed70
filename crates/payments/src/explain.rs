//! Why a person gets what they get in a month: facts, decision, article, and what lists hold.

use access::audit::Action;
use jiff::civil::Date;
use kernel::{Actor, Coefficient, Dong, Month, MonthSpan, PersonId};
use law::{Benefit, MonthAnswer, Spell};
use registry::roll::{Case, Communes, Roll};
use serde::Serialize;

use crate::difference::Terms;
use crate::header::month_of;
use crate::line::channel_of;
use crate::listed::{benefit_of, coefficient_of};
use crate::show::{READERS, line_name};
use crate::together::together;
use crate::{Channel, Difference, LineKind, ListedRun, Office, Reason, Refused, difference};

/// Everything behind one person's month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The caller's key of the person.
    pub person: String,
    /// The person's internal number.
    #[serde(skip)]
    pub person_id: PersonId,
    /// The month asked about.
    pub month: Month,
    /// The caller's key of the record this one was merged into, which has its decisions now and for
    /// which its lines count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<String>,
    /// Code of the commune whose list pays the month.
    pub commune: String,
    /// What the law in force today owes for the month, with articles, and what it refuses.
    pub owed: MonthAnswer,
    /// The texts of the refusals, in the order of `owed.refused`.
    pub refusals: Vec<String>,
    /// Facts that are true on a day of the month.
    pub facts: Vec<FactOfMonth>,
    /// Decisions that cover the month.
    pub decisions: Vec<Decided>,
    /// What approved lists and openings hold for the month.
    pub held: Vec<Held>,
    /// What is still to pay or to take back for any month up to this one, month by month.
    pub open: Vec<Open>,
    /// The lines of the month's own list.
    pub lines: Vec<LineOfMonth>,
}

/// Something true in the month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FactOfMonth {
    /// Stable code of the kind.
    pub kind: &'static str,
    /// Basis, status or grade.
    pub variant: Option<&'static str>,
    /// In words.
    pub label: &'static str,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
}

/// A decision to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Which benefit.
    pub benefit: Benefit,
    /// First month paid.
    pub from: Month,
    /// Last month paid.
    pub to: Option<Month>,
    /// Number of the decision.
    pub number: Option<String>,
    /// Its date.
    pub date: Option<Date>,
    /// Who signed.
    pub signed_by: Option<String>,
    /// The month is suspended.
    pub suspended: bool,
}

/// What lists hold for the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Which benefit.
    pub benefit: Benefit,
    /// Đồng.
    pub amount: Dong,
    /// Paid by the earlier system.
    pub opening: bool,
}

/// A month in which owed and held differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Open {
    /// Which benefit.
    pub benefit: Benefit,
    /// Which month.
    pub for_month: Month,
    /// Owed, đồng.
    pub owed: Dong,
    /// Held, đồng.
    pub held: Dong,
    /// To pay, or to take back when negative.
    pub difference: Dong,
}

/// A line of the month's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineOfMonth {
    /// Which benefit.
    pub benefit: Benefit,
    /// The month it pays.
    pub for_month: Month,
    /// What kind of payment.
    pub kind: LineKind,
    /// Đồng.
    pub amount: Dong,
    /// Coefficient.
    pub coefficient: Coefficient,
    /// Standard, đồng.
    pub standard: Dong,
    /// How it is paid.
    pub channel: Option<Channel>,
    /// Why.
    pub reason: Option<Reason>,
    /// The articles.
    pub law: Vec<String>,
    /// The line's name.
    pub line: String,
    /// Whether the list is approved.
    pub approved: bool,
}

/// Explains a month of one person by number.
///
/// # Errors
/// [`Refused::UnknownPerson`], [`Refused::Denied`] unless the actor may read in the person's
/// commune.
pub async fn explain(
    office: &Office<'_>,
    actor: &Actor,
    person: PersonId,
    month: Month,
) -> Result<Explanation, Refused> {
    let (case, records) = case(office, person, month).await?;
    if !access::holds_in(actor, READERS, case.commune) {
        access::require(actor, READERS, case.commune.code)?;
    }
    let law = office.law.in_force(office.clock.today());
    let listed = listed(office, &records).await?;
    let mut spells: Vec<Spell> = Vec::new();
    if let Some(from) = case.person.first_month() {
        let span = MonthSpan { from, to: month };
        law.owed(&case.person, span, &mut spells);
    }
    let mut differences = Vec::new();
    if case.merged_into.is_none() {
        difference(&spells, &listed, month, &mut differences);
    }
    let merged_into = match case.merged_into {
        Some(kept) => Some(person_key(office, kept).await?),
        None => None,
    };
    let owed = law.explain(&case.person, month);
    let explanation = Explanation {
        person: person_key(office, person).await?,
        person_id: person,
        month,
        merged_into,
        commune: case.commune.code.to_owned(),
        refusals: owed.refused.iter().map(|r| r.text.clone()).collect(),
        owed,
        facts: facts(&case, month),
        decisions: decisions(office, person, month).await?,
        held: held(&listed, month),
        open: differences.iter().map(open).collect(),
        lines: lines(office, &case, month).await?,
    };
    let mut tx = office.pool.begin().await?;
    access::audit::record(
        &mut tx,
        office.clock.now(),
        actor,
        Action::PersonExplain,
        &person.to_string(),
        Some(case.commune.code),
        serde_json::json!({ "month": month }),
    )
    .await?;
    tx.commit().await?;
    Ok(explanation)
}

/// The person, and the records that are theirs: what lists hold for any of them was paid to them.
async fn case(
    office: &Office<'_>,
    person: PersonId,
    month: Month,
) -> Result<(Case, Vec<i64>), Refused> {
    let unknown = || Refused::UnknownPerson {
        person: format!("#{person}"),
    };
    let communes = Communes::of_people(&[person]);
    let known = office.known_now().await?;
    let mut roll = Roll::open(office.pool, &communes, month, known).await?;
    while let Some(case) = roll.next().await? {
        if case.id == person {
            let case = case.clone();
            let merged = roll.merged().iter();
            let merged = merged.filter(|(_, kept)| **kept == person);
            let mut records: Vec<i64> = merged.map(|(record, _)| record.0).collect();
            records.push(person.0);
            return Ok((case, records));
        }
    }
    Err(unknown())
}

async fn person_key(office: &Office<'_>, person: PersonId) -> Result<String, Refused> {
    let keys = crate::show::keys(office, &[person.0]).await?;
    Ok(keys.get(&person).cloned().unwrap_or_default())
}

fn facts(case: &Case, month: Month) -> Vec<FactOfMonth> {
    let true_in_month = case.person.facts.iter().filter(|fact| {
        fact.from <= month.last_day() && fact.to.is_none_or(|last| last >= month.first_day())
    });
    true_in_month
        .map(|fact| FactOfMonth {
            kind: registry::fact::code(&fact.kind),
            variant: registry::fact::variant(&fact.kind),
            label: registry::fact::vietnamese(&fact.kind),
            from: fact.from,
            to: fact.to,
        })
        .collect()
}

async fn decisions(
    office: &Office<'_>,
    person: PersonId,
    month: Month,
) -> Result<Vec<Decided>, Refused> {
    let rows = sqlx::query!(
        r#"select benefit, from_month, to_month, suspended, decision_number,
                  decision_date as "decision_date: jiff_sqlx::Date", signed_by
           from enrolment
           where person_id = $1 and from_month <= $2 and (to_month is null or to_month >= $2)
           order by benefit"#,
        person.0,
        month.yyyymm()
    )
    .fetch_all(office.pool)
    .await?;
    let rows = rows.into_iter();
    rows.map(|row| {
        let mut pauses = row.suspended.chunks_exact(2);
        let number = month.yyyymm();
        Ok(Decided {
            benefit: benefit_of(row.benefit)?,
            from: month_of(row.from_month)?,
            to: row.to_month.map(month_of).transpose()?,
            number: row.decision_number,
            date: row.decision_date.map(|date| date.to_jiff()),
            signed_by: row.signed_by,
            suspended: pauses.any(|pause| pause[0] <= number && number <= pause[1]),
        })
    })
    .collect()
}

/// What lists hold for all these records together.
pub(crate) async fn listed(
    office: &Office<'_>,
    records: &[i64],
) -> Result<Vec<ListedRun>, Refused> {
    let rows = sqlx::query!(
        "select benefit, from_month, to_month, amount, coefficient, standard, opening from listed
         where person_id = any($1) order by benefit, from_month",
        records
    )
    .fetch_all(office.pool)
    .await?;
    let runs: Result<Vec<ListedRun>, Refused> = rows
        .into_iter()
        .map(|row| {
            Ok(ListedRun {
                benefit: benefit_of(row.benefit)?,
                from: month_of(row.from_month)?,
                to: month_of(row.to_month)?,
                amount: Dong(row.amount),
                coefficient: coefficient_of(row.coefficient),
                standard: Dong(i64::from(row.standard)),
                opening: row.opening,
            })
        })
        .collect();
    Ok(together(&runs?))
}

fn held(listed: &[ListedRun], month: Month) -> Vec<Held> {
    let holding = listed
        .iter()
        .filter(|run| run.from <= month && month <= run.to);
    holding
        .map(|run| Held {
            benefit: run.benefit,
            amount: run.amount,
            opening: run.opening,
        })
        .collect()
}

fn open(found: &Difference) -> Open {
    let amount = |terms: Option<Terms>| terms.map_or(Dong::ZERO, |t| t.amount);
    Open {
        benefit: found.benefit,
        for_month: found.for_month,
        owed: amount(found.owed),
        held: amount(found.held),
        difference: found.amount(),
    }
}

async fn lines(
    office: &Office<'_>,
    case: &Case,
    month: Month,
) -> Result<Vec<LineOfMonth>, Refused> {
    let rows = sqlx::query!(
        r#"select line_no, benefit, kind, for_month, list_line.amount, coefficient, standard,
                  channel, reason, law_as_of as "law_as_of: jiff_sqlx::Date",
                  approved_at is not null as "approved!"
           from list_line join payment_list using (list_id)
           where list_month = $1 and person_id = $2 order by line_no"#,
        month.yyyymm(),
        case.id.0
    )
    .fetch_all(office.pool)
    .await?;
    let areas = kernel::area::Areas::embedded();
    rows.into_iter()
        .map(|row| {
            let for_month = month_of(row.for_month)?;
            let province = areas.province_code_of(case.commune_in(for_month));
            let (benefit, coefficient) =
                (benefit_of(row.benefit)?, coefficient_of(row.coefficient));
            let standard = Dong(i64::from(row.standard));
            let law = office.law.in_force(row.law_as_of.to_jiff());
            Ok(LineOfMonth {
                benefit,
                for_month,
                kind: LineKind::from_number(row.kind)
                    .ok_or_else(|| Refused::Inconsistent(format!("no kind {}", row.kind)))?,
                amount: Dong(row.amount),
                coefficient,
                standard,
                channel: channel_of(row.channel),
                reason: Reason::from_number(row.reason),
                law: law.references(benefit, coefficient, standard, for_month, Some(province)),
                line: line_name(month, case.id, row.line_no),
                approved: row.approved,
            })
        })
        .collect()
}
