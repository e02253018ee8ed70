//! The invented citizens of the province, and what they do.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::journal::File;

/// Who they are.
#[derive(Clone, Debug)]
pub struct Citizens {
    /// Code of the province.
    pub province: String,
    /// Code of their commune.
    pub area: String,
    /// How many submit a dossier.
    pub count: u32,
    /// How many in a hundred correct their form unasked.
    pub corrects: u8,
    /// What makes them the same again.
    pub seed: u64,
}

const NAMES: [&str; 6] = ["Bưởi", "Cam", "Đào", "Mận", "Ổi", "Sen"];

impl Citizens {
    /// Code of the dossier of a citizen, by the day it is submitted on.
    pub fn code(&self, number: u32, at: Timestamp) -> String {
        let day = kernel::clock::vietnam_time(at).date().strftime("%y%m%d");
        format!("000.00.00.H{}-{day}-{number:05}", self.province)
    }

    /// The submission of a citizen, with the files it names.
    pub fn submission(&self, number: u32) -> (Value, Vec<File>) {
        let chance = self.chance(number);
        let name = NAMES[usize::try_from(chance % 6).unwrap_or_default()];
        let mut files = vec![file(self.seed, number, "Tờ khai")];
        if chance.is_multiple_of(2) {
            files.push(file(self.seed, number, "Giấy xác nhận"));
        }
        let papers: Vec<Value> = files
            .iter()
            .map(|it| json!({"name": it.paper, "file": it.sha256}))
            .collect();
        // What people forget to fill in is asked back.
        let mut answers = json!({
            "full_name": format!("Người Thử {name} {number}"), "birth_date": "31/12/1950",
            "phone": format!("09{number:08}"), "schooling": "never", "pension": "no", "poverty": "poor",
            "disabled": "yes", "disability_grade": "severe", "disability_type": "movement",
            "certificate_date": "2023-03-01", "marital": "widowed", "declared_by": "itself",
        });
        if !chance.is_multiple_of(3) {
            answers["sex"] = json!("female");
        }
        let form = json!({"benefit": "disability", "answers": answers});
        let fields = json!({
            "form": form, "procedure": "1.001776", "area": self.area, "channel": "online",
            "applicant": format!("Người Thử {name} {number}"),
            "applicant_id_number": format!("000{number:09}"), "papers": papers,
        });
        (fields, files)
    }

    /// Whether a citizen who is asked for papers asks for the dossier back as well.
    pub fn withdraws(&self, number: u32) -> bool {
        self.chance(number).is_multiple_of(5)
    }

    /// What a citizen corrects once their dossier is received, although nobody asked.
    pub fn correction(&self, number: u32) -> Option<Value> {
        let corrects = self.chance(number) / 100 % 100 < self.corrects.into();
        corrects.then(|| json!({"form": {"answers": {"lives_with": format!("con thứ {number}")}}}))
    }

    fn chance(&self, number: u32) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, number).hash(&mut hasher);
        hasher.finish() >> 8
    }
}

/// The id of a message: the same message again has the same.
pub fn message_id(dossier: &str, seq: i32) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{dossier} {seq}").as_bytes())
}

/// A scan that nobody made: a page without anything on it.
pub fn file(seed: u64, number: u32, paper: &str) -> File {
    let content =
        format!("%PDF-1.7\n% {seed} {number} {paper}\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n");
    File {
        sha256: exchange::file::name_of(content.as_bytes()).to_string(),
        paper: paper.to_owned(),
        content,
    }
}
