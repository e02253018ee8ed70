//! A letter in the form of official papers (30/2020/NĐ-CP Phụ lục I): who writes, number, place and
//! day, what it says, who gets it, who signs. As JSON it is what the printing program reads in place
//! of a list; as text it is what tests look at.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

/// A letter ready to be printed.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// The agency, one line each, as printed at the top left; the last one in bold.
    pub agency: Vec<String>,
    /// `Số: 12/QĐ-UBND`.
    pub number: String,
    /// Place and day, at the top right.
    pub place_and_date: String,
    /// What it is: `QUYẾT ĐỊNH`.
    pub title: String,
    /// What it is about, below the title; empty if nothing.
    pub about: String,
    /// Who decides, in capitals above the grounds; empty if nobody.
    pub authority: String,
    /// In order.
    pub body: Vec<Block>,
    /// To whom it goes, a line each.
    pub receivers: Vec<String>,
    /// What stands above the signature, a line each: `CHỦ TỊCH`.
    pub signed_as: Vec<String>,
    /// Name below the signature; empty to be written by hand.
    pub signed_by: String,
    /// A line at the foot of each page: that it is a draft, or of a practice database.
    pub notice: String,
}

/// A piece of a letter.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text {
        /// The words.
        text: String,
    },
    /// A ground of a decision, in italics.
    Ground {
        /// The words.
        text: String,
    },
    /// A line in the middle, bold: `QUYẾT ĐỊNH:`.
    Centred {
        /// The words.
        text: String,
    },
    /// A paragraph that begins with a bold head: `Điều 1.`
    Article {
        /// The head.
        head: String,
        /// The words.
        text: String,
    },
    /// Names and what belongs to them, a line each.
    Facts {
        /// Name and value.
        rows: Vec<(String, String)>,
    },
    /// Items, numbered.
    Items {
        /// One each.
        items: Vec<String>,
    },
    /// A table; the first column is narrow, figures stand right.
    Table {
        /// Headings.
        headings: Vec<String>,
        /// Widths beside each other.
        widths: Vec<u8>,
        /// Columns of figures, from 0.
        figures: Vec<usize>,
        /// Each as long as `headings`.
        rows: Vec<Vec<String>>,
    },
    /// A secret sign to be kept, large in a frame.
    Code {
        /// What it is.
        label: String,
        /// The sign.
        code: String,
        /// How to use it.
        hint: String,
    },
}

/// What the printing program is given: told from a list by its one field.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterFile {
    /// The letter.
    pub letter: Letter,
}

/// As plain text, a line for each line of the letter.
impl Display for Letter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} | {}", self.agency.join(" "), self.number)?;
        writeln!(f, "{}", self.place_and_date)?;
        writeln!(f, "# {}", self.title)?;
        for line in [&self.about, &self.authority] {
            if !line.is_empty() {
                writeln!(f, "## {line}")?;
            }
        }
        for block in &self.body {
            block.fmt(f)?;
        }
        writeln!(f, "Nơi nhận: {}", self.receivers.join(" "))?;
        writeln!(f, "{}: {}", self.signed_as.join(" / "), self.signed_by)?;
        match self.notice.as_str() {
            "" => Ok(()),
            notice => writeln!(f, "[{notice}]"),
        }
    }
}

impl Display for Block {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Block::Text { text } => writeln!(f, "{text}"),
            Block::Ground { text } => writeln!(f, "/ {text}"),
            Block::Centred { text } => writeln!(f, "= {text}"),
            Block::Article { head, text } => writeln!(f, "{head} {text}"),
            Block::Facts { rows } => {
                (rows.iter()).try_for_each(|(name, value)| writeln!(f, "- {name}: {value}"))
            }
            Block::Items { items } => {
                let mut numbered = (1..).zip(items);
                numbered.try_for_each(|(number, item)| writeln!(f, "{number}. {item}"))
            }
            Block::Table { headings, rows, .. } => {
                writeln!(f, "| {} |", headings.join(" | "))?;
                (rows.iter()).try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
            }
            Block::Code { label, code, hint } => writeln!(f, "[{label}: {code}] {hint}"),
        }
    }
}
