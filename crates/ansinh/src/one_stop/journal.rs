//! What the province knows, as lines of a file.

mod dossier;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File as Disk, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use anyhow::Context;
use casework::form::Answer;
use exchange::comparison::{Listed, hash};
use exchange::given::Given;
use kernel::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Row;
use super::plan::{Citizens, file, message_id};
use dossier::{Dossier, Said};

/// A line.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line {
    /// A file to be sent.
    File(File),
    /// It is there.
    Sent { sha256: String },
    /// A message to be sent, or the same with another time.
    Tell {
        dossier: String,
        seq: i32,
        kind: String,
        body: Value,
    },
    /// It has its answer.
    Told {
        dossier: String,
        seq: i32,
        answer: String,
    },
    /// A message of theirs.
    Heard {
        dossier: String,
        seq: i32,
        id: Uuid,
        status: i64,
        asks: bool,
        /// What they say in fields of the form.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fields: Option<BTreeMap<String, Option<Answer>>>,
    },
    /// The letter that went with it.
    Letter { dossier: String, sha256: String },
    /// A file of theirs came, and is what its name says.
    Came { sha256: String },
    /// Something that must not be.
    Wrong { dossier: String, what: String },
}

/// A file of a citizen.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct File {
    /// What the paper is.
    pub paper: String,
    /// Its name.
    pub sha256: String,
    /// All of it.
    pub content: String,
}

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct Tell {
    /// Of which dossier.
    pub dossier: String,
    /// Its number among those of the dossier.
    pub seq: i32,
    /// `submitted`, `supplemented`, `withdrawal_asked`.
    pub kind: String,
    /// As it is sent.
    pub body: Value,
}

/// The file, and what its lines come to.
pub struct Journal {
    disk: Disk,
    /// How many lines there are.
    pub lines: u64,
    dossiers: BTreeMap<String, Dossier>,
    files: BTreeMap<String, (File, bool)>,
    came: BTreeSet<String>,
}

