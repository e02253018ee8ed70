//! The table of all areas, and looking into it.

use std::sync::OnceLock;

use jiff::civil::Date;

use super::{Area, BEFORE_RECORDS, Level, ProvinceCode};

const AREAS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/areas.csv"
));
const CHANGES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/area_changes.csv"
));

/// Every area of every era, and what became of those that ended. Read once from the tables of
/// `reference/` built into the program.
#[derive(Debug)]
pub struct Areas {
    /// Ordered by code, then `valid_from`.
    pub(super) all: Vec<Area>,
    /// Index of the area around each, beside `all`.
    pub(super) parents: Vec<Option<u32>>,
    /// Ordered by the ended area's index.
    pub(super) changes: Vec<Change>,
    /// For each area that began in a merger, the former area it is counted as in months before:
    /// (new, former), ordered.
    pub(super) formers: Vec<(u32, u32)>,
}

/// One row of what became of an area.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Change {
    pub(super) old: u32,
    pub(super) new: u32,
    /// First day of the new area.
    pub since: Date,
    /// All of the old area went there; otherwise it was split and this is one part.
    pub whole: bool,
    /// The only part, or the one where most people live.
    pub likeliest: bool,
}

impl Areas {
    /// The areas built into the program.
    pub fn embedded() -> &'static Areas {
        static EMBEDDED: OnceLock<Areas> = OnceLock::new();
        EMBEDDED.get_or_init(|| {
            Areas::from_tables(AREAS, CHANGES)
                .expect("the tests of this module read the same two files whole")
        })
    }

    fn from_tables(areas: &'static str, changes: &'static str) -> Result<Areas, BadRow> {
        let mut all = Vec::with_capacity(14_200);
        for line in areas.lines().skip(1) {
            all.push(read_area(line).ok_or_else(|| BadRow(line.to_owned()))?);
        }
        all.sort_by(|a, b| (a.code, a.valid_from).cmp(&(b.code, b.valid_from)));
        let mut table = Areas {
            all,
            parents: Vec::new(),
            changes: Vec::new(),
            formers: Vec::new(),
        };
        table.connect_parents()?;
        for line in changes.lines().skip(1) {
            let change = table
                .read_change(line)
                .ok_or_else(|| BadRow(line.to_owned()))?;
            table.changes.push(change);
        }
        table.changes.sort_by_key(|change| (change.old, change.new));
        table.connect_formers();
        Ok(table)
    }

    fn connect_parents(&mut self) -> Result<(), BadRow> {
        let mut parents = Vec::with_capacity(self.all.len());
        let mut has_children = vec![false; self.all.len()];
        for area in &self.all {
            let parent = match area.parent {
                None => None,
                Some(code) => Some(
                    self.index_on(code, area.valid_from)
                        .ok_or_else(|| BadRow(format!("{} in {code}", area.code)))?,
                ),
            };
            if let Some(parent) = parent {
                has_children[parent as usize] = true;
            }
            parents.push(parent);
        }
        for (area, has_children) in self.all.iter_mut().zip(has_children) {
            area.lowest = area.level != Level::Province && !has_children;
        }
        self.parents = parents;
        Ok(())
    }

    fn read_change(&self, line: &str) -> Option<Change> {
        let mut fields = line.split(',');
        let (old, new) = (fields.next()?, fields.next()?);
        let since: Date = fields.next()?.parse().ok()?;
        let whole = fields.next()? == "whole";
        let likeliest = fields.next()? == "yes";
        Some(Change {
            old: self.index_on(old, since.yesterday().ok()?)?,
            new: self.index_on(new, since)?,
            since,
            whole,
            likeliest,
        })
    }

    /// A new area counts, in months before it began, as the former area of the same code if that
    /// went into it, else as the first that went into it whole, else the first of which it got
    /// the likeliest part, else the first of which it got any.
    fn connect_formers(&mut self) {
        let rank = |change: &Change| {
            let same_code =
                self.all[change.old as usize].code == self.all[change.new as usize].code;
            let order = match (same_code, change.whole, change.likeliest) {
                (true, ..) => 0,
                (_, true, _) => 1,
                (_, _, true) => 2,
                _ => 3,
            };
            (change.new, order, change.old)
        };
        let mut ranked: Vec<_> = self.changes.iter().map(rank).collect();
        ranked.sort_unstable();
        ranked.dedup_by_key(|(new, ..)| *new);
        self.formers = ranked.into_iter().map(|(new, _, old)| (new, old)).collect();
    }

    /// Every area of every era, ordered by code and `valid_from`.
    pub fn all(&self) -> &[Area] {
        &self.all
    }

    /// Every row of what became of areas: the ended one, the new one, how.
    pub fn changes(&self) -> impl Iterator<Item = (&Area, &Area, Change)> {
        self.changes
            .iter()
            .map(|change| (self.area(change.old), self.area(change.new), *change))
    }

    pub(super) fn area(&self, index: u32) -> &Area {
        &self.all[index as usize]
    }

    /// Indices of all areas that ever had the code, oldest first.
    pub(super) fn indices(&self, code: &str) -> std::ops::Range<usize> {
        let first = self.all.partition_point(|area| area.code < code);
        let count = self.all[first..]
            .iter()
            .take_while(|area| area.code == code)
            .count();
        first..first + count
    }

    pub(super) fn index_on(&self, code: &str, day: Date) -> Option<u32> {
        self.indices(code)
            .find(|index| self.all[*index].exists_on(day))
            .map(|index| index as u32)
    }

    pub(super) fn index_of(&self, area: &Area) -> Option<u32> {
        self.indices(area.code)
            .find(|index| self.all[*index].valid_from == area.valid_from)
            .map(|index| index as u32)
    }

    /// The area that had the code on the day.
    pub fn on(&self, code: &str, day: Date) -> Option<&Area> {
        self.index_on(code, day).map(|index| self.area(index))
    }

    /// The area with this code and first day: what a stored pair names.
    pub fn get(&self, code: &str, valid_from: Date) -> Option<&Area> {
        self.all[self.indices(code)]
            .iter()
            .find(|area| area.valid_from == valid_from)
    }

    /// The area that had the code last.
    pub fn latest(&self, code: &str) -> Option<&Area> {
        self.all[self.indices(code)].last()
    }

    /// The areas directly inside on the day, by code; of `""` or `VN`, the provinces.
    pub fn children(&self, code: &str, day: Date) -> Vec<&Area> {
        let parent = (!is_country(code)).then_some(code);
        self.all
            .iter()
            .filter(|area| area.parent == parent && area.exists_on(day))
            .collect()
    }

    /// From the province down to the area itself, all of the area's own era.
    pub fn path(&self, area: &Area) -> Vec<&Area> {
        let mut path = Vec::with_capacity(3);
        let mut next = self.index_of(area);
        while let Some(index) = next {
            path.push(self.area(index));
            next = self.parents[index as usize];
        }
        path.reverse();
        path
    }

    /// The path as written on papers, smallest first:
    /// `Xã Tịnh Khê, Thành phố Quảng Ngãi, Tỉnh Quảng Ngãi`.
    pub fn written_path(&self, area: &Area) -> String {
        let names: Vec<&str> = self
            .path(area)
            .iter()
            .rev()
            .map(|area| area.full_name.as_str())
            .collect();
        names.join(", ")
    }

    /// The province the area lies in during its own era; a province is its own.
    pub fn province_of<'a>(&'a self, area: &'a Area) -> &'a Area {
        self.path(area).first().copied().unwrap_or(area)
    }

    /// The code of [`Areas::province_of`].
    pub fn province_code_of(&self, area: &Area) -> ProvinceCode {
        ProvinceCode::parse(self.province_of(area).code)
            .expect("province codes of the table are two digits; a test reads them all")
    }
}

/// `""` and `VN` name the whole country.
pub(super) fn is_country(code: &str) -> bool {
    code.is_empty() || code == "VN"
}

#[derive(Debug)]
#[expect(
    dead_code,
    reason = "shown by the panic of a build with a broken table"
)]
struct BadRow(String);

fn read_area(line: &'static str) -> Option<Area> {
    let mut fields = line.split(',');
    let code = fields.next()?;
    let valid_from = match fields.next()? {
        "" => BEFORE_RECORDS,
        day => day.parse().ok()?,
    };
    let valid_to = match fields.next()? {
        "" => None,
        day => Some(day.parse().ok()?),
    };
    let (kind, name) = (fields.next()?, fields.next()?);
    let parent = fields.next().filter(|code| !code.is_empty());
    let level = match code.len() {
        2 => Level::Province,
        3 => Level::District,
        5 => Level::Commune,
        _ => return None,
    };
    let mut letters = kind.chars();
    let first = letters.next()?.to_uppercase();
    Some(Area {
        code,
        valid_from,
        valid_to,
        level,
        kind,
        name,
        full_name: format!("{first}{} {name}", letters.as_str()),
        parent,
        lowest: level == Level::Commune,
    })
}
