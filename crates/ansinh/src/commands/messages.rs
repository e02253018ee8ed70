//! `ansinh messages`: what citizens are told.

use std::io::stdout;
use std::path::PathBuf;
use std::sync::Arc;

use messages::send::Carriers;
use messages::show::{self, Filter};
use messages::{Carrier, Console, Folder, Gateway, gather, send};

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `messages`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Viết các tin đến hạn của hồ sơ rồi gửi mọi tin đang chờ. Chạy lại bao nhiêu lần cũng không báo hai lần.
    Send(Sending),
    /// Xem các tin của một địa bàn, mới nhất trước; số điện thoại được che.
    List {
        /// Mã địa bàn; bỏ trống là cả nước.
        #[arg(long, default_value = "", value_name = "MÃ")]
        area: String,
        /// Chỉ những tin ở trạng thái này: waiting, sending, sent, arrived, failed.
        #[arg(long)]
        state: Option<String>,
        /// Chỉ những tin của hồ sơ này.
        #[arg(long, value_name = "MÃ")]
        dossier: Option<String>,
        /// Nhiều nhất bao nhiêu tin.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Cho gửi lại một tin đã bỏ dở.
    Again {
        /// Số của tin.
        number: i64,
    },
}

/// Where messages go.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
struct Sending {
    /// Ghi mỗi tin thành một tệp vào thư mục này: .ndjson, .eml, .txt. Có --gateway thì chỉ thư giấy.
    #[arg(long, value_name = "THƯ_MỤC")]
    folder: Option<PathBuf>,
    /// Viết tin ra màn hình, mỗi tin một dòng JSON.
    #[arg(long, conflicts_with_all = ["folder", "gateway"])]
    console: bool,
    /// Gửi qua cổng nhắn tin HTTP tại địa chỉ này.
    #[arg(long, value_name = "ĐỊA_CHỈ", requires = "folder")]
    gateway: Option<String>,
    /// Mã truy cập của cổng nhắn tin; nên đặt qua biến môi trường.
    #[arg(
        long,
        env = "ANSINH_GATEWAY_TOKEN",
        hide_env_values = true,
        requires = "gateway"
    )]
    gateway_token: Option<String>,
}

/// Whoever carries messages over a gateway, or all of it into a folder or onto the screen.
///
/// # Errors
/// When the folder cannot be made, or the address is none.
pub fn carriers(
    folder: Option<PathBuf>,
    gateway: Option<String>,
    token: Option<String>,
) -> anyhow::Result<Carriers> {
    let paper: Arc<dyn Carrier> = match folder {
        Some(folder) => Arc::new(Folder::open(folder)?),
        None => Arc::new(Console::new(stdout())),
    };
    let electronic: Arc<dyn Carrier> = match gateway {
        None => Arc::clone(&paper),
        Some(address) if kernel::peer::is_address(&address) => {
            Arc::new(Gateway::new(&address, token))
        }
        Some(_) => {
            let message = "Địa chỉ cổng nhắn tin phải là https://… (hoặc http:// trên máy này).";
            return Err(WrongUsage(message.to_owned()).into());
        }
    };
    Ok(Carriers { electronic, paper })
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let clock = context.clock().await?;
    match args.action {
        Action::Send(sending) => {
            let carriers = carriers(sending.folder, sending.gateway, sending.gateway_token)?;
            let written = gather(pool, &actor, &clock).await?;
            let sent = send(pool, &actor, &clock, &carriers).await?;
            eprintln!(
                "Viết {written} tin mới. Gửi {}, chờ gửi lại {}, chuyển cách gửi {}, bỏ dở {}, đã đến {}.",
                sent.sent, sent.again, sent.other_channel, sent.failed, sent.arrived
            );
        }
        Action::List {
            area,
            state,
            dossier,
            limit,
            format,
        } => {
            let filter = Filter {
                area,
                state,
                dossier,
                offset: 0,
                limit,
            };
            print_rows(format, show::list(pool, &actor, &clock, &filter).await?)?;
        }
        Action::Again { number } => show::again(pool, &actor, &clock, number).await?,
    }
    Ok(Exit::Done)
}
