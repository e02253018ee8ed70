//! `ansinh connection`: how provinces' one-stop systems are connected.

use exchange::{Mode, NewConnection, connection};
use jiff::civil::Date;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `connection`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Ghi cách kết nối của một tỉnh từ một ngày; các lần ghi trước vẫn còn.
    Set {
        /// Mã tỉnh.
        province: String,
        /// none (chưa kết nối), native (dùng trực tiếp), one_way_in (một chiều đến), one_way_out (một chiều đi), two_way (hai chiều).
        mode: String,
        /// Ngày đầu tiên; không nêu là hôm nay.
        #[arg(long, value_name = "NGÀY")]
        from: Option<Date>,
        /// Trường hợp theo văn bản 342/LĐTBXH-BTXH: A1, A2.
        #[arg(long)]
        case: Option<String>,
        /// Căn cứ, ghi chú.
        #[arg(long)]
        note: Option<String>,
    },
    /// Các lần ghi theo tỉnh, mới nhất trước.
    List {
        /// Ngày xem lần ghi nào có hiệu lực; không nêu là hôm nay.
        #[arg(long, value_name = "NGÀY")]
        on: Option<Date>,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let clock = context.clock().await?;
    match args.action {
        Action::Set {
            province,
            mode,
            from,
            case,
            note,
        } => {
            let unknown = || {
                WrongUsage(format!(
                    "Không có cách kết nối {mode:?}: xem ansinh connection set --help."
                ))
            };
            let new = NewConnection {
                from: from.unwrap_or_else(|| clock.today()),
                mode: Mode::from_code(&mode).ok_or_else(unknown)?,
                official_case: case,
                note,
                province,
            };
            connection::record(pool, &actor, &clock, std::slice::from_ref(&new)).await?;
            let (province, mode) = (&new.province, new.mode.vietnamese());
            eprintln!("Đã ghi: tỉnh {province}, {mode} từ {}.", new.from);
        }
        Action::List { on, format } => {
            let day = on.unwrap_or_else(|| clock.today());
            print_rows(format, connection::all(pool, &actor, day).await?)?;
        }
    }
    Ok(Exit::Done)
}
