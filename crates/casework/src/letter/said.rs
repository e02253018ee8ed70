//! What can be said of a dossier in a letter, by name.

use std::collections::HashMap;

use documents::format;
use documents::letter::Block;
use jiff::civil::Date;
use kernel::area::{Area, Areas};
use kernel::clock::vietnam_time;
use kernel::words::dong_in_words;
use kernel::{Clock, Dong, Month};
use law::Law;
use serde_json::Value;

use super::granted::Granted;
use crate::deadline::last_day;
use crate::form::Answers;
use crate::regime::{self, Regime};
use crate::show::Dossier;
use crate::{procedure, show};

/// Names letters may use.
#[cfg(test)]
pub(super) const NAMES: &[&str] = &[
    "agency",
    "amount",
    "amount_words",
    "applicant",
    "applicant_id",
    "asked_reason",
    "benefit",
    "channel",
    "code",
    "coefficient",
    "commune",
    "condition",
    "condition_law",
    "days",
    "decided_by",
    "decision_number",
    "died_on",
    "dossier",
    "due_on",
    "from_month",
    "late_reason",
    "law",
    "new_due",
    "number",
    "office",
    "people_count",
    "people_total",
    "people_total_words",
    "person",
    "person_birth",
    "person_id",
    "procedure",
    "reason",
    "received_on",
    "regime_law",
    "standard",
    "step_day",
    "stop_month",
    "submitted_on",
];

/// Working days within which a late dossier is promised anew.
const GRACE: u16 = 3;

/// What stands for a benefit that may not be named.
const UNNAMED: &str = "Trợ cấp xã hội hằng tháng";

/// What is known, by name; what is not is not there.
pub(super) struct Said {
    words: HashMap<&'static str, String>,
    lists: HashMap<&'static str, Vec<String>>,
    people: Vec<Vec<String>>,
    regime: Option<&'static Regime>,
    agency: &'static Area,
    today: Date,
    /// Day of the decision.
    signed: Option<Date>,
    /// Month since which a benefit that runs is otherwise.
    changed: Option<Month>,
}

/// What the dossier and its steps say.
pub(super) fn of(
    dossier: &Dossier,
    commune: &'static Area,
    by_decider: bool,
    clock: &Clock,
) -> Said {
    let code = dossier.regime.as_deref();
    let regime = code.and_then(|code| regime::all().iter().find(|it| it.code == code));
    let agency = match by_decider {
        true => regime::decider(
            regime,
            commune,
            decided_on(dossier).unwrap_or(clock.today()),
        ),
        false => commune,
    };
    let mut said = Said {
        words: HashMap::new(),
        lists: HashMap::new(),
        people: Vec::new(),
        regime,
        agency,
        today: clock.today(),
        signed: None,
        changed: None,
    };
    said.put(
        "office",
        format!("Ủy ban nhân dân {}", uncapitalised(&agency.full_name)),
    );
    said.put(
        "agency",
        format!("ỦY BAN NHÂN DÂN {}", agency.full_name.to_uppercase()),
    );
    said.put("commune", Areas::embedded().written_path(commune));
    said.of_dossier(dossier);
    said.of_steps(&dossier.steps);
    if by_decider {
        said.today = said.signed.unwrap_or(said.today);
    }
    said
}

/// Day of the decision.
fn decided_on(dossier: &Dossier) -> Option<Date> {
    let decided = dossier.steps.iter().find(|step| step.kind == "decided")?;
    decided.facts["decision"]["date"].as_str()?.parse().ok()
}

/// `xã Tịnh Khê` within a sentence.
fn uncapitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}

impl Said {
    pub(super) fn put(&mut self, name: &'static str, words: String) {
        self.words.insert(name, words);
    }

    fn put_some(&mut self, name: &'static str, words: Option<impl Into<String>>) {
        if let Some(words) = words {
            self.put(name, words.into());
        }
    }

    pub(super) fn put_day(&mut self, name: &'static str, day: Option<Date>) {
        self.put_some(name, day.map(format::date));
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.words.get(name).map(String::as_str)
    }

