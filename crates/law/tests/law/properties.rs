//! What must hold for every person whatsoever.

#![allow(clippy::unwrap_used, reason = "a test that fails here says where")]

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, date};
use kernel::{Dong, Month, MonthSpan, PartialDate, ProvinceCode};
use law::input::Question;
use law::person::{Basis, Grade, PovertyStatus};
use law::{
    Benefit, CaredPerson, Enrolment, Fact, FactKind, InForce, Law, Person, RefusalCode, Spell,
};
use proptest::prelude::*;
use proptest::sample::select;

const SPAN: (i16, i16) = (2013, 2029);

fn months() -> MonthSpan {
    MonthSpan {
        from: Month::new(SPAN.0, 1).unwrap(),
        to: Month::new(SPAN.1, 12).unwrap(),
    }
}

fn a_month() -> impl Strategy<Value = Month> {
    (SPAN.0..=SPAN.1, 1..=12_i8).prop_map(|(year, month)| Month::new(year, month).unwrap())
}

fn a_day(years: std::ops::RangeInclusive<i16>) -> impl Strategy<Value = Date> {
    (years, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day))
}

fn a_birth() -> impl Strategy<Value = PartialDate> {
    prop_oneof![
        8 => a_day(1930..=2028).prop_map(PartialDate::Day),
        1 => a_day(1930..=2028).prop_map(|day| PartialDate::Month(Month::of(day))),
        1 => (1930..=2028_i16).prop_map(PartialDate::Year),
    ]
}

fn a_kind() -> impl Strategy<Value = FactKind> {
    let day = || proptest::option::of(a_day(2013..=2029));
    let plain = select(vec![
        FactKind::WithoutSupport { basis: Basis::A },
        FactKind::Hiv,
        FactKind::Poverty {
            status: PovertyStatus::Poor,
        },
        FactKind::Poverty {
            status: PovertyStatus::NearPoor,
        },
        FactKind::Single,
        FactKind::NoSupporter,
        FactKind::FosteredInCommunity,
        FactKind::Disability {
            grade: Grade::Severe,
        },
        FactKind::Disability {
            grade: Grade::ExtremelySevere,
        },
        FactKind::Disability { grade: Grade::Mild },
        FactKind::Pension,
        FactKind::Pregnant,
        FactKind::InFacility,
        FactKind::InPrison,
        FactKind::Suspended {
            reason: String::new(),
        },
    ]);
    let child = (proptest::option::weighted(0.9, a_birth()), day(), day()).prop_map(
        |(birth_date, studying_until, until)| FactKind::Child {
            birth_date,
            studying_until,
            until,
        },
    );
    prop_oneof![
        4 => plain,
        1 => day().prop_map(|until| FactKind::Studying { until }),
        2 => child,
    ]
}

fn a_fact(kind: impl Strategy<Value = FactKind>) -> impl Strategy<Value = Fact> {
    let length = proptest::option::of(0..4000_i32);
    (kind, a_day(2010..=2029), length).prop_map(|(kind, from, length)| Fact {
        from,
        to: length.map(|days| from.saturating_add(jiff::Span::new().days(days))),
        kind,
    })
}

fn somebody_cared_for() -> impl Strategy<Value = FactKind> {
    let relation = select(vec!["taken_in", "foster", "child"]);
    let facts = proptest::collection::vec(a_fact(a_kind()), 0..3);
    let birth = proptest::option::of(a_birth());
    let death = proptest::option::weighted(0.2, a_day(2014..=2028));
    (relation, birth, death, facts).prop_map(|(relation, birth_date, death_date, facts)| {
        FactKind::CaresFor(Box::new(CaredPerson {
            person: "c".to_owned(),
            relation: relation.to_owned(),
            birth_date,
            death_date,
            facts,
        }))
    })
}

fn an_enrolment() -> impl Strategy<Value = Enrolment> {
    let suspended = (a_month(), 0..12_i32).prop_map(|(from, more)| MonthSpan {
        from,
        to: from.plus(more),
    });
    let suspended = proptest::collection::vec(suspended, 0..2);
    let length = proptest::option::of(0..120_i32);
    (select(Benefit::ALL.to_vec()), a_month(), length, suspended).prop_map(
        |(benefit, from, length, suspended)| Enrolment {
            benefit,
            from,
            to: length.map(|months| from.plus(months)),
            suspended,
        },
    )
}

prop_compose! {
    fn a_person()(
        birth_date in a_birth(),
        death_date in proptest::option::weighted(0.3, a_day(2013..=2029)),
        provinces in proptest::collection::vec(
            (a_month(), select(vec!["01", "08", "22", "31", "51"])), 0..3),
        difficult_area in any::<bool>(),
        enrolments in proptest::collection::vec(an_enrolment(), 0..5),
        facts in proptest::collection::vec(
            prop_oneof![5 => a_fact(a_kind()), 1 => a_fact(somebody_cared_for())], 0..8),
    ) -> Person {
        let mut provinces: Vec<_> = provinces
            .into_iter()
            .map(|(month, code)| (month, ProvinceCode::parse(code).unwrap()))
            .collect();
        provinces.sort();
        Person { birth_date, death_date, sex: None, provinces, difficult_area, enrolments, facts }
    }
}

fn in_force() -> Arc<InForce> {
    Law::embedded().in_force(date(2026, 11, 22))
}

