//! `ansinh exchange`: what one-stop systems tell and are told, as files.

use std::path::PathBuf;

use exchange::{acknowledge, message, offered, outbox, receive};
use registry::Applied;
use uuid::Uuid;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

use super::apply::{bytes_of, print_outcome};

/// Options of `exchange`.
#[derive(clap::Args)]
pub struct Args {
    /// Mã tỉnh của hệ thống một cửa.
    #[arg(long, value_name = "MÃ")]
    province: String,
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Nhận các thông điệp của hệ thống một cửa từ tệp NDJSON; gửi lại không thay đổi gì.
    Receive {
        /// Tệp NDJSON, mỗi dòng một thông điệp; `-` là đầu vào chuẩn.
        file: PathBuf,
    },
    /// Các thông điệp mà hệ thống một cửa chưa nhận.
    Messages {
        /// Chỉ những thông điệp sau số này.
        #[arg(long, default_value_t = 0)]
        after: i64,
        /// Nhiều nhất bao nhiêu thông điệp.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
        /// Định dạng: ndjson, json.
        #[arg(long, value_enum, default_value = "ndjson")]
        format: Format,
    },
    /// Ghi câu trả lời của hệ thống một cửa về một thông điệp: đã nhận, hoặc lỗi.
    Acknowledge {
        /// Mã thông điệp.
        message: Uuid,
        /// Lý do không nhận được.
        #[arg(long, value_name = "LÝ_DO")]
        failed: Option<String>,
    },
    /// Cho gửi lại những thông điệp đã lỗi quá nhiều lần.
    SendAgain,
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let (clock, province) = (context.clock().await?, args.province.as_str());
    match args.action {
        Action::Receive { file } => {
            let (sent, unread) = message::read_lines(&bytes_of(&file)?);
            let received = receive(pool, &actor, &clock, province, &sent).await?;
            if received.held > 0 {
                eprintln!("{} thông điệp chờ thông điệp trước nó.", received.held);
            }
            let mut done = Applied {
                applied: received.taken,
                already: received.already + received.held,
                refused: received.refused,
            };
            done.refused.extend(unread);
            return print_outcome(done, "Đã nhận", "thông điệp");
        }
        Action::Messages {
            after,
            limit,
            format,
        } => {
            let part = (after, limit);
            print_rows(format, offered(pool, &actor, &clock, province, part).await?)?;
        }
        Action::Acknowledge { message, failed } => {
            let answers = [(message, failed)];
            let done = acknowledge(pool, &actor, &clock, province, &answers).await?;
            eprintln!("Đã ghi {}; đã có từ trước {}.", done.recorded, done.already);
        }
        Action::SendAgain => {
            let sent = outbox::send_again(pool, &actor, &clock, province).await?;
            eprintln!("Gửi lại {sent} thông điệp.");
        }
    }
    Ok(Exit::Done)
}
