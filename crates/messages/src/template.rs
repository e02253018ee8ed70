//! The words of messages, as data.

use std::sync::OnceLock;

use jiff::civil::Date;
use serde::Deserialize;

const FILE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/messages/dossier.toml"
));

/// Most letters of a message: what Zalo takes, and five parts of an SMS with Vietnamese marks.
pub const LONGEST: usize = 400;

/// Kind of the step that is none: the first money paid after an approval.
pub const FIRST_PAID: &str = "first_paid";

/// Kind of a submission by the citizen themselves; at a counter the reception is told of at once.
pub const SUBMITTED_ONLINE: &str = "submitted_online";

/// Words for one thing told of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Stable code.
    pub code: String,
    /// Kind of the step that sends it.
    pub step: String,
    /// Subject of an e-mail, heading of a letter; what officers see in lists.
    pub subject: String,
    /// The words, with placeholders in braces.
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    message: Vec<Template>,
}

/// What placeholders stand for.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Code of the dossier.
    pub dossier: &'a str,
    /// The commune as written on papers.
    pub commune: &'a str,
    /// Day of what is told of.
    pub day: Date,
    /// Last day to decide, if there is one.
    pub due_on: Option<Date>,
}

/// Every template, in the order of the file.
pub fn all() -> &'static [Template] {
    static ALL: OnceLock<Vec<Template>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file: File = toml::from_str(FILE).expect("the tests of this module read the same file");
        file.message
    })
}

/// The template with the code.
pub fn find(code: &str) -> Option<&'static Template> {
    all().iter().find(|template| template.code == code)
}

/// The subject of a template; the code itself when nothing has it.
pub fn subject(code: &str) -> &str {
    find(code).map_or(code, |template| &template.subject)
}

/// The first template of a kind of step whose placeholders are all known, filled.
pub fn fill(step: &str, facts: &Facts<'_>) -> Option<(&'static Template, String)> {
    let mut of_step = all().iter().filter(|template| template.step == step);
    of_step.find_map(|template| Some((template, filled(&template.text, facts)?)))
}

/// The words with every placeholder filled; `None` when one is not known.
fn filled(text: &str, facts: &Facts<'_>) -> Option<String> {
    let mut written = String::with_capacity(text.len() + 40);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        written.push_str(before);
        match name {
            "ho_so" => written.push_str(facts.dossier),
            "xa" => written.push_str(facts.commune),
            "ngay" => written.push_str(&day(facts.day)),
            "ngay_hen" => written.push_str(&day(facts.due_on?)),
            _ => return None,
        }
        rest = after;
    }
    written.push_str(rest);
    Some(written)
}

/// `06/06/2024`.
fn day(day: Date) -> String {
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())
}
