//! Forms as data: what an applicant is asked, by procedure, benefit and day.
//!
//! Each official form is a file of `reference/forms`; sections that many forms have are in its
//! `shared.toml`. A new decree is a new file. [`on`] finds the form of a day, [`Form::check`] says
//! what is wrong with answers, field by field, and brings them into the writing in which they are
//! kept; [`crate::eligibility`] and an approval turn them into facts.

mod answers;
mod changes;
mod check;
mod fields;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use include_dir::{Dir, include_dir};
use jiff::civil::Date;
use law::Benefit;
use serde::{Deserialize, Serialize};

pub use answers::{Answer, Answers};
pub use changes::Changed;
pub use fields::{Choice, Fact, Field, Kind, ShownIf};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../reference/forms");
/// The sections forms share.
const SHARED: &str = "shared.toml";

/// An official form as it holds in a period.
#[derive(Clone, Debug, Serialize)]
pub struct Form {
    /// Stable code of the form and its decree: `d20-1dd`.
    pub code: String,
    /// Number of the form as printed: `Mẫu số 1đ`.
    pub number: String,
    /// Name as printed.
    pub name: String,
    /// First day of submission.
    pub from: Date,
    /// Last day; `None` while it holds.
    pub to: Option<Date>,
    /// Codes of the procedures it is for.
    pub procedures: Vec<String>,
    /// Benefits it asks for; the first is the usual one.
    pub benefits: Vec<Benefit>,
    /// The annex or article that prescribes it.
    pub law: String,
    /// Whether somebody still has to compare it with the gazette.
    pub verify: bool,
    /// Who may submit it.
    pub submitted_by: Vec<Submitter>,
    /// Papers to be shown, not filed.
    pub papers: Vec<String>,
    /// In order, each a page at most.
    pub sections: Vec<Section>,
}

/// Questions that belong together.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Stable code within the form.
    pub code: String,
    /// What users see above it.
    pub title: String,
    /// In order.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
}

/// Who may hand a form in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Submitter {
    /// The beneficiary.
    Itself,
    /// A guardian or a member of the family.
    Guardian,
    /// A neighbour or somebody else who knows them.
    Neighbour,
    /// The commune itself.
    Commune,
    /// A social assistance facility or another organisation.
    Facility,
}

impl Submitter {
    /// Every one.
    pub const ALL: [Submitter; 5] = [
        Submitter::Itself,
        Submitter::Guardian,
        Submitter::Neighbour,
        Submitter::Commune,
        Submitter::Facility,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Submitter::Itself => "itself",
            Submitter::Guardian => "guardian",
            Submitter::Neighbour => "neighbour",
            Submitter::Commune => "commune",
            Submitter::Facility => "facility",
        }
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Submitter::Itself => "Chính người đề nghị",
            Submitter::Guardian => "Người giám hộ, người trong gia đình",
            Submitter::Neighbour => "Người khác khai thay",
            Submitter::Commune => "Ủy ban nhân dân xã",
            Submitter::Facility => "Cơ sở trợ giúp xã hội, tổ chức",
        }
    }
}

/// A form as its file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    code: String,
    number: String,
    name: String,
    from: Date,
    to: Option<Date>,
    procedures: Vec<String>,
    #[serde(default)]
    benefits: Vec<Benefit>,
    law: String,
    verify: bool,
    submitted_by: Vec<Submitter>,
    #[serde(default)]
    papers: Vec<String>,
    /// Codes of sections in order, of this file or shared.
    sections: Vec<String>,
    #[serde(default, rename = "section")]
    own: Vec<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedFile {
    section: Vec<Section>,
}

impl Form {
    /// Whether dossiers submitted on the day use it.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// The section with the code.
    pub fn section(&self, code: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.code == code)
    }

    /// Every field, in order; those inside groups are not among them.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|section| &section.fields)
    }

    /// The field with the code.
    pub fn field(&self, code: &str) -> Option<&Field> {
        self.fields().find(|field| field.code == code)
    }

    /// Whether it asks for something that reveals an illness.
    pub fn is_sensitive(&self) -> bool {
        self.fields().any(|field| field.sensitive)
    }
}

/// Every form, by code.
pub fn all() -> &'static [Form] {
    static ALL: OnceLock<Vec<Form>> = OnceLock::new();
    ALL.get_or_init(|| read_all().expect("the tests of this module read the same files"))
}

/// The form with the code.
pub fn by_code(code: &str) -> Option<&'static Form> {
    all().iter().find(|form| form.code == code)
}

/// The forms of a procedure on a day, in the order of their codes.
pub fn of_procedure(procedure: &str, day: Date) -> impl Iterator<Item = &'static Form> {
    let asked = procedure.to_owned();
    all()
        .iter()
        .filter(move |form| form.holds_on(day) && form.procedures.contains(&asked))
}

/// The form to ask for a benefit by a procedure on a day; without a benefit, the first form of the
/// procedure that asks for none.
pub fn on(procedure: &str, benefit: Option<Benefit>, day: Date) -> Option<&'static Form> {
    of_procedure(procedure, day).find(|form| match benefit {
        Some(benefit) => form.benefits.contains(&benefit),
        None => form.benefits.is_empty(),
    })
}

