//! Figures that are in no decree, for invented people only.
//!
//! A law folder may hold `practice.toml` with higher standards of provinces beside the real ones.
//! The folder the program is built with has none, and the program refuses a law with one wherever
//! real people are paid.

use std::path::Path;

use serde::Deserialize;

use crate::files::{ProvincialStandard, Source};
use crate::folder::Folder;
use crate::{Law, LawError};

/// Where the figures stand in a law folder.
pub(crate) const FILE: &str = "practice.toml";

/// `practice.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PracticeFile {
    pub(crate) source: Vec<Source>,
    pub(crate) provincial: Vec<ProvincialStandard>,
}

impl Law {
    /// Whether it holds figures that are in no decree: for practice databases only.
    pub const fn is_for_practice(&self) -> bool {
        self.for_practice
    }

    /// Writes the law the program was built with into a folder, with invented figures beside it
    /// (the text of its `practice.toml`), for `--law`. Whatever is there is written over.
    ///
    /// # Errors
    /// [`LawError`] when the folder cannot be written, or the figures do not follow the schema.
    pub fn write_for_practice(dir: &Path, figures: &str) -> Result<Law, LawError> {
        let mut folder = Folder::embedded();
        folder.take(FILE, figures.as_bytes());
        folder.write(dir)?;
        Law::from_dir(dir)
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Dong, Month, ProvinceCode};

    use crate::{Benefit, Law, LawError};

    const FIGURES: &str = r#"
        source = [{ id = "luyen-tap", title = "Để luyện tập" }]
        provincial = [{ province = "01", from = "2021-07", amount = 390000,
            in_force = "2021-07-01", benefits = ["older_80_without_pension"],
            law = "Mức giả định", source = "luyen-tap", verify = false }]
    "#;

    #[test]
    fn invented_standards_stand_beside_the_real_ones() {
        let dir = tempfile::tempdir().expect("a folder");
        let practice = Law::write_for_practice(dir.path(), FIGURES).expect("a law");
        let real = Law::embedded();
        assert!(practice.is_for_practice() && !real.is_for_practice());
        assert_ne!(practice.fingerprint(), real.fingerprint());
        assert_eq!(practice.check().problems, []);
        let month = Month::of(jiff::civil::date(2024, 5, 1));
        let of = |law: &Law, benefit| {
            let law = law.in_force(month.last_day());
            law.standard(ProvinceCode::parse("01"), benefit, month)
        };
        let older = Benefit::Older80WithoutPension;
        assert_eq!(of(&practice, older), Some(Dong(390_000)));
        assert_eq!(of(&real, older), Some(Dong(360_000)));
        let others = Benefit::Disability;
        assert_eq!(of(&practice, others), of(&real, others));
    }

    #[test]
    fn a_figure_that_follows_no_schema_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let wrong = Law::write_for_practice(dir.path(), "provincial = 1");
        assert!(matches!(wrong, Err(LawError::NotRead { .. })));
    }
}
