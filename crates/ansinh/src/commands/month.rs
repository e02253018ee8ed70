//! `ansinh month`: closing a month of an area, and opening it again.

use kernel::Month;
use payments::Refused;
use payments::closing::{self, CloseRefused, Closure};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `month`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Còn gì chưa khớp, và các lần đã khóa.
    Status {
        #[command(flatten)]
        of: Of,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Khóa tháng: mọi khoản đã có kết quả, không còn gì chờ xử lý, tiền khớp với kho bạc.
    Close {
        #[command(flatten)]
        of: Of,
        /// Định dạng của những điều chưa khớp.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Mở khóa: người thứ nhất đề nghị kèm lý do, người thứ hai xác nhận.
    Unlock {
        #[command(flatten)]
        of: Of,
        /// Lý do đề nghị mở khóa.
        #[arg(long, required_unless_present = "confirm")]
        reason: Option<String>,
        /// Xác nhận đề nghị của người khác.
        #[arg(long, conflicts_with = "reason")]
        confirm: bool,
    },
}

/// Which month.
#[derive(clap::Args)]
struct Of {
    /// Tháng của danh sách, ví dụ 2024-05.
    month: Month,
    /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
    #[arg(long, default_value = "")]
    area: String,
}

/// A closing as a row.
#[derive(Serialize)]
struct Row<'a> {
    closure_no: i64,
    area: &'a str,
    closed_by: &'a str,
    closed_at: jiff::Timestamp,
    ordered: i64,
    paid: i64,
    fingerprint: &'a str,
    unlocked: bool,
}

/// Run it.
///
/// # Errors
/// When it is refused or the database fails.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    match args.action {
        Action::Status { of, format } => {
            let open = closing::obstacles(&office, &actor, of.month, &of.area).await?;
            let closures = closing::closures(&office, &actor, of.month, &of.area).await?;
            eprintln!(
                "{} lần khóa, {} điều chưa khớp.",
                closures.len(),
                open.len()
            );
            print_rows(format, closures.iter().map(row))?;
            print_rows(format, open)?;
            Ok(Exit::Done)
        }
        Action::Close { of, format } => {
            let closed = closing::close(&office, &actor, of.month, &of.area).await;
            match closed {
                Ok(closure) => {
                    eprintln!(
                        "Đã khóa tháng {}: giao {} đồng, đã trả {} đồng. Dấu: {}",
                        closure.month,
                        kernel::Dong(closure.outcome.ordered),
                        kernel::Dong(closure.outcome.paid),
                        closure.fingerprint
                    );
                    Ok(Exit::Done)
                }
                Err(Refused::Closing(CloseRefused::Open { month, obstacles })) => {
                    eprintln!(
                        "Chưa khóa được tháng {month}: còn {} điều chưa khớp.",
                        obstacles.len()
                    );
                    print_rows(format, obstacles)?;
                    Ok(Exit::Refused)
                }
                Err(other) => Err(other.into()),
            }
        }
        Action::Unlock {
            of,
            reason,
            confirm: false,
        } => {
            let reason = reason.unwrap_or_default();
            closing::ask_unlock(&office, &actor, of.month, &of.area, &reason).await?;
            eprintln!("Đã ghi đề nghị mở khóa. Cần người thứ hai xác nhận: thêm --confirm.");
            Ok(Exit::Done)
        }
        Action::Unlock { of, .. } => {
            let opened = closing::confirm_unlock(&office, &actor, of.month, &of.area).await?;
            eprintln!(
                "Đã mở khóa tháng {} theo đề nghị của {}.",
                of.month, opened.asked_by
            );
            Ok(Exit::Done)
        }
    }
}

fn row(closure: &Closure) -> Row<'_> {
    Row {
        closure_no: closure.closure_no,
        area: &closure.area,
        closed_by: &closure.closed_by,
        closed_at: closure.closed_at,
        ordered: closure.outcome.ordered,
        paid: closure.outcome.paid,
        fingerprint: &closure.fingerprint,
        unlocked: closure.is_unlocked,
    }
}
