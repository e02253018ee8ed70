//! The dossiers of one province: what its one-stop system sends, what officers here do, what is
//! answered.

use casework::step::{Paper, Submission};
use casework::{Channel, Event, Outcome, Step, regime};
use exchange::{Message, NewConnection};
use jiff::civil::Date;
use kernel::Sex;
use kernel::area::{Area, Areas};
use registry::event::Decision;
use uuid::Uuid;

use super::{FIRST, LAST, Traffic};
use crate::dossiers::{ALLOWANCE, Course, working_days};
use crate::names::{Custom, Group, full_name, surname};
use crate::random::Random;

/// What is told of a province's dossiers, in the order in which it is recorded.
#[derive(Default)]
pub(super) struct Told {
    pub(super) submissions: Vec<Message>,
    /// Steps up to a request for papers.
    pub(super) first: Vec<Event>,
    pub(super) supplements: Vec<Message>,
    pub(super) later: Vec<Event>,
    pub(super) answers: Vec<(Uuid, Option<String>)>,
}

/// The traffic of a province.
pub(super) fn traffic(connection: &NewConnection, seed: u64) -> Told {
    let province: u64 = connection.province.parse().unwrap_or(0);
    let mut chance = Random::new(seed, &[u64::from(b't'), province]);
    let communes = communes(&connection.province);
    let dossiers = match connection.mode.connects() {
        true => chance.between(24, 60),
        false => chance.between(12, 30),
    };
    let mut told = Told::default();
    for number in 1..=dossiers {
        let Some(commune) = chance.pick(&communes) else {
            break;
        };
        let mut dossier = Dossier::new(connection, seed, commune.code, number as u64);
        dossier.tell(&mut told);
    }
    // Not every step happened by the evening of the last day.
    let by = Traffic::recorded_at();
    told.first.retain(|event| event.at <= by);
    told.later.retain(|event| event.at <= by);
    told.supplements.retain(|message| message.event.at <= by);
    if connection.mode.tells() {
        told.answers = answers(&told, &mut chance);
    }
    told
}

/// The communes of a province on the last day, in order of code.
fn communes(province: &str) -> Vec<&'static Area> {
    let areas = Areas::embedded();
    let inside = |area: &&Area| {
        area.lowest && area.exists_on(LAST) && areas.province_of(area).code == province
    };
    areas.all().iter().filter(inside).collect()
}

/// What the one-stop system answered: most messages are taken, a few failed, a few are on their way.
fn answers(told: &Told, chance: &mut Random) -> Vec<(Uuid, Option<String>)> {
    let mut answers = Vec::new();
    for event in told.first.iter().chain(&told.later) {
        let reason = match chance.below(100) {
            0..=95 => None,
            96 | 97 => Some("Không tìm thấy mã hồ sơ trên hệ thống một cửa".to_owned()),
            _ => continue,
        };
        answers.push((event.event_id, reason));
    }
    answers
}

struct Dossier<'a> {
    connection: &'a NewConnection,
    chance: Random,
    course: Course,
    commune: &'static str,
    submitted: Date,
}

