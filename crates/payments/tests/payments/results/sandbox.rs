//! What the provider to practise with answers, as files: valid by the schema and read as it was meant.

use std::io::Cursor;

use jiff::Timestamp;
use jiff::civil::date;
use payments::results::read::read;
use payments::results::{Arrival, Reported, Status};
use payments::sandbox::{Answers, Behaviour, Instruction, answer, write_ndjson, write_pain_002};

use crate::support::schema::faults;

const BAD: Behaviour = Behaviour {
    fail: 15,
    not_collected: 10,
    come_back: 10,
    twice: 10,
    late: 10,
    lost: 5,
    wrong_amount: 5,
    shuffled: true,
};

fn answers(seed: u64) -> Answers {
    let order: Vec<Instruction> = (1..=300)
        .map(|person| Instruction {
            line: format!("2024-05-{person}-1"),
            amount: 360_000,
        })
        .collect();
    answer(&order, &BAD, date(2024, 5, 2), seed)
}

fn written(answers: &[Reported]) -> Vec<u8> {
    let mut file = Vec::new();
    write_pain_002(answers, Timestamp::UNIX_EPOCH, &mut file).expect("written");
    file
}

/// Line, status, day and amount of everything a file says.
fn said(file: Vec<u8>) -> Vec<(String, Status, String, i64)> {
    let mut said = Vec::new();
    read(Cursor::new(file), &mut |arrival| {
        match arrival {
            Arrival::Result { reported, .. } => said.push(told(&reported)),
            other => panic!("{other:?}"),
        }
        Ok(())
    })
    .expect("read");
    said
}

fn told(reported: &Reported) -> (String, Status, String, i64) {
    let Reported {
        line,
        status,
        date,
        amount,
        ..
    } = reported;
    (line.clone(), *status, date.to_string(), *amount)
}

#[test]
fn status_reports_are_valid_whatever_goes_wrong() {
    for seed in 1..=5 {
        let answers = answers(seed);
        for file in [&answers.now, &answers.late] {
            let xml = written(file);
            assert_eq!(faults("pain.002.001.12", &xml), "", "seed {seed}");
            // A report knows payments made and refused; money that comes back is told otherwise.
            let meant: Vec<_> = file
                .iter()
                .filter(|it| it.status != Status::Returned)
                .map(|it| match it.status {
                    Status::Paid => told(it),
                    _ => (
                        it.line.clone(),
                        Status::Failed,
                        it.date.to_string(),
                        it.amount,
                    ),
                })
                .collect();
            assert_eq!(said(xml), meant);
        }
    }
    // The schema does look.
    let xml = String::from_utf8(written(&answers(1).now)).expect("UTF-8");
    for (right, wrong) in [
        ("RJCT", "REJECTED"),
        (" Ccy=\"VND\"", ""),
        ("360000", "-360000"),
    ] {
        let spoiled = xml.replacen(right, wrong, 1);
        assert_ne!(faults("pain.002.001.12", spoiled.as_bytes()), "", "{wrong}");
    }
}

#[test]
fn lines_say_everything_that_was_answered() {
    let answers = answers(7);
    let mut file = Vec::new();
    write_ndjson(&answers.now, &mut file).expect("written");
    let meant: Vec<_> = answers.now.iter().map(told).collect();
    assert_eq!(said(file), meant);
    for status in Status::ALL {
        assert!(meant.iter().any(|it| it.1 == status), "{status:?}");
    }
}
