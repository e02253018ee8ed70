//! `ansinh bench`: how fast this machine makes a month.

mod boards;
mod checks;
mod exchange;
mod queue;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use law::Law;
use payments::bench::plain::Against;
use payments::bench::{self, Measured};
use payments::{Office, Refused};
use private_postgres::{Durability, PrivatePostgres, schema};
use sqlx::ConnectOptions;
use sqlx::postgres::PgPoolOptions;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `bench`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Lập danh sách một tháng cho nhiều người, so với chỉ ghi chừng ấy dòng (không đụng tới --data).
    Month {
        /// Số người.
        #[arg(long, default_value_t = 865_040)]
        people: i64,
        /// Số lần đo.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Lập lệnh chi cho một danh sách, so với chỉ chép chừng ấy dòng (không đụng tới --data).
    Orders {
        /// Số người.
        #[arg(long, default_value_t = 865_040)]
        people: i64,
        /// Số lần đo.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Nhập kết quả chi trả của một danh sách, so với chỉ chép những dòng đã ghi (không đụng tới --data).
    Results {
        /// Số người.
        #[arg(long, default_value_t = 865_040)]
        people: i64,
        /// Số lần đo.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Một trang việc cần làm và số đếm của nó, giữa nhiều hồ sơ (không đụng tới --data).
    Queue {
        /// Số hồ sơ.
        #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(i64).range(1..))]
        dossiers: i64,
        /// Trong 100 hồ sơ có chừng này chưa xong.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=100))]
        open: i64,
        /// Số lần hỏi mỗi trang.
        #[arg(long, default_value_t = 200)]
        rounds: usize,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Thông điệp của hệ thống một cửa được giữ chắc mỗi giây, so với ghi chừng ấy dòng (không đụng tới --data).
    Exchange {
        /// Số thông điệp.
        #[arg(long, default_value_t = 20_000)]
        messages: usize,
        /// Số tỉnh cùng gửi; mỗi tỉnh gửi không quá 200 thông điệp mỗi giây.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(2..=34))]
        provinces: u8,
        /// Mỗi tỉnh cùng lúc gửi bao nhiêu.
        #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..))]
        at_once: u8,
        /// Số thông điệp của một tỉnh trở lại sau một tuần.
        #[arg(long, default_value_t = 6_000)]
        backlog: usize,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Đếm và tìm người cần đối chiếu với cơ sở dữ liệu dân cư trong cả nước (không đụng tới --data).
    Checks {
        /// Số người.
        #[arg(long, default_value_t = 3_312_000)]
        people: i64,
        /// Số lần hỏi mỗi câu.
        #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..))]
        rounds: u16,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Bảng báo cáo cả nước và trang đầu danh sách người sau mỗi con số (không đụng tới --data).
    Boards {
        /// Số người.
        #[arg(long, default_value_t = 3_312_000)]
        people: i64,
        /// Số tháng có danh sách.
        #[arg(long, default_value_t = 13, value_parser = clap::value_parser!(i32).range(1..=24))]
        months: i32,
        /// Số lần hỏi mỗi bảng.
        #[arg(long, default_value_t = 100)]
        rounds: usize,
        /// Giữ cơ sở dữ liệu ở thư mục này để đo lại; đã có thì đo ngay.
        #[arg(long, value_name = "THƯ_MỤC")]
        keep: Option<PathBuf>,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// Run it.
///
/// # Errors
/// When no private PostgreSQL can be started.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.what {
        What::Month {
            people,
            rounds,
            format,
        } => {
            let tenth = month(people / 10, rounds, context.law()?).await?;
            let mut whole = month(people, rounds, context.law()?).await?;
            whole.against_a_tenth = Some(bench::ratio(whole.make_ms, tenth.make_ms));
            print_rows(format, [tenth, whole])?;
        }
        What::Orders {
            people,
            rounds,
            format,
        } => print_rows(format, orders(people, rounds, context.law()?).await?)?,
        What::Results {
            people,
            rounds,
            format,
        } => print_rows(format, results(people, rounds, context.law()?).await?)?,
        What::Queue {
            dossiers,
            open,
            rounds,
            format,
        } => print_rows(format, queue::measure((dossiers, open), rounds).await?)?,
        What::Exchange {
            messages,
            provinces,
            at_once,
            backlog,
            format,
        } => {
            let size = exchange::Size {
                messages,
                provinces: provinces.into(),
                at_once: at_once.into(),
                backlog,
            };
            print_rows(format, exchange::measure(size).await?)?;
        }
        What::Checks {
            people,
            rounds,
            format,
        } => {
            let timed = measure_in(None, context.law()?, async |office: &Office<'_>| {
                checks::measure(office, people, rounds.into()).await
            });
            print_rows(format, timed.await?)?;
        }
        What::Boards {
            people,
            months,
            rounds,
            keep,
            format,
        } => {
            let country = (people, months);
            let timed = measure_in(
                keep.as_deref(),
                context.law()?,
                async |office: &Office<'_>| boards::measure(office, country, rounds).await,
            );
            print_rows(format, timed.await?)?;
        }
    }
    Ok(Exit::Done)
}

async fn month(people: i64, rounds: usize, law: &Law) -> anyhow::Result<Measured> {
    let say = |line: &str| eprintln!("{line}");
    measure(law, async |office: &Office<'_>| {
        bench::measure(office, people, rounds, say).await
    })
    .await
}

async fn orders(people: i64, rounds: usize, law: &Law) -> anyhow::Result<[Against; 2]> {
    let say = |line: &str| eprintln!("{line}");
    measure(law, async |office: &Office<'_>| {
        bench::orders::measure(office, people, rounds, say).await
    })
    .await
}

async fn results(people: i64, rounds: usize, law: &Law) -> anyhow::Result<[Against; 1]> {
    let folder = tempfile::tempdir().context("Không tạo được thư mục tạm.")?;
    let say = |line: &str| eprintln!("{line}");
    measure(law, async |office: &Office<'_>| {
        bench::results::measure(office, people, rounds, folder.path(), say).await
    })
    .await
}

/// How long it took at most so many in a hundred times, of times in order; milliseconds with one decimal.
fn percentile(took: &[Duration], percent: usize) -> String {
    let last = took.len().saturating_sub(1);
    let at = (took.len() * percent / 100).min(last);
    let tenths = took.get(at).map_or(0, |took| took.as_micros() / 100);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Measures on a PostgreSQL of its own.
async fn measure<T>(
    law: &Law,
    work: impl AsyncFnOnce(&Office<'_>) -> Result<T, Refused>,
) -> anyhow::Result<T> {
    measure_in(None, law, work).await
}

/// The same, on one that stays in a folder if there is one named.
async fn measure_in<T, E: Into<anyhow::Error>>(
    folder: Option<&Path>,
    law: &Law,
    work: impl AsyncFnOnce(&Office<'_>) -> Result<T, E>,
) -> anyhow::Result<T> {
    let passing = tempfile::tempdir().context("Không tạo được thư mục tạm.")?;
    let folder = folder.unwrap_or_else(|| passing.path());
    let server = PrivatePostgres::open(folder, Durability::Full)?;
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .connect_with(server.options().disable_statement_logging())
        .await?;
    schema::migrate(&pool).await?;
    registry::areas::load(&pool).await?;
    let clock = bench::clock();
    access::practice::begin(&pool, clock.now()).await?;
    let office = Office {
        pool: &pool,
        clock: &clock,
        law,
    };
    let measured = work(&office).await.map_err(Into::into)?;
    pool.close().await;
    Ok(measured)
}
