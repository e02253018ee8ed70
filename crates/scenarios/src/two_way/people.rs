//! The people of the whole country, province by province.
//!
//! What was published of May 2024: more than 3.3 million people with a monthly allowance, 349,000
//! households or persons who take care of somebody, more than 27,000 billion đồng a year; a higher
//! standard in 14 provinces for about 700,000 people, 3,514 billion đồng; 61 provinces that pay
//! through the post at more than 11,000 points. How many live in which province was not: they are
//! shared out by the number of communes, and no statistics are claimed.
//!
//! 3,514 billion đồng for 700,000 people are 418,000 đồng a month for each. That can only be what
//! people draw who have the coefficient 1.0: those of 80 and more. So 13 provinces pay these, and
//! nobody else, by a higher standard, which is in no decree ([`PRACTICE_LAW`]); the fourteenth is
//! Quảng Ninh, whose higher standard for everybody is in the law. The rest of the 27,000 billion is
//! then drawn by people with higher coefficients, most of them disabled.

use std::collections::BTreeMap;

use jiff::civil::date;
use kernel::area::{Area, Areas};
use kernel::{Month, Sex};
use law::person::Grade;

use super::{NAME, TITLE};
use crate::circumstance::Setting;
use crate::id_number::Malformed;
use crate::kind::{Age, Kind, Turn};
use crate::names::{Custom, Group};
use crate::place::{District, share_out};
use crate::plan::Plan;
use crate::random::Random;
use crate::spec::{IdentityFigures, Spec, Wishes};

/// The standards of provinces that are in no decree, as a law folder's `practice.toml`.
pub const PRACTICE_LAW: &str = include_str!("practice.toml");

/// The two provinces without a contract with the post: everybody there has an account. Which two
/// they were was not published.
pub const WITHOUT_POST: [&str; 2] = ["48", "79"];

/// At how many points the post pays.
pub const PAY_POINTS: u32 = 11_040;

/// Where the higher standard of people of 80 and more is invented.
const HIGHER: [&str; 13] = [
    "01", "26", "27", "30", "31", "33", "48", "56", "74", "75", "77", "79", "80",
];

/// Families that live everywhere.
const EVERYWHERE: [(Kind, u32); 21] = [
    (Kind::Disabled(Grade::Severe, Age::Older), 1_310_000),
    (Kind::Disabled(Grade::Severe, Age::Adult), 260_000),
    (Kind::Disabled(Grade::Severe, Age::Child), 130_000),
    (Kind::Disabled(Grade::ExtremelySevere, Age::Older), 190_000),
    (Kind::Disabled(Grade::ExtremelySevere, Age::Adult), 60_000),
    (Kind::Disabled(Grade::ExtremelySevere, Age::Child), 20_000),
    (Kind::CaredAtHome(Age::Older), 215_000),
    (Kind::CaredAtHome(Age::Adult), 60_000),
    (Kind::CaredAtHome(Age::Child), 60_000),
    (Kind::CaredByOthers(Age::Adult), 2_500),
    (Kind::CaredByOthers(Age::Child), 1_500),
    (Kind::OrphanTakenIn, 9_000),
    (Kind::OlderFostered, 1_000),
    (Kind::OlderPoor, 70_000),
    (Kind::SingleParent, 70_000),
    (Kind::SingleParentDisabled, 3_000),
    (Kind::Orphan, 20_000),
    (Kind::Student, 4_000),
    (Kind::ChildWithHiv, 1_000),
    (Kind::AdultWithHiv, 6_000),
    (Kind::DisabledParent, 2_000),
];

/// Families of mountain provinces.
const IN_THE_MOUNTAINS: [(Kind, u32); 2] = [(Kind::Older75, 6_000), (Kind::ChildUnder3, 6_000)];

/// People of 80 and more, where their standard is higher, and elsewhere.
const OLDER: (u32, u32) = (648_300, 156_700);

