//! Who owns the fields of an exchanged dossier, and what follows when a side changed one.

use std::sync::OnceLock;

use casework::form::Answer;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

const FILE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/field_owners.toml"
));

/// Whose word counts for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The applicant, who speaks through the one-stop system.
    Applicant,
    /// The office that works on the dossier here.
    Office,
    /// The population database.
    Population,
}

impl Owner {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Owner::Applicant => "applicant",
            Owner::Office => "office",
            Owner::Population => "population",
        }
    }

    /// By its stable code.
    pub fn from_code(code: &str) -> Option<Owner> {
        [Owner::Applicant, Owner::Office, Owner::Population]
            .into_iter()
            .find(|owner| owner.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Owner::Applicant => "người dân khai (một cửa)",
            Owner::Office => "cơ quan giải quyết",
            Owner::Population => "CSDL quốc gia về dân cư",
        }
    }
}

/// Where a missing field is filled in from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// What the population database answered: the registry's value, verified there.
    Population,
    /// The registry.
    Registry,
}

impl Source {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Source::Population => "population",
            Source::Registry => "registry",
        }
    }

    /// By its stable code.
    pub fn from_code(code: &str) -> Option<Source> {
        [Source::Population, Source::Registry]
            .into_iter()
            .find(|source| source.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Source::Population => "CSDL quốc gia về dân cư",
            Source::Registry => "sổ đăng ký",
        }
    }
}

/// What holds for fields of dossiers submitted in a period.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// First day of submission.
    pub from: Date,
    /// Last day; `None` while it holds.
    pub to: Option<Date>,
    /// Who owns them.
    pub owner: Owner,
    /// Codes of fields; `*` is every one.
    pub fields: Vec<String>,
    /// Where they may be filled in from, in order.
    pub fill: Vec<Source>,
    /// Why.
    pub reason: String,
    /// The articles.
    pub law: String,
    /// Whether somebody still has to read the gazette.
    #[serde(default)]
    pub verify: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Rule>,
}

/// Every rule, in order.
pub fn rules() -> &'static [Rule] {
    static ALL: OnceLock<Vec<Rule>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file: File = toml::from_str(FILE).expect("the tests of this module read the same file");
        file.rule
    })
}

/// The rule for a field of a dossier submitted on a day; `None` on a day for which there is none.
pub fn rule(field: &str, submitted: Date) -> Option<&'static Rule> {
    rules().iter().find(|rule| {
        rule.from <= submitted
            && rule.to.is_none_or(|to| submitted <= to)
            && rule.fields.iter().any(|code| code == field || code == "*")
    })
}

/// A field that a message changed: what both sides last had, what this side has, what the other side
/// says now, and what the population database is known to say.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// What both sides last had.
    pub before: Option<&'a Answer>,
    /// What this side has.
    pub ours: Option<&'a Answer>,
    /// What the other side says.
    pub theirs: Option<&'a Answer>,
    /// What the population database says, where a check verified it.
    pub verified: Option<&'a Answer>,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The other side's value is taken.
    Theirs,
    /// Ours stays: the owner of the field has said it.
    Ours,
    /// Both say the same.
    Same,
    /// Both changed it, and no rule says who is right: a person decides.
    Asked,
}

impl Verdict {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Verdict::Theirs => "theirs",
            Verdict::Ours => "ours",
            Verdict::Same => "same",
            Verdict::Asked => "asked",
        }
    }

    /// By its stable code.
    pub fn from_code(code: &str) -> Option<Verdict> {
        [
            Verdict::Theirs,
            Verdict::Ours,
            Verdict::Same,
            Verdict::Asked,
        ]
        .into_iter()
        .find(|verdict| verdict.code() == code)
    }
}