    pub(super) fn list(&self, name: &str) -> &[String] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether there is something by the name.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.words.contains_key(name) || !self.list(name).is_empty()
    }

    pub(super) fn regime(&self) -> Option<&String> {
        self.regime.map(|regime| &regime.code)
    }

    pub(super) fn agency_lines(&self) -> Vec<String> {
        let name = self.agency.full_name.to_uppercase();
        vec!["ỦY BAN NHÂN DÂN".to_owned(), name]
    }

    pub(super) fn place_and_date(&self) -> String {
        format!(
            "{}, {}",
            self.agency.name,
            format::date_in_words(self.today)
        )
    }

    fn of_dossier(&mut self, dossier: &Dossier) {
        let row = &dossier.row;
        self.put("dossier", row.dossier.clone());
        self.put("procedure", procedure::name(&row.procedure).to_owned());
        self.put("applicant", dossier.applicant.clone());
        self.put_some("applicant_id", dossier.applicant_id_number.clone());
        self.put("channel", row.channel.vietnamese().to_owned());
        self.put("submitted_on", format::date(row.submitted_on));
        self.put_day("due_on", row.due_on);
        self.put_day("new_due", last_day(self.today, GRACE, &[]));
        if let Some(regime) = self.regime {
            self.put("days", regime.days().to_string());
            self.put("regime_law", regime.law.clone());
            self.put("decided_by", regime.decided_by.clone());
        }
    }

    fn of_steps(&mut self, steps: &[show::Told]) {
        let mut promised = None;
        for step in steps {
            let day = vietnam_time(step.at).date();
            let text = |field: &str| step.facts[field].as_str().map(str::to_owned);
            match step.kind {
                "submitted" => {
                    self.lists.insert("papers", names(&step.facts["papers"]));
                }
                "received" => self.put("received_on", format::date(day)),
                "supplement_asked" => {
                    self.lists.insert("asked", names(&step.facts["papers"]));
                    self.put("step_day", format::date(day));
                    self.put_some("asked_reason", text("reason").map(without_stop));
                }
                "extended" => {
                    // Promised before, and now.
                    self.put_some("due_on", promised.map(format::date));
                    self.put_some("new_due", text("due_on").and_then(day_of).map(format::date));
                    self.put_some("late_reason", text("reason").map(without_stop));
                }
                "not_accepted" => self.put_some("reason", text("reason").map(without_stop)),
                "decided" => {
                    let decision = &step.facts["decision"];
                    self.put_some("decision_number", decision["number"].as_str());
                    self.put_some("decision_signed_by", decision["signed_by"].as_str());
                    let signed = decision["date"].as_str().and_then(|it| it.parse().ok());
                    self.signed = signed;
                    self.put_some("condition", text("condition").map(without_stop));
                    self.put_some("condition_law", text("law"));
                }
                _ => {}
            }
            promised = step.due_on.or(promised);
        }
        // Of a dossier that waits or has ended: as it was last promised.
        if !self.knows("due_on") {
            self.put_day("due_on", promised);
        }
    }

    /// What the answers of a request about a benefit that runs say: since when it is otherwise, and why.
    /// A level follows the month of the change, a stop the month after it (20/2021/NĐ-CP Điều 8,
    /// 335/2026/NĐ-CP Điều 8).
    pub(super) fn answers(&mut self, answers: &Answers) {
        self.put_some(
            "reason",
            answers
                .text("change_reason")
                .map(str::to_owned)
                .map(without_stop),
        );
        if let Some(since) = answers.day("change_since") {
            self.changed = Some(Month::of(since));
            self.put("stop_month", format::month(Month::of(since).next()));
        }
    }

    /// The last step of a kind, by its number; its day is that of the letter.
    pub(super) fn about(&mut self, dossier: &Dossier, kind: &str) -> Option<i32> {
        let last = dossier.steps.iter().rev().find(|step| step.kind == kind)?;
        self.today = vietnam_time(last.at).date();
        Some(last.seq)
    }

    /// The beneficiary, or all of a collective decision, with what the law gives them.
    pub(super) fn people(&mut self, law: &Law, granted: &[Granted], together: bool) {
        if together {
            self.together(granted);
        } else if let Some(one) = granted.first() {
            self.one(law, one);
        }
    }

    fn one(&mut self, law: &Law, one: &Granted) {
        self.put("person", one.name.clone());
        self.put("person_birth", format::birth(one.birth));
        self.put_some("person_id", one.id_number.clone());
        self.put_some("died_on", one.died_on.map(format::date));
        let Some(benefit) = one.benefit else { return };
        let hidden = benefit.reveals_hiv();
        let name = if hidden { UNNAMED } else { law.name(benefit) };
        self.put("benefit", name.to_owned());
        self.put(
            "from_month",
            format::month(self.changed.unwrap_or(one.from)),
        );
        if let Some(line) = &one.line {
            self.put("coefficient", format::coefficient(line.coefficient));
            self.put("standard", line.standard.to_string());
            self.put("amount", line.amount.to_string());
            self.put("amount_words", dong_in_words(line.amount));
            if !hidden {
                self.put("law", line.law.join("; "));
            }
        }
        if hidden && self.knows("condition") {
            let unnamed = "không đủ điều kiện hưởng theo quy định";
            self.put("condition", unnamed.to_owned());
            self.words.remove("condition_law");
        }
    }

    fn together(&mut self, granted: &[Granted]) {
        let amount = |one: &Granted| one.line.as_ref().map(|line| line.amount);
        let total: Dong = granted.iter().filter_map(amount).sum();
        self.put("people_count", granted.len().to_string());
        self.put("people_total", total.to_string());
        self.put("people_total_words", dong_in_words(total));
        let rows = (1..).zip(granted).map(|(number, one)| {
            let line = one.line.as_ref();
            vec![
                number.to_string(),
                one.name.clone(),
                format::birth(one.birth),
                one.id_number.clone().unwrap_or_default(),
                line.map_or_else(String::new, |it| format::coefficient(it.coefficient)),
                line.map_or_else(String::new, |it| it.amount.to_string()),
                format::month(one.from),
            ]
        });
        self.people = rows.collect();
    }

    /// The people of a collective decision; their benefits are not named, for one list goes to all.
    pub(super) fn table(&self) -> Block {
        let headings = [
            "STT",
            "Họ và tên",
            "Ngày sinh",
            "Số định danh",
            "Hệ số",
            "Mức hưởng (đồng/tháng)",
            "Từ tháng",
        ];
        Block::Table {
            headings: headings.map(str::to_owned).to_vec(),
            widths: vec![5, 22, 12, 16, 7, 15, 10],
            figures: vec![4, 5],
            rows: self.people.clone(),
        }
    }
}

fn day_of(text: String) -> Option<Date> {
    text.parse().ok()
}

/// Names of papers, told as texts or with their files.
fn names(papers: &Value) -> Vec<String> {
    let papers = papers.as_array().into_iter().flatten();
    let name = |paper: &Value| paper.as_str().or(paper["name"].as_str()).map(str::to_owned);
    papers.filter_map(name).collect()
}

/// A reason within a sentence that ends by itself.
fn without_stop(mut reason: String) -> String {
    reason.truncate(reason.trim_end_matches(['.', ' ']).len());
    reason
}
