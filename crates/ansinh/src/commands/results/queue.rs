//! `ansinh results queue` and `resolve`: results that wait for a person.

use kernel::{Actor, Month};
use payments::Office;
use payments::results::queue::{self, Decision};

use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `results queue`.
#[derive(clap::Args)]
pub struct Shown {
    /// Tháng của danh sách.
    month: Month,
    /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
    #[arg(long, default_value = "")]
    area: String,
    /// Kể cả những kết quả đã xử lý.
    #[arg(long)]
    settled: bool,
    /// Định dạng.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Options of `results resolve`.
#[derive(clap::Args)]
pub struct Resolved {
    /// Số của kết quả trong danh sách chờ.
    number: i64,
    /// Ghi nhận kết quả.
    #[arg(long, conflicts_with = "dismiss")]
    record: bool,
    /// Bỏ qua kết quả.
    #[arg(long)]
    dismiss: bool,
    /// Dòng thật sự được nói đến, khi đơn vị chi trả ghi sai mã dòng.
    #[arg(long, value_name = "MÃ_DÒNG", requires = "record")]
    line: Option<String>,
    /// Lý do của quyết định.
    #[arg(long)]
    reason: String,
}

/// Print what waits.
///
/// # Errors
/// When the actor may not.
pub async fn show(shown: &Shown, office: &Office<'_>, actor: &Actor) -> anyhow::Result<Exit> {
    let entries = queue::entries(office, actor, shown.month, &shown.area, shown.settled).await?;
    print_rows(shown.format, entries)?;
    Ok(Exit::Done)
}

/// Settle one.
///
/// # Errors
/// When it cannot be settled so, or the actor may not.
pub async fn resolve(
    resolved: &Resolved,
    office: &Office<'_>,
    actor: &Actor,
) -> anyhow::Result<Exit> {
    let decision = match (resolved.record, resolved.dismiss) {
        (true, _) => Decision::Record {
            line: resolved.line.clone(),
        },
        (false, true) => Decision::Dismiss,
        (false, false) => {
            let text = "Cần chọn --record (ghi nhận) hoặc --dismiss (bỏ qua).";
            return Err(WrongUsage(text.to_owned()).into());
        }
    };
    queue::resolve(office, actor, resolved.number, &decision, &resolved.reason).await?;
    eprintln!("Đã xử lý kết quả số {}.", resolved.number);
    Ok(Exit::Done)
}
