//! `ansinh results`: what providers report of the lines they were given.

mod queue;

use std::fs::File;
use std::path::PathBuf;

use anyhow::Context as _;
use kernel::Month;
use payments::results::{self, Imported, Part};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `results`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Nhập kết quả chi trả: NDJSON, Excel, CSV, pain.002, camt.053 hoặc camt.054.
    Import {
        /// Tệp.
        file: PathBuf,
        /// Mã đơn vị chi trả.
        #[arg(long)]
        provider: String,
        /// Định dạng của các dòng bị từ chối.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Tổng hợp: đã giao, đã trả, không thành, hoàn trả, chưa nhận, chưa báo.
    Show {
        /// Tháng của danh sách.
        month: Month,
        /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
        #[arg(long, default_value = "")]
        area: String,
        /// Theo đơn vị chi trả hoặc theo xã.
        #[arg(long, value_enum)]
        by: Option<By>,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Kết quả chờ người xử lý: dòng lạ, sai tiền, trả hai lần, tháng đã khóa.
    Queue(queue::Shown),
    /// Quyết định về một kết quả chờ xử lý.
    Resolve(queue::Resolved),
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum By {
    /// Từng đơn vị chi trả.
    Provider,
    /// Từng xã.
    Area,
}

/// A provider's or an area's part, as a row.
#[derive(Serialize)]
struct Row {
    code: String,
    name: String,
    ordered: i64,
    paid: i64,
    failed: i64,
    returned: i64,
    not_collected: i64,
    not_reported: i64,
    open_lines: i64,
}

impl Row {
    fn of(part: Part) -> Row {
        let outcome = part.outcome;
        Row {
            code: part.code,
            name: part.name,
            ordered: outcome.ordered,
            paid: outcome.paid,
            failed: outcome.failed,
            returned: outcome.returned,
            not_collected: outcome.not_collected,
            not_reported: outcome.not_reported,
            open_lines: part.open_lines,
        }
    }
}

/// Run it.
///
/// # Errors
/// When the file cannot be read or the actor may not.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    match args.action {
        Action::Import {
            file,
            provider,
            format,
        } => {
            let input = File::open(&file)
                .with_context(|| format!("Không đọc được tệp {}.", file.display()))?;
            let imported = results::import_file(&office, &actor, &provider, input).await?;
            say(&imported);
            if imported.refused.is_empty() {
                return Ok(Exit::Done);
            }
            print_rows(format, imported.refused)?;
            Ok(Exit::InPart)
        }
        Action::Show {
            month,
            area,
            by,
            format,
        } => {
            match by {
                None => {
                    let outcome = results::outcome(&office, &actor, month, &area).await?;
                    print_rows(format, [outcome])?;
                }
                Some(by) => {
                    let parts = results::outcome_parts(&office, &actor, month, &area).await?;
                    let parts = match by {
                        By::Provider => parts.by_provider,
                        By::Area => parts.by_area,
                    };
                    print_rows(format, parts.into_iter().map(Row::of))?;
                }
            }
            Ok(Exit::Done)
        }
        Action::Queue(shown) => queue::show(&shown, &office, &actor).await,
        Action::Resolve(resolved) => queue::resolve(&resolved, &office, &actor).await,
    }
}

fn say(imported: &Imported) {
    eprintln!(
        "Đã ghi {} kết quả, {} đã có từ trước, {} bị từ chối (trong đó {} vừa đưa vào danh sách chờ xử lý).",
        imported.recorded,
        imported.already,
        imported.refused.len(),
        imported.queued
    );
    if imported.not_final + imported.unrelated > 0 {
        eprintln!(
            "Bỏ qua {} giao dịch ngân hàng còn đang xử lý và {} khoản không thuộc dòng nào.",
            imported.not_final, imported.unrelated
        );
    }
}
