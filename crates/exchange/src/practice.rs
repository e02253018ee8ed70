//! How the exchange is looked at: choices that are no law, by the day (`reference/exchange.toml`).

use std::sync::OnceLock;

use jiff::civil::Date;
use serde::Deserialize;

const FILE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/exchange.toml"
));

/// What holds from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// First day.
    pub from: Date,
    /// So many days after a dossier of a one-stop system ended, one keyed at a counter still repeats it.
    pub repeat_days: i32,
    /// So many hours a message may wait to be taken before its province is shown as slow.
    pub slow_hours: i64,
    /// Why.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Practice>,
}

/// Every rule, in order.
pub fn rules() -> &'static [Practice] {
    static ALL: OnceLock<Vec<Practice>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file: File = toml::from_str(FILE).expect("the tests of this module read the same file");
        file.rule
    })
}

/// What holds on a day; before the first rule, the first.
pub fn on(day: Date) -> &'static Practice {
    let rules = rules();
    let begun = rules.iter().rfind(|rule| rule.from <= day);
    begun.unwrap_or(&rules[0])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{on, rules};

    #[test]
    fn the_rules_are_in_order_with_sound_values_and_the_last_that_has_begun_counts() {
        assert!(rules().is_sorted_by_key(|rule| rule.from));
        for rule in rules() {
            assert!((0..=366).contains(&rule.repeat_days) && rule.slow_hours > 0);
            assert!(!rule.reason.trim().is_empty());
            assert_eq!(on(rule.from), rule);
        }
        assert_eq!(on(date(1999, 1, 1)), &rules()[0]);
        assert_eq!(on(date(2999, 1, 1)), &rules()[rules().len() - 1]);
    }
}
