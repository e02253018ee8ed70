//! `ansinh match`: which records of two lists are the same person, or of one list are there twice.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use matching::{Linked, Options, link};

use crate::exit::{Exit, WrongUsage};
use crate::progress::Progress;

/// Refused rows told on standard error; of more only the number.
const SAID: usize = 20;

/// Options of `match`.
#[derive(clap::Args)]
pub struct Args {
    /// Danh sách bên trái: CSV có cột id và các cột so khớp.
    left: PathBuf,
    /// Danh sách bên phải; bỏ trống để tìm người trùng trong một danh sách.
    right: Option<PathBuf>,
    /// Tệp CSV kết quả; bỏ trống để in ra màn hình.
    #[arg(short, long, value_name = "TỆP.csv")]
    output: Option<PathBuf>,
    /// Chỉ ghi những cặp có xác suất từ mức này.
    #[arg(long, default_value_t = 0.9, value_name = "XÁC SUẤT")]
    threshold: f64,
    /// Cột so khớp như văn bản thường; có thể nêu nhiều lần.
    #[arg(long, value_name = "CỘT", value_delimiter = ',')]
    also: Vec<String>,
    /// Mỗi người nhiều nhất một cặp: giữ cách ghép tốt nhất.
    #[arg(long)]
    one_to_one: bool,
    /// Bộ nhớ tối đa, ví dụ 512M, 1G.
    #[arg(long, default_value = "1G", value_name = "BỘ NHỚ", value_parser = bytes)]
    memory: u64,
}

/// `512M`, `1G`, `2000000000`.
fn bytes(text: &str) -> Result<u64, String> {
    let upper = text.trim().to_ascii_uppercase();
    let number = upper.strip_suffix('B').unwrap_or(&upper);
    let (digits, shift) = match number.as_bytes().last() {
        Some(b'K') => (&number[..number.len() - 1], 10),
        Some(b'M') => (&number[..number.len() - 1], 20),
        Some(b'G') => (&number[..number.len() - 1], 30),
        _ => (number, 0),
    };
    let count: Option<u64> = digits.parse().ok();
    count
        .and_then(|count| count.checked_mul(1 << shift))
        .ok_or_else(|| "cần một số byte, ví dụ 512M hoặc 1G".to_owned())
}

/// Run it.
///
/// # Errors
/// When a list cannot be read or the answer not be written.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    if !(0.0..=1.0).contains(&args.threshold) {
        anyhow::bail!(WrongUsage("--threshold phải từ 0 đến 1.".to_owned()));
    }
    let linked = match &args.output {
        None => linked(args, BufWriter::new(io::stdout().lock()))?,
        Some(path) => {
            let cannot = || format!("Không ghi được tệp {}", path.display());
            linked(
                args,
                BufWriter::new(File::create(path).with_context(cannot)?),
            )?
        }
    };
    for refused in linked.refused.iter().take(SAID) {
        eprintln!(
            "{}, dòng {}, cột {}: {} ({})",
            refused.list, refused.line, refused.field, refused.message, refused.code
        );
    }
    if linked.refused.len() > SAID {
        eprintln!("… và {} dòng khác", linked.refused.len() - SAID);
    }
    eprintln!(
        "{} bản ghi bên trái, {} bên phải: {} cặp.",
        linked.left, linked.right, linked.pairs
    );
    Ok(if linked.refused.is_empty() {
        Exit::Done
    } else {
        Exit::InPart
    })
}

fn linked(args: &Args, out: impl Write) -> anyhow::Result<Linked> {
    let options = Options {
        threshold: args.threshold,
        also: args.also.clone(),
        one_to_one: args.one_to_one,
        memory: args.memory,
        one_register: false,
    };
    let mut progress: Option<Progress> = None;
    let linked = link(
        &args.left,
        args.right.as_deref(),
        &options,
        out,
        |done, all| {
            let progress = progress.get_or_insert_with(|| Progress::of("So khớp", all));
            progress.reached(done);
        },
    )?;
    if let Some(progress) = progress {
        progress.done();
    }
    Ok(linked)
}
