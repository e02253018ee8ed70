//! What about a receiver should be looked at again: pure.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use kernel::Bank;
use kernel::name::search_key;

use crate::event::{Channel, Holder, PayeeChoice};

/// An authorisation that ends within so many days is told of.
const AHEAD_DAYS: i64 = 60;
/// Characters of an account number, as banks give them.
const ACCOUNT_LENGTH: std::ops::RangeInclusive<usize> = 6..=19;

/// Something about a receiver that somebody should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concern {
    /// Nobody said how the money is received.
    NotSet,
    /// Paid to an account, and the bank or the number is missing.
    AccountMissing,
    /// The bank is none of the list of banks.
    UnknownBank,
    /// The number is not one that banks give.
    AccountForm,
    /// The authorisation has ended.
    AuthorisationEnded,
    /// The authorisation ends within 60 days.
    AuthorisationEnds,
    /// The account is several people's.
    SharedAccount,
    /// The account is said to be the beneficiary's own and carries another name.
    NameDiffers,
}

impl Concern {
    /// Every concern, the gravest first.
    pub const ALL: [Concern; 8] = [
        Concern::NotSet,
        Concern::AccountMissing,
        Concern::UnknownBank,
        Concern::AccountForm,
        Concern::AuthorisationEnded,
        Concern::AuthorisationEnds,
        Concern::SharedAccount,
        Concern::NameDiffers,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Concern::NotSet => "not_set",
            Concern::AccountMissing => "account_missing",
            Concern::UnknownBank => "unknown_bank",
            Concern::AccountForm => "account_form",
            Concern::AuthorisationEnded => "authorisation_ended",
            Concern::AuthorisationEnds => "authorisation_ends",
            Concern::SharedAccount => "shared_account",
            Concern::NameDiffers => "name_differs",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Concern> {
        Concern::ALL
            .into_iter()
            .find(|concern| concern.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Concern::NotSet => "Chưa đăng ký hình thức nhận",
            Concern::AccountMissing => "Nhận qua tài khoản nhưng thiếu ngân hàng hoặc số tài khoản",
            Concern::UnknownBank => "Ngân hàng không có trong danh mục",
            Concern::AccountForm => "Số tài khoản không đúng dạng (6 đến 19 chữ số hoặc chữ cái)",
            Concern::AuthorisationEnded => "Ủy quyền đã hết hạn",
            Concern::AuthorisationEnds => "Ủy quyền hết hạn trong 60 ngày tới",
            Concern::SharedAccount => "Một tài khoản nhận cho nhiều người",
            Concern::NameDiffers => "Ghi là chính chủ nhưng tên chủ tài khoản khác tên người hưởng",
        }
    }
}

/// A receiver beside what is needed to judge it.
#[derive(Clone, Copy, Debug)]
pub struct Receiver<'a> {
    /// Name of the beneficiary.
    pub full_name: &'a str,
    /// As recorded; `None` when nothing is.
    pub choice: Option<&'a PayeeChoice>,
    /// Whether other living people are paid into the same account.
    pub shared: bool,
}

impl Receiver<'_> {
    /// What should be looked at on the day, the gravest first.
    pub fn concerns(&self, today: Date) -> Vec<Concern> {
        let Some(choice) = self.choice else {
            return vec![Concern::NotSet];
        };
        let all = Concern::ALL.into_iter();
        all.filter(|concern| self.gives(*concern, choice, today))
            .collect()
    }

    fn gives(&self, concern: Concern, choice: &PayeeChoice, today: Date) -> bool {
        let by_account = choice.channel == Channel::Account;
        let until = choice
            .authorised_until
            .filter(|_| choice.holder == Holder::Authorised);
        let number = choice.account_number.as_deref();
        match concern {
            Concern::NotSet => false,
            Concern::AccountMissing => {
                by_account && (number.is_none() || choice.provider.is_none())
            }
            Concern::UnknownBank => {
                let banked = by_account || !is_wallet(choice.channel) && number.is_some();
                banked
                    && choice
                        .provider
                        .as_deref()
                        .is_some_and(|bank| Bank::find(bank).is_none())
            }
            Concern::AccountForm => {
                !is_wallet(choice.channel) && number.is_some_and(|number| !is_account(number))
            }
            Concern::AuthorisationEnded => until.is_some_and(|until| until < today),
            Concern::AuthorisationEnds => {
                until.is_some_and(|until| until >= today && until <= ahead(today))
            }
            Concern::SharedAccount => self.shared,
            Concern::NameDiffers => name_differs(choice, self.full_name),
        }
    }
}

