//! Money of a list on its way: drawn at the Treasury, transferred to the provider.
//!
//! Decree 20/2021/NĐ-CP Art. 34.4: before the 25th the agency draws the money of the next month's
//! list at the Treasury and moves it to the provider's account. Both are recorded against the
//! list; a mistake is taken back by another entry, never changed.

use access::audit::Action;
use jiff::civil::Date;
use kernel::actor::Role;
use kernel::{Actor, Dong, ListId, Month};
use serde_json::json;
use sqlx::PgConnection;

use crate::ledger::{Account, Entry, EntryKind, EntryNo, Place, Posting, post};
use crate::{Header, Office, Refused, Scope, closing, header, provider};

/// Who records money: whoever makes lists.
const BOOKKEEPERS: [Role; 1] = [Role::ListMaker];
/// A paper's number is short.
const LONGEST_PAPER: usize = 100;

/// Money of the list of a month and area, moved on a day, by a paper.
#[derive(Clone, Debug)]
pub struct Movement<'a> {
    /// The month of the list.
    pub month: Month,
    /// The area of the list, exactly.
    pub area: &'a str,
    /// Đồng, above zero.
    pub amount: Dong,
    /// When the money moved.
    pub day: Date,
    /// Number of the paper: withdrawal slip, transfer order. Never a name.
    pub paper: &'a str,
}

/// Records that money of an approved list was drawn at the Treasury.
///
/// # Errors
/// [`Refused::NotApproved`] or [`Refused::NoList`]; [`Refused::MoreThanListed`] when all that was
/// drawn for the list would be more than it pays and the providers' fees for that;
/// [`Refused::NotAnAmount`], [`Refused::Denied`].
pub async fn draw(
    office: &Office<'_>,
    actor: &Actor,
    movement: &Movement<'_>,
) -> Result<EntryNo, Refused> {
    let mut tx = office.pool.begin().await?;
    let list = begin(office, actor, &mut tx, movement).await?;
    let most = list.payable + provider::highest_fee(&mut tx, list.month, list.payable).await?;
    let drawn = drawn(&mut tx, list.list_id).await? + movement.amount;
    if drawn > most {
        return Err(Refused::MoreThanListed { drawn, most });
    }
    let place = Place::of(&list.area, list.month);
    let postings = vec![
        part(Account::Treasury, None, &place, movement.amount),
        part(Account::Budget, None, &place, -movement.amount),
    ];
    let kind = EntryKind::Drawn;
    finish(office, actor, tx, &entry(kind, movement, &list, postings)).await
}

/// Records that money drawn for a list was transferred to a provider.
///
/// # Errors
/// As [`draw`], and [`Refused::UnknownProvider`], [`Refused::NotDrawn`] when less is left of what
/// was drawn for the list, [`Refused::Closing`] when its month is closed (the database refuses both
/// too).
pub async fn transfer(
    office: &Office<'_>,
    actor: &Actor,
    movement: &Movement<'_>,
    provider: &str,
) -> Result<EntryNo, Refused> {
    let mut tx = office.pool.begin().await?;
    let list = begin(office, actor, &mut tx, movement).await?;
    closing::hold_open(&mut tx, &list).await?;
    provider::find(&mut *tx, provider).await?;
    let left = held(&mut tx, list.list_id).await?;
    if movement.amount > left {
        let asked = movement.amount;
        return Err(Refused::NotDrawn { asked, left });
    }
    let place = Place::of(&list.area, list.month);
    let postings = vec![
        part(
            Account::WithProvider,
            Some(provider),
            &place,
            movement.amount,
        ),
        part(Account::Treasury, None, &place, -movement.amount),
    ];
    let kind = EntryKind::Transferred;
    finish(office, actor, tx, &entry(kind, movement, &list, postings)).await
}