impl Journal {
    /// Reads a journal, or begins one. A last line that was cut off never was.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn open(path: &Path) -> anyhow::Result<Journal> {
        let failed = || format!("Không mở được tệp {}.", path.display());
        let mut options = OpenOptions::new();
        let options = options.read(true).append(true).create(true);
        let mut disk = options.open(path).with_context(failed)?;
        let mut text = Vec::new();
        disk.read_to_end(&mut text).with_context(failed)?;
        let whole = text
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        disk.set_len(whole as u64).with_context(failed)?;
        let mut journal = Journal {
            disk,
            lines: 0,
            dossiers: BTreeMap::new(),
            files: BTreeMap::new(),
            came: BTreeSet::new(),
        };
        for line in text[..whole]
            .split(|&byte| byte == b'\n')
            .filter(|it| !it.is_empty())
        {
            let line = serde_json::from_slice(line).with_context(failed)?;
            journal.know(line);
        }
        Ok(journal)
    }

    /// The file, for whoever has to see that what was written is on disk.
    ///
    /// # Errors
    /// When there are too many files open.
    pub fn disk(&self) -> anyhow::Result<Disk> {
        Ok(self.disk.try_clone()?)
    }

    fn write(&mut self, lines: Vec<Line>) -> anyhow::Result<()> {
        let mut text = Vec::new();
        for line in &lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        self.disk.write_all(&text)?;
        lines.into_iter().for_each(|line| self.know(line));
        Ok(())
    }

    fn know(&mut self, line: Line) {
        self.lines += 1;
        let dossiers = &mut self.dossiers;
        match line {
            Line::File(file) => {
                self.files
                    .entry(file.sha256.clone())
                    .or_insert((file, false));
            }
            Line::Sent { sha256 } => {
                if let Some(known) = self.files.get_mut(&sha256) {
                    known.1 = true;
                }
            }
            Line::Tell {
                dossier,
                seq,
                kind,
                body,
            } => {
                let of = dossiers.entry(dossier).or_default();
                of.asked &= kind == "supplemented" && body.get("papers").is_none();
                let given = body.get("form").cloned().unwrap_or_default();
                if let Ok(given) = serde_json::from_value::<Given>(given) {
                    of.said.push(Said::Here(seq, given));
                }
                of.corrected |= kind == "supplemented" && body.get("papers").is_none();
                of.tells.insert(seq, (kind, body));
            }
            Line::Told {
                dossier,
                seq,
                answer,
            } => {
                let of = dossiers.entry(dossier).or_default();
                of.answers.insert(seq, answer);
                of.goes_on(seq);
            }
            Line::Heard {
                dossier,
                seq,
                id,
                status,
                asks,
                fields,
            } => {
                let of = dossiers.entry(dossier).or_default();
                of.said.extend(fields.map(Said::There));
                of.heard.insert(seq, id);
                of.status = Some(status);
                of.asked |= asks;
            }
            Line::Letter { dossier, sha256 } => {
                dossiers.entry(dossier).or_default().letters.insert(sha256);
            }
            Line::Came { sha256 } => {
                self.came.insert(sha256);
            }
            Line::Wrong { dossier, .. } => dossiers.entry(dossier).or_default().wrong += 1,
        }
    }

    /// Plans what citizens do next: those who have no dossier submit, those who are asked supplement,
    /// and some then ask for the dossier back; some correct their form although nobody asked.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn plan(&mut self, citizens: &Citizens, clock: &Clock) -> anyhow::Result<()> {
        let mut lines = Vec::new();
        let begun = u32::try_from(self.dossiers.len())?;
        for number in begun + 1..=citizens.count {
            let dossier = citizens.code(number, clock.now());
            let (fields, files) = citizens.submission(number);
            lines.extend(files.into_iter().map(Line::File));
            lines.push(tell(&dossier, 1, "submitted", fields, clock));
        }
        for (code, dossier) in self.dossiers.iter().filter(|(_, it)| it.asked) {
            let number: u32 = code.rsplit('-').next().unwrap_or_default().parse()?;
            let seq = dossier.tells.keys().last().copied().unwrap_or_default() + 1;
            let scan = file(citizens.seed, number, "Giấy bổ sung");
            let papers = json!({"papers": [{"name": scan.paper, "file": scan.sha256}],
                                "form": {"answers": {"phone": format!("08{number:08}"), "sex": "female"}}});
            lines.push(Line::File(scan));
            lines.push(tell(code, seq, "supplemented", papers, clock));
            if citizens.withdraws(number) {
                let reason = json!({"reason": "không cần nữa"});
                lines.push(tell(code, seq + 1, "withdrawal_asked", reason, clock));
            }
        }
        let open = |it: &Dossier| !it.asked && !it.corrected && it.is_open();
        for (code, dossier) in self.dossiers.iter().filter(|(_, it)| open(it)) {
            let number: u32 = code.rsplit('-').next().unwrap_or_default().parse()?;
            let seq = dossier.tells.keys().last().copied().unwrap_or_default() + 1;
            if let Some(form) = citizens.correction(number) {
                lines.push(tell(code, seq, "supplemented", form, clock));
            }
        }
        match lines.is_empty() {
            true => Ok(()),
            false => self.write(lines),
        }
    }

    /// Messages without an answer, by dossier and in its order.
    pub fn to_tell(&self) -> Vec<Vec<Tell>> {
        let of = |(code, dossier): (&String, &Dossier)| -> Vec<Tell> {
            let open = |seq: &&i32| {
                let answer = dossier.answers.get(*seq).map(String::as_str);
                // What was held is looked at again.
                answer.is_none_or(|it| it == "held")
            };
            let message = |seq: &i32| {
                let (kind, body) = &dossier.tells[seq];
                Tell {
                    dossier: code.clone(),
                    seq: *seq,
                    kind: kind.clone(),
                    body: body.clone(),
                }
            };
            dossier.tells.keys().filter(open).map(message).collect()
        };
        let all = self.dossiers.iter().map(of);
        all.filter(|messages| !messages.is_empty()).collect()
    }

    /// Files not sent yet.
    pub fn to_send(&self) -> Vec<File> {
        let open = self.files.values().filter(|(_, sent)| !sent);
        open.map(|(file, _)| file.clone()).collect()
    }

    /// The content of a file.
    pub fn content(&self, sha256: &str) -> Option<String> {
        let (file, _) = self.files.get(sha256)?;
        Some(file.content.clone())
    }

    /// Whether something is still to be sent.
    pub fn is_waiting(&self) -> bool {
        self.files.values().any(|(_, sent)| !sent) || !self.to_tell().is_empty()
    }

    /// A file is there.
    ///
    /// # Errors
    /// When the journal cannot be written; as below.
    pub fn sent(&mut self, sha256: &str) -> anyhow::Result<()> {
        let sha256 = sha256.to_owned();
        self.write(vec![Line::Sent { sha256 }])
    }

    /// A message has its answer.
    pub fn told(&mut self, tell: &Tell, answer: &str) -> anyhow::Result<()> {
        let known = self
            .dossiers
            .get(&tell.dossier)
            .and_then(|it| it.answers.get(&tell.seq));
        if known.is_some_and(|it| it == answer) {
            return Ok(());
        }
        let (dossier, answer) = (tell.dossier.clone(), answer.to_owned());
        self.write(vec![Line::Told {
            dossier,
            seq: tell.seq,
            answer,
        }])
    }

    /// A message of theirs; `false` when it was heard before.
    pub fn heard(&mut self, message: &Value) -> anyhow::Result<bool> {
        let text = |field: &str| message[field].as_str().unwrap_or_default();
        let (code, id) = (text("dossier").to_owned(), text("id").parse()?);
        let seq = i32::try_from(message["seq"].as_i64().unwrap_or_default())?;
        let status = message["status"].as_i64().unwrap_or_default();
        let asks = message["step"]["kind"] == "supplement_asked";
        let known = self.dossiers.get(&code);
        let last = known.and_then(|it| it.heard.keys().last().copied());
        let before = known.and_then(|it| it.heard.get(&seq)).copied();
        if before == Some(id) {
            return Ok(false);
        }
        let mut lines = Vec::new();
        if before.is_some() || seq != last.unwrap_or_default() + 1 || known.is_none() {
            let what = format!("message {seq} after {last:?}");
            lines.push(Line::Wrong {
                dossier: code.clone(),
                what,
            });
        }
        lines.push(Line::Heard {
            dossier: code,
            seq,
            id,
            status,
            asks,
            fields: serde_json::from_value(message["fields"].clone()).unwrap_or_default(),
        });
        self.write(lines)?;
        Ok(true)
    }

    /// The letter of a decision was fetched and is what its name says; or it is not.
    pub fn letter(&mut self, dossier: &str, sha256: &str, sound: bool) -> anyhow::Result<()> {
        let (dossier, sha256) = (dossier.to_owned(), sha256.to_owned());
        self.write(vec![match sound {
            true => Line::Letter { dossier, sha256 },
            false => Line::Wrong {
                dossier,
                what: format!("letter {sha256}"),
            },
        }])
    }

    /// A file of theirs came; again nothing changes.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn came(&mut self, sha256: &str) -> anyhow::Result<()> {
        if self.came.contains(sha256) {
            return Ok(());
        }
        let sha256 = sha256.to_owned();
        self.write(vec![Line::Came { sha256 }])
    }

    /// Whether a file of theirs came.
    pub fn has_come(&self, sha256: &str) -> bool {
        self.came.contains(sha256)
    }

    /// Whether a dossier is one of the province's citizens.
    pub fn knows(&self, dossier: &str) -> bool {
        let known = self.dossiers.get(dossier);
        known.is_some_and(|it| !it.tells.is_empty())
    }

    /// Every message the province ever had to send.
    pub fn names(&self) -> impl Iterator<Item = Uuid> {
        let of = |(code, it): (&String, &Dossier)| -> Vec<Uuid> {
            it.tells.keys().map(|seq| message_id(code, *seq)).collect()
        };
        self.dossiers.iter().flat_map(of)
    }

    /// Whether a letter was fetched.
    pub fn has_letter(&self, dossier: &str, sha256: &str) -> bool {
        let known = self.dossiers.get(dossier);
        known.is_some_and(|it| it.letters.contains(sha256))
    }

    /// So many dossiers after a code as the office is told of them: those it has answered about.
    pub fn listed(&self, after: &str, limit: usize) -> Vec<Listed> {
        let listed = self.dossiers.iter().filter_map(|(code, dossier)| {
            let answered = dossier.answers.iter().filter(|(_, it)| *it != "held");
            let told = answered.map(|(seq, _)| *seq).max()?;
            Some(Listed {
                dossier: code.clone(),
                status: i16::try_from(dossier.status.unwrap_or(1)).unwrap_or(1),
                told,
                heard: dossier.heard.keys().last().copied().unwrap_or_default(),
                answers: Some(hash(&dossier.form())),
            })
        });
        let after = listed.filter(|it| it.dossier.as_str() > after);
        after.take(limit).collect()
    }

    /// Every dossier as it stands.
    pub fn table(&self) -> Vec<Row> {
        let row = |(code, dossier): (&String, &Dossier)| Row {
            dossier: code.clone(),
            status: dossier.status,
            told: i32::try_from(dossier.answers.len()).unwrap_or(i32::MAX),
            heard: i32::try_from(dossier.heard.len()).unwrap_or(i32::MAX),
            wrong: dossier.wrong,
            letters: dossier.letters.len(),
        };
        self.dossiers.iter().map(row).collect()
    }
}

fn tell(dossier: &str, seq: i32, kind: &str, mut body: Value, clock: &Clock) -> Line {
    body["id"] = json!(message_id(dossier, seq));
    body["dossier"] = json!(dossier);
    body["seq"] = json!(seq);
    body["at"] = json!(clock.now());
    Line::Tell {
        dossier: dossier.to_owned(),
        seq,
        kind: kind.to_owned(),
        body,
    }
}