/// Provinces whose districts count as specially difficult here.
const MOUNTAINS: [&str; 16] = [
    "02", "04", "06", "08", "10", "11", "12", "14", "15", "17", "20", "62", "64", "66", "67", "45",
];

const KINH: &[(Group, u32)] = &[(Group::Kinh, 1)];
const NORTHERN_MOUNTAINS: &[(Group, u32)] = &[
    (Group::Tay, 30),
    (Group::Kinh, 28),
    (Group::Hmong, 18),
    (Group::Nung, 12),
    (Group::Dao, 12),
];
const HIGHLANDS: &[(Group, u32)] = &[(Group::Kinh, 72), (Group::XoDang, 28)];

/// The nation, as a few numbers; its provinces are laid out one after the other.
#[derive(Clone, Debug)]
pub struct Nation {
    seed: u64,
    share: u32,
    provinces: Vec<Spec>,
}

/// How many people of a sex and year of birth have an ID number already.
type Numbered = BTreeMap<(bool, i16), u32>;

impl Nation {
    /// The nation with one in `share` of its people; 0 counts as 1.
    pub fn new(seed: u64, share: u32) -> Nation {
        let share = share.max(1);
        Nation {
            seed,
            share,
            provinces: specs(seed, share),
        }
    }

    /// One in how many people it holds.
    pub const fn share(&self) -> u32 {
        self.share
    }

    /// What each province fixes, in the order of codes.
    pub fn specs(&self) -> &[Spec] {
        &self.provinces
    }

    /// The provinces in the order of codes, each laid out when it is asked for. Nobody has the ID
    /// number or the account of anybody else in any of them.
    pub fn plans(&self) -> impl Iterator<Item = Plan> + '_ {
        let (mut people, mut numbered) = (0, Numbered::new());
        self.provinces.iter().map(move |spec| {
            let mut plan = Plan::new(spec.clone(), self.seed);
            plan.first_serial = people;
            people += plan.people() as u32;
            plan.id_serials = plan.number_on(&mut numbered);
            plan
        })
    }

    /// Where the post pays: a code and the commune's, in the order of codes. Every commune with
    /// people has a point, towns more than one.
    pub fn pay_points(&self) -> Vec<(String, &'static Area)> {
        let paid = self
            .provinces
            .iter()
            .filter(|spec| !WITHOUT_POST.contains(&spec.area));
        let communes: Vec<&Area> = paid.flat_map(communes_of).collect();
        let more = PAY_POINTS.saturating_sub(communes.len() as u32);
        let weights: Vec<u32> = communes
            .iter()
            .map(|commune| u32::from(matches!(commune.kind, "phường" | "thị trấn")))
            .collect();
        let points = communes.iter().zip(share_out(more, &weights));
        points
            .flat_map(|(commune, more)| {
                let code = commune.code;
                (1..=more + 1).map(move |number| (format!("{code}-{number}"), *commune))
            })
            .collect()
    }
}

impl Plan {
    /// Serials of ID numbers that go on where the plans before ended.
    fn number_on(&self, numbered: &mut Numbered) -> Vec<u32> {
        let families = 0..self.families.len();
        let drafts = families.flat_map(|family| self.drawn(family).drafts);
        drafts
            .map(|draft| {
                let born = draft.birth.assumed_day().year();
                let next = numbered
                    .entry((draft.sex == Sex::Female, born))
                    .or_default();
                *next += 1;
                *next - 1
            })
            .collect()
    }
}

fn setting() -> Setting {
    Setting {
        month: Month::of(date(2024, 5, 1)),
        known_before: date(2024, 4, 26),
        known: date(2024, 5, 9),
    }
}

fn communes_of(spec: &Spec) -> Vec<&'static Area> {
    let day = spec.setting.known_before;
    let districts = spec.districts.iter();
    districts
        .flat_map(|district| {
            let lowest = Areas::embedded().children(district.code, day);
            match lowest.is_empty() {
                true => Areas::embedded()
                    .on(district.code, day)
                    .into_iter()
                    .collect(),
                false => lowest,
            }
        })
        .collect()
}

