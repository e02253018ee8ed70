//! `ansinh explain`: why a person gets what they get in a month.

use std::io;

use casework::{change, collective};
use kernel::{Actor, Dong, Month, PersonId};
use payments::explain::Explanation;
use payments::{Office, Refused};
use registry::person::{Lookup, find};

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::Format;

/// Options of `explain`.
#[derive(clap::Args)]
pub struct Args {
    /// Mã đối tượng, hoặc nguồn/mã, hoặc #số.
    person: String,
    /// Tháng, ví dụ 2024-05.
    month: Month,
    /// Định dạng: table, json, ndjson.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Run it.
///
/// # Errors
/// When there is no such person or the actor may not read them.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    let person = match find(office.pool, &args.person).await? {
        Lookup::One(person) => person,
        Lookup::Nobody => anyhow::bail!(Refused::UnknownPerson {
            person: args.person
        }),
        Lookup::Several(sources) => anyhow::bail!(WrongUsage(format!(
            "Mã {} có ở nhiều nguồn: hãy ghi nguồn/mã, nguồn là một trong {}.",
            args.person,
            sources.join(", ")
        ))),
    };
    let explanation = payments::explain(&office, &actor, person, args.month).await?;
    match args.format {
        Format::Table => {
            tell(&office, &explanation)?;
            tell_changes(&office, &actor, person).await?;
        }
        Format::Json => say!("{}", serde_json::to_string_pretty(&explanation)?),
        Format::Ndjson => say!("{}", serde_json::to_string(&explanation)?),
        _ => anyhow::bail!(WrongUsage(
            "Chọn --format table, json hoặc ndjson.".to_owned()
        )),
    }
    Ok(Exit::Done)
}

/// Written decisions after the first: about this person, and about many.
async fn tell_changes(office: &Office<'_>, actor: &Actor, person: PersonId) -> anyhow::Result<()> {
    let who = registry::person::read(office.pool, actor, office.clock, person).await?;
    say!("\nQuyết định về biến động:");
    for told in change::of_person(office.pool, &who).await? {
        let undone = if told.undone.is_some() {
            " (đã đính chính)"
        } else {
            ""
        };
        let (what, number, day) = (change::vietnamese(&told.kind), told.number, told.signed_on);
        say!(
            "  {number}, {day}: {what}{undone}: {} ({})",
            told.ground,
            told.law
        );
    }
    say!("Quyết định chung:");
    for told in collective::of_person(office.pool, &who).await? {
        let (number, day, _) = told.decision;
        let (what, benefit) = (collective::vietnamese(&told.kind), told.benefit.code());
        let (from, old, new) = (told.month, told.old, told.new);
        say!(
            "  {number}, {day}: {what}, {benefit} từ {from}: {old} → {new} đồng ({})",
            told.law
        );
    }
    Ok(())
}

fn tell(office: &Office<'_>, it: &Explanation) -> io::Result<()> {
    let name = |benefit| office.law.name(benefit);
    say!(
        "Đối tượng {} · tháng {} · xã {}",
        it.person,
        it.month,
        it.commune
    );
    if let Some(kept) = &it.merged_into {
        say!("Hồ sơ này đã gộp vào hồ sơ {kept}: quyết định và số đã lập tính cho hồ sơ đó.");
    }
    say!("\nPháp luật cho hưởng: {} đồng", it.owed.total);
    for line in &it.owed.lines {
        say!(
            "  {}: {} × {} = {} đồng",
            name(line.benefit),
            line.coefficient,
            line.standard,
            line.amount
        );
        say!("    căn cứ: {}", line.law.join("; "));
    }
    for (refused, text) in it.owed.refused.iter().zip(&it.refusals) {
        say!(
            "  không hưởng {}: {text} ({})",
            name(refused.benefit),
            refused.law.join("; ")
        );
    }
    if it.owed.assumed_birth_date {
        say!("  (ngày sinh chỉ biết một phần, tính từ ngày đầu)");
    }
    say!("\nTình trạng trong tháng:");
    for fact in &it.facts {
        let until = fact
            .to
            .map_or_else(String::new, |last| format!(" đến {last}"));
        say!("  {} từ {}{until}", fact.label, fact.from);
    }
    say!("Quyết định:");
    for decision in &it.decisions {
        say!(
            "  {} từ {}: số {}{}",
            name(decision.benefit),
            decision.from,
            decision.number.as_deref().unwrap_or("(không ghi)"),
            if decision.suspended {
                ", đang tạm dừng"
            } else {
                ""
            }
        );
    }
    say!("\nDanh sách đã duyệt giữ cho tháng này:");
    for held in &it.held {
        let from = if held.opening {
            " (hệ thống cũ đã chi)"
        } else {
            ""
        };
        say!("  {}: {} đồng{from}", name(held.benefit), held.amount);
    }
    say!("Các tháng còn chênh lệch:");
    for open in &it.open {
        let verb = if open.difference > Dong::ZERO {
            "còn phải trả"
        } else {
            "phải thu hồi"
        };
        say!(
            "  {} {}: được hưởng {}, đã lập {}, {verb} {}",
            open.for_month,
            name(open.benefit),
            open.owed,
            open.held,
            open.difference
        );
    }
    say!("\nDòng trong danh sách tháng {}:", it.month);
    for line in &it.lines {
        let reason = line.reason.map_or("", |reason| reason.vietnamese());
        say!(
            "  {} {} {}: {} đồng {reason}",
            line.kind.vietnamese(),
            name(line.benefit),
            line.for_month,
            line.amount
        );
    }
    Ok(())
}
