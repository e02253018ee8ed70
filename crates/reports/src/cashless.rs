//! Who has an account, who is paid into it, and who is not although there is one.

use std::ops::AddAssign;

use kernel::area::{Area, Areas};
use kernel::{Actor, Month};
use payments::{Office, Refused};
use serde::Serialize;

use crate::question::{AreaRow, ByArea, Source, percent};
use crate::reach::Sums;
use crate::target::Targets;

/// Counts of beneficiaries: people and carers whom the month's list pays for the month.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Counts {
    /// Everybody paid for the month, each counted once.
    pub beneficiaries: i64,
    /// With an account on record, whoever holds it.
    pub with_account: i64,
    /// Of them, held by the beneficiary.
    pub own_account: i64,
    /// Of them, held by a guardian.
    pub guardian_account: i64,
    /// Of them, held by somebody authorised.
    pub authorised_account: i64,
    /// Who said they wish an account.
    pub wants_account: i64,
    /// Whom the list pays into an account.
    pub paid_by_account: i64,
    /// With an account and not paid into one: the work to do.
    pub gap: i64,
}

/// Counts with their shares.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Figures {
    /// The counts.
    #[serde(flatten)]
    pub counts: Counts,
    /// Percent of the beneficiaries with an account, two decimals.
    pub with_account_percent: String,
    /// Percent of the beneficiaries paid by account, two decimals.
    pub paid_by_account_percent: String,
    /// The goal in percent of the beneficiaries paid by account: the one asked with, or the one
    /// recorded for the area and year, or for the nearest area around it.
    pub target_percent: Option<u8>,
    /// How many people that is.
    pub target_people: Option<i64>,
    /// How many more must be paid by account to reach it.
    pub missing_to_target: Option<i64>,
}

/// The board of a month and area.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Cashless {
    /// Always `cashless`.
    pub report: &'static str,
    /// The month of the list.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// The lists the figures come from.
    pub lists: Vec<Source>,
    /// The areas right below, in order of code.
    pub rows: Vec<AreaRow<Figures>>,
    /// All of the area.
    pub total: Figures,
}

/// The board: the month's list says who is paid how, the registry who has an account now.
/// `target_percent` takes the place of the targets recorded.
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn cashless(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
    target_percent: Option<u8>,
) -> Result<Cashless, Refused> {
    let (reach, lists) = of.question().sources(office, actor).await?;
    let place = reach.columns();
    let communes = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date", former_code, beneficiaries,
                  with_account, own_account, guardian_account, authorised_account, wants_account,
                  paid_by_account, gap
           from board_people
           where month = $1 and ($2 or (area_code, area_valid_from)
                                       in (select * from unnest($3::text[], $4::date[])))
             and ($5::text[] is null or former_code = any($5))"#,
        reach.scope.month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        place.former as _,
    )
    .fetch_all(office.pool)
    .await?;
    let targets = Targets::of_year(office, of.month).await?;
    let here = Areas::embedded().on(&reach.scope.area, of.month.first_day());
    let mut sums = Sums::new();
    for commune in communes {
        let counts = Counts {
            beneficiaries: commune.beneficiaries.into(),
            with_account: commune.with_account.into(),
            own_account: commune.own_account.into(),
            guardian_account: commune.guardian_account.into(),
            authorised_account: commune.authorised_account.into(),
            wants_account: commune.wants_account.into(),
            paid_by_account: commune.paid_by_account.into(),
            gap: commune.gap.into(),
        };
        let at = (commune.area_code.as_str(), commune.since.to_jiff());
        sums.add(&reach, of.division, at, &commune.former_code, counts)?;
    }
    let target = |area: Option<&Area>| target_percent.or_else(|| targets.of(area));
    let (rows, total) = sums.finish(|area, counts| Figures::of(counts, target(area.or(here))));
    Ok(Cashless {
        report: "cashless",
        month: of.month,
        area: reach.scope.area,
        lists,
        rows,
        total,
    })
}

impl Figures {
    fn of(counts: Counts, target_percent: Option<u8>) -> Figures {
        let Counts {
            beneficiaries,
            with_account,
            paid_by_account,
            ..
        } = counts;
        let wanted = |target: u8| (beneficiaries * i64::from(target) + 99) / 100;
        let target_people = target_percent.map(wanted);
        Figures {
            counts,
            with_account_percent: percent(with_account, beneficiaries),
            paid_by_account_percent: percent(paid_by_account, beneficiaries),
            target_percent,
            target_people,
            missing_to_target: target_people.map(|wanted| (wanted - paid_by_account).max(0)),
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.beneficiaries += other.beneficiaries;
        self.with_account += other.with_account;
        self.own_account += other.own_account;
        self.guardian_account += other.guardian_account;
        self.authorised_account += other.authorised_account;
        self.wants_account += other.wants_account;
        self.paid_by_account += other.paid_by_account;
        self.gap += other.gap;
    }
}
