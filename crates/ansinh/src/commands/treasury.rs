//! `ansinh treasury`: money of a list drawn and passed on; `ansinh ledger`: where it is.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Dong, Month, MonthSpan};
use payments::ledger::{self, EntryNo};
use payments::treasury::{self, Movement};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `treasury`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Ghi tiền đã rút tại Kho bạc cho một danh sách đã duyệt.
    Draw(Moved),
    /// Ghi tiền đã chuyển cho đơn vị chi trả.
    Transfer {
        #[command(flatten)]
        moved: Moved,
        /// Mã đơn vị chi trả.
        #[arg(long)]
        provider: String,
    },
    /// Hủy một bút toán rút hoặc chuyển tiền ghi nhầm, bằng bút toán ngược lại.
    TakeBack {
        /// Số bút toán.
        entry: i64,
        /// Lý do hoặc số chứng từ.
        #[arg(long)]
        paper: String,
    },
}

#[derive(clap::Args)]
struct Moved {
    /// Tháng của danh sách, ví dụ 2024-05.
    month: Month,
    /// Số tiền, đồng.
    amount: i64,
    /// Mã địa bàn của danh sách; VN hoặc bỏ trống là cả nước.
    #[arg(long, default_value = "")]
    area: String,
    /// Ngày chuyển tiền; bỏ trống là hôm nay.
    #[arg(long)]
    day: Option<Date>,
    /// Số chứng từ.
    #[arg(long)]
    paper: String,
}

impl Moved {
    fn movement(&self, today: Date) -> Movement<'_> {
        Movement {
            month: self.month,
            area: &self.area,
            amount: Dong(self.amount),
            day: self.day.unwrap_or(today),
            paper: &self.paper,
        }
    }
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    let today = office.clock.today();
    let entry = match args.action {
        Action::Draw(moved) => treasury::draw(&office, &actor, &moved.movement(today)).await?,
        Action::Transfer { moved, provider } => {
            treasury::transfer(&office, &actor, &moved.movement(today), &provider).await?
        }
        Action::TakeBack { entry, paper } => {
            treasury::take_back(&office, &actor, EntryNo(entry), &paper).await?
        }
    };
    eprintln!("Đã ghi bút toán số {entry}.");
    Ok(Exit::Done)
}

/// Options of `ledger`.
#[derive(clap::Args)]
pub struct LedgerArgs {
    #[command(subcommand)]
    action: LedgerAction,
}

#[derive(clap::Subcommand)]
enum LedgerAction {
    /// Số dư các tài khoản theo tháng và đơn vị chi trả.
    Balance {
        /// Tháng của danh sách, ví dụ 2024-05.
        month: Month,
        /// Đến tháng này; bỏ trống là một tháng.
        #[arg(long)]
        to: Option<Month>,
        /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
        #[arg(long, default_value = "")]
        area: String,
        /// Theo những gì đã ghi đến thời điểm này.
        #[arg(long)]
        until: Option<Timestamp>,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

#[derive(Serialize)]
struct BalanceRow {
    list_month: Month,
    account: &'static str,
    provider: String,
    amount: i64,
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run_ledger(args: LedgerArgs, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    let LedgerAction::Balance {
        month,
        to,
        area,
        until,
        format,
    } = args.action;
    let months = MonthSpan {
        from: month,
        to: to.unwrap_or(month),
    };
    let balances = ledger::balances(&office, &actor, months, &area, until).await?;
    let rows = balances.into_iter().map(|balance| BalanceRow {
        list_month: balance.list_month,
        account: balance.account.code(),
        provider: balance.provider.unwrap_or_default(),
        amount: balance.amount.0,
    });
    print_rows(format, rows)?;
    Ok(Exit::Done)
}
