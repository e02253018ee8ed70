//! What made a person's payment begin, end or change from one month to the next.

use kernel::Month;
use law::{Benefit, FactKind, InForce, Person, RefusalCode};
use serde::{Deserialize, Serialize};

use crate::difference::Terms;
use crate::news::News;

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $vietnamese:literal;)*) => {
        /// A named cause of a difference between two months.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Cause {
            $($(#[$doc])* $name,)*
        }

        impl Cause {
            /// Every cause, in the order of a paper.
            pub const ALL: &[Cause] = &[$(Cause::$name),*];

            /// The stable code of interfaces.
            pub const fn code(self) -> &'static str {
                match self { $(Cause::$name => $code,)* }
            }

            /// What users see.
            pub const fn vietnamese(self) -> &'static str {
                match self { $(Cause::$name => $vietnamese,)* }
            }
        }
    };
}

causes! {
    /// First payment of the benefit.
    New, "new", "Mới hưởng";
    /// Came from outside the area.
    MovedIn, "moved_in", "Chuyển đến";
    /// Paid before, not last month, paid again.
    Returned, "returned", "Hưởng lại";
    /// Owed last month too, but on no approved list then.
    NotListedBefore, "not_listed_before", "Kỳ trước chưa có trong danh sách được duyệt";
    /// A suspension ended.
    Resumed, "resumed", "Hết tạm dừng";
    /// Died.
    Died, "died", "Đã chết";
    /// On another list of the month: of another area, or made earlier.
    OtherList, "other_list", "Ở danh sách khác";
    /// Left the area.
    MovedOut, "moved_out", "Chuyển đi";
    /// The enrolment ended by decision.
    EnrolmentEnded, "enrolment_ended", "Thôi hưởng";
    /// Grew out of the benefit.
    AgedOut, "aged_out", "Hết tuổi";
    /// A condition of the benefit is no longer met.
    ConditionLost, "condition_lost", "Hết điều kiện";
    /// Suspended.
    Suspended, "suspended", "Tạm dừng";
    /// In prison.
    Prison, "prison", "Chấp hành án phạt tù";
    /// Lives in a facility.
    Facility, "facility", "Vào cơ sở trợ giúp xã hội";
    /// A higher benefit is paid instead, or no longer is.
    LowerThanHighest, "lower_than_highest", "Chỉ hưởng mức cao nhất";
    /// The standard amount changed.
    StandardChanged, "standard_changed", "Đổi mức chuẩn";
    /// Another coefficient by age.
    RateByAge, "rate_changed_age", "Đổi hệ số do tuổi";
    /// Another coefficient by grade of disability.
    RateByGrade, "rate_changed_grade", "Đổi hệ số do mức độ khuyết tật";
    /// Another coefficient by number of children.
    RateByChildren, "rate_changed_children", "Đổi hệ số do số con";
    /// Another coefficient by the law itself or other facts.
    RateByOther, "rate_changed", "Đổi hệ số";
    /// The law of the month pays or ends the benefit.
    LawChanged, "law_changed", "Đổi quy định";
    /// Two records were found to be one person: paid under the kept one from now on.
    Merged, "merged", "Gộp hồ sơ của cùng một người";
    /// Something recorded wrongly was corrected.
    Correction, "correction", "Sửa sai";
    /// On a list of the month made before the newest that is known of the person.
    OutdatedList, "outdated_list", "Trên danh sách lập trước khi có thông tin mới";
    /// Arrears paid this month.
    ArrearsNow, "arrears", "Truy lĩnh kỳ này";
    /// Arrears paid last month and not again.
    ArrearsBefore, "arrears_last_month", "Truy lĩnh kỳ trước";
    /// Grants paid once, this month.
    OneOffNow, "one_off", "Trợ cấp một lần kỳ này";
    /// Grants paid once, last month.
    OneOffBefore, "one_off_last_month", "Trợ cấp một lần kỳ trước";
    /// Money of earlier lists offered again this month.
    CarriedOverNow, "carried_over", "Chuyển kỳ trước sang kỳ này";
    /// Money of earlier lists offered again last month.
    CarriedOverBefore, "carried_over_last_month", "Chuyển kỳ trước của kỳ trước";
}

