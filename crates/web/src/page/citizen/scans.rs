//! Forms of citizens that bring scans: which file came in which field.

use axum::extract::multipart::Multipart;
use casework::attachment::{MOST, NewAttachment};
use files::{Files, Stored};

use super::super::import::broken;
use crate::failure::{Failure, sentence};

/// Most letters of a text beside the files.
const TEXT: usize = 400;

/// What a form brought. Files are stored already; what nothing comes to name goes by itself.
#[derive(Default)]
pub(super) struct Sent {
    /// Fields with a text.
    texts: Vec<(String, String)>,
    /// Field and file.
    files: Vec<(String, Stored)>,
    /// Field and sentence.
    pub(super) faults: Vec<(String, String)>,
}

impl Sent {
    /// Reads a form; its files are fields whose names begin with `tep`. No more than may be added at
    /// once are stored.
    pub(super) async fn of(files: &Files, mut form: Multipart) -> Result<Sent, Failure> {
        let mut sent = Sent::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            if !name.starts_with("tep") {
                let text = field.text().await.map_err(broken)?;
                sent.texts.push((name, text.chars().take(TEXT).collect()));
                continue;
            }
            let file_name = field.file_name().unwrap_or_default().to_owned();
            // Browsers send a part without name or content where no file was chosen.
            if file_name.is_empty() {
                continue;
            }
            if sent.files.len() >= MOST {
                let why = format!("Mỗi lần gửi nhiều nhất {MOST} tệp");
                sent.faults.push((name, why));
                break;
            }
            match files.take_in(&file_name, field).await {
                Ok(file) => sent.files.push((name, file)),
                Err(refused) if refused.is_of_the_file() => {
                    sent.faults.push((name, sentence(&refused.to_string())));
                }
                Err(refused) => return Err(refused.into()),
            }
        }
        Ok(sent)
    }

    /// A text; empty when there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.texts.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, text)| text.trim())
    }

    /// The files of a field as scans of a paper.
    pub(super) fn scans(&self, field: &str, paper: &str) -> Vec<NewAttachment> {
        let own = self.files.iter().filter(|(name, _)| name == field);
        let scan = |(_, file): &(String, Stored)| NewAttachment {
            paper: paper.chars().take(200).collect(),
            file: *file,
            replaces: None,
        };
        own.map(scan).collect()
    }

    /// What tells these files from others.
    pub(super) fn hashes(&self) -> String {
        let hashes = self.files.iter().map(|(_, file)| file.hash.to_string());
        hashes.collect::<Vec<_>>().join(" ")
    }
}
