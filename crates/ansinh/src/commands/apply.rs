//! `ansinh apply`: records events from NDJSON.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use registry::Applied;
use registry::event::read_lines;

use crate::context::Context;
use crate::exit::Exit;

/// Options of `apply`.
#[derive(clap::Args)]
pub struct Args {
    /// Tệp sự kiện NDJSON, mỗi dòng một sự kiện; `-` là đầu vào chuẩn.
    file: PathBuf,
    /// Chỉ kiểm tra và báo kết quả, không ghi gì.
    #[arg(long)]
    dry_run: bool,
}

/// Record the events of a file in one transaction. Refused rows go to standard output, one JSON
/// object a line; the sums to standard error.
///
/// # Errors
/// When the file cannot be read or the database fails: then nothing was recorded.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let pool = context.pool().await?;
    let (events, unread) = read_lines(&bytes_of(&args.file)?);
    let total = events.len() + unread.len();
    eprintln!("Đã đọc {total} sự kiện, đang kiểm tra và ghi…");
    let mut done = if args.dry_run {
        registry::try_out(pool, &actor, &clock, &events).await?
    } else {
        registry::apply(pool, &actor, &clock, &events).await?
    };
    done.refused.extend(unread);
    print_outcome(
        done,
        if args.dry_run { "Sẽ ghi" } else { "Đã ghi" },
        "sự kiện",
    )
}

/// Lists the refused rows on standard output, one JSON object a line, and the sums on standard error;
/// the exit status says whether anything was done.
///
/// # Errors
/// When standard output takes no more.
pub fn print_outcome(mut done: Applied, verb: &str, what: &str) -> anyhow::Result<Exit> {
    done.refused.sort_by_key(|refusal| refusal.row);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for refusal in &done.refused {
        serde_json::to_writer(&mut out, refusal)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    eprintln!(
        "{verb} {} {what}; {} đã có từ trước; {} bị từ chối.",
        done.applied,
        done.already,
        done.refused.len()
    );
    Ok(
        match (done.refused.is_empty(), done.applied + done.already) {
            (true, _) => Exit::Done,
            (false, 0) => Exit::Refused,
            (false, _) => Exit::InPart,
        },
    )
}

/// What a file, or standard input for `-`, holds.
///
/// # Errors
/// When it cannot be read.
pub fn bytes_of(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(file).with_context(|| format!("không đọc được tệp {}", file.display()))
}
