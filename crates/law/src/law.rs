//! Everything in the law folder, whether or not it is in force yet.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jiff::civil::Date;

use crate::example::ExamplesFile;
use crate::files::{
    Decree, DecreesFile, NationalStandard, Programme, ProvincialStandard, Rules, RulesFile, Source,
    SourcesFile, StandardsFile,
};
use crate::folder::Folder;
use crate::practice::{self, PracticeFile};
use crate::{Benefit, InForce};

/// The law: decrees, standard amounts, rules, programmes and worked examples.
#[derive(Clone, Debug)]
pub struct Law {
    pub(crate) decrees: Vec<Decree>,
    pub(crate) sources: Vec<Source>,
    pub(crate) national: Vec<NationalStandard>,
    pub(crate) provincial: Vec<ProvincialStandard>,
    pub(crate) rules: Vec<Rules>,
    pub(crate) programmes: BTreeMap<Benefit, Programme>,
    pub(crate) examples: Vec<(String, ExamplesFile)>,
    fingerprint: [u8; 32],
    pub(crate) for_practice: bool,
    /// What was laid out already, by day; clones share it.
    laid_out: Arc<Mutex<BTreeMap<Date, Arc<InForce>>>>,
}

/// The law folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LawError {
    /// A file or folder cannot be read.
    #[error("không đọc được {path}: {error}")]
    Unreadable {
        /// Which.
        path: String,
        /// What the system says.
        error: String,
    },
    /// A file or folder cannot be written.
    #[error("không ghi được {path}: {error}")]
    Unwritable {
        /// Which.
        path: String,
        /// What the system says.
        error: String,
    },
    /// A file that must be there is not.
    #[error("thư mục luật thiếu tệp {file}")]
    Missing {
        /// Which.
        file: String,
    },
    /// A file does not follow its schema.
    #[error("tệp luật {file} sai cấu trúc: {error}")]
    NotRead {
        /// Which.
        file: String,
        /// Line and reason.
        error: String,
    },
    /// A file lies in the wrong folder.
    #[error("tệp luật {file} nói về chế độ {benefit}, không khớp với tên thư mục")]
    Misplaced {
        /// Which.
        file: String,
        /// The benefit it is about.
        benefit: &'static str,
    },
}

impl LawError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            LawError::Unreadable { .. } => "law_unreadable",
            LawError::Unwritable { .. } => "law_unwritable",
            LawError::Missing { .. } => "law_file_missing",
            LawError::NotRead { .. } => "law_file_malformed",
            LawError::Misplaced { .. } => "law_file_misplaced",
        }
    }
}

impl Law {
    /// The law the program was built with.
    pub fn embedded() -> Law {
        static LAW: LazyLock<Law> = LazyLock::new(|| {
            Law::from_folder(&Folder::embedded())
                .expect("the tests of this crate read the very files that are compiled in")
        });
        LAW.clone()
    }

    /// The law in a folder on disk.
    ///
    /// # Errors
    /// `LawError` naming the file and the place in it.
    pub fn from_dir(dir: &Path) -> Result<Law, LawError> {
        Law::from_folder(&Folder::read(dir)?)
    }

    fn from_folder(folder: &Folder) -> Result<Law, LawError> {
        let standards: StandardsFile = folder.parse("standard.toml")?;
        let mut programmes = BTreeMap::new();
        for benefit in Benefit::ALL {
            let file = format!("programmes/{}/benefit.toml", benefit.code());
            let programme: Programme = folder.parse(&file)?;
            if programme.benefit != benefit {
                let benefit = programme.benefit.code();
                return Err(LawError::Misplaced { file, benefit });
            }
            programmes.insert(benefit, programme);
        }
        let mut examples = Vec::new();
        for path in folder
            .paths()
            .filter(|path| path.ends_with("examples.toml"))
        {
            examples.push((path.to_owned(), folder.parse(path)?));
        }
        let (mut sources, mut provincial) = (
            folder.parse::<SourcesFile>("sources.toml")?.source,
            standards.provincial,
        );
        let for_practice = folder.paths().any(|path| path == practice::FILE);
        if for_practice {
            let invented: PracticeFile = folder.parse(practice::FILE)?;
            sources.extend(invented.source);
            provincial.extend(invented.provincial);
        }
        Ok(Law {
            decrees: folder.parse::<DecreesFile>("decrees.toml")?.decree,
            sources,
            national: standards.national,
            provincial,
            rules: folder.parse::<RulesFile>("rules.toml")?.version,
            programmes,
            examples,
            fingerprint: folder.fingerprint(),
            for_practice,
            laid_out: Arc::default(),
        })
    }

    /// SHA-256 over the files: two laws with the same fingerprint are the same law.
    pub const fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// The benefit in Vietnamese, as printed on lists and boards.
    pub fn name(&self, benefit: Benefit) -> &str {
        self.programmes
            .get(&benefit)
            .map_or(benefit.code(), |programme| &programme.name)
    }

    /// What of the law counted by a day: entries that came into force later are left out. Laid out
    /// once a day and kept.
    pub fn in_force(&self, as_of: Date) -> Arc<InForce> {
        let mut laid_out = self.laid_out.lock().unwrap_or_else(PoisonError::into_inner);
        let of_the_day = laid_out
            .entry(as_of)
            .or_insert_with(|| Arc::new(InForce::compile(self, as_of)));
        Arc::clone(of_the_day)
    }
}
