//! What ordering a list costs against copying as many rows into a table of the same shape.

use std::time::{Duration, Instant};

use kernel::{Actor, Month};
use sqlx::AssertSqlSafe;

use super::plain::{self, Against, Rounds, Rows};
use super::{fill, month, peak_memory, settle};
use crate::order::Ordered;
use crate::provider::contract::Handover;
use crate::provider::{self, NewContract, Provider, ProviderKind};
use crate::{Office, Refused, order};

/// Fills an empty practice database and, in each round, orders two months of everybody: one of
/// which nothing was ordered before, and one of which a commune was. Each time it then copies as
/// many rows plainly.
///
/// # Errors
/// [`Refused::Inconsistent`] when the database is not an empty practice database; otherwise as
/// [`order::make()`].
pub async fn measure(
    office: &Office<'_>,
    people: i64,
    rounds: usize,
    progress: impl Fn(&str),
) -> Result<[Against; 2], Refused> {
    let rounds = rounds.clamp(1, 12);
    let mut list = month().plus(-2 * rounds as i32);
    prepare(office, people, list, Payees::BankAndPost, &progress).await?;
    let mut first = Rounds::of("lệnh chi đầu tiên của tháng");
    let mut further = Rounds::of("lệnh chi thêm của tháng");
    let (mut all, mut rest) = (0, 0);
    for round in 1..=rounds {
        for (lines, rounds_of, again) in [
            (&mut all, &mut first, false),
            (&mut rest, &mut further, true),
        ] {
            if again {
                order_a_commune(office, list).await?;
            }
            let (made, took) = timed_order(office, list).await?;
            // Later the rows that are copied plainly are counted too.
            let peak = if round == 1 && !again {
                peak_memory()
            } else {
                None
            };
            *lines = lines_of(&made);
            let said = rounds_of.add(took, timed_copy(office, list, &made).await?, peak);
            progress(&format!("Lần {round}/{rounds}, {lines} dòng, {said}"));
            list = list.next();
        }
    }
    Ok([first.sum_up(people, all), further.sum_up(people, rest)])
}

/// How people are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payees {
    /// Every second one by account, the others at the post office.
    BankAndPost,
    /// All at the post office.
    Post,
}

/// People, an approved list for every month from `first` on, and somebody to pay them.
pub(super) async fn prepare(
    office: &Office<'_>,
    people: i64,
    first: Month,
    payees: Payees,
    progress: &impl Fn(&str),
) -> Result<(), Refused> {
    fill::people(office.pool, people, fill::Identity::Missing, progress).await?;
    fill::listed(office).await?;
    let mut list = first;
    while list < month() {
        progress(&format!("Đang ghi danh sách {list}…"));
        fill::approved_list(office, list).await?;
        list = list.next();
    }
    let accounts = match payees {
        Payees::BankAndPost => "update payee set provider = '970436'",
        Payees::Post => "delete from payee",
    };
    let post = "insert into payee (person_id, channel, holder, since)
         select person_id, 'post_office', 'self', date '2022-05-05' from person
         where not exists (select from payee where payee.person_id = person.person_id)
         order by person_id";
    for statement in [accounts, post, "vacuum analyze"] {
        sqlx::raw_sql(statement).execute(office.pool).await?;
    }
    for (code, kind) in [("bank", ProviderKind::Bank), ("post", ProviderKind::Post)] {
        hire(office, code, kind, first).await?;
    }
    Ok(())
}

async fn hire(
    office: &Office<'_>,
    code: &str,
    kind: ProviderKind,
    from: Month,
) -> Result<(), Refused> {
    let actor = Actor::with_every_role("bench");
    let provider = Provider {
        code: code.to_owned(),
        name: code.to_owned(),
        kind,
        bank_code: Some("970405".to_owned()),
        account_number: Some("1000200030".to_owned()),
    };
    provider::add(office, &actor, &provider).await?;
    let terms = NewContract {
        provider: provider.code,
        area: String::new(),
        bank: None,
        channels: kind.channels().to_vec(),
        from,
        to: None,
        fee_basis_points: 50,
        list_before_day: 25,
        report_before_day: 20,
        settlement_months: 1,
        handover: Handover::File,
        signed_number: None,
    };
    provider::record(office, &actor, &terms, false).await?;
    Ok(())
}

/// Orders everything of a month that is not ordered yet.
pub(super) async fn timed_order(
    office: &Office<'_>,
    list: Month,
) -> Result<(Ordered, Duration), Refused> {
    settle(office.pool).await?;
    let actor = Actor::with_every_role("bench");
    let begun = Instant::now();
    let made = order::make(office, &actor, list, "", None).await?;
    let took = begun.elapsed();
    if !made.open.is_empty() {
        let why = "lines that are not ordered";
        return Err(Refused::Inconsistent(why.to_owned()));
    }
    Ok((made, took))
}

/// Orders the lines of the first commune.
async fn order_a_commune(office: &Office<'_>, list: Month) -> Result<(), Refused> {
    let actor = Actor::with_every_role("bench");
    let commune: String = sqlx::query_scalar("select min(area_code) from person")
        .fetch_one(office.pool)
        .await?;
    order::make(office, &actor, list, &commune, None).await?;
    Ok(())
}

fn lines_of(made: &Ordered) -> u64 {
    let lines = made.orders.iter().map(|order| order.lines.unsigned_abs());
    lines.map(u64::from).sum()
}

/// Copies the lines of orders into a table of the same shape, in which the lines that were ordered
/// before them lie already.
async fn timed_copy(office: &Office<'_>, list: Month, made: &Ordered) -> Result<Duration, Refused> {
    let table = format!("order_line_{}", list.yyyymm());
    let columns = "list_month, person_id, line_no, order_no, channel, amount, full_name, birth_date,
         birth_precision, id_number, holder, payee_name, payee_id_number, bank_code, account_number";
    let numbers: Vec<String> = made
        .orders
        .iter()
        .map(|it| it.order_no.to_string())
        .collect();
    let numbers = numbers.join(",");
    let which = format!("where order_no in ({numbers}) order by person_id, line_no");
    let rows = Rows::of(office.pool, &table, columns, &which).await?;
    let before = format!(
        "insert into plain_{table} select * from {table} where order_no not in ({numbers})"
    );
    sqlx::raw_sql(AssertSqlSafe(before))
        .execute(office.pool)
        .await?;
    let took = plain::copy(office.pool, &[rows]).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("drop table plain_{table}")))
        .execute(office.pool)
        .await?;
    Ok(took)
}
