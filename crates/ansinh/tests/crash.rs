//! The program and PostgreSQL are killed in the middle of recording events and of making and
//! approving lists. Afterwards the old state is there or the new one, nothing between, and the
//! next run works.

#[path = "program/people.rs"]
mod people;
mod program;

use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use program::{Program, errors, text};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// How often each kind of work is really interrupted.
const KILLS: usize = 8;

/// Attempts in which the work was done before it could be interrupted are made again.
const ATTEMPTS: usize = 60;

const PEOPLE: usize = 400;

/// Who is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Program,
    Server,
}

/// One kind of work, and how it is interrupted.
struct Killer {
    random: StdRng,
    usual: Duration,
    kills: usize,
    attempts: usize,
}

impl Killer {
    /// Work that usually takes so long.
    fn new(seed: u64, usual: Duration) -> Killer {
        Killer {
            random: StdRng::seed_from_u64(seed),
            usual,
            kills: 0,
            attempts: 0,
        }
    }

    /// Whether the work has been interrupted often enough.
    fn is_done(&self) -> bool {
        self.kills >= KILLS
    }

    /// Run a command and kill one of the two at a random moment of it.
    fn interrupt(&mut self, program: &Program, arguments: &[&str]) {
        self.attempts += 1;
        assert!(
            self.attempts <= ATTEMPTS,
            "the work is over too soon to be interrupted"
        );
        let victim = if self.kills % 2 == 0 {
            Victim::Program
        } else {
            Victim::Server
        };
        let after = self.usual.mul_f64(self.random.random_range(0.02..0.95));
        let mut child = program
            .command(arguments)
            .spawn()
            .expect("the program starts");
        thread::sleep(after);
        let ours = i32::try_from(child.id()).expect("a process number");
        match victim {
            Victim::Program => child.kill().expect("our own child can be killed"),
            Victim::Server => {
                if let Some(server) = program.server_process() {
                    // It may have gone by itself in this moment.
                    let _ = kill(Pid::from_raw(server), Signal::SIGKILL);
                }
            }
        }
        let output = child.wait_with_output().expect("the program ends");
        if !output.status.success() {
            self.kills += 1;
            eprintln!(
                "{victim:?} of {ours} killed after {after:?}: {}",
                last_line(&output)
            );
        }
        // A killed server's processes take a moment to leave.
        thread::sleep(Duration::from_millis(50));
    }
}

fn last_line(output: &Output) -> String {
    errors(output).lines().last().unwrap_or("").to_owned()
}

/// How many of a kind the source has, in every table the events are spread over.
async fn recorded(program: &Program) -> [i64; 6] {
    let mut look = program.look().await;
    let mut counts = [0; 6];
    for (count, query) in counts.iter_mut().zip([
        "select count(*) from event",
        "select count(*) * 3 from person",
        "select count(*) * 3 from person_key",
        "select count(*) * 3 from enrolment",
        "select count(*) * 3 from fact",
        "select count(*) from event_claim",
    ]) {
        *count = look.number(query).await;
    }
    counts
}

#[tokio::test]
async fn events_are_recorded_whole_or_not_at_all() {
    let program = Program::practice();
    let mut files = 0;
    let mut next_file = || {
        files += 1;
        let source = format!("tệp-{files}");
        program.file("events.ndjson", &people::events(&source, 1, PEOPLE))
    };
    let file = next_file();
    let since = Instant::now();
    program.succeed(&["apply", text(&file), "--actor", "an"]);
    let mut killer = Killer::new(20_240_501, since.elapsed());
    let all = i64::try_from(PEOPLE * 3).expect("a small number");
    let mut before = all;
    assert_eq!(recorded(&program).await, [before; 6]);
    while !killer.is_done() {
        let file = next_file();
        killer.interrupt(&program, &["apply", text(&file), "--actor", "an"]);
        let after = recorded(&program).await;
        assert!(
            after == [before; 6] || after == [before + all; 6],
            "neither old nor new: {before} before, {after:?} after"
        );
        program.succeed(&["apply", text(&file), "--actor", "an"]);
        before += all;
        assert_eq!(recorded(&program).await, [before; 6]);
    }
}
