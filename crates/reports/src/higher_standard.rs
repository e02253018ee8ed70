//! Where a province pays by a higher standard than the national one, to how many, how much.

use kernel::{Actor, Dong, Month};
use law::Benefit;
use payments::{Office, Refused};
use serde::Serialize;

use crate::caseload;
use crate::question::{AreaRow, ByArea, Source};
use crate::reach::Sums;

/// People and money under a higher standard.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Figures {
    /// Of the month; somebody paid by two higher standards is counted with each.
    #[serde(flatten)]
    pub month: caseload::Figures,
    /// Đồng of twelve such months.
    pub amount_of_a_year: Dong,
}

/// The board of a month and area.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct HigherStandard {
    /// Always `higher_standard`.
    pub report: &'static str,
    /// The month of the list.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// The national standard of the month, đồng.
    pub national: Dong,
    /// The lists the figures come from.
    pub lists: Vec<Source>,
    /// The areas right below in which anybody is paid by a higher one, in order of code.
    pub rows: Vec<AreaRow<Figures>>,
    /// All of the area.
    pub total: Figures,
}

/// The board: lines of the month's lists whose standard is above the national one
/// (20/2021/NĐ-CP Điều 4 khoản 3).
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn higher_standard(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
) -> Result<HigherStandard, Refused> {
    let (reach, lists) = of.question().sources(office, actor).await?;
    let law = office.law.in_force(office.clock.today());
    // Without a province it is the same for every benefit.
    let national = law.standard(None, Benefit::Disability, of.month);
    let national = national.unwrap_or(Dong::ZERO);
    let place = reach.columns();
    let communes = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date", former_code,
                  sum(people)::bigint as "people!", sum(households)::bigint as "households!",
                  sum(recipients)::bigint as "recipients!", sum(amount)::bigint as "amount!",
                  sum(recoverable)::bigint as "recoverable!"
           from board_caseload
           where month = $1 and kind = 'standard' and key > $5
             and ($2 or (area_code, area_valid_from)
                        in (select * from unnest($3::text[], $4::date[])))
             and ($6::text[] is null or former_code = any($6))
           group by area_code, area_valid_from, former_code"#,
        of.month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        i32::try_from(national.value()).unwrap_or(i32::MAX),
        place.former as _,
    )
    .fetch_all(office.pool)
    .await?;
    let mut sums = Sums::new();
    for commune in communes {
        let figures = caseload::Figures {
            people: commune.people,
            households: commune.households,
            recipients: commune.recipients,
            amount: Dong(commune.amount),
            recoverable: Dong(commune.recoverable),
        };
        let lies = (&*commune.area_code, commune.since.to_jiff());
        sums.add(&reach, of.division, lies, &commune.former_code, figures)?;
    }
    let (rows, total) = sums.finish(|_, month: caseload::Figures| Figures {
        month,
        amount_of_a_year: Dong(month.amount.value() * 12),
    });
    Ok(HigherStandard {
        report: "higher_standard",
        month: of.month,
        area: reach.scope.area,
        national,
        lists,
        rows,
        total,
    })
}
