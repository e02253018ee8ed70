//! `ansinh import`: people from Excel or CSV.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use documents::problems::{self, Problem};
use documents::sheet;
use kernel::AreaCode;
use kernel::area::Areas;
use registry::Refusal;
use registry::import::{Imported, Read, Setting, Sheet, record};
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Lines said on the terminal; the rest is counted, and all of it is in `--refused`.
const SAID: usize = 50;

/// Options of `import`.
#[derive(clap::Args)]
pub struct Args {
    /// Tệp .xlsx hoặc .csv theo mẫu của: ansinh template beneficiaries.
    file: PathBuf,
    /// Mã địa bàn được nhập; dòng của xã nằm ngoài bị từ chối.
    #[arg(long, value_name = "MÃ")]
    area: Option<String>,
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

/// What was done, in figures.
#[derive(Serialize)]
struct Summary {
    dry_run: bool,
    rows: u64,
    new_people: u64,
    events: u64,
    already: u64,
    refused_rows: u64,
    warnings: usize,
    unknown_headings: String,
}

/// One refusal or warning of `--format ndjson` and `json`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Refused(&'a Refusal),
    Warning(&'a Refusal),
    Summary(Summary),
}

/// Import the file.
///
/// # Errors
/// When the file as a whole is refused or the database fails: nothing was recorded.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    check(&args)?;
    let setting = Setting {
        law: context.law()?,
        today: context.clock().await?.today(),
        area: args.area.clone().map(AreaCode),
        practice: context.is_practice().await?,
    };
    let actor = context.actor().await?;
    eprintln!("Đang đọc {}…", args.file.display());
    let read = tokio::task::block_in_place(|| read(&args.file, &setting))?;
    let clock = context.clock().await?;
    eprintln!("Đang {} {} dòng…", verb(args.dry_run), read.rows);
    let imported = record(context.pool().await?, &actor, &clock, read, args.dry_run).await?;
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

const fn verb(dry_run: bool) -> &'static str {
    if dry_run { "thử" } else { "nhập" }
}

fn check(args: &Args) -> Result<(), WrongUsage> {
    if let Some(area) = &args.area
        && Areas::embedded().latest(area).is_none()
        && !matches!(area.as_str(), "" | "VN")
    {
        return Err(WrongUsage(format!("Không có địa bàn mang mã {area}.")));
    }
    let extension = args.refused.as_deref().and_then(Path::extension);
    if args.refused.is_some() && !extension.is_some_and(|it| it == "xlsx" || it == "csv") {
        let text = "Tệp sau --refused phải có đuôi .xlsx hoặc .csv.";
        return Err(WrongUsage(text.to_owned()));
    }
    Ok(())
}

fn read(path: &Path, setting: &Setting<'_>) -> anyhow::Result<Read> {
    let open = || File::open(path).with_context(|| format!("không mở được tệp {}", path.display()));
    let hash = sheet::fingerprint(open()?)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut sheet = Sheet::new(setting, &name, hash);
    sheet::read(open()?, |row, cells| -> anyhow::Result<()> {
        Ok(sheet.take(row, cells)?)
    })?;
    Ok(sheet.finish()?)
}

pub(super) fn problems(imported: &Imported) -> impl Iterator<Item = Problem<'_>> {
    let refused = imported.refused.iter().map(|it| as_problem(it, true));
    refused.chain(imported.warnings.iter().map(|it| as_problem(it, false)))
}

fn as_problem(refusal: &Refusal, refused: bool) -> Problem<'_> {
    Problem {
        row: refusal.row,
        heading: &refusal.field,
        refused,
        code: refusal.code,
        message: &refusal.message,
    }
}

pub(super) fn write_problems(path: &Path, imported: &Imported) -> anyhow::Result<()> {
    let out = BufWriter::new(File::create(path)?);
    if path.extension().is_some_and(|it| it == "csv") {
        problems::write_csv(problems(imported), out)?;
    } else {
        problems::write_xlsx(problems(imported), out)?;
    }
    Ok(())
}

fn print(args: &Args, imported: &Imported) -> anyhow::Result<()> {
    let summary = Summary {
        dry_run: args.dry_run,
        rows: imported.rows,
        new_people: imported.new_people,
        events: imported.events,
        already: imported.already,
        refused_rows: imported.refused_rows(),
        warnings: imported.warnings.len(),
        unknown_headings: imported.unknown_headings.join(", "),
    };
    match args.format {
        Format::Table => {
            say(args, imported);
            print_summary(&summary)?;
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

fn print_summary(summary: &Summary) -> io::Result<()> {
    if summary.dry_run {
        say!("Thử nhập, chưa ghi gì.");
    }
    say!("Số dòng đọc được:        {}", summary.rows);
    say!("Người đăng ký mới:       {}", summary.new_people);
    say!("Sự kiện được ghi:        {}", summary.events);
    say!("Sự kiện đã có từ trước:  {}", summary.already);
    say!("Dòng bị từ chối:         {}", summary.refused_rows);
    say!("Cảnh báo:                {}", summary.warnings);
    Ok(())
}

fn say(args: &Args, imported: &Imported) {
    for heading in &imported.unknown_headings {
        eprintln!("Cột không thuộc mẫu, không đọc: {heading}");
    }
    let all = imported.refused.len() + imported.warnings.len();
    for problem in problems(imported).take(SAID) {
        let kind = if problem.refused {
            "từ chối"
        } else {
            "cảnh báo"
        };
        let (row, heading) = (problem.row, problem.heading);
        eprintln!(
            "Dòng {row}, cột {heading}: {kind}: {} ({})",
            problem.message, problem.code
        );
    }
    if all > SAID && args.refused.is_none() {
        let rest = all - SAID;
        eprintln!("… và {rest} lỗi, cảnh báo khác: thêm --refused TỆP.xlsx để xem hết.");
    }
}
