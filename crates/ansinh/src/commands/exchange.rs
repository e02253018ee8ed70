//! `ansinh exchange`: what one-stop systems tell and are told, as files.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use exchange::comparison::{self, Ended, From};
use exchange::conflict::{self, Takes};
use exchange::pull::client::{Platform, Puller, round};
use exchange::{Offered, acknowledge, dialect, message, offered, outbox, receive};
use registry::Applied;
use uuid::Uuid;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
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
    /// Đối chiếu hồ sơ hai bên đang giữ: hỏi nơi tỉnh liệt kê, hoặc lấy từ tệp. Mã thoát 1 khi có khác nhau
    /// hoặc không đối chiếu được.
    Compare {
        /// Tệp NDJSON, mỗi dòng một hồ sơ; không nêu thì hỏi địa chỉ đã ghi.
        #[arg(long, value_name = "TỆP")]
        file: Option<PathBuf>,
    },
    /// Khác nhau theo lần đối chiếu gần nhất.
    Differences {
        /// Nhiều nhất bao nhiêu dòng.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        /// Định dạng: ndjson, json.
        #[arg(long, value_enum, default_value = "ndjson")]
        format: Format,
    },
    /// Những mục tờ khai hai bên cùng sửa, chờ người quyết định.
    Conflicts {
        /// Chỉ của một hồ sơ.
        #[arg(long, value_name = "MÃ")]
        dossier: Option<String>,
        /// Định dạng: ndjson, json.
        #[arg(long, value_enum, default_value = "ndjson")]
        format: Format,
    },
    /// Quyết định giá trị có hiệu lực của một mục hai bên cùng sửa.
    Decide {
        /// Số của mục, theo lệnh conflicts.
        conflict: i64,
        /// ours (bên này), theirs (một cửa).
        takes: String,
        /// Vì sao.
        #[arg(long, value_name = "LÝ_DO")]
        reason: String,
    },
    /// Lấy hồ sơ từ nền tảng của tỉnh (connection dialect … pull --platform), chỉ đánh dấu ở đó khi đã giữ đủ, và báo trạng thái.
    Pull {
        /// Mã truy cập mà tỉnh cấp; nên đặt ở biến ANSINH_PLATFORM_TOKEN.
        #[arg(long, env = "ANSINH_PLATFORM_TOKEN", hide_env_values = true)]
        token: String,
        /// Làm mãi, nghỉ bấy nhiêu giây khi không còn gì; không nêu thì dừng.
        #[arg(long, value_name = "GIÂY", value_parser = clap::value_parser!(u64).range(1..=86_400))]
        every: Option<u64>,
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
        Action::Compare { file } => {
            let lines = file.as_deref().map(bytes_of).transpose()?;
            let from = match &lines {
                Some(lines) => From::File(lines),
                None => From::Address(context.signing_key()?.map(Arc::new)),
            };
            let run = comparison::run(pool, &actor, &clock, province, from).await?;
            let agreed = run.outcome == Ended::Compared && run.differing == 0;
            print_rows(Format::Ndjson, vec![run])?;
            return Ok(match agreed {
                true => Exit::Done,
                false => Exit::Refused,
            });
        }
        Action::Differences { limit, format } => {
            let part = (0, limit);
            let found = comparison::differences(pool, &actor, province, part).await?;
            print_rows(format, found)?;
        }
        Action::Conflicts { dossier, format } => {
            let dossier = dossier.as_deref();
            let open = conflict::open(pool, &actor, &clock, dossier, (0, 1_000)).await?;
            print_rows(format, open)?;
        }
        Action::Decide {
            conflict,
            takes,
            reason,
        } => {
            let unknown = || WrongUsage(format!("{takes:?}: cần ours hoặc theirs."));
            let takes = Takes::from_code(&takes).ok_or_else(unknown)?;
            let decided = (takes, reason.as_str());
            conflict::decide(pool, &actor, &clock, conflict, decided).await?;
            eprintln!("Đã ghi quyết định.");
        }
        Action::Pull { token, every } => {
            return pulled(context, province, token, every).await;
        }
        Action::SendAgain => {
            let sent = outbox::send_again(pool, &actor, &clock, province).await?;
            eprintln!("Gửi lại {sent} thông điệp.");
        }
    }
    Ok(Exit::Done)
}

/// Rounds until nothing moves; each that did something is a line.
async fn pulled(
    context: &Context,
    province: &str,
    token: String,
    every: Option<u64>,
) -> anyhow::Result<Exit> {
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let (clock, files) = (context.clock().await?, context.files()?);
    let spoken = dialect::on(pool, province, clock.today()).await?;
    let Some(address) = spoken.address else {
        anyhow::bail!(
            "Chưa ghi địa chỉ nền tảng của tỉnh {province}: ansinh connection dialect {province} pull --platform ĐỊA_CHỈ."
        );
    };
    let platform = Platform::new(&address, token);
    let puller = Puller {
        pool,
        files: &files,
        actor: &actor,
        clock: &clock,
        province,
    };
    let (law, practice) = (context.law()?.clone(), context.is_practice().await?);
    let server = web::Server::new(pool.clone(), law, clock.clone(), practice);
    let server = server.with_files(files.clone());
    let letter = async |message: &Offered| {
        let which = (province, message.dossier.as_str(), message.id);
        web::letter_of(&server, &actor, which).await
    };
    loop {
        let done = round(puller, &platform, &letter).await?;
        let (moved, broken) = (done.moved(), done.broken_off.clone());
        if moved || broken.is_some() || done.waiting > 0 {
            print_rows(Format::Ndjson, vec![done])?;
        }
        if moved && broken.is_none() {
            continue;
        }
        match (every, broken) {
            (Some(seconds), _) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            (None, None) => return Ok(Exit::Done),
            (None, Some(why)) => {
                eprintln!("Nền tảng của tỉnh {province}: {why}. Chạy lại thì làm tiếp.");
                return Ok(Exit::Refused);
            }
        }
    }
}