/// Takes back a draw, transfer, return or fee that was recorded by mistake: an entry with the opposite postings.
/// `paper` says why, or names the paper that shows it.
///
/// # Errors
/// [`Refused::NoEntry`] when there is no such draw or transfer, [`Refused::AlreadyTakenBack`],
/// [`Refused::NotDrawn`] when what was drawn has been passed on since, [`Refused::Closing`] of a
/// transfer whose month is closed (the database refuses that too), [`Refused::Denied`].
pub async fn take_back(
    office: &Office<'_>,
    actor: &Actor,
    entry: EntryNo,
    paper: &str,
) -> Result<EntryNo, Refused> {
    check_paper(paper)?;
    let mut tx = office.pool.begin().await?;
    let mistake = sqlx::query!(
        r#"select area_code, list_month, list_id as "list_id!", kind
           from ledger_entry
           where entry_no = $1 and kind in ('drawn', 'transferred', 'given_back', 'fee_paid') and list_id is not null"#,
        entry.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refused::NoEntry { entry })?;
    access::require(actor, &BOOKKEEPERS, &mistake.area_code)?;
    let list = ListId(mistake.list_id);
    lock_list(&mut tx, list).await?;
    let is_back = sqlx::query_scalar!(
        r#"select exists (select from ledger_entry where reverses = $1) as "back!""#,
        entry.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_back {
        return Err(Refused::AlreadyTakenBack { entry });
    }
    let month = header::month_of(mistake.list_month)?;
    if mistake.kind == EntryKind::Transferred.code() {
        let list = header::find(&mut *tx, month, &mistake.area_code).await?;
        let list = list.ok_or_else(|| Refused::Inconsistent("the list is gone".to_owned()))?;
        closing::hold_open(&mut tx, &list).await?;
    }
    let postings = opposite(&mut tx, entry).await?;
    let from_treasury: Dong = postings
        .iter()
        .filter(|posting| posting.account == Account::Treasury)
        .map(|posting| posting.amount)
        .sum();
    let left = held(&mut tx, list).await?;
    if left + from_treasury < Dong::ZERO {
        let asked = -from_treasury;
        return Err(Refused::NotDrawn { asked, left });
    }
    let back = Entry {
        kind: EntryKind::TakenBack,
        memo: paper,
        area: &mistake.area_code,
        list_month: month,
        list: Some(list),
        order: None,
        day: office.clock.today(),
        reverses: Some(entry),
        postings,
    };
    finish(office, actor, tx, &back).await
}

/// Checks what is common to all movements and holds off others of the list.
pub(crate) async fn begin(
    office: &Office<'_>,
    actor: &Actor,
    tx: &mut PgConnection,
    movement: &Movement<'_>,
) -> Result<Header, Refused> {
    let (month, scope) = (movement.month, Scope::of(movement.area, movement.month)?);
    access::require(actor, &BOOKKEEPERS, &scope.area)?;
    check_paper(movement.paper)?;
    if movement.amount <= Dong::ZERO {
        return Err(Refused::NotAnAmount {
            amount: movement.amount,
        });
    }
    if movement.day > office.clock.today() {
        return Err(Refused::DayToCome { day: movement.day });
    }
    let area = scope.area;
    let list = header::find(&mut *tx, month, &area).await?;
    let list = list.ok_or_else(|| Refused::NoList {
        month,
        area: area.clone(),
    })?;
    if !list.is_approved() {
        return Err(Refused::NotApproved { month, area });
    }
    lock_list(tx, list.list_id).await?;
    Ok(list)
}

fn check_paper(paper: &str) -> Result<(), Refused> {
    let length = paper.trim().chars().count();
    if length == 0 || length > LONGEST_PAPER {
        return Err(Refused::NoPaper);
    }
    Ok(())
}

/// One movement of a list's money at a time, until the transaction ends.
async fn lock_list(tx: &mut PgConnection, list: ListId) -> sqlx::Result<()> {
    sqlx::query!(
        "select list_id from payment_list where list_id = $1 for no key update",
        list.0
    )
    .fetch_optional(tx)
    .await?;
    Ok(())
}

/// What was drawn for a list and not taken back.
async fn drawn(tx: &mut PgConnection, list: ListId) -> sqlx::Result<Dong> {
    sqlx::query_scalar!(
        r#"select coalesce(-sum(amount), 0)::bigint as "drawn!"
           from ledger_entry entry join ledger_posting using (entry_no)
           where list_id = $1 and account = 'budget'
             and (kind = 'drawn' or exists (
                 select from ledger_entry mistake
                 where mistake.entry_no = entry.reverses and mistake.kind = 'drawn'))"#,
        list.0
    )
    .fetch_one(tx)
    .await
    .map(Dong)
}

/// What is left of what was drawn for a list.
pub(crate) async fn held(tx: &mut PgConnection, list: ListId) -> sqlx::Result<Dong> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(amount), 0)::bigint as "held!"
           from ledger_entry join ledger_posting using (entry_no)
           where list_id = $1 and account = 'treasury'"#,
        list.0
    )
    .fetch_one(tx)
    .await
    .map(Dong)
}

async fn opposite(tx: &mut PgConnection, entry: EntryNo) -> Result<Vec<Posting>, Refused> {
    let rows = sqlx::query!(
        r#"select account, provider, area_code,
                  area_valid_from as "area_valid_from: jiff_sqlx::Date", amount
           from ledger_posting where entry_no = $1 order by posting_no"#,
        entry.0
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Posting {
                account: Account::from_code(&row.account)
                    .ok_or_else(|| Refused::Inconsistent(format!("no account {}", row.account)))?,
                provider: row.provider,
                place: Place {
                    area: row.area_code,
                    valid_from: row.area_valid_from.to_jiff(),
                },
                amount: Dong(-row.amount),
            })
        })
        .collect()
}

pub(crate) fn part(
    account: Account,
    provider: Option<&str>,
    place: &Place,
    amount: Dong,
) -> Posting {
    Posting {
        account,
        provider: provider.map(str::to_owned),
        place: place.clone(),
        amount,
    }
}

pub(crate) fn entry<'a>(
    kind: EntryKind,
    movement: &'a Movement<'_>,
    list: &'a Header,
    postings: Vec<Posting>,
) -> Entry<'a> {
    Entry {
        kind,
        memo: movement.paper,
        area: &list.area,
        list_month: list.month,
        list: Some(list.list_id),
        order: None,
        day: movement.day,
        reverses: None,
        postings,
    }
}

pub(crate) async fn finish(
    office: &Office<'_>,
    actor: &Actor,
    mut tx: sqlx::Transaction<'_, sqlx::Postgres>,
    entry: &Entry<'_>,
) -> Result<EntryNo, Refused> {
    let now = office.clock.now();
    let booked = post(&mut tx, now, actor, entry).await?;
    let booked = booked.ok_or_else(|| Refused::Inconsistent("an empty entry".to_owned()))?;
    let action = match entry.kind {
        EntryKind::Drawn => Action::TreasuryDraw,
        EntryKind::Transferred => Action::TreasuryTransfer,
        EntryKind::GivenBack => Action::SettlementGiveBack,
        EntryKind::FeePaid => Action::SettlementFee,
        _ => Action::TreasuryTakeBack,
    };
    let amount: Dong = entry
        .postings
        .iter()
        .map(|part| part.amount.max(Dong::ZERO))
        .sum();
    let detail = json!({ "month": entry.list_month, "amount": amount,
        "reverses": entry.reverses, "list": entry.list });
    access::audit::record(
        &mut tx,
        now,
        actor,
        action,
        &booked.to_string(),
        Some(entry.area),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(booked)
}
