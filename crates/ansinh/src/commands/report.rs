//! `ansinh report`: figures by area, the same as on the pages.

mod board;

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use kernel::Month;
use payments::Office;
use reports::{By, Caseload, Question};
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `report`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    report: Report,
}

#[derive(clap::Subcommand)]
enum Report {
    /// Số người, số hộ và số tiền của danh sách chi trả trong tháng.
    Caseload {
        #[command(flatten)]
        of: Of,
        /// Mỗi dòng là một chính sách, một địa bàn cấp dưới hoặc một hình thức nhận.
        #[arg(long, value_enum, default_value = "benefit")]
        by: RowOf,
    },
}

/// Of which month and area, and how it is printed.
#[derive(clap::Args)]
struct Of {
    /// Tháng, ví dụ 2024-05.
    #[arg(long, value_name = "THÁNG")]
    month: Month,
    /// Mã địa bàn; không nêu là cả nước.
    #[arg(long, value_name = "MÃ", default_value = "")]
    area: String,
    /// Định dạng.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Ghi ra tệp thay vì in ra (dùng với xlsx).
    #[arg(long, short, value_name = "TỆP")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RowOf {
    Benefit,
    Area,
    Channel,
}

impl From<RowOf> for By {
    fn from(row: RowOf) -> By {
        match row {
            RowOf::Benefit => By::Benefit,
            RowOf::Area => By::Area,
            RowOf::Channel => By::Channel,
        }
    }
}

/// A row of the board as plain columns.
#[derive(Serialize)]
struct Line<'a> {
    code: &'a str,
    name: &'a str,
    people: i64,
    households: i64,
    recipients: i64,
    amount: i64,
    recoverable: i64,
}

/// Run it.
///
/// # Errors
/// When there is no list of the month, or the actor may not read the area.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.report {
        Report::Caseload { of, by } => caseload(&of, by.into(), context).await,
    }
}

async fn caseload(of: &Of, by: By, context: &Context) -> anyhow::Result<Exit> {
    if of.output.is_some() && of.format != Format::Xlsx {
        anyhow::bail!(WrongUsage(
            "--output chỉ dùng với --format xlsx; các dạng khác in ra màn hình.".to_owned()
        ));
    }
    let clock = context.clock().await?;
    let office = Office {
        pool: context.pool().await?,
        clock: &clock,
        law: context.law()?,
    };
    let actor = context.reader().await?;
    let question = Question {
        month: of.month,
        area: of.area.clone(),
        by,
    };
    let found = reports::caseload(&office, &actor, context.law()?, &question).await?;
    match of.format {
        Format::Json | Format::Ndjson => {
            let mut out = io::stdout().lock();
            serde_json::to_writer(&mut out, &found)?;
            out.write_all(b"\n")?;
        }
        Format::Csv | Format::Table => print_rows(of.format, lines(&found))?,
        Format::Xlsx => {
            let board = board::of_caseload(&found, clock.now());
            match &of.output {
                Some(path) => {
                    let told = || format!("Không ghi được {}", path.display());
                    let file = File::create(path).with_context(told)?;
                    documents::board_workbook::write(&board, file).with_context(told)?;
                }
                None => documents::board_workbook::write(&board, io::stdout())?,
            }
        }
        Format::Pdf => anyhow::bail!(WrongUsage(
            "Báo cáo chưa có dạng PDF: hãy chọn table, json, csv hoặc xlsx.".to_owned()
        )),
    }
    Ok(Exit::Done)
}

/// The rows and, last, the total.
fn lines(found: &Caseload) -> Vec<Line<'_>> {
    let rows = found
        .rows
        .iter()
        .map(|row| (row.key.code(), row.name.as_str(), row.figures));
    rows.chain([("total", "Tổng cộng", found.total)])
        .map(|(code, name, figures)| Line {
            code,
            name,
            people: figures.people,
            households: figures.households,
            recipients: figures.recipients,
            amount: figures.amount.value(),
            recoverable: figures.recoverable.value(),
        })
        .collect()
}
