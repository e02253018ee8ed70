//! `ansinh sandbox`: peers to practise with.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;
use payments::results::Reported;
use payments::sandbox::{Behaviour, answer, read_order, write_ndjson, write_pain_002};

use crate::context::Context;
use crate::exit::Exit;

/// Options of `sandbox`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    peer: Peer,
}

#[derive(clap::Subcommand)]
enum Peer {
    /// Đơn vị chi trả thử: đọc lệnh chi, viết kết quả như một đơn vị hay trục trặc (không cần cơ sở dữ liệu).
    Provider(Provider),
}

/// How the provider answers. Figures are percentages.
#[derive(clap::Args)]
struct Provider {
    /// Lệnh chi: pain.001.001.09 hoặc NDJSON có line và amount.
    order: PathBuf,
    /// Tệp kết quả.
    #[arg(short, long)]
    output: PathBuf,
    /// Tệp kết quả đến muộn; bỏ trống thì không có gì đến muộn.
    #[arg(long, value_name = "TỆP")]
    late_output: Option<PathBuf>,
    /// Định dạng kết quả.
    #[arg(long, value_enum, default_value = "ndjson")]
    format: Form,
    /// Mầm ngẫu nhiên: cùng số thì cùng kết quả.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ngày bắt đầu chi; bỏ trống là hôm nay.
    #[arg(long)]
    day: Option<Date>,
    /// Không thành.
    #[arg(long, default_value_t = 3, value_parser = percent())]
    fail: u8,
    /// Không ai đến nhận.
    #[arg(long, default_value_t = 2, value_parser = percent())]
    not_collected: u8,
    /// Đã trả rồi bị hoàn lại.
    #[arg(long, default_value_t = 1, value_parser = percent())]
    come_back: u8,
    /// Báo hai lần.
    #[arg(long, default_value_t = 2, value_parser = percent())]
    twice: u8,
    /// Báo muộn.
    #[arg(long, default_value_t = 2, value_parser = percent())]
    late: u8,
    /// Không báo.
    #[arg(long, default_value_t = 1, value_parser = percent())]
    lost: u8,
    /// Báo sai số tiền.
    #[arg(long, default_value_t = 1, value_parser = percent())]
    wrong_amount: u8,
    /// Giữ đúng thứ tự của lệnh.
    #[arg(long)]
    in_order: bool,
}

fn percent() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=100)
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Form {
    /// Mỗi dòng một đối tượng JSON.
    Ndjson,
    /// ISO 20022 pain.002.001.12.
    #[value(name = "pain.002")]
    Pain002,
}

/// Run it.
///
/// # Errors
/// When the order cannot be read or a file not be written.
pub fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let Peer::Provider(wanted) = &args.peer;
    let clock = context.clock_without_database();
    let file = File::open(&wanted.order)
        .with_context(|| format!("Không đọc được tệp {}.", wanted.order.display()))?;
    let order = read_order(file)?;
    let behaviour = Behaviour {
        fail: wanted.fail,
        not_collected: wanted.not_collected,
        come_back: wanted.come_back,
        twice: wanted.twice,
        late: if wanted.late_output.is_some() {
            wanted.late
        } else {
            0
        },
        lost: wanted.lost,
        wrong_amount: wanted.wrong_amount,
        shuffled: !wanted.in_order,
    };
    let from = wanted.day.unwrap_or_else(|| clock.today());
    let mut answers = answer(&order, &behaviour, from, wanted.seed);
    match &wanted.late_output {
        Some(path) => write(path, wanted.format, clock.now(), &answers.late)?,
        None => answers.now.append(&mut answers.late),
    }
    write(&wanted.output, wanted.format, clock.now(), &answers.now)?;
    eprintln!(
        "Lệnh có {} khoản; đã viết {} kết quả, {} kết quả đến muộn.",
        order.len(),
        answers.now.len(),
        answers.late.len()
    );
    Ok(Exit::Done)
}

fn write(path: &Path, form: Form, at: Timestamp, answers: &[Reported]) -> anyhow::Result<()> {
    let failed = || format!("Không ghi được tệp {}.", path.display());
    let mut out = BufWriter::new(File::create(path).with_context(failed)?);
    match form {
        Form::Ndjson => write_ndjson(answers, &mut out),
        Form::Pain002 => write_pain_002(answers, at, &mut out),
    }
    .and_then(|()| out.flush())
    .with_context(failed)
}
