//! How the 63 provinces of May 2024 are connected, and what goes over the connections.
//!
//! Published are the numbers of each kind, Khánh Hòa and Lai Châu. Which of the other provinces are
//! connected in which way is drawn from the seed, and so is all traffic. What the case A2 does is
//! not published either: the sample has it carry from here to the one-stop system.

mod province;

use exchange::{Message, Mode, NewConnection};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::area::Areas;
use uuid::Uuid;

use crate::dossiers::moment;
use crate::random::Random;

/// Works in the ministry's system directly: Khánh Hòa.
const NATIVE: &str = "56";
/// Not connected: Lai Châu.
const UNCONNECTED: &str = "12";
/// Provinces connected both ways, and one way in by the case A1; one more is by A2.
const TWO_WAY: usize = 21;
const ONE_WAY: usize = 39;

/// The month, and the days in which its dossiers are submitted.
const FIRST: Date = date(2024, 4, 8);
const LAST: Date = date(2024, 5, 31);

/// Everything the sample records of exchange.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// How each province is connected.
    pub connections: Vec<NewConnection>,
    /// What is recorded, in this order.
    pub phases: Vec<Phase>,
}

/// Something recorded in one transaction.
#[derive(Clone, Debug)]
pub enum Phase {
    /// Messages of a province's one-stop system.
    Sent(String, Vec<Message>),
    /// Steps taken in this system.
    Steps(Vec<casework::Event>),
    /// What a province's one-stop system answered to our messages: nothing, or why it could not.
    Answered(String, Vec<(Uuid, Option<String>)>),
}

impl Traffic {
    /// When all of it is recorded: the evening of the last day.
    pub fn recorded_at() -> Timestamp {
        moment(LAST, 18)
    }

    /// The last day of the sample's month.
    pub const fn last_day() -> Date {
        LAST
    }
}

/// The connections and their traffic; the same for the same seed.
pub fn traffic(seed: u64) -> Traffic {
    let connections = connections(seed);
    let mut sent = Vec::new();
    let (mut first, mut later) = (Vec::new(), Vec::new());
    let (mut supplements, mut answers) = (Vec::new(), Vec::new());
    for connection in &connections {
        let told = province::traffic(connection, seed);
        let code = || connection.province.clone();
        sent.push(Phase::Sent(code(), told.submissions));
        first.extend(told.first);
        supplements.push(Phase::Sent(code(), told.supplements));
        later.extend(told.later);
        answers.push(Phase::Answered(code(), told.answers));
    }
    let mut phases = sent;
    phases.push(Phase::Steps(first));
    phases.extend(supplements);
    phases.push(Phase::Steps(later));
    phases.extend(answers);
    phases.retain(|phase| !phase.is_empty());
    Traffic {
        connections,
        phases,
    }
}

impl Phase {
    const fn is_empty(&self) -> bool {
        match self {
            Phase::Sent(_, messages) => messages.is_empty(),
            Phase::Steps(steps) => steps.is_empty(),
            Phase::Answered(_, answers) => answers.is_empty(),
        }
    }
}

fn connections(seed: u64) -> Vec<NewConnection> {
    let provinces = Areas::embedded().children("", LAST);
    let mut others: Vec<&str> = provinces
        .iter()
        .map(|area| area.code)
        .filter(|code| !matches!(*code, NATIVE | UNCONNECTED))
        .collect();
    let mut chance = Random::new(seed, &[u64::from(b'k')]);
    for last in (1..others.len()).rev() {
        others.swap(last, chance.below(last as u32 + 1) as usize);
    }
    let drawn = "Chọn theo hạt giống của bộ mẫu; nguồn chỉ nêu số lượng";
    let of = |province: &str| {
        let at = others.iter().position(|code| *code == province);
        match (province, at) {
            (NATIVE, _) => (Mode::Native, None, "Nguồn nêu đích danh"),
            (UNCONNECTED, _) => (Mode::None, None, "Nguồn nêu đích danh"),
            (_, Some(at)) if at < TWO_WAY => (Mode::TwoWay, None, drawn),
            (_, Some(at)) if at < TWO_WAY + ONE_WAY => (Mode::OneWayIn, Some("A1"), drawn),
            _ => (
                Mode::OneWayOut,
                Some("A2"),
                "Chọn theo hạt giống; nguồn không nói trường hợp A2 chuyển theo chiều nào",
            ),
        }
    };
    let connection = |area: &&kernel::area::Area| {
        let (mode, case, note) = of(area.code);
        NewConnection {
            province: area.code.to_owned(),
            from: date(2024, 1, 1),
            mode,
            official_case: case.map(str::to_owned),
            note: Some(note.to_owned()),
        }
    };
    provinces.iter().map(connection).collect()
}
