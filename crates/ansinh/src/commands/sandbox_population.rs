//! `ansinh sandbox population`: a population database to practise with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use kernel::Month;
use population::sandbox::people::{self, Differences};
use population::sandbox::{Manner, router};
use tokio::net::TcpListener;

use crate::context::Context;
use crate::exit::Exit;

/// How the service behaves. Figures are percentages.
#[derive(clap::Args)]
pub struct Population {
    /// Trả lời tại địa chỉ và cổng này.
    #[arg(long)]
    listen: SocketAddr,
    /// Những người dịch vụ biết, NDJSON; bỏ trống thì lấy từ cơ sở dữ liệu luyện tập.
    #[arg(long, value_name = "TỆP", conflicts_with_all = ["area", "mismatch", "unknown", "dead"])]
    people: Option<PathBuf>,
    /// Lấy người của địa bàn này trong cơ sở dữ liệu luyện tập; bỏ trống là tất cả.
    #[arg(long, default_value = "", value_name = "MÃ")]
    area: String,
    /// Người chưa từng đối chiếu: lệch thông tin.
    #[arg(long, default_value_t = 3, value_parser = percent())]
    mismatch: u8,
    /// Người chưa từng đối chiếu: không có trong dữ liệu dân cư.
    #[arg(long, default_value_t = 1, value_parser = percent())]
    unknown: u8,
    /// Đã mất theo dữ liệu dân cư.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    dead: u8,
    /// Mầm ngẫu nhiên: cùng số thì cùng cách trục trặc.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Dịch vụ 033 trả lời cả khi chỉ hỏi số, không nêu họ tên.
    #[arg(long)]
    number_alone: bool,
    #[command(flatten)]
    faults: Faults,
}

/// What goes wrong, in percent of the requests.
#[derive(clap::Args)]
struct Faults {
    /// Trả lời chậm.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    slow: u8,
    /// Chậm bao nhiêu mili giây.
    #[arg(long, default_value_t = 500)]
    slow_ms: u64,
    /// Trả lời lỗi 500.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    broken: u8,
    /// Đứt kết nối giữa chừng.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    lost: u8,
    /// Trả lời cụt.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    half: u8,
    /// Trả lời không phải XML.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    malformed: u8,
    /// Trả lời có thực thể XML phình to.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    bomb: u8,
    /// Trả lời sai không gian tên.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    namespace: u8,
    /// Trả lời rỗng.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    empty: u8,
    /// Trả lời quá dài.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    huge: u8,
    /// Trả lời nhầm người.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    other_person: u8,
}

fn percent() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=100)
}

/// Answers until the process ends.
///
/// # Errors
/// When the port is taken, the file cannot be read, or the database is a real one.
pub async fn run(wanted: &Population, context: &Context) -> anyhow::Result<Exit> {
    let known = match &wanted.people {
        Some(path) => {
            let shown = path.display();
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("Không đọc được tệp {shown}."))?;
            people::read(&text)
                .map_err(|line| anyhow::anyhow!("Tệp {shown}, dòng {line}: không đúng mẫu."))?
        }
        None => {
            if !context.is_practice().await? {
                anyhow::bail!("Chỉ lấy người từ cơ sở dữ liệu luyện tập: hãy dùng --people TỆP.");
            }
            let how = Differences {
                mismatch: wanted.mismatch,
                unknown: wanted.unknown,
                dead: wanted.dead,
                seed: wanted.seed,
            };
            let month = Month::of(context.clock().await?.today());
            people::of_registry(context.pool().await?, &wanted.area, month, how).await?
        }
    };
    let it = &wanted.faults;
    let manner = Manner {
        slow: it.slow,
        slow_for: Duration::from_millis(it.slow_ms),
        broken: it.broken,
        lost: it.lost,
        half: it.half,
        malformed: it.malformed,
        bomb: it.bomb,
        namespace: it.namespace,
        empty: it.empty,
        huge: it.huge,
        other_person: it.other_person,
        number_alone: wanted.number_alone,
        seed: wanted.seed,
    };
    let listener = TcpListener::bind(wanted.listen).await?;
    let address = listener.local_addr()?;
    eprintln!(
        "Dịch vụ dân cư thử biết {} người: http://{address}/ (đã hỏi gì: http://{address}/asked)",
        known.len()
    );
    axum::serve(listener, router(known, manner)).await?;
    Ok(Exit::Done)
}