/// Everything known about one person that can explain a difference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) law: &'a InForce,
    pub(crate) person: &'a Person,
    /// The month compared with.
    pub(crate) before: Month,
    /// The month explained.
    pub(crate) now: Month,
    /// Lived in the area in the month compared with.
    pub(crate) here_before: bool,
    /// Lives in the area in the month explained.
    pub(crate) here_now: bool,
    /// What was recorded since the list of the month compared with.
    pub(crate) news: News,
    /// The benefit of the month compared with is on another list.
    pub(crate) elsewhere_before: bool,
    /// The list of the month explained pays the month compared with as arrears.
    pub(crate) paid_late: bool,
    /// The person, or the benefit of the month explained, is on another list.
    pub(crate) elsewhere_now: bool,
}

impl Known<'_> {
    /// Why a benefit is paid now and was not before. `paid_earlier`: some list of an earlier month
    /// holds it. `None`: nothing known explains it.
    pub(crate) fn of_beginning(&self, benefit: Benefit, paid_earlier: bool) -> Option<Cause> {
        if !self.here_before {
            return Some(Cause::MovedIn);
        }
        let anew = if paid_earlier {
            Cause::Returned
        } else {
            Cause::New
        };
        let answer = self.law.explain(self.person, self.before);
        if let Some(refused) = answer.refused.iter().find(|r| r.benefit == benefit) {
            return Some(beginning_after(refused.reason).unwrap_or(anew));
        }
        if !answer.lines.iter().any(|line| line.benefit == benefit) {
            return Some(anew);
        }
        let news = self.news;
        if news.merged {
            return Some(Cause::Merged);
        }
        if self.elsewhere_before {
            return Some(Cause::OtherList);
        }
        // Owed last month too: it was not listed because it was not known yet.
        if news.resumed {
            Some(Cause::Resumed)
        } else if news.enrolled {
            Some(anew)
        } else if news.corrected || news.died {
            Some(Cause::Correction)
        } else if news.moved {
            Some(Cause::MovedIn)
        } else if news.facts {
            Some(anew)
        } else {
            // Nothing new is known: the month was simply not listed, and is paid now.
            self.paid_late.then_some(Cause::NotListedBefore)
        }
    }

    /// Why a benefit was paid before and is not now.
    pub(crate) fn of_ending(&self, benefit: Benefit) -> Option<Cause> {
        if !self.here_now {
            return Some(Cause::MovedOut);
        }
        let answer = self.law.explain(self.person, self.now);
        let mut own = answer.refused.iter().filter(|r| r.benefit == benefit);
        let goes_on = self.person.enrolments.iter().any(|enrolment| {
            enrolment.benefit == benefit
                && enrolment.from <= self.now
                && enrolment.to.is_none_or(|last| last >= self.now)
        });
        // A benefit that goes on under another name is refused under that.
        let renamed = answer.refused.first().filter(|_| goes_on);
        if let Some(refused) = own.next().or(renamed) {
            return Some(ending_with(refused.reason));
        }
        if answer.lines.iter().any(|line| line.benefit == benefit) {
            return self.elsewhere_now.then_some(Cause::OtherList);
        }
        let ended = self.person.enrolments.iter().any(|enrolment| {
            (enrolment.benefit == benefit || answer.lines.is_empty())
                && enrolment.to.is_some_and(|last| last < self.now)
        });
        if ended {
            Some(Cause::EnrolmentEnded)
        } else if !answer.lines.is_empty() && goes_on {
            Some(Cause::LawChanged)
        } else if self.news.corrected {
            Some(Cause::Correction)
        } else {
            None
        }
    }

    /// Why a benefit paid in both months has another coefficient.
    pub(crate) fn of_change(&self, benefit: Benefit, before: Terms, now: Terms) -> Option<Cause> {
        let same = |month: Month, terms: Terms| {
            let answer = self.law.explain(self.person, month);
            let found = answer.lines.iter().find(|line| line.benefit == benefit);
            found.is_some_and(|line| line.coefficient == terms.coefficient)
        };
        if !same(self.now, now) {
            return None;
        }
        if same(self.before, before) {
            return Some(self.of_time(benefit));
        }
        if self.news.merged {
            Some(Cause::Merged)
        } else if self.news.corrected {
            Some(Cause::Correction)
        } else if self.news.facts {
            Some(self.of_facts(benefit))
        } else if self.news.enrolled {
            Some(Cause::RateByOther)
        } else {
            None
        }
    }

    /// What changed between the two months, as known now.
    fn of_time(&self, benefit: Benefit) -> Cause {
        if self.changed(|kind| matches!(kind, FactKind::Disability { .. })) {
            Cause::RateByGrade
        } else if counts_children(benefit) {
            Cause::RateByChildren
        } else {
            Cause::RateByAge
        }
    }

    fn of_facts(&self, benefit: Benefit) -> Cause {
        if counts_children(benefit) {
            Cause::RateByChildren
        } else if self
            .person
            .facts
            .iter()
            .any(|fact| matches!(fact.kind, FactKind::Disability { .. }))
        {
            Cause::RateByGrade
        } else {
            Cause::RateByOther
        }
    }

    /// A fact of the kind began after the month compared with, or ended in it.
    fn changed(&self, of_kind: fn(&FactKind) -> bool) -> bool {
        self.person.facts.iter().any(|fact| {
            let began = Month::of(fact.from) > self.before && Month::of(fact.from) <= self.now;
            let ended = fact
                .to
                .is_some_and(|last| Month::of(last) >= self.before && Month::of(last) < self.now);
            of_kind(&fact.kind) && (began || ended)
        })
    }
}

