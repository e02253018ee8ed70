//! `ansinh spdci`: other registries that ask ours.

use std::path::PathBuf;

use anyhow::Context as _;
use g2p::SigningKey;
use jiff::Timestamp;
use spdci::caller::{self, NewCaller};
use spdci::dead;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `spdci`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Các bên được hỏi sổ đăng ký.
    Caller {
        #[command(subcommand)]
        action: Callers,
    },
}

#[derive(clap::Subcommand)]
enum Callers {
    /// Đăng ký một bên; đăng ký lại cùng mã thay cho lần trước, kể cả khóa.
    Add(Add),
    /// Các lần đăng ký, mới nhất trước.
    List {
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Gửi lại cho một bên những tin đã thôi gửi vì không đến được.
    SendAgain {
        /// Mã của bên ấy (sender_id).
        name: String,
    },
    /// Thôi cho một bên hỏi, từ lúc này; các yêu cầu được báo của bên ấy cũng dừng.
    End {
        /// Mã của bên ấy (sender_id).
        name: String,
        /// Lý do.
        #[arg(long)]
        reason: String,
    },
}

#[derive(clap::Args)]
struct Add {
    /// Mã của bên ấy (sender_id), ví dụ spmis.example.vn.
    name: String,
    /// Tên cơ quan.
    #[arg(long)]
    full_name: String,
    /// Tệp khóa công khai (JWK Set): Ed25519, hoặc RSA cho chữ ký ở tiêu đề HTTP.
    #[arg(long, value_name = "TỆP")]
    keys: PathBuf,
    /// Các trường được thấy, cách nhau dấu phẩy: name, birth_date, sex, id_number, phone, area, death_date, disability, programme.
    #[arg(long, value_delimiter = ',')]
    fields: Vec<String>,
    /// Mã các địa bàn được thấy, cách nhau dấu phẩy; VN là cả nước.
    #[arg(long, value_delimiter = ',', required = true)]
    areas: Vec<String>,
    /// Mã các mục đích được hỏi, cách nhau dấu phẩy.
    #[arg(long, value_delimiter = ',', required = true)]
    purposes: Vec<String>,
    /// Địa chỉ nhận trả lời sau; bỏ trống thì chỉ được hỏi và trả lời ngay.
    #[arg(long, value_name = "ĐỊA_CHỈ")]
    callback: Option<String>,
    /// Được báo chương trình của bên ấy đang chi cho ai (enrollment/updates).
    #[arg(long)]
    reports: bool,
    /// Số thông điệp nhiều nhất trong một phút.
    #[arg(long, default_value_t = 60)]
    per_minute: i32,
    /// Cấp mã bí mật để lấy mã truy cập, in ra một lần; không nêu thì bên ấy dùng khóa của mình.
    #[arg(long)]
    secret: bool,
    /// Từ lúc nào; bỏ trống là từ bây giờ.
    #[arg(long, value_name = "THỜI_ĐIỂM")]
    from: Option<Timestamp>,
    /// Đến lúc nào; bỏ trống là không thời hạn.
    #[arg(long, value_name = "THỜI_ĐIỂM")]
    until: Option<Timestamp>,
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let Action::Caller { action } = args.action;
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let clock = context.clock().await?;
    match action {
        Callers::Add(add) => {
            let path = &add.keys;
            let keys = std::fs::read_to_string(path);
            let keys = keys.with_context(|| format!("không đọc được {}", path.display()))?;
            let new = NewCaller {
                name: add.name,
                full_name: add.full_name,
                callback_url: add.callback,
                fields: add.fields,
                areas: add.areas,
                purposes: add.purposes,
                reports: add.reports,
                per_minute: add.per_minute,
                keys,
                with_secret: add.secret,
                from: add.from,
                until: add.until,
            };
            let secret = caller::add(pool, &actor, &clock, &new).await?;
            let key = SigningKey::read_or_make(&context.signing_key_file())?;
            eprintln!("Đã đăng ký {}. Khóa của ta: {}.", new.name, key.id());
            if let Some(secret) = secret {
                eprintln!("Mã bí mật, chỉ hiện lần này:");
                say!("{secret}");
            }
        }
        Callers::List { format } => print_rows(format, caller::all(pool, &actor, &clock).await?)?,
        Callers::SendAgain { name } => {
            let sent = dead::send_again(pool, &actor, &clock, &name).await?;
            eprintln!("Gửi lại {sent} tin.");
        }
        Callers::End { name, reason } => {
            caller::end(pool, &actor, &clock, (&name, &reason)).await?;
            eprintln!("Đã thôi cho {name} hỏi.");
        }
    }
    Ok(Exit::Done)
}