/// What becomes of a field the other side changed. Nobody is asked where one side alone changed it, where
/// both came to the same, or where the owner of the field has said which of the two it is.
pub fn weigh(owner: Owner, values: Values<'_>) -> Verdict {
    let Values {
        before,
        ours,
        theirs,
        verified,
    } = values;
    if ours == theirs {
        return Verdict::Same;
    }
    if owner == Owner::Population && verified.is_some() {
        if ours == verified {
            return Verdict::Ours;
        }
        if theirs == verified {
            return Verdict::Theirs;
        }
    }
    match (ours == before, owner) {
        (true, _) => Verdict::Theirs,
        (false, Owner::Office) => Verdict::Ours,
        (false, Owner::Applicant | Owner::Population) => Verdict::Asked,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_field_of_every_form_has_an_owner_and_a_reason() {
        for form in casework::form::all() {
            for field in form.fields() {
                let rule = rule(&field.code, form.from);
                let rule = rule.unwrap_or_else(|| panic!("{} {}", form.code, field.code));
                assert!(!rule.reason.is_empty() && !rule.law.is_empty());
            }
        }
        let known = |code: &str| {
            let mut forms = casework::form::all().iter();
            code == "*" || forms.any(|form| form.field(code).is_some())
        };
        let named = rules().iter().flat_map(|rule| &rule.fields);
        for code in named {
            assert!(known(code), "{code} is a field of no form");
        }
        let owner = |field| rule(field, date(2024, 5, 6)).map(|rule| rule.owner);
        assert_eq!(owner("id_number"), Some(Owner::Population));
        assert_eq!(owner("lives_with"), Some(Owner::Applicant));
        assert!(rule("phone", date(2020, 1, 1)).is_none());
    }

    fn text(value: u8) -> Option<Answer> {
        (value > 0).then(|| Answer::Text(value.to_string()))
    }

    #[derive(Clone, Debug)]
    enum Change {
        Ours(u8),
        Theirs(u8),
        /// They have taken what we told.
        Heard,
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            (0..4_u8).prop_map(Change::Ours),
            (0..4_u8).prop_map(Change::Theirs),
            Just(Change::Heard)
        ]
    }

    proptest! {
        /// Whatever both sides change in whatever order: nobody is asked unless both changed the field
        /// since they last had the same, and what is not taken is in a verdict that is kept.
        #[test]
        fn no_value_is_lost_and_nobody_asked_needlessly(
            owner in prop_oneof![Just(Owner::Applicant), Just(Owner::Office), Just(Owner::Population)],
            verified in proptest::option::of(1..4_u8),
            first in 0..4_u8,
            changes in proptest::collection::vec(change(), 0..12)
        ) {
            let verified = verified.and_then(text);
            let (mut shared, mut ours, mut theirs) = (text(first), text(first), text(first));
            let (mut changed_here, mut asked): (bool, Option<Option<Answer>>) = (false, None);
            for change in changes {
                match change {
                    Change::Ours(value) => {
                        changed_here |= text(value) != ours;
                        ours = text(value);
                    }
                    Change::Heard => {
                        shared = ours.clone();
                        theirs = ours.clone();
                        changed_here = false;
                        asked = None;
                    }
                    Change::Theirs(value) => {
                        let said = text(value);
                        if said == theirs {
                            continue;
                        }
                        let values = Values {
                            before: shared.as_ref(),
                            ours: ours.as_ref(),
                            theirs: said.as_ref(),
                            verified: verified.as_ref(),
                        };
                        let verdict = weigh(owner, values);
                        match verdict {
                            Verdict::Asked => {
                                prop_assert!(changed_here || asked.is_some());
                                asked = Some(said.clone());
                            }
                            Verdict::Theirs => {
                                let untouched = ours == shared;
                                prop_assert!(untouched || said == verified);
                                ours = said.clone();
                                asked = None;
                            }
                            Verdict::Same => {
                                prop_assert_eq!(&ours, &said);
                                asked = None;
                            }
                            Verdict::Ours => {
                                let both = ours != shared;
                                prop_assert!(ours == verified || owner == Owner::Office && both);
                                asked = None;
                            }
                        }
                        // What they said is here, or both values stand beside each other.
                        prop_assert!(ours == said || matches!(verdict, Verdict::Ours | Verdict::Asked));
                        theirs = said.clone();
                        shared = said;
                        changed_here = ours != shared;
                    }
                }
            }
        }
    }
}
