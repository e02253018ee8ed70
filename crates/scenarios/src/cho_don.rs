//! `cho-don-2020-08`: a mountain district under the decrees of 2012 and 2013, paid in cash by the
//! post.

use jiff::civil::date;
use kernel::Month;
use law::person::Grade;

use crate::circumstance::Setting;
use crate::id_number::Malformed;
use crate::kind::{Age, Kind, Turn};
use crate::names::{Custom, Group};
use crate::place::District;
use crate::spec::{IdentityFigures, Spec, Wishes};

/// The scenario: 1,714 people and households, whose list of the month pays 662,715,000 đồng,
/// which is 4,909 times half of 270,000. How many of the severely disabled are adults, and how
/// many children or old, is solved so that the list adds up; it pays a few arrears.
pub(crate) fn spec() -> Spec {
    Spec {
        name: "cho-don-2020-08",
        title: "Huyện Chợ Đồn, tỉnh Bắc Kạn, tháng 8/2020",
        area: "064",
        prefix: "CDN",
        setting: Setting {
            month: Month::of(date(2020, 8, 1)),
            known_before: date(2020, 7, 30),
            known: date(2020, 8, 6),
        },
        districts: vec![District {
            code: "064",
            weight: 48,
            difficult: true,
            groups: &[
                (Group::Tay, 70),
                (Group::Dao, 11),
                (Group::Kinh, 9),
                (Group::Nung, 6),
                (Group::Hmong, 4),
            ],
            custom: Custom::North,
            banked: 0,
            finished: false,
        }],
        kinds: kinds(),
        turns: vec![
            (Turn::New, 9),
            (Turn::Late, 6),
            (Turn::Resumed, 2),
            (Turn::Lighter, 4),
            (Turn::DiedLastMonth, 4),
            (Turn::Resting, 2),
            (Turn::Ended, 7),
        ],
        identity: IdentityFigures {
            missing: 37,
            malformed: vec![(Malformed::OldCard, 412), (Malformed::Cut, 3)],
            nobody_asked: true,
            ..IdentityFigures::default()
        },
        accounts: (0, 0),
        wishes: Wishes::NotAsked,
        target: None,
        halves: Some(4_909),
        online: None,
    }
}

/// 16 children without support; 8 poor people with HIV; 84 poor single parents; 553 older people;
/// 785 people with disabilities; 268 households caring.
fn kinds() -> Vec<(Kind, u32)> {
    vec![
        (Kind::Orphan, 16),
        (Kind::ChildWithHiv, 1),
        (Kind::AdultWithHiv, 7),
        (Kind::SingleParent, 84),
        (Kind::Older80, 487),
        (Kind::OlderPoor, 66),
        (Kind::Disabled(Grade::Severe, Age::Child), 26),
        (Kind::Disabled(Grade::Severe, Age::Adult), 419),
        (Kind::Disabled(Grade::Severe, Age::Older), 60),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Adult), 8),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Older), 4),
        (Kind::CaredAtHome(Age::Child), 28),
        (Kind::CaredAtHome(Age::Adult), 190),
        (Kind::CaredAtHome(Age::Older), 50),
    ]
}
