//! The rows of a form of counted people, as data: number, words, unit and whom a row counts.

use super::counted::Group;
use super::shown::MILLIONS;
use super::{Figures, Row, Which};

/// A form and its rows.
pub(super) struct Table {
    pub(super) which: Which,
    pub(super) report: &'static str,
    pub(super) number: &'static str,
    pub(super) title: &'static str,
    pub(super) lines: &'static [Line],
    /// What to know when reading it.
    pub(super) notes: &'static [&'static str],
}

impl Table {
    /// The rows, filled in. One followed by rows of its parts is shown as their sum.
    pub(super) fn rows(&self, groups: &[Group]) -> Vec<Row> {
        let parts = |line: &Line| line.number.is_empty() || line.number.contains('.');
        let next = self.lines.iter().skip(1).map(Some).chain([None]);
        let lines = self.lines.iter().zip(next);
        lines
            .map(|(line, next)| Row {
                sum: !parts(line) && next.is_some_and(parts),
                ..line.row(groups)
            })
            .collect()
    }
}

/// A row.
pub(super) struct Line {
    number: &'static str,
    label: &'static str,
    unit: Option<&'static str>,
    content: Content,
}

/// What a row shows.
#[derive(Clone, Copy)]
enum Content {
    /// Words above other rows.
    Heading,
    /// What the records do not hold.
    NotRecorded,
    /// The people of the groups that count.
    People(fn(&Group) -> bool),
    /// The money of the groups that count.
    Money(fn(&Group) -> bool),
}

const PEOPLE: Option<&str> = Some("Người");

/// Words above other rows.
pub(super) const fn heading(number: &'static str, label: &'static str) -> Line {
    Line {
        number,
        label,
        unit: None,
        content: Content::Heading,
    }
}

/// What the records do not hold.
pub(super) const fn not_recorded(
    number: &'static str,
    label: &'static str,
    unit: &'static str,
) -> Line {
    Line {
        number,
        label,
        unit: Some(unit),
        content: Content::NotRecorded,
    }
}

/// People.
pub(super) const fn people(
    number: &'static str,
    label: &'static str,
    counts: fn(&Group) -> bool,
) -> Line {
    Line {
        number,
        label,
        unit: PEOPLE,
        content: Content::People(counts),
    }
}

/// Money.
pub(super) const fn money(
    number: &'static str,
    label: &'static str,
    counts: fn(&Group) -> bool,
) -> Line {
    Line {
        number,
        label,
        unit: Some(MILLIONS),
        content: Content::Money(counts),
    }
}

impl Line {
    /// Whether the row counts the people of a group.
    pub(super) fn counts(&self, group: &Group) -> bool {
        matches!(self.content, Content::People(counts) if counts(group))
    }

    /// Its words, when it counts people.
    pub(super) const fn names_people(&self) -> Option<&'static str> {
        match self.content {
            Content::People(_) => Some(self.label),
            _ => None,
        }
    }

    /// Filled in.
    fn row(&self, groups: &[Group]) -> Row {
        let added = |counts: fn(&Group) -> bool| {
            let mut figures = Figures::default();
            let counted = groups.iter().filter(|group| counts(group));
            counted.for_each(|group| figures += group.figures());
            figures
        };
        Row {
            number: self.number,
            label: self.label.to_owned(),
            sum: false,
            unit: self.unit,
            figures: match self.content {
                Content::Heading | Content::NotRecorded => None,
                // A row is of people or of money: the other is no figure of the form.
                Content::People(counts) => Some(Figures {
                    amount: kernel::Dong::ZERO,
                    ..added(counts)
                }),
                Content::Money(counts) => Some(Figures {
                    amount: added(counts).amount,
                    ..Figures::default()
                }),
            },
        }
    }
}
