//! How far two records agree, field by field.

use rapidfuzz::distance::{jaro_winkler, osa};

use crate::field::{Field, Level, Pattern};
use crate::people::{Birth, Person};

/// Likeness of two names from which they count as one slip apart, and as alike.
const CLOSE: f64 = 0.92;
const LIKE: f64 = 0.80;

/// Digits of a number that are enough to compare it.
const NUMBER: usize = 6;

pub(crate) fn compare(one: Person<'_>, other: Person<'_>, also: usize) -> Pattern {
    let mut pattern = Pattern::default();
    names(one, other, &mut pattern);
    pattern.set(Field::Birth, births(one.birth(), other.birth()));
    pattern.set(Field::Sex, sexes(one.sex(), other.sex()));
    let mut text = |field, level: fn(&str, &str) -> Level| {
        let (one, other) = (one.of(field), other.of(field));
        let level = match (one.is_empty() || other.is_empty(), one == other) {
            (true, _) => Level::Missing,
            (false, true) => Level::Same,
            (false, false) => level(one, other),
        };
        pattern.set(field, level);
    };
    text(Field::Ethnicity, |_, _| Level::Different);
    text(Field::IdNumber, numbers);
    text(Field::Phone, numbers);
    text(Field::Area, areas);
    text(Field::Address, addresses);
    for number in 0..also {
        text(Field::Also(number), words);
    }
    pattern
}

fn names(one: Person<'_>, other: Person<'_>, pattern: &mut Pattern) {
    let (given, other_given) = (one.of(Field::Given), other.of(Field::Given));
    let (surname, other_surname) = (one.of(Field::Surname), other.of(Field::Surname));
    let crossed = given == other_surname && surname == other_given;
    if crossed && given != surname && !given.is_empty() && !surname.is_empty() {
        pattern.set(Field::Given, Level::Swapped);
    } else {
        pattern.set(Field::Given, name(given, other_given));
        pattern.set(Field::Surname, name(surname, other_surname));
    }
    let (middle, other_middle) = (one.of(Field::Middle), other.of(Field::Middle));
    pattern.set(Field::Middle, name(middle, other_middle));
    let same = given == other_given && surname == other_surname && middle == other_middle;
    let marks = match (one.marks(), other.marks()) {
        (0, _) | (_, 0) => Level::Missing,
        _ if !same => Level::Missing,
        (one, other) if one == other => Level::Same,
        _ => Level::Different,
    };
    pattern.set(Field::Marks, marks);
}

fn name(one: &str, other: &str) -> Level {
    if one.is_empty() || other.is_empty() {
        Level::Missing
    } else if one == other {
        Level::Same
    } else if is_initial(one, other) || is_initial(other, one) {
        Level::Like
    } else {
        words(one, other)
    }
}

/// `t` of `thi`.
fn is_initial(short: &str, long: &str) -> bool {
    short.len() == 1 && long.starts_with(short)
}

fn words(one: &str, other: &str) -> Level {
    let likeness = jaro_winkler::similarity_with_args(
        one.bytes(),
        other.bytes(),
        &jaro_winkler::Args::default().score_cutoff(LIKE),
    );
    match likeness {
        Some(likeness) if likeness >= CLOSE => Level::Close,
        Some(_) => Level::Like,
        None => Level::Different,
    }
}

fn births(one: Birth, other: Birth) -> Level {
    if one.year == 0 || other.year == 0 {
        return Level::Missing;
    }
    let whole = one.is_whole() && other.is_whole();
    if one == other && whole {
        return Level::Same;
    }
    let same_year = one.year == other.year;
    if whole && same_year && one.day == other.month && one.month == other.day {
        return Level::Swapped;
    }
    if whole && digits_apart(one, other) == 1 {
        return Level::Close;
    }
    let same_month = one.month == other.month && one.month != 0;
    if !whole && same_year && same_month {
        return Level::Close;
    }
    if same_year {
        Level::Like
    } else {
        Level::Different
    }
}

/// How many of the eight digits of two dates differ.
fn digits_apart(one: Birth, other: Birth) -> usize {
    let digits = |it: Birth| {
        let (year, month, day) = (it.year, u16::from(it.month), u16::from(it.day));
        [
            year / 1000,
            year / 100 % 10,
            year / 10 % 10,
            year % 10,
            month / 10,
            month % 10,
            day / 10,
            day % 10,
        ]
    };
    let pairs = digits(one).into_iter().zip(digits(other));
    pairs.filter(|(one, other)| one != other).count()
}

const fn sexes(one: u8, other: u8) -> Level {
    match (one, other) {
        (0, _) | (_, 0) => Level::Missing,
        (1, 1) | (2, 2) => Level::Same,
        _ => Level::Different,
    }
}

/// Numbers that name somebody. One with nine digits is the old card and no number of twelve.
fn numbers(one: &str, other: &str) -> Level {
    if one.len() < NUMBER || other.len() < NUMBER {
        return Level::Missing;
    }
    if one.trim_start_matches('0') == other.trim_start_matches('0') {
        return Level::Close;
    }
    if one.len().abs_diff(other.len()) > 2 {
        return Level::Missing;
    }
    let apart = osa::distance_with_args(
        one.bytes(),
        other.bytes(),
        &osa::Args::default().score_cutoff(1),
    );
    // Two slips are as good as another number: half of the digits say when somebody was born.
    apart.map_or(Level::Different, |_| Level::Close)
}

/// Codes or names of communes; of two that differ, those that begin alike lie near each other.
fn areas(one: &str, other: &str) -> Level {
    let begin = |text: &str| text.as_bytes().first_chunk::<3>().copied();
    if one.len() == other.len() && begin(one).is_some() && begin(one) == begin(other) {
        Level::Close
    } else {
        Level::Different
    }
}

/// By how many of their words two addresses share.
fn addresses(one: &str, other: &str) -> Level {
    let (mut shared, mut count) = (0, 0);
    for word in one.split(' ') {
        count += 1;
        shared += usize::from(other.split(' ').any(|it| it == word));
    }
    let all = count + other.split(' ').count() - shared;
    match (shared * 10, all) {
        (shared, all) if shared >= all * 7 => Level::Close,
        (shared, all) if shared >= all * 3 => Level::Like,
        _ => Level::Different,
    }
}
