//! The 54 ethnic groups, and the names they go by on papers.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::name::compact_key;

const TABLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/ethnic_groups.csv"
));
const ALIASES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/ethnic_group_aliases.csv"
));

/// An ethnic group by its code of two digits (121-TCTK/PPCĐ).
#[derive(Debug, PartialEq, Eq)]
pub struct EthnicGroup {
    /// `01` Kinh … `54` Rơ-măm.
    pub code: &'static str,
    /// Name as in the list.
    pub name: &'static str,
}

impl EthnicGroup {
    /// The group with the code.
    pub fn by_code(code: &str) -> Option<&'static EthnicGroup> {
        ethnic_groups().iter().find(|group| group.code == code)
    }

    /// Finds a group by code, name or another of its names, in any spelling: `H'Mông`, `Mông`,
    /// `hmong`.
    pub fn find(text: &str) -> Option<&'static EthnicGroup> {
        static BY_KEY: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
        let by_key = BY_KEY.get_or_init(|| {
            let names = ethnic_groups().iter().map(|group| (group.name, group.code));
            let aliases = ALIASES
                .lines()
                .skip(1)
                .filter_map(|line| line.split_once(','));
            let names = names.chain(aliases);
            names
                .map(|(name, code)| (compact_key(name), code))
                .collect()
        });
        let code = by_key.get(&compact_key(text)).copied();
        EthnicGroup::by_code(code.unwrap_or(text.trim()))
    }
}

/// Every group in the order of its code.
pub fn ethnic_groups() -> &'static [EthnicGroup] {
    static GROUPS: OnceLock<Vec<EthnicGroup>> = OnceLock::new();
    GROUPS.get_or_init(|| {
        let rows = TABLE
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(','));
        rows.map(|(code, name)| EthnicGroup { code, name })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{ALIASES, EthnicGroup, compact_key, ethnic_groups};

    #[test]
    fn every_name_and_alias_leads_to_one_group() {
        assert_eq!(ethnic_groups().len(), 54);
        let mut seen: HashMap<String, &str> = HashMap::new();
        let names = ethnic_groups().iter().map(|group| (group.name, group.code));
        let aliases = ALIASES
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(','));
        for (name, code) in names.chain(aliases) {
            let earlier = seen.insert(compact_key(name), code);
            assert!(earlier.is_none_or(|earlier| earlier == code), "{name}");
            assert_eq!(EthnicGroup::find(name).map(|group| group.code), Some(code));
        }
    }

    #[test]
    fn finds_in_any_spelling() {
        for (text, code) in [
            ("H'Mông", "08"),
            ("Mông", "08"),
            ("Hmông", "08"),
            ("KHMER", "05"),
            ("Khơ me", "05"),
            ("Hrê", "19"),
            ("H’rê", "19"),
            ("01", "01"),
        ] {
            assert_eq!(EthnicGroup::find(text).map(|group| group.code), Some(code));
        }
        assert_eq!(EthnicGroup::find("Kính gửi"), None);
    }
}
