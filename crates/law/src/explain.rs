//! Why a person is owed what they are in a month, with articles.

use kernel::{Coefficient, Dong, Month, ProvinceCode};
use serde::Serialize;

use crate::check::RateName;
use crate::circumstances::Circumstances;
use crate::files::{Rate, Refusal};
use crate::glance::Glance;
use crate::judge::{Judgement, Reason, Verdict};
use crate::meets::Asked;
use crate::{Benefit, InForce, Person, RefusalCode, rate};

/// Everything about one person and month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthAnswer {
    /// Sum of the lines, đồng.
    pub total: Dong,
    /// What is paid, in the order of the table of benefits.
    pub lines: Vec<Line>,
    /// What an enrolment covers but is not paid, in the same order.
    pub refused: Vec<Refused>,
    /// A birth date known only in part was counted as its first day (contracts, months, rule 8).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub assumed_birth_date: bool,
}

/// An amount owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The benefit, by the name it is paid under.
    pub benefit: Benefit,
    /// Coefficient.
    pub coefficient: Coefficient,
    /// Standard amount of the province and month, đồng.
    pub standard: Dong,
    /// Standard × coefficient, đồng.
    pub amount: Dong,
    /// The articles: of the coefficient, then of the standard.
    pub law: Vec<String>,
}

/// A benefit that is not paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Which.
    pub benefit: Benefit,
    /// Stable reason code.
    pub reason: RefusalCode,
    /// The articles.
    pub law: Vec<String>,
    /// The reason in Vietnamese, for people.
    #[serde(skip)]
    pub text: String,
}

/// A reason in full.
pub(crate) struct ReasonText {
    pub(crate) code: RefusalCode,
    pub(crate) law: Vec<String>,
    pub(crate) text: String,
}

impl InForce {
    /// What the person is owed in the month, line by line, and why not more.
    pub fn explain(&self, person: &Person, month: Month) -> MonthAnswer {
        let who = Circumstances::of(person);
        let mut glance = Glance::at(month);
        let judgement = self.judge(&who, &mut glance);
        let mut answer = MonthAnswer {
            total: Dong::ZERO,
            lines: Vec::new(),
            refused: Vec::new(),
            assumed_birth_date: person.birth_date.is_assumed() || judgement.assumed,
        };
        for benefit in judgement.coverage.covered.iter() {
            match judgement.verdicts[benefit as usize] {
                Verdict::Paid {
                    coefficient,
                    standard,
                } => answer.lines.push(Line {
                    benefit,
                    coefficient,
                    standard,
                    amount: coefficient.of(standard),
                    law: self.articles(benefit, &who, &judgement, &mut glance),
                }),
                Verdict::Refused(reason) => {
                    let reason = self.reason(benefit, reason, &mut glance);
                    answer.refused.push(Refused {
                        benefit,
                        reason: reason.code,
                        law: reason.law,
                        text: reason.text,
                    });
                }
            }
        }
        answer.total = answer.lines.iter().map(|line| line.amount).sum();
        answer
    }

    /// The articles of a paid line: of every rate used, then of the standard.
    fn articles(
        &self,
        benefit: Benefit,
        who: &Circumstances<'_>,
        judgement: &Judgement,
        glance: &mut Glance,
    ) -> Vec<String> {
        let mut law = Vec::new();
        if let Some(version) = self.version(benefit, glance) {
            let coverage = judgement.coverage;
            let asked = Asked::Enrolled { benefit, coverage };
            let mut note = |rate: &Rate| push_new(&mut law, &rate.law);
            rate::count(version, who, asked, glance, &mut note).ok();
        }
        let province = who.province(glance);
        if let Some(standard) = self.standards.at(province, benefit, glance) {
            push_new(&mut law, &standard.law);
        }
        law
    }

