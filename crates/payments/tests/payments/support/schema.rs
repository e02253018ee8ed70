//! Messages of banks against the schemas of ISO 20022.

use std::path::Path;
use std::process::Command;

/// What the schema of a message has against it.
pub fn faults(message: &str, xml: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("message.xml");
    std::fs::write(&file, xml).expect("written");
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../documents/tests/schemas");
    let checked = Command::new("xmllint")
        .args(["--noout", "--schema"])
        .args([&schemas.join(format!("{message}.xsd")), &file])
        .output()
        .expect("xmllint is installed (script/setup)");
    match checked.status.success() {
        true => String::new(),
        false => String::from_utf8_lossy(&checked.stderr).into_owned(),
    }
}
