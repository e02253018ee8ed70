//! What may become of a line after what became of it before.

use super::{Form, Status};
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
    /// What to do with a result of this amount from this provider.
    pub(super) fn decide(
        &self,
        provider: &str,
        form: Form,
        status: Status,
        amount: i64,
    ) -> Decision {
        if amount != self.amount {
            return Decision::Wait(Why::WrongAmount);
        }
        if self.is_of_another(provider) {
            return Decision::Wait(Why::OtherProvider);
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
    use super::*;

    fn line(last: Option<Status>) -> LineState {
        LineState {
            amount: 540_000,
            place: Place {
                area: "21172".to_owned(),
                valid_from: kernel::area::BEFORE_RECORDS,
            },
            last: last.map(|status| (status, Form::Ndjson)),
            is_carried: false,
            is_closed: false,
            ordered_from: Some("BD".to_owned()),
            heard_from: None,
        }
    }

    #[test]
    fn nobody_is_paid_twice_and_nothing_paid_becomes_unpaid_by_itself() {
        let decide = |line: &LineState, status| line.decide("BD", Form::Ndjson, status, 540_000);
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
        let decide = |form| paid.decide("BD", form, Status::Paid, 540_000);
        assert_eq!(decide(Form::Camt053), Decision::Again);
        assert_eq!(decide(Form::Pain002), Decision::Again);
        assert_eq!(decide(Form::Ndjson), Decision::Wait(Why::AlreadyPaid));
        let other = paid.decide("VT", Form::Ndjson, Status::Paid, 540_000);
        assert_eq!(other, Decision::Wait(Why::OtherProvider));
        let wrong = paid.decide("BD", Form::Camt053, Status::Paid, 540_001);
        assert_eq!(wrong, Decision::Wait(Why::WrongAmount));
    }
}
