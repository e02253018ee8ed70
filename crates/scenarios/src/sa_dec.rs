//! `sa-dec-2024-01`: a city in which nearly everybody is paid by account.

use jiff::civil::date;
use kernel::Month;
use law::person::Grade;

use crate::circumstance::Setting;
use crate::id_number::Malformed;
use crate::kind::{Age, Kind, Turn};
use crate::names::{Custom, Group};
use crate::place::District;
use crate::spec::{IdentityFigures, Spec, Wishes};

/// The scenario: 4,681 people, 4,435 accounts, all of them used; the goal is above 95 %, which is
/// twelve people more.
pub(crate) fn spec() -> Spec {
    Spec {
        name: "sa-dec-2024-01",
        title: "Thành phố Sa Đéc, tỉnh Đồng Tháp, tháng 1/2024",
        area: "867",
        prefix: "SDC",
        setting: Setting {
            month: Month::of(date(2024, 1, 1)),
            known_before: date(2023, 12, 28),
            known: date(2024, 1, 9),
        },
        districts: vec![District {
            code: "867",
            weight: 107,
            difficult: false,
            groups: &[(Group::Kinh, 1)],
            custom: Custom::Centre,
            banked: 950,
            finished: false,
        }],
        kinds: kinds(),
        turns: turns(),
        identity: IdentityFigures {
            missing: 21,
            malformed: vec![(Malformed::LostZero, 9), (Malformed::OldCard, 6)],
            not_found: 2,
            mismatch: 37,
            pending: 140,
            nobody_asked: false,
        },
        accounts: (4_435, 0),
        wishes: Wishes::Asked,
        target: Some(95),
        halves: None,
        online: None,
    }
}

fn kinds() -> Vec<(Kind, u32)> {
    vec![
        (Kind::Older80, 2_006),
        (Kind::OlderPoor, 120),
        (Kind::Disabled(Grade::Severe, Age::Child), 110),
        (Kind::Disabled(Grade::Severe, Age::Adult), 820),
        (Kind::Disabled(Grade::Severe, Age::Older), 480),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Child), 10),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Adult), 30),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Older), 60),
        (Kind::CaredAtHome(Age::Child), 40),
        (Kind::CaredAtHome(Age::Adult), 160),
        (Kind::CaredAtHome(Age::Older), 150),
        (Kind::Orphan, 30),
        (Kind::OrphanTakenIn, 12),
        (Kind::Student, 8),
        (Kind::ChildWithHiv, 1),
        (Kind::AdultWithHiv, 16),
        (Kind::SingleParent, 250),
        (Kind::SingleParentDisabled, 10),
        (Kind::DisabledParent, 6),
    ]
}

fn turns() -> Vec<(Turn, u32)> {
    vec![
        (Turn::New, 28),
        (Turn::Late, 20),
        (Turn::Resumed, 2),
        (Turn::Died, 5),
        (Turn::Graver, 3),
        (Turn::Born, 2),
        (Turn::DiedLastMonth, 11),
        (Turn::Resting, 2),
        (Turn::Ended, 3),
    ]
}
