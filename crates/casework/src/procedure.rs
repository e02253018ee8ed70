//! The administrative procedures dossiers are for.

use std::sync::OnceLock;

use jiff::civil::Date;
use serde::Deserialize;

const FILE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/procedures.toml"
));

/// A procedure of the National Public Service Portal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Its code there: `1.001776`.
    pub code: String,
    /// Its name there.
    pub name: String,
    /// First day dossiers may be submitted for it, when that is known.
    pub from: Option<Date>,
    /// Whether it is about the costs of a funeral.
    #[serde(default)]
    pub funeral: bool,
    /// Whether somebody still has to compare it with the official list.
    pub verify: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    procedure: Vec<Procedure>,
}

/// Every procedure, in the order of the file.
pub fn all() -> &'static [Procedure] {
    static ALL: OnceLock<Vec<Procedure>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file: File = toml::from_str(FILE).expect("the tests of this module read the same file");
        file.procedure
    })
}

/// The procedure with the code, if dossiers may be submitted for it on the day.
pub fn on(code: &str, day: Date) -> Option<&'static Procedure> {
    let begun = |procedure: &&Procedure| procedure.from.is_none_or(|from| from <= day);
    all()
        .iter()
        .find(|procedure| procedure.code == code)
        .filter(begun)
}

/// What users see; the code itself when nothing has it.
pub fn name(code: &str) -> &str {
    let known = all().iter().find(|procedure| procedure.code == code);
    known.map_or(code, |procedure| &procedure.name)
}

/// Whether the procedure is about the costs of a funeral.
pub fn is_funeral(code: &str) -> bool {
    let known = all().iter().find(|procedure| procedure.code == code);
    known.is_some_and(|procedure| procedure.funeral)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{all, on};

    #[test]
    fn the_list_is_read_and_dated() {
        assert_eq!(all().len(), 8);
        assert!(on("1.001776", date(2024, 5, 1)).is_some());
        assert!(on("1.014027", date(2025, 6, 30)).is_none());
        assert!(on("1.014027", date(2025, 7, 1)).is_some());
        assert!(on("1.001850", date(2024, 5, 1)).is_none());
    }
}
