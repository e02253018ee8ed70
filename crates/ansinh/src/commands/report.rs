//! `ansinh report`: figures by area, the same as on the pages.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use documents::board_workbook::{self, Value};
use jiff::Timestamp;
use kernel::Month;
use reports::form::{self, Which};
use reports::sheet::{self as board, Sheet};
use reports::{By, ByArea, Division, Form, Question};
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
        /// Mỗi dòng là một chính sách, một địa bàn cấp dưới, một hình thức nhận hoặc một mức chuẩn.
        #[arg(long, value_enum, default_value = "benefit")]
        by: RowOf,
    },
    /// Ai có tài khoản, ai được chi trả qua tài khoản, theo địa bàn cấp dưới.
    Cashless {
        #[command(flatten)]
        of: Of,
        /// Mỗi dòng là một địa bàn cấp dưới, hoặc một huyện, tỉnh trước khi sắp xếp.
        #[arg(long, value_enum, default_value = "area")]
        by: AreasOf,
        /// Mục tiêu: phần trăm số người được chi trả qua tài khoản, thay cho mục tiêu đã ghi.
        #[arg(long, value_name = "PHẦN_TRĂM", value_parser = clap::value_parser!(u8).range(0..=100))]
        target: Option<u8>,
    },
    /// Số định danh, kết quả đối chiếu và thông tin còn thiếu, theo địa bàn cấp dưới.
    DataQuality {
        #[command(flatten)]
        of: Of,
        /// Mỗi dòng là một địa bàn cấp dưới, hoặc một huyện, tỉnh trước khi sắp xếp.
        #[arg(long, value_enum, default_value = "area")]
        by: AreasOf,
    },
    /// Liên thông với hệ thống một cửa: kết nối, hồ sơ đến và đi, giải quyết trực tuyến.
    Exchange {
        #[command(flatten)]
        of: Of,
        /// Mỗi dòng là một địa bàn cấp dưới.
        #[arg(long, value_enum, default_value = "area")]
        by: OnlyArea,
    },
    /// Nơi chi trả theo mức chuẩn cao hơn mức toàn quốc: số người, số hộ, số tiền.
    HigherStandard {
        #[command(flatten)]
        of: Of,
    },
    /// Kết quả chi trả của các danh sách đã duyệt trong tháng.
    Settlement {
        #[command(flatten)]
        of: Of,
        /// Mỗi dòng là một địa bàn cấp dưới, hoặc một huyện, tỉnh trước khi sắp xếp.
        #[arg(long, value_enum, default_value = "area")]
        by: AreasOf,
    },
    /// Mẫu số 10a của Nghị định 20/2021/NĐ-CP: kết quả trợ giúp xã hội thường xuyên.
    #[command(name = "form-10a")]
    Form10a(OfForm),
    /// Mẫu số 10c của Nghị định 20/2021/NĐ-CP: chính sách đối với người cao tuổi.
    #[command(name = "form-10c")]
    Form10c(OfForm),
    /// Mẫu số 10d của Nghị định 20/2021/NĐ-CP: chính sách đối với người khuyết tật.
    #[command(name = "form-10d")]
    Form10d(OfForm),
    /// Mười ba tháng gần nhất: số người, chi qua tài khoản, số tiền.
    Trend {
        #[command(flatten)]
        of: Of,
    },
}

/// Of which month and area, and how it is printed.
#[derive(clap::Args)]
struct Of {
    /// Tháng, ví dụ 2024-05.
    #[arg(long, value_name = "THÁNG")]
    month: Month,
    /// Mã địa bàn; không nêu là cả nước; 524@2025-06 là huyện, tỉnh như trước khi sắp xếp.
    #[arg(long, value_name = "MÃ", default_value = "")]
    area: String,
    /// Định dạng.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Ghi ra tệp thay vì in ra (với xlsx; pdf luôn ghi ra tệp).
    #[arg(long, short, value_name = "TỆP")]
    output: Option<PathBuf>,
}

