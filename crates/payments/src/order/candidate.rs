//! A line that waits to be ordered, and whether it can be.

use jiff::civil::Date;
use kernel::bank::{Bank, banks};
use kernel::{ListId, Month, PartialDate, PersonId};
use registry::copy::{CopyReader, CopyRow, CopyText};
use registry::event::Holder;
use serde::Serialize;
use sqlx::PgPool;

use super::line::OrderLine;
use crate::provider::Contract;
use crate::provider::route::Routes;
use crate::{Channel, Refused};

/// Why a line cannot be ordered. It stays open; once that is mended the next order takes it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOrdered {
    /// Nobody said how the person receives money.
    NoPayee,
    /// Somebody else receives it and has no name.
    NoPayeeName,
    /// The authorisation has ended by the day of payment.
    AuthorisationEnded,
    /// The person has died and nobody else is to receive it.
    Died,
    /// No account or wallet number, or one that cannot be.
    NoAccount,
    /// No bank or wallet, or one that is not known.
    NoBank,
    /// A name longer than orders take.
    NameTooLong,
    /// No contract for the commune, the way of paying and the bank.
    NoContract,
}

impl NotOrdered {
    /// Every reason.
    pub const ALL: [NotOrdered; 8] = [
        NotOrdered::NoPayee,
        NotOrdered::NoPayeeName,
        NotOrdered::AuthorisationEnded,
        NotOrdered::Died,
        NotOrdered::NoAccount,
        NotOrdered::NoBank,
        NotOrdered::NameTooLong,
        NotOrdered::NoContract,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            NotOrdered::NoPayee => "no_payee",
            NotOrdered::NoPayeeName => "no_payee_name",
            NotOrdered::AuthorisationEnded => "authorisation_ended",
            NotOrdered::Died => "died",
            NotOrdered::NoAccount => "no_account",
            NotOrdered::NoBank => "no_bank",
            NotOrdered::NameTooLong => "name_too_long",
            NotOrdered::NoContract => "no_contract",
        }
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            NotOrdered::NoPayee => "chưa có hình thức nhận",
            NotOrdered::NoPayeeName => "người nhận thay chưa có họ tên",
            NotOrdered::AuthorisationEnded => "ủy quyền đã hết hạn",
            NotOrdered::Died => "đối tượng đã chết, chưa có người nhận thay",
            NotOrdered::NoAccount => "chưa có số tài khoản, số ví hoặc số không đúng dạng",
            NotOrdered::NoBank => "chưa có ngân hàng, ví hoặc không rõ ngân hàng nào",
            NotOrdered::NameTooLong => "họ tên dài quá 140 chữ",
            NotOrdered::NoContract => {
                "chưa có hợp đồng với đơn vị chi trả cho xã, hình thức và ngân hàng này"
            }
        }
    }
}

/// A line of an approved list that no order holds, with the payee as known now.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) list: ListId,
    pub(crate) person_key: CopyText,
    pub(crate) line_no: i16,
    pub(crate) person: PersonId,
    pub(crate) amount: i64,
    pub(crate) commune: (CopyText, Date),
    full_name: CopyText,
    birth: PartialDate,
    id_number: Option<CopyText>,
    died: bool,
    channel: Option<Channel>,
    holder: Holder,
    holder_name: Option<CopyText>,
    holder_id_number: Option<CopyText>,
    provider: Option<CopyText>,
    account_number: Option<CopyText>,
    authorised_until: Option<Date>,
}

/// Letters a name in an order may have.
const LONGEST_NAME: usize = 140;

impl Candidate {
    /// The contract it is paid under, and the line as it is ordered.
    pub(crate) fn judge<'r>(
        &self,
        pay_on: Date,
        routes: &'r Routes,
    ) -> Result<(&'r Contract, OrderLine), NotOrdered> {
        let channel = self.channel.ok_or(NotOrdered::NoPayee)?;
        let himself = self.holder == Holder::Itself;
        if himself && self.died {
            return Err(NotOrdered::Died);
        }
        if self.holder == Holder::Authorised && self.authorised_until.is_some_and(|to| to < pay_on)
        {
            return Err(NotOrdered::AuthorisationEnded);
        }
        let payee_name = match self.holder_name.as_deref().map(str::trim) {
            Some(name) if !name.is_empty() => name,
            _ if himself => &*self.full_name,
            _ => return Err(NotOrdered::NoPayeeName),
        };
        let too_long = |name: &str| name.chars().count() > LONGEST_NAME;
        if too_long(payee_name) || too_long(&self.full_name) {
            return Err(NotOrdered::NameTooLong);
        }
        let (bank, account) = match channel {
            Channel::PostOffice | Channel::Home => (None, None),
            _ => (Some(self.bank()?), Some(self.account()?)),
        };
        let (code, since) = &self.commune;
        let contract = routes
            .find((code, *since), channel, bank.unwrap_or_default())
            .ok_or(NotOrdered::NoContract)?;
        let line = OrderLine {
            person: self.person,
            line_no: self.line_no,
            channel,
            amount: self.amount,
            full_name: self.full_name.to_string(),
            birth: self.birth,
            id_number: owned(&self.id_number),
            holder: self.holder,
            payee_name: payee_name.to_owned(),
            payee_id_number: if himself {
                owned(&self.id_number)
            } else {
                owned(&self.holder_id_number)
            },
            bank_code: bank.map(str::to_owned),
            account_number: account.map(str::to_owned),
        };
        Ok((contract, line))
    }

    fn bank(&self) -> Result<&'static str, NotOrdered> {
        let named = self.provider.as_deref().unwrap_or_default();
        // Nearly always the code itself; looking names up in every spelling takes longer.
        let by_code = || banks().iter().find(|bank| bank.provider_code() == named);
        let bank = by_code().or_else(|| Bank::find(named));
        bank.map(Bank::provider_code).ok_or(NotOrdered::NoBank)
    }

    fn account(&self) -> Result<&str, NotOrdered> {
        let number = self.account_number.as_deref().unwrap_or_default();
        let plain = number.bytes().all(|letter| letter.is_ascii_alphanumeric());
        if plain && (4..=34).contains(&number.len()) {
            Ok(number)
        } else {
            Err(NotOrdered::NoAccount)
        }
    }
}

