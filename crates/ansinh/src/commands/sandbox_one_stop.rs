//! `ansinh sandbox one-stop`: a province's one-stop system to practise with.

use std::path::PathBuf;
use std::time::Duration;

use g2p::SigningKey;

use crate::context::Context;
use crate::exit::Exit;
use crate::one_stop::{Citizens, Client, Key, Manner, Province};
use crate::output::{Format, print_rows};

/// Where it is and how it behaves. Faults are percentages.
#[derive(clap::Args)]
pub struct OneStop {
    /// Địa chỉ của hệ thống nhận: http://127.0.0.1:8080.
    #[arg(long)]
    url: String,
    /// Mã truy cập của hệ thống một cửa; nên đặt ở biến ANSINH_TOKEN.
    #[arg(long, env = "ANSINH_TOKEN", hide_env_values = true)]
    token: String,
    /// Mã tỉnh, ghi trong mã hồ sơ.
    #[arg(long)]
    province: String,
    /// Mã xã của người nộp.
    #[arg(long)]
    area: String,
    /// Bao nhiêu người nộp hồ sơ.
    #[arg(long, default_value_t = 10)]
    dossiers: u32,
    /// Sổ riêng của tỉnh thử; chạy lại thì làm tiếp từ đó.
    #[arg(long, value_name = "TỆP", default_value = "one-stop.ndjson")]
    table: PathBuf,
    /// Tệp khóa ký; chưa có thì tạo. Không nêu thì không ký.
    #[arg(long, value_name = "TỆP")]
    key: Option<PathBuf>,
    /// Mã khóa đã ghi bằng ansinh connection key add; không nêu là mã của khóa.
    #[arg(long, requires = "key")]
    key_id: Option<String>,
    /// Mầm ngẫu nhiên: cùng số thì cùng người nộp và cùng trục trặc.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Dừng sau bao nhiêu vòng không còn gì chuyển động.
    #[arg(long, default_value_t = 3)]
    quiet: u32,
    /// Nghỉ giữa hai vòng, mili giây.
    #[arg(long, default_value_t = 200)]
    pause_ms: u64,
    /// Chậm.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    slow: u8,
    /// Chậm bao nhiêu mili giây.
    #[arg(long, default_value_t = 500)]
    slow_ms: u64,
    /// Ngừng hoạt động cả vòng.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    down: u8,
    /// Gửi hai lần.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    twice: u8,
    /// Gửi sai thứ tự.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    out_of_order: u8,
    /// Mất câu trả lời.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    answer_lost: u8,
    /// Nhận thông điệp mà không báo đã nhận.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    ack_lost: u8,
    /// Đồng hồ nhanh một ngày.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    clock_wrong: u8,
    /// Gửi nửa thông điệp, nửa tệp, hồ sơ trước tệp.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    half: u8,
}

fn percent() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=90)
}

/// Works until nothing moves any more, and prints its table.
///
/// # Errors
/// When its table cannot be kept, or what is sound is refused.
pub async fn run(wanted: &OneStop, context: &Context) -> anyhow::Result<Exit> {
    let key = match &wanted.key {
        None => None,
        Some(path) => {
            let secret = SigningKey::read_or_make(path)?;
            let id = wanted
                .key_id
                .clone()
                .unwrap_or_else(|| secret.id().to_owned());
            eprintln!("Khóa ký {id}: {}", secret.public().text());
            Some(Key { secret, id })
        }
    };
    let province = Province {
        client: Client::new(&wanted.url, wanted.token.clone(), key)?,
        citizens: Citizens {
            province: wanted.province.clone(),
            area: wanted.area.clone(),
            count: wanted.dossiers,
            seed: wanted.seed,
        },
        manner: Manner {
            slow: wanted.slow,
            slow_for: Duration::from_millis(wanted.slow_ms),
            down: wanted.down,
            twice: wanted.twice,
            out_of_order: wanted.out_of_order,
            answer_lost: wanted.answer_lost,
            ack_lost: wanted.ack_lost,
            clock_wrong: wanted.clock_wrong,
            half: wanted.half,
            seed: wanted.seed,
        },
        clock: context.clock_without_database(),
        table: wanted.table.clone(),
        quiet: wanted.quiet,
        pause: Duration::from_millis(wanted.pause_ms),
    };
    let rows = tokio::task::spawn_blocking(move || province.work()).await??;
    print_rows(Format::Ndjson, rows)?;
    Ok(Exit::Done)
}
