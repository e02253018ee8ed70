//! `ansinh payees`: the accounts a provider opened, and receivers to look at again.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use documents::sheet;
use registry::Refusal;
use registry::import::Imported;
use registry::payee::{self, Concern, PayeeList, ReadList};
use serde::Serialize;

use super::import::{problems, write_problems};
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Lines said on the terminal; all of them are in `--refused`.
const SAID: usize = 50;

/// Options of `payees`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Nhập danh sách đơn vị chi trả gửi lại sau khi mở tài khoản.
    Import(ImportArgs),
    /// Liệt kê người nhận cần rà soát ở một địa bàn.
    Check(CheckArgs),
}

#[derive(clap::Args)]
struct ImportArgs {
    /// Tệp .xlsx hoặc .csv theo mẫu của: ansinh template payees.
    file: PathBuf,
    /// Đơn vị gửi danh sách: mã hoặc tên ngân hàng; là ngân hàng của dòng để trống cột Ngân hàng.
    #[arg(long, value_name = "MÃ")]
    provider: String,
    /// Chỉ thử, không ghi gì.
    #[arg(long)]
    dry_run: bool,
    /// Ghi các dòng bị từ chối và cần xem lại vào tệp này (.xlsx hoặc .csv).
    #[arg(long, value_name = "TỆP")]
    refused: Option<PathBuf>,
    /// Định dạng kết quả.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(clap::Args)]
struct CheckArgs {
    /// Mã địa bàn; không nêu là mọi địa bàn được xem.
    #[arg(long, value_name = "MÃ", default_value = "")]
    area: String,
    /// Chỉ một loại, ví dụ authorisation_ended.
    #[arg(long, value_name = "LOẠI")]
    concern: Option<String>,
    /// Định dạng.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Run it.
///
/// # Errors
/// When the file as a whole is refused, or the database fails: nothing was recorded.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.what {
        What::Import(args) => import(args, context).await,
        What::Check(args) => check(args, context).await,
    }
}

/// What was done, in figures.
#[derive(Serialize)]
struct Summary {
    dry_run: bool,
    rows: u64,
    events: u64,
    already: u64,
    refused_rows: u64,
    warnings: usize,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Refused(&'a Refusal),
    Warning(&'a Refusal),
    Summary(Summary),
}

async fn import(args: ImportArgs, context: &Context) -> anyhow::Result<Exit> {
    let extension = args.refused.as_deref().and_then(Path::extension);
    if args.refused.is_some() && !extension.is_some_and(|it| it == "xlsx" || it == "csv") {
        let text = "Tệp sau --refused phải có đuôi .xlsx hoặc .csv.";
        return Err(WrongUsage(text.to_owned()).into());
    }
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let read = tokio::task::block_in_place(|| read(&args.file, &args.provider))?;
    let pool = context.pool().await?;
    let imported = payee::record_list(pool, &actor, &clock, read, args.dry_run).await?;
    if let Some(path) = &args.refused {
        write_problems(path, &imported)
            .with_context(|| format!("không ghi được tệp {}", path.display()))?;
    }
    print(&args, &imported)?;
    let some_went_in = imported.events + imported.already > 0;
    Ok(match (imported.refused.is_empty(), some_went_in) {
        (true, _) => Exit::Done,
        (false, true) => Exit::InPart,
        (false, false) => Exit::Refused,
    })
}

fn read(path: &Path, provider: &str) -> anyhow::Result<ReadList> {
    let open = || File::open(path).with_context(|| format!("không mở được tệp {}", path.display()));
    let hash = sheet::fingerprint(open()?)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut list = PayeeList::new(provider, &name, hash);
    sheet::read(open()?, |row, cells| -> anyhow::Result<()> {
        Ok(list.take(row, cells)?)
    })?;
    Ok(list.finish()?)
}

fn print(args: &ImportArgs, imported: &Imported) -> anyhow::Result<()> {
    let summary = Summary {
        dry_run: args.dry_run,
        rows: imported.rows,
        events: imported.events,
        already: imported.already,
        refused_rows: imported.refused_rows(),
        warnings: imported.warnings.len(),
    };
    match args.format {
        Format::Table => {
            say(imported);
            if summary.dry_run {
                say!("Thử nhập, chưa ghi gì.");
            }
            say!("Số dòng đọc được:        {}", summary.rows);
            say!("Người nhận được ghi:     {}", summary.events);
            say!("Không có gì thay đổi:    {}", summary.already);
            say!("Dòng bị từ chối:         {}", summary.refused_rows);
            say!("Cảnh báo:                {}", summary.warnings);
            Ok(())
        }
        Format::Ndjson | Format::Json => {
            let refused = imported.refused.iter().map(Line::Refused);
            let warnings = imported.warnings.iter().map(Line::Warning);
            let summary = std::iter::once(Line::Summary(summary));
            print_rows(args.format, refused.chain(warnings).chain(summary))
        }
        other => print_rows(other, [summary]),
    }
}

fn say(imported: &Imported) {
    for heading in &imported.unknown_headings {
        eprintln!("Cột không thuộc mẫu, không đọc: {heading}");
    }
    for problem in problems(imported).take(SAID) {
        let kind = match problem.refused {
            true => "từ chối",
            false => "cảnh báo",
        };
        let (row, heading) = (problem.row, problem.heading);
        let (message, code) = (problem.message, problem.code);
        eprintln!("Dòng {row}, cột {heading}: {kind}: {message} ({code})");
    }
}

/// One person and one reason; no name of the holder and no account number.
#[derive(Serialize)]
struct Checked<'a> {
    person_id: String,
    full_name: &'a str,
    area: &'a str,
    concern: &'static str,
    name: &'static str,
}

async fn check(args: CheckArgs, context: &Context) -> anyhow::Result<Exit> {
    let wanted = match &args.concern {
        None => None,
        Some(code) => Some(Concern::from_code(code).ok_or_else(|| {
            let known: Vec<&str> = Concern::ALL.iter().map(|it| it.code()).collect();
            WrongUsage(format!("Không có loại {code}: có {}.", known.join(", ")))
        })?),
    };
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let part = payee::Part {
        concern: wanted,
        ..payee::Part::default()
    };
    let pool = context.pool().await?;
    let list = payee::work_list(pool, &actor, &clock, &args.area, part).await?;

    let rows = list.items.iter().flat_map(|item| {
        let concerns = item.concerns.iter().copied();
        let asked = concerns.filter(|concern| wanted.is_none_or(|wanted| wanted == *concern));
        asked.map(|concern| Checked {
            person_id: format!("#{}", item.id),
            full_name: &item.full_name,
            area: &item.commune.0,
            concern: concern.code(),
            name: concern.vietnamese(),
        })
    });
    print_rows(args.format, rows)?;
    Ok(Exit::Done)
}
