//! What importing a provider's results costs against copying the rows it writes.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use kernel::{Actor, Month};
use registry::copy::CopyReader;

use super::orders::{Payees, prepare, timed_order};
use super::plain::{self, Against, Rounds, Rows};
use super::{month, peak_memory, settle};
use crate::results::{self, Imported};
use crate::sandbox::{self, Behaviour, Instruction};
use crate::{Office, Refused, show};

/// Who reports.
const PROVIDER: &str = "post";
/// Lines the provider answers at once.
const ANSWERED_AT_ONCE: usize = 10_000;
/// A provider on an ordinary month.
const BEHAVIOUR: Behaviour = Behaviour {
    fail: 1,
    not_collected: 2,
    ..Behaviour::GOOD
};

/// Fills an empty practice database, orders a month of everybody in each round from one provider,
/// imports a file with the result of every line, and then copies as many rows plainly into tables
/// that have what the rounds before wrote too. `folder` takes the files.
///
/// # Errors
/// [`Refused::Inconsistent`] when the database is not an empty practice database or a result is not
/// recorded; otherwise as [`results::import_file`].
pub async fn measure(
    office: &Office<'_>,
    people: i64,
    rounds: usize,
    folder: &Path,
    progress: impl Fn(&str),
) -> Result<[Against; 1], Refused> {
    let rounds = rounds.clamp(1, 12);
    let mut list = month().plus(-(rounds as i32));
    prepare(office, people, list, Payees::Post, &progress).await?;
    let mut imports = Rounds::of("nhập kết quả");
    let mut lines = 0;
    for round in 1..=rounds {
        timed_order(office, list).await?;
        let path = folder.join(format!("{list}.ndjson"));
        lines = answer(office, list, &path).await?;
        let (imported, took) = timed_import(office, &path).await?;
        let peak = peak_memory();
        if imported.recorded != lines {
            return Err(Refused::Inconsistent(format!(
                "{} of {lines} results recorded",
                imported.recorded
            )));
        }
        let said = imports.add(took, timed_copy(office, list).await?, peak);
        progress(&format!("Lần {round}/{rounds}, {lines} dòng, {said}"));
        list = list.next();
    }
    Ok([imports.sum_up(people, lines)])
}

fn broken(error: std::io::Error) -> Refused {
    Refused::from(results::Unreadable::from(error))
}

/// Writes what the provider answers to the order of a month; how many lines it is about.
async fn answer(office: &Office<'_>, list: Month, path: &Path) -> Result<u64, Refused> {
    let mut file = BufWriter::new(File::create(path).map_err(broken)?);
    let mut write = |order: &mut Vec<Instruction>, lines: u64| {
        let answers = sandbox::answer(order, &BEHAVIOUR, list.first_day(), lines);
        order.clear();
        sandbox::write_ndjson(&answers.now, &mut file)
    };
    let statement = format!(
        "copy (select person_id, line_no, amount from order_line where list_month = {}
               order by person_id, line_no) to stdout (format binary)",
        list.yyyymm()
    );
    let mut rows = CopyReader::of_pool(office.pool, &statement).await?;
    let mut order = Vec::with_capacity(ANSWERED_AT_ONCE);
    let mut lines = 0;
    while let Some(instruction) = instruction(&mut rows, list).await? {
        lines += 1;
        order.push(instruction);
        if order.len() == ANSWERED_AT_ONCE {
            write(&mut order, lines).map_err(broken)?;
        }
    }
    write(&mut order, lines).map_err(broken)?;
    file.flush().map_err(broken)?;
    Ok(lines)
}

async fn instruction(rows: &mut CopyReader<'_>, list: Month) -> sqlx::Result<Option<Instruction>> {
    let Some(mut row) = rows.next().await? else {
        return Ok(None);
    };
    let (person, line_no) = (kernel::PersonId(row.i64()?), row.i16()?);
    Ok(Some(Instruction {
        line: show::line_name(list, person, line_no),
        amount: row.i64()?,
    }))
}

/// Imports a file, from the first lock to the commit.
async fn timed_import(office: &Office<'_>, path: &Path) -> Result<(Imported, Duration), Refused> {
    settle(office.pool).await?;
    let actor = Actor::with_every_role("bench");
    let file = File::open(path).map_err(broken)?;
    let begun = Instant::now();
    let imported = results::import_file(office, &actor, PROVIDER, file).await?;
    Ok((imported, begun.elapsed()))
}

/// Copies what the import of a month wrote into tables of the same shape.
async fn timed_copy(office: &Office<'_>, list: Month) -> Result<Duration, Refused> {
    let month = list.yyyymm();
    let entries = format!(
        "select entry_no from ledger_entry where list_month = {month} and kind = 'reported'"
    );
    let tables = [
        (
            "result_claim",
            "provider, result_id, list_month, person_id",
            format!(
                "join (select result_no, provider, result_id from payment_result
                       where list_month = {month}) r using (provider, result_id)
                 order by result_no"
            ),
        ),
        (
            "payment_result",
            "person_id, list_month, line_no, result_no, provider, result_id, status, happened_on,
             reason, amount, recorded_by, recorded_at, form, queue_no",
            format!("where list_month = {month} order by result_no"),
        ),
        (
            "ledger_entry",
            "entry_no, at, by, kind, memo, area_code, list_month, list_id, order_no, day, reverses,
             postings",
            format!("where entry_no in ({entries})"),
        ),
        (
            "ledger_posting",
            "entry_no, posting_no, account, provider, area_code, area_valid_from, amount",
            format!("where entry_no in ({entries}) order by entry_no, posting_no"),
        ),
    ];
    let mut rows = Vec::new();
    for (table, columns, which) in tables {
        rows.push(Rows::of(office.pool, table, columns, &which).await?);
    }
    plain::copy(office.pool, &rows).await
}
