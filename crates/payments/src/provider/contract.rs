//! Contracts with providers (Decree 20/2021/NĐ-CP Art. 34.3): where, which ways of paying, for
//! what fee, by which days.

use access::audit::{Action, Changed};
use jiff_sqlx::ToSqlx;
use kernel::bank::Bank;
use kernel::{Actor, Month};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;

use super::slot::{self, Slot};
use super::{Provider, ProviderKind, SIGNATORIES, find};
use crate::header::month_of;
use crate::line::{channel_number, channel_of};
use crate::{Channel, Office, Refused, Scope, show};

/// How orders are handed over.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    /// A file that somebody carries over.
    File,
    /// The provider's program fetches it.
    Interface,
    /// Printed lists.
    Paper,
}

impl Handover {
    /// Every way.
    pub const ALL: [Handover; 3] = [Handover::File, Handover::Interface, Handover::Paper];

    /// Stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Handover::File => "file",
            Handover::Interface => "interface",
            Handover::Paper => "paper",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Handover> {
        Handover::ALL.into_iter().find(|way| way.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Handover::File => "Tệp",
            Handover::Interface => "Kết nối",
            Handover::Paper => "Bản in",
        }
    }
}

/// What is agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewContract {
    /// Code of the provider.
    pub provider: String,
    /// Code of the area; empty is the whole country. Of two contracts that fit the one of the
    /// smaller area holds.
    pub area: String,
    /// Only accounts with this bank or wallet; none is any. Within an area a contract for the bank
    /// comes before one for any.
    pub bank: Option<String>,
    /// Ways of paying.
    pub channels: Vec<Channel>,
    /// First month.
    pub from: Month,
    /// Last month as signed; none is open.
    pub to: Option<Month>,
    /// The fee: hundredths of a percent of the money paid.
    pub fee_basis_points: i32,
    /// The list is handed over before this day of the month before.
    pub list_before_day: i16,
    /// The provider reports before this day of the month paid.
    pub report_before_day: i16,
    /// Months of a settlement.
    pub settlement_months: i16,
    /// How orders are handed over.
    pub handover: Handover,
    /// Number of the paper contract.
    pub signed_number: Option<String>,
}

/// A recorded contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contract {
    /// Its number here.
    pub contract_no: i64,
    /// Who recorded it.
    pub recorded_by: String,
    /// Ways of paying for which it holds in the month asked for; the others have passed to another
    /// contract, or ended.
    pub holds_for: Vec<Channel>,
    /// What is agreed.
    #[serde(flatten)]
    pub terms: NewContract,
}

/// Records a contract. Where another holds in one of its months it is refused, unless `takes_over`:
/// then the other ends from this one's first month on, for the ways of paying of both.
///
/// # Errors
/// [`Refused::UnknownProvider`], [`Refused::UnknownArea`], [`Refused::NotAContract`],
/// [`Refused::ContractHolds`], [`Refused::Denied`].
pub async fn record(
    office: &Office<'_>,
    actor: &Actor,
    terms: &NewContract,
    takes_over: bool,
) -> Result<i64, Refused> {
    let scope = Scope::of(&terms.area, terms.from)?;
    access::require(actor, &SIGNATORIES, &scope.area)?;
    let mut tx = office.pool.begin().await?;
    slot::lock(&mut tx).await?;
    let provider = find(&mut *tx, &terms.provider).await?;
    let bank = check(&provider, terms)?;
    let contract_no = insert(office, actor, &mut tx, &provider, &scope.area, &bank, terms).await?;
    let mut changed = Changed::new();
    for channel in sorted(&terms.channels) {
        let slot = Slot {
            area: scope.area.clone(),
            channel: channel_number(Some(channel)),
            bank: bank.clone(),
        };
        let history = slot::history(&mut tx, &slot).await?;
        let was = slot::holds_in(&history, terms.from);
        changed = changed.value(channel.code(), was, contract_no);
        if let Some(other) = slot::holds_within(&history, terms.from, terms.to) {
            if !takes_over {
                let contract_no = other;
                return Err(Refused::ContractHolds {
                    contract_no,
                    channel,
                });
            }
            slot::follow(office, actor, &mut tx, &slot, terms.from, None).await?;
        }
        slot::follow(office, actor, &mut tx, &slot, terms.from, Some(contract_no)).await?;
    }
    let detail = changed.with(json!({ "provider": terms.provider, "from": terms.from }));
    let (object, area) = (contract_no.to_string(), Some(scope.area.as_str()));
    let (now, action) = (office.clock.now(), Action::ContractRecord);
    access::audit::record(&mut tx, now, actor, action, &object, area, detail).await?;
    tx.commit().await?;
    Ok(contract_no)
}

/// Ends a contract: nobody holds what it held from a month on. Orders made under it stay.
///
/// # Errors
/// [`Refused::NoContract`] when there is none, or it holds nothing in that month.
pub async fn end(
    office: &Office<'_>,
    actor: &Actor,
    contract_no: i64,
    from: Month,
) -> Result<(), Refused> {
    let mut tx = office.pool.begin().await?;
    slot::lock(&mut tx).await?;
    let row = sqlx::query!(
        "select area_code, bank_code, channels from provider_contract where contract_no = $1",
        contract_no
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refused::NoContract { contract_no })?;
    access::require(actor, &SIGNATORIES, &row.area_code)?;
    let mut ended = 0;
    for channel in row.channels {
        let slot = Slot {
            area: row.area_code.clone(),
            channel,
            bank: row.bank_code.clone(),
        };
        let history = slot::history(&mut tx, &slot).await?;
        if slot::holds_in(&history, from) == Some(contract_no) {
            slot::follow(office, actor, &mut tx, &slot, from, None).await?;
            ended += 1;
        }
    }
    if ended == 0 {
        return Err(Refused::NoContract { contract_no });
    }
    let changed = Changed::new().value("contract", contract_no, None::<i64>);
    let detail = changed.with(json!({ "from": from }));
    let (object, area) = (contract_no.to_string(), Some(row.area_code.as_str()));
    let (now, action) = (office.clock.now(), Action::ContractEnd);
    access::audit::record(&mut tx, now, actor, action, &object, area, detail).await?;
    tx.commit().await?;
    Ok(())
}