/// Of which month and area a form is, and since when money counts.
#[derive(clap::Args)]
struct OfForm {
    #[command(flatten)]
    of: Of,
    /// Tháng đầu tính kinh phí; không nêu là đầu nửa năm.
    #[arg(long, value_name = "THÁNG")]
    from: Option<Month>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RowOf {
    Benefit,
    Area,
    Channel,
    /// Huyện trước khi sắp xếp địa bàn (7/2025).
    FormerDistrict,
    /// Tỉnh trước khi sắp xếp địa bàn (7/2025).
    FormerProvince,
    /// Mức chuẩn.
    Standard,
}

/// What a row of a board by area is.
#[derive(Clone, Copy, ValueEnum)]
enum AreasOf {
    /// Địa bàn cấp dưới.
    Area,
    /// Huyện trước khi sắp xếp địa bàn (7/2025).
    FormerDistrict,
    /// Tỉnh trước khi sắp xếp địa bàn (7/2025).
    FormerProvince,
}

impl From<AreasOf> for Division {
    fn from(row: AreasOf) -> Division {
        match row {
            AreasOf::Area => Division::Below,
            AreasOf::FormerDistrict => Division::FormerDistrict,
            AreasOf::FormerProvince => Division::FormerProvince,
        }
    }
}

/// The only rows of a board that has no others.
#[derive(Clone, Copy, ValueEnum)]
enum OnlyArea {
    Area,
}

impl From<RowOf> for By {
    fn from(row: RowOf) -> By {
        match row {
            RowOf::Benefit => By::Benefit,
            RowOf::Area => By::Area,
            RowOf::Channel => By::Channel,
            RowOf::FormerDistrict => By::FormerDistrict,
            RowOf::FormerProvince => By::FormerProvince,
            RowOf::Standard => By::Standard,
        }
    }
}

/// Run it.
///
/// # Errors
/// When there is no list of the month, or the actor may not read the area.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    let by_area = |of: &Of, division| ByArea {
        month: of.month,
        area: of.area.clone(),
        division,
    };
    let form = async |which, OfForm { of, from }: OfForm| {
        let found =
            form::fill(&office, &actor, which, &by_area(&of, Division::Below), from).await?;
        print_form(&of, &found, office.clock.now())
    };
    match args.report {
        Report::Form10a(of) => form(Which::Regular, of).await,
        Report::Form10c(of) => form(Which::Older, of).await,
        Report::Form10d(of) => form(Which::Disability, of).await,
        Report::Caseload { of, by } => {
            let question = Question {
                month: of.month,
                area: of.area.clone(),
                by: by.into(),
            };
            let found = reports::caseload(&office, &actor, &question).await?;
            print(&of, &found, || {
                board::of_caseload(&found, office.clock.now())
            })
        }
        Report::Cashless { of, by, target } => {
            let found =
                reports::cashless(&office, &actor, &by_area(&of, by.into()), target).await?;
            print(&of, &found, || {
                board::of_cashless(&found, office.clock.now())
            })
        }
        Report::DataQuality { of, by } => {
            let found = reports::data_quality(&office, &actor, &by_area(&of, by.into())).await?;
            print(&of, &found, || {
                board::of_data_quality(&found, office.clock.now())
            })
        }
        Report::HigherStandard { of } => {
            let found =
                reports::higher_standard(&office, &actor, &by_area(&of, Division::Below)).await?;
            print(&of, &found, || {
                board::of_higher_standard(&found, office.clock.now())
            })
        }
        Report::Exchange {
            of,
            by: OnlyArea::Area,
        } => {
            let found = reports::exchange(&office, &actor, &by_area(&of, Division::Below)).await?;
            print(&of, &found, || {
                board::of_exchange(&found, office.clock.now())
            })
        }
        Report::Settlement { of, by } => {
            let found = reports::settlement(&office, &actor, &by_area(&of, by.into())).await?;
            print(&of, &found, || {
                board::of_settlement(&found, office.clock.now())
            })
        }
        Report::Trend { of } => {
            let found = reports::trend::trend(&office, &actor, of.month, &of.area).await?;
            print(&of, &found, || {
                board::of_trend(&of.area, of.month, &found, office.clock.now())
            })
        }
    }
}

fn print(of: &Of, found: &impl Serialize, sheet: impl Fn() -> Sheet) -> anyhow::Result<Exit> {
    if of.output.is_some() && of.format != Format::Xlsx {
        anyhow::bail!(WrongUsage(
            "--output chỉ dùng với --format xlsx; các dạng khác in ra màn hình.".to_owned()
        ));
    }
    match of.format {
        Format::Json | Format::Ndjson => {
            let mut out = io::stdout().lock();
            // As an error of the pipe: a reader that left is no failure.
            serde_json::to_writer(&mut out, found).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Format::Csv | Format::Table => print_rows(of.format, plain(sheet()))?,
        Format::Xlsx => match &of.output {
            Some(path) => {
                let told = || format!("Không ghi được {}", path.display());
                let file = File::create(path).with_context(told)?;
                board_workbook::write(&sheet().board, file).with_context(told)?;
            }
            None => board_workbook::write(&sheet().board, io::stdout())?,
        },
        Format::Pdf => anyhow::bail!(WrongUsage(
            "Báo cáo chưa có dạng PDF: hãy chọn table, json, csv hoặc xlsx.".to_owned()
        )),
    }
    Ok(Exit::Done)
}

fn print_form(of: &Of, found: &Form, now: Timestamp) -> anyhow::Result<Exit> {
    if of.format == Format::Pdf {
        let missing = || WrongUsage("Bản in cần tên tệp: thêm -o TỆP.pdf.".to_owned());
        let path = of.output.as_deref().ok_or_else(missing)?;
        documents::pdf::print_form(found.paper(now), path)?;
        return Ok(Exit::Done);
    }
    print(of, found, || Sheet {
        names: found.names(),
        board: found.board(now),
    })
}

/// A heading of stable names, the rows and, last, the total.
fn plain(sheet: Sheet) -> impl Iterator<Item = Vec<String>> {
    let text = |value: Value| match value {
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
    };
    let heading = sheet.names.into_iter().map(str::to_owned).collect();
    let total = Some(sheet.board.total).filter(|total| !total.is_empty());
    let rows = sheet.board.rows.into_iter().chain(total);
    std::iter::once(heading).chain(rows.map(move |row| row.into_iter().map(text).collect()))
}