fn owed(in_force: &InForce, person: &Person) -> Vec<Spell> {
    let mut spells = Vec::new();
    in_force.owed(person, months(), &mut spells);
    spells
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The fast way, in runs of months, and the slow way, month by month, are the same law.
    #[test]
    fn runs_of_months_agree_with_each_month(person in a_person()) {
        let in_force = in_force();
        let mut monthly: BTreeMap<(Benefit, Month), Dong> = BTreeMap::new();
        for spell in owed(&in_force, &person) {
            prop_assert_eq!(spell.amount, spell.coefficient.of(spell.standard));
            for month in spell.months().months() {
                let twice = monthly.insert((spell.benefit, month), spell.amount);
                prop_assert_eq!(twice, None);
            }
        }
        let mut explained = BTreeMap::new();
        for month in months().months() {
            let answer = in_force.explain(&person, month);
            let total: Dong = answer.lines.iter().map(|line| line.amount).sum();
            prop_assert_eq!(answer.total, total);
            for line in answer.lines {
                prop_assert!(line.law.len() >= 2, "{:?}", line);
                explained.insert((line.benefit, month), line.amount);
            }
            for refused in answer.refused {
                prop_assert!(!refused.text.is_empty());
            }
        }
        prop_assert_eq!(monthly, explained);
    }

    /// Spells are sorted and as few as possible.
    #[test]
    fn runs_are_as_long_as_they_can_be(person in a_person()) {
        let spells = owed(&in_force(), &person);
        for pair in spells.windows(2) {
            prop_assert!((pair[0].benefit, pair[0].to) < (pair[1].benefit, pair[1].from));
            let same = pair[0].benefit == pair[1].benefit
                && pair[0].standard == pair[1].standard
                && pair[0].coefficient == pair[1].coefficient
                && pair[0].to.next() == pair[1].from
                && !pair[0].benefit.is_one_off();
            prop_assert!(!same);
        }
    }

    #[test]
    fn the_order_of_facts_and_enrolments_does_not_matter(person in a_person()) {
        let in_force = in_force();
        let mut turned = person.clone();
        turned.facts.reverse();
        turned.enrolments.reverse();
        prop_assert_eq!(owed(&in_force, &person), owed(&in_force, &turned));
    }

    /// An enrolment that ends and goes on the month after is the same as one that never ended.
    #[test]
    fn splitting_an_enrolment_changes_nothing(person in a_person(), at in a_month()) {
        let in_force = in_force();
        let mut split = person.clone();
        split.enrolments = person.enrolments.iter().flat_map(|whole| parts(whole, at)).collect();
        prop_assert_eq!(owed(&in_force, &person), owed(&in_force, &split));
    }

    /// The month of birth is the first that can be owed; from then on birth stops nothing.
    #[test]
    fn nobody_is_owed_anything_before_the_month_of_birth(person in a_person()) {
        let in_force = in_force();
        let born = person.birth_date.assumed_month();
        for spell in owed(&in_force, &person) {
            prop_assert!(spell.from >= born, "{:?} born {}", spell, born);
        }
        for month in months().months().filter(|month| *month < born) {
            let answer = in_force.explain(&person, month);
            prop_assert_eq!(answer.total, Dong::ZERO);
            let early = |no: &law::Refused| matches!(
                no.reason,
                RefusalCode::NotBorn | RefusalCode::NoLaw | RefusalCode::NotInLawOfMonth
            );
            prop_assert!(answer.refused.iter().all(early), "{:?}", answer.refused);
        }
        for month in months().months().filter(|month| *month >= born) {
            let answer = in_force.explain(&person, month);
            prop_assert!(answer.refused.iter().all(|no| no.reason != RefusalCode::NotBorn));
        }
    }

    /// Asking about a part of the time gives that part of the answer.
    #[test]
    fn a_shorter_question_gets_the_same_answer(person in a_person(), at in a_month()) {
        let in_force = in_force();
        let whole = owed(&in_force, &person);
        let mut tail = Vec::new();
        let span = MonthSpan { from: at, to: months().to };
        in_force.owed(&person, span, &mut tail);
        let total = |spells: &[Spell], month| -> Dong {
            let in_month = spells.iter().filter(|spell| spell.months().contains(month));
            in_month.map(|spell| spell.amount).sum()
        };
        for month in span.months() {
            prop_assert_eq!(total(&whole, month), total(&tail, month));
        }
    }

    /// Whoever qualifies by facts alone would also be paid something once enrolled in it alone.
    #[test]
    fn assess_never_promises_what_calc_refuses(person in a_person(), month in a_month()) {
        let in_force = in_force();
        let mut person = person;
        let suspended = |fact: &Fact| matches!(fact.kind, FactKind::Suspended { .. });
        person.facts.retain(|fact| !suspended(fact));
        for eligible in in_force.assess(&person, month).eligible {
            let benefit = eligible.benefit;
            person.enrolments =
                vec![Enrolment { benefit, from: month, to: None, suspended: Vec::new() }];
            let answer = in_force.explain(&person, month);
            prop_assert_eq!(answer.lines.len(), 1, "{:?} {:?}", benefit, answer.refused);
        }
    }

    /// Any text at all is read or refused, never a crash.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        let refused = Question::from_json(text.as_bytes());
        prop_assert!(refused.is_err_and(|error| !error.code.is_empty()));
    }
}

/// An enrolment cut after a month, when the month lies inside. What is paid once in the first
/// month must not be cut.
fn parts(whole: &Enrolment, at: Month) -> Vec<Enrolment> {
    let ends_later = whole.to.is_none_or(|to| to > at);
    if whole.from > at || !ends_later || whole.benefit == Benefit::EmergencyInjury {
        return vec![whole.clone()];
    }
    let first = Enrolment {
        to: Some(at),
        ..whole.clone()
    };
    let second = Enrolment {
        from: at.next(),
        ..whole.clone()
    };
    vec![first, second]
}
