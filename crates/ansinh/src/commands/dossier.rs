//! `ansinh dossier`: applications, step by step.

mod queue;

use std::path::PathBuf;

use casework::show::Filter;
use casework::{Dossier, Event, Status, Submitted, event, form};
use documents::format;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::Month;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

use super::apply::{bytes_of, print_outcome};

/// Options of `dossier`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    wanted: Wanted,
}

#[derive(clap::Subcommand)]
enum Wanted {
    #[command(flatten)]
    Sheets(Sheets),
    #[command(flatten)]
    Action(Action),
}

/// What needs no database: forms are part of the program.
#[derive(clap::Subcommand)]
enum Sheets {
    /// Các mẫu tờ khai dùng vào một ngày.
    Forms {
        /// Ngày nộp; không nêu là hôm nay.
        #[arg(long, value_name = "NGÀY")]
        on: Option<Date>,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Một mẫu tờ khai, dạng JSON: các phần, các mục và sự việc mà câu trả lời trở thành.
    Form {
        /// Mã mẫu, ví dụ d20-1dd.
        code: String,
    },
}

#[derive(clap::Subcommand)]
enum Action {
    /// Tiếp nhận một hồ sơ tại quầy: nộp và tiếp nhận cùng lúc.
    Receive(Receive),
    /// Ghi một bước của hồ sơ.
    Step(Box<Step>),
    /// Ghi các bước từ tệp NDJSON; cùng một bước ghi lại không thay đổi gì.
    Apply {
        /// Tệp NDJSON, mỗi dòng một bước; `-` là đầu vào chuẩn.
        file: PathBuf,
    },
    /// Xem một hồ sơ và các bước.
    Show {
        /// Mã hồ sơ.
        dossier: String,
        /// Định dạng: table, json.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Việc cần làm: hồ sơ chưa kết thúc, hạn gần xếp trước.
    Queue(queue::Part),
    /// Giao hồ sơ cho một người giữ; làm ngay trên hệ thống.
    Assign {
        /// Tên đăng nhập người giữ.
        holder: String,
        /// Mã các hồ sơ.
        #[arg(required = true)]
        dossiers: Vec<String>,
    },
    /// Đồng ý với đề xuất của các hồ sơ; người đề xuất không được tự đồng ý.
    Agree {
        /// Mã các hồ sơ.
        #[arg(required = true)]
        dossiers: Vec<String>,
    },
    /// Ai giữ một bước ở địa phương và trong bao nhiêu ngày, cho hồ sơ tiếp nhận từ một ngày.
    Stage(queue::Stage),
    /// Các hồ sơ của địa bàn, nộp trước xếp trước.
    List {
        /// Mã địa bàn; không nêu là cả nước.
        #[arg(long, value_name = "MÃ", default_value = "")]
        area: String,
        /// Chỉ trạng thái này (1 đến 10 theo Cổng dịch vụ công quốc gia).
        #[arg(long, value_parser = clap::value_parser!(i16).range(1..=10))]
        status: Option<i16>,
        /// Chỉ hồ sơ quá hạn.
        #[arg(long)]
        overdue: bool,
        /// Chỉ những hồ sơ đứng sau hồ sơ này.
        #[arg(long, value_name = "MÃ_HỒ_SƠ")]
        after: Option<String>,
        /// Nhiều nhất bao nhiêu hồ sơ.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

#[derive(clap::Args)]
struct Receive {
    /// Mã hồ sơ.
    dossier: String,
    /// Mã thủ tục hành chính.
    #[arg(long)]
    procedure: String,
    /// Mã xã của người nộp.
    #[arg(long)]
    area: String,
    /// Cách nộp: direct (trực tiếp), online (trực tuyến), post (bưu chính).
    #[arg(long, default_value = "direct")]
    channel: String,
    /// Họ và tên người nộp.
    #[arg(long)]
    applicant: String,
    /// Số định danh người nộp.
    #[arg(long)]
    id_number: Option<String>,
    /// Người hưởng đã có trong hệ thống: #số, mã, hoặc nguồn/mã.
    #[arg(long)]
    beneficiary: Option<String>,
    /// Chính sách xin hưởng mới: quyết định hưởng sẽ ghi luôn việc hưởng.
    #[arg(long)]
    benefit: Option<String>,
    /// Giấy tờ nộp kèm; nêu nhiều lần.
    #[arg(long = "paper")]
    papers: Vec<String>,
}

#[derive(clap::Args)]
struct Step {
    /// Mã hồ sơ.
    dossier: String,
    /// Bước: received, not_accepted, taken_up, stage_done, supplement_asked, supplemented,
    /// completed_by_hand, withdrawal_asked, stopped, approved, refused, result_returned, assigned,
    /// posted, complained, complaint_concluded, extended, proposed, agreed, sent_back.
    kind: String,
    /// Thời điểm; không nêu là bây giờ.
    #[arg(long, value_name = "THỜI_ĐIỂM")]
    at: Option<Timestamp>,
    /// Làm trên hệ thống, không phải trên giấy rồi nhập lại.
    #[arg(long)]
    online: bool,
    /// Lý do.
    #[arg(long)]
    reason: Option<String>,
    /// Ai đang xử lý.
    #[arg(long)]
    holder: Option<String>,
    /// Mã bước quy trình đã xong.
    #[arg(long)]
    stage: Option<String>,
    /// Giấy tờ; nêu nhiều lần.
    #[arg(long = "paper")]
    papers: Vec<String>,
    /// Số quyết định.
    #[arg(long)]
    number: Option<String>,
    /// Ngày ký quyết định.
    #[arg(long)]
    date: Option<Date>,
    /// Người ký.
    #[arg(long)]
    signed_by: Option<String>,
    /// Hưởng từ tháng; không nêu là theo luật.
    #[arg(long)]
    from: Option<Month>,
    /// Điều kiện đầu tiên không đạt, khi không cho hưởng.
    #[arg(long)]
    condition: Option<String>,
    /// Điều khoản đặt ra điều kiện đó.
    #[arg(long)]
    law: Option<String>,
    /// Ngày đầu niêm yết.
    #[arg(long)]
    posted_from: Option<Date>,
    /// Ngày cuối niêm yết.
    #[arg(long)]
    posted_to: Option<Date>,
    /// Ngày hẹn lại.
    #[arg(long)]
    due_on: Option<Date>,
    /// Kết luận khiếu nại: upheld (đúng), dismissed (không đúng).
    #[arg(long)]
    conclusion: Option<String>,
    /// Ai đề xuất hoặc đồng ý trên giấy.
    #[arg(long)]
    by: Option<String>,
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let action = match args.wanted {
        Wanted::Sheets(Sheets::Forms { on, format }) => {
            let day = match on {
                Some(day) => day,
                None => context.clock().await?.today(),
            };
            return print_forms(day, format);
        }
        Wanted::Sheets(Sheets::Form { code }) => return print_form(&code),
        Wanted::Action(action) => action,
    };
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let clock = context.clock().await?;
    match action {
        Action::Receive(receive) => apply(receive.events(clock.now())?, context).await,
        Action::Step(step) => apply(vec![step.event(clock.now())?], context).await,
        Action::Apply { file } => {
            let (steps, unread) = casework::read_lines(&bytes_of(&file)?);
            let mut done = casework::apply(pool, &actor, &clock, &steps).await?;
            done.refused.extend(unread);
            print_outcome(done, "Đã ghi", "bước")
        }
        Action::Show { dossier, format } => {
            let found = casework::dossier(pool, &actor, &clock, &dossier).await?;
            match format {
                Format::Table => print(&found)?,
                format => print_rows(format, [found])?,
            }
            Ok(Exit::Done)
        }
        Action::Queue(part) => part.run(context).await,
        Action::Assign { holder, dossiers } => {
            let step = || casework::Step::Assigned {
                holder: holder.clone(),
            };
            queue::act(context, &dossiers, step).await
        }
        Action::Agree { dossiers } => {
            queue::act(context, &dossiers, || casework::Step::Agreed { by: None }).await
        }
        Action::Stage(stage) => stage.run(context).await,
        Action::List {
            area,
            status,
            overdue,
            after,
            limit,
            format,
        } => {
            let filter = Filter {
                area,
                status: status.and_then(Status::from_number),
                overdue,
                after,
                limit,
            };
            print_rows(format, casework::list(pool, &actor, &clock, &filter).await?)?;
            Ok(Exit::Done)
        }
    }
}

/// The forms that hold on a day.
fn print_forms(day: Date, format: Format) -> anyhow::Result<Exit> {
    let holds = form::all().iter().filter(|form| form.holds_on(day));
    let rows = holds.map(|form| {
        let benefits = form.benefits.iter().map(|benefit| benefit.code());
        json!({
            "form": form.code, "number": form.number, "name": form.name,
            "procedures": form.procedures.join(" "),
            "benefits": benefits.collect::<Vec<_>>().join(" "),
            "law": form.law, "verify": form.verify,
        })
    });
    print_rows(format, rows.collect::<Vec<Value>>())?;
    Ok(Exit::Done)
}

fn print_form(code: &str) -> anyhow::Result<Exit> {
    let form = form::by_code(code)
        .ok_or_else(|| WrongUsage(format!("Không có mẫu {code}: xem ansinh dossier forms.")))?;
    say!("{}", serde_json::to_string_pretty(form)?);
    Ok(Exit::Done)
}

/// Records steps of one dossier, all of them or none.
async fn apply(events: Vec<Event>, context: &Context) -> anyhow::Result<Exit> {
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let clock = context.clock().await?;
    let rows: Vec<Submitted> = (1..)
        .zip(events)
        .map(|(row, event)| Submitted { row, event })
        .collect();
    let mut tx = pool.begin().await?;
    let teller = casework::Teller::Office;
    let done = casework::apply_within(&mut tx, teller, &actor, &clock, &rows).await?;
    if let Some(refusal) = done.refused.first() {
        tx.rollback().await?;
        anyhow::bail!("{} ({})", refusal.message, refusal.code);
    }
    tx.commit().await?;
    let code = rows.first().map_or("", |row| &row.event.dossier);
    let found = casework::dossier(pool, &actor, &clock, code).await?;
    eprintln!("Đã ghi. Hồ sơ {code}: {}.", due(&found));
    Ok(Exit::Done)
}

impl Receive {
    fn events(self, now: Timestamp) -> anyhow::Result<Vec<Event>> {
        let papers: Vec<Value> = self
            .papers
            .iter()
            .map(|name| json!({ "name": name }))
            .collect();
        let mut fields = json!({
            "kind": "submitted", "procedure": self.procedure, "area": self.area,
            "channel": self.channel, "applicant": self.applicant, "papers": papers,
        });
        let optional = [
            ("applicant_id_number", self.id_number),
            ("beneficiary", self.beneficiary),
            ("benefit", self.benefit),
        ];
        put(&mut fields, optional);
        let submitted = told(&self.dossier, now, false, fields)?;
        let received = told(&self.dossier, now, false, json!({"kind": "received"}))?;
        Ok(vec![submitted, received])
    }
}

impl Step {
    fn event(self, now: Timestamp) -> anyhow::Result<Event> {
        let mut fields = json!({ "kind": self.kind });
        put(
            &mut fields,
            [
                ("reason", self.reason),
                ("holder", self.holder),
                ("stage", self.stage),
                ("condition", self.condition),
                ("law", self.law),
                ("from", self.from.map(|month| month.to_string())),
                ("from", self.posted_from.map(|day| day.to_string())),
                ("to", self.posted_to.map(|day| day.to_string())),
                ("due_on", self.due_on.map(|day| day.to_string())),
                ("outcome", self.conclusion),
                ("by", self.by),
            ],
        );
        if self.kind == "proposed" {
            let refused = fields.get("condition").is_some();
            fields["outcome"] = json!(if refused { "refused" } else { "approved" });
        }
        if matches!(self.kind.as_str(), "approved" | "refused") {
            fields["outcome"] = json!(self.kind);
            fields["kind"] = json!("decided");
            let mut decision = json!({});
            put(
                &mut decision,
                [
                    ("number", self.number),
                    ("date", self.date.map(|day| day.to_string())),
                    ("signed_by", self.signed_by),
                ],
            );
            fields["decision"] = decision;
        }
        if !self.papers.is_empty() {
            let whole = self.kind == "supplemented";
            let paper = |name: &String| match whole {
                true => json!({ "name": name }),
                false => json!(name),
            };
            fields["papers"] = self.papers.iter().map(paper).collect();
        }
        told(&self.dossier, self.at.unwrap_or(now), self.online, fields)
    }
}

fn put<const N: usize>(fields: &mut Value, more: [(&str, Option<String>); N]) {
    for (name, value) in more {
        if let Some(value) = value {
            fields[name] = json!(value);
        }
    }
}

/// A step with an id of its own.
fn told(dossier: &str, at: Timestamp, online: bool, fields: Value) -> anyhow::Result<Event> {
    let wrong = |words: String| WrongUsage(words);
    let dossier = event::code(dossier)
        .ok_or_else(|| wrong(format!("Mã hồ sơ {dossier:?} không đúng dạng.")))?;
    let fields: Map<String, Value> = fields.as_object().cloned().unwrap_or_default();
    let step = event::step(fields).map_err(|fault| {
        wrong(format!(
            "Bước này cần các thông tin khác ({}: {}): xem ansinh dossier step --help.",
            fault.field, fault.message
        ))
    })?;
    Ok(Event {
        event_id: Uuid::now_v7(),
        dossier,
        at,
        online,
        step,
    })
}

/// The status, and until when it must be decided.
fn due(found: &Dossier) -> String {
    let row = &found.row;
    let status = format!("trạng thái {} ({})", row.status.number(), row.status_name);
    match row.due_on {
        Some(day) if row.overdue => format!("{status}, quá hạn từ {}", format::date(day)),
        Some(day) => format!("{status}, hạn giải quyết {}", format::date(day)),
        None => status,
    }
}

fn print(found: &Dossier) -> anyhow::Result<()> {
    let row = &found.row;
    say!("Hồ sơ {}: {}", row.dossier, due(found));
    say!(
        "Thủ tục {}: {}",
        row.procedure,
        casework::procedure::name(&row.procedure)
    );
    say!("{}, {}", found.applicant, row.commune);
    let origin = match row.from_one_stop {
        true => "từ hệ thống một cửa",
        false => "tại quầy",
    };
    say!(
        "Nộp {} {}, {origin}",
        row.channel.vietnamese(),
        format::date(row.submitted_on)
    );
    for step in &found.steps {
        let how = if step.online { ", trực tuyến" } else { "" };
        let facts = match step.facts.as_object() {
            Some(facts) if !facts.is_empty() => format!(" {}", step.facts),
            _ => String::new(),
        };
        say!(
            "{:>3}. {} {}{how} ({}){facts}",
            step.seq,
            format::moment(step.at),
            step.name,
            step.recorded_by
        );
    }
    Ok(())
}
