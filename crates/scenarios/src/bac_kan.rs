//! `bac-kan-2024-01`: a mountain province at the beginning of its way from cash to accounts.

use jiff::civil::date;
use kernel::Month;
use law::person::Grade;

use crate::circumstance::Setting;
use crate::id_number::Malformed;
use crate::kind::{Age, Kind, Turn};
use crate::names::{Custom, Group};
use crate::place::District;
use crate::spec::{IdentityFigures, Spec, Wishes};

/// The scenario: 20,372 people, 482 with an account who wish to be paid into it, 179 who are; the
/// goal of the year is 30 %, which is 6,112 people. The published figure counts people with merit
/// too: their law is not in the program, so all of these draw social assistance.
pub(crate) fn spec() -> Spec {
    Spec {
        name: "bac-kan-2024-01",
        title: "Tỉnh Bắc Kạn, tháng 1/2024",
        area: "06",
        prefix: "BKN",
        setting: Setting {
            month: Month::of(date(2024, 1, 1)),
            known_before: date(2023, 12, 28),
            known: date(2024, 1, 9),
        },
        districts: districts(),
        kinds: kinds(),
        turns: turns(),
        identity: IdentityFigures {
            missing: 214,
            malformed: vec![
                (Malformed::LostZero, 96),
                (Malformed::OldCard, 143),
                (Malformed::Cut, 11),
            ],
            not_found: 19,
            mismatch: 402,
            pending: 5_230,
            nobody_asked: false,
        },
        accounts: (482, 482 - 179),
        wishes: Wishes::OfHolders,
        target: Some(30),
        halves: None,
        online: None,
    }
}

fn kinds() -> Vec<(Kind, u32)> {
    vec![
        (Kind::Older80, 6_810),
        (Kind::OlderPoor, 900),
        (Kind::Older75, 900),
        (Kind::OlderFostered, 6),
        (Kind::Disabled(Grade::Severe, Age::Child), 420),
        (Kind::Disabled(Grade::Severe, Age::Adult), 4_100),
        (Kind::Disabled(Grade::Severe, Age::Older), 1_500),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Child), 40),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Adult), 120),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Older), 160),
        (Kind::CaredAtHome(Age::Child), 180),
        (Kind::CaredAtHome(Age::Adult), 800),
        (Kind::CaredAtHome(Age::Older), 620),
        (Kind::CaredByOthers(Age::Child), 3),
        (Kind::CaredByOthers(Age::Adult), 8),
        (Kind::Orphan, 130),
        (Kind::OrphanTakenIn, 60),
        (Kind::Student, 35),
        (Kind::ChildWithHiv, 3),
        (Kind::AdultWithHiv, 90),
        (Kind::SingleParent, 1_100),
        (Kind::SingleParentDisabled, 40),
        (Kind::ChildUnder3, 640),
        (Kind::DisabledParent, 30),
    ]
}

fn turns() -> Vec<(Turn, u32)> {
    vec![
        (Turn::New, 120),
        (Turn::Late, 85),
        (Turn::Resumed, 8),
        (Turn::Died, 20),
        (Turn::MovedWithin, 12),
        (Turn::Graver, 10),
        (Turn::Lighter, 4),
        (Turn::Born, 6),
        (Turn::Twice, 3),
        (Turn::DiedLastMonth, 47),
        (Turn::Resting, 9),
        (Turn::MovedAway, 8),
        (Turn::Ended, 13),
    ]
}

const TOWN: &[(Group, u32)] = &[(Group::Tay, 45), (Group::Kinh, 50), (Group::Nung, 5)];
const NORTH: &[(Group, u32)] = &[
    (Group::Tay, 52),
    (Group::Dao, 18),
    (Group::Hmong, 16),
    (Group::Nung, 9),
    (Group::Kinh, 5),
];
const SOUTH: &[(Group, u32)] = &[
    (Group::Tay, 60),
    (Group::Dao, 17),
    (Group::Kinh, 13),
    (Group::Nung, 10),
];

/// Weights are rough numbers of inhabitants in thousands.
fn districts() -> Vec<District> {
    let district = |code, weight, difficult, groups, banked| District {
        code,
        weight,
        difficult,
        groups,
        custom: Custom::North,
        banked,
        finished: false,
    };
    vec![
        district("058", 46, false, TOWN, 120),
        district("060", 34, true, NORTH, 10),
        district("061", 49, true, NORTH, 20),
        district("062", 30, true, NORTH, 15),
        district("063", 33, true, SOUTH, 25),
        district("064", 49, true, SOUTH, 25),
        district("065", 42, true, SOUTH, 25),
        district("066", 40, true, SOUTH, 20),
    ]
}
