//! What changed since last month, and what next month will change.

use std::io;

use kernel::Actor;
use payments::changes::{Change, Changes};
use payments::{Office, Upcoming};
use serde::Serialize;

use super::Of;
use super::rows::Rows;
use super::show::place;
use crate::exit::Exit;
use crate::output::Format;

/// A person's part in a cause as plain columns.
#[derive(Serialize)]
struct ChangeRow<'a> {
    person: &'a str,
    cause: &'static str,
    label: &'static str,
    benefit: &'static str,
    people: i64,
    amount: i64,
}

/// Next month's change as plain columns.
#[derive(Serialize)]
struct UpcomingRow<'a> {
    person: &'a str,
    benefit: &'static str,
    amount: i64,
    next_amount: i64,
    cause: &'static str,
    label: &'static str,
}

/// Prints the balance (`table`, `json`) or every person's part in it (`ndjson`, `csv`).
pub async fn changes(
    office: &Office<'_>,
    actor: &Actor,
    of: &Of,
    format: Format,
) -> anyhow::Result<Exit> {
    let balance_only = matches!(format, Format::Table | Format::Json);
    let mut rows = Rows::new(if balance_only { Format::Ndjson } else { format })?;
    let take = |change: Change| match format {
        Format::Ndjson => rows.object(&change),
        Format::Csv => rows.plain(&ChangeRow {
            person: &change.person,
            cause: change.cause.map_or("", |cause| cause.code()),
            label: change
                .cause
                .map_or("Chưa giải thích", |cause| cause.vietnamese()),
            benefit: change.benefit.code(),
            people: change.people,
            amount: change.amount.value(),
        }),
        _ => Ok(()),
    };
    let found = payments::changes(office, actor, of.month, &of.area, take).await?;
    rows.finish()?;
    match format {
        Format::Table => balance(&found)?,
        Format::Json => say!("{}", serde_json::to_string_pretty(&found)?),
        _ => {}
    }
    Ok(Exit::Done)
}

/// The balance as on paper: last month, causes, this month.
fn balance(changes: &Changes) -> io::Result<()> {
    let row = |label: &str, people: i64, amount: kernel::Dong| {
        let people = kernel::Dong(people).to_string();
        say!("{label:<44} {people:>12} {:>20}", amount.to_string());
        io::Result::Ok(())
    };
    say!("Kỳ {} · {}", changes.month, place(&changes.area));
    say!("{:<44} {:>12} {:>20}", "", "Người", "Đồng");
    let against = changes
        .against
        .map_or_else(|| "chưa có".to_owned(), |month| month.to_string());
    row(
        &format!("Kỳ trước ({against})"),
        changes.before.people,
        changes.before.amount,
    )?;
    for cause in &changes.causes {
        let label = format!("{} ({} người)", cause.label, cause.touched);
        let sign = if cause.change.amount.value() < 0 {
            "−"
        } else {
            "+"
        };
        row(
            &format!("{sign} {label}"),
            cause.change.people,
            cause.change.amount,
        )?;
    }
    row(
        &format!("= Kỳ {}", changes.month),
        changes.now.people,
        changes.now.amount,
    )?;
    say!(
        "Chưa giải thích: {} người, {} đồng",
        changes.unexplained_people,
        changes.unexplained.amount
    );
    say!(
        "Phải thu hồi (ghi riêng, không trừ vào số chi): {} người, {} đồng",
        changes.recovery.people,
        changes.recovery.amount
    );
    Ok(())
}

/// Prints what next month will change.
pub async fn upcoming(
    office: &Office<'_>,
    actor: &Actor,
    of: &Of,
    format: Format,
) -> anyhow::Result<Exit> {
    let mut rows = Rows::new(format)?;
    let take = |change: Upcoming| match format {
        Format::Csv | Format::Table => rows.plain(&UpcomingRow {
            person: &change.person,
            benefit: change.benefit.code(),
            amount: change.amount.value(),
            next_amount: change.next_amount.value(),
            cause: change.cause.map_or("", |cause| cause.code()),
            label: change.cause.map_or("", |cause| cause.vietnamese()),
        }),
        _ => rows.object(&change),
    };
    payments::upcoming(office, actor, of.month, &of.area, take).await?;
    rows.finish()?;
    Ok(Exit::Done)
}
