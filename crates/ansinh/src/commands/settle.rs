//! `ansinh settle`: settling with providers.

use jiff::civil::Date;
use kernel::{Dong, Month, MonthSpan};
use payments::settlement::{self, FeeFrom};
use payments::treasury::Movement;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `settle`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Từng đơn vị chi trả: đã chuyển, đã chi, phí, đã trả lại, còn phải trả lại, chưa khớp.
    Show {
        /// Tháng đầu của kỳ quyết toán.
        month: Month,
        /// Tháng cuối; bỏ trống là một tháng.
        #[arg(long)]
        to: Option<Month>,
        /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
        #[arg(long, default_value = "")]
        area: String,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Ghi tiền đơn vị chi trả nộp lại vì không chi được.
    GiveBack(Moved),
    /// Ghi phí dịch vụ đã trả cho đơn vị chi trả.
    Fee {
        #[command(flatten)]
        moved: Moved,
        /// Đơn vị chi trả giữ lại từ tiền đã chuyển, không phải do cơ quan trả riêng.
        #[arg(long)]
        kept: bool,
    },
}

/// Money of a list that moved.
#[derive(clap::Args)]
struct Moved {
    /// Tháng của danh sách.
    month: Month,
    /// Mã địa bàn của danh sách; VN hoặc bỏ trống là cả nước.
    #[arg(long, default_value = "")]
    area: String,
    /// Mã đơn vị chi trả.
    #[arg(long)]
    provider: String,
    /// Số đồng.
    #[arg(long)]
    amount: i64,
    /// Ngày trên chứng từ, YYYY-MM-DD; bỏ trống là hôm nay.
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
/// When it is refused or the database fails.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    let today = office.clock.today();
    let booked = match &args.action {
        Action::Show {
            month,
            to,
            area,
            format,
        } => {
            let months = MonthSpan {
                from: *month,
                to: to.unwrap_or(*month),
            };
            let statements = settlement::statements(&office, &actor, months, area).await?;
            print_rows(*format, statements)?;
            return Ok(Exit::Done);
        }
        Action::GiveBack(moved) => {
            let movement = moved.movement(today);
            settlement::give_back(&office, &actor, &movement, &moved.provider).await?
        }
        Action::Fee { moved, kept } => {
            let movement = moved.movement(today);
            let from = if *kept {
                FeeFrom::Provider
            } else {
                FeeFrom::Treasury
            };
            settlement::pay_fee(&office, &actor, &movement, &moved.provider, from).await?
        }
    };
    eprintln!("Đã ghi bút toán số {booked}.");
    Ok(Exit::Done)
}
