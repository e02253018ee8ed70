//! `ansinh quality`: work on the quality of records.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use documents::sheet::{self, SheetError};
use population::quality::police::{self, ReadAnswers};
use population::quality::{Fault, People, Task, accept, keep, tasks};
use serde::Serialize;

use super::person::one;
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `quality`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Danh sách việc: từng trường cần xem, giá trị của ta, của họ, gợi ý sửa.
    Tasks {
        /// Mã địa bàn; bỏ trống là cả nước.
        #[arg(long, default_value = "", value_name = "MÃ")]
        area: String,
        /// Nhiều nhất bao nhiêu người.
        #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Nhận gợi ý: sửa thông tin của người này, kèm căn cứ; người đó được đối chiếu lại sau.
    Accept {
        #[command(flatten)]
        of: Of,
        /// Chỉ nhận khi gợi ý đúng là giá trị này.
        #[arg(long)]
        value: Option<String>,
    },
    /// Giữ giá trị của ta, kèm lý do.
    Keep {
        #[command(flatten)]
        of: Of,
    },
    /// Lập danh sách của một xã gửi công an xã rà soát.
    Send {
        /// Mã xã.
        #[arg(long, value_name = "MÃ")]
        area: String,
        /// Tệp ghi ra: .xlsx hoặc .pdf.
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Các danh sách đã gửi công an xã.
    Lists {
        /// Mã địa bàn; bỏ trống là cả nước.
        #[arg(long, default_value = "", value_name = "MÃ")]
        area: String,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Nhập trả lời của công an xã.
    Answers {
        /// Tệp .xlsx hoặc .csv công an xã gửi lại.
        file: PathBuf,
        /// Số của danh sách.
        #[arg(long)]
        list: i64,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "json")]
        format: Format,
    },
}

#[derive(clap::Args)]
struct Of {
    /// Mã người của nguồn, nguồn/mã, hoặc #số trong sổ.
    person: String,
    /// Trường: full_name, birth_date, sex, id_number.
    field: String,
    /// Lý do, được lưu cùng quyết định.
    #[arg(long)]
    reason: String,
}

impl Of {
    fn field(&self) -> Result<Fault, WrongUsage> {
        let text = "Trường phải là full_name, birth_date, sex hoặc id_number.";
        Fault::from_code(&self.field).ok_or_else(|| WrongUsage(text.to_owned()))
    }
}

/// A task as plain columns.
#[derive(Serialize)]
struct Line {
    person: i64,
    full_name: String,
    commune: String,
    field: &'static str,
    ours: Option<String>,
    theirs: Option<String>,
    why: &'static str,
    source: String,
    repair: Option<&'static str>,
    suggestion: Option<String>,
    sent: Option<i64>,
}

impl From<Task> for Line {
    fn from(task: Task) -> Line {
        Line {
            person: task.person.0,
            full_name: task.full_name,
            commune: task.commune,
            field: task.field.code(),
            ours: task.ours,
            theirs: task.theirs,
            why: task.why,
            source: task.source,
            repair: task.suggestion.as_ref().map(|it| it.repair.vietnamese()),
            suggestion: task.suggestion.map(|it| it.value),
            sent: task.sent,
        }
    }
}

/// Run it.
///
/// # Errors
/// When it is refused or the database fails.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let clock = context.clock().await?;
    match args.action {
        Action::Tasks {
            area,
            limit,
            format,
        } => {
            let wanted = People {
                area,
                limit,
                ..People::default()
            };
            let found = tasks(pool, &actor, &clock, &wanted).await?;
            print_rows(format, found.tasks.into_iter().map(Line::from))?;
        }
        Action::Accept { of, value } => {
            let of_what = (one(context, &of.person).await?, of.field()?);
            accept(pool, &actor, &clock, of_what, value.as_deref(), &of.reason).await?;
            eprintln!("Đã sửa. Người này sẽ được đối chiếu lại.");
        }
        Action::Keep { of } => {
            let of_what = (one(context, &of.person).await?, of.field()?);
            keep(pool, &actor, &clock, of_what, &of.reason).await?;
            eprintln!("Đã giữ giá trị của ta.");
        }
        Action::Send { area, output } => {
            let form = Form::of(&output)?;
            let list = police::send(pool, &actor, &clock, &area).await?;
            form.write(&list, &output)?;
            eprintln!("Danh sách số {}: {} người.", list.list_no, list.rows.len());
        }
        Action::Lists { area, format } => {
            print_rows(format, police::lists(pool, &actor, &clock, &area).await?)?;
        }
        Action::Answers { file, list, format } => {
            let read = tokio::task::block_in_place(|| read(&file))?;
            let list = police::read(pool, &actor, &clock, list).await?;
            let done = police::bring(pool, &actor, &clock, &list, read).await?;
            let exit = match (done.refused.is_empty(), done.answered) {
                (true, _) => Exit::Done,
                (false, 0) => Exit::Refused,
                (false, _) => Exit::InPart,
            };
            print_rows(format, [done])?;
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

/// What a list is written as.
#[derive(Clone, Copy)]
enum Form {
    Excel,
    Paper,
}

impl Form {
    fn of(path: &Path) -> Result<Form, WrongUsage> {
        match path.extension().and_then(|it| it.to_str()) {
            Some("xlsx") => Ok(Form::Excel),
            Some("pdf") => Ok(Form::Paper),
            _ => Err(WrongUsage(
                "Tệp ghi ra phải có đuôi .xlsx hoặc .pdf.".to_owned(),
            )),
        }
    }

    fn write(self, list: &police::PoliceList, path: &Path) -> anyhow::Result<()> {
        match self {
            Form::Excel => {
                let told = || format!("Không ghi được tệp {}.", path.display());
                let file = File::create(path).with_context(told)?;
                police::workbook(list, file)?;
            }
            Form::Paper => documents::pdf::print_form(police::paper(list), path)?,
        }
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<ReadAnswers> {
    let told = || format!("Không mở được tệp {}.", path.display());
    let file = BufReader::new(File::open(path).with_context(told)?);
    let mut answers = ReadAnswers::default();
    sheet::read(file, |row, cells| {
        answers.take(row, cells);
        Ok::<_, SheetError>(())
    })?;
    if !answers.has_heading() {
        bail!("Tệp không có dòng tiêu đề của danh sách gửi công an xã.");
    }
    Ok(answers)
}
