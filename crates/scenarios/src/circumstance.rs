//! What is true of the people of a family, so that the benefits decided for them are really owed
//! under the law of the month: ages, certificates, children, poverty, in the order of events.

mod carer;
mod children;
mod disability;
mod older;
mod poor;

use jiff::civil::{Date, date};
use kernel::{Month, PartialDate, Sex};
use law::person::PovertyStatus;
use law::{Benefit, Fact, FactKind};

use crate::kind::{Kind, Turn};
use crate::person::{Note, When};
use crate::random::Random;

/// The month and the law a scenario is set in.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Whose list is made.
    pub month: Month,
    /// The last day of what the earlier system knew.
    pub known_before: Date,
    /// The last day of what is known when the month's list is made.
    pub known: Date,
}

/// Since when nearly poor single parents, and people of 75 in difficult areas, are entitled
/// (20/2021/NĐ-CP Điều 40).
fn decree_20() -> Month {
    Month::of(date(2021, 7, 1))
}

/// Older decisions were issued anew when 136/2013/NĐ-CP came into force on 1 January 2015.
fn earliest_decision() -> Month {
    Month::of(date(2015, 1, 1))
}

/// A person before name, number, home and payee.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Sex.
    pub sex: Sex,
    /// Birth, as far as known.
    pub birth: PartialDate,
    /// What is true.
    pub facts: Vec<Note>,
    /// Benefit and first month paid.
    pub benefits: Vec<(Benefit, Month)>,
    /// Benefits that ended before, with the last month paid.
    pub former: Vec<(Benefit, Month, Month)>,
    /// Relation to the first person of the family, of the second one.
    pub relation: &'static str,
}

/// The people of a family.
pub fn drafts(kind: Kind, turn: Turn, setting: &Setting, chance: &mut Random) -> Vec<Draft> {
    let start = Start { setting, turn };
    let first = match kind {
        Kind::Older80 => older::of_80(&start, chance),
        Kind::OlderPoor => older::poor(&start, chance),
        Kind::Older75 => older::of_75(&start, chance),
        Kind::OlderFostered => older::fostered(&start, chance),
        Kind::Disabled(grade, age) => disability::person(grade, age, &start, chance),
        Kind::CaredAtHome(age) | Kind::CaredByOthers(age) => {
            disability::person(law::person::Grade::ExtremelySevere, age, &start, chance)
        }
        Kind::Orphan | Kind::OrphanTakenIn => children::without_support(&start, chance),
        Kind::Student => children::student(&start, chance),
        Kind::ChildUnder3 => children::under_3(&start, chance),
        Kind::ChildWithHiv => poor::child_with_hiv(&start, chance),
        Kind::AdultWithHiv => poor::adult_with_hiv(&start, chance),
        Kind::SingleParent => poor::single_parent(&start, chance),
        Kind::SingleParentDisabled => poor::single_parent_disabled(&start, chance),
        Kind::DisabledParent => disability::parent(&start, chance),
    };
    let second = carer::of(kind, &first, &start, chance);
    std::iter::once(first).chain(second).collect()
}

/// When a benefit may begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start<'a> {
    setting: &'a Setting,
    turn: Turn,
}

impl Start<'_> {
    fn month(&self) -> Month {
        self.setting.month
    }

    /// When the registry hears of the family.
    fn when(&self) -> When {
        if self.turn.is_new() {
            When::InMonth
        } else {
            When::Before
        }
    }

    /// The last first month somebody with this turn can have. What happens three months back
    /// needs four months paid.
    fn last(&self) -> Month {
        match self.turn {
            Turn::New => self.month(),
            Turn::Calm | Turn::Late | Turn::MovedWithin => self.month().previous(),
            _ => self.month().plus(-5),
        }
    }

    /// A first month not before `possible`, nor before the decree that knows the benefit.
    fn draw(&self, possible: Month, chance: &mut Random) -> Month {
        let last = self.last();
        let first = match self.turn {
            Turn::New => last,
            Turn::Late => last.plus(-3).max(possible),
            _ => possible.max(earliest_decision()).min(last),
        };
        first.plus(chance.between(0, last.since(first)))
    }

    fn note(&self, from: Date, kind: FactKind) -> Note {
        Note {
            when: self.when(),
            fact: Fact {
                from,
                to: None,
                kind,
            },
            ended: None,
        }
    }

    /// On the list of poor households since the January before the benefit begins, but not before
    /// birth.
    fn poverty(&self, status: PovertyStatus, from: Month, birth: PartialDate) -> Note {
        let listed = date(from.year(), 1, 1).max(birth.assumed_day());
        self.note(listed, FactKind::Poverty { status })
    }

    /// Poor, or since 2021 also nearly poor.
    fn poor_or_near(&self, from: Month, birth: PartialDate, chance: &mut Random) -> Note {
        let near = from >= decree_20() && chance.per_mille(400);
        let status = if near {
            PovertyStatus::NearPoor
        } else {
            PovertyStatus::Poor
        };
        self.poverty(status, from, birth)
    }
}

impl Draft {
    fn new(sex: Sex, birth: PartialDate) -> Draft {
        Draft {
            sex,
            birth,
            facts: Vec::new(),
            benefits: Vec::new(),
            former: Vec::new(),
            relation: "",
        }
    }

    fn with(mut self, notes: impl IntoIterator<Item = Note>) -> Draft {
        self.facts.extend(notes);
        self
    }

    fn drawing(mut self, benefit: Benefit, from: Month) -> Draft {
        self.benefits.push((benefit, from));
        self
    }
}

fn sex(female_per_mille: u32, chance: &mut Random) -> Sex {
    if chance.per_mille(female_per_mille) {
        Sex::Female
    } else {
        Sex::Male
    }
}

/// Born in a month from `first` to `last`. Of older people often only the year is known.
fn born(first: Month, last: Month, chance: &mut Random) -> PartialDate {
    let day = chance.day(first.first_day(), last.last_day());
    let year_only = match day.year() {
        ..=1934 => 330,
        1935..=1949 => 180,
        1950..=1959 => 40,
        _ => 0,
    };
    let january = Month::of(date(day.year(), 1, 1));
    if january >= first && chance.per_mille(year_only) {
        PartialDate::Year(day.year())
    } else {
        PartialDate::Day(day)
    }
}

/// The month of a birthday.
fn birthday(birth: PartialDate, years: i32) -> Month {
    birth.assumed_month().plus(12 * years)
}
