//! The queue of work on the command line: looking at it, acting on several dossiers, and what localities
//! decide about stages.

use casework::act::{self, Ask};
use casework::local::{self, Rule};
use casework::queue::{self, Sort, Tab, Wanted};
use jiff::civil::Date;
use uuid::Uuid;

use crate::commands::apply::print_outcome;
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Which part of the queue.
#[derive(clap::Args)]
pub struct Part {
    /// Phần: mine (của tôi), waiting (chờ tiếp nhận), overdue (quá hạn), returned (lãnh đạo trả lại), all (tất cả),
    /// agreement (chờ lãnh đạo), number (chờ vào sổ).
    #[arg(default_value = "mine")]
    part: String,
    /// Mã địa bàn; không nêu là mọi địa bàn của người dùng.
    #[arg(long, value_name = "MÃ", default_value = "")]
    area: String,
    /// Chỉ thủ tục này.
    #[arg(long)]
    procedure: Option<String>,
    /// Chỉ bước này.
    #[arg(long)]
    stage: Option<String>,
    /// Chỉ hồ sơ của người giữ này.
    #[arg(long)]
    holder: Option<String>,
    /// Chỉ hồ sơ có hạn đến hết ngày này.
    #[arg(long)]
    due_by: Option<Date>,
    /// Xếp theo: due (hạn), submitted (ngày nộp), name (tên).
    #[arg(long, default_value = "due")]
    sort: String,
    /// Chỉ đếm hồ sơ từng phần.
    #[arg(long)]
    counts: bool,
    /// Bỏ qua bao nhiêu hồ sơ.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    skip: i64,
    /// Nhiều nhất bao nhiêu hồ sơ.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Định dạng: ndjson, json, csv, table.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Part {
    /// Prints the part, or the counts.
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Exit> {
        let (pool, actor) = (context.pool().await?, context.actor().await?);
        let clock = context.clock().await?;
        let unknown = |what: &str| WrongUsage(format!("Không có {what} này: xem --help."));
        let wanted = Wanted {
            tab: Tab::from_code(&self.part).ok_or_else(|| unknown("phần"))?,
            sort: Sort::from_code(&self.sort).ok_or_else(|| unknown("cách xếp"))?,
            area: self.area,
            procedure: self.procedure,
            stage: self.stage,
            holder: self.holder,
            due_by: self.due_by,
            ..Wanted::default()
        };
        if self.counts {
            let counts = queue::counts(pool, &actor, &clock, &wanted).await?;
            print_rows(self.format, [counts])?;
            return Ok(Exit::Done);
        }
        let part = (self.skip, self.limit);
        let items = queue::items(pool, &actor, &clock, &wanted, part).await?;
        print_rows(self.format, items)?;
        Ok(Exit::Done)
    }
}

/// Takes the same step of several dossiers now, as they stand.
pub(super) async fn act(
    context: &Context,
    dossiers: &[String],
    step: impl Fn() -> casework::Step,
) -> anyhow::Result<Exit> {
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let clock = context.clock().await?;
    let seen = act::seen(pool, &actor, dossiers).await?;
    let ask = |(dossier, seen): (&String, i32)| Ask {
        dossier: dossier.clone(),
        seen,
        step: step(),
    };
    let asks: Vec<Ask> = dossiers.iter().zip(seen).map(ask).collect();
    let done = act::act(pool, &actor, &clock, Uuid::now_v7(), &asks).await?;
    print_outcome(done, "Đã ghi", "bước")
}

/// What a locality decides about a stage.
#[derive(clap::Args)]
pub struct Stage {
    /// Mã xã hoặc tỉnh.
    area: String,
    /// Mã quy định (d20, d147, d335…); không nêu là chỉ xem những điều đã ghi.
    regime: Option<String>,
    /// Mã bước.
    stage: Option<String>,
    /// Cho hồ sơ tiếp nhận từ ngày này.
    #[arg(long)]
    from: Option<Date>,
    /// Số ngày làm việc, không quá luật; không nêu là theo luật.
    #[arg(long)]
    days: Option<u16>,
    /// Tên đăng nhập người giữ bước; không nêu là bộ phận theo quy định.
    #[arg(long)]
    holder: Option<String>,
    /// Định dạng: ndjson, json, csv, table.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Stage {
    /// Records the rule, or prints those there are.
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Exit> {
        let (pool, actor) = (context.pool().await?, context.actor().await?);
        let clock = context.clock().await?;
        let Some(regime) = self.regime else {
            let rules = local::of_area(pool, &actor, &self.area).await?;
            print_rows(self.format, rules)?;
            return Ok(Exit::Done);
        };
        let missing = || WrongUsage("Cần nêu bước và --from: xem --help.".to_owned());
        let (stage, from) = self.stage.zip(self.from).ok_or_else(missing)?;
        let rule = Rule {
            area: self.area,
            regime,
            stage,
            from,
            days: self.days,
            holder: self.holder,
        };
        local::set(pool, &actor, &clock, &rule).await?;
        eprintln!("Đã ghi.");
        Ok(Exit::Done)
    }
}
