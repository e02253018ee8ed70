//! `ansinh sample`: an invented province in a practice database.

mod at_work;
mod exchange;
mod nation;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::ToSpan;
use kernel::clock::vietnam_time;
use kernel::{Actor, Clock};
use law::Law;
use payments::Office;
use registry::event::{Event, Submitted};
use reports::target;
use scenarios::{Plan, When, two_way};

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::progress::Progress;

use exchange::{record_dossiers, refuse_others};

/// Events of about so many are recorded in one transaction.
const BATCH: usize = 25_000;

/// Who records the invented events, when nobody is named.
const CLERK: &str = "mau.du-lieu";

/// Options of `sample`.
#[derive(clap::Args)]
pub struct Args {
    /// Tên bộ mẫu; bỏ trống để xem các bộ mẫu.
    name: Option<String>,
    /// Hạt giống: cùng hạt giống cho cùng những con người.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Chỉ nạp 1 trong chừng ấy người (bộ mẫu cả nước).
    #[arg(long, value_name = "SỐ", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    share: u32,
    /// Số người hưởng thay cho số của bộ mẫu; mọi con số theo tỷ lệ.
    #[arg(long, value_name = "SỐ_NGƯỜI")]
    scale: Option<u32>,
    /// Ghi các sự kiện ra tệp NDJSON thay vì vào cơ sở dữ liệu.
    #[arg(long, value_name = "TỆP")]
    events: Option<PathBuf>,
    /// Ghi tệp Excel theo mẫu nhập danh sách đối tượng, với những người ghi được thành một dòng.
    #[arg(long, value_name = "TỆP.xlsx", conflicts_with = "events")]
    xlsx: Option<PathBuf>,
}

/// Run it.
///
/// # Errors
/// When the sample is unknown, the database is no practice database, or refuses.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let Some(name) = &args.name else {
        for (name, title) in scenarios::names() {
            say!("{name}  {title}");
        }
        say!("{}  {}", two_way::NAME, two_way::TITLE);
        say!("{}  {}", at_work::NAME, at_work::TITLE);
        return Ok(Exit::Done);
    };
    if name == two_way::NAME {
        return nation::run(&args, context).await;
    }
    if name == at_work::NAME {
        return at_work::run(&args, context).await;
    }
    if args.share > 1 {
        let why = "--share chỉ dùng với bộ mẫu cả nước; với bộ mẫu khác, dùng --scale.";
        return Err(WrongUsage(why.to_owned()).into());
    }
    let plan = scenarios::build(name, args.seed, args.scale)
        .map_err(|refused| WrongUsage(refused.to_string()))?;
    if let Some(path) = &args.events {
        write_events(&plan, path)?;
        return Ok(Exit::Done);
    }
    if let Some(path) = &args.xlsx {
        write_sheet(&plan, path, context)?;
        return Ok(Exit::Done);
    }
    let actor = practising(context).await?;
    let mut progress = Progress::of("Nạp dữ liệu", plan.people() as u64);
    let reached = &mut |people| progress.reached(people);
    let done = load(&plan, context.law()?, &actor, context, reached).await?;
    progress.done();
    let dossiers = record_dossiers(&plan, &actor, context).await?;
    set_target(&plan, &actor, context).await?;
    say_what_next(&plan, done || dossiers);
    Ok(Exit::Done)
}

/// Who records a sample; refuses in a real database.
async fn practising(context: &Context) -> anyhow::Result<Actor> {
    if !context.is_practice().await? {
        anyhow::bail!(
            "Chỉ nạp được dữ liệu mẫu vào cơ sở dữ liệu luyện tập. Hãy tạo một cơ sở dữ liệu luyện tập: ansinh --data THƯ_MỤC init --practice."
        );
    }
    Ok(Actor::with_every_role(
        context.actor_name().unwrap_or(CLERK),
    ))
}

fn write_events(plan: &Plan, path: &Path) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("Không ghi được {}", path.display()))?;
    let mut out = BufWriter::new(file);
    let mut count = 0_u64;
    for phase in [When::Before, When::InMonth] {
        for event in plan.events(phase) {
            out.write_all(event.to_json().as_bytes())?;
            out.write_all(b"\n")?;
            count += 1;
        }
    }
    out.flush()?;
    eprintln!("Đã ghi {count} sự kiện của {} người.", plan.people());
    Ok(())
}

fn write_sheet(plan: &Plan, path: &Path, context: &Context) -> anyhow::Result<()> {
    let law = context.law()?;
    let mut count = 0_u64;
    let rows = plan.sheet(law).inspect(|_| count += 1);
    let workbook = documents::template::filled(&registry::import::form(law), rows)?;
    std::fs::write(path, workbook).with_context(|| format!("Không ghi được {}", path.display()))?;
    eprintln!("Đã ghi {count} người vào {}.", path.display());
    Ok(())
}

