//! A province's one-stop system to practise with, as another program sees ours: its citizens submit,
//! supplement and withdraw, it sends their files, hears what becomes of their dossiers and keeps a table
//! of its own. On a bad day it is slow, down, sends twice, in the wrong order, half, with a wrong clock,
//! or loses answers. Whatever happens to either side, it goes on where its journal ends.

mod check;
mod client;
mod hear;
mod journal;
mod list;
mod office;
mod plan;
mod platform;
mod tell;
mod words;

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kernel::Clock;
use payments::sandbox::Chance;
use serde::Serialize;

pub use check::{Looked, check, check_platform};
pub use client::{Client, Key};
use journal::Journal;
pub use list::answer as answer_list;
pub use office::Office;
pub use plan::Citizens;
pub use platform::serve;
pub use words::{Words, XRoad};

/// How the province behaves. Faults are percentages of what it does.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Waits before it asks.
    pub slow: u8,
    /// How long.
    pub slow_for: Duration,
    /// Does nothing for a round.
    pub down: u8,
    /// Sends the same twice.
    pub twice: u8,
    /// Sends a later message of a dossier before an earlier one.
    pub out_of_order: u8,
    /// Loses the answer to what it sent.
    pub answer_lost: u8,
    /// Takes a message and does not say so, or says that it could not.
    pub ack_lost: u8,
    /// Tells or signs with a clock a day ahead.
    pub clock_wrong: u8,
    /// Sends half a message, or a dossier before its files.
    pub half: u8,
    /// What makes all of it repeatable.
    pub seed: u64,
}

/// A province at work.
pub struct Province {
    /// How it reaches us.
    pub client: Client,
    /// Who its citizens are.
    pub citizens: Citizens,
    /// How it behaves.
    pub manner: Manner,
    /// What time it is there.
    pub clock: Clock,
    /// Where it keeps its journal.
    pub table: PathBuf,
    /// How much it does at once.
    pub hands: usize,
    /// So many rounds in which nothing moves end the work.
    pub quiet: u32,
    /// Between rounds.
    pub pause: Duration,
}

/// A dossier in the province's table.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its code.
    pub dossier: String,
    /// National status as last heard; none before anything was.
    pub status: Option<i64>,
    /// Messages to us that have their answer.
    pub told: i32,
    /// Messages of ours heard, in order.
    pub heard: i32,
    /// What came out of order, or said something else than before.
    pub wrong: u32,
    /// Letters of decisions that were fetched.
    pub letters: usize,
}

struct Work<'a> {
    client: &'a Client,
    manner: &'a Manner,
    clock: &'a Clock,
    hands: usize,
    journal: Mutex<Journal>,
    /// The journal's file.
    disk: File,
}

/// Who does one piece of the work. Its luck is its own, so that it does not hang on who is quicker.
struct Hand<'a> {
    work: &'a Work<'a>,
    chance: Chance,
}

impl Work<'_> {
    fn look<T>(&self, at: impl FnOnce(&Journal) -> T) -> T {
        at(&self.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes something down: it is on disk before what follows from it is done.
    fn keep<T>(&self, what: impl FnOnce(&mut Journal) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let kept = what(&mut self.journal.lock().unwrap_or_else(PoisonError::into_inner))?;
        self.disk.sync_data()?;
        Ok(kept)
    }

    /// Has every piece done by some hand. Returns whether all came off.
    fn each<T: Sync>(
        &self,
        chance: &mut Chance,
        pieces: &[T],
        one: impl Fn(&mut Hand<'_>, &T) -> anyhow::Result<bool> + Sync,
    ) -> anyhow::Result<bool> {
        let seed =
            |_| (u64::from(chance.below(u32::MAX)) << 32) | u64::from(chance.below(u32::MAX));
        let seeds: Vec<u64> = pieces.iter().map(seed).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut all = true;
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let (Some(piece), Some(seed)) = (pieces.get(at), seeds.get(at)) else {
                    return anyhow::Ok(all);
                };
                let chance = Chance(*seed);
                all &= one(&mut Hand { work: self, chance }, piece)?;
            }
        };
        std::thread::scope(|scope| {
            let hands: Vec<_> = (0..self.hands).map(|_| scope.spawn(work)).collect();
            let mut all = true;
            for hand in hands {
                let done = hand.join();
                all &= done.map_err(|_| anyhow::anyhow!("công việc bị ngắt"))??;
            }
            Ok(all)
        })
    }
}

impl Province {
    /// Submits what is to be submitted, sends and hears until nothing moves any more. The table as it
    /// then is.
    ///
    /// # Errors
    /// When the journal cannot be read or written, or we refuse what is sound.
    pub fn work(&self) -> anyhow::Result<Vec<Row>> {
        let journal = Journal::open(&self.table)?;
        // Begun again it has other bad luck.
        let seed = self.manner.seed ^ (journal.lines << 20);
        let mut chance = Chance(seed);
        let work = Work {
            client: &self.client,
            manner: &self.manner,
            clock: &self.clock,
            hands: self.hands.max(1),
            disk: journal.disk()?,
            journal: Mutex::new(journal),
        };
        let mut quiet = 0;
        while quiet < self.quiet {
            if chance.hits(self.manner.down) {
                std::thread::sleep(self.pause);
                continue;
            }
            work.keep(|journal| journal.plan(&self.citizens, &self.clock))?;
            let before = work.look(|journal| journal.lines);
            let luck = &mut chance;
            let reached =
                tell::files(&work, luck)? & tell::messages(&work, luck)? & hear::all(&work, luck)?;
            let moved = work.look(|it| it.lines > before || it.is_waiting()) || !reached;
            quiet = if moved { 0 } else { quiet + 1 };
            std::thread::sleep(self.pause);
        }
        Ok(work.look(Journal::table))
    }
}
