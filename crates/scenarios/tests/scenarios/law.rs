//! The invented people are owed what the scenarios say, by the law of the month.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::{Dong, Month, MonthSpan};
use law::{Benefit, InForce, Law};
use scenarios::{Due, Invented, Plan, When, build, due};

fn plan(name: &str) -> (Plan, Arc<InForce>) {
    let plan = build(name, 1, None).expect("a scenario");
    let law = Law::embedded().in_force(plan.spec().setting.known);
    (plan, law)
}

fn owed(person: &Invented, law: &InForce, month: Month) -> Vec<Benefit> {
    let mut spells = Vec::new();
    let seen = person.as_the_law_sees(When::InMonth);
    law.owed(&seen, MonthSpan::single(month), &mut spells);
    spells.into_iter().map(|spell| spell.benefit).collect()
}

fn total(plan: &Plan, law: &InForce) -> Due {
    plan.invent().fold(Due::default(), |sum, person| {
        let due = due(&person, law, plan.month());
        Due {
            regular: sum.regular + due.regular,
            arrears: sum.arrears + due.arrears,
            recovery: sum.recovery + due.recovery,
        }
    })
}

#[test]
fn the_list_of_cho_don_adds_up_to_the_printed_total() {
    let (plan, law) = plan("cho-don-2020-08");
    let total = total(&plan, &law);
    assert_eq!(total.payable(), Dong(662_715_000), "{total:?}");
    assert_eq!(total.payable(), Dong(4_909 * 135_000));
    assert!(
        total.arrears > Dong::ZERO && total.recovery < Dong::ZERO,
        "{total:?}"
    );
}

#[test]
fn every_printed_total_is_solved_for_any_seed() {
    for seed in 2..7 {
        let plan = build("cho-don-2020-08", seed, None).expect("a scenario");
        let law = Law::embedded().in_force(plan.spec().setting.known);
        assert_eq!(plan.payable(&law), Dong(662_715_000), "seed {seed}");
    }
}

#[test]
fn the_people_counted_are_those_owed_something() {
    for (name, people) in [
        ("quang-ngai-2024-05", 86_504),
        ("sa-dec-2024-01", 4_681),
        ("bac-kan-2024-01", 20_372),
        ("cho-don-2020-08", 1_714),
    ] {
        let (plan, law) = plan(name);
        let mut count = 0;
        let mut by_benefit: BTreeMap<Benefit, u32> = BTreeMap::new();
        let province = plan
            .spec()
            .area
            .get(..2)
            .filter(|_| plan.spec().area.len() == 2);
        for person in plan.invent() {
            let seen = person.as_the_law_sees(When::InMonth);
            let home = seen
                .provinces
                .iter()
                .rfind(|(from, _)| *from <= plan.month());
            let here = province.is_none_or(|code| home.is_some_and(|(_, p)| p.to_string() == code));
            let benefits = owed(&person, &law, plan.month());
            count += u32::from(here && benefits.iter().any(|benefit| !benefit.is_one_off()));
            for benefit in benefits.into_iter().filter(|_| here) {
                *by_benefit.entry(benefit).or_default() += 1;
            }
        }
        assert_eq!(count, people, "{name}: {by_benefit:?}");
        // Whoever only owes money back, or is only paid arrears, would be counted by a list too.
        let due = plan
            .invent()
            .map(|person| (due(&person, &law, plan.month()), person));
        let mut others = due.filter(|(due, _)| due.regular == Dong::ZERO);
        assert!(others.all(|(due, _)| due == Due::default()), "{name}");
    }
}

#[test]
fn everybody_decided_for_qualifies_by_the_facts() {
    for (name, _) in scenarios::names() {
        let (plan, law) = plan(name);
        let mut wrong = BTreeMap::new();
        for person in plan.invent() {
            let seen = person.as_the_law_sees(When::InMonth);
            for award in person.awards.iter().filter(|award| award.ended.is_none()) {
                let month = match person.death {
                    Some(day) => Month::of(day),
                    None => plan.month(),
                };
                let assessment = law.assess(&seen, month);
                let refused = assessment.ineligible.iter();
                let refused = refused.filter(|refusal| refusal.benefit == award.benefit);
                for refusal in refused {
                    let why = (award.benefit, refusal.condition);
                    *wrong.entry(why).or_insert(0) += 1;
                }
            }
        }
        assert_eq!(wrong, BTreeMap::new(), "{name}");
    }
}

#[test]
fn everybody_qualified_from_the_first_month_paid() {
    for (name, _) in scenarios::names() {
        let (plan, law) = plan(name);
        let mut wrong = BTreeMap::new();
        for person in plan.invent() {
            let seen = person.as_the_law_sees(When::InMonth);
            for award in person
                .awards
                .iter()
                .filter(|award| !award.benefit.is_one_off())
            {
                let mut spells = Vec::new();
                law.owed(&seen, MonthSpan::single(award.from), &mut spells);
                if !spells.iter().any(|spell| spell.benefit == award.benefit) {
                    *wrong.entry(award.benefit).or_insert(0) += 1;
                }
                assert!(award.decision.date <= plan.spec().setting.known);
            }
        }
        assert_eq!(wrong, BTreeMap::new(), "{name}");
    }
}
