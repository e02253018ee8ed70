//! The questions about one person, one after the other. Service 037 is silent whenever number, name and
//! birth do not all agree, so that it alone cannot tell a difference from nobody: asking again with
//! the year alone, then 033 with the name, finds where they part.

use kernel::PartialDate;

use crate::compare::{Outcome, Subject, Theirs, compare};
use crate::question::{Key, Question, Reply};

/// Where the asking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// 037 with everything.
    Whole,
    /// 037 with the year of birth alone.
    Year,
    /// 033 with number and name.
    Named,
    /// 033 with the number alone, where the service answers that.
    Number,
}

/// A person being asked about.
#[derive(Debug)]
pub struct Course {
    /// Whom.
    pub subject: Subject,
    /// They say the person died.
    pub dead: bool,
    at: At,
    failed: u32,
    tries: u32,
    number_alone: bool,
    done: Option<(Outcome, Theirs)>,
}

impl Course {
    /// To be begun. `tries`: how often one thing is asked; `number_alone`: the service answers about
    /// numbers without a name.
    pub fn new(subject: Subject, tries: u32, number_alone: bool) -> Course {
        Course {
            subject,
            dead: false,
            at: At::Whole,
            failed: 0,
            tries,
            number_alone,
            done: None,
        }
    }

    /// What to ask next; nothing once it is known what it came to.
    pub fn next(&self) -> Option<Question> {
        if self.done.is_some() {
            return None;
        }
        let it = &self.subject;
        let number = it.number.clone();
        let key = if number.len() == 9 {
            Key::OldCard(number.clone())
        } else {
            Key::Number(number.clone())
        };
        let name = it.full_name.clone();
        let who = |birth| Question::Who {
            key,
            name: name.clone(),
            birth,
        };
        Some(match self.at {
            At::Whole => who(it.birth),
            At::Year => who(PartialDate::Year(it.birth.year())),
            At::Named => Question::Exists {
                number,
                name: Some(name),
            },
            At::Number => Question::Exists { number, name: None },
        })
    }

    /// Takes the answer to what [`Course::next`] asked.
    pub fn take(&mut self, reply: &Reply) {
        if let Reply::Failed(code) = reply {
            self.failed += 1;
            if self.failed >= self.tries {
                self.done = Some((Outcome::ServiceError { code }, Theirs::new()));
            }
            return;
        }
        self.failed = 0;
        match (self.at, reply) {
            (_, Reply::Found(citizen)) => {
                self.dead = citizen.death.is_some();
                self.done = Some(compare(&self.subject, citizen));
            }
            (At::Whole, _) if matches!(self.subject.birth, PartialDate::Day(_)) => {
                self.at = At::Year;
            }
            // 033 knows numbers of twelve digits.
            (At::Whole | At::Year, _) if self.subject.number.len() == 9 => {
                self.done = Some((Outcome::NoData, Theirs::new()));
            }
            (At::Whole | At::Year, _) => self.at = At::Named,
            (At::Named, Reply::Exists) => self.differs("birth_date"),
            (At::Named, _) if self.number_alone => self.at = At::Number,
            (At::Number, Reply::Exists) => self.differs("full_name"),
            (At::Named | At::Number, _) => self.done = Some((Outcome::NoData, Theirs::new())),
        }
    }

    fn differs(&mut self, field: &'static str) {
        let fields = vec![field];
        self.done = Some((Outcome::Mismatch { fields }, Theirs::new()));
    }

    /// How often the last thing asked failed.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// What it came to, with their values.
    pub const fn outcome(&self) -> Option<&(Outcome, Theirs)> {
        self.done.as_ref()
    }
}
