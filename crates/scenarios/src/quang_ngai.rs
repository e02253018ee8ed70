//! `quang-ngai-2024-05`: a province in the month in which it cleans its identity data and moves
//! people from cash to accounts.

use jiff::civil::date;
use kernel::Month;
use law::person::Grade;

use crate::circumstance::Setting;
use crate::dossiers::Online;
use crate::id_number::Malformed;
use crate::kind::{Age, Kind, Turn};
use crate::names::{Custom, Group};
use crate::place::District;
use crate::spec::{IdentityFigures, Spec, Wishes};

/// The scenario: 86,504 people, of whom 43,973 have an account and 43,018 are paid into it; 771
/// without a number of twelve digits, 22 not found, 689 that differ; 4 of 13 districts finished.
/// Three resolve applications online: Nghĩa Hành, Mộ Đức, and part of the communes of Ba Tơ, which
/// part is drawn from the seed.
pub(crate) fn spec() -> Spec {
    Spec {
        name: "quang-ngai-2024-05",
        title: "Tỉnh Quảng Ngãi, tháng 5/2024",
        area: "51",
        prefix: "QNG",
        setting: Setting {
            month: Month::of(date(2024, 5, 1)),
            known_before: date(2024, 4, 26),
            known: date(2024, 5, 9),
        },
        districts: districts(),
        kinds: kinds(),
        turns: turns(),
        identity: IdentityFigures {
            missing: 503,
            malformed: vec![
                (Malformed::LostZero, 131),
                (Malformed::OldCard, 96),
                (Malformed::Cut, 27),
                (Malformed::Blanks, 14),
            ],
            not_found: 22,
            mismatch: 689,
            pending: 9_870,
            nobody_asked: false,
        },
        accounts: (43_973, 955),
        wishes: Wishes::Asked,
        target: None,
        halves: None,
        online: Some(Online {
            whole: &["532", "533"],
            part: &["535"],
        }),
    }
}

fn kinds() -> Vec<(Kind, u32)> {
    vec![
        (Kind::Older80, 36_900),
        (Kind::OlderPoor, 2_350),
        (Kind::Older75, 1_720),
        (Kind::OlderFostered, 22),
        (Kind::Disabled(Grade::Severe, Age::Child), 1_980),
        (Kind::Disabled(Grade::Severe, Age::Adult), 14_676),
        (Kind::Disabled(Grade::Severe, Age::Older), 7_250),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Child), 130),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Adult), 480),
        (Kind::Disabled(Grade::ExtremelySevere, Age::Older), 720),
        (Kind::CaredAtHome(Age::Child), 690),
        (Kind::CaredAtHome(Age::Adult), 3_050),
        (Kind::CaredAtHome(Age::Older), 2_580),
        (Kind::CaredByOthers(Age::Child), 14),
        (Kind::CaredByOthers(Age::Adult), 38),
        (Kind::Orphan, 390),
        (Kind::OrphanTakenIn, 214),
        (Kind::Student, 118),
        (Kind::ChildWithHiv, 5),
        (Kind::AdultWithHiv, 71),
        (Kind::SingleParent, 4_120),
        (Kind::SingleParentDisabled, 142),
        (Kind::ChildUnder3, 2_140),
        (Kind::DisabledParent, 96),
    ]
}

fn turns() -> Vec<(Turn, u32)> {
    vec![
        (Turn::New, 520),
        (Turn::Late, 410),
        (Turn::Resumed, 36),
        (Turn::Died, 92),
        (Turn::MovedWithin, 64),
        (Turn::Graver, 48),
        (Turn::Lighter, 19),
        (Turn::Born, 27),
        (Turn::Twice, 6),
        (Turn::DiedLastMonth, 214),
        (Turn::Resting, 41),
        (Turn::MovedAway, 37),
        (Turn::Ended, 58),
    ]
}

const KINH: &[(Group, u32)] = &[(Group::Kinh, 1)];
const BA_TO: &[(Group, u32)] = &[(Group::Hre, 84), (Group::Kinh, 16)];
const MINH_LONG: &[(Group, u32)] = &[(Group::Hre, 72), (Group::Kinh, 28)];
const SON_HA: &[(Group, u32)] = &[(Group::Hre, 83), (Group::Kinh, 14), (Group::XoDang, 3)];
const SON_TAY: &[(Group, u32)] = &[(Group::XoDang, 89), (Group::Kinh, 7), (Group::Hre, 4)];
const TRA_BONG: &[(Group, u32)] = &[(Group::Co, 62), (Group::Kinh, 33), (Group::XoDang, 5)];
const FOOTHILLS: &[(Group, u32)] = &[(Group::Kinh, 97), (Group::Hre, 3)];

/// Weights are rough numbers of inhabitants in thousands.
fn districts() -> Vec<District> {
    let district = |code, weight, difficult, groups, banked, finished| District {
        code,
        weight,
        difficult,
        groups,
        custom: if code == "535" {
            Custom::BaTo
        } else {
            Custom::Centre
        },
        banked,
        finished,
    };
    let kinh = |code, weight, groups, banked, finished| {
        district(code, weight, false, groups, banked, finished)
    };
    vec![
        kinh("522", 240, KINH, 720, false),
        kinh("524", 182, KINH, 560, false),
        district("525", 54, true, TRA_BONG, 330, false),
        kinh("527", 96, KINH, 540, false),
        kinh("528", 128, FOOTHILLS, 600, false),
        district("529", 78, true, SON_HA, 360, false),
        district("530", 20, true, SON_TAY, 300, false),
        district("531", 18, true, MINH_LONG, 420, true),
        kinh("532", 90, FOOTHILLS, 640, true),
        kinh("533", 118, KINH, 620, true),
        kinh("534", 124, KINH, 560, false),
        district("535", 57, true, BA_TO, 340, false),
        kinh("536", 20, KINH, 480, true),
    ]
}
