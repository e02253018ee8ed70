//! How far a long step has come: a bar on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

/// Lines said where there is no terminal.
const LINES: u64 = 5;

/// How far a step over people has come.
pub struct Progress {
    what: &'static str,
    people: u64,
    bar: Option<ProgressBar>,
    said: u64,
}

impl Progress {
    /// Of a step over so many people.
    pub fn of(what: &'static str, people: u64) -> Progress {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(people).with_message(what);
            match ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} người, còn {eta}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Progress {
            what,
            people,
            bar,
            said: 0,
        }
    }

    /// So many people are done.
    pub fn reached(&mut self, people: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(people);
        } else if people * LINES / self.people.max(1) > self.said {
            self.said = people * LINES / self.people.max(1);
            eprintln!("  {}: {people}/{} người", self.what, self.people);
        }
    }

    /// The step is over.
    pub fn done(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