/// Why a benefit begins that the engine refused for the month before; `None` when it simply begins.
const fn beginning_after(refused: RefusalCode) -> Option<Cause> {
    match refused {
        RefusalCode::Suspended => Some(Cause::Resumed),
        RefusalCode::LowerThanHighest => Some(Cause::LowerThanHighest),
        RefusalCode::NoLaw | RefusalCode::NotInLawOfMonth => Some(Cause::LawChanged),
        _ => None,
    }
}

/// Why a benefit ends that the engine refuses now.
const fn ending_with(refused: RefusalCode) -> Cause {
    match refused {
        RefusalCode::Died => Cause::Died,
        RefusalCode::Suspended => Cause::Suspended,
        RefusalCode::InPrison => Cause::Prison,
        RefusalCode::InFacility => Cause::Facility,
        RefusalCode::TooOld => Cause::AgedOut,
        RefusalCode::LowerThanHighest => Cause::LowerThanHighest,
        RefusalCode::NoLaw | RefusalCode::NotInLawOfMonth => Cause::LawChanged,
        // Who was born is not any more: the birth date was corrected.
        RefusalCode::NotBorn => Cause::Correction,
        // The age depends on poverty too.
        RefusalCode::TooYoung
        | RefusalCode::NotWithoutSupport
        | RefusalCode::NeverWithoutSupport
        | RefusalCode::NotStudying
        | RefusalCode::NoHiv
        | RefusalCode::NotPoor
        | RefusalCode::NotPoorOrNearPoor
        | RefusalCode::NotSingle
        | RefusalCode::NoChild
        | RefusalCode::HasSupporter
        | RefusalCode::NotInDifficultArea
        | RefusalCode::HasPension
        | RefusalCode::HasStableIncome
        | RefusalCode::NotFostered
        | RefusalCode::NoSevereDisability
        | RefusalCode::NoPregnancyOrInfant
        | RefusalCode::NotInFacility
        | RefusalCode::NoCaredFor
        | RefusalCode::CaredPersonUnknown
        | RefusalCode::NotOnAllowance
        | RefusalCode::InAnotherGroup
        | RefusalCode::NotMonthOfDeath
        | RefusalCode::NeedsDecision => Cause::ConditionLost,
    }
}

const fn counts_children(benefit: Benefit) -> bool {
    matches!(benefit, Benefit::PoorSingleParent | Benefit::DisabledParent)
}