    /// The rates behind the lines of a month, by name.
    pub(crate) fn rates_used(&self, person: &Person, month: Month) -> Vec<RateName> {
        let who = Circumstances::of(person);
        let mut glance = Glance::at(month);
        let judgement = self.judge(&who, &mut glance);
        let mut names = Vec::new();
        for benefit in judgement.coverage.covered.iter() {
            let Some(version) = self.version(benefit, &mut glance) else {
                continue;
            };
            let coverage = judgement.coverage;
            let asked = Asked::Enrolled { benefit, coverage };
            let mut note = |rate: &Rate| {
                names.push((benefit, version.text.from, rate.case.clone()));
            };
            if judgement.paid.contains(benefit) {
                rate::count(version, &who, asked, &mut glance, &mut note).ok();
            }
        }
        names
    }

    /// The articles behind a line that was stored with its two factors.
    pub fn references(
        &self,
        benefit: Benefit,
        coefficient: Coefficient,
        standard: Dong,
        month: Month,
        province: Option<ProvinceCode>,
    ) -> Vec<String> {
        let glance = &mut Glance::at(month);
        let mut law = Vec::new();
        if let Some(version) = self.version(benefit, glance) {
            let rates = &version.text.rate;
            let exact = rates.iter().filter(|rate| rate.coefficient == coefficient);
            for rate in exact {
                push_new(&mut law, &rate.law);
            }
            if law.is_empty() {
                // A sum over several people: every rate may have a part in it.
                for rate in rates {
                    push_new(&mut law, &rate.law);
                }
            }
        }
        if let Some(found) = self.standards.at(province, benefit, glance)
            && found.amount == standard
        {
            push_new(&mut law, &found.law);
        }
        law
    }

    /// A reason with its code, article and text.
    pub(crate) fn reason(
        &self,
        benefit: Benefit,
        reason: Reason,
        glance: &mut Glance,
    ) -> ReasonText {
        let full = |code: RefusalCode, law: &str, text: &str| ReasonText {
            code,
            law: vec![law.to_owned()],
            text: text.to_owned(),
        };
        let refusal = |refusal: &Refusal| full(refusal.code, &refusal.law, &refusal.text);
        let version = self.version(benefit, glance).map(|version| &version.text);
        let rules = self.rules.at(glance);
        let found = match reason {
            Reason::NoLaw => None,
            Reason::NotInLaw => return self.not_in_law(benefit),
            Reason::Stopped(place) => rules
                .and_then(|rules| rules.stops.get(usize::from(place)))
                .map(|(stop, _)| full(stop.code, &stop.law, &stop.text)),
            Reason::LowerThanHighest(place) => rules
                .and_then(|rules| rules.highest_only.get(usize::from(place)))
                .map(|group| full(group.text.code, &group.text.law, &group.text.text)),
            Reason::Condition(place) => version
                .and_then(|version| version.condition.get(usize::from(place)))
                .map(|condition| full(condition.code, &condition.law, &condition.text)),
            Reason::NoRate => version
                .and_then(|version| version.otherwise.as_ref())
                .map(refusal),
            Reason::Unknown => version
                .and_then(|version| version.unknown.as_ref())
                .map(refusal),
        };
        found.unwrap_or_else(|| ReasonText {
            code: RefusalCode::NoLaw,
            law: Vec::new(),
            text: "Chưa có quy định của pháp luật cho tháng này trong dữ liệu.".to_owned(),
        })
    }

    fn not_in_law(&self, benefit: Benefit) -> ReasonText {
        let first = self.programmes[benefit as usize].first();
        ReasonText {
            code: RefusalCode::NotInLawOfMonth,
            law: first
                .map(|(_, version)| version.text.law.clone())
                .into_iter()
                .collect(),
            text: "Pháp luật áp dụng cho tháng này không có chế độ này.".to_owned(),
        }
    }
}

fn push_new(list: &mut Vec<String>, item: &str) {
    if !list.iter().any(|known| known == item) {
        list.push(item.to_owned());
    }
}
