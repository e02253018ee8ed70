//! A province's one-stop system as tests have it: its account here, its key, and how its sandbox begins.

use std::path::Path;

use super::{Program, text};

const APPROVER: [&str; 2] = ["--actor", "duyet"];

impl Program {
    /// Makes the account of the one-stop system at a time of the story; its token.
    pub fn one_stop_token(&self, now: &str) -> String {
        let user = ["user", "add", "mot.cua.51", "--full-name", "Một cửa thử"];
        let role = ["--generate", "--role", "one_stop", "--area", "51"];
        self.done(now, &[&user[..], &role].concat());
        let token = ["token", "make", "mot.cua.51", "--label", "thử"];
        self.done(now, &token).trim().to_owned()
    }

    /// Makes the key `k1` in a file, records it, and has requests signed from then on.
    pub fn one_stop_signs(&self, now: &str, key: &Path) {
        let secret = g2p::SigningKey::make(key).expect("a key");
        let public = secret.public().text();
        let add = ["connection", "key", "add", "51", "k1", &public];
        self.done(now, &[&APPROVER[..], &add].concat());
        let signing = ["connection", "signing", "51", "required"];
        self.done(now, &[&APPROVER[..], &signing].concat());
    }
}

/// The sandbox of the province with so many citizens, which goes on from a table.
pub fn sandbox<'a>(dossiers: &'a str, table: &'a Path) -> Vec<&'a str> {
    let place = ["sandbox", "one-stop", "--province", "51", "--area", "21031"];
    let work = ["--dossiers", dossiers, "--table", text(table)];
    [&place[..], &work].concat()
}
