//! `ansinh sandbox messages`: a gateway for text messages to practise with.

use std::net::SocketAddr;
use std::time::Duration;

use messages::sandbox::{Manner, router};
use tokio::net::TcpListener;

use crate::exit::Exit;

/// How the gateway behaves. Figures are percentages.
#[derive(clap::Args)]
pub struct Messages {
    /// Nhận tin tại địa chỉ và cổng này.
    #[arg(long)]
    listen: SocketAddr,
    /// Mầm ngẫu nhiên: cùng số thì cùng cách trục trặc.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Trả lời chậm.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    slow: u8,
    /// Chậm bao nhiêu mili giây.
    #[arg(long, default_value_t = 500)]
    slow_ms: u64,
    /// Trả lời lỗi 500, chưa nhận gì.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    broken: u8,
    /// Đã nhận nhưng mất hồi âm.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    answer_lost: u8,
    /// Từ chối hẳn: số không tồn tại.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    refused: u8,
    /// Nhận nhưng không đến được người dân.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    not_arrived: u8,
    /// Báo hai lần là đã đến.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    twice: u8,
}

fn percent() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=100)
}

/// Takes messages until the process ends.
///
/// # Errors
/// When the port is taken.
pub async fn run(wanted: &Messages) -> anyhow::Result<Exit> {
    let manner = Manner {
        slow: wanted.slow,
        slow_for: Duration::from_millis(wanted.slow_ms),
        broken: wanted.broken,
        answer_lost: wanted.answer_lost,
        refused: wanted.refused,
        not_arrived: wanted.not_arrived,
        twice: wanted.twice,
        seed: wanted.seed,
    };
    let listener = TcpListener::bind(wanted.listen).await?;
    let address = listener.local_addr()?;
    eprintln!("Cổng nhắn tin thử: http://{address} (đã nhận gì: http://{address}/received)");
    axum::serve(listener, router(manner)).await?;
    Ok(Exit::Done)
}
