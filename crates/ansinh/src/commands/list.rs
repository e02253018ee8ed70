//! `ansinh list`: the month's list, from draft to paper.

mod changes;
mod export;
mod rows;
mod show;

use kernel::Month;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::Format;

/// Options of `list`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Lập danh sách (bản nháp; lập lại bao nhiêu lần cũng được đến khi duyệt).
    Make(Of),
    /// Xem các dòng của danh sách.
    Show {
        #[command(flatten)]
        of: Of,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// So với tháng trước: mọi chênh lệch kèm nguyên nhân.
    Changes {
        #[command(flatten)]
        of: Of,
        /// Định dạng: table và json là bảng cân đối; ndjson và csv là từng người.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Những thay đổi của tháng sau thấy trước được: đến tuổi, hết hạn, quy định mới.
    Upcoming {
        #[command(flatten)]
        of: Of,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Duyệt danh sách: từ đó không thay đổi được nữa. Người duyệt phải khác người lập.
    Approve(Of),
    /// Tính lại danh sách từ dữ liệu gốc và so với bản đã lưu.
    Verify(Of),
    /// Ghi nhận hệ thống cũ đã chi đủ đến hết tháng này (một lần, khi bắt đầu dùng An Sinh).
    Open(Of),
    /// Xuất danh sách ra tệp Excel, PDF hoặc CSV.
    Export {
        #[command(flatten)]
        of: Of,
        /// Định dạng: xlsx, pdf, csv.
        #[arg(long, value_enum)]
        format: Format,
        /// Tệp ghi ra.
        #[arg(short, long)]
        output: std::path::PathBuf,
        /// Xuất cho bên ngoài: che chính sách làm lộ HIV, che số định danh và số tài khoản.
        #[arg(long)]
        masked: bool,
    },
}

/// Which list.
#[derive(clap::Args)]
struct Of {
    /// Tháng của danh sách, ví dụ 2024-05.
    month: Month,
    /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
    #[arg(long, default_value = "")]
    area: String,
}

/// Run it.
///
/// # Errors
/// When the list is refused or the database fails.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    match args.action {
        Action::Make(of) => {
            super::population::check_due(context, of.month, &of.area).await?;
            let made = payments::make(&office, &actor, of.month, &of.area).await?;
            show::made(&made);
            super::population::tell_due(context, &actor, of.month, &of.area).await?;
            Ok(Exit::Done)
        }
        Action::Show { of, format } => show::lines(&office, &actor, &of, format).await,
        Action::Changes { of, format } => changes::changes(&office, &actor, &of, format).await,
        Action::Upcoming { of, format } => changes::upcoming(&office, &actor, &of, format).await,
        Action::Approve(of) => {
            let approved = payments::approve(&office, &actor, of.month, &of.area).await?;
            show::approved(&approved);
            Ok(Exit::Done)
        }
        Action::Verify(of) => {
            let verdict = payments::verify(&office, &actor, of.month, &of.area).await?;
            Ok(show::verdict(&verdict))
        }
        Action::Open(of) => {
            let opening = payments::open(&office, &actor, of.month, &of.area).await?;
            eprintln!(
                "Đã ghi nhận số đầu kỳ: {} người, {} đồng đã chi tháng {}.",
                opening.people, opening.amount, opening.month
            );
            Ok(Exit::Done)
        }
        Action::Export {
            of,
            format,
            output,
            masked,
        } => export::export(&office, &actor, &of, format, &output, masked).await,
    }
}
