//! What two records are compared by.

/// A column of a list, by its heading.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Column {
    Id,
    FullName,
    Surname,
    GivenName,
    BirthDate,
    Sex,
    Ethnicity,
    IdNumber,
    Phone,
    Area,
    Address,
    /// The so many-th of the columns compared as plain text.
    Also(usize),
}

impl Column {
    /// The columns every list may have.
    pub(crate) const NAMED: [(Column, &'static str); 11] = [
        (Column::Id, "id"),
        (Column::FullName, "full_name"),
        (Column::Surname, "surname"),
        (Column::GivenName, "given_name"),
        (Column::BirthDate, "birth_date"),
        (Column::Sex, "sex"),
        (Column::Ethnicity, "ethnicity"),
        (Column::IdNumber, "id_number"),
        (Column::Phone, "phone"),
        (Column::Area, "area"),
        (Column::Address, "address"),
    ];
}

/// What is compared of two records. A full name is compared in its parts, and once more by its
/// diacritics where its letters agree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Field {
    Given,
    Surname,
    Middle,
    Marks,
    Birth,
    Sex,
    Ethnicity,
    IdNumber,
    Phone,
    Area,
    Address,
    Also(usize),
}

/// How many fields every comparison has beside those compared as plain text.
pub(crate) const FIXED: usize = 11;

/// How many columns can be compared as plain text: what a [`Pattern`] has room for.
pub(crate) const MOST_ALSO: usize = 10;

impl Field {
    pub(crate) const ALL: [Field; FIXED] = [
        Field::Given,
        Field::Surname,
        Field::Middle,
        Field::Marks,
        Field::Birth,
        Field::Sex,
        Field::Ethnicity,
        Field::IdNumber,
        Field::Phone,
        Field::Area,
        Field::Address,
    ];

    /// Every field, with so many compared as plain text.
    pub(crate) fn all(also: usize) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().chain((0..also).map(Field::Also))
    }

    /// Its place in a [`Pattern`] and in tables of weights.
    pub(crate) const fn place(self) -> usize {
        match self {
            Field::Given => 0,
            Field::Surname => 1,
            Field::Middle => 2,
            Field::Marks => 3,
            Field::Birth => 4,
            Field::Sex => 5,
            Field::Ethnicity => 6,
            Field::IdNumber => 7,
            Field::Phone => 8,
            Field::Area => 9,
            Field::Address => 10,
            Field::Also(number) => FIXED + number,
        }
    }

    /// Stable code, as the columns are named; the columns compared as plain text are `also`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Field::Given => "given_name",
            Field::Surname => "surname",
            Field::Middle => "middle_name",
            Field::Marks => "marks",
            Field::Birth => "birth_date",
            Field::Sex => "sex",
            Field::Ethnicity => "ethnicity",
            Field::IdNumber => "id_number",
            Field::Phone => "phone",
            Field::Area => "area",
            Field::Address => "address",
            Field::Also(_) => "also",
        }
    }

    /// As users know it, for the reasons of a pair.
    pub(crate) fn vietnamese(self, also: &[String]) -> &str {
        match self {
            Field::Given => "tên",
            Field::Surname => "họ",
            Field::Middle => "chữ đệm",
            Field::Marks => "dấu của họ tên",
            Field::Birth => "ngày sinh",
            Field::Sex => "giới tính",
            Field::Ethnicity => "dân tộc",
            Field::IdNumber => "số định danh",
            Field::Phone => "số điện thoại",
            Field::Area => "xã",
            Field::Address => "địa chỉ",
            Field::Also(number) => also.get(number).map_or("", String::as_str),
        }
    }
}

/// How far two values agree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Level {
    /// One of them is not there: says nothing.
    Missing,
    /// The same.
    Same,
    /// As good as the same: one slip of the pen.
    Close,
    /// Alike.
    Like,
    /// In each other's place: surname and given name, day and month.
    Swapped,
    /// Not alike.
    Different,
}

/// How many levels there are.
pub(crate) const LEVELS: usize = 6;

impl Level {
    /// Every level that says something.
    pub(crate) const TELLING: [Level; LEVELS - 1] = [
        Level::Same,
        Level::Close,
        Level::Like,
        Level::Swapped,
        Level::Different,
    ];

    const fn of(bits: u64) -> Level {
        match bits {
            1 => Level::Same,
            2 => Level::Close,
            3 => Level::Like,
            4 => Level::Swapped,
            5 => Level::Different,
            _ => Level::Missing,
        }
    }
}

/// The levels of all fields of a pair, three bits each.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Pattern(u64);

impl Pattern {
    pub(crate) const fn set(&mut self, field: Field, level: Level) {
        let shift = field.place() * 3;
        self.0 = self.0 & !(0b111 << shift) | ((level as u64) << shift);
    }

    pub(crate) const fn get(self, field: Field) -> Level {
        Level::of(self.0 >> (field.place() * 3) & 0b111)
    }

    /// Whether surname, given name and what stands between are the same.
    pub(crate) const fn has_one_name(self) -> bool {
        matches!(self.get(Field::Given), Level::Same)
            && matches!(self.get(Field::Surname), Level::Same)
            && matches!(self.get(Field::Middle), Level::Same | Level::Missing)
    }

    /// What a field adds to the others. Whoever bears one name is of one sex and one people already.
    pub(crate) const fn telling(self, field: Field) -> Level {
        match (field, self.get(field)) {
            (Field::Sex | Field::Ethnicity, Level::Same) if self.has_one_name() => Level::Missing,
            (_, level) => level,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Level, MOST_ALSO, Pattern};

    #[test]
    fn a_pattern_keeps_the_level_of_every_field() {
        let mut pattern = Pattern::default();
        let levels = Level::TELLING.into_iter().cycle();
        for (field, level) in Field::all(MOST_ALSO).zip(levels) {
            pattern.set(field, Level::Same);
            pattern.set(field, level);
        }
        let levels = Level::TELLING.into_iter().cycle();
        for (field, level) in Field::all(MOST_ALSO).zip(levels) {
            assert_eq!(pattern.get(field), level);
        }
    }
}