impl<'a> Dossier<'a> {
    fn new(
        connection: &'a NewConnection,
        seed: u64,
        commune: &'static str,
        number: u64,
    ) -> Dossier<'a> {
        let province = &connection.province;
        let code: u64 = province.parse().unwrap_or(0);
        let mut chance = Random::new(seed, &[u64::from(b'h'), code, number]);
        let days = working_days(FIRST, LAST);
        let submitted = chance.pick(&days).copied().unwrap_or(FIRST);
        let day = submitted.strftime("%y%m%d");
        let dossier = format!("000.00.00.H{province}-{day}-{number:04}");
        let space = format!("ansinh:two-way-2024-05:{seed}");
        Dossier {
            connection,
            course: Course {
                space: Uuid::new_v5(&Uuid::NAMESPACE_URL, space.as_bytes()),
                key: dossier.clone(),
                dossier,
                online: true,
            },
            chance,
            commune,
            submitted,
        }
    }

    fn tell(&mut self, told: &mut Told) {
        let sent = self.connection.mode.takes_in();
        // Where nothing is connected, paper is worked on and entered afterwards.
        self.course.online = self.connection.mode != exchange::Mode::None;
        let missing = sent && self.chance.per_mille(220);
        let submission = Step::Submitted(self.submission(missing));
        let submitted = self.course.step(self.submitted, 8, submission);
        match sent {
            true => told.submissions.push(message(submitted, 1)),
            false => told.first.push(submitted),
        }
        let days: Vec<Date> = working_days(self.submitted, LAST);
        let day = |after: usize| days.get(after).copied();
        let Some(received) = day(usize::from(self.chance.per_mille(300))) else {
            return;
        };
        told.first
            .push(self.course.step(received, 9, Step::Received {}));
        if missing && self.chance.per_mille(800) {
            let papers = vec![DECLARATION.to_owned()];
            let done = Step::CompletedByHand { papers };
            told.first.push(self.course.step(received, 10, done));
        }
        let mut from = 1;
        if sent && self.chance.per_mille(100) {
            match self.supplement(&days, told) {
                Some(after) => from = after,
                None => return,
            }
        } else if sent && self.chance.per_mille(12) {
            self.out_of_order(&days, told);
        }
        self.decide(&days[from.min(days.len())..], told);
    }

    /// Papers are asked for; they come some days later, or not by the end of the month.
    fn supplement(&mut self, days: &[Date], told: &mut Told) -> Option<usize> {
        let asked = *days.get(2)?;
        let asks = Step::SupplementAsked {
            papers: vec!["Giấy xác nhận khuyết tật".to_owned()],
            reason: "Bản chụp không đọc được".to_owned(),
        };
        told.first.push(self.course.step(asked, 11, asks));
        let after = 3 + self.chance.below(6) as usize;
        let came = *days.get(after)?;
        let papers = vec![paper("Giấy xác nhận khuyết tật", true, &mut self.chance)];
        let supplemented = self.course.step(came, 9, Step::Supplemented { papers });
        told.supplements.push(message(supplemented, 2));
        Some(after + 1)
    }

    /// The third message comes, the second does not: it is held back.
    fn out_of_order(&mut self, days: &[Date], told: &mut Told) {
        let Some(day) = days.get(3) else { return };
        let reason = "Người dân nộp nhầm thủ tục".to_owned();
        let asks = self.course.step(*day, 8, Step::WithdrawalAsked { reason });
        told.supplements.push(message(asks, 3));
    }

    /// The stages of the law, day after day, then the decision.
    fn decide(&mut self, days: &[Date], told: &mut Told) {
        let stages = regime::on(ALLOWANCE, self.submitted);
        let stages = stages.map_or(&[][..], |regime| regime.stages.as_slice());
        let mut at = 0;
        for stage in stages.iter().take(stages.len().saturating_sub(1)) {
            at += self.chance.between(1, 4) as usize;
            let Some(day) = days.get(at) else { return };
            let stage = stage.code.clone();
            told.later
                .push(self.course.step(*day, 14, Step::StageDone { stage }));
        }
        at += self.chance.between(1, 3) as usize;
        let Some(day) = days.get(at).copied() else {
            return;
        };
        let outcome = self.outcome(day);
        // Some decisions are still signed on paper and entered.
        self.course.online &= self.chance.per_mille(match self.connection.mode {
            exchange::Mode::OneWayIn => 620,
            _ => 940,
        });
        told.later
            .push(self.course.step(day, 15, Step::Decided(outcome)));
        self.course.online = true;
        if self.chance.per_mille(700) {
            told.later
                .push(self.course.step(day, 16, Step::ResultReturned {}));
        }
    }

    fn outcome(&mut self, day: Date) -> Outcome {
        let decision = Decision {
            number: format!("{}/QĐ-UBND", 100 + self.chance.below(2_000)),
            date: day,
            signed_by: None,
        };
        match self.chance.per_mille(80) {
            true => Outcome::Refused {
                decision,
                condition: "Không thuộc hộ nghèo".to_owned(),
                law: "20/2021/NĐ-CP Điều 5 khoản 5".to_owned(),
            },
            false => Outcome::Approved {
                decision,
                from: None,
            },
        }
    }

    fn submission(&mut self, missing: bool) -> Box<Submission> {
        let chance = &mut self.chance;
        let sex = match chance.per_mille(560) {
            true => Sex::Female,
            false => Sex::Male,
        };
        let family = surname(Group::Kinh, Custom::Centre, chance);
        let year = chance.between(1934, 1990) as i16;
        let channel = match chance.below(100) {
            0..=54 => Channel::Direct,
            55..=96 => Channel::Online,
            _ => Channel::Post,
        };
        Box::new(Submission {
            procedure: ALLOWANCE.to_owned(),
            area: self.commune.to_owned(),
            channel,
            applicant: full_name(Group::Kinh, family, sex, year, chance),
            applicant_id_number: Some(format!("999{:09}", chance.below(1_000_000_000))),
            applicant_birth: None,
            beneficiary: None,
            benefit: None,
            papers: vec![
                paper(DECLARATION, !missing, chance),
                paper("Giấy tờ chứng minh", true, chance),
            ],
        })
    }
}

/// The paper every dossier has.
const DECLARATION: &str = "Tờ khai đề nghị trợ giúp xã hội";

fn paper(name: &str, digitised: bool, chance: &mut Random) -> Paper {
    let file = digitised.then(|| {
        let parts: Vec<String> = (0..4)
            .map(|_| format!("{:016x}", chance.next_number()))
            .collect();
        parts.concat()
    });
    Paper {
        name: name.to_owned(),
        file,
    }
}

fn message(event: Event, seq: i32) -> Message {
    Message {
        seq,
        event,
        given: None,
    }
}
