//! Is the law folder sound? References resolve, times neither gap nor overlap, every rate has a
//! worked example, and the examples come out. What parses already follows the schema.

mod examples;
mod references;
mod times;

pub(crate) use examples::RateName;
pub(crate) use references::decree_of;
use serde::Serialize;

use crate::Law;

/// What a check of the law folder found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What is wrong; empty when the folder is sound.
    pub problems: Vec<Finding>,
    /// Figures that somebody still has to compare with the gazette.
    pub to_verify: Vec<Finding>,
    /// Worked examples that were computed.
    pub examples: usize,
}

/// One place in the folder and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// File, relative to the folder.
    pub file: String,
    /// Entry in the file.
    pub place: String,
    /// Stable code.
    pub code: &'static str,
    /// A Vietnamese sentence.
    pub text: String,
}

impl Law {
    /// Checks everything that the schema alone cannot.
    pub fn check(&self) -> Report {
        let mut report = Report::default();
        references::check(self, &mut report);
        times::check(self, &mut report);
        examples::check(self, &mut report);
        report
    }
}

impl Report {
    fn problem(&mut self, file: &str, place: &str, code: &'static str, text: impl Into<String>) {
        self.problems.push(Finding {
            file: file.to_owned(),
            place: place.to_owned(),
            code,
            text: text.into(),
        });
    }

    fn verify(&mut self, file: &str, place: &str, text: impl Into<String>) {
        self.to_verify.push(Finding {
            file: file.to_owned(),
            place: place.to_owned(),
            code: "verify",
            text: text.into(),
        });
    }
}

/// The file of a programme.
fn file_of(benefit: crate::Benefit) -> String {
    format!("programmes/{}/benefit.toml", benefit.code())
}