/// Reads every file.
fn read_all() -> Result<Vec<Form>, String> {
    let text = |name: &str| {
        let file = FILES.get_file(name).and_then(|file| file.contents_utf8());
        file.ok_or_else(|| format!("{name}: không đọc được"))
    };
    let shared: SharedFile =
        toml::from_str(text(SHARED)?).map_err(|error| format!("{SHARED}: {error}"))?;
    let shared: BTreeMap<&str, &Section> = shared
        .section
        .iter()
        .map(|section| (section.code.as_str(), section))
        .collect();
    let names = FILES.files().map(|file| file.path().to_string_lossy());
    let mut forms = Vec::new();
    for name in names.filter(|name| name != SHARED) {
        let file: File =
            toml::from_str(text(&name)?).map_err(|error| format!("{name}: {error}"))?;
        forms.push(file.form(&shared).map_err(|why| format!("{name}: {why}"))?);
    }
    forms.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(forms)
}

impl File {
    fn form(self, shared: &BTreeMap<&str, &Section>) -> Result<Form, String> {
        let find = |code: &String| {
            let own = self.own.iter().find(|section| section.code == *code);
            let found = own.or_else(|| shared.get(code.as_str()).copied());
            found
                .cloned()
                .ok_or_else(|| format!("không có phần {code}"))
        };
        let sections = self.sections.iter().map(find).collect::<Result<_, _>>()?;
        Ok(Form {
            code: self.code,
            number: self.number,
            name: self.name,
            from: self.from,
            to: self.to,
            procedures: self.procedures,
            benefits: self.benefits,
            law: self.law,
            verify: self.verify,
            submitted_by: self.submitted_by,
            papers: self.papers,
            sections,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use law::Benefit;

    use super::{Field, Form, Kind, all, on, read_all};

    #[test]
    fn every_file_is_read_and_every_reference_resolves() {
        read_all().expect("every file is sound");
        let mut codes = BTreeSet::new();
        for form in all() {
            assert!(codes.insert(&form.code), "{} twice", form.code);
            assert!(!form.submitted_by.is_empty(), "{}", form.code);
            for procedure in &form.procedures {
                let known = crate::procedure::all().iter();
                assert!(
                    known.map(|it| &it.code).any(|it| it == procedure),
                    "{procedure}"
                );
            }
            fields_resolve(form);
        }
    }

    fn fields_resolve(form: &Form) {
        let mut codes = BTreeSet::new();
        for field in form.fields() {
            let place = format!("{} {}", form.code, field.code);
            assert!(codes.insert(&field.code), "{place} twice");
            if let Some(shown) = &field.shown_if {
                let other = form.field(&shown.field);
                let other = other.unwrap_or_else(|| panic!("{place} stands on {}", shown.field));
                assert!(
                    codes.contains(&other.code),
                    "{place} stands on a later field"
                );
                assert!(shown.is.iter().all(|code| other.may_be(code)), "{place}");
            }
            field_is_whole(form, field, &place);
        }
    }

    fn field_is_whole(form: &Form, field: &Field, place: &str) {
        match &field.kind {
            Kind::Choice { choices } => assert!(!choices.is_empty(), "{place}"),
            Kind::Group { fields, most } => assert!(!fields.is_empty() && *most > 0, "{place}"),
            _ => {}
        }
        if let Some(source) = &field.from {
            assert!(
                super::fields::SOURCES.contains(&source.as_str()),
                "{place}: {source}"
            );
        }
        for fact in &field.facts {
            assert!(
                super::fields::FACTS.contains(&fact.kind.as_str()),
                "{place}: {}",
                fact.kind
            );
            let named = fact.fields.values().chain(&fact.since).chain(&fact.until);
            for other in named {
                let inside = match &field.kind {
                    Kind::Group { fields, .. } => fields.iter().any(|it| it.code == *other),
                    _ => form.field(other).is_some(),
                };
                assert!(inside, "{place}: fact stands on {other}");
            }
            assert!(
                fact.when.iter().all(|code| field.may_be(code)),
                "{place}: when"
            );
            let unsaid = field.kind == Kind::YesNo && fact.when.is_empty();
            assert!(!unsaid, "{place}: a fact of yes or no says of which");
        }
    }

    #[test]
    fn a_form_is_found_by_benefit_and_day() {
        let code = |benefit, day| on("1.001776", Some(benefit), day).map(|form| form.code.as_str());
        assert_eq!(code(Benefit::Disability, date(2024, 5, 6)), Some("d20-1dd"));
        assert_eq!(
            code(Benefit::PoorAdultWithHiv, date(2024, 5, 6)),
            Some("d20-1b")
        );
        assert_eq!(
            code(Benefit::Disability, date(2026, 10, 5)),
            Some("d335-01")
        );
        assert_eq!(code(Benefit::Disability, date(2020, 5, 6)), None);
        let pension = |day| on("1.014027", Some(Benefit::SocialPension), day);
        assert!(pension(date(2025, 6, 30)).is_none());
        assert!(pension(date(2025, 7, 1)).is_some());
    }

    #[test]
    fn every_monthly_benefit_of_today_has_a_form() {
        let day = date(2024, 5, 6);
        for benefit in Benefit::ALL {
            let elsewhere = matches!(
                benefit,
                Benefit::SocialPension
                    | Benefit::FacilityCare
                    | Benefit::EmergencyDeath
                    | Benefit::EmergencyInjury
            );
            let asked = all()
                .iter()
                .any(|it| it.holds_on(day) && it.benefits.contains(&benefit));
            assert!(asked || elsewhere, "{}", benefit.code());
        }
    }
}
