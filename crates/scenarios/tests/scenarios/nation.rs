//! The figures published of the whole country come out of its invented people.

use std::collections::{BTreeMap, BTreeSet};

use kernel::clock::vietnam_time;
use kernel::{Dong, Month, MonthSpan};
use law::{Benefit, InForce, Law};
use registry::event::EventKind;
use scenarios::two_way::people::{Nation, PRACTICE_LAW, WITHOUT_POST};
use scenarios::{Invented, When};

const CARERS: [Benefit; 4] = [
    Benefit::CarerChild,
    Benefit::CarerOlder,
    Benefit::CarerDisability,
    Benefit::HouseholdCarer,
];

#[derive(Debug, Default)]
struct Found {
    people: u32,
    households: u32,
    amount: i64,
    higher_people: u32,
    higher_amount: i64,
    higher_in: BTreeSet<String>,
}

impl Found {
    fn count(&mut self, person: &Invented, law: &InForce, month: Month) {
        let mut spells = Vec::new();
        let seen = person.as_the_law_sees(When::InMonth);
        law.owed(&seen, MonthSpan::single(month), &mut spells);
        let carer = |benefit: &Benefit| CARERS.contains(benefit);
        self.people += u32::from(spells.iter().any(|spell| !carer(&spell.benefit)));
        self.households += u32::from(spells.iter().any(|spell| carer(&spell.benefit)));
        let sum = |amount: &mut i64, spell: &law::Spell| *amount += spell.amount.0;
        spells.iter().for_each(|spell| sum(&mut self.amount, spell));
        let higher = spells.iter().filter(|spell| spell.standard > Dong(360_000));
        let before = self.higher_amount;
        higher.for_each(|spell| sum(&mut self.higher_amount, spell));
        if self.higher_amount > before {
            self.higher_people += 1;
            self.higher_in.insert(person.province.to_string());
        }
    }
}

fn found(share: u32) -> Found {
    let folder = tempfile::tempdir().expect("a folder");
    let law = Law::write_for_practice(folder.path(), PRACTICE_LAW).expect("a law");
    let mut found = Found::default();
    for plan in Nation::new(1, share).plans() {
        let law = law.in_force(plan.spec().setting.known);
        for person in plan.invent() {
            found.count(&person, &law, plan.month());
        }
    }
    found
}

#[test]
fn a_part_of_the_nation_has_its_part_of_every_figure() {
    // The whole takes minutes: `ANSINH_SHARE=1`.
    let share = std::env::var("ANSINH_SHARE").ok();
    let share = share.and_then(|share| share.parse().ok()).unwrap_or(100);
    let found = found(share);
    let year = |amount: i64| (amount * 12) as f64 / 1e9;
    // Rounding in 63 provinces; the fewer people, the more.
    let (close, wide) = if share == 1 { (0.2, 0.2) } else { (5.0, 10.0) };
    for (figure, published, thousandths) in [
        (f64::from(found.people), 3_312_000.0, close),
        (f64::from(found.households), 349_000.0, close),
        (year(found.amount), 27_110.0, close),
        (f64::from(found.higher_people), 700_000.0, wide),
        (year(found.higher_amount), 3_514.0, wide),
    ] {
        let off = figure * f64::from(share) / published - 1.0;
        assert!(off.abs() * 1_000.0 <= thousandths, "{published}: {found:?}");
    }
    assert_eq!(found.higher_in.len(), 14);
}

#[test]
fn nobody_shares_an_id_number_or_an_account() {
    let (mut numbers, mut accounts) = (BTreeSet::new(), BTreeSet::new());
    let mut provinces = BTreeMap::new();
    for plan in Nation::new(1, 400).plans() {
        for person in plan.invent() {
            let number = person
                .registration
                .id_number
                .filter(|number| number.len() == 12);
            assert!(
                number.is_none_or(|number| numbers.insert(number)),
                "{}",
                person.key
            );
            let account = person.payee.account_number;
            let has = account.is_some();
            assert!(
                account.is_none_or(|account| accounts.insert(account)),
                "{}",
                person.key
            );
            let all: &mut (u32, u32) = provinces.entry(plan.spec().area).or_default();
            all.0 += 1;
            all.1 += u32::from(has);
        }
    }
    assert_eq!(provinces.len(), 63);
    for (province, (people, with_account)) in provinces {
        let everybody = people == with_account;
        assert_eq!(WITHOUT_POST.contains(&province), everybody, "{province}");
    }
}

#[test]
fn sixty_one_provinces_have_their_points() {
    let nation = Nation::new(1, 400);
    let points = nation.pay_points();
    assert_eq!(points.len(), 11_040);
    let codes: BTreeSet<&str> = points.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes.len(), points.len());
    let areas = kernel::area::Areas::embedded();
    let provinces = points
        .iter()
        .map(|(_, commune)| areas.province_of(commune).code);
    assert_eq!(provinces.collect::<BTreeSet<_>>().len(), 61);
}

#[test]
fn nothing_is_told_of_before_it_happened() {
    let share = std::env::var("ANSINH_SHARE").ok();
    let share = share.and_then(|share| share.parse().ok()).unwrap_or(100);
    for plan in Nation::new(1, share).plans() {
        for phase in [When::Before, When::InMonth] {
            let told = vietnam_time(plan.recorded_at(phase)).date();
            for event in plan.events(phase) {
                let happened = match &event.kind {
                    EventKind::Died { date } => *date,
                    EventKind::PersonRegistered(person) => person.birth_date.assumed_day(),
                    _ => continue,
                };
                assert!(happened <= told, "{} {}", event.person, happened);
            }
        }
    }
}
