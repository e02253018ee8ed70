//! Banks and wallets that can receive a transfer.

use std::sync::OnceLock;

use crate::name::compact_key;

const TABLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/banks.csv"
));

/// A bank or wallet. Banks that changed their name share a number with their former self.
#[derive(Debug, PartialEq, Eq)]
pub struct Bank {
    /// Unique.
    pub key: &'static str,
    /// The six-digit number of transfers (BIN), if it has one.
    pub bin: Option<&'static str>,
    /// Name of daily use: `Vietcombank`.
    pub short_name: &'static str,
    /// Registered name.
    pub name: &'static str,
    /// SWIFT code, if known.
    pub swift: Option<&'static str>,
    /// A name no longer used.
    pub is_former_name: bool,
}

impl Bank {
    /// What a payee's `provider` holds: the number, or the key where there is none.
    pub fn provider_code(&self) -> &'static str {
        self.bin.unwrap_or(self.key)
    }

    /// Finds a bank by number, key, short name, name or SWIFT code, spelled in any way; of several
    /// with one number the present name.
    pub fn find(text: &str) -> Option<&'static Bank> {
        let key = compact_key(text);
        let mut found: Vec<&Bank> = banks().iter().filter(|bank| bank.is_called(&key)).collect();
        found.sort_by_key(|bank| bank.is_former_name);
        found.first().copied()
    }

    fn is_called(&self, key: &str) -> bool {
        !key.is_empty()
            && (self.bin == Some(key)
                || self.key == key
                || self.swift.is_some_and(|swift| compact_key(swift) == key)
                || compact_key(self.short_name) == key
                || compact_key(self.name) == key)
    }
}

/// Every bank of the list.
pub fn banks() -> &'static [Bank] {
    static BANKS: OnceLock<Vec<Bank>> = OnceLock::new();
    BANKS.get_or_init(|| TABLE.lines().skip(1).filter_map(read).collect())
}

fn read(line: &'static str) -> Option<Bank> {
    let filled = |text: &'static str| (!text.is_empty()).then_some(text);
    let mut fields = line.split(',');
    Some(Bank {
        key: fields.next()?,
        bin: filled(fields.next()?),
        short_name: fields.next()?,
        name: fields.next()?,
        swift: filled(fields.next()?),
        is_former_name: fields.next()? == "yes",
    })
}

#[cfg(test)]
mod tests {
    use super::{Bank, banks};

    #[test]
    fn reads_the_whole_list() {
        assert_eq!(banks().len(), 62);
        let six_digits = |bin: &str| bin.len() == 6 && bin.bytes().all(|b| b.is_ascii_digit());
        assert!(banks().iter().all(|bank| bank.bin.is_none_or(six_digits)));
    }

    #[test]
    fn finds_by_number_and_by_every_name() {
        for text in ["970405", "Agribank", "agri bank", "VBAAVNVX"] {
            assert_eq!(Bank::find(text).map(|bank| bank.key), Some("agribank"));
        }
        assert_eq!(Bank::find("970449").map(|bank| bank.key), Some("lpbank"));
        assert_eq!(Bank::find("Ngân hàng không có"), None);
        assert_eq!(Bank::find(""), None);
    }
}
