//! The words of letters: data with blanks in braces, filled from what is said of a dossier.

use std::sync::OnceLock;

use documents::letter::{Block, Letter};
use serde::Deserialize;

use super::Kind;
use super::said::Said;

/// What is left to be written by hand.
const BLANK: &str = "……………";

/// The words of one kind of letter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wording {
    pub(super) name: String,
    /// Whether somebody still has to compare it with the official form.
    #[expect(dead_code, reason = "read by people")]
    verify: bool,
    by: By,
    number: String,
    title: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    authority: String,
    receivers: Vec<String>,
    signed_as: Vec<String>,
    #[serde(rename = "piece")]
    pieces: Vec<Piece>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum By {
    /// The commune where the dossier was handed in.
    Commune,
    /// Whoever decides by the law of the day of reception.
    Decider,
}

/// A piece, perhaps only under some laws, or only where something is known.
#[derive(Debug, Deserialize)]
struct Piece {
    #[serde(default)]
    regimes: Vec<String>,
    needs: Option<String>,
    #[serde(default)]
    hint: String,
    #[serde(flatten)]
    what: What,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Text(String),
    Ground(String),
    Centred(String),
    Article {
        head: String,
        text: String,
    },
    Facts(Vec<(String, String)>),
    /// The name of a list.
    Items(String),
    Table(Table),
    /// What the code is.
    Code(String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Table {
    /// Those a collective decision is about.
    People,
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../reference/letters/",
            $name,
            ".toml"
        ))
    };
}

const FILES: [(Kind, &str); 11] = [
    (Kind::Receipt, file!("receipt")),
    (Kind::Supplement, file!("supplement")),
    (Kind::NotAccepted, file!("not_accepted")),
    (Kind::Apology, file!("apology")),
    (Kind::Proposal, file!("proposal")),
    (Kind::Grant, file!("grant")),
    (Kind::Adjust, file!("adjust")),
    (Kind::Stop, file!("stop")),
    (Kind::Funeral, file!("funeral")),
    (Kind::Collective, file!("collective")),
    (Kind::Refusal, file!("refusal")),
];

/// The words of a kind.
pub(super) fn of(kind: Kind) -> &'static Wording {
    static ALL: OnceLock<Vec<(Kind, Wording)>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let read = |(kind, file): &(Kind, &str)| {
            let wording = toml::from_str(file);
            (
                *kind,
                wording.expect("the tests of this module read the same files"),
            )
        };
        FILES.iter().map(read).collect()
    });
    let found = all.iter().find(|(known, _)| *known == kind);
    &found.expect("every kind has a file, which a test holds").1
}

impl Wording {
    pub(super) fn by_decider(&self) -> bool {
        self.by == By::Decider
    }

    /// The letter with its blanks filled; what is not known is left to be written by hand.
    pub(super) fn fill(&self, said: &Said) -> Letter {
        let fill = |text: &String| fill(text, said);
        let wanted = |piece: &&Piece| {
            let law = said.regime();
            let of_law =
                piece.regimes.is_empty() || law.is_some_and(|it| piece.regimes.contains(it));
            of_law && piece.needs.as_ref().is_none_or(|name| said.knows(name))
        };
        let pieces = self.pieces.iter().filter(wanted);
        Letter {
            agency: said.agency_lines(),
            number: fill(&self.number),
            place_and_date: said.place_and_date(),
            title: self.title.clone(),
            about: fill(&self.about),
            authority: fill(&self.authority),
            body: pieces.map(|piece| piece.fill(said)).collect(),
            receivers: self.receivers.clone(),
            signed_as: self.signed_as.clone(),
            signed_by: String::new(),
            notice: String::new(),
        }
    }
}

impl Piece {
    fn fill(&self, said: &Said) -> Block {
        let filled = |text: &String| fill(text, said);
        match &self.what {
            What::Text(text) => Block::Text { text: filled(text) },
            What::Ground(text) => Block::Ground { text: filled(text) },
            What::Centred(text) => Block::Centred { text: filled(text) },
            What::Article { head, text } => Block::Article {
                head: head.clone(),
                text: filled(text),
            },
            What::Facts(rows) => Block::Facts {
                rows: rows
                    .iter()
                    .map(|(name, it)| (name.clone(), filled(it)))
                    .collect(),
            },
            What::Items(list) => Block::Items {
                items: said.list(list).to_vec(),
            },
            What::Table(Table::People) => said.table(),
            What::Code(label) => Block::Code {
                label: label.clone(),
                code: filled(&"{code}".to_owned()),
                hint: self.hint.clone(),
            },
        }
    }
}

/// Puts what is known for each name in braces; `{name|else}` says what stands there otherwise.
fn fill(text: &str, said: &Said) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = from.split_once('}').unwrap_or((from, ""));
        let (name, otherwise) = name.split_once('|').unwrap_or((name, BLANK));
        filled.push_str(said.get(name).unwrap_or(otherwise));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::super::said::NAMES;
    use super::{FILES, Kind, of};

    #[test]
    fn every_kind_has_words_and_every_blank_a_meaning() {
        for kind in Kind::ALL {
            assert!(!of(kind).name.is_empty());
        }
        for (kind, file) in FILES {
            let blanks = file.split('{').skip(1).filter_map(|it| it.split_once('}'));
            for (blank, _) in blanks.filter(|(it, _)| !it.contains([' ', '=']) || it.contains('|'))
            {
                let name = blank.split('|').next().unwrap_or(blank);
                assert!(NAMES.contains(&name), "{kind:?}: {name}");
            }
        }
    }
}
