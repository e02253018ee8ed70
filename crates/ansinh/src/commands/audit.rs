//! `ansinh audit`: the log of who did, saw or exported what.

use access::audit::{self, Action, Chain, Group, LogEntry, MOST_EXPORTED, Wanted};
use jiff::civil::Date;
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `audit`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Tính lại chuỗi mã băm của nhật ký; dòng đầu tiên bị sửa, bị xóa hay chen vào sẽ lộ ra.
    Verify {
        /// Chỉ tính từ dòng này; các dòng trước coi như đúng.
        #[arg(long, value_name = "SỐ")]
        from: Option<i64>,
    },
    /// Xuất các dòng nhật ký, cũ trước mới sau; việc xuất cũng được ghi vào nhật ký.
    Export(Filter),
}

#[derive(clap::Args)]
struct Filter {
    /// Từ ngày.
    #[arg(long, value_name = "NGÀY")]
    since: Option<Date>,
    /// Đến hết ngày.
    #[arg(long, value_name = "NGÀY")]
    until: Option<Date>,
    /// Tên đăng nhập của người thực hiện. (--actor là người đang chạy lệnh này.)
    #[arg(long = "by", value_name = "TÊN")]
    by: Option<String>,
    /// Mã việc (list.make), hoặc mã nhóm việc (payments).
    #[arg(long, value_name = "MÃ")]
    action: Option<String>,
    /// Đối tượng, như nhật ký ghi: "person 12".
    #[arg(long, value_name = "MÃ")]
    object: Option<String>,
    /// Mã địa bàn, gồm cả bên trong.
    #[arg(long, value_name = "MÃ")]
    area: Option<String>,
    /// Từ đâu: system, command_line hoặc địa chỉ mạng.
    #[arg(long, value_name = "NƠI")]
    origin: Option<String>,
    /// Định dạng: ndjson, csv, json hoặc table.
    #[arg(long, value_enum, default_value = "ndjson")]
    format: Format,
}

/// One entry as printed; fields of CSV are plain.
#[derive(Serialize)]
struct Row {
    entry_no: i64,
    at: jiff::Timestamp,
    actor: String,
    action: String,
    object: String,
    area: Option<String>,
    origin: Option<String>,
    detail: String,
}

/// Run it.
///
/// # Errors
/// When the actor may not, or the database fails.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (pool, clock) = (context.pool().await?, context.clock().await?);
    let actor = context.actor().await?;
    match args.what {
        What::Verify { from } => match audit::check(pool, &actor, &clock, from).await? {
            Chain::Whole { entries, last } => {
                let last = hex::encode(last);
                eprintln!("Nhật ký nguyên vẹn: {entries} dòng, mã băm của dòng cuối {last}.");
                Ok(Exit::Done)
            }
            Chain::Broken { entry_no } => {
                eprintln!(
                    "Nhật ký không nguyên vẹn: dòng số {entry_no} đã bị sửa, hoặc có dòng ngay trước nó bị xóa hay chen vào."
                );
                Ok(Exit::Refused)
            }
        },
        What::Export(filter) => {
            let (format, wanted) = (filter.format, filter.wanted()?);
            let form = match format {
                Format::Csv => "csv",
                Format::Ndjson | Format::Json => "json",
                Format::Table => "table",
                Format::Xlsx | Format::Pdf => {
                    let message = "Nhật ký xuất được dạng ndjson, json, csv hoặc table.";
                    return Err(WrongUsage(message.to_owned()).into());
                }
            };
            let entries = audit::export(pool, &actor, &clock, &wanted, form).await?;
            if entries.len() as i64 == MOST_EXPORTED {
                eprintln!(
                    "Chỉ xuất {MOST_EXPORTED} dòng mới nhất: hãy thu hẹp bằng --since, --until."
                );
            }
            match format {
                Format::Ndjson | Format::Json => print_rows(format, entries)?,
                _ => print_rows(format, entries.into_iter().map(Row::from))?,
            }
            Ok(Exit::Done)
        }
    }
}

impl Filter {
    fn wanted(self) -> Result<Wanted, WrongUsage> {
        let (mut action, mut group) = (None, None);
        if let Some(code) = &self.action {
            (action, group) = (Action::from_code(code), Group::from_code(code));
            if action.is_none() && group.is_none() {
                let groups: Vec<&str> = Group::ALL.iter().map(|group| group.code()).collect();
                let groups = groups.join(", ");
                return Err(WrongUsage(format!(
                    "Nhật ký không có việc {code}. Các nhóm việc: {groups}."
                )));
            }
        }
        Ok(Wanted {
            actor: self.by,
            group,
            action,
            object: self.object,
            area: self.area,
            origin: self.origin,
            since: self.since,
            until: self.until,
            before: None,
            limit: MOST_EXPORTED,
        })
    }
}

impl From<LogEntry> for Row {
    fn from(entry: LogEntry) -> Row {
        Row {
            entry_no: entry.entry_no,
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            object: entry.object,
            area: entry.area,
            origin: entry.origin,
            detail: entry.detail.to_string(),
        }
    }
}
