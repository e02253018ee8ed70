//! Kills the program, and the server it uses, at random moments of its work.

use std::process::Output;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::program::{Program, errors};

/// Attempts in which the work was done before it could be interrupted are made again.
const ATTEMPTS: usize = 60;

/// Who is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Program,
    Server,
}

/// One kind of work, and how it is interrupted.
pub struct Killer {
    wanted: usize,
    random: StdRng,
    /// About how long the work takes when nobody interrupts it.
    pub usual: Duration,
    kills: usize,
    /// How often it was begun.
    pub attempts: usize,
}

impl Killer {
    /// Work that is to be interrupted so many times and usually takes so long.
    pub fn new(wanted: usize, seed: u64, usual: Duration) -> Killer {
        Killer {
            wanted,
            random: StdRng::seed_from_u64(seed),
            usual,
            kills: 0,
            attempts: 0,
        }
    }

    /// Whether the work has been interrupted often enough.
    pub fn is_done(&self) -> bool {
        self.kills >= self.wanted
    }

    /// Run a command and kill one of the two at a random moment of it.
    pub fn interrupt(&mut self, program: &Program, arguments: &[&str]) {
        self.attempts += 1;
        assert!(
            self.attempts <= ATTEMPTS,
            "the work is over too soon to be interrupted"
        );
        let victim = if self.kills.is_multiple_of(2) {
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
        let is_over = child.try_wait().expect("our own child").is_some();
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
        } else if is_over {
            // The machine is less busy than when the work was timed.
            self.usual = self.usual.mul_f64(0.8);
        } else {
            // The server was not there yet.
            self.usual = self.usual.mul_f64(1.25);
        }
        // A killed server's processes take a moment to leave.
        thread::sleep(Duration::from_millis(50));
    }
}

fn last_line(output: &Output) -> String {
    errors(output).lines().last().unwrap_or("").to_owned()
}