/// Lines of lists that no order holds, by person, then number.
pub(crate) struct Candidates {
    rows: CopyReader<'static>,
}

impl Candidates {
    /// Of the lists of a month.
    pub(crate) async fn of(
        pool: &PgPool,
        month: Month,
        lists: &[ListId],
    ) -> Result<Candidates, Refused> {
        // Only numbers are written into the statement.
        let lists: Vec<String> = lists.iter().map(ToString::to_string).collect();
        let (month, lists) = (month.yyyymm(), lists.join(","));
        let statement = format!(
            "copy (select l.list_id, p.person_key, l.line_no, l.person_id, l.amount, l.area_code,
                          l.area_valid_from, p.full_name, p.birth_date, p.birth_precision,
                          p.id_number, p.death_date is not null,
                          coalesce(own.channel, kept.channel), coalesce(own.holder, kept.holder),
                          coalesce(own.holder_name, kept.holder_name),
                          coalesce(own.holder_id_number, kept.holder_id_number),
                          coalesce(own.provider, kept.provider),
                          coalesce(own.account_number, kept.account_number),
                          coalesce(own.authorised_until, kept.authorised_until)
                   from list_line l join person p on p.person_id = l.person_id
                       left join payee own
                           on own.person_id = p.person_id and p.merged_into is null
                       -- Few records are merged. Joined on whichever of the two it is, nothing could
                       -- be read in the order of people.
                       left join (person merged join payee kept
                                      on kept.person_id = merged.merged_into
                                     and merged.merged_into is not null)
                           on merged.person_id = p.person_id
                   where l.list_month = {month} and l.list_id in ({lists}) and l.kind <> 3
                     and not exists (
                         select from order_line o
                         where o.list_month = {month} and o.person_id = l.person_id
                           and o.line_no = l.line_no)
                     and not exists (
                         select from payment_result r
                         where r.list_month = {month} and r.person_id = l.person_id
                           and r.line_no = l.line_no)
                   order by l.person_id, l.line_no) to stdout (format binary)"
        );
        let rows = CopyReader::of_pool(pool, &statement).await?;
        Ok(Candidates { rows })
    }

    /// The next line; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Candidate>, Refused> {
        let Some(mut row) = self.rows.next().await? else {
            return Ok(None);
        };
        read(&mut row).map(Some).map_err(Refused::from)
    }
}

fn read(row: &mut CopyRow) -> sqlx::Result<Candidate> {
    let mut candidate = Candidate {
        list: ListId(row.i64()?),
        person_key: row.text()?,
        line_no: row.i16()?,
        person: PersonId(row.i64()?),
        amount: row.i64()?,
        commune: (row.text()?, row.date()?),
        full_name: row.text()?,
        birth: PartialDate::from_parts(row.date()?, &row.text()?),
        id_number: row.opt_text()?,
        died: row.opt_bool()?.unwrap_or_default(),
        channel: row.opt_text()?.as_deref().and_then(Channel::from_code),
        holder: Holder::Itself,
        holder_name: None,
        holder_id_number: None,
        provider: None,
        account_number: None,
        authorised_until: None,
    };
    if let Some(holder) = row.opt_text()?.as_deref().and_then(Holder::from_code) {
        candidate.holder = holder;
    }
    candidate.holder_name = row.opt_text()?;
    candidate.holder_id_number = row.opt_text()?;
    candidate.provider = row.opt_text()?;
    candidate.account_number = row.opt_text()?;
    candidate.authorised_until = row.opt_date()?;
    Ok(candidate)
}

fn owned(text: &Option<CopyText>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}
