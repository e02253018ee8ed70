//! `ansinh law`: looking after the law's own files.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::anyhow;
use jiff::civil::Date;
use kernel::Month;
use law::check::{Finding, Report};
use law::files::{Source, Start};
use law::show::Sheet;
use law::{Benefit, Law};

use super::questions::day;
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `law`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Kiểm tra thư mục quy định: cấu trúc, viện dẫn, thời gian, ví dụ; nêu chỗ còn phải đối chiếu.
    Check {
        /// Thư mục; không nêu thì kiểm tra bản đang dùng.
        dir: Option<PathBuf>,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// In quy định của một chế độ trong một tháng: ai được hưởng, bao nhiêu, theo điều nào.
    Show {
        /// Mã chế độ, ví dụ disability.
        #[arg(value_parser = benefit)]
        benefit: Benefit,
        /// Tháng (mặc định: tháng này).
        #[arg(long, value_name = "THÁNG")]
        on: Option<Month>,
        /// Chỉ dùng quy định đã có hiệu lực đến hết ngày này (mặc định: hôm nay).
        #[arg(long, value_name = "NGÀY", value_parser = day)]
        as_of: Option<Date>,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

fn benefit(code: &str) -> Result<Benefit, String> {
    Benefit::from_code(code).ok_or_else(|| {
        let codes: Vec<&str> = Benefit::ALL.iter().map(|benefit| benefit.code()).collect();
        format!("không có chế độ này; các mã: {}", codes.join(", "))
    })
}

/// Run it.
///
/// # Errors
/// When the folder cannot be read, or the month has no such benefit.
pub fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.action {
        Action::Check { dir, format } => {
            let given = dir.map(|dir| Law::from_dir(&dir)).transpose()?;
            check(given.as_ref().map_or_else(|| context.law(), Ok)?, format)
        }
        Action::Show {
            benefit,
            on,
            as_of,
            format,
        } => {
            let today = context.clock_without_database().today();
            let month = on.unwrap_or_else(|| Month::of(today));
            let law = context.law()?;
            let sheet = law.sheet(benefit, month, as_of.unwrap_or(today));
            let sheet = sheet.ok_or_else(|| {
                anyhow!(
                    "pháp luật áp dụng cho tháng {month} không có chế độ {}",
                    benefit.code()
                )
            })?;
            show(&sheet, format)
        }
    }
}

fn check(law: &Law, format: Format) -> anyhow::Result<Exit> {
    let report = law.check();
    match format {
        Format::Table => say!(
            "{}",
            report_text(&report, &hex::encode(law.fingerprint())).trim_end()
        ),
        Format::Json | Format::Ndjson => print_rows(format, [&report])?,
        _ => print_rows(format, report.problems.iter().chain(&report.to_verify))?,
    }
    Ok(if report.problems.is_empty() {
        Exit::Done
    } else {
        Exit::Refused
    })
}

fn report_text(report: &Report, fingerprint: &str) -> String {
    let mut text = String::new();
    let line = |text: &mut String, finding: &Finding| {
        let Finding {
            file,
            place,
            text: what,
            ..
        } = finding;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {file}, {place}: {what}");
    };
    let _ = writeln!(text, "Dấu vân tay của bộ quy định: {fingerprint}");
    let _ = writeln!(text, "Ví dụ đã tính: {}", report.examples);
    let _ = writeln!(
        text,
        "Còn phải đối chiếu Công báo: {}",
        report.to_verify.len()
    );
    report
        .to_verify
        .iter()
        .for_each(|finding| line(&mut text, finding));
    let _ = writeln!(text, "Lỗi: {}", report.problems.len());
    report
        .problems
        .iter()
        .for_each(|finding| line(&mut text, finding));
    text
}

fn show(sheet: &Sheet, format: Format) -> anyhow::Result<Exit> {
    match format {
        Format::Table => say!("{}", sheet_text(sheet).trim_end()),
        Format::Json | Format::Ndjson => print_rows(format, [sheet])?,
        _ => anyhow::bail!(WrongUsage("Ở đây chỉ có table, json và ndjson.".to_owned())),
    }
    Ok(Exit::Done)
}

fn sheet_text(sheet: &Sheet) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{} ({})", sheet.name, sheet.benefit.code());
    let _ = writeln!(
        text,
        "Tháng {}; áp dụng từ tháng {}",
        sheet.month, sheet.from
    );
    let _ = writeln!(text, "Ai: {}.", sheet.who);
    let _ = writeln!(
        text,
        "Theo: {}{}",
        sheet.law,
        read_in(sheet.source.as_ref(), sheet.verify)
    );
    let _ = writeln!(text, "Hưởng từ: {}", start_text(sheet.start));
    if let Some(benefit) = sheet.continued_as {
        let _ = writeln!(text, "Tiếp tục dưới tên: {}", benefit.code());
    }
    let standard = &sheet.standard;
    let _ = writeln!(
        text,
        "Mức chuẩn: {} đồng, {}{}",
        standard.amount,
        standard.law,
        read_in(standard.source.as_ref(), standard.verify)
    );
    for own in &sheet.provincial {
        let mark = mark(own.verify);
        let _ = writeln!(
            text,
            "  tỉnh {}: {} đồng, {}{mark}",
            own.province, own.amount, own.law
        );
    }
    let _ = writeln!(text, "Hệ số và mức tiền:");
    for rate in &sheet.rates {
        let _ = writeln!(
            text,
            "  {}: {} = {} đồng, {}{}",
            rate.case,
            rate.coefficient,
            rate.amount,
            rate.law,
            read_in(rate.source.as_ref(), rate.verify)
        );
    }
    if !sheet.conditions.is_empty() {
        let _ = writeln!(text, "Không được hưởng khi:");
    }
    for condition in &sheet.conditions {
        let (reason, law) = (&condition.text, &condition.law);
        let mark = mark(condition.verify);
        let _ = writeln!(text, "  {reason} [{}] {law}{mark}", condition.code);
    }
    let _ = writeln!(text, "Văn bản:");
    for decree in &sheet.decrees {
        let (number, title, mark) = (&decree.number, &decree.title, mark(decree.verify));
        let _ = writeln!(
            text,
            "  {number}: {title}, hiệu lực {}{mark}",
            decree.in_force
        );
    }
    text
}

fn mark(verify: bool) -> &'static str {
    if verify {
        " (CẦN ĐỐI CHIẾU)"
    } else {
        ""
    }
}

fn read_in(source: Option<&Source>, verify: bool) -> String {
    let title = source.map_or("", |source| source.title.as_str());
    format!(" (nguồn: {title}){}", mark(verify))
}

const fn start_text(start: Start) -> &'static str {
    match start {
        Start::Decision => "tháng ký quyết định",
        Start::Certificate => "tháng cấp giấy xác nhận khuyết tật, kể cả khi quyết định ký sau",
        Start::Birthday => "tháng tròn tuổi, kể cả khi quyết định ký sau",
    }
}