fn sorted(channels: &[Channel]) -> Vec<Channel> {
    let mut all = channels.to_vec();
    all.sort_by_key(|channel| channel_number(Some(*channel)));
    all.dedup();
    all
}

/// The bank as payees name it; empty is any.
fn check(provider: &Provider, terms: &NewContract) -> Result<String, Refused> {
    let refuse = |why| Err(Refused::NotAContract { why });
    if terms.channels.is_empty() {
        return refuse("cần ít nhất một hình thức nhận");
    }
    let suits = |channel: &Channel| provider.kind.channels().contains(channel);
    if !terms.channels.iter().all(suits) {
        return refuse("đơn vị loại này không chi theo hình thức đó");
    }
    if terms.to.is_some_and(|to| to < terms.from) {
        return refuse("tháng cuối đứng trước tháng đầu");
    }
    if !(0..=10_000).contains(&terms.fee_basis_points) {
        return refuse("phí tính bằng phần vạn số tiền chi, từ 0 đến 10000");
    }
    let day = |day: i16| (1..=31).contains(&day);
    if !day(terms.list_before_day) || !day(terms.report_before_day) {
        return refuse("ngày trong tháng phải từ 1 đến 31");
    }
    if !(1..=12).contains(&terms.settlement_months) {
        return refuse("kỳ quyết toán phải từ 1 đến 12 tháng");
    }
    match terms.bank.as_deref() {
        None | Some("") => Ok(String::new()),
        Some(_) if provider.kind == ProviderKind::Post => {
            refuse("hợp đồng với bưu điện không theo ngân hàng")
        }
        Some(named) => match Bank::find(named) {
            Some(bank) => Ok(bank.provider_code().to_owned()),
            None => refuse("không có ngân hàng hoặc ví đó"),
        },
    }
}

async fn insert(
    office: &Office<'_>,
    actor: &Actor,
    tx: &mut PgConnection,
    provider: &Provider,
    area: &str,
    bank: &str,
    terms: &NewContract,
) -> sqlx::Result<i64> {
    let channels: Vec<i16> = sorted(&terms.channels)
        .into_iter()
        .map(|channel| channel_number(Some(channel)))
        .collect();
    sqlx::query_scalar!(
        "insert into provider_contract (provider, kind, area_code, bank_code, channels, from_month,
             to_month, fee_basis_points, list_before_day, report_before_day, settlement_months,
             handover, signed_number, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         returning contract_no",
        provider.code,
        provider.kind.code(),
        area,
        bank,
        &channels,
        terms.from.yyyymm(),
        terms.to.map(Month::yyyymm),
        terms.fee_basis_points,
        terms.list_before_day,
        terms.report_before_day,
        terms.settlement_months,
        terms.handover.code(),
        terms.signed_number,
        actor.name,
        office.clock.now().to_sqlx() as _
    )
    .fetch_one(tx)
    .await
}

/// Every contract whose area the actor may read lists of, with what it holds in a month.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read lists anywhere.
pub async fn contracts(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
) -> Result<Vec<Contract>, Refused> {
    if actor.areas_of(show::READERS).next().is_none() {
        access::require(actor, show::READERS, "")?;
    }
    let mut all = read(office, month).await?;
    all.retain(|contract| access::holds(actor, show::READERS, &contract.terms.area));
    Ok(all)
}

/// Every contract, with the channels for which it holds in a month.
pub(crate) async fn read(office: &Office<'_>, month: Month) -> Result<Vec<Contract>, Refused> {
    let rows = sqlx::query!(
        r#"with holding as (
               select distinct on (slot.area_code, slot.channel, slot.bank_code)
                      slot.channel, slot.contract_no
               from contract_slot slot left join provider_contract using (contract_no)
               where slot.from_month <= $1 and (to_month is null or to_month >= $1)
               order by slot.area_code, slot.channel, slot.bank_code, slot_no desc)
           select contract_no, provider, area_code, bank_code, channels, from_month, to_month,
                  fee_basis_points, list_before_day, report_before_day, settlement_months,
                  handover, signed_number, recorded_by,
                  array(select channel from holding where holding.contract_no = c.contract_no
                        order by channel) as "holds_for!"
           from provider_contract c order by contract_no"#,
        month.yyyymm()
    )
    .fetch_all(office.pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Contract {
                contract_no: row.contract_no,
                recorded_by: row.recorded_by,
                holds_for: row.holds_for.into_iter().filter_map(channel_of).collect(),
                terms: NewContract {
                    provider: row.provider,
                    area: row.area_code,
                    bank: Some(row.bank_code).filter(|bank| !bank.is_empty()),
                    channels: row.channels.into_iter().filter_map(channel_of).collect(),
                    from: month_of(row.from_month)?,
                    to: row.to_month.map(month_of).transpose()?,
                    fee_basis_points: row.fee_basis_points,
                    list_before_day: row.list_before_day,
                    report_before_day: row.report_before_day,
                    settlement_months: row.settlement_months,
                    handover: Handover::from_code(&row.handover)
                        .ok_or_else(|| Refused::Inconsistent(format!("no way {}", row.handover)))?,
                    signed_number: row.signed_number,
                },
            })
        })
        .collect()
}
