//! What the province knows of a dossier.

use std::collections::{BTreeMap, BTreeSet};

use casework::form::{Answer, Answers};
use exchange::given::Given;
use serde_json::Value;
use uuid::Uuid;

/// A dossier.
#[derive(Default)]
pub(super) struct Dossier {
    pub(super) tells: BTreeMap<i32, (String, Value)>,
    pub(super) answers: BTreeMap<i32, String>,
    pub(super) heard: BTreeMap<i32, Uuid>,
    pub(super) status: Option<i64>,
    /// Papers were asked for, and what the citizen does then is not planned yet.
    pub(super) asked: bool,
    pub(super) letters: BTreeSet<String>,
    pub(super) wrong: u32,
    /// What either side said in fields of the form, in order.
    pub(super) said: Vec<Said>,
    /// The citizen corrected the form unasked.
    pub(super) corrected: bool,
}

/// Fields of a form, as one of the sides said them.
pub(super) enum Said {
    /// The province, in a message of this number: counts unless it was refused.
    Here(i32, Given),
    /// The office.
    There(BTreeMap<String, Option<Answer>>),
}

impl Dossier {
    /// The form as it was last said by either side.
    pub(super) fn form(&self) -> Answers {
        let mut form = Answers::default();
        for said in &self.said {
            match said {
                Said::Here(seq, given) if !self.is_refused(*seq) => given.over(&mut form),
                Said::Here(..) => {}
                Said::There(fields) => {
                    for (field, answer) in fields {
                        form.put(field, answer.clone());
                    }
                }
            }
        }
        form
    }

    pub(super) fn is_refused(&self, seq: i32) -> bool {
        let answer = self.answers.get(&seq).map(String::as_str);
        answer.is_some_and(|it| !matches!(it, "taken" | "held"))
    }

    /// Whether it is worked on: received, and neither at its end nor wanted back.
    pub(super) fn is_open(&self) -> bool {
        let wanted_back = self
            .tells
            .values()
            .any(|(kind, _)| kind == "withdrawal_asked");
        matches!(self.status, Some(2 | 4 | 5)) && !wanted_back
    }

    /// What was asked for came: nobody is told what they did themselves, so that the province says itself that
    /// work goes on.
    pub(super) fn goes_on(&mut self, seq: i32) {
        let supplements = self
            .tells
            .get(&seq)
            .is_some_and(|(kind, body)| kind == "supplemented" && body.get("papers").is_some());
        if supplements && self.status == Some(5) && !self.asked && !self.is_refused(seq) {
            self.status = Some(4);
        }
    }
}
