//! An order as lists to pay by: commune by commune, in it by name.

use std::io::Write;
use std::path::Path;

use documents::format;
use documents::list_workbook::WorkbookError;
use documents::pay_point_workbook::{OrderPaper, PayPointRow, PayPointWorkbook};
use documents::payment_list::{ListPaper, Row, Signed};
use documents::pdf::Printing;
use futures_util::TryStreamExt;
use kernel::area::{Area, Areas};
use kernel::bank::Bank;
use kernel::clock::vietnam_time;
use kernel::{Dong, Month, name};
use registry::event::Holder;

use super::file::FileError;
use super::transfers::debtor;
use super::{Order, OrderLine, Stored};
use crate::paper::{MASKED_CODE, MASKED_NAME, MASKED_NUMBER, places, within_province};
use crate::provider::ProviderKind;
use crate::{LineKind, Office, Refused, Scope, header, show};

/// A line with what kind of payment it is.
struct Payment {
    line: OrderLine,
    kind: LineKind,
}

/// Writes the Excel workbook.
pub(super) async fn workbook<W: Write + Send>(
    office: &Office<'_>,
    order: &Order,
    out: W,
) -> Result<(), FileError> {
    let mut book = PayPointWorkbook::new(head(order))?;
    let sheets: &[(&str, Option<bool>)] = match order.kind {
        ProviderKind::Post => &[("Tại điểm chi trả", Some(false)), ("Tại nhà", Some(true))],
        ProviderKind::Bank => &[("Tài khoản", None)],
        ProviderKind::Wallet => &[("Ví, tiền di động", None)],
    };
    for (name, home) in sheets {
        book.sheet(name)?;
        by_commune(office, order, *home, |place, payments| {
            for payment in payments {
                book.row(&row(order.list_month, place, &payment.line))?;
            }
            Ok::<(), FileError>(())
        })
        .await?;
    }
    book.finish(out)
        .map_err(|error: WorkbookError| error.into())
}

fn head(order: &Order) -> OrderPaper {
    let (month, year) = (order.list_month.number(), order.list_month.year());
    OrderPaper {
        title: format!(
            "LỆNH CHI TRẢ TRỢ GIÚP XÃ HỘI SỐ {} THÁNG {month} NĂM {year}",
            order.order_no
        ),
        notes: vec![
            debtor(&order.area, order.list_month),
            format!(
                "Đơn vị chi trả: {} ({})",
                order.provider_name, order.provider
            ),
            format!("Chi từ ngày {}", format::date(order.pay_on)),
            format!(
                "Tổng số: {} người, {} dòng, {} đồng",
                format::count(order.people.unsigned_abs().into()),
                format::count(order.lines.unsigned_abs().into()),
                order.amount
            ),
            format!(
                "Người lập: {}, {}",
                order.made_by,
                format::moment(order.made_at)
            ),
            format!("Mã kiểm tra (SHA-256): {}", hex::encode(&order.fingerprint)),
        ],
        foot: format!(
            "Lệnh số {}, {}",
            order.order_no,
            &hex::encode(&order.fingerprint)[..16]
        ),
        accounts: order.kind != ProviderKind::Post,
        made_at: order.made_at,
        lines: order.lines.unsigned_abs().into(),
        amount: order.amount,
    }
}

fn row(month: Month, place: &Area, line: &OrderLine) -> PayPointRow {
    let bank = line.bank_code.as_deref().and_then(Bank::find);
    PayPointRow {
        commune_code: place.code.to_owned(),
        commune_name: within_province(place),
        line: show::line_name(month, line.person, line.line_no),
        full_name: line.full_name.clone(),
        birth: line.birth,
        id_number: line.id_number.clone().unwrap_or_default(),
        payee: payee(line),
        payee_id_number: line.payee_id_number.clone().unwrap_or_default(),
        bank: bank.map_or("", |bank| bank.short_name).to_owned(),
        account: line.account_number.clone().unwrap_or_default(),
        amount: Dong(line.amount),
    }
}

fn payee(line: &OrderLine) -> String {
    match line.holder {
        Holder::Itself => Holder::Itself.vietnamese().to_owned(),
        other => format!("{}: {}", other.vietnamese(), line.payee_name),
    }
}

/// Prints the lists to be signed, a row for each person.
pub(super) async fn print(
    office: &Office<'_>,
    order: &Order,
    home: bool,
    path: &Path,
) -> Result<(), FileError> {
    let paper = paper(office, order, home).await?;
    let mut printing = Printing::start(&paper, path, |_| ())?;
    by_commune(office, order, Some(home), |place, payments| {
        let people = payments.chunk_by(|one, other| one.line.person == other.line.person);
        for (seq, lines) in (1..).zip(people) {
            printing.row(&signed_row(place, seq, lines))?;
        }
        Ok::<(), FileError>(())
    })
    .await?;
    printing.finish()?;
    Ok(())
}

