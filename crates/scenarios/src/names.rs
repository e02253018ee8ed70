//! Names as people of each ethnic group bear them. The lists are in `names/*.txt`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use kernel::Sex;

use crate::random::Random;

/// An ethnic group of which the scenarios invent people.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Group {
    /// Kinh.
    Kinh,
    /// Tày.
    Tay,
    /// Nùng.
    Nung,
    /// HMông.
    Hmong,
    /// Dao.
    Dao,
    /// Xơ-đăng, of whom the Ca Dong of Sơn Tây are part.
    XoDang,
    /// Hrê.
    Hre,
    /// Co.
    Co,
}

impl Group {
    /// Code of reference/ethnic_groups.
    pub const fn code(self) -> &'static str {
        match self {
            Group::Kinh => "01",
            Group::Tay => "02",
            Group::Nung => "07",
            Group::Hmong => "08",
            Group::Dao => "09",
            Group::XoDang => "14",
            Group::Hre => "19",
            Group::Co => "30",
        }
    }

    const fn list(self) -> &'static str {
        match self {
            Group::Kinh => include_str!("../names/kinh.txt"),
            Group::Tay => include_str!("../names/tay.txt"),
            Group::Nung => include_str!("../names/nung.txt"),
            Group::Hmong => include_str!("../names/hmong.txt"),
            Group::Dao => include_str!("../names/dao.txt"),
            Group::XoDang => include_str!("../names/xo_dang.txt"),
            Group::Hre => include_str!("../names/hre.txt"),
            Group::Co => include_str!("../names/co.txt"),
        }
    }

    const ALL: [Group; 8] = [
        Group::Kinh,
        Group::Tay,
        Group::Nung,
        Group::Hmong,
        Group::Dao,
        Group::XoDang,
        Group::Hre,
        Group::Co,
    ];
}

/// Where surnames are used: the Kinh of the north and of the centre differ, and so do the Hrê of
/// Ba Tơ and of the other districts. The lists have two columns of weights.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Custom {
    /// Central Viet Nam.
    #[default]
    Centre,
    /// Ba Tơ in central Viet Nam.
    BaTo,
    /// The north.
    North,
}

impl Custom {
    fn column(self, group: Group) -> usize {
        usize::from(match group {
            Group::Hre => self != Custom::BaTo,
            _ => self == Custom::North,
        })
    }
}

/// The names of one group.
#[derive(Debug, Default)]
struct Names {
    surnames: [Vec<(&'static str, u32)>; 2],
    /// By (middle or given, sex, era).
    others: BTreeMap<(bool, bool, Era), Vec<(String, u32)>>,
}

/// Names go with the year of birth.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Era {
    Old,
    Middle,
    New,
}

impl Era {
    const fn of(birth_year: i16) -> Era {
        match birth_year {
            ..=1959 => Era::Old,
            1960..=1989 => Era::Middle,
            _ => Era::New,
        }
    }

    fn from_word(word: &str) -> Option<Era> {
        match word {
            "old" => Some(Era::Old),
            "middle" => Some(Era::Middle),
            "new" => Some(Era::New),
            _ => None,
        }
    }
}

fn names_of(group: Group) -> &'static Names {
    static LISTS: OnceLock<BTreeMap<Group, Names>> = OnceLock::new();
    let read = || {
        Group::ALL
            .map(|group| (group, read_list(group.list())))
            .into()
    };
    &LISTS.get_or_init(read)[&group]
}

/// Lines that are no list are passed over; the tests of this module see that none is.
fn read_list(text: &'static str) -> Names {
    let mut names = Names::default();
    for line in text.lines() {
        read_line(line, &mut names);
    }
    names
}

fn read_line(line: &'static str, names: &mut Names) -> Option<()> {
    let mut words = line.split_whitespace();
    let kind = words.next()?;
    if kind == "surname" {
        for word in words {
            let (surname, weights) = word.split_once(':').unwrap_or((word, "1"));
            let (first, second) = weights.split_once('/').unwrap_or((weights, weights));
            names.surnames[0].push((surname, first.parse().ok()?));
            names.surnames[1].push((surname, second.parse().ok()?));
        }
    } else if kind == "middle" || kind == "given" {
        let female = words.next()? == "female";
        let era = Era::from_word(words.next()?)?;
        let list = names
            .others
            .entry((kind == "middle", female, era))
            .or_default();
        for word in words {
            let (name, weight) = word.split_once(':').unwrap_or((word, "1"));
            list.push((
                name.replace('_', " ").replace('-', ""),
                weight.parse().ok()?,
            ));
        }
    }
    Some(())
}

/// A surname of the group.
pub fn surname(group: Group, custom: Custom, chance: &mut Random) -> &'static str {
    let column = &names_of(group).surnames[custom.column(group)];
    chance.weighted(column).copied().unwrap_or("Nguyễn")
}

/// The full name of somebody with this surname. `A/Y` stands for the prefixes of people without
/// surname: `A Ka`, `Y Vát`.
pub fn full_name(
    group: Group,
    surname: &str,
    sex: Sex,
    birth_year: i16,
    chance: &mut Random,
) -> String {
    let female = sex == Sex::Female;
    let era = Era::of(birth_year);
    let mut word = |middle: bool| {
        let list = names_of(group).others.get(&(middle, female, era));
        list.and_then(|list| chance.weighted(list))
            .map_or("", String::as_str)
    };
    let (middle, mut given) = (word(true), word(false));
    if middle.split(' ').any(|part| part == given) {
        given = word(false);
    }
    match (surname, female) {
        ("A/Y", false) => format!("A {given}"),
        ("A/Y", true) => format!("Y {given}"),
        _ if middle.is_empty() => format!("{surname} {given}"),
        _ => format!("{surname} {middle} {given}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kernel::Sex;

    use super::{Custom, Era, Group, full_name, names_of, read_line, surname};
    use crate::random::Random;

    #[test]
    fn every_line_of_every_list_is_read() {
        for group in Group::ALL {
            for line in group.list().lines() {
                let list = !line.is_empty() && !line.starts_with('#');
                let read = read_line(line, &mut super::Names::default()).is_some();
                assert!(read || !list, "{group:?}: {line}");
            }
            for female in [false, true] {
                for era in [Era::Old, Era::Middle, Era::New] {
                    for middle in [false, true] {
                        let list = names_of(group).others.get(&(middle, female, era));
                        assert!(
                            list.is_some_and(|list| !list.is_empty()),
                            "{group:?} {era:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn kinh_names_are_many_and_nguyen_the_most() {
        let kinh = names_of(Group::Kinh);
        assert!(kinh.surnames[0].len() >= 100);
        let given: BTreeSet<&str> = kinh
            .others
            .iter()
            .filter(|((middle, ..), _)| !middle)
            .flat_map(|(_, list)| list.iter().map(|(name, _)| name.as_str()))
            .collect();
        assert!(given.len() >= 250, "{}", given.len());
        let mut chance = Random::new(7, &[]);
        let all = (0..20_000).map(|_| surname(Group::Kinh, Custom::Centre, &mut chance));
        let nguyen = all.filter(|name| *name == "Nguyễn").count();
        assert!((6_500..7_500).contains(&nguyen), "{nguyen}");
    }

    #[test]
    fn people_without_surname_bear_a_prefix() {
        let mut chance = Random::new(7, &[]);
        let name = full_name(Group::XoDang, "A/Y", Sex::Female, 1940, &mut chance);
        assert!(
            name.starts_with("Y ") && name.split(' ').count() == 2,
            "{name}"
        );
    }
}
