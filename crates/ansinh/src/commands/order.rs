//! `ansinh order`: what providers are asked to pay.

use std::path::PathBuf;

use anyhow::Context as _;
use jiff::civil::Date;
use kernel::{Actor, Month};
use payments::interface;
use payments::order::file::{self, Form, Handed};
use payments::order::{self, OpenSum, Order, OrderNo};
use payments::provider::contract::Handover;
use payments::{Office, Refused};
use serde::Serialize;

use super::provider::own_key;
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `order`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Lập lệnh chi cho mọi dòng của danh sách đã duyệt chưa có trong lệnh nào.
    Make {
        #[command(flatten)]
        of: Of,
        /// Ngày đơn vị bắt đầu chi; bỏ trống là ngày 1 của tháng, hoặc hôm nay nếu đã qua.
        #[arg(long)]
        pay_on: Option<Date>,
    },
    /// Các lệnh chi của tháng, hoặc một lệnh kèm các lần gửi.
    Show {
        #[command(flatten)]
        of: Of,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Các dòng chưa lập lệnh được, từng dòng kèm lý do.
    Open {
        #[command(flatten)]
        of: Of,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Ghi lệnh ra tệp: ngân hàng là XML (ISO 20022), bưu điện và ví là Excel hoặc bản in.
    Export {
        /// Số lệnh.
        order: OrderNo,
        /// Tệp ghi ra.
        #[arg(short, long)]
        output: PathBuf,
        /// Dạng tệp: xml, xlsx, pdf; bỏ trống là xml với ngân hàng, xlsx với các đơn vị khác.
        #[arg(long = "as", value_name = "DẠNG")]
        form: Option<String>,
        /// Bản in của những người được chi trả tại nhà.
        #[arg(long)]
        home: bool,
    },
    /// Giao lệnh: qua kết nối thì gửi ngay, hoặc ghi nhận đã giao một tệp. Giao lại không làm chi hai lần.
    Send {
        /// Số lệnh.
        order: OrderNo,
        /// Tệp đã giao; bỏ trống là gửi qua kết nối.
        file: Option<PathBuf>,
        /// Cách giao: file, interface, paper.
        #[arg(long, default_value = "file")]
        how: String,
        /// Ghi chú; không ghi thông tin cá nhân.
        #[arg(long)]
        note: Option<String>,
        /// Định dạng tình trạng các thông điệp: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Làm tiếp những lệnh đang giao qua kết nối mà đã đến giờ: gửi lại, hỏi kết quả.
    Continue,
    /// Hỏi lại đơn vị chi trả về mọi dòng của một lệnh, kể cả dòng đã báo: tiền có thể đã hoàn mà tin bị mất.
    Ask {
        /// Số lệnh.
        order: OrderNo,
    },
    /// Các thông điệp của một lệnh giao qua kết nối, và đã đến đâu.
    Batches {
        /// Số lệnh.
        order: OrderNo,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// Which lists.
#[derive(clap::Args)]
struct Of {
    /// Tháng của danh sách, ví dụ 2024-05.
    month: Month,
    /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
    #[arg(long, default_value = "")]
    area: String,
}

/// An order as plain columns.
#[derive(Serialize)]
struct Row {
    order: OrderNo,
    list_month: Month,
    provider: String,
    area: String,
    pay_on: Date,
    people: i32,
    lines: i32,
    amount: i64,
    made_by: String,
    sent: usize,
    handover: &'static str,
    fingerprint: String,
}

impl From<&Order> for Row {
    fn from(order: &Order) -> Row {
        Row {
            order: order.order_no,
            list_month: order.list_month,
            provider: order.provider.clone(),
            area: order.area.clone(),
            pay_on: order.pay_on,
            people: order.people,
            lines: order.lines,
            amount: order.amount.0,
            made_by: order.made_by.clone(),
            sent: order.sent.len(),
            handover: order.handover.code(),
            fingerprint: hex(&order.fingerprint),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    match args.action {
        Action::Make { of, pay_on } => make(&office, &actor, &of, pay_on).await,
        Action::Show { of, format } => {
            let orders = order::of_month(&office, &actor, of.month, &of.area).await?;
            match format {
                Format::Csv | Format::Table => print_rows(format, orders.iter().map(Row::from))?,
                _ => print_rows(format, orders)?,
            }
            Ok(Exit::Done)
        }
        Action::Open { of, format } => {
            let mut open = Vec::new();
            order::open(&office, &actor, of.month, &of.area, |line| {
                open.push(line);
                Ok::<(), Refused>(())
            })
            .await?;
            print_rows(format, open)?;
            Ok(Exit::Done)
        }
        Action::Export {
            order,
            output,
            form,
            home,
        } => {
            let found = order::find(&office, &actor, order).await?;
            let form = form_of(&found, form.as_deref(), home)?;
            let handed = file::write(&office, &actor, order, form, &output).await?;
            eprintln!(
                "Đã ghi {} (SHA-256 {}).",
                output.display(),
                hex(&handed.sha256)
            );
            Ok(Exit::Done)
        }
        Action::Send {
            order,
            file: None,
            format,
            ..
        } => hand_over(&office, &actor, context, order, format).await,
        Action::Continue => {
            let done = interface::go_on(&office, &own_key::signing(context)?).await?;
            eprintln!("Đã gửi hoặc hỏi về {done} thông điệp.");
            Ok(Exit::Done)
        }
        Action::Ask { order } => {
            let key = own_key::signing(context)?;
            let asked = interface::ask_again(&office, &actor, &key, order).await?;
            eprintln!("Đã hỏi về {asked} thông điệp; đơn vị trả lời sau.");
            Ok(Exit::Done)
        }
        Action::Batches { order, format } => {
            let batches = interface::batches(&office, &actor, order, (0, i64::MAX)).await?;
            print_rows(format, batches)?;
            Ok(Exit::Done)
        }
        Action::Send {
            order,
            file: Some(file),
            how,
            note,
            ..
        } => {
            let how = Handover::from_code(&how)
                .ok_or_else(|| WrongUsage("Chọn --how file, interface hoặc paper.".to_owned()))?;
            let handed = Handed {
                name: file
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into(),
                sha256: file::hash(&file)
                    .with_context(|| format!("Không đọc được tệp {}.", file.display()))?,
            };
            order::send(&office, &actor, order, how, &handed, note.as_deref()).await?;
            eprintln!("Đã ghi nhận giao lệnh số {order}.");
            Ok(Exit::Done)
        }
    }
}

/// Sends what the provider is not known to have and asks for what it has not reported.
async fn hand_over(
    office: &Office<'_>,
    actor: &Actor,
    context: &Context,
    order: OrderNo,
    format: Format,
) -> anyhow::Result<Exit> {
    let key = own_key::signing(context)?;
    let batches = interface::hand_over(office, actor, &key, order).await?;
    let taken = batches
        .iter()
        .filter(|batch| batch.state.is_taken())
        .count();
    let (lines, reported) = batches.iter().fold((0, 0), |(lines, reported), batch| {
        (lines + i64::from(batch.lines), reported + batch.reported)
    });
    let all = batches.len();
    print_rows(format, batches)?;
    eprintln!(
        "Đơn vị chi trả đã nhận {taken} / {all} thông điệp, đã báo {reported} / {lines} dòng."
    );
    if taken == all {
        return Ok(Exit::Done);
    }
    eprintln!("Máy chủ sẽ gửi lại; hoặc chạy lại lệnh này, không chi hai lần.");
    Ok(Exit::InPart)
}

async fn make(
    office: &Office<'_>,
    actor: &Actor,
    of: &Of,
    pay_on: Option<Date>,
) -> anyhow::Result<Exit> {
    let made = order::make(office, actor, of.month, &of.area, pay_on).await?;
    if made.orders.is_empty() {
        eprintln!("Không có dòng nào lập lệnh thêm được.");
    }
    for order in &made.orders {
        eprintln!(
            "Lệnh số {} cho {}: {} người, {} dòng, {} đồng, chi từ {}.",
            order.order_no, order.provider, order.people, order.lines, order.amount, order.pay_on
        );
    }
    for OpenSum {
        reason,
        lines,
        amount,
    } in &made.open
    {
        eprintln!(
            "Chưa lập lệnh: {lines} dòng, {amount} đồng: {}.",
            reason.vietnamese()
        );
    }
    if made.open.is_empty() {
        return Ok(Exit::Done);
    }
    eprintln!(
        "Xem từng dòng: ansinh order open {} --area {}",
        of.month, of.area
    );
    Ok(Exit::InPart)
}

fn form_of(order: &Order, asked: Option<&str>, home: bool) -> Result<Form, WrongUsage> {
    match (asked, home) {
        (None, false) if Form::Transfers.suits(order.kind) => Ok(Form::Transfers),
        (Some("xml"), false) => Ok(Form::Transfers),
        (None | Some("xlsx"), false) => Ok(Form::Workbook),
        (Some("pdf"), false) => Ok(Form::AtPayPoint),
        (None | Some("pdf"), true) => Ok(Form::AtHome),
        _ => Err(WrongUsage(
            "Chọn --as xml, xlsx hoặc pdf; --home chỉ dùng với pdf.".to_owned(),
        )),
    }
}
