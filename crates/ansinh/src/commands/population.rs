//! `ansinh population`: people checked against the population database.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use anyhow::Context as _;
use kernel::{Actor, Month};
use population::settings::LATELY_DAYS;
use population::{Client, DuePerson, Service, Settings, Tally, Wanted, ahead, due, log};

use super::person::one;
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `population`.
#[derive(clap::Args)]
pub struct Args {
    /// Tệp cài đặt dịch vụ dân cư (TOML); bỏ trống là population.toml trong thư mục dữ liệu.
    #[arg(long, env = "ANSINH_POPULATION", value_name = "TỆP")]
    settings: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Đối chiếu những người sắp được chi trả mà lâu chưa đối chiếu. Bị ngắt giữa chừng thì chạy lại là làm tiếp.
    Check(Checking),
    /// Những người sắp được chi trả đã đối chiếu đến đâu.
    Due {
        #[command(flatten)]
        of: Of,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Ai đã hỏi gì về ai, vào lúc nào, để làm gì; số định danh được che.
    Log {
        /// Mã địa bàn; bỏ trống là cả nước.
        #[arg(long, default_value = "", value_name = "MÃ")]
        area: String,
        /// Chỉ những lượt hỏi về người này.
        #[arg(long)]
        person: Option<String>,
        /// Chỉ những lượt dịch vụ không trả lời.
        #[arg(long)]
        unanswered: bool,
        /// Nhiều nhất bao nhiêu lượt.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

#[derive(clap::Args)]
struct Of {
    /// Mã địa bàn; bỏ trống là cả nước.
    #[arg(long, default_value = "", value_name = "MÃ")]
    area: String,
    /// Tháng của danh sách; bỏ trống là tháng này.
    #[arg(long)]
    month: Option<Month>,
    /// Đối chiếu trong bao nhiêu ngày gần đây thì chưa cần hỏi lại; bỏ trống là theo cài đặt.
    #[arg(long, value_name = "NGÀY")]
    lately_days: Option<u16>,
}

#[derive(clap::Args)]
struct Checking {
    #[command(flatten)]
    of: Of,
    /// Chỉ một người này, dù đã đối chiếu lúc nào.
    #[arg(long, conflicts_with_all = ["area", "month", "lately_days", "before_list", "limit"])]
    person: Option<String>,
    /// Nhiều nhất bao nhiêu người.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    limit: Option<i64>,
    /// Trước khi lập danh sách của tháng: mục đích được ghi như vậy.
    #[arg(long, conflicts_with = "purpose")]
    before_list: bool,
    /// Mục đích tra cứu, được lưu vào nhật ký tra cứu.
    #[arg(long, required_unless_present = "before_list")]
    purpose: Option<String>,
    /// In kết quả dưới dạng.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Run it.
///
/// # Errors
/// When it is refused, the settings are wrong or the database fails.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let clock = context.clock().await?;
    match args.action {
        Action::Check(wanted) => {
            let settings = settings(args.settings, context)?;
            let service = Service::new(Client::new(settings));
            check(context, &actor, &service, wanted).await
        }
        Action::Due { of, format } => {
            let wanted = of.wanted(Month::of(clock.today()), LATELY_DAYS, None);
            print_rows(format, [due::count(pool, &actor, &clock, &wanted).await?])?;
            Ok(Exit::Done)
        }
        Action::Log {
            area,
            person,
            unanswered,
            limit,
            format,
        } => {
            let person = match person {
                Some(text) => Some(one(context, &text).await?),
                None => None,
            };
            let filter = log::Filter {
                area,
                person,
                unanswered,
                offset: 0,
                limit,
            };
            print_rows(format, log::list(pool, &actor, &clock, &filter).await?)?;
            Ok(Exit::Done)
        }
    }
}

impl Of {
    fn wanted(self, now: Month, lately_days: u16, limit: Option<i64>) -> Wanted {
        Wanted {
            area: self.area,
            month: self.month.unwrap_or(now),
            lately_days: self.lately_days.unwrap_or(lately_days),
            limit,
        }
    }
}

/// The service for a server: none where nothing is set.
///
/// # Errors
/// When the settings are wrong.
pub fn service(set: Option<PathBuf>, context: &Context) -> anyhow::Result<Option<Service>> {
    if set.is_none() && !context.data().join("population.toml").exists() {
        return Ok(None);
    }
    let settings = settings(set, context)?;
    Ok(Some(Service::new(Client::new(settings))))
}

/// The settings file, which holds a secret and so nobody else may read.
fn settings(set: Option<PathBuf>, context: &Context) -> anyhow::Result<Settings> {
    let path = set.unwrap_or_else(|| context.data().join("population.toml"));
    let shown = path.display();
    if !path.exists() {
        let text = format!("Chưa có cài đặt dịch vụ dân cư: cần tệp {shown} (--settings).");
        return Err(WrongUsage(text).into());
    }
    let told = || format!("Không đọc được cài đặt dịch vụ dân cư {shown}.");
    let mode = std::fs::metadata(&path)
        .with_context(told)?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        anyhow::bail!("Tệp {shown} cho người khác đọc được: hãy đặt quyền 600.");
    }
    let text = std::fs::read_to_string(&path).with_context(told)?;
    Ok(Settings::read(&text)?)
}

async fn check(
    context: &Context,
    actor: &Actor,
    service: &Service,
    wanted: Checking,
) -> anyhow::Result<Exit> {
    let (pool, clock) = (context.pool().await?, context.clock().await?);
    let month = wanted.of.month.unwrap_or_else(|| Month::of(clock.today()));
    let purpose = match wanted.purpose {
        Some(purpose) => purpose,
        None => ahead::purpose(month),
    };
    let people: Vec<DuePerson> = match &wanted.person {
        Some(text) => vec![due::one(pool, one(context, text).await?).await?],
        None => {
            let days = service.client().settings().lately_days;
            let due = wanted.of.wanted(month, days, wanted.limit);
            due::people(pool, actor, &clock, &due).await?
        }
    };
    let count = people.len();
    let seen = |tally: &Tally| eprintln!("Đã hỏi {} / {count} người.", tally.people);
    let tally = population::check((pool, &clock), actor, service, &people, &purpose, seen).await?;
    print_rows(wanted.format, [tally])?;
    if tally.not_begun > 0 {
        eprintln!(
            "Dịch vụ không trả lời: còn {} người chưa hỏi. Hãy chạy lại sau, không ai bị hỏi hai lần.",
            tally.not_begun
        );
    }
    let whole = tally.service_error == 0 && tally.not_begun == 0;
    Ok(if whole { Exit::Done } else { Exit::InPart })
}

/// Before a list is made: where a service is set and names officers for it, everybody due is asked about. A service
/// that does not answer keeps no list from being made.
///
/// # Errors
/// When the settings are wrong or the database fails.
pub async fn check_due(context: &Context, month: Month, area: &str) -> anyhow::Result<()> {
    let Some(service) = service(None, context)? else {
        return Ok(());
    };
    let (pool, clock) = (context.pool().await?, context.clock().await?);
    let seen = |tally: &Tally| eprintln!("Đối chiếu dân cư: đã hỏi {} người.", tally.people);
    let of = (month, area);
    let tally = ahead::before_list((pool, &clock), &service, of, None, seen).await?;
    if tally.people > 0 {
        eprintln!(
            "Đã đối chiếu {} người trước khi lập: {} khớp, {} lệch, {} không thấy, {} dịch vụ không trả lời.",
            tally.people, tally.verified, tally.mismatch, tally.no_data, tally.service_error
        );
    }
    if tally.not_begun > 0 {
        eprintln!(
            "Dịch vụ không trả lời: còn {} người chưa hỏi.",
            tally.not_begun
        );
    }
    Ok(())
}

/// After a list is made: how many of those paid nobody verified lately.
///
/// # Errors
/// When the database fails.
pub async fn tell_due(
    context: &Context,
    actor: &Actor,
    month: Month,
    area: &str,
) -> anyhow::Result<()> {
    let wanted = Wanted {
        area: area.to_owned(),
        month,
        lately_days: LATELY_DAYS,
        limit: None,
    };
    let (pool, clock) = (context.pool().await?, context.clock().await?);
    let due = due::count(pool, actor, &clock, &wanted).await?;
    let unverified = due.people - due.verified;
    if unverified > 0 {
        eprintln!(
            "{unverified} / {} người đang hưởng chưa được dữ liệu dân cư xác thực trong {LATELY_DAYS} ngày qua (lệch hoặc không thấy {}, chưa hỏi {}, chưa có số để hỏi {}). Đối chiếu: ansinh population check --before-list.",
            due.people, due.differing, due.to_ask, due.unaskable
        );
    }
    Ok(())
}
