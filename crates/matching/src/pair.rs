//! Two records that may be one person, as they are told.

use std::fmt::Write as _;
use std::io;

use crate::Failure;
use crate::field::{Field, Level, Pattern};
use crate::weights::probability;

/// Two records that may be one person.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) left: u32,
    pub(crate) right: u32,
    /// The odds, in powers of two.
    pub(crate) score: f32,
    pub(crate) pattern: Pattern,
    pub(crate) left_id: Box<str>,
    pub(crate) right_id: Box<str>,
    /// What each field adds, where it is told.
    pub(crate) parts: Box<[f32]>,
}

/// Two records that may be one person, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The record of the left list.
    pub left_id: String,
    /// The record of the right list.
    pub right_id: String,
    /// How likely they are one person, in millionths.
    pub likely: u32,
    /// What each field says that both have.
    pub reasons: Vec<Reason>,
}

/// What a field says of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable code of the field; `full_name` for a name that agrees in all its parts.
    pub field: &'static str,
    /// How far it agrees.
    pub agreement: Agreement,
    /// How many times likelier it makes one person than two; negative: less likely. At most a million.
    pub times: i32,
}

/// How far two values agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The same.
    Same,
    /// One slip of the pen apart.
    Close,
    /// Alike.
    Like,
    /// In each other's place.
    Swapped,
    /// Not alike.
    Different,
}

impl Pair {
    /// As it is told to whoever keeps pairs.
    pub(crate) fn found(self) -> Found {
        let part = |field: Field| self.parts.get(field.place()).copied().unwrap_or_default();
        // How common a name is, is known of the whole: where it agrees, it is told as one.
        let one_name = self.pattern.has_one_name();
        let reasons = Field::ALL.into_iter().filter_map(|field| {
            let (code, bits) = match field {
                Field::Surname | Field::Middle if one_name => return None,
                Field::Given if one_name => {
                    let parts = [field, Field::Surname, Field::Middle];
                    ("full_name", parts.into_iter().map(part).sum())
                }
                field => (field.code(), part(field)),
            };
            let agreement = match self.pattern.get(field) {
                Level::Missing => return None,
                Level::Same => Agreement::Same,
                Level::Close => Agreement::Close,
                Level::Like => Agreement::Like,
                Level::Swapped => Agreement::Swapped,
                Level::Different => Agreement::Different,
            };
            Some(Reason {
                field: code,
                agreement,
                times: times(bits),
            })
        });
        Found {
            likely: (probability(self.score) * 1e6) as u32,
            reasons: reasons.collect(),
            left_id: self.left_id.into(),
            right_id: self.right_id.into(),
        }
    }
}

/// Powers of two as how many times likelier, or less likely.
fn times(bits: f32) -> i32 {
    let times = bits.abs().min(20.0).exp2().round().min(1e6) as i32;
    if bits < 0.0 { -times } else { times }
}

/// Writes pairs as CSV.
pub(crate) struct Answer<W: io::Write> {
    out: csv::Writer<W>,
    also: Vec<String>,
    pub(crate) written: u64,
}

impl<W: io::Write> Answer<W> {
    pub(crate) fn begin(out: W, also: &[String]) -> Result<Answer<W>, Failure> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["left_id", "right_id", "probability", "why"])
            .map_err(unwritable)?;
        Ok(Answer {
            out,
            also: also.to_vec(),
            written: 0,
        })
    }

    /// Writes pairs by their left record, the likeliest first.
    pub(crate) fn write(&mut self, mut pairs: Vec<Pair>) -> Result<(), Failure> {
        pairs.sort_unstable_by(|one, other| {
            let of_left = one.left.cmp(&other.left);
            let by_score = other.score.total_cmp(&one.score);
            of_left.then(by_score).then(one.right.cmp(&other.right))
        });
        for pair in &pairs {
            let probability = format!("{:.6}", probability(pair.score));
            let why = self.why(pair.pattern);
            self.out
                .write_record([&*pair.left_id, &*pair.right_id, &probability, &why])
                .map_err(unwritable)?;
            self.written += 1;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<u64, Failure> {
        self.out.flush()?;
        Ok(self.written)
    }

    /// The fields that agree, nearly agree and do not.
    fn why(&self, pattern: Pattern) -> String {
        let mut why = String::new();
        for (levels, label) in [
            (&[Level::Same][..], "giống"),
            (&[Level::Close, Level::Like], "gần giống"),
            (&[Level::Swapped], "đảo chỗ"),
            (&[Level::Different], "khác"),
        ] {
            let alike = Field::all(self.also.len())
                .filter(|field| levels.contains(&pattern.get(*field)))
                .map(|field| swapped_with(field, pattern).unwrap_or(field.vietnamese(&self.also)));
            let names: Vec<&str> = alike.collect();
            if !names.is_empty() {
                let gap = if why.is_empty() { "" } else { "; " };
                // Writing into a string does not fail.
                let _ = write!(why, "{gap}{label}: {}", names.join(", "));
            }
        }
        why
    }
}

/// What stands in each other's place.
fn swapped_with(field: Field, pattern: Pattern) -> Option<&'static str> {
    match (field, pattern.get(field)) {
        (Field::Given, Level::Swapped) => Some("họ và tên"),
        (Field::Birth, Level::Swapped) => Some("ngày và tháng sinh"),
        _ => None,
    }
}

fn unwritable(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Failure::Unwritable(error),
        other => Failure::Unwritable(io::Error::other(format!("{other:?}"))),
    }
}
