//! The table of areas, whole, and what months make of it.

use std::collections::HashMap;

use jiff::civil::{Date, date};
use kernel::Month;
use kernel::area::{Area, Areas, BEFORE_RECORDS, Level};

const MERGERS: Date = date(2025, 7, 1);

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

fn count(areas: &Areas, level: Level, day: Date) -> usize {
    let all = areas.all().iter();
    all.filter(|area| area.level == level && area.exists_on(day))
        .count()
}

#[test]
fn every_era_has_its_areas() {
    let areas = Areas::embedded();
    let before = [Level::Province, Level::District, Level::Commune]
        .map(|level| count(areas, level, date(2024, 5, 1)));
    let after = [Level::Province, Level::District, Level::Commune]
        .map(|level| count(areas, level, MERGERS));
    assert_eq!(before, [63, 696, 10_035]);
    assert_eq!(after, [34, 0, 3_321]);
}

#[test]
fn every_area_lies_in_a_province_of_its_era() {
    let areas = Areas::embedded();
    for area in areas.all() {
        let path = areas.path(area);
        assert_eq!(path[0].level, Level::Province, "{}", area.code);
        assert_eq!(path.last(), Some(&area));
        assert!(path.iter().all(|outer| outer.valid_from == area.valid_from));
        assert_eq!(areas.province_code_of(area).to_string(), path[0].code);
    }
}

#[test]
fn every_old_commune_has_one_successor_or_one_likeliest_part() {
    let areas = Areas::embedded();
    let mut split = 0;
    for old in areas.all().iter().filter(|area| area.lowest) {
        let now = areas
            .resolve(old.code, old.valid_from, month("2025-07"))
            .unwrap_or_else(|| panic!("{} {} leads nowhere", old.code, old.full_name));
        assert!(now.area.exists_on(MERGERS));
        assert_eq!(now.area.level, Level::Commune);
        split += u32::from(!now.confirmed);
    }
    assert_eq!(split, 471);
}

#[test]
fn every_new_commune_was_something_before() {
    let areas = Areas::embedded();
    let new = areas.all().iter().filter(|area| area.valid_from == MERGERS);
    for area in new.filter(|area| area.lowest) {
        let path = areas.path_in(area.code, area.valid_from, month("2025-06"));
        assert_eq!(path[0].valid_from, BEFORE_RECORDS, "{}", area.code);
    }
}

#[test]
fn provinces_follow_their_communes() {
    let areas = Areas::embedded();
    let table = include_str!("../../../reference/province_changes.csv");
    let provinces: HashMap<&str, &str> = table
        .lines()
        .skip(1)
        .filter_map(|line| {
            line.split_once(',')?
                .1
                .split_once(',')
                .map(|(new, _)| (&line[..2], new))
        })
        .collect();
    assert_eq!(provinces.len(), 63);
    for (old, new, _) in areas.changes() {
        let (old, new) = (areas.province_of(old).code, areas.province_of(new).code);
        assert_eq!(provinces[old], new);
    }
}

#[test]
fn in_every_month_the_provinces_part_all_communes_between_them() {
    let areas = Areas::embedded();
    let everywhere = areas.communes_under("", month("2024-05")).len();
    assert_eq!(everywhere, 10_035 + 5 + 3_321);
    for text in ["2024-05", "2025-06", "2025-07", "2026-10"] {
        let month = month(text);
        let provinces = areas.children("VN", month.first_day());
        let sum: usize = provinces
            .iter()
            .map(|province| areas.communes_under(province.code, month).len())
            .sum();
        assert_eq!(sum, everywhere, "{text}");
    }
}

#[test]
fn a_commune_is_itself_until_it_is_merged() {
    let areas = Areas::embedded();
    let old = areas.on("21211", date(2024, 5, 1)).expect("Xã Tịnh Khê");
    let name = |resolved: Option<kernel::area::Resolved<'_>>| {
        let resolved = resolved.expect("a commune");
        (areas.written_path(resolved.area), resolved.confirmed)
    };
    let resolve = |text| areas.resolve(old.code, old.valid_from, month(text));
    let before = "Xã Tịnh Khê, Thành phố Quảng Ngãi, Tỉnh Quảng Ngãi";
    assert_eq!(name(resolve("2025-06")), (before.to_owned(), true));
    let (after, confirmed) = name(resolve("2025-07"));
    assert_eq!(after, "Xã Tịnh Khê, Tỉnh Quảng Ngãi");
    assert!(confirmed);
}

