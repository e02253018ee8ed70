//! `ansinh sample two-way-2024-05`: the whole country, province by province.

use anyhow::Context as _;
use jiff::ToSpan;
use kernel::{Actor, Clock, Month};
use law::Law;
use payments::provider::contract::Handover;
use payments::provider::pay_point::{self, PayPoint};
use payments::provider::{self, NewContract, Provider, ProviderKind};
use payments::{Channel, Office, header};
use scenarios::When;
use scenarios::two_way::people::{Nation, PRACTICE_LAW, WITHOUT_POST};
use scenarios::two_way::{NAME, NOTE, TITLE, traffic};

use super::exchange::record_traffic;
use super::{Args, load, practising};
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::progress::Progress;

/// Who makes the lists, and who approves them.
const MAKER: &str = "lap.danh-sach";
const APPROVER: &str = "duyet.danh-sach";

/// The providers of the sample.
const POST: &str = "buu-dien";
const BANK: &str = "ngan-hang";

/// Run it.
///
/// # Errors
/// When the database is no practice database, or refuses.
pub(super) async fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    if args.scale.is_some() || args.events.is_some() || args.xlsx.is_some() {
        let why =
            "Bộ mẫu cả nước không có --scale, --events, --xlsx; muốn ít người hơn, dùng --share.";
        return Err(WrongUsage(why.to_owned()).into());
    }
    let actor = practising(context).await?;
    let nation = Nation::new(args.seed, args.share);
    let folder = context.data().join(format!("law-{NAME}"));
    let law = Law::write_for_practice(&folder, PRACTICE_LAW)?;
    record(&nation, &law, &actor, context).await?;
    record_traffic(traffic::traffic(args.seed), &actor, context).await?;
    let first = nation.specs().first().context("Không có tỉnh nào.")?;
    let month = first.setting.month;
    // The morning after everything is known.
    let morning = first.recorded_at(When::InMonth).checked_add(15.hours())?;
    let clock = Clock::Fixed(morning);
    let office = Office {
        pool: context.pool().await?,
        clock: &clock,
        law: &law,
    };
    agree(&nation, &office, month).await?;
    list(&nation, &office, month).await?;
    eprintln!("  Tổng hợp số liệu cho các bảng báo cáo");
    reports::kept::prepare(&office).await?;
    let share = match nation.share() {
        1 => String::new(),
        share => format!(", 1 trong {share} người"),
    };
    eprintln!("Đã nạp bộ mẫu {TITLE}{share}. {NOTE} Việc tiếp theo:");
    let report = format!(
        "ansinh report caseload --month {month} --law {}",
        folder.display()
    );
    for by in ["area", "benefit", "standard"] {
        eprintln!("  {report} --by {by}");
    }
    eprintln!("  ansinh provider points --month {month}");
    eprintln!("  ansinh report exchange --month {month}");
    Ok(Exit::Done)
}

/// Everybody's events, and what the earlier systems of the provinces paid. What is recorded
/// already is passed over, so that the sample goes on where it was broken off.
async fn record(
    nation: &Nation,
    law: &Law,
    actor: &Actor,
    context: &Context,
) -> anyhow::Result<()> {
    let people: u32 = nation.specs().iter().map(scenarios::Spec::people).sum();
    let mut progress = Progress::of("Nạp dữ liệu 63 tỉnh, thành phố", people.into());
    let mut before = 0;
    for plan in nation.plans() {
        load(&plan, law, actor, context, &mut |people| {
            progress.reached(before + people);
        })
        .await?;
        before += plan.people() as u64;
        progress.reached(before);
    }
    progress.done();
    Ok(())
}

/// The providers, their contracts and where the post pays, unless they are there.
async fn agree(nation: &Nation, office: &Office<'_>, month: Month) -> anyhow::Result<()> {
    let actor = Actor::with_every_role(APPROVER);
    let known = provider::all(office, &actor).await?;
    if known.iter().any(|provider| provider.code == POST) {
        return Ok(());
    }
    let post = Provider {
        code: POST.to_owned(),
        name: "Bưu điện (luyện tập)".to_owned(),
        kind: ProviderKind::Post,
        bank_code: None,
        account_number: None,
    };
    let bank = Provider {
        code: BANK.to_owned(),
        name: "Ngân hàng (luyện tập)".to_owned(),
        kind: ProviderKind::Bank,
        bank_code: Some("970405".to_owned()),
        account_number: Some("9999000000001".to_owned()),
    };
    provider::add(office, &actor, &bank).await?;
    let terms = |provider: &str, area: &str, channels: &[Channel]| NewContract {
        provider: provider.to_owned(),
        area: area.to_owned(),
        bank: None,
        channels: channels.to_vec(),
        from: month.plus(-4),
        to: None,
        fee_basis_points: 50,
        list_before_day: 25,
        report_before_day: 20,
        settlement_months: 3,
        handover: Handover::File,
        signed_number: None,
    };
    provider::record(office, &actor, &terms(BANK, "", &[Channel::Account]), false).await?;
    let points: Vec<PayPoint> = nation
        .pay_points()
        .into_iter()
        .map(|(code, commune)| PayPoint {
            name: format!("Điểm chi trả {code}, {}", commune.full_name),
            area: commune.code.to_owned(),
            code,
        })
        .collect();
    provider::add(office, &actor, &post).await?;
    for spec in nation.specs() {
        if !WITHOUT_POST.contains(&spec.area) {
            let terms = terms(POST, spec.area, &[Channel::PostOffice, Channel::Home]);
            provider::record(office, &actor, &terms, false).await?;
        }
    }
    pay_point::record(office, &actor, POST, month, &points).await?;
    Ok(())
}

/// Makes and approves the list of every province that has none.
async fn list(nation: &Nation, office: &Office<'_>, month: Month) -> anyhow::Result<()> {
    let (maker, approver) = (
        Actor::with_every_role(MAKER),
        Actor::with_every_role(APPROVER),
    );
    let provinces = nation.specs();
    let people: u32 = provinces.iter().map(scenarios::Spec::people).sum();
    let mut progress = Progress::of("Lập và duyệt 63 danh sách", people.into());
    let mut done = 0;
    for spec in provinces {
        let there = header::find(office.pool, month, spec.area).await?;
        if there.is_none_or(|list| !list.is_approved()) {
            payments::make(office, &maker, month, spec.area).await?;
            payments::approve(office, &approver, month, spec.area).await?;
        }
        done += u64::from(spec.people());
        progress.reached(done);
    }
    progress.done();
    Ok(())
}
