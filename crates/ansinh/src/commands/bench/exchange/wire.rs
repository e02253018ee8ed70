//! Requests that are ready, over connections that stay open: as little work of the sender as there can be.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// How long a sender that was told to wait does.
const WAIT: Duration = Duration::from_millis(100);

/// Sends one after the other; how long each waited for being taken.
///
/// # Errors
/// When one is refused.
pub(super) async fn send(address: String, requests: Vec<Vec<u8>>) -> anyhow::Result<Vec<Duration>> {
    send_calmly(address, requests, Duration::ZERO).await
}

/// The same with a pause between.
///
/// # Errors
/// When one is refused.
pub(super) async fn send_calmly(
    address: String,
    requests: Vec<Vec<u8>>,
    pause: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let mut line = Line::open(&address).await?;
    let mut waited = Vec::with_capacity(requests.len());
    for request in requests {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let begun = Instant::now();
        loop {
            let (status, body) = line.ask(&request).await?;
            match status {
                200 if body.windows(7).any(|some| some == b"\"taken\"") => break,
                429 => tokio::time::sleep(WAIT).await,
                _ => bail!("{status}: {}", String::from_utf8_lossy(&body)),
            }
        }
        waited.push(begun.elapsed());
    }
    Ok(waited)
}

struct Line {
    from: BufReader<OwnedReadHalf>,
    to: OwnedWriteHalf,
}

impl Line {
    async fn open(address: &str) -> anyhow::Result<Line> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (from, to) = stream.into_split();
        let from = BufReader::new(from);
        Ok(Line { from, to })
    }

    async fn ask(&mut self, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
        self.to.write_all(request).await?;
        let mut head = String::new();
        self.from.read_line(&mut head).await?;
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        let status = status.with_context(|| format!("no answer: {head:?}"))?;
        let mut length = 0;
        loop {
            head.clear();
            self.from.read_line(&mut head).await?;
            let line = head.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).await?;
        Ok((status, body))
    }
}
