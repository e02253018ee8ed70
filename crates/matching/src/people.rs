//! Records as they are compared: in one spelling, texts of all of them in one piece of memory.

use kernel::name::{search_key, sort_key, split, tidy};
use rustc_hash::FxHasher;
use std::hash::Hasher;

use crate::field::Field;

/// Bytes of one text; what is beyond is not compared.
const LONGEST: usize = 400;

/// A birth date; what is not known is 0.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Birth {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

impl Birth {
    pub(crate) const fn is_whole(self) -> bool {
        self.day != 0
    }
}

/// A record as a list gives it, before it is put into one spelling.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written<'r> {
    pub(crate) id: &'r str,
    pub(crate) full_name: &'r str,
    pub(crate) surname: &'r str,
    pub(crate) given_name: &'r str,
    pub(crate) birth: Birth,
    pub(crate) sex: u8,
    pub(crate) ethnicity: &'r str,
    pub(crate) id_number: &'r str,
    pub(crate) phone: &'r str,
    pub(crate) area: &'r str,
    pub(crate) address: &'r str,
    pub(crate) also: Vec<&'r str>,
}

/// A text of a record.
#[derive(Clone, Copy)]
enum Text {
    Id,
    Given,
    Surname,
    Middle,
    Ethnicity,
    IdNumber,
    Phone,
    Area,
    Address,
    Also(usize),
}

/// How many texts every record has beside those compared as plain text.
const TEXTS: usize = 9;

impl Text {
    const fn place(self) -> usize {
        match self {
            Text::Id => 0,
            Text::Given => 1,
            Text::Surname => 2,
            Text::Middle => 3,
            Text::Ethnicity => 4,
            Text::IdNumber => 5,
            Text::Phone => 6,
            Text::Area => 7,
            Text::Address => 8,
            Text::Also(number) => TEXTS + number,
        }
    }
}

/// What is no text.
#[derive(Clone, Copy, Debug, Default)]
struct Plain {
    birth: Birth,
    /// 1 male, 2 female, 0 not known.
    sex: u8,
    /// Of the name with its diacritics; 0 when it has none.
    marks: u64,
    /// Which record of the list it is, counted from 0.
    row: u32,
}

/// Records of one list.
#[derive(Debug, Default)]
pub(crate) struct People {
    also: usize,
    text: String,
    /// Where each record's texts begin.
    starts: Vec<usize>,
    /// Where each text of each record ends, counted from the record's beginning.
    ends: Vec<u16>,
    plain: Vec<Plain>,
}

/// One of them.
#[derive(Clone, Copy)]
pub(crate) struct Person<'p> {
    people: &'p People,
    at: usize,
}

impl People {
    /// None yet, of a list with so many columns compared as plain text.
    pub(crate) fn new(also: usize) -> People {
        People {
            also,
            ..People::default()
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.plain.len()
    }

    /// Bytes of all texts.
    pub(crate) const fn bytes(&self) -> u64 {
        self.text.len() as u64
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.starts.clear();
        self.ends.clear();
        self.plain.clear();
    }

    pub(crate) fn get(&self, at: usize) -> Person<'_> {
        Person { people: self, at }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Person<'_>> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Takes a record, the so many-th of its list.
    pub(crate) fn push(&mut self, row: u32, it: &Written<'_>) {
        let name = full_name(it);
        let key = search_key(&name);
        let parts = split(&key);
        self.starts.push(self.text.len());
        self.put(it.id);
        self.put(parts.given);
        self.put(parts.surname);
        self.put(parts.middle);
        self.put(&search_key(it.ethnicity));
        self.put(&code(it.id_number));
        self.put(&phone(it.phone));
        self.put(&search_key(it.area));
        self.put(&search_key(it.address));
        for number in 0..self.also {
            let text = it.also.get(number).copied().unwrap_or_default();
            self.put(&search_key(text));
        }
        self.plain.push(Plain {
            birth: it.birth,
            sex: it.sex,
            marks: if name.is_ascii() { 0 } else { marks(&name) },
            row,
        });
    }

    fn put(&mut self, text: &str) {
        let mut end = text.len().min(LONGEST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(&text[..end]);
        let start = self.starts.last().copied().unwrap_or_default();
        let end = self.text.len() - start;
        self.ends
            .push(u16::try_from(end).expect("twenty texts of at most 400 bytes"));
    }
}

impl<'p> Person<'p> {
    fn text(self, text: Text) -> &'p str {
        let people = self.people;
        let ends = &people.ends[self.at * (TEXTS + people.also)..];
        let place = text.place();
        let start = if place == 0 { 0 } else { ends[place - 1] };
        let base = people.starts[self.at];
        &people.text[base + usize::from(start)..base + usize::from(ends[place])]
    }

    pub(crate) fn id(self) -> &'p str {
        self.text(Text::Id)
    }

    /// How many of its texts are compared as plain text.
    pub(crate) const fn also(self) -> usize {
        self.people.also
    }

    pub(crate) fn row(self) -> u32 {
        self.people.plain[self.at].row
    }

    pub(crate) fn birth(self) -> Birth {
        self.people.plain[self.at].birth
    }

    pub(crate) fn sex(self) -> u8 {
        self.people.plain[self.at].sex
    }

    pub(crate) fn marks(self) -> u64 {
        self.people.plain[self.at].marks
    }

    /// The text a field compares; empty for those that compare none.
    pub(crate) fn of(self, field: Field) -> &'p str {
        match field {
            Field::Given => self.text(Text::Given),
            Field::Surname => self.text(Text::Surname),
            Field::Middle => self.text(Text::Middle),
            Field::Ethnicity => self.text(Text::Ethnicity),
            Field::IdNumber => self.text(Text::IdNumber),
            Field::Phone => self.text(Text::Phone),
            Field::Area => self.text(Text::Area),
            Field::Address => self.text(Text::Address),
            Field::Also(number) => self.text(Text::Also(number)),
            Field::Marks | Field::Birth | Field::Sex => "",
        }
    }

    /// A number by which equal values of a field are known; `None` for a missing value.
    pub(crate) fn value(self, field: Field) -> Option<u64> {
        let mut hasher = FxHasher::default();
        hasher.write_usize(field.place());
        match field {
            Field::Birth if self.birth().is_whole() => {
                let birth = self.birth();
                hasher.write_u16(birth.year);
                hasher.write_u8(birth.month);
                hasher.write_u8(birth.day);
            }
            Field::Sex if self.sex() != 0 => hasher.write_u8(self.sex()),
            _ => {
                let text = self.of(field);
                if text.is_empty() {
                    return None;
                }
                hasher.write(text.as_bytes());
            }
        }
        Some(hasher.finish())
    }
}

fn full_name(it: &Written<'_>) -> String {
    if it.full_name.trim().is_empty() {
        tidy(&format!("{} {}", it.surname, it.given_name))
    } else {
        tidy(it.full_name)
    }
}

fn marks(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(sort_key(name).as_bytes());
    hasher.finish().max(1)
}

/// Letters and digits alone, upper case: `0123 456-789` and `0123456789` are one number.
fn code(text: &str) -> String {
    let signs = text.chars().filter(|sign| sign.is_ascii_alphanumeric());
    signs.map(|sign| sign.to_ascii_uppercase()).collect()
}

/// Digits, with 0 for the country code.
fn phone(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("84") {
        Some(rest) if rest.len() == 9 => format!("0{rest}"),
        _ => digits,
    }
}
