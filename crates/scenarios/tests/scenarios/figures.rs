//! The figures of the scenarios come out of the invented people.

use std::collections::{BTreeMap, BTreeSet};

use kernel::area::Areas;
use law::Benefit;
use registry::event::{Channel, CheckResult};
use scenarios::{Invented, Plan, When, build};

const SEED: u64 = 1;

fn plan(name: &str) -> Plan {
    build(name, SEED, None).expect("a scenario")
}

/// People who draw something in the month: they live, and no decision ended or rests everything.
fn draws(person: &Invented, plan: &Plan) -> bool {
    let month = plan.month();
    let seen = person.as_the_law_sees(When::InMonth);
    let here = seen.provinces.iter().rfind(|(from, _)| *from <= month);
    let province = plan
        .spec()
        .area
        .get(..2)
        .filter(|_| plan.spec().area.len() == 2);
    seen.death_date
        .is_none_or(|day| kernel::Month::of(day) >= month)
        && province.is_none_or(|code| here.is_some_and(|(_, home)| home.to_string() == code))
        && seen.enrolments.iter().any(|enrolment| {
            enrolment.from <= month
                && enrolment.to.is_none_or(|last| last >= month)
                && !enrolment.suspended.iter().any(|span| span.contains(month))
        })
}

#[test]
fn quang_ngai_has_the_published_people_accounts_and_identity_troubles() {
    let plan = plan("quang-ngai-2024-05");
    let mut figures: BTreeMap<&str, u32> = BTreeMap::new();
    let mut open = BTreeSet::new();
    let mut districts = BTreeSet::new();
    for person in plan.invent().filter(|person| draws(person, &plan)) {
        let mut count = |figure| *figures.entry(figure).or_default() += 1;
        count("people");
        let account = person.payee.account_number.is_some();
        let paid = person.payee.channel == Channel::Account;
        assert!(account || !paid);
        if account {
            count("with an account");
        }
        if paid {
            count("paid by account");
        }
        let number = person.registration.id_number.as_deref().unwrap_or_default();
        let twelve = number.len() == 12 && number.bytes().all(|b| b.is_ascii_digit());
        let answer = person.identity.as_ref().map(|identity| identity.result);
        let state = match (twelve, answer) {
            (false, _) => "no number of twelve digits",
            (true, Some(CheckResult::NotFound)) => "not found",
            (true, Some(CheckResult::Mismatch)) => "mismatch",
            (true, Some(CheckResult::Verified)) => "verified",
            (true, _) => "pending",
        };
        count(state);
        let area = person.registration.area.to_string();
        let area = Areas::embedded()
            .on(&area, plan.spec().known_before())
            .expect("real");
        let district = Areas::embedded().path(area)[1].code;
        districts.insert(district);
        if state != "verified" {
            open.insert(district);
        }
    }
    assert_eq!(
        figures,
        [
            ("people", 86_504),
            ("with an account", 43_973),
            ("paid by account", 43_018),
            ("no number of twelve digits", 771),
            ("not found", 22),
            ("mismatch", 689),
            ("pending", 9_870),
            ("verified", 86_504 - 771 - 22 - 689 - 9_870),
        ]
        .into()
    );
    assert_eq!((districts.len(), open.len()), (13, 9));
}

#[test]
fn cho_don_has_the_published_people() {
    let plan = plan("cho-don-2020-08");
    let mut by_benefit: BTreeMap<Benefit, u32> = BTreeMap::new();
    for person in plan.invent().filter(|person| draws(person, &plan)) {
        assert_eq!(person.awards.len(), 1);
        *by_benefit.entry(person.awards[0].benefit).or_default() += 1;
    }
    let of = |benefits: &[Benefit]| benefits.iter().map(|b| by_benefit[b]).sum::<u32>();
    assert_eq!(of(&[Benefit::ChildWithoutSupport]), 16);
    assert_eq!(of(&[Benefit::ChildWithHiv, Benefit::PoorAdultWithHiv]), 8);
    assert_eq!(of(&[Benefit::PoorSingleParent]), 84);
    assert_eq!(
        of(&[
            Benefit::OlderPoorWithoutSupport,
            Benefit::Older80WithoutPension
        ]),
        553
    );
    assert_eq!(of(&[Benefit::Disability]), 785);
    assert_eq!(of(&[Benefit::HouseholdCarer]), 268);
    assert_eq!(by_benefit.values().sum::<u32>(), 1_714);
}

#[test]
fn no_number_can_be_anybodys() {
    for (name, _) in scenarios::names() {
        let plan = plan(name);
        let mut seen = BTreeSet::new();
        for person in plan.invent() {
            let numbers = [
                &person.registration.id_number,
                &person.payee.holder_id_number,
            ];
            for number in numbers.into_iter().flatten() {
                assert!(number.starts_with("99"), "{number}");
                assert!(number.len() != 12 || number.starts_with("999"), "{number}");
            }
            let own = person.registration.id_number.clone();
            assert!(
                own.is_none_or(|number| seen.insert(number)),
                "{}",
                person.key
            );
        }
    }
}

#[test]
fn events_are_the_same_every_time_and_named_once() {
    let digest = |seed| {
        let plan = build("quang-ngai-2024-05", seed, Some(2_000)).expect("a scenario");
        let mut text = Vec::new();
        let mut ids = BTreeSet::new();
        for phase in [When::Before, When::InMonth] {
            for event in plan.events(phase) {
                assert!(ids.insert(event.event_id));
                text.push(event.to_json());
            }
        }
        text
    };
    let first = digest(SEED);
    assert!(first.len() > 9_000);
    assert_eq!(first, digest(SEED));
    assert_ne!(first, digest(SEED + 1));
}

#[test]
fn scaled_scenarios_have_the_people_asked_for() {
    for people in [200, 1_000, 20_001] {
        let plan = build("quang-ngai-2024-05", SEED, Some(people)).expect("a scenario");
        assert_eq!(plan.spec().people(), people);
        let drawing = plan.invent().filter(|person| draws(person, &plan)).count();
        assert_eq!(drawing, people as usize);
    }
    assert!(build("quang-ngai-2024-05", SEED, Some(1)).is_err());
    assert!(build("quang-ngai", SEED, None).is_err());
}
