//! Who receives an invented person's money, and how.

use jiff::civil::{Date, date};
use kernel::Sex;
use registry::event::{Channel, Holder, PayeeChoice};

use crate::circumstance::Setting;
use crate::id_number;
use crate::kind::Kind;
use crate::names::{Custom, Group, full_name, surname};
use crate::random::Random;

/// Whether there is an account, and whether the money goes there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Account {
    /// No account: paid at the post office or at home.
    #[default]
    None,
    /// Paid to the account.
    Paid,
    /// The account is known; the money is still paid in cash at the post office.
    Unused,
}

/// What decides about the receiver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receiver<'a> {
    pub(crate) account: Account,
    pub(crate) setting: &'a Setting,
    /// Kind of the family, for its first person; `None` for a carer.
    pub(crate) kind: Option<Kind>,
    pub(crate) birth: Date,
    pub(crate) group: Group,
    pub(crate) custom: Custom,
    pub(crate) surname: &'static str,
    /// Tells invented ID numbers of receivers apart.
    pub(crate) serial: u32,
}

/// Banks with counters in the districts: Agribank most of all.
const BANKS: [(&str, u32); 5] = [
    ("970405", 62),
    ("970449", 14),
    ("970415", 9),
    ("970418", 9),
    ("970436", 6),
];

impl Receiver<'_> {
    pub(crate) fn choose(&self, chance: &mut Random) -> PayeeChoice {
        let years = self.setting.month.year() - self.birth.year();
        let holder = self.holder(years, chance);
        let (holder_name, holder_id_number) = match holder {
            Holder::Itself => (None, None),
            _ => self.somebody_else(years, chance),
        };
        let has_account = self.account != Account::None;
        let channel = match self.account {
            Account::Paid => Channel::Account,
            Account::Unused => Channel::PostOffice,
            Account::None if self.cannot_come(years, chance) => Channel::Home,
            Account::None => Channel::PostOffice,
        };
        let until = self.setting.month.plus(chance.between(4, 20)).last_day();
        PayeeChoice {
            channel,
            holder,
            holder_name,
            holder_id_number,
            provider: has_account
                .then(|| chance.weighted(&BANKS).map(|bank| (*bank).to_owned()))
                .flatten(),
            account_number: has_account.then(|| account_number(self.serial)),
            authorised_until: (holder == Holder::Authorised).then_some(until),
        }
    }

    fn holder(&self, years: i16, chance: &mut Random) -> Holder {
        if self.kind.is_some_and(Kind::needs_guardian) {
            return Holder::Guardian;
        }
        let by_another = match years {
            85.. => 520,
            75..=84 => 330,
            60..=74 => 140,
            _ => 20,
        };
        if chance.per_mille(by_another) {
            Holder::Authorised
        } else {
            Holder::Itself
        }
    }

    fn cannot_come(&self, years: i16, chance: &mut Random) -> bool {
        let home = match self.kind {
            Some(kind) if kind.needs_guardian() => 30,
            Some(_) if years >= 88 => 420,
            Some(_) if years >= 80 => 120,
            _ => 10,
        };
        chance.per_mille(home)
    }

    /// A parent of a child, a grown child of an older person.
    fn somebody_else(&self, years: i16, chance: &mut Random) -> (Option<String>, Option<String>) {
        let born = self.setting.month.year()
            - if years >= 55 {
                years - 27
            } else {
                years.min(40) + 29
            };
        let female = chance.per_mille(560);
        let sex = if female { Sex::Female } else { Sex::Male };
        let family = if years < 16 && female || chance.per_mille(250) {
            surname(self.group, self.custom, chance)
        } else {
            self.surname
        };
        let name = full_name(self.group, family, sex, born, chance);
        let number = id_number::invented(sex, date(born, 1, 1), self.serial % 1_000_000);
        (Some(name), Some(number))
    }
}

/// No bank has branch 9999.
fn account_number(serial: u32) -> String {
    format!("9999{:09}", u64::from(serial) * 7 + 3)
}
