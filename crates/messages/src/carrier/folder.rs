//! Messages as files of a folder, which another program or the post room of a commune takes away.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::{Arrival, Carried, Carrier, Outgoing};
use crate::Channel;

/// One file a message, named by its id: `<id>.ndjson` (SMS, Zalo: a line of JSON), `<id>.eml`
/// (e-mail), `<id>.txt` (letter). Written anew it is the same file.
pub struct Folder(PathBuf);

impl Folder {
    /// A folder, made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(path: PathBuf) -> io::Result<Folder> {
        fs::create_dir_all(&path)?;
        Ok(Folder(path))
    }

    /// Whole or not at all, also when the machine dies.
    fn write(&self, name: &str, content: &str) -> io::Result<()> {
        let being_written = self.0.join(format!(".{name}"));
        let mut file = File::create(&being_written)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(being_written, self.0.join(name))
    }
}

impl Carrier for Folder {
    fn carry(&self, message: &Outgoing) -> Carried {
        let id = message.id;
        let (ending, content) = match (message.channel, &message.to) {
            (Channel::Letter, _) => ("txt", letter(message)),
            (Channel::Email, Some(to)) => ("eml", mail(message, to)),
            (Channel::Sms | Channel::Zalo, Some(_)) => match serde_json::to_string(message) {
                Ok(line) => ("ndjson", line + "\n"),
                Err(_) => return refused("not_writable"),
            },
            (_, None) => return refused("no_recipient"),
        };
        match self.write(&format!("{id}.{ending}"), &content) {
            Ok(()) => Carried::Sent { reference: None },
            Err(_) => Carried::Unanswered {
                code: "folder_not_writable".to_owned(),
            },
        }
    }

    fn arrivals(&self, _: &[Uuid]) -> Vec<(Uuid, Arrival)> {
        Vec::new()
    }
}

fn refused(code: &str) -> Carried {
    Carried::Refused {
        code: code.to_owned(),
    }
}

fn letter(message: &Outgoing) -> String {
    format!(
        "{}\n\nHồ sơ: {}\n\n{}\n",
        message.subject.to_uppercase(),
        message.dossier,
        message.text
    )
}

/// RFC 5322, subject and text in base64 as they hold Vietnamese. Whoever sends it adds `From` and
/// `Date`. Addresses were checked to hold no line ends when they were recorded.
fn mail(message: &Outgoing, to: &str) -> String {
    let text = STANDARD.encode(&message.text);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(76)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "To: {to}\r\nMessage-ID: <{}@ansinh>\r\nSubject: =?UTF-8?B?{}?=\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        message.id,
        STANDARD.encode(&message.subject),
        lines.join("\r\n")
    )
}
