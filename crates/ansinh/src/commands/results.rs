//! `ansinh results`: what providers report of the lines they were given.

use std::path::PathBuf;

use anyhow::Context as _;
use kernel::Month;
use payments::results;

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
    /// Nhập kết quả chi trả từ tệp NDJSON của đơn vị chi trả.
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
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// Run it.
///
/// # Errors
/// When the file cannot be read or the actor may not.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    match args.action {
        Action::Import {
            file,
            provider,
            format,
        } => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("Không đọc được tệp {}.", file.display()))?;
            let (rows, unread) = results::read_lines(&text);
            let actor = context.actor().await?;
            let mut imported = results::import(&office, &actor, &provider, &rows).await?;
            imported.refused.extend(unread);
            imported.refused.sort_by_key(|refusal| refusal.row);
            eprintln!(
                "Đã ghi {} kết quả, {} đã có từ trước, {} bị từ chối.",
                imported.recorded,
                imported.already,
                imported.refused.len()
            );
            if imported.refused.is_empty() {
                return Ok(Exit::Done);
            }
            print_rows(format, imported.refused)?;
            Ok(Exit::InPart)
        }
        Action::Show {
            month,
            area,
            format,
        } => {
            let actor = context.actor().await?;
            let outcome = results::outcome(&office, &actor, month, &area).await?;
            print_rows(format, [outcome])?;
            Ok(Exit::Done)
        }
    }
}