/// Records everything and what the earlier system paid; whether anything was not there before.
async fn load(
    plan: &Plan,
    law: &Law,
    actor: &Actor,
    context: &Context,
    reached: &mut (dyn FnMut(u64) + Send),
) -> anyhow::Result<bool> {
    let history = record(plan, When::Before, actor, context, reached).await?;
    open(plan, law, actor, context).await?;
    let news = record(plan, When::InMonth, actor, context, reached).await?;
    Ok(history || news)
}

/// Records the events of a phase in a few transactions, telling how many people are done; none
/// that is recorded already.
async fn record(
    plan: &Plan,
    phase: When,
    actor: &Actor,
    context: &Context,
    reached: &mut (dyn FnMut(u64) + Send),
) -> anyhow::Result<bool> {
    let pool = context.pool().await?;
    let clock = Clock::Fixed(plan.recorded_at(phase));
    // Transactions are recorded in order: with the last of them, all are there; and where the first
    // people are others, nothing is recorded among them.
    let last = number(plan.last_events(phase));
    let there = registry::try_out(pool, actor, &clock, &last).await?;
    if there.applied == 0 && there.refused.is_empty() {
        return Ok(false);
    }
    let first = number(plan.first_events(phase));
    refuse_others(
        &registry::try_out(pool, actor, &clock, &first)
            .await?
            .refused,
    )?;
    let mut batch: Vec<Event> = Vec::with_capacity(BATCH);
    let mut people = 0;
    for event in plan.events(phase) {
        let another = batch.last().is_none_or(|last| last.person != event.person);
        people += u64::from(another);
        if another && batch.len() >= BATCH {
            apply(std::mem::take(&mut batch), actor, &clock, context).await?;
            reached(people);
        }
        batch.push(event);
    }
    apply(batch, actor, &clock, context).await?;
    Ok(true)
}

async fn apply(
    events: Vec<Event>,
    actor: &Actor,
    clock: &Clock,
    context: &Context,
) -> anyhow::Result<()> {
    let pool = context.pool().await?;
    refuse_others(
        &registry::apply(pool, actor, clock, &number(events))
            .await?
            .refused,
    )
}

fn number(events: Vec<Event>) -> Vec<Submitted> {
    (1..)
        .zip(events)
        .map(|(row, event)| Submitted { row, event })
        .collect()
}

/// The earlier system paid everything it knew of through the month before.
async fn open(plan: &Plan, law: &Law, actor: &Actor, context: &Context) -> anyhow::Result<()> {
    let office = Office {
        pool: context.pool().await?,
        clock: &Clock::Fixed(plan.recorded_at(When::Before)),
        law,
    };
    let spec = plan.spec();
    let openings = payments::opening::all(office.pool).await?;
    if openings.iter().any(|opening| opening.area == spec.area) {
        return Ok(());
    }
    let opening = payments::open(&office, actor, plan.spec().opening(), spec.area).await?;
    eprintln!(
        "Số đầu kỳ: hệ thống cũ đã chi tháng {} cho {} người, {} đồng.",
        opening.month, opening.people, opening.amount
    );
    Ok(())
}

/// The goal of the scenario's year, unless one is recorded already.
async fn set_target(plan: &Plan, actor: &Actor, context: &Context) -> anyhow::Result<()> {
    let spec = plan.spec();
    let office = Office {
        pool: context.pool().await?,
        clock: &Clock::Fixed(plan.recorded_at(When::InMonth)),
        law: context.law()?,
    };
    let year = plan.month().year();
    let known = target::history(&office, actor, spec.area).await?;
    if spec.target.is_some() && known.iter().all(|target| target.year != year) {
        target::record(&office, actor, (spec.area, year), spec.target).await?;
    }
    Ok(())
}

fn say_what_next(plan: &Plan, recorded: bool) {
    let spec = plan.spec();
    if recorded {
        eprintln!("Đã nạp bộ mẫu {}: {} người.", spec.title, plan.people());
    } else {
        eprintln!("Bộ mẫu {} đã có sẵn, không thay đổi gì.", spec.title);
    }
    let morning = vietnam_time(plan.recorded_at(When::InMonth)).saturating_add(15.hours());
    let now = morning.strftime("%Y-%m-%dT%H:%M:%S%:z");
    let (month, area) = (plan.month(), spec.area);
    eprintln!("Việc tiếp theo:");
    eprintln!("  ansinh list make {month} --area {area} --actor lap.danh-sach --now {now}");
    eprintln!("  ansinh list changes {month} --area {area} --actor lap.danh-sach --now {now}");
    eprintln!("  ansinh list approve {month} --area {area} --actor duyet.danh-sach --now {now}");
    eprintln!(
        "  ansinh report caseload --month {month} --area {area} --actor xem.bao-cao --now {now}"
    );
}
