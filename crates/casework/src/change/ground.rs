//! Why things are changed, with the article of the time.

use std::sync::OnceLock;

use jiff::civil::Date;
use law::Benefit;
use serde::Deserialize;

const FILE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/changes.toml"
));

/// A reason the law knows for a kind of change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// The kind of change.
    pub change: String,
    /// Stable code, unique within the kind.
    pub code: String,
    /// What users see.
    pub name: String,
    basis: Vec<Basis>,
}

/// An article and when it holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Basis {
    from: Date,
    to: Option<Date>,
    law: String,
    /// Somebody still has to read the gazette.
    #[serde(default)]
    verify: bool,
}

/// Which dossier a death opens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Funeral {
    /// Only of those who drew it; otherwise of everybody.
    pub(super) benefit: Option<Benefit>,
    /// Code of the procedure.
    pub(super) procedure: String,
    /// First day it is submitted.
    from: Option<Date>,
    /// What is handed in.
    pub(super) papers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    ground: Vec<Ground>,
    funeral: Vec<Funeral>,
}

fn file() -> &'static File {
    static READ: OnceLock<File> = OnceLock::new();
    READ.get_or_init(|| toml::from_str(FILE).expect("the tests of this module read the same file"))
}

impl Ground {
    /// The article of a day; empty where none was found. The last known text is marked while nobody
    /// has compared it with the gazette.
    pub fn law(&self, day: Date) -> String {
        let holds = |basis: &&Basis| basis.from <= day && basis.to.is_none_or(|to| day <= to);
        match self.basis.iter().find(holds) {
            None => String::new(),
            Some(basis) if basis.verify => format!("{} (cần đối chiếu công báo)", basis.law),
            Some(basis) => basis.law.clone(),
        }
    }
}

/// The grounds of a kind of change, in the order of the file.
pub fn grounds(change: &str) -> impl Iterator<Item = &'static Ground> {
    let change = change.to_owned();
    file().ground.iter().filter(move |it| it.change == change)
}

/// One of them.
pub(super) fn ground(change: &str, code: &str) -> Option<&'static Ground> {
    grounds(change).find(|ground| ground.code == code)
}

/// The dossier that the death of somebody opens who drew the benefits.
pub(super) fn funeral(drawn: &[Benefit], day: Date) -> Option<&'static Funeral> {
    file().funeral.iter().find(|funeral| {
        funeral.from.is_none_or(|from| from <= day)
            && funeral
                .benefit
                .is_none_or(|benefit| drawn.contains(&benefit))
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use law::Benefit;

    use super::{file, funeral, ground};

    #[test]
    fn grounds_are_unique_and_carry_the_article_of_the_day() {
        let all = &file().ground;
        for (at, one) in all.iter().enumerate() {
            let same =
                |other: &&super::Ground| (&other.change, &other.code) == (&one.change, &one.code);
            assert_eq!(
                all.iter().position(|other| same(&other)),
                Some(at),
                "{}",
                one.code
            );
            let mut days = one.basis.windows(2);
            assert!(days.all(|pair| pair[0].to.is_some_and(|to| to < pair[1].from)));
        }
        let ground = ground("suspend", "not_collected").expect("known");
        let of = |day| ground.law(day);
        assert_eq!(
            of(date(2024, 5, 6)),
            "02/2021/TT-BLĐTBXH Điều 2 khoản 3 điểm a"
        );
        assert!(of(date(2026, 11, 1)).starts_with("335/2026/NĐ-CP Điều 9"));
        assert_eq!(of(date(2019, 1, 1)), "");
    }

    #[test]
    fn funerals_go_by_procedures_of_the_list() {
        let of = |drawn: &[Benefit], day| funeral(drawn, day).map(|it| it.procedure.as_str());
        assert_eq!(
            of(&[Benefit::Disability], date(2026, 1, 1)),
            Some("1.001731")
        );
        assert_eq!(
            of(&[Benefit::SocialPension], date(2026, 1, 1)),
            Some("1.014028")
        );
        for one in &file().funeral {
            assert!(crate::procedure::on(&one.procedure, date(2026, 1, 1)).is_some());
        }
    }
}
