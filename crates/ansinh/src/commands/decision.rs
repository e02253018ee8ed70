//! `ansinh decision`: one decision for many people, looked at and recorded.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use casework::collective::{self, ListSheet, ReRating, ReadList, Row, Scheme, Setting, Summary};
use documents::sheet;
use jiff::civil::Date;
use kernel::{Actor, Dong, Month};
use law::Benefit;
use registry::event::Decision;
use serde::Serialize;
use uuid::Uuid;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `decision`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Xem mức cũ và mới của từng người; không ghi gì.
    Preview {
        #[command(flatten)]
        what: What,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Ghi quyết định đúng như đã xem.
    Record {
        #[command(flatten)]
        what: What,
        /// Số quyết định.
        #[arg(long)]
        number: String,
        /// Ngày ký, YYYY-MM-DD.
        #[arg(long)]
        date: Date,
        /// Người ký.
        #[arg(long)]
        signed_by: String,
        /// Dấu vân tay mà lệnh preview in ra.
        #[arg(long)]
        seen: String,
    },
}

/// Whom it is about.
#[derive(clap::Args)]
struct What {
    /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
    #[arg(long, default_value = "")]
    area: String,
    /// Mức mới của cả địa bàn từ tháng này.
    #[arg(long, required_unless_present = "list", conflicts_with = "list")]
    from: Option<Month>,
    /// Chỉ một chế độ, ví dụ disability; không nêu là mọi chế độ.
    #[arg(long, requires = "from")]
    benefit: Option<String>,
    /// Thôi hưởng, điều chỉnh theo tệp .xlsx hoặc .csv này.
    #[arg(long, value_name = "TỆP")]
    list: Option<PathBuf>,
}

/// One person and benefit, as printed.
#[derive(Serialize)]
struct Printed<'a> {
    person: String,
    area: &'a str,
    benefit: &'static str,
    kind: &'static str,
    from: Month,
    old: Dong,
    new: Dong,
    law: &'a str,
}

impl<'a> Printed<'a> {
    fn of(row: &'a Row) -> Printed<'a> {
        Printed {
            person: format!("#{}", row.person),
            area: row.commune.code,
            benefit: row.benefit.code(),
            kind: row.kind.code(),
            from: row.month,
            old: row.old,
            new: row.new,
            law: &row.law,
        }
    }
}

/// Run it.
///
/// # Errors
/// When it is refused or the database fails: nothing was recorded.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    let setting = Setting {
        pool: office.pool,
        clock: office.clock,
        law: office.law,
    };
    match args.action {
        Action::Preview { what, format } => preview(&setting, &actor, &what, format).await,
        Action::Record {
            what,
            number,
            date,
            signed_by,
            seen,
        } => {
            let decision = Decision {
                number,
                date,
                signed_by: Some(signed_by),
            };
            record(&setting, &actor, &what, &decision, &seen).await
        }
    }
}

impl What {
    fn scheme(&self) -> anyhow::Result<Option<Scheme>> {
        let Some(from) = self.from else {
            return Ok(None);
        };
        let benefit = match &self.benefit {
            None => None,
            Some(code) => {
                let unknown = || WrongUsage(format!("Không có chế độ {code}."));
                Some(Benefit::from_code(code).ok_or_else(unknown)?)
            }
        };
        let area = self.area.clone();
        Ok(Some(Scheme {
            area,
            benefit,
            from,
        }))
    }

    fn read(&self, setting: &Setting<'_>) -> anyhow::Result<ReadList> {
        let path = self.list.as_deref().unwrap_or(Path::new(""));
        let open = File::open(path);
        let file = open.with_context(|| format!("không mở được tệp {}", path.display()))?;
        let mut list = ListSheet::new(setting.law);
        sheet::read(file, |row, cells| -> anyhow::Result<()> {
            Ok(list.take(row, cells)?)
        })?;
        Ok(list.finish()?)
    }
}

async fn preview(
    setting: &Setting<'_>,
    actor: &Actor,
    what: &What,
    format: Format,
) -> anyhow::Result<Exit> {
    let (summary, rows) = match what.scheme()? {
        Some(scheme) => {
            let mut rating = ReRating::open(setting, actor, &scheme).await?;
            let mut rows = Vec::new();
            let mut out = io::stdout().lock();
            while let Some(row) = rating.next().await? {
                // Of a whole country nothing is kept where the format lets lines go out as they come.
                if matches!(format, Format::Ndjson) {
                    serde_json::to_writer(&mut out, &Printed::of(&row))?;
                    out.write_all(b"\n")?;
                } else {
                    rows.push(row);
                }
            }
            (rating.finish(), rows)
        }
        None => {
            let list = tokio::task::block_in_place(|| what.read(setting))?;
            let nobody = Decision {
                number: "-".to_owned(),
                date: setting.clock.today(),
                signed_by: None,
            };
            collective::list::look(setting, actor, &list, &nobody).await?
        }
    };
    if !(rows.is_empty() && matches!(format, Format::Ndjson)) {
        print_rows(format, rows.iter().map(Printed::of))?;
    }
    tell(&summary);
    Ok(match (summary.refused.is_empty(), summary.rows) {
        (true, _) => Exit::Done,
        (false, 0) => Exit::Refused,
        (false, _) => Exit::InPart,
    })
}

fn tell(summary: &Summary) {
    for refusal in &summary.refused {
        eprintln!("{refusal}");
    }
    let (people, rows) = (summary.people, summary.rows);
    let (old, new) = (summary.old_total, summary.new_total);
    eprintln!("{people} người, {rows} dòng; một tháng {old} → {new} đồng.");
    eprintln!("Dấu vân tay: {}", hex::encode(summary.fingerprint));
}

async fn record(
    setting: &Setting<'_>,
    actor: &Actor,
    what: &What,
    decision: &Decision,
    seen: &str,
) -> anyhow::Result<Exit> {
    let malformed = |_| WrongUsage("Dấu vân tay gồm 64 chữ số thập lục phân.".to_owned());
    let seen = hex::decode(seen).map_err(malformed)?;
    // The same command again is the same decision.
    let name = format!(
        "{} {} {} {}",
        what.area,
        decision.number,
        decision.date,
        hex::encode(&seen)
    );
    let key = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
    let done = match what.scheme()? {
        Some(scheme) => {
            collective::record_re_rating(setting, actor, key, &scheme, decision, &seen).await?
        }
        None => {
            let list = tokio::task::block_in_place(|| what.read(setting))?;
            let of = (what.area.as_str(), &list);
            collective::record_list(setting, actor, key, of, decision, &seen).await?
        }
    };
    eprintln!(
        "Đã ghi quyết định chung số {} cho {} người.",
        done.collective_no, done.people
    );
    Ok(Exit::Done)
}
