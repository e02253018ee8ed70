//! What may become of a line after what became of it before.

use jiff::civil::Date;

use super::{Form, Reported, Status};
use crate::ledger::Place;

/// Why a result waits for a person instead of being recorded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd)]
pub enum Why {
    /// No such line in any approved list.
    UnknownLine,
    /// Another amount than the line's.
    WrongAmount,
    /// The line was ordered from somebody else.
    OtherProvider,
    /// The provider used the number for another result.
    ResultIdReused,
    /// Said to be paid once more.
    AlreadyPaid,
    /// Said not to be paid after it was.
    Contradicts,
    /// Said to be paid after a later list offered the money again.
    CarriedOver,
    /// The month is closed: also money that comes back late.
    MonthClosed,
}

impl Why {
    /// Every reason.
    pub const ALL: [Why; 8] = [
        Why::UnknownLine,
        Why::WrongAmount,
        Why::OtherProvider,
        Why::ResultIdReused,
        Why::AlreadyPaid,
        Why::Contradicts,
        Why::CarriedOver,
        Why::MonthClosed,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Why::UnknownLine => "unknown_line",
            Why::WrongAmount => "wrong_amount",
            Why::OtherProvider => "other_provider",
            Why::ResultIdReused => "result_id_reused",
            Why::AlreadyPaid => "already_paid",
            Why::Contradicts => "contradicts",
            Why::CarriedOver => "carried_over_already",
            Why::MonthClosed => "month_closed",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Why> {
        Why::ALL.into_iter().find(|why| why.code() == code)
    }

    /// The field of the result it is about.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Why::WrongAmount => "amount",
            Why::ResultIdReused => "result_id",
            Why::AlreadyPaid | Why::Contradicts => "status",
            Why::UnknownLine | Why::OtherProvider | Why::CarriedOver | Why::MonthClosed => "line",
        }
    }

    /// As a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Why::UnknownLine => "không có dòng này trong danh sách đã duyệt",
            Why::WrongAmount => "số tiền khác với số tiền của dòng trong danh sách",
            Why::OtherProvider => "dòng này đã giao cho đơn vị chi trả khác",
            Why::ResultIdReused => "mã kết quả này đã dùng cho một kết quả khác",
            Why::AlreadyPaid => "dòng này đã được báo là đã trả: có thể đã trả hai lần",
            Why::Contradicts => "dòng này đã được báo là đã trả, nay lại báo không trả được",
            Why::CarriedOver => {
                "dòng này đã chuyển sang danh sách sau để trả lại: có thể trả hai lần"
            }
            Why::MonthClosed => "tháng của dòng này đã khóa",
        }
    }

    /// Whether a person may decide that the result counts after all. Another amount, another
    /// provider, or somebody paid twice never does: that is dismissed, and the reason kept.
    pub const fn may_be_recorded(self) -> bool {
        matches!(
            self,
            Why::UnknownLine | Why::ResultIdReused | Why::Contradicts | Why::MonthClosed
        )
    }
}

/// A payable line of an approved list, as it stands.
#[derive(Clone, Debug)]
pub(super) struct LineState {
    /// Đồng.
    pub(super) amount: i64,
    /// Its commune.
    pub(super) place: Place,
    /// The result recorded last.
    pub(super) last: Option<(Status, Form)>,
    /// When that happened.
    pub(super) last_on: Option<Date>,
    /// An approved list offers the money again.
    pub(super) is_carried: bool,
    /// The month of its commune is closed.
    pub(super) is_closed: bool,
    /// Whom it was ordered from.
    pub(super) ordered_from: Option<String>,
    /// Who reported on it last.
    pub(super) heard_from: Option<String>,
}

/// What to do with a result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Decision {
    Record,
    /// It only says again what is recorded.
    Again,
    Wait(Why),
}

impl LineState {
    /// What to do with a result from this provider.
    pub(super) fn decide(&self, provider: &str, form: Form, reported: &Reported) -> Decision {
        let status = reported.status;
        if reported.amount != self.amount {
            return Decision::Wait(Why::WrongAmount);
        }
        // A program answers only for what it was asked to pay.
        let ordered = form != Form::G2p || self.ordered_from.is_some();
        if self.is_of_another(provider) || !ordered {
            return Decision::Wait(Why::OtherProvider);
        }
        if form == Form::G2p && self.came_back() && status != Status::Returned {
            // A reference is paid once: what came back is not paid under the same name again, and
            // news of the payment itself can only be late.
            return match self.last_on >= Some(reported.date) {
                true => Decision::Again,
                false => Decision::Wait(Why::Contradicts),
            };
        }
        if let Some((last, recorded)) = self.last
            && last == status
            && form.says_again(recorded)
        {
            return Decision::Again;
        }
        match self.refuses(status) {
            Some(why) => Decision::Wait(why),
            None if self.is_closed => Decision::Wait(Why::MonthClosed),
            None => Decision::Record,
        }
    }

