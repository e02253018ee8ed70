//! The same people as two offices would have written them down, with what goes wrong on the way: so
//! that it is known which records of the two lists are one person.

use std::io::{self, Write};

use jiff::civil::date;
use kernel::Sex;
use kernel::area::{Areas, Level};
use kernel::name::{search_key, split};

use crate::id_number::{Malformed, invented};
use crate::names::{Custom, Group, full_name, surname};
use crate::random::Random;

/// The heading of both lists.
const HEADING: &str = "id,full_name,birth_date,sex,ethnicity,id_number,phone,area,address";

/// How many in four live at one address and, children aside, bear one surname.
const FAMILY: u32 = 4;

/// How long the lists are and how many people are on both.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Records of the first list.
    pub left: u32,
    /// Records of the second.
    pub right: u32,
    /// People on both; at most as many as either list has.
    pub both: u32,
}

/// Writes two lists as CSV. A record of the first named `A17` and one of the second named `B17` are
/// the same person; so are no others. The first list is in the order of the numbers, the second
/// is not.
///
/// # Errors
/// Those of the writers.
pub fn two_lists(
    seed: u64,
    counts: Counts,
    left: &mut impl Write,
    right: &mut impl Write,
) -> io::Result<()> {
    let areas = Areas::embedded().all().iter();
    let day = date(2024, 5, 1);
    let communes: Vec<&str> = areas
        .filter(|area| area.level == Level::Commune && area.exists_on(day))
        .map(|area| area.code)
        .collect();
    let office = Office { seed, communes };
    writeln!(left, "{HEADING}")?;
    for number in 0..counts.left {
        office.write(left, 'A', number)?;
    }
    writeln!(right, "{HEADING}")?;
    for row in 0..counts.right {
        let number = scattered(row, counts.right);
        // Whoever is not on both lists has a number the first list does not reach.
        let number = if number < counts.both {
            number
        } else {
            number - counts.both + counts.left
        };
        office.write(right, 'B', number)?;
    }
    Ok(())
}

/// A permutation of the numbers below `count`.
const fn scattered(row: u32, count: u32) -> u32 {
    // A prime above every count that lists have.
    ((row as u64 * 4_294_967_291 + 17) % count as u64) as u32
}

struct Office {
    seed: u64,
    communes: Vec<&'static str>,
}

/// A person as they are.
struct Real {
    name: String,
    birth: jiff::civil::Date,
    sex: Sex,
    group: Group,
    id_number: String,
    phone: String,
    area: &'static str,
    address: String,
}

impl Office {
    fn write(&self, out: &mut impl Write, list: char, number: u32) -> io::Result<()> {
        let real = self.person(number);
        let mut chance = Random::new(self.seed, &[3, u64::from(list), u64::from(number)]);
        let name = written_name(&real.name, &mut chance);
        let birth = written_birth(real.birth, &mut chance);
        let sex = match (real.sex, chance.per_mille(8)) {
            (Sex::Male, false) | (Sex::Female, true) => "male",
            _ => "female",
        };
        let group = real.group.code();
        let id_number = written_number(&real.id_number, &mut chance);
        let phone = match chance.below(100) {
            0..=39 => String::new(),
            40..=49 => a_phone(&mut chance),
            _ => real.phone,
        };
        let area = if chance.per_mille(80) {
            self.commune(&mut chance)
        } else {
            real.area
        };
        let address = written_address(&real.address, &mut chance);
        writeln!(
            out,
            "{list}{number},{name},{birth},{sex},{group},{id_number},{phone},{area},{address}"
        )
    }

    fn person(&self, number: u32) -> Real {
        let mut family = Random::new(self.seed, &[1, u64::from(number / FAMILY)]);
        let group = match family.below(100) {
            0..=5 => Group::Tay,
            6..=9 => Group::Hre,
            _ => Group::Kinh,
        };
        let custom = Custom::Centre;
        let of_family = surname(group, custom, &mut family);
        let area = self.commune(&mut family);
        let hamlet = surname(Group::Kinh, custom, &mut family);
        let address = format!(
            "Thôn {hamlet} {} tổ {}",
            family.below(12) + 1,
            family.below(30) + 1
        );
        let mut chance = Random::new(self.seed, &[2, u64::from(number)]);
        let sex = if chance.per_mille(520) {
            Sex::Female
        } else {
            Sex::Male
        };
        let birth = chance.day(date(1925, 1, 1), date(2023, 12, 31));
        let own = if chance.per_mille(400) {
            surname(group, custom, &mut chance)
        } else {
            of_family
        };
        let name = full_name(group, own, sex, birth.year(), &mut chance);
        Real {
            name,
            birth,
            sex,
            group,
            id_number: invented(sex, birth, number % 1_000_000),
            phone: a_phone(&mut chance),
            area,
            address,
        }
    }

    fn commune(&self, chance: &mut Random) -> &'static str {
        chance.pick(&self.communes).copied().unwrap_or("21010")
    }
}

/// Of a kind that is not given out.
fn a_phone(chance: &mut Random) -> String {
    format!("0000{:06}", chance.below(1_000_000))
}

fn written_name(name: &str, chance: &mut Random) -> String {
    let parts = split(name);
    let written = match chance.below(1000) {
        0..=11 => format!("{} {} {}", parts.given, parts.middle, parts.surname),
        12..=31 => format!("{} {}", parts.surname, parts.given),
        32..=71 => slip(name, chance),
        _ => name.to_owned(),
    };
    match chance.below(100) {
        0..=19 => search_key(&written),
        20..=44 => written.to_uppercase(),
        _ => written,
    }
}

/// A letter left out, written twice, or two in each other's place.
fn slip(text: &str, chance: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 2 {
        return text.to_owned();
    }
    let before_last = u32::try_from(letters.len() - 1).unwrap_or(u32::MAX);
    let at = chance.below(before_last) as usize;
    match chance.below(3) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

fn written_birth(birth: jiff::civil::Date, chance: &mut Random) -> String {
    let (year, month, day) = (birth.year(), birth.month(), birth.day());
    match chance.below(1000) {
        0..=69 => format!("{year}"),
        70..=84 if day <= 12 => format!("{year}-{day:02}-{month:02}"),
        85..=104 => format!("{}-{month:02}-{day:02}", year + 1),
        105..=119 => format!("{year}-{month:02}-{:02}", chance.below(28) + 1),
        120..=169 => format!("{year}-01-01"),
        _ => birth.to_string(),
    }
}

fn written_number(number: &str, chance: &mut Random) -> String {
    match chance.below(1000) {
        0..=119 => String::new(),
        120..=159 => Malformed::OldCard.of(number),
        160..=174 => Malformed::LostZero.of(number),
        175..=189 => Malformed::Cut.of(number),
        190..=204 => slip(number, chance),
        _ => number.to_owned(),
    }
}

fn written_address(address: &str, chance: &mut Random) -> String {
    match chance.below(100) {
        0..=14 => String::new(),
        15..=29 => search_key(address),
        30..=39 => address.split(" tổ").next().unwrap_or(address).to_owned(),
        _ => address.to_owned(),
    }
}
