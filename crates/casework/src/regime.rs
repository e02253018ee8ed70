//! How long a dossier may take, and through which stages it goes: by the law of the day it was
//! received.

use std::sync::OnceLock;

use jiff::civil::Date;
use kernel::Month;
use kernel::actor::Role;
use kernel::area::{Area, Areas, Level};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The desks a dossier lies on while nobody is assigned.
pub const DESKS: [Role; 4] = [Role::Clerk, Role::Officer, Role::Leader, Role::Records];

const FILE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/regimes.toml"
));

/// What the law prescribes for dossiers received in a period.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// Stable code, kept with the dossier's steps.
    pub code: String,
    /// What users see.
    pub name: String,
    /// First day of reception.
    pub from: Date,
    /// Last day of reception; `None` while it holds.
    pub to: Option<Date>,
    /// Codes of the procedures it is about.
    pub procedures: Vec<String>,
    /// The articles.
    pub law: String,
    /// Who decides.
    pub decided_by: String,
    /// Whether what is decided in the system needs a proposal the leader agreed with.
    #[serde(default)]
    pub agreement: bool,
    /// Whether somebody still has to read the gazette.
    #[serde(default)]
    pub verify: bool,
    /// In order; the last one ends with the decision.
    #[serde(rename = "stage")]
    pub stages: Vec<Stage>,
}

/// A part of the way to the decision.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Stable code.
    pub code: String,
    /// What users see.
    pub name: String,
    /// Working days.
    pub days: u16,
    /// Whose desk it lies on while nobody is assigned.
    #[serde(deserialize_with = "desk")]
    pub role: Role,
    /// Working days it is posted before the stage may end; `None` where it is not posted.
    pub posting: Option<u16>,
    /// Working days to conclude a complaint about what is posted.
    pub complaint: Option<u16>,
}

fn desk<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    let code = String::deserialize(deserializer)?;
    let role = Role::from_code(&code).filter(|role| DESKS.contains(role));
    role.ok_or_else(|| D::Error::custom(format!("no desk {code:?}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    regime: Vec<Regime>,
}

impl Regime {
    /// Working days from the day after reception to the last day to decide.
    pub fn days(&self) -> u16 {
        self.stages.iter().map(|stage| stage.days).sum()
    }

    /// Whether dossiers received on the day go by it.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// The stage with the code; other regimes may have another one by the same code.
    pub fn stage(&self, code: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.code == code)
    }
}

/// The area whose chairman decides on a day about a dossier of a commune: the commune's, or that of the
/// district around it while there are districts. What a merger left of an earlier place is decided by
/// the place that goes it on.
pub fn decider(regime: Option<&Regime>, commune: &'static Area, day: Date) -> &'static Area {
    let areas = Areas::embedded();
    let by_district = regime.is_some_and(|it| it.decided_by.ends_with("cấp huyện"));
    let around = areas.path(commune).into_iter();
    let mut districts = around.filter(|area| area.level == Level::District && area.exists_on(day));
    match districts.next() {
        Some(district) if by_district => district,
        _ => {
            let now = areas.resolve(commune.code, commune.valid_from, Month::of(day));
            now.map_or(commune, |resolved| resolved.area)
        }
    }
}

/// The regime with the code.
pub fn named(code: &str) -> Option<&'static Regime> {
    all().iter().find(|regime| regime.code == code)
}

/// Every regime, in the order of the file.
pub fn all() -> &'static [Regime] {
    static ALL: OnceLock<Vec<Regime>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file: File = toml::from_str(FILE).expect("the tests of this module read the same file");
        file.regime
    })
}

/// What holds for a dossier of the procedure received on the day; `None` where no limit is known.
pub fn on(procedure: &str, day: Date) -> Option<&'static Regime> {
    all().iter().find(|regime| {
        regime.holds_on(day) && regime.procedures.iter().any(|code| code == procedure)
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{all, on};

    #[test]
    fn a_dossier_keeps_the_law_of_its_day_of_reception() {
        let of = |day| on("1.001776", day).map(|regime| (regime.code.as_str(), regime.days()));
        assert_eq!(of(date(2021, 6, 30)), None);
        assert_eq!(of(date(2024, 5, 6)), Some(("d20", 20)));
        assert_eq!(of(date(2025, 6, 30)), Some(("d20", 20)));
        assert_eq!(of(date(2025, 7, 1)), Some(("d147", 10)));
        assert_eq!(of(date(2026, 10, 4)), Some(("d147", 10)));
        assert_eq!(of(date(2026, 10, 5)), Some(("d335", 7)));
        let move_within = |day| on("1.001758", day).map(|regime| regime.days());
        assert_eq!(move_within(date(2025, 6, 30)), Some(6));
        assert_eq!(move_within(date(2025, 7, 1)), None);
        let move_between = on("1.001753", date(2024, 5, 6)).map(|regime| regime.days());
        assert_eq!(move_between, Some(8));
        let funeral = |day| on("1.001731", day).map(|regime| regime.days());
        assert_eq!(funeral(date(2024, 5, 6)), Some(5));
        assert_eq!(funeral(date(2026, 10, 5)), Some(3));
        let pension = |day| on("1.014027", day).map(|regime| regime.days());
        assert_eq!(pension(date(2025, 7, 1)), Some(10));
        assert_eq!(pension(date(2026, 10, 5)), Some(7));
        assert_eq!(on("1.001739", date(2024, 5, 6)), None);
    }

    #[test]
    fn every_regime_has_stages_and_procedures_of_the_list() {
        for regime in all() {
            assert!(!regime.stages.is_empty(), "{}", regime.code);
            for procedure in &regime.procedures {
                let known = crate::procedure::all().iter();
                assert!(known.map(|it| &it.code).any(|code| code == procedure));
            }
        }
    }
}
