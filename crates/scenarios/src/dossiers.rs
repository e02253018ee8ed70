//! The dossiers behind a scenario's decisions of the month: submitted at the counter, carried through
//! the stages of the law, decided by the very decisions that award the benefits.

use casework::step::{Paper, Submission};
use casework::{Channel, Event, Outcome, Step, regime};
use jiff::civil::{Date, date};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use kernel::holiday::is_working_day;
use law::Benefit;
use uuid::Uuid;

use crate::Plan;
use crate::person::{Award, Invented, When};
use crate::random::Random;

/// The procedure of monthly allowances and care support.
pub(crate) const ALLOWANCE: &str = "1.001776";

/// Where applications are carried through in the system itself and not on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Online {
    /// Districts all of whose communes do.
    pub whole: &'static [&'static str],
    /// Districts of whose communes one in two does.
    pub part: &'static [&'static str],
}

impl Plan {
    /// The steps of the dossiers behind the decisions of the month, dossier by dossier; none where
    /// the scenario says nothing of dossiers. The people they name are recorded before.
    pub fn dossiers(&self) -> impl Iterator<Item = Event> + '_ {
        let online = self.spec.online;
        online.into_iter().flat_map(move |online| {
            let people = self.invent();
            people.flat_map(move |person| self.of_person(&person, online))
        })
    }

    fn of_person(&self, person: &Invented, online: Online) -> Vec<Event> {
        let decided =
            |award: &&Award| award.when == When::InMonth && award.benefit != Benefit::Funeral;
        let mut steps = Vec::new();
        for (number, award) in person.awards.iter().filter(decided).enumerate() {
            steps.extend(self.of_award(person, award, number, online));
        }
        steps
    }

    fn of_award(
        &self,
        person: &Invented,
        award: &Award,
        number: usize,
        online: Online,
    ) -> Vec<Event> {
        let key = format!("{}/{number}", person.key);
        let mut chance = Random::new(self.seed, &[u64::from(b'd'), serial(&person.key)]);
        let signed = award.decision.date;
        let received = working_days_before(signed, chance.between(9, 19));
        let (code, area) = (&person.registration.area.0, &person.key);
        let course = Course {
            space: Uuid::new_v5(&Uuid::NAMESPACE_URL, self.source().as_bytes()),
            key,
            dossier: dossier_code(self.spec.area, received, area, number),
            online: self.is_online(code, online),
        };
        let mut steps = vec![
            course.step(received, 9, Step::Submitted(self.submission(person, code))),
            course.step(received, 10, Step::Received {}),
        ];
        let stages = regime::on(ALLOWANCE, received).map_or(&[][..], |it| it.stages.as_slice());
        let before = stages.len().saturating_sub(1);
        let days = working_days(received, signed);
        for (at, stage) in stages.iter().take(before).enumerate() {
            let day = days.get(days.len() * (at + 1) / stages.len().max(1));
            let stage = stage.code.clone();
            let day = day.copied().unwrap_or(signed);
            steps.push(course.step(day, 11 + at as i8, Step::StageDone { stage }));
        }
        let decision = award.decision.clone();
        let from = Some(award.from);
        let approved = Step::Decided(Outcome::Approved { decision, from });
        steps.push(course.step(signed, 15, approved));
        if chance.per_mille(700) {
            steps.push(course.step(signed, 16, Step::ResultReturned {}));
        }
        steps
    }

    fn submission(&self, person: &Invented, area: &str) -> Box<Submission> {
        Box::new(Submission {
            procedure: ALLOWANCE.to_owned(),
            area: area.to_owned(),
            channel: Channel::Direct,
            applicant: person.registration.full_name.clone(),
            applicant_id_number: person.registration.id_number.clone(),
            applicant_birth: None,
            // The award is an event of its own in the sample, so the dossier asks for none.
            beneficiary: Some(format!("{}/{}", self.source(), person.key)),
            benefit: None,
            papers: vec![Paper {
                name: "Tờ khai đề nghị trợ giúp xã hội".to_owned(),
                file: None,
            }],
        })
    }

    /// Whether the commune carries applications through in the system.
    fn is_online(&self, commune: &str, online: Online) -> bool {
        let Some(at) = self.places.iter().position(|place| place.code == commune) else {
            return false;
        };
        let code = self.spec.districts[self.places[at].district].code;
        let one_in_two = || {
            let of_district = (0..self.places.len())
                .filter(|it| self.places[*it].district == self.places[at].district);
            let of_district: Vec<(usize, u32)> = of_district.map(|it| (it, 1)).collect();
            let count = of_district.len() as u32 / 2;
            self.choose(&of_district, count, 300).contains(&at)
        };
        online.whole.contains(&code) || online.part.contains(&code) && one_in_two()
    }
}

/// Digits of a person's key.
fn serial(key: &str) -> u64 {
    let digits: String = key.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// `000.00.00.H51-240402-QNG000123-0`.
fn dossier_code(area: &str, day: Date, person: &str, number: usize) -> String {
    format!(
        "000.00.00.H{area}-{}-{person}-{number}",
        day.strftime("%y%m%d")
    )
}

/// One dossier while its steps are told.
pub(crate) struct Course {
    pub(crate) space: Uuid,
    pub(crate) key: String,
    pub(crate) dossier: String,
    pub(crate) online: bool,
}

impl Course {
    /// A step on a day at an hour.
    pub(crate) fn step(&self, day: Date, hour: i8, step: Step) -> Event {
        let name = format!("{}/{}/{day}/{hour}", self.key, step.code());
        Event {
            event_id: Uuid::new_v5(&self.space, name.as_bytes()),
            dossier: self.dossier.clone(),
            at: moment(day, hour),
            online: self.online,
            step,
        }
    }
}

/// An hour of a day in Viet Nam.
pub(crate) fn moment(day: Date, hour: i8) -> Timestamp {
    let zone = TimeZone::fixed(Offset::constant(7));
    let zoned = day.at(hour, 0, 0, 0).to_zoned(zone);
    zoned.map(|zoned| zoned.timestamp()).unwrap_or_default()
}

/// The working day so many before a day.
fn working_days_before(day: Date, count: i32) -> Date {
    let (mut day, mut left) = (day, count);
    while left > 0 && day > date(1950, 1, 1) {
        day = day.saturating_sub(1.day());
        left -= i32::from(is_working_day(day));
    }
    day
}

/// The working days from one day to another, both included.
pub(crate) fn working_days(first: Date, last: Date) -> Vec<Date> {
    let days = first.series(1.day()).take_while(|day| *day <= last);
    days.filter(|day| is_working_day(*day)).collect()
}
