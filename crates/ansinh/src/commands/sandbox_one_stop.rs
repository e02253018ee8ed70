//! `ansinh sandbox one-stop`: a province's one-stop system to practise with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use exchange::x_road::ClientId;
use g2p::{PublicKey, SigningKey};
use tokio::net::TcpListener;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::one_stop::{
    Citizens, Client, Key, Looked, Manner, Office, Province, Words, XRoad, answer_list, check,
    check_platform, serve,
};
use crate::output::{Format, print_rows};

/// Who calls, as whom.
#[derive(clap::Args)]
struct Caller {
    /// Mã truy cập của hệ thống một cửa; nên đặt ở biến ANSINH_TOKEN.
    #[arg(long, env = "ANSINH_TOKEN", hide_env_values = true)]
    token: String,
    /// Mã tỉnh, ghi trong mã hồ sơ.
    #[arg(long)]
    province: String,
    /// Mã xã của người nộp.
    #[arg(long)]
    area: String,
    /// Tệp khóa ký; chưa có thì tạo. Không nêu thì không ký.
    #[arg(long, value_name = "TỆP")]
    key: Option<PathBuf>,
    /// Mã khóa đã ghi bằng ansinh connection key add; không nêu là mã của khóa.
    #[arg(long, requires = "key")]
    key_id: Option<String>,
    /// Mầm ngẫu nhiên: cùng số thì cùng người nộp và cùng trục trặc.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What is checked.
#[derive(clap::Args)]
pub struct Check {
    /// Địa chỉ của hệ thống nhận: http://127.0.0.1:8080; với --dialect pull là địa chỉ nền tảng của tỉnh.
    url: String,
    /// Bên kia nói theo cách nào. pull: nền tảng của tỉnh, nơi lấy hồ sơ (traHoSo, danhDauHsThanhCong…); x-road và
    /// x-road-soap: hệ thống nhận theo X-Road, cần --client.
    #[arg(long, value_enum, default_value = "messages")]
    dialect: Spoken,
    #[command(flatten)]
    names: Names,
    /// Với pull: mỗi câu trả lời chậm nhất bao nhiêu mili giây.
    #[arg(long, default_value_t = 10_000)]
    within_ms: u64,
    #[command(flatten)]
    caller: Caller,
}

/// Who calls whom by X-Road.
#[derive(clap::Args)]
struct Names {
    /// Hệ thống của tỉnh theo X-Road: INSTANCE/LỚP/MÃ/HỆ_THỐNG.
    #[arg(long, value_name = "MÃ")]
    client: Option<String>,
    /// Hệ thống được gọi theo X-Road.
    #[arg(long, value_name = "MÃ", default_value = "VN/GOV/BYT/AN-SINH")]
    provider: String,
}

/// Where it is and how it behaves. Faults are percentages.
#[derive(clap::Args)]
pub struct OneStop {
    /// Địa chỉ của hệ thống nhận: http://127.0.0.1:8080.
    #[arg(long, required_unless_present = "listen")]
    url: Option<String>,
    /// Nghe tại địa chỉ và cổng này. Không có --url thì làm nền tảng của tỉnh, để hệ thống nhận tự lấy (pull; bảng ở /table);
    /// có --url thì xong việc ở lại, liệt kê hồ sơ đang giữ (GET /dossiers) để bên kia đối chiếu.
    #[arg(long, value_name = "ĐỊA_CHỈ:CỔNG")]
    listen: Option<SocketAddr>,
    /// Khóa công khai của bên hỏi danh sách hồ sơ: ansinh provider our-key. Yêu cầu không ký bằng khóa này thì bị từ chối.
    #[arg(long, value_name = "BASE64", requires = "listen")]
    office_key: Option<String>,
    /// Nói theo cách nào; x-road và x-road-soap cần --client.
    #[arg(long, value_enum, default_value = "messages")]
    dialect: Spoken,
    #[command(flatten)]
    names: Names,
    #[command(flatten)]
    caller: Caller,
    /// Bao nhiêu người nộp hồ sơ.
    #[arg(long, default_value_t = 10)]
    dossiers: u32,
    /// Bao nhiêu phần trăm người nộp tự sửa tờ khai sau khi hồ sơ được tiếp nhận, không ai hỏi (không có trong pull).
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    corrects: u8,
    /// Sổ riêng của tỉnh thử; chạy lại thì làm tiếp từ đó.
    #[arg(long, value_name = "TỆP", default_value = "one-stop.ndjson")]
    table: PathBuf,
    /// Dừng sau bao nhiêu vòng không còn gì chuyển động.
    #[arg(long, default_value_t = 3)]
    quiet: u32,
    /// Nghỉ giữa hai vòng, mili giây.
    #[arg(long, default_value_t = 200)]
    pause_ms: u64,
    /// Làm bao nhiêu việc cùng lúc.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=32))]
    at_once: u8,
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

/// Dialects.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Spoken {
    /// Thông điệp An Sinh.
    Messages,
    /// Lấy và đánh dấu.
    Pull,
    /// X-Road REST.
    XRoad,
    /// X-Road SOAP.
    XRoadSoap,
}

impl Spoken {
    fn words(self, names: &Names, area: &str) -> anyhow::Result<Words> {
        let names = || -> anyhow::Result<XRoad> {
            let client = names.client.as_deref().unwrap_or_default();
            Ok(XRoad {
                client: ClientId::of_path(client)?,
                provider: ClientId::of_path(&names.provider)?,
            })
        };
        Ok(match self {
            Spoken::Messages => Words::Messages,
            Spoken::Pull => Words::Pull {
                unit: area.to_owned(),
            },
            Spoken::XRoad => Words::Rest(names()?),
            Spoken::XRoadSoap => Words::Soap(names()?),
        })
    }
}

fn percent() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=90)
}

