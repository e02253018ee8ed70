//! `ansinh sandbox`: peers to practise with.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use g2p::{PublicKey, SigningKey};
use jiff::Timestamp;
use jiff::civil::Date;
use payments::results::Reported;
use payments::sandbox::{Behaviour, answer, read_order, write_ndjson, write_pain_002};

use super::sandbox_messages::{self, Messages};
use super::sandbox_one_stop::{self, Check, OneStop};
use super::sandbox_population::{self, Population};
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::peer::{self, Manner};

/// Options of `sandbox`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    peer: Peer,
}

#[derive(clap::Subcommand)]
enum Peer {
    /// Đơn vị chi trả thử, hay trục trặc: đọc lệnh và viết kết quả, hoặc nhận lệnh qua kết nối (không cần cơ sở dữ liệu).
    Provider(Provider),
    /// Cổng nhắn tin thử, hay trục trặc: nhận tin qua HTTP (không cần cơ sở dữ liệu).
    Messages(Messages),
    /// Cơ sở dữ liệu dân cư thử, hay trục trặc: trả lời dịch vụ 033 và 037.
    Population(Population),
    /// Hệ thống một cửa thử của một tỉnh, hay trục trặc: nộp hồ sơ, gửi tệp, nhận thông điệp (không cần cơ sở dữ liệu).
    OneStop(Box<OneStop>),
    /// Kiểm tra một hệ thống nhận có giữ đúng giao ước liên thông không; để lại đó một hồ sơ thử.
    Check(Box<Check>),
}

/// How the provider answers. Figures are percentages.
#[derive(clap::Args)]
struct Provider {
    /// Lệnh chi: pain.001.001.09 hoặc NDJSON có line và amount.
    #[arg(required_unless_present = "listen")]
    order: Option<PathBuf>,
    /// Tệp kết quả.
    #[arg(short, long, required_unless_present = "listen")]
    output: Option<PathBuf>,
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
    #[command(flatten)]
    listening: Listening,
}

/// The provider as a program that is called.
#[derive(clap::Args)]
struct Listening {
    /// Nhận lệnh qua kết nối tại địa chỉ và cổng này, thay cho đọc tệp.
    #[arg(long, conflicts_with_all = ["order", "output", "late_output"], requires = "payer_key")]
    listen: Option<SocketAddr>,
    /// Mã của đơn vị chi trả thử.
    #[arg(long, default_value = "vi-thu")]
    name: String,
    /// Tệp khóa ký của đơn vị; chưa có thì tạo.
    #[arg(long, default_value = "provider.key")]
    key: PathBuf,
    /// Khóa công khai của bên giao lệnh: ansinh provider our-key.
    #[arg(long)]
    payer_key: Option<String>,
    /// Trả lời chậm.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    slow: u8,
    /// Chậm bao nhiêu mili giây; cũng là thời gian báo muộn.
    #[arg(long, default_value_t = 500)]
    slow_ms: u64,
    /// Trả lời lỗi 500, chưa nhận gì.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    broken: u8,
    /// Đã nhận nhưng mất hồi âm.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    answer_lost: u8,
    /// Không tự báo kết quả, chỉ trả lời khi được hỏi.
    #[arg(long, default_value_t = 0, value_parser = percent())]
    silent: u8,
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
/// When the order cannot be read or a file not be written, or the port is taken.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let wanted = match &args.peer {
        Peer::Messages(wanted) => return sandbox_messages::run(wanted).await,
        Peer::Population(wanted) => return sandbox_population::run(wanted, context).await,
        Peer::OneStop(wanted) => return sandbox_one_stop::run(wanted, context).await,
        Peer::Check(wanted) => return sandbox_one_stop::check_contract(wanted, context).await,
        Peer::Provider(wanted) => wanted,
    };
    match (&wanted.order, &wanted.output, wanted.listening.listen) {
        (Some(order), Some(output), None) => answer_file(wanted, (order, output), context),
        (None, None, Some(listen)) => {
            let peer = wanted
                .listening
                .peer(wanted.behaviour(), wanted.seed, context)?;
            peer::serve(peer, listen).await?;
            Ok(Exit::Done)
        }
        _ => Err(WrongUsage("Cần tệp lệnh chi và --output, hoặc --listen.".to_owned()).into()),
    }
}

fn answer_file(
    wanted: &Provider,
    (order, output): (&Path, &Path),
    context: &Context,
) -> anyhow::Result<Exit> {
    let clock = context.clock_without_database();
    let file =
        File::open(order).with_context(|| format!("Không đọc được tệp {}.", order.display()))?;
    let order = read_order(file)?;
    let mut behaviour = wanted.behaviour();
    if wanted.late_output.is_none() {
        behaviour.late = 0;
    }
    let from = wanted.day.unwrap_or_else(|| clock.today());
    let mut answers = answer(&order, &behaviour, from, wanted.seed);
    match &wanted.late_output {
        Some(path) => write(path, wanted.format, clock.now(), &answers.late)?,
        None => answers.now.append(&mut answers.late),
    }
    write(output, wanted.format, clock.now(), &answers.now)?;
    eprintln!(
        "Lệnh có {} khoản; đã viết {} kết quả, {} kết quả đến muộn.",
        order.len(),
        answers.now.len(),
        answers.late.len()
    );
    Ok(Exit::Done)
}

impl Provider {
    fn behaviour(&self) -> Behaviour {
        Behaviour {
            fail: self.fail,
            not_collected: self.not_collected,
            come_back: self.come_back,
            twice: self.twice,
            late: self.late,
            lost: self.lost,
            wrong_amount: self.wrong_amount,
            shuffled: !self.in_order,
        }
    }
}

impl Listening {
    fn peer(
        &self,
        payments: Behaviour,
        seed: u64,
        context: &Context,
    ) -> anyhow::Result<peer::Peer> {
        let payer = PublicKey::read(self.payer_key.as_deref().unwrap_or_default())?;
        let key = SigningKey::read_or_make(&self.key)?;
        let pause = Duration::from_millis(self.slow_ms);
        let manner = Manner {
            payments,
            slow: self.slow,
            slow_for: pause,
            broken: self.broken,
            answer_lost: self.answer_lost,
            silent: self.silent,
            late_by: pause,
            seed,
        };
        let clock = context.clock_without_database();
        Ok(peer::Peer::new(
            self.name.clone(),
            (key, payer),
            clock,
            manner,
        ))
    }
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
