//! `ansinh programmes`: lists of other programmes held against the registry.

use std::fs::File;
use std::path::PathBuf;

use anyhow::Context as _;
use documents::sheet;
use jiff::civil::Date;
use links::decide::{Decision, Of, decide};
use links::list::{Bringing, ProgrammeSheet, bring, lists};
use links::shown::{self, Pair, pairs};
use links::{PairState, Programme};
use serde::Serialize;

use super::person::one;
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Refused rows told on standard error; of more only the number.
const SAID: usize = 50;

/// Options of `programmes`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Nhập danh sách của chương trình khác và so với sổ đối tượng.
    Import(ImportArgs),
    /// Các danh sách đã nhập.
    Lists {
        /// Mã địa bàn; bỏ trống là cả nước.
        #[arg(long, default_value = "", value_name = "MÃ")]
        area: String,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Các cặp: người trong sổ và dòng của danh sách.
    Pairs {
        /// Mã địa bàn; bỏ trống là cả nước.
        #[arg(long, default_value = "", value_name = "MÃ")]
        area: String,
        /// Tình trạng: open, linked, dismissed.
        #[arg(long, default_value = "open", value_parser = state)]
        state: PairState,
        /// Nhiều nhất bao nhiêu cặp.
        #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Là một người: liên kết.
    Link(DecideArgs),
    /// Là hai người khác nhau.
    Dismiss(DecideArgs),
    /// Bỏ một liên kết nhầm.
    Part(DecideArgs),
}

#[derive(clap::Args)]
struct ImportArgs {
    /// Tệp .xlsx hoặc .csv theo mẫu của: ansinh template programmes.
    file: PathBuf,
    /// Chương trình: merit, pension, social_insurance.
    #[arg(long, value_parser = programme)]
    programme: Programme,
    /// Mã địa bàn có người được so; bỏ trống là cả nước.
    #[arg(long, default_value = "", value_name = "MÃ")]
    area: String,
    /// Cơ quan gửi và số công văn.
    #[arg(long)]
    source: String,
    /// Ngày của danh sách.
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Date,
    /// Mục đích sử dụng.
    #[arg(long)]
    purpose: String,
    /// Định dạng.
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
}

#[derive(clap::Args)]
struct DecideArgs {
    /// Mã người của nguồn, nguồn/mã, hoặc #số trong sổ.
    person: String,
    /// Chương trình: merit, pension, social_insurance.
    #[arg(value_parser = programme)]
    programme: Programme,
    /// Dấu của dòng, như lệnh pairs in ra.
    print: String,
    /// Lý do.
    #[arg(long)]
    reason: String,
}

fn programme(text: &str) -> Result<Programme, String> {
    Programme::from_code(text).ok_or_else(|| "cần merit, pension hoặc social_insurance".to_owned())
}

fn state(text: &str) -> Result<PairState, String> {
    PairState::from_code(text).ok_or_else(|| "cần open, linked hoặc dismissed".to_owned())
}

/// A pair as plain columns.
#[derive(Serialize)]
struct Line {
    programme: &'static str,
    print: String,
    likely: i32,
    person: i64,
    full_name: String,
    birth_date: String,
    commune: String,
    list_no: i64,
    row_no: i32,
    their_name: String,
    their_birth: String,
    their_area: String,
}

impl From<Pair> for Line {
    fn from(pair: Pair) -> Line {
        Line {
            programme: pair.programme.code(),
            print: pair.print,
            likely: pair.likely,
            person: pair.person.id.0,
            full_name: pair.person.full_name,
            birth_date: pair.person.birth_date.to_string(),
            commune: pair.person.commune,
            list_no: pair.row.list_no,
            row_no: pair.row.row_no,
            their_name: pair.row.full_name,
            their_birth: pair.row.birth,
            their_area: pair.row.area,
        }
    }
}

/// Run it.
///
/// # Errors
/// When it is refused or the database fails.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (decision, of) = match args.action {
        Action::Import(args) => return import(args, context).await,
        Action::Lists { area, format } => {
            let (actor, clock) = (context.actor().await?, context.clock().await?);
            print_rows(
                format,
                lists(context.pool().await?, &actor, &clock, &area).await?,
            )?;
            return Ok(Exit::Done);
        }
        Action::Pairs {
            area,
            state,
            limit,
            format,
        } => {
            let wanted = shown::Wanted {
                area,
                programme: None,
                state,
                offset: 0,
                limit,
            };
            let (actor, clock) = (context.actor().await?, context.clock().await?);
            let (found, count) = pairs(context.pool().await?, &actor, &clock, &wanted).await?;
            eprintln!("{count} cặp.");
            match format {
                Format::Json | Format::Ndjson => print_rows(format, found)?,
                _ => print_rows(format, found.into_iter().map(Line::from))?,
            }
            return Ok(Exit::Done);
        }
        Action::Link(of) => (Decision::Link, of),
        Action::Dismiss(of) => (Decision::Dismiss, of),
        Action::Part(of) => (Decision::Part, of),
    };
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let pair = Of {
        programme: of.programme,
        print: &of.print,
        person: one(context, &of.person).await?,
        turn: None,
    };
    let pool = context.pool().await?;
    let proposed = decide(pool, &actor, &clock, pair, decision, &of.reason).await?;
    eprintln!("Đã ghi quyết định.");
    if let Some(number) = proposed {
        eprintln!("Đề xuất số {number}: đang hưởng lương hưu, bảo hiểm xã hội; chờ xác minh.");
    }
    Ok(Exit::Done)
}

async fn import(args: ImportArgs, context: &Context) -> anyhow::Result<Exit> {
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let name = args
        .file
        .file_name()
        .ok_or_else(|| WrongUsage("Cần một tệp.".to_owned()))?;
    let bringing = Bringing {
        programme: args.programme,
        area: args.area,
        source: args.source,
        as_of: args.as_of,
        purpose: args.purpose,
        file_name: name.to_string_lossy().into_owned(),
    };
    let today = clock.today();
    let mut read = tokio::task::block_in_place(|| -> anyhow::Result<_> {
        let told = || format!("không mở được tệp {}", args.file.display());
        let hash = sheet::fingerprint(File::open(&args.file).with_context(told)?)?;
        let mut rows = ProgrammeSheet::new(&bringing.area, today, hash)?;
        let file = File::open(&args.file).with_context(told)?;
        sheet::read(file, |row, cells| -> anyhow::Result<()> {
            Ok(rows.take(row, cells)?)
        })?;
        Ok(rows.finish()?)
    })?;
    let refused = std::mem::take(&mut read.refused);
    for heading in &read.unknown_headings {
        eprintln!("Cột không thuộc mẫu, không đọc: {heading}");
    }
    for refusal in refused.iter().take(SAID) {
        eprintln!("{refusal}");
    }
    if refused.len() > SAID {
        eprintln!("… và {} lỗi khác", refused.len() - SAID);
    }
    let good = read.good;
    let brought = bring(context.pool().await?, &actor, &clock, &bringing, read).await?;
    print_rows(args.format, [brought])?;
    Ok(match (refused.is_empty(), good) {
        (true, _) => Exit::Done,
        (false, 0) => Exit::Refused,
        (false, _) => Exit::InPart,
    })
}
