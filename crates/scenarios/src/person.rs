//! An invented person, whole: who they are, what is true of them, what was decided for them.

use jiff::civil::Date;
use kernel::{Month, MonthSpan, PartialDate, ProvinceCode, Sex};
use law::{Benefit, Enrolment, Fact};
use registry::event::{CheckResult, Decision, PayeeChoice, Registration};

/// When the registry learns of something.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum When {
    /// Before the scenario's month: the earlier system knew it and paid accordingly.
    Before,
    /// In the month itself, before its list is made.
    InMonth,
}

/// One fact, and when it became known.
#[derive(Clone, Debug)]
pub struct Note {
    /// When the registry learns of it.
    pub when: When,
    /// The fact; of a cared-for person with everything the law asks of them.
    pub fact: Fact,
    /// An end that became known later than the fact.
    pub ended: Option<(When, Date)>,
}

/// One benefit, decided.
#[derive(Clone, Debug)]
pub struct Award {
    /// When the registry learns of it.
    pub when: When,
    /// Which.
    pub benefit: Benefit,
    /// First month paid.
    pub from: Month,
    /// By which decision.
    pub decision: Decision,
    /// If it ended.
    pub ended: Option<Ended>,
}

/// The end of a benefit.
#[derive(Clone, Debug)]
pub struct Ended {
    /// When the registry learns of it.
    pub when: When,
    /// Last month paid.
    pub last: Month,
    /// Why.
    pub reason: &'static str,
    /// By which decision, if one was needed.
    pub decision: Option<Decision>,
}

/// Payment of everything rests, and may go on.
#[derive(Clone, Debug)]
pub struct Rest {
    /// When the registry learns of the rest.
    pub when: When,
    /// First month not paid.
    pub from: Month,
    /// Why.
    pub reason: &'static str,
    /// The decision of the scenario's month that found everything unchanged: the rested months
    /// become due again.
    pub resumed: Option<Decision>,
}

/// What the population database said of somebody.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The answer.
    pub result: CheckResult,
    /// Fields that differ.
    pub fields: Vec<&'static str>,
    /// On which day.
    pub day: Date,
}

/// An invented person.
#[derive(Clone, Debug)]
pub struct Invented {
    /// Key in the scenario's source: `QNG000001`.
    pub key: String,
    /// When the registry first hears of them.
    pub when: When,
    /// The day from which the registration counts.
    pub since: Date,
    /// Who they are.
    pub registration: Registration,
    /// Lives where the benefits of difficult areas apply. A decision settles it, no event says it.
    pub difficult_area: bool,
    /// Province of their home.
    pub province: ProvinceCode,
    /// What is true of them.
    pub facts: Vec<Note>,
    /// What was decided for them.
    pub awards: Vec<Award>,
    /// A rest of payment.
    pub rest: Option<Rest>,
    /// Death, which becomes known in the month.
    pub death: Option<Date>,
    /// A move in the month: the day and the commune.
    pub moved: Option<(Date, &'static str, ProvinceCode)>,
    /// Answer of the population database, if it was asked.
    pub identity: Option<Identity>,
    /// Who receives the money and how.
    pub payee: PayeeChoice,
    /// Whether they wish an account, if asked.
    pub wants_account: Option<bool>,
}

impl Invented {
    /// Sex; every invented person declares it.
    pub fn sex(&self) -> Sex {
        self.registration.sex.unwrap_or(Sex::Female)
    }

    /// Birth.
    pub const fn birth(&self) -> PartialDate {
        self.registration.birth_date
    }

    /// The person as the law sees them with what is known before the month, or with everything
    /// known when its list is made.
    pub fn as_the_law_sees(&self, known: When) -> law::Person {
        let facts = self.facts.iter().filter(|note| note.when <= known);
        let awards = self.awards.iter().filter(|award| award.when <= known);
        let suspended: Vec<MonthSpan> = self.suspended(known).into_iter().collect();
        let mut provinces = vec![(Month::MIN, self.province)];
        if let Some((day, _, province)) = self.moved.filter(|_| known == When::InMonth) {
            provinces.push((Month::of(day).next(), province));
        }
        law::Person {
            birth_date: self.birth(),
            death_date: self.death.filter(|_| known == When::InMonth),
            sex: self.registration.sex,
            provinces,
            difficult_area: self.difficult_area,
            enrolments: awards
                .map(|award| Enrolment {
                    benefit: award.benefit,
                    from: award.from,
                    to: award.last_month(known),
                    suspended: suspended.clone(),
                })
                .collect(),
            facts: facts.map(|note| note.as_known(known)).collect(),
        }
    }

    fn suspended(&self, known: When) -> Option<MonthSpan> {
        let rest = self.rest.as_ref().filter(|rest| rest.when <= known)?;
        let lifted = rest.resumed.is_some() && known == When::InMonth;
        (!lifted).then_some(MonthSpan {
            from: rest.from,
            to: Month::MAX,
        })
    }
}

impl Award {
    fn last_month(&self, known: When) -> Option<Month> {
        let ended = self.ended.as_ref().filter(|ended| ended.when <= known)?;
        Some(ended.last)
    }
}

impl Note {
    /// A fact known before the month.
    pub const fn before(fact: Fact) -> Note {
        Note {
            when: When::Before,
            fact,
            ended: None,
        }
    }

    /// The fact with the end known by then.
    pub fn as_known(&self, known: When) -> Fact {
        let mut fact = self.fact.clone();
        if let Some((_, last)) = self.ended.filter(|end| end.0 <= known) {
            fact.to = Some(last);
        }
        fact
    }
}
