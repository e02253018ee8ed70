//! Where the money of the lists is: a double-entry ledger.
//!
//! An entry says what happened (a list was approved, money was drawn, a provider paid) and moves
//! đồng between accounts; its postings sum to zero, which the database demands too. Entries are
//! never changed: a mistake is taken back by another entry.
//!
//! | account | debit (above zero) | credit (below zero) |
//! | --- | --- | --- |
//! | budget | approved | drawn, owed back |
//! | owed | carried to a later month | approved |
//! | recovery | owed back by people | given back |
//! | treasury | drawn | transferred to providers, fees |
//! | with provider | transferred | paid, reported as not paid |
//! | paid | paid | came back after all |
//! | returned | reported as not paid | given back or to be paid again |
//! | fee | fees of providers | |
//!
//! A month is finished when budget and fee together, treasury, with provider and returned are zero,
//! and paid is what was owed.

pub(crate) mod approved;
pub mod balance;
pub mod movement;
mod post;

use std::fmt;

use jiff::civil::Date;
use kernel::area::Areas;
use kernel::{Dong, ListId, Month};
use serde::Serialize;

pub use balance::{AreaBalance, Balance, balances, by_area};
pub use movement::{Moved, movements};
pub(crate) use post::post;

use crate::order::OrderNo;

/// The number of an entry.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct EntryNo(pub i64);

impl fmt::Display for EntryNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where money is, or is owed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What the State has approved and not yet given.
    Budget,
    /// Everything approved lists owe people, as a credit. What is still owed is this and
    /// [`Account::Paid`] together, with its sign turned.
    Owed,
    /// What people owe back.
    Recovery,
    /// Drawn at the Treasury and not yet passed on.
    Treasury,
    /// With a provider, to be paid out.
    WithProvider,
    /// Paid to people by a provider.
    Paid,
    /// With a provider that could not pay it.
    Returned,
    /// Fees of a provider.
    Fee,
}

impl Account {
    /// Every account.
    pub const ALL: [Account; 8] = [
        Account::Budget,
        Account::Owed,
        Account::Recovery,
        Account::Treasury,
        Account::WithProvider,
        Account::Paid,
        Account::Returned,
        Account::Fee,
    ];

    /// Stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Account::Budget => "budget",
            Account::Owed => "owed",
            Account::Recovery => "recovery",
            Account::Treasury => "treasury",
            Account::WithProvider => "with_provider",
            Account::Paid => "paid",
            Account::Returned => "returned",
            Account::Fee => "fee",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Account> {
        Account::ALL
            .into_iter()
            .find(|account| account.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Account::Budget => "Ngân sách còn phải cấp",
            Account::Owed => "Phải chi cho đối tượng",
            Account::Recovery => "Phải thu hồi",
            Account::Treasury => "Đã rút, chưa chuyển",
            Account::WithProvider => "Ở đơn vị chi trả",
            Account::Paid => "Đã chi",
            Account::Returned => "Chưa chi được, chờ trả lại",
            Account::Fee => "Phí dịch vụ",
        }
    }

    /// Whether its postings name a provider.
    pub const fn is_of_provider(self) -> bool {
        matches!(
            self,
            Account::WithProvider | Account::Paid | Account::Returned | Account::Fee
        )
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A list was approved: its lines are owed.
    ListApproved,
    /// An approved list pays again what an earlier month could not: that month owes it no more.
    CarriedOver,
    /// Money was drawn at the Treasury.
    Drawn,
    /// Money was transferred to a provider.
    Transferred,
    /// A provider reported what became of lines.
    Reported,
    /// A provider gave back what it could not pay.
    GivenBack,
    /// A provider's fee was paid.
    FeePaid,
    /// People gave back what they owed.
    Recovered,
    /// An entry was a mistake and is taken back.
    TakenBack,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [EntryKind; 9] = [
        EntryKind::ListApproved,
        EntryKind::CarriedOver,
        EntryKind::Drawn,
        EntryKind::Transferred,
        EntryKind::Reported,
        EntryKind::GivenBack,
        EntryKind::FeePaid,
        EntryKind::Recovered,
        EntryKind::TakenBack,
    ];

    /// Stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            EntryKind::ListApproved => "list_approved",
            EntryKind::CarriedOver => "carried_over",
            EntryKind::Drawn => "drawn",
            EntryKind::Transferred => "transferred",
            EntryKind::Reported => "reported",
            EntryKind::GivenBack => "given_back",
            EntryKind::FeePaid => "fee_paid",
            EntryKind::Recovered => "recovered",
            EntryKind::TakenBack => "taken_back",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<EntryKind> {
        EntryKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            EntryKind::ListApproved => "Duyệt danh sách",
            EntryKind::CarriedOver => "Chuyển sang danh sách sau",
            EntryKind::Drawn => "Rút tại Kho bạc",
            EntryKind::Transferred => "Chuyển cho đơn vị chi trả",
            EntryKind::Reported => "Kết quả chi trả",
            EntryKind::GivenBack => "Đơn vị chi trả trả lại",
            EntryKind::FeePaid => "Phí chi trả",
            EntryKind::Recovered => "Thu hồi",
            EntryKind::TakenBack => "Hủy bút toán ghi nhầm",
        }
    }
}

/// An area of an era, as lines and postings keep it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// Code; empty is the whole country.
    pub area: String,
    /// First day of the area with that code.
    pub valid_from: Date,
}

impl Place {
    /// The area that has the code in a month; the country, and a code of no area then, as of the
    /// beginning.
    pub fn of(area: &str, month: Month) -> Place {
        let found = Areas::embedded().on(area, month.first_day());
        Place {
            area: area.to_owned(),
            valid_from: found.map_or(kernel::area::BEFORE_RECORDS, |area| area.valid_from),
        }
    }
}

/// One part of an entry.
#[derive(Clone, Debug)]
pub(crate) struct Posting {
    pub(crate) account: Account,
    /// Exactly for the accounts of a provider.
    pub(crate) provider: Option<String>,
    /// The commune of the people, or the area that acts.
    pub(crate) place: Place,
    /// Đồng; above zero is a debit. Never zero.
    pub(crate) amount: Dong,
}

/// An entry before it is booked.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) kind: EntryKind,
    /// Number of the paper; never a name or an ID number.
    pub(crate) memo: &'a str,
    /// Where it is booked.
    pub(crate) area: &'a str,
    /// Whose money it is.
    pub(crate) list_month: Month,
    pub(crate) list: Option<ListId>,
    pub(crate) order: Option<OrderNo>,
    /// When the money moved.
    pub(crate) day: Date,
    /// The entry this one takes back.
    pub(crate) reverses: Option<EntryNo>,
    /// At least two, summing to zero.
    pub(crate) postings: Vec<Posting>,
}
