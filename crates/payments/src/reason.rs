//! Why a line is on the list when it is not simply the month's own payment.

use law::RefusalCode;
use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $code:literal, $vietnamese:literal;)*) => {
        /// Why something is paid late, paid again or owed back. The numbers are stored: add at the
        /// end of a group, never renumber.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum Reason {
            $($(#[$doc])* $name = $number,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Reason] = &[$(Reason::$name),*];

            /// The stable code of contracts and interfaces.
            pub const fn code(self) -> &'static str {
                match self { $(Reason::$name => $code,)* }
            }

            /// What users see.
            pub const fn vietnamese(self) -> &'static str {
                match self { $(Reason::$name => $vietnamese,)* }
            }
        }
    };
}

reasons! {
    /// The decision, or news of the right, came after the month.
    LateDecision = 1, "late_decision", "quyết định hoặc hồ sơ đến muộn";
    /// The standard amount of the month was raised after it was listed.
    StandardRaised = 2, "standard_raised", "mức chuẩn tăng";
    /// Another coefficient applies to the month than was listed.
    RateChanged = 3, "rate_changed", "hệ số thay đổi";
    /// A suspension was lifted because nothing had changed.
    SuspensionLifted = 4, "suspension_lifted", "bỏ tạm dừng, trả lại các tháng đã dừng";
    /// Something recorded earlier was wrong and was corrected or cancelled.
    Correction = 5, "correction", "sửa thông tin đã ghi sai";
    /// Another benefit is owed for the month in its place.
    Superseded = 6, "superseded", "được thay bằng chính sách khác";
    /// The standard amount of the month was lowered, or a lower province counts.
    StandardLowered = 7, "standard_lowered", "mức chuẩn thấp hơn mức đã lập";
    /// A one-off grant falls due.
    GrantDue = 8, "grant_due", "trợ cấp một lần đến kỳ trả";

    /// No list was made for the month when it was due.
    MonthNotListed = 9, "month_not_listed", "tháng đó chưa lập danh sách";

    /// The person died before the month.
    Died = 20, "died", "đã chết trước tháng này";
    /// The enrolment ended before the month.
    EnrolmentEnded = 21, "enrolment_ended", "đã thôi hưởng trước tháng này";
    /// There is no decision for the month any more.
    NotEnrolled = 22, "not_enrolled", "không còn quyết định hưởng cho tháng này";
    /// The month was suspended.
    Suspended = 23, "suspended", "đang tạm dừng";
    /// The person was in prison.
    InPrison = 24, "in_prison", "đang chấp hành án phạt tù";
    /// The person lived in a facility.
    InFacility = 25, "in_facility", "đang ở cơ sở trợ giúp xã hội";
    /// Grown out of the benefit.
    TooOld = 26, "too_old", "đã quá tuổi hưởng";
    /// A condition of the benefit was not met.
    ConditionLost = 27, "condition_lost", "không còn đủ điều kiện";
    /// The law of the month has no such benefit.
    NotInLaw = 29, "not_in_law_of_month", "pháp luật của tháng không có chế độ này";
    /// A higher benefit is paid instead.
    LowerThanHighest = 28, "lower_than_highest", "chỉ hưởng mức cao nhất";
    /// Not yet of the age.
    TooYoung = 30, "too_young", "chưa đến tuổi hưởng";
    /// No severe disability is certified.
    NoSevereDisability = 31, "no_severe_disability", "không có giấy xác nhận khuyết tật nặng";
    /// No child counts.
    NoChild = 32, "no_child", "không còn con thuộc diện tính hưởng";
    /// Not in school or training.
    NotStudying = 33, "not_studying", "không còn đi học";
    /// Does not live in a facility.
    NotInFacility = 34, "not_in_facility", "không ở cơ sở trợ giúp xã hội";
    /// Cares for nobody who counts.
    NoCaredFor = 35, "no_cared_for", "không còn chăm sóc người thuộc diện";
    /// Draws a pension.
    HasPension = 36, "has_pension", "đang hưởng lương hưu";
    /// The month was paid under two records of one person.
    PaidTwice = 37, "paid_twice", "đã trả hai lần: hai hồ sơ của cùng một người";
    /// Not yet born.
    NotBorn = 38, "not_born", "trước tháng sinh";
    /// Neither pregnant nor raising a child under 36 months.
    NoPregnancyOrInfant = 39, "no_pregnancy_or_infant", "không mang thai và không nuôi con dưới 36 tháng";

    /// The person did not collect it.
    NotCollected = 40, "not_collected", "chưa nhận tiền";
    /// The payment failed.
    PaymentFailed = 41, "payment_failed", "chi trả không thành công";
    /// The money came back.
    PaymentReturned = 42, "payment_returned", "tiền bị hoàn trả";
}

impl Reason {
    /// As the database keeps it; 0 is none.
    pub const fn number_of(reason: Option<Reason>) -> i16 {
        match reason {
            Some(reason) => reason as i16,
            None => 0,
        }
    }

    /// Back from the database.
    pub fn from_number(number: i16) -> Option<Reason> {
        Reason::ALL
            .iter()
            .copied()
            .find(|reason| *reason as i16 == number)
    }

    /// What the engine's refusal of a month comes to as a reason to owe the month back.
    pub const fn of_refusal(code: RefusalCode) -> Reason {
        match code {
            RefusalCode::NoLaw | RefusalCode::NotInLawOfMonth => Reason::NotInLaw,
            RefusalCode::NotBorn => Reason::NotBorn,
            RefusalCode::Died => Reason::Died,
            RefusalCode::Suspended => Reason::Suspended,
            RefusalCode::InPrison => Reason::InPrison,
            RefusalCode::InFacility => Reason::InFacility,
            RefusalCode::LowerThanHighest => Reason::LowerThanHighest,
            RefusalCode::TooYoung => Reason::TooYoung,
            RefusalCode::TooOld => Reason::TooOld,
            RefusalCode::NotStudying => Reason::NotStudying,
            RefusalCode::NoChild => Reason::NoChild,
            RefusalCode::HasPension => Reason::HasPension,
            RefusalCode::NoSevereDisability => Reason::NoSevereDisability,
            RefusalCode::NoPregnancyOrInfant => Reason::NoPregnancyOrInfant,
            RefusalCode::NotInFacility => Reason::NotInFacility,
            RefusalCode::NoCaredFor | RefusalCode::CaredPersonUnknown => Reason::NoCaredFor,
            RefusalCode::NotWithoutSupport
            | RefusalCode::NeverWithoutSupport
            | RefusalCode::NoHiv
            | RefusalCode::NotPoor
            | RefusalCode::NotPoorOrNearPoor
            | RefusalCode::NotSingle
            | RefusalCode::HasSupporter
            | RefusalCode::NotInDifficultArea
            | RefusalCode::HasStableIncome
            | RefusalCode::NotFostered
            | RefusalCode::NotOnAllowance
            | RefusalCode::InAnotherGroup
            | RefusalCode::NotMonthOfDeath
            | RefusalCode::NeedsDecision => Reason::ConditionLost,
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Reason> {
        Reason::ALL
            .iter()
            .copied()
            .find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn numbers_and_codes_are_unique() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_number(*reason as i16), Some(*reason));
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        }
    }
}
