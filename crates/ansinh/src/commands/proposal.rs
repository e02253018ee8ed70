//! `ansinh proposal`: what results suggest about people, decided by a person.

use jiff::civil::Date;
use kernel::Month;
use payments::proposal::{self, Decision};

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `proposal`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Liệt kê đề xuất đến hết tháng.
    List {
        /// Tháng cuối.
        month: Month,
        /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
        #[arg(long, default_value = "")]
        area: String,
        /// Kể cả những đề xuất đã quyết định.
        #[arg(long)]
        decided: bool,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Chấp nhận: sự kiện được ghi vào sổ đối tượng.
    Accept {
        /// Số của đề xuất.
        number: i64,
        /// Tạm dừng từ tháng này.
        #[arg(long, conflicts_with = "died")]
        from: Option<Month>,
        /// Ngày mất theo giấy tờ, YYYY-MM-DD.
        #[arg(long)]
        died: Option<Date>,
        /// Lý do.
        #[arg(long)]
        reason: String,
    },
    /// Bác: không có gì xảy ra.
    Reject {
        /// Số của đề xuất.
        number: i64,
        /// Lý do.
        #[arg(long)]
        reason: String,
    },
}

/// Run it.
///
/// # Errors
/// When it is refused or the database fails.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    let (number, decision, reason) = match args.action {
        Action::List {
            month,
            area,
            decided,
            format,
        } => {
            let found = proposal::proposals(&office, &actor, month, &area, decided).await?;
            print_rows(format, found)?;
            return Ok(Exit::Done);
        }
        Action::Accept {
            number,
            from,
            died,
            reason,
        } => match (from, died) {
            (Some(from), _) => (number, Decision::Suspend { from }, reason),
            (None, Some(date)) => (number, Decision::On { date }, reason),
            (None, None) => {
                let text = "Cần --from THÁNG (tạm dừng) hoặc --died NGÀY (qua đời).";
                return Err(WrongUsage(text.to_owned()).into());
            }
        },
        Action::Reject { number, reason } => (number, Decision::Reject, reason),
    };
    proposal::decide(&office, &actor, number, decision, &reason).await?;
    eprintln!("Đã quyết định đề xuất số {number}.");
    Ok(Exit::Done)
}