#[test]
fn a_new_code_asked_about_an_old_month_stays_itself_and_counts_in_the_old_province() {
    let areas = Areas::embedded();
    // Phường Kon Tum: in Tỉnh Kon Tum (62) until June 2025, in Tỉnh Quảng Ngãi (51) since.
    let is_kon_tum = |area: &&Area| area.name == "Kon Tum" && area.valid_from == MERGERS;
    let new = areas.all().iter().find(is_kon_tum).expect("Phường Kon Tum");
    let before = month("2024-05");
    let resolved = areas.resolve(new.code, new.valid_from, before);
    assert_eq!(resolved.map(|resolved| resolved.area), Some(new));
    let lies = |outer, month| areas.contains_in(outer, new.code, new.valid_from, month);
    assert!(lies("62", before) && !lies("51", before));
    assert!(lies("51", Month::of(MERGERS)) && !lies("62", Month::of(MERGERS)));
    assert!(lies(new.code, before) && lies("", before) && lies("VN", before));
}

#[test]
fn a_merged_province_contains_the_communes_it_took_in() {
    let areas = Areas::embedded();
    let kon_tum = areas.get("62", BEFORE_RECORDS).expect("Tỉnh Kon Tum");
    let old = areas
        .all()
        .iter()
        .find(|area| area.lowest && areas.province_of(area) == kon_tum)
        .expect("a commune of Kon Tum");
    assert!(areas.contains("62", old), "in its own era");
    assert!(areas.contains("51", old), "after the mergers");
    assert!(!areas.contains("48", old));
    assert!(areas.contains("", old));
}

#[test]
fn people_of_an_island_district_without_communes_move_with_it() {
    let areas = Areas::embedded();
    let island = areas.on("536", date(2024, 5, 1)).expect("Huyện Lý Sơn");
    assert!(island.lowest);
    let under = areas.communes_under("51", month("2024-05"));
    assert!(under.contains(&("536", BEFORE_RECORDS)));
    let now = areas.resolve("536", BEFORE_RECORDS, month("2025-07"));
    let now = now.expect("a successor");
    assert_eq!(
        (now.area.full_name.as_str(), now.confirmed),
        ("Đặc khu Lý Sơn", true)
    );
}

#[test]
fn a_district_holds_communes_only_while_it_exists() {
    let areas = Areas::embedded();
    assert!(!areas.communes_under("522", month("2025-06")).is_empty());
    assert!(areas.communes_under("522", month("2025-07")).is_empty());
    assert!(
        areas
            .resolve("522", BEFORE_RECORDS, month("2025-07"))
            .is_none()
    );
    assert!(
        areas
            .resolve("99999", BEFORE_RECORDS, month("2025-07"))
            .is_none()
    );
}

#[test]
fn every_commune_of_every_era_has_its_former_district() {
    let areas = Areas::embedded();
    let former = |code: &str, valid_from| {
        let area = areas.get(code, valid_from).expect("an area");
        areas.former_district(area).map(|district| district.code)
    };
    // Xã Tịnh Hòa of the city and Xã Đông Sơn of today, which goes on the commune of the same code.
    assert_eq!(former("21187", BEFORE_RECORDS), Some("522"));
    assert_eq!(former("21109", MERGERS), Some("524"));
    assert_eq!(former("524", BEFORE_RECORDS), Some("524"));
    assert_eq!(
        former("536", BEFORE_RECORDS),
        Some("536"),
        "an island district"
    );
    assert_eq!(former("21548", MERGERS), Some("536"), "the island of today");
    assert_eq!(former("51", BEFORE_RECORDS), None);
    for area in areas.all().iter().filter(|area| area.lowest) {
        assert!(areas.former_district(area).is_some(), "{}", area.full_name);
    }
    let dong_son = areas.get("21109", MERGERS).expect("Xã Đông Sơn");
    let old = areas.get("21187", BEFORE_RECORDS).expect("Xã Tịnh Hòa");
    assert!(areas.successors(old).any(|new| new == dong_son));
}