/// Whether an account is said to be the beneficiary's own and carries another name.
pub(crate) fn name_differs(choice: &PayeeChoice, full_name: &str) -> bool {
    let own = choice.holder == Holder::Itself;
    let name = choice.holder_name.as_deref().filter(|_| own);
    name.is_some_and(|name| search_key(name) != search_key(full_name))
}

/// The last day of which an end is told ahead.
pub(super) fn ahead(today: Date) -> Date {
    let days: Span = AHEAD_DAYS.days();
    today.checked_add(days).unwrap_or(Date::MAX)
}

const fn is_wallet(channel: Channel) -> bool {
    matches!(channel, Channel::EWallet | Channel::MobileMoney)
}

/// Whether a number is one that banks give: 6 to 19 digits or letters without marks.
pub fn is_account(number: &str) -> bool {
    ACCOUNT_LENGTH.contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Concern, Receiver, is_account};
    use crate::event::{Channel, Holder, PayeeChoice};

    fn own_account() -> PayeeChoice {
        PayeeChoice {
            channel: Channel::Account,
            holder: Holder::Itself,
            holder_name: None,
            holder_id_number: None,
            provider: Some("970405".to_owned()),
            account_number: Some("9999000000003".to_owned()),
            authorised_until: None,
        }
    }

    fn concerns(choice: &PayeeChoice) -> Vec<Concern> {
        let receiver = Receiver {
            full_name: "Trần Thị Ân",
            choice: Some(choice),
            shared: false,
        };
        receiver.concerns(date(2024, 5, 20))
    }

    #[test]
    fn a_sound_receiver_gives_no_concern() {
        assert_eq!(concerns(&own_account()), []);
        let named = PayeeChoice {
            holder_name: Some("TRAN THI AN".to_owned()),
            ..own_account()
        };
        assert_eq!(concerns(&named), []);
    }

    #[test]
    fn each_fault_is_told() {
        let sound = own_account();
        let changed = |change: fn(&mut PayeeChoice)| {
            let mut choice = sound.clone();
            change(&mut choice);
            concerns(&choice)
        };
        assert_eq!(changed(|it| it.provider = None), [Concern::AccountMissing]);
        assert_eq!(
            changed(|it| it.provider = Some("ngân hàng lạ".to_owned())),
            [Concern::UnknownBank]
        );
        assert_eq!(
            changed(|it| it.account_number = Some("12345".to_owned())),
            [Concern::AccountForm]
        );
        assert_eq!(
            changed(|it| it.holder_name = Some("Đỗ Văn Đào".to_owned())),
            [Concern::NameDiffers]
        );
        let unset = Receiver {
            full_name: "Trần Thị Ân",
            choice: None,
            shared: false,
        };
        assert_eq!(unset.concerns(date(2024, 5, 20)), [Concern::NotSet]);
    }

    #[test]
    fn an_authorisation_counts_to_its_last_day_and_is_told_sixty_days_ahead() {
        for (until, expected) in [
            (date(2024, 5, 19), Some(Concern::AuthorisationEnded)),
            (date(2024, 5, 20), Some(Concern::AuthorisationEnds)),
            (date(2024, 7, 19), Some(Concern::AuthorisationEnds)),
            (date(2024, 7, 20), None),
        ] {
            let choice = PayeeChoice {
                holder: Holder::Authorised,
                holder_name: Some("Đỗ Văn Đào".to_owned()),
                authorised_until: Some(until),
                ..own_account()
            };
            assert_eq!(concerns(&choice), Vec::from_iter(expected), "{until}");
        }
    }

    #[test]
    fn account_numbers_are_digits_or_letters() {
        for number in ["123456", "1234567890123456789", "ABC123456"] {
            assert!(is_account(number), "{number}");
        }
        for number in [
            "12345",
            "12345678901234567890",
            "0071 000 123",
            "Tài khoản",
            "",
        ] {
            assert!(!is_account(number), "{number}");
        }
    }
}