    fn came_back(&self) -> bool {
        matches!(self.last, Some((Status::Returned, _)))
    }

    /// Whether another provider than this one has the line: it was ordered there, or, never ordered,
    /// reported by them.
    pub(super) fn is_of_another(&self, provider: &str) -> bool {
        let holder = self.ordered_from.as_ref().or(self.heard_from.as_ref());
        holder.is_some_and(|holder| holder != provider)
    }

    /// Why a status cannot follow what is recorded.
    pub(super) fn refuses(&self, status: Status) -> Option<Why> {
        match (self.last.map(|(last, _)| last), status) {
            (Some(Status::Paid), Status::Paid) => Some(Why::AlreadyPaid),
            (Some(Status::Paid), Status::Failed | Status::NotCollected) => Some(Why::Contradicts),
            (_, Status::Paid) if self.is_carried => Some(Why::CarriedOver),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY: Date = date(2024, 5, 8);

    fn told(status: Status, amount: i64, date: Date) -> Reported {
        Reported {
            result_id: "1".to_owned(),
            line: "2024-05-1-1".to_owned(),
            status,
            date,
            reason: None,
            amount,
        }
    }

    fn line(last: Option<Status>) -> LineState {
        LineState {
            amount: 540_000,
            place: Place {
                area: "21172".to_owned(),
                valid_from: kernel::area::BEFORE_RECORDS,
            },
            last: last.map(|status| (status, Form::Ndjson)),
            last_on: last.map(|_| DAY),
            is_carried: false,
            is_closed: false,
            ordered_from: Some("BD".to_owned()),
            heard_from: None,
        }
    }

    #[test]
    fn nobody_is_paid_twice_and_nothing_paid_becomes_unpaid_by_itself() {
        let decide =
            |line: &LineState, status| line.decide("BD", Form::Ndjson, &told(status, 540_000, DAY));
        for status in Status::ALL {
            assert_eq!(decide(&line(None), status), Decision::Record);
            assert_eq!(
                decide(&line(Some(Status::Failed)), status),
                Decision::Record
            );
        }
        let paid = line(Some(Status::Paid));
        assert_eq!(decide(&paid, Status::Returned), Decision::Record);
        assert_eq!(
            decide(&paid, Status::Paid),
            Decision::Wait(Why::AlreadyPaid)
        );
        assert_eq!(
            decide(&paid, Status::Failed),
            Decision::Wait(Why::Contradicts)
        );
        let carried = LineState {
            is_carried: true,
            ..line(Some(Status::Failed))
        };
        assert_eq!(
            decide(&carried, Status::Paid),
            Decision::Wait(Why::CarriedOver)
        );
        let closed = LineState {
            is_closed: true,
            ..paid
        };
        assert_eq!(
            decide(&closed, Status::Returned),
            Decision::Wait(Why::MonthClosed)
        );
    }

    #[test]
    fn a_statement_after_the_status_only_says_it_again() {
        let paid = LineState {
            last: Some((Status::Paid, Form::Pain002)),
            ..line(None)
        };
        let news = told(Status::Paid, 540_000, DAY);
        let decide = |form| paid.decide("BD", form, &news);
        assert_eq!(decide(Form::Camt053), Decision::Again);
        assert_eq!(decide(Form::Pain002), Decision::Again);
        assert_eq!(decide(Form::Ndjson), Decision::Wait(Why::AlreadyPaid));
        let other = paid.decide("VT", Form::Ndjson, &news);
        assert_eq!(other, Decision::Wait(Why::OtherProvider));
        let wrong = told(Status::Paid, 540_001, DAY);
        let wrong = paid.decide("BD", Form::Camt053, &wrong);
        assert_eq!(wrong, Decision::Wait(Why::WrongAmount));
    }

    #[test]
    fn a_program_answers_for_its_orders_and_old_news_changes_nothing() {
        let returned = line(Some(Status::Returned));
        let decide =
            |line: &LineState, day| line.decide("BD", Form::G2p, &told(Status::Paid, 540_000, day));
        assert_eq!(decide(&returned, DAY), Decision::Again);
        let later = decide(&returned, DAY.tomorrow().expect("a day"));
        assert_eq!(later, Decision::Wait(Why::Contradicts));
        let unordered = LineState {
            ordered_from: None,
            ..line(None)
        };
        assert_eq!(decide(&unordered, DAY), Decision::Wait(Why::OtherProvider));
        assert_eq!(decide(&line(None), DAY), Decision::Record);
        assert_eq!(decide(&line(Some(Status::Paid)), DAY), Decision::Again);
    }
}
