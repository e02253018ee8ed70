//! What a list holds: one line for each person, benefit, month and kind of payment.

use kernel::{Coefficient, Dong, Month, PersonId};
use law::Benefit;
pub use registry::event::Channel;
use serde::{Deserialize, Serialize};

/// What kind of payment a line is. The numbers are stored.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum LineKind {
    /// What the list's own month is owed.
    Regular = 1,
    /// What an earlier month is still owed (truy lĩnh).
    Arrears = 2,
    /// What was listed and is not owed: the person owes it back. Never set off by itself.
    Recovery = 3,
    /// Money of an earlier list that came back or was not collected, offered again.
    CarriedOver = 4,
    /// A grant paid once: funeral, emergency.
    OneOff = 5,
}

impl LineKind {
    /// Every kind, in the order of a paper list.
    pub const ALL: [LineKind; 5] = [
        LineKind::Regular,
        LineKind::Arrears,
        LineKind::Recovery,
        LineKind::CarriedOver,
        LineKind::OneOff,
    ];

    /// As the database keeps it, 1–5.
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// Back from the database.
    pub fn from_number(number: i16) -> Option<LineKind> {
        LineKind::ALL
            .into_iter()
            .find(|kind| kind.number() == number)
    }

    /// The stable code of contracts and interfaces.
    pub const fn code(self) -> &'static str {
        match self {
            LineKind::Regular => "regular",
            LineKind::Arrears => "arrears",
            LineKind::Recovery => "recovery",
            LineKind::CarriedOver => "carried_over",
            LineKind::OneOff => "one_off",
        }
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            LineKind::Regular => "Hằng tháng",
            LineKind::Arrears => "Truy lĩnh",
            LineKind::Recovery => "Thu hồi",
            LineKind::CarriedOver => "Chuyển kỳ trước",
            LineKind::OneOff => "Một lần",
        }
    }
}

/// A channel as lines keep it; 0 is nothing set.
pub const fn channel_number(channel: Option<Channel>) -> i16 {
    match channel {
        None => 0,
        Some(Channel::Account) => 1,
        Some(Channel::EWallet) => 2,
        Some(Channel::MobileMoney) => 3,
        Some(Channel::PostOffice) => 4,
        Some(Channel::Home) => 5,
    }
}

/// Back from a line.
pub fn channel_of(number: i16) -> Option<Channel> {
    let mut all = Channel::ALL.iter().copied();
    all.find(|channel| channel_number(Some(*channel)) == number)
}

/// The line of an approved list whose money is offered again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Carries {
    /// The month of its list.
    pub month: Month,
    /// Its number among the person's lines.
    pub line_no: i16,
    /// The merged record it was listed for, when that is not the person's own.
    pub record: Option<PersonId>,
}

/// One line as the engine makes it, before it belongs to a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Line {
    /// Which benefit.
    pub benefit: Benefit,
    /// What kind of payment.
    pub kind: LineKind,
    /// The month it pays.
    pub for_month: Month,
    /// Đồng; negative exactly for a recovery, never zero.
    pub amount: Dong,
    /// What the month is owed at now; for a recovery of everything, what was held.
    pub coefficient: Coefficient,
    /// The standard the month is owed at now; likewise.
    pub standard: Dong,
    /// Why it is not simply the month's own payment.
    pub reason: Option<crate::Reason>,
    /// For money carried over: the list month and line it comes from.
    pub carries: Option<Carries>,
}