impl Caller {
    fn client(&self, url: &str) -> anyhow::Result<Client> {
        let key = match &self.key {
            None => None,
            Some(path) => {
                let secret = SigningKey::read_or_make(path)?;
                let id = self.key_id.clone();
                let id = id.unwrap_or_else(|| secret.id().to_owned());
                eprintln!("Khóa ký {id}: {}", secret.public().text());
                Some(Key { secret, id })
            }
        };
        Client::new(url, self.token.clone(), key)
    }

    fn citizens(&self, count: u32) -> Citizens {
        Citizens {
            province: self.province.clone(),
            area: self.area.clone(),
            count,
            corrects: 0,
            seed: self.seed,
        }
    }
}

/// Checks the other side's part of the contract and prints what was found.
///
/// # Errors
/// When the address or the key cannot be used.
pub async fn check_contract(wanted: &Check, context: &Context) -> anyhow::Result<Exit> {
    let (citizens, clock) = (wanted.caller.citizens(1), context.clock_without_database());
    let checked = if wanted.dialect == Spoken::Pull {
        let within = Duration::from_millis(wanted.within_ms);
        let (address, token) = (wanted.url.clone(), wanted.caller.token.clone());
        anyhow::ensure!(
            kernel::peer::is_address(&address),
            "Địa chỉ không đúng dạng: cần https://…, hoặc http://127.0.0.1:cổng."
        );
        let checking = move || {
            let looked = Looked {
                address: &address,
                token: &token,
                citizens: &citizens,
                within,
            };
            check_platform(&looked, &clock)
        };
        tokio::task::spawn_blocking(checking).await?
    } else {
        let words = wanted.dialect.words(&wanted.names, &wanted.caller.area)?;
        let client = wanted.caller.client(&wanted.url)?.speaking(words);
        if !client.signs() {
            eprintln!("Không nêu --key: chữ ký không được kiểm.");
        }
        let checking = move || check(&client, &citizens, &clock);
        tokio::task::spawn_blocking(checking).await?
    };
    let short = checked.iter().filter(|it| !it.ok).count();
    eprintln!("Đã kiểm {} điều; chưa đạt {short}.", checked.len());
    print_rows(Format::Ndjson, checked)?;
    Ok(match short {
        0 => Exit::Done,
        _ => Exit::Refused,
    })
}

/// Works until nothing moves any more, and prints its table.
///
/// # Errors
/// When its table cannot be kept, or what is sound is refused.
pub async fn run(wanted: &OneStop, context: &Context) -> anyhow::Result<Exit> {
    let url = wanted.url.as_deref().unwrap_or("http://127.0.0.1:1");
    let words = wanted.dialect.words(&wanted.names, &wanted.caller.area)?;
    let client = wanted.caller.client(url)?.speaking(words);
    let province = Province {
        client,
        citizens: Citizens {
            corrects: wanted.corrects,
            ..wanted.caller.citizens(wanted.dossiers)
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
            seed: wanted.caller.seed,
        },
        clock: context.clock_without_database(),
        table: wanted.table.clone(),
        hands: wanted.at_once.into(),
        quiet: wanted.quiet,
        pause: Duration::from_millis(wanted.pause_ms),
    };
    let listener = match wanted.listen {
        Some(address) => Some(TcpListener::bind(address).await?),
        None => None,
    };
    let office = match &wanted.office_key {
        Some(text) => Some(Office::new(PublicKey::read(text)?, province.clock.clone())),
        None => None,
    };
    let listener = match (listener, &wanted.url) {
        (Some(listener), None) => {
            eprintln!("Nền tảng thử của tỉnh: http://{}", listener.local_addr()?);
            serve(listener, &province, &wanted.caller.token, office).await?;
            return Ok(Exit::Done);
        }
        (listener, _) => listener,
    };
    let rows = tokio::task::spawn_blocking(move || province.work()).await??;
    print_rows(Format::Ndjson, rows)?;
    if let Some(listener) = listener {
        let office = office.ok_or_else(|| {
            WrongUsage(
                "Liệt kê hồ sơ cần --office-key: khóa in ra bởi ansinh provider our-key."
                    .to_owned(),
            )
        })?;
        eprintln!(
            "Một cửa thử liệt kê hồ sơ: http://{}/dossiers",
            listener.local_addr()?
        );
        answer_list(listener, wanted.table.clone(), office).await?;
    }
    Ok(Exit::Done)
}