fn specs(seed: u64, share: u32) -> Vec<Spec> {
    let provinces = Areas::embedded().children("", setting().known_before);
    let mut specs: Vec<Spec> = provinces.into_iter().map(bare).collect();
    let communes: Vec<u32> = specs
        .iter()
        .map(|spec| communes_of(spec).len() as u32)
        .collect();
    let mut settle = |kind: Kind, count: u32, lives: &dyn Fn(&str) -> bool| {
        let weights: Vec<u32> = specs
            .iter()
            .zip(&communes)
            .map(|(spec, communes)| if lives(spec.area) { *communes } else { 0 })
            .collect();
        let shares = share_out(count / share, &weights);
        for (spec, share) in specs.iter_mut().zip(shares) {
            if share > 0 {
                spec.kinds.push((kind, share));
            }
        }
    };
    settle(Kind::Older80, OLDER.0, &|code| HIGHER.contains(&code));
    settle(Kind::Older80, OLDER.1, &|code| !HIGHER.contains(&code));
    for (kind, count) in EVERYWHERE {
        settle(kind, count, &|_| true);
    }
    for (kind, count) in IN_THE_MOUNTAINS {
        settle(kind, count, &|code| MOUNTAINS.contains(&code));
    }
    for spec in &mut specs {
        complete(spec, seed);
    }
    specs
}

/// A province before anybody lives there.
fn bare(province: &'static Area) -> Spec {
    let setting = setting();
    let districts = Areas::embedded().children(province.code, setting.known_before);
    Spec {
        name: NAME,
        title: TITLE,
        area: province.code,
        // A person's key is the province's code and six digits.
        prefix: province.code,
        setting,
        districts: districts
            .into_iter()
            .map(|district| self::district(province.code, district))
            .collect(),
        kinds: Vec::new(),
        turns: Vec::new(),
        identity: IdentityFigures::default(),
        accounts: (0, 0),
        wishes: Wishes::Asked,
        target: None,
        halves: None,
        online: None,
    }
}

fn district(province: &str, district: &'static Area) -> District {
    let difficult = MOUNTAINS.contains(&province);
    let north = province <= "37";
    let communes = Areas::embedded().children(district.code, setting().known_before);
    District {
        code: district.code,
        weight: communes.len().max(1) as u32,
        difficult,
        groups: match (difficult, north) {
            (false, _) => KINH,
            (true, true) => NORTHERN_MOUNTAINS,
            (true, false) => HIGHLANDS,
        },
        custom: if north { Custom::North } else { Custom::Centre },
        banked: if difficult { 350 } else { 600 },
        finished: false,
    }
}

/// What goes by the number of people: accounts, identity, and who is new in the month.
fn complete(spec: &mut Spec, seed: u64) {
    let people = spec.people();
    let code = spec.area.parse().unwrap_or(0);
    let mut chance = Random::new(seed, &[u64::from(b'n'), code]);
    let per_mille = |times: u32| (u64::from(people) * u64::from(times) / 1_000) as u32;
    spec.accounts = if WITHOUT_POST.contains(&spec.area) {
        (people, 0)
    } else {
        let with = chance.between(220, 680) as u32;
        (per_mille(with), per_mille(chance.between(3, 15) as u32))
    };
    spec.identity = IdentityFigures {
        missing: per_mille(5),
        malformed: vec![
            (Malformed::LostZero, per_mille(2)),
            (Malformed::OldCard, per_mille(1)),
        ],
        not_found: people / 4_000,
        mismatch: per_mille(chance.between(3, 14) as u32),
        pending: per_mille(chance.between(20, 180) as u32),
        nobody_asked: false,
    };
    spec.turns = vec![(Turn::New, per_mille(4))];
}