async fn paper(office: &Office<'_>, order: &Order, home: bool) -> Result<ListPaper, Refused> {
    let sums = sqlx::query!(
        r#"select count(distinct person_id) as "people!",
                  coalesce(sum(amount), 0)::bigint as "amount!"
           from order_line where order_no = $1 and list_month = $2 and (channel = 5) = $3"#,
        order.order_no.0,
        order.list_month.yyyymm(),
        home
    )
    .fetch_one(office.pool)
    .await?;
    let (areas, month) = (Areas::embedded(), order.list_month);
    let area = areas.on(&order.area, month.first_day());
    let lists = header::of_months(office.pool, month, month).await?;
    let list = lists.into_iter().find(|list| list.list_id == order.list_id);
    let approved = list.and_then(|list| {
        Some(Signed {
            by: list.approved_by?,
            at: list.approved_at?,
        })
    });
    let way = if home {
        "chi trả tại nhà"
    } else {
        "chi trả tại điểm"
    };
    let name = area.map_or_else(|| "Cả nước".to_owned(), |area| areas.written_path(area));
    let day = vietnam_time(order.made_at).date();
    Ok(ListPaper {
        agency: area.map_or_else(
            || vec!["DANH SÁCH CẢ NƯỚC".to_owned()],
            |area| ListPaper::agency_of(&area.full_name),
        ),
        place: area
            .map_or("Hà Nội", |area| areas.province_of(area).name)
            .to_owned(),
        area_code: order.area.clone(),
        area_name: format!(
            "{name}, {}, {way}, lệnh số {} ngày {}",
            order.provider_name,
            order.order_no,
            format::date(day)
        ),
        month,
        made: Signed {
            by: order.made_by.clone(),
            at: order.made_at,
        },
        approved,
        fingerprint: hex::encode(&order.fingerprint),
        people: sums.people.unsigned_abs(),
        payable: Dong(sums.amount),
        recoverable: Dong::ZERO,
        printed_at: order.made_at,
    })
}

/// A person's lines together. No benefit is named: everybody is paid social assistance.
fn signed_row(place: &Area, seq: u32, payments: &[Payment]) -> Row {
    let first = &payments[0].line;
    let of = |kind: LineKind| -> Dong {
        let lines = payments.iter().filter(|payment| payment.kind == kind);
        lines.map(|payment| Dong(payment.line.amount)).sum()
    };
    Row {
        commune_code: place.code.to_owned(),
        commune_name: within_province(place),
        seq,
        person: first.person,
        person_key: String::new(),
        full_name: first.full_name.clone(),
        birth: first.birth,
        id_number: first.id_number.clone().unwrap_or_default(),
        benefit_no: MASKED_NUMBER,
        benefit_code: MASKED_CODE.to_owned(),
        benefit: MASKED_NAME.to_owned(),
        coefficient: None,
        standard: Dong::ZERO,
        regular: of(LineKind::Regular),
        arrears: of(LineKind::Arrears),
        arrears_span: None,
        one_off: of(LineKind::OneOff),
        carried_over: of(LineKind::CarriedOver),
        recovery: Dong::ZERO,
        total: payments
            .iter()
            .map(|payment| Dong(payment.line.amount))
            .sum(),
        payee: payee(first),
        channel: first.channel.vietnamese().to_owned(),
        // Beside the way of paying: by which paper somebody else is known.
        account: match first.holder {
            Holder::Itself => String::new(),
            _ => first.payee_id_number.clone().unwrap_or_default(),
        },
        note: String::new(),
    }
}

/// Hands the lines of each commune to `take`, by name; only those brought home, or the others, or
/// all of them.
async fn by_commune<E: From<Refused>>(
    office: &Office<'_>,
    order: &Order,
    home: Option<bool>,
    mut take: impl FnMut(&Area, &[Payment]) -> Result<(), E>,
) -> Result<(), E> {
    let places = places(&Scope::of(&order.area, order.list_month)?);
    let codes: Vec<String> = places.iter().map(|place| place.code.to_owned()).collect();
    let since: Vec<jiff_sqlx::Date> = places.iter().map(|place| place.valid_from.into()).collect();
    let mut rows = sqlx::query!(
        r#"with place as (
               select * from unnest($3::text[], $4::date[]) with ordinality
               as place (area_code, area_valid_from, number))
           select number as "number!", kind, person_id, line_no, o.channel, o.amount, full_name,
                  birth_date as "birth_date: jiff_sqlx::Date", birth_precision, id_number, holder,
                  payee_name, payee_id_number, bank_code, account_number
           from order_line o join list_line using (list_month, person_id, line_no)
               join place using (area_code, area_valid_from)
           where order_no = $1 and list_month = $2
             and ($5::boolean is null or (o.channel = 5) = $5)
           order by number, person_id, line_no"#,
        order.order_no.0,
        order.list_month.yyyymm(),
        &codes,
        &since as _,
        home
    )
    .fetch(office.pool);
    let mut commune: (i64, Vec<Payment>) = (0, Vec::new());
    while let Some(row) = rows.try_next().await.map_err(Refused::from)? {
        if row.number != commune.0 {
            hand_over(&places, &mut commune, &mut take)?;
            commune.0 = row.number;
        }
        let stored = Stored {
            person_id: row.person_id,
            line_no: row.line_no,
            channel: row.channel,
            amount: row.amount,
            full_name: row.full_name,
            birth_date: row.birth_date,
            birth_precision: row.birth_precision,
            id_number: row.id_number,
            holder: row.holder,
            payee_name: row.payee_name,
            payee_id_number: row.payee_id_number,
            bank_code: row.bank_code,
            account_number: row.account_number,
        };
        let kind = LineKind::from_number(row.kind);
        commune.1.push(Payment {
            line: stored.read()?,
            kind: kind.ok_or_else(|| Refused::Inconsistent(format!("no kind {}", row.kind)))?,
        });
    }
    hand_over(&places, &mut commune, &mut take)
}

fn hand_over<E: From<Refused>>(
    places: &[&Area],
    (number, payments): &mut (i64, Vec<Payment>),
    take: &mut impl FnMut(&Area, &[Payment]) -> Result<(), E>,
) -> Result<(), E> {
    if payments.is_empty() {
        return Ok(());
    }
    let place = places.get(number.unsigned_abs() as usize - 1);
    let place = place.ok_or_else(|| Refused::Inconsistent("no such commune".to_owned()))?;
    payments.sort_by_cached_key(|payment| {
        let line = &payment.line;
        (name::search_key(&line.full_name), line.person, line.line_no)
    });
    take(place, payments)?;
    payments.clear();
    Ok(())
}
