//! Speed of the engine in person-months, beside a hand-written loop of the simplest such rule.
//!
//! `cargo bench -p law --bench engine`: divan prints items (person-months) a second for each, and
//! before it stands how many times as long the engine takes as the loop, measured turn by turn.

use std::time::{Duration, Instant};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use jiff::civil::date;
use kernel::{Month, MonthSpan, PartialDate, ProvinceCode};
use law::person::{Grade, PovertyStatus};
use law::{Benefit, Enrolment, Fact, FactKind, InForce, Law, Person, Spell};

const PEOPLE: usize = 20_000;
const MONTHS: i32 = 24;

/// Turns of which the middle one counts.
const TURNS: usize = 41;

fn main() {
    engine_against_loop();
    divan::main();
}

/// The engine and the loop in turn, so that a machine that is slow for a while is slow for both.
fn engine_against_loop() {
    let in_force = Law::embedded().in_force(date(2026, 11, 22));
    let people = people();
    let flat = flat(&people);
    let mut spells = Vec::new();
    let mut turns: Vec<(u128, Duration)> = (0..TURNS)
        .map(|_| {
            let begun = Instant::now();
            black_box(owed_by_engine(&in_force, &people, &mut spells));
            let engine = begun.elapsed();
            let begun = Instant::now();
            black_box(owed_by_loop(black_box(&flat)));
            let hundredths = engine.as_nanos() * 100 / begun.elapsed().as_nanos().max(1);
            (hundredths, engine)
        })
        .collect();
    turns.sort_unstable();
    let shown = |at: usize| format!("{}.{:02}", turns[at].0 / 100, turns[at].0 % 100);
    let (least, middle, most) = (shown(TURNS / 10), shown(TURNS / 2), shown(TURNS * 9 / 10));
    turns.sort_unstable_by_key(|(_, engine)| *engine);
    let person_months = (PEOPLE * MONTHS as usize) as u128;
    let a_second = person_months * 1_000 / turns[TURNS / 2].1.as_nanos().max(1);
    println!(
        "engine: {a_second} million person-months a second on one core, {middle} times as long as \
         the hand-written loop (eight turns of ten between {least} and {most})"
    );
}

fn span() -> MonthSpan {
    let from = Month::of(date(2023, 1, 1));
    MonthSpan {
        from,
        to: from.plus(MONTHS - 1),
    }
}

/// Typical people: one enrolment, one to three facts, every age.
fn people() -> Vec<Person> {
    (0..PEOPLE).map(person).collect()
}

fn person(i: usize) -> Person {
    let since = date(2015 + (i % 9) as i16, 1 + (i % 12) as i8, 5);
    let (benefit, age, kinds) = match i % 10 {
        0..=5 => (Benefit::Disability, (i * 7919) % 90, disabled(i)),
        6..=8 => (
            Benefit::Older80WithoutPension,
            78 + i % 15,
            vec![FactKind::NoSupporter],
        ),
        _ => (Benefit::PoorSingleParent, 25 + i % 20, single_parent(i)),
    };
    let fact = |kind| Fact {
        from: since,
        to: None,
        kind,
    };
    let province = ProvinceCode::parse("51").map(|code| (Month::MIN, code));
    Person {
        birth_date: PartialDate::Day(date(2023 - age as i16, 1 + (i % 12) as i8, 17)),
        death_date: i.is_multiple_of(50).then(|| date(2024, 3, 3)),
        sex: None,
        provinces: province.into_iter().collect(),
        difficult_area: false,
        enrolments: vec![Enrolment {
            benefit,
            from: Month::of(since),
            to: None,
            suspended: Vec::new(),
        }],
        facts: kinds.into_iter().map(fact).collect(),
    }
}

fn disabled(i: usize) -> Vec<FactKind> {
    let grade = if i.is_multiple_of(3) {
        Grade::ExtremelySevere
    } else {
        Grade::Severe
    };
    let poor = FactKind::Poverty {
        status: PovertyStatus::Poor,
    };
    let mut kinds = vec![FactKind::Disability { grade }];
    kinds.extend(i.is_multiple_of(2).then_some(poor));
    kinds
}

fn single_parent(i: usize) -> Vec<FactKind> {
    let child = FactKind::Child {
        birth_date: Some(PartialDate::Day(date(2005 + (i % 15) as i16, 3, 9))),
        studying_until: None,
        until: None,
    };
    let status = PovertyStatus::NearPoor;
    vec![FactKind::Single, FactKind::Poverty { status }, child]
}

#[divan::bench]
fn owed_in_runs(bencher: Bencher) {
    let in_force = Law::embedded().in_force(date(2026, 11, 22));
    let people = people();
    let mut spells: Vec<Spell> = Vec::new();
    bencher
        .counter(ItemsCount::new(PEOPLE * MONTHS as usize))
        .bench_local(|| owed_by_engine(&in_force, &people, &mut spells));
}

fn owed_by_engine(in_force: &InForce, people: &[Person], spells: &mut Vec<Spell>) -> i64 {
    let mut total = 0;
    for person in people {
        in_force.owed(black_box(person), span(), spells);
        total += spells
            .iter()
            .map(|spell| spell.total().value())
            .sum::<i64>();
    }
    total
}

#[divan::bench]
fn explained_month_by_month(bencher: Bencher) {
    let in_force = Law::embedded().in_force(date(2026, 11, 22));
    let people = people();
    let some = &people[..PEOPLE / 20];
    bencher
        .counter(ItemsCount::new(some.len() * MONTHS as usize))
        .bench_local(|| {
            let mut total = 0;
            for person in some {
                for month in span().months() {
                    total += in_force.explain(black_box(person), month).total.value();
                }
            }
            total
        });
}

/// What the hand-written loop knows of a person: enough for the disability allowance alone.
struct Flat {
    born: i32,
    from: i32,
    died: i32,
    extremely_severe: bool,
}

fn flat(people: &[Person]) -> Vec<Flat> {
    let since_min = |day| Month::of(day).since(Month::MIN);
    people
        .iter()
        .enumerate()
        .map(|(i, person)| Flat {
            born: since_min(person.birth_date.assumed_day()),
            from: since_min(person.facts[0].from),
            died: person.death_date.map_or(i32::MAX, since_min),
            extremely_severe: i.is_multiple_of(3),
        })
        .collect()
}

/// The disability allowance of 20/2021/NĐ-CP, month by month over plain numbers: no dates of law,
/// no other benefit, no reasons. What a programmer would write who will never have to change it.
fn owed_by_loop(people: &[Flat]) -> i64 {
    let first = Month::of(date(2023, 1, 1)).since(Month::MIN);
    let raised = Month::of(date(2024, 7, 1)).since(Month::MIN);
    let mut total = 0;
    for person in people {
        for month in first..first + MONTHS {
            if month < person.from || month > person.died {
                continue;
            }
            let age = month - person.born;
            let weak = !(16 * 12..60 * 12).contains(&age);
            let halves = 3 + i64::from(person.extremely_severe) + i64::from(weak);
            let standard = if month < raised { 360_000 } else { 500_000 };
            total += halves * standard / 2;
        }
    }
    total
}

#[divan::bench]
fn hand_written_loop(bencher: Bencher) {
    let flat = flat(&people());
    bencher
        .counter(ItemsCount::new(PEOPLE * MONTHS as usize))
        .bench_local(|| owed_by_loop(black_box(&flat)));
}
