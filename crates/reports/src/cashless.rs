//! Who has an account, who is paid into it, and who is not although there is one.

use std::ops::AddAssign;

use kernel::{Actor, Month};
use payments::line::channel_number;
use payments::{Channel, LineKind, Office, Refused};
use serde::Serialize;

use crate::question::{AreaRow, ByArea, Source, Sums, columns, percent};

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
    /// The goal in percent of the beneficiaries paid by account, if one was named.
    pub target_percent: Option<u8>,
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
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn cashless(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
    target_percent: Option<u8>,
) -> Result<Cashless, Refused> {
    let (scope, lists) = of.question().sources(office, actor).await?;
    let (everywhere, codes, since) = columns(&scope);
    let communes = sqlx::query!(
        r#"with beneficiary as (
               select person_id, area_code, area_valid_from,
                      bool_or(channel = $6) as by_account
               from list_line
               where list_month = $1 and kind = any($5)
                 and ($2 or (area_code, area_valid_from)
                            in (select * from unnest($3::text[], $4::date[])))
               group by person_id, area_code, area_valid_from)
           select area_code, area_valid_from as "since: jiff_sqlx::Date",
                  count(*) as "beneficiaries!",
                  count(account_number) as "with_account!",
                  count(account_number) filter (where holder = 'self') as "own!",
                  count(account_number) filter (where holder = 'guardian') as "guardian!",
                  count(account_number) filter (where holder = 'authorised') as "authorised!",
                  count(*) filter (where wants_account) as "wants!",
                  count(*) filter (where by_account) as "paid!",
                  count(account_number) filter (where not by_account) as "gap!"
           from beneficiary left join payee using (person_id)
           group by area_code, area_valid_from"#,
        scope.month.yyyymm(),
        everywhere,
        &codes,
        &since as _,
        &[LineKind::Regular.number(), LineKind::OneOff.number()][..],
        channel_number(Some(Channel::Account)),
    )
    .fetch_all(office.pool)
    .await?;
    let mut sums = Sums::new();
    for commune in communes {
        let counts = Counts {
            beneficiaries: commune.beneficiaries,
            with_account: commune.with_account,
            own_account: commune.own,
            guardian_account: commune.guardian,
            authorised_account: commune.authorised,
            wants_account: commune.wants,
            paid_by_account: commune.paid,
            gap: commune.gap,
        };
        let since = commune.since.to_jiff();
        sums.add(&scope, &commune.area_code, since, counts)?;
    }
    let (rows, total) = sums.finish(|counts| Figures::of(counts, target_percent));
    Ok(Cashless {
        report: "cashless",
        month: of.month,
        area: scope.area,
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
        let missing = |target: u8| {
            let wanted = (beneficiaries * i64::from(target) + 99) / 100;
            (wanted - paid_by_account).max(0)
        };
        Figures {
            counts,
            with_account_percent: percent(with_account, beneficiaries),
            paid_by_account_percent: percent(paid_by_account, beneficiaries),
            target_percent,
            missing_to_target: target_percent.map(missing),
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
