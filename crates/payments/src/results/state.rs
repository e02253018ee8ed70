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
    pub(super) last: Option<Last>,
    /// An approved list offers the money again.
    pub(super) is_carried: bool,
    /// The month of its commune is closed.
    pub(super) is_closed: bool,
    /// Whom it was ordered from.
    pub(super) ordered_from: Option<String>,
    /// Who reported on it last.
    pub(super) heard_from: Option<String>,
}

/// The result recorded last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) status: Status,
    /// When it happened, the provider says.
    pub(super) day: Date,
    pub(super) form: Form,
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
    /// What to do with a result of this form from this provider.
    pub(super) fn decide(&self, provider: &str, form: Form, reported: &Reported) -> Decision {
        let (status, day) = (reported.status, reported.date);
        if reported.amount != self.amount {
            return Decision::Wait(Why::WrongAmount);
        }
        // A program answers only for what it was asked to pay.
        let ordered = form != Form::G2p || self.ordered_from.is_some();
        if self.is_of_another(provider) || !ordered {
            return Decision::Wait(Why::OtherProvider);
        }
        let (back, last) = (Status::Returned, self.last);
        if form == Form::G2p
            && status != back
            && let Some(returned) = last.filter(|last| last.status == back)
        {
            // A reference is paid once: what came back is not paid under the same name again, and
            // news of the payment itself can only be late.
            return match day <= returned.day {
                true => Decision::Again,
                false => Decision::Wait(Why::Contradicts),
            };
        }
        let says_again = |last: Last| last.status == status && form.says_again(last.form);
        if self.last.is_some_and(says_again) || self.came_back_since(status, day) {
            return Decision::Again;
        }
        match self.refuses(status, day) {
            Some(why) => Decision::Wait(why),
            None if self.is_closed => Decision::Wait(Why::MonthClosed),
            None => Decision::Record,
        }
    }

    /// Whether another provider than this one has the line: it was ordered there, or, never ordered,
    /// reported by them.
    pub(super) fn is_of_another(&self, provider: &str) -> bool {
        let holder = self.ordered_from.as_ref().or(self.heard_from.as_ref());
        holder.is_some_and(|holder| holder != provider)
    }

    /// Whether money said to be paid is recorded as come back on that day or later. Answers arrive in
    /// any order: the payment is the one that came back, and the line stays unpaid.
    pub(super) fn came_back_since(&self, status: Status, day: Date) -> bool {
        let returned = |last: Last| last.status == Status::Returned && day <= last.day;
        status == Status::Paid && self.last.is_some_and(returned)
    }

    /// Why a status of a day cannot follow what is recorded.
    pub(super) fn refuses(&self, status: Status, day: Date) -> Option<Why> {
        let paid = self.last.filter(|last| last.status == Status::Paid);
        match (paid, status) {
            (Some(_), Status::Paid) => Some(Why::AlreadyPaid),
            (Some(_), Status::Failed | Status::NotCollected) => Some(Why::Contradicts),
            // Money comes back after it was paid; what came back before is another payment's.
            (Some(paid), Status::Returned) if day < paid.day => Some(Why::Contradicts),
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

    fn line(last: Option<Status>) -> LineState {
        let last = last.map(|status| Last {
            status,
            day: DAY,
            form: Form::Ndjson,
        });
        LineState {
            amount: 540_000,
            place: Place {
                area: "21172".to_owned(),
                valid_from: kernel::area::BEFORE_RECORDS,
            },
            last,
            is_carried: false,
            is_closed: false,
            ordered_from: Some("BD".to_owned()),
            heard_from: None,
        }
    }

    fn reported(status: Status, date: Date) -> Reported {
        Reported {
            result_id: "1".to_owned(),
            line: "2024-05-1-1".to_owned(),
            status,
            date,
            reason: None,
            amount: 540_000,
        }
    }

    fn decide(line: &LineState, status: Status, date: Date) -> Decision {
        line.decide("BD", Form::Ndjson, &reported(status, date))
    }

    #[test]
    fn nobody_is_paid_twice_and_nothing_paid_becomes_unpaid_by_itself() {
        for status in Status::ALL {
            assert_eq!(decide(&line(None), status, DAY), Decision::Record);
            let failed = line(Some(Status::Failed));
            assert_eq!(decide(&failed, status, DAY), Decision::Record);
        }
        let paid = line(Some(Status::Paid));
        assert_eq!(decide(&paid, Status::Returned, DAY), Decision::Record);
        for (status, why) in [
            (Status::Paid, Why::AlreadyPaid),
            (Status::Failed, Why::Contradicts),
        ] {
            assert_eq!(decide(&paid, status, DAY), Decision::Wait(why));
        }
        let carried = LineState {
            is_carried: true,
            ..line(Some(Status::Failed))
        };
        let again = decide(&carried, Status::Paid, DAY);
        assert_eq!(again, Decision::Wait(Why::CarriedOver));
        let closed = LineState {
            is_closed: true,
            ..paid
        };
        let late = decide(&closed, Status::Returned, DAY);
        assert_eq!(late, Decision::Wait(Why::MonthClosed));
    }

    #[test]
    fn a_payment_told_after_its_return_does_not_undo_it() {
        let returned = line(Some(Status::Returned));
        let (before, after) = (date(2024, 5, 5), date(2024, 5, 12));
        for day in [before, DAY] {
            assert_eq!(decide(&returned, Status::Paid, day), Decision::Again);
        }
        assert_eq!(
            decide(&returned, Status::Paid, after),
            Decision::Record,
            "paid anew"
        );
        // Told the other way round it comes to the same.
        let paid = line(Some(Status::Paid));
        assert_eq!(decide(&paid, Status::Returned, after), Decision::Record);
        let early = decide(&paid, Status::Returned, before);
        assert_eq!(early, Decision::Wait(Why::Contradicts));
    }

    #[test]
    fn a_statement_after_the_status_only_says_it_again() {
        let last = Last {
            status: Status::Paid,
            day: DAY,
            form: Form::Pain002,
        };
        let paid = LineState {
            last: Some(last),
            ..line(None)
        };
        let told = reported(Status::Paid, DAY);
        let decide = |form| paid.decide("BD", form, &told);
        assert_eq!(decide(Form::Camt053), Decision::Again);
        assert_eq!(decide(Form::Pain002), Decision::Again);
        assert_eq!(decide(Form::Ndjson), Decision::Wait(Why::AlreadyPaid));
        let other = paid.decide("VT", Form::Ndjson, &told);
        assert_eq!(other, Decision::Wait(Why::OtherProvider));
        let more = Reported {
            amount: 540_001,
            ..told
        };
        let wrong = paid.decide("BD", Form::Camt053, &more);
        assert_eq!(wrong, Decision::Wait(Why::WrongAmount));
    }

    #[test]
    fn a_program_answers_for_its_orders_and_old_news_changes_nothing() {
        let returned = line(Some(Status::Returned));
        let decide =
            |line: &LineState, day| line.decide("BD", Form::G2p, &reported(Status::Paid, day));
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
